-- one row per product that customers' ratings, or the lack of them, draw attention to
with

parameters as (
    select rating_gap
    from raw.parameters
),

shop as (
    select value as shop_rating
    from kpi.headline
    where kpi = 'average_rating'
),

counts as (
    select
        cast(sum(better_rated) as double) as better_rated,
        cast(sum(better_rated_selling_more) as double) as better_rated_selling_more,
        cast(sum(others) as double) as others,
        cast(sum(others_selling_more) as double) as others_selling_more
    from kpi.rating_and_sales
),

shares as (
    select
        better_rated,
        others,
        better_rated_selling_more / nullif(better_rated, 0) as share_better,
        others_selling_more / nullif(others, 0) as share_others,
        (better_rated_selling_more + others_selling_more) / nullif(better_rated + others, 0) as share_all
    from counts
),

-- the test of two proportions: do better-rated products sell more than their segment's median more often than the others?
tested as (
    select
        share_better,
        share_others,
        (share_better - share_others)
        / nullif(sqrt(share_all * (1 - share_all) * (1 / nullif(better_rated, 0) + 1 / nullif(others, 0))), 0) as rating_link
    from shares
),

sold as (
    select
        sku,
        cast(sum(units) as bigint) as units,
        cast(sum(revenue) as decimal(18, 4)) as revenue,
        cast(sum(gross_margin) as decimal(18, 4)) as gross_margin
    from clean.sales_in_period
    group by sku
),

ratings as (
    select
        customer_rating.sku,
        customer_rating.segment,
        customer_rating.rating_count,
        customer_rating.average_rating,
        sold.units
    from kpi.customer_rating as customer_rating
    left join sold on customer_rating.sku = sold.sku
),

median_units as (
    select
        segment,
        median(units) as median_units
    from ratings
    where rating_count > 0 and average_rating is not null and units is not null
    group by segment
),

spread as (
    select
        median(case when ratings.rating_count > 0 then ratings.rating_count end) as median_count,
        cast(sum(ratings.rating_count) as double) / nullif(cast(sum(ratings.units) as double), 0) as ratings_per_unit,
        sqrt(
            cast(
                cast(
                    sum(
                        case
                            when ratings.rating_count > 0
                                then
                                    cast(
                                        cast(ratings.rating_count as double) * (ratings.average_rating - shop.shop_rating)
                                        * (ratings.average_rating - shop.shop_rating) as decimal(18, 8)
                                    )
                        end
                    ) as decimal(38, 8)
                ) as double
            )
            / nullif(cast(count(case when ratings.rating_count > 0 then ratings.average_rating end) - 1 as double), 0)
        ) as spread
    from ratings
    cross join shop
),

products as (
    select
        abc_class.sku,
        abc_class.title,
        abc_class.segment,
        customer_rating.rating_count,
        customer_rating.average_rating,
        customer_rating.shrunk_rating,
        shop.shop_rating,
        sold.units,
        sold.revenue,
        sold.gross_margin,
        parameters.rating_gap,
        case
            when abc_class.abc_class = 'A' and customer_rating.rating_count = 0 then 'unrated'
            when
                abc_class.abc_class = 'C'
                and customer_rating.rating_count > 0
                and customer_rating.shrunk_rating >= shop.shop_rating + parameters.rating_gap
                then 'hidden_gem'
            when
                abc_class.abc_class = 'A'
                and customer_rating.rating_count > 0
                and customer_rating.shrunk_rating <= shop.shop_rating - parameters.rating_gap
                then 'disliked'
        end as finding
    from kpi.abc_class as abc_class
    inner join kpi.customer_rating as customer_rating on abc_class.sku = customer_rating.sku
    inner join sold on abc_class.sku = sold.sku
    cross join shop
    cross join parameters
),

judged as (
    select
        products.*,
        tested.share_better,
        tested.share_others,
        tested.rating_link,
        spread.median_count,
        spread.ratings_per_unit,
        spread.spread,
        median_units.median_units,
        12 / nullif(cast(reporting_period.months as double), 0) as year_factor,
        case
            when products.finding = 'unrated' then 'supported'
            when tested.rating_link >= 1.645 then 'supported'
            when tested.rating_link <= -1.645 then 'contradicted'
            else 'inconclusive'
        end as verdict
    from products
    cross join tested
    cross join spread
    cross join clean.reporting_period as reporting_period
    left join median_units on products.segment = median_units.segment
    where products.finding is not null
)

select
    'product' as scope_kind,
    title || ' (' || cast(sku as varchar) || ')' as scope,
    sku,
    segment,
    cast(null as date) as month,
    finding,
    verdict,
    -- what it would earn more at its segment's median, or what it earns beyond that and may lose
    case
        when verdict = 'supported' and finding in ('hidden_gem', 'disliked') and units > 0
            then
                cast(
                    greatest(case finding when 'hidden_gem' then median_units - units else units - median_units end, 0)
                    * greatest(cast(gross_margin as double), 0) / cast(units as double) * year_factor as decimal(18, 4)
                )
    end as yearly_effect,
    case
        when finding = 'unrated' then sqrt(cast(units as double) * ratings_per_unit)
        else
            (abs(shrunk_rating - shop_rating) - rating_gap) / nullif(spread / sqrt(median_count + cast(rating_count as double)), 0)
    end as standard_errors,
    rating_count,
    average_rating,
    shrunk_rating,
    shop_rating,
    units,
    revenue,
    gross_margin,
    share_better,
    share_others,
    rating_link,
    'rating_count=' || cast(rating_count as varchar)
    || coalesce('; average_rating=' || cast(cast(average_rating as decimal(18, 4)) as varchar), '')
    || coalesce('; shrunk_rating=' || cast(cast(shrunk_rating as decimal(18, 4)) as varchar), '')
    || coalesce('; shop_rating=' || cast(cast(shop_rating as decimal(18, 4)) as varchar), '')
    || '; units=' || cast(units as varchar)
    || '; revenue=' || cast(revenue as varchar)
    || '; gross_margin=' || cast(gross_margin as varchar)
    || coalesce('; share_better=' || cast(cast(share_better as decimal(18, 4)) as varchar), '')
    || coalesce('; share_others=' || cast(cast(share_others as decimal(18, 4)) as varchar), '')
    || coalesce('; rating_link=' || cast(cast(rating_link as decimal(18, 4)) as varchar), '') as evidence
from judged
order by finding asc, revenue desc, sku asc
