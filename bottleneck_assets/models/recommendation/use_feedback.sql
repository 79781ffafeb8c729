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
        as_count(sum(better_rated)) as better_rated,
        as_count(sum(better_rated_selling_more)) as better_rated_selling_more,
        as_count(sum(others)) as others,
        as_count(sum(others_selling_more)) as others_selling_more
    from kpi.rating_and_sales
),

shares as (
    select
        better_rated,
        others,
        ratio(better_rated_selling_more, better_rated) as share_better,
        ratio(others_selling_more, others) as share_others,
        ratio(better_rated_selling_more + others_selling_more, better_rated + others) as share_all
    from counts
),

-- the test of two proportions: do better-rated products sell more than their segment's median more often than the others?
tested as (
    select
        share_better,
        share_others,
        ratio(
            share_better - share_others, sqrt(share_all * (1 - share_all) * (ratio(1, better_rated) + ratio(1, others)))
        ) as rating_link
    from shares
),

sold as (
    select
        sku,
        as_count(sum(units)) as units,
        euros(sum(revenue)) as revenue,
        euros(sum(gross_margin)) as gross_margin
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

distances as (
    select
        ratings.rating_count,
        ratings.units,
        ratings.average_rating - shop.shop_rating as distance
    from ratings
    cross join shop
),

spread as (
    select
        median(case when rating_count > 0 then rating_count end) as median_count,
        ratio(sum(rating_count), sum(units)) as ratings_per_unit,
        sqrt(
            ratio(
                total(case when rating_count > 0 then rating_count * distance * distance end),
                count(case when rating_count > 0 then distance end) - 1
            )
        ) as spread
    from distances
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
    inner join clean.web as web on abc_class.sku = web.sku and web.is_stocked
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
        ratio(12, reporting_period.months) as year_factor,
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
    title || ' (' || as_text(sku) || ')' as scope,
    sku,
    segment,
    cast(null as date) as month,
    finding,
    verdict,
    -- what it would earn more at its segment's median, or what it earns beyond that and may lose
    case
        when verdict = 'supported' and finding in ('hidden_gem', 'disliked') and units > 0
            then
                euros(
                    greatest(case finding when 'hidden_gem' then median_units - units else units - median_units end, 0)
                    * greatest(gross_margin, 0) / units * year_factor
                )
    end as yearly_effect,
    -- that nobody rated it is a fact
    case
        when finding <> 'unrated'
            then
                confidence_of(
                    verdict, ratio(abs(shrunk_rating - shop_rating) - rating_gap, spread / sqrt(median_count + rating_count))
                )
    end as confidence,
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
    concat_ws(
        '; ',
        figure('rating_count', rating_count),
        figure('average_rating', rounded(average_rating)),
        figure('shrunk_rating', rounded(shrunk_rating)),
        figure('shop_rating', rounded(shop_rating)),
        figure('units', units),
        figure('revenue', revenue),
        figure('gross_margin', gross_margin),
        figure('share_better', rounded(share_better)),
        figure('share_others', rounded(share_others)),
        figure('rating_link', rounded(rating_link))
    ) as evidence
from judged
order by finding asc, revenue desc, sku asc
