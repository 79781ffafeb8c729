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

-- what has no stock, and products of which something is in quarantine, get no advice
sold as (
    select
        sales.sku,
        sales.segment,
        sales.product_type,
        as_count(sum(sales.units)) as units,
        count(*) as months_on_sale,
        ratio(sum(sales.units), count(*)) as units_per_month,
        euros(sum(sales.revenue_excl_vat)) as revenue_excl_vat,
        euros(sum(sales.gross_margin)) as gross_margin
    from clean.sales_in_period as sales
    left join clean.unknown_products as unknown_products on sales.sku = unknown_products.sku
    where sales.is_stocked and unknown_products.sku is null
    group by sales.sku, sales.segment, sales.product_type
),

-- products that sell alike have one rank
paced as (
    select
        *,
        3 * rank() over (partition by segment, product_type order by units_per_month)
        <= count(*) over (partition by segment, product_type) as sells_little
    from sold
),

type_medians as (
    select
        sold.segment,
        sold.product_type,
        median(sold.units_per_month) as type_median
    from sold
    inner join kpi.customer_rating as customer_rating on sold.sku = customer_rating.sku
    where customer_rating.rating_count > 0 and customer_rating.average_rating is not null
    group by sold.segment, sold.product_type
),

pages as (
    select
        count(*) as pages,
        count(*) filter (where is_closed_to_comments) as pages_closed
    from clean.web_typed
    where defect is null and not is_exact_copy
),

ratings_spread as (
    select
        median(case when customer_rating.rating_count > 0 then customer_rating.rating_count end) as median_count,
        sqrt(
            ratio(
                total(
                    case
                        when customer_rating.rating_count > 0
                            then
                                customer_rating.rating_count
                                * (customer_rating.average_rating - shop.shop_rating)
                                * (customer_rating.average_rating - shop.shop_rating)
                    end
                ),
                count(case when customer_rating.rating_count > 0 then customer_rating.average_rating - shop.shop_rating end) - 1
            )
        ) as spread
    from kpi.customer_rating as customer_rating
    cross join shop
),

products as (
    select
        paced.sku,
        customer_rating.title,
        paced.segment,
        customer_rating.rating_count,
        customer_rating.average_rating,
        customer_rating.shrunk_rating,
        shop.shop_rating,
        paced.units,
        paced.months_on_sale,
        paced.units_per_month,
        type_medians.type_median,
        paced.revenue_excl_vat,
        paced.gross_margin,
        parameters.rating_gap,
        case
            when best_seller.sku is not null and customer_rating.rating_count = 0 then 'unrated'
            when customer_rating.rating_count = 0 then null
            when paced.sells_little and customer_rating.shrunk_rating >= shop.shop_rating + parameters.rating_gap then 'hidden_gem'
            when best_seller.sku is not null and customer_rating.shrunk_rating <= shop.shop_rating - parameters.rating_gap then 'disliked'
        end as finding
    from paced
    inner join kpi.customer_rating as customer_rating on paced.sku = customer_rating.sku
    left join kpi.best_seller as best_seller on paced.sku = best_seller.sku
    left join type_medians on paced.segment = type_medians.segment and paced.product_type = type_medians.product_type
    cross join shop
    cross join parameters
),

judged as (
    select
        products.*,
        ratings_spread.median_count,
        ratings_spread.spread,
        case
            when products.finding = 'unrated' then 'supported'
            when tested.rating_link >= 1.645 then 'supported'
            when tested.rating_link <= -1.645 then 'contradicted'
            else 'inconclusive'
        end as verdict
    from products
    cross join tested
    cross join ratings_spread
    where products.finding is not null
),

found as (
    select
        'product' as scope_kind,
        title || ' (' || as_text(sku) || ')' as scope,
        sku,
        segment,
        finding,
        verdict,
        -- what it would earn more at the median of its type, or what it earns beyond that and may lose
        case
            when verdict = 'supported' and finding in ('hidden_gem', 'disliked') and units > 0
                then
                    euros(
                        12 * greatest(case finding when 'hidden_gem' then type_median - units_per_month else units_per_month - type_median end, 0)
                        * greatest(gross_margin, 0) / units
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
        months_on_sale,
        units_per_month,
        type_median,
        revenue_excl_vat,
        gross_margin,
        as_count(null) as pages,
        as_count(null) as pages_closed
    from judged
    union all
    select
        'shop' as scope_kind,
        'shop' as scope,
        as_count(null) as sku,
        as_text(null) as segment,
        'comments_closed' as finding,
        'supported' as verdict,
        euros(null) as yearly_effect,
        as_text(null) as confidence,
        as_count(null) as rating_count,
        as_number(null) as average_rating,
        as_number(null) as shrunk_rating,
        as_number(null) as shop_rating,
        as_count(null) as units,
        as_count(null) as months_on_sale,
        as_number(null) as units_per_month,
        as_number(null) as type_median,
        euros(null) as revenue_excl_vat,
        euros(null) as gross_margin,
        pages,
        pages_closed
    from pages
    where pages_closed > 0
)

select
    found.scope_kind,
    found.scope,
    found.sku,
    found.segment,
    cast(null as date) as month,
    found.finding,
    found.verdict,
    found.yearly_effect,
    found.confidence,
    found.rating_count,
    found.average_rating,
    found.shrunk_rating,
    found.shop_rating,
    found.units,
    found.months_on_sale,
    found.units_per_month,
    found.type_median,
    found.revenue_excl_vat,
    found.gross_margin,
    tested.share_better,
    tested.share_others,
    tested.rating_link,
    found.pages,
    found.pages_closed,
    concat_ws(
        '; ',
        figure('rating_count', found.rating_count),
        figure('average_rating', rounded(found.average_rating)),
        figure('shrunk_rating', rounded(found.shrunk_rating)),
        figure('shop_rating', rounded(found.shop_rating)),
        figure('units', found.units),
        figure('months_on_sale', found.months_on_sale),
        figure('units_per_month', rounded(found.units_per_month)),
        figure('type_median', rounded(found.type_median)),
        figure('revenue_excl_vat', found.revenue_excl_vat),
        figure('gross_margin', found.gross_margin),
        figure('share_better', rounded(tested.share_better)),
        figure('share_others', rounded(tested.share_others)),
        figure('rating_link', rounded(tested.rating_link)),
        figure('pages', found.pages),
        figure('pages_closed', found.pages_closed)
    ) as evidence
from found
cross join tested
order by found.finding asc, found.revenue_excl_vat desc, found.sku asc
