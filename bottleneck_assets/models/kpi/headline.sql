-- one row per KPI, for the whole shop
with

sold as (
    select
        euros(sum(revenue)) as revenue,
        euros(sum(revenue_excl_vat)) as revenue_excl_vat,
        euros(sum(gross_margin)) as gross_margin
    from kpi.gross_margin
),

volume as (
    select as_count(sum(units)) as units
    from kpi.sales_volume
),

stocked as (
    select
        euros(sum(cogs)) as cogs,
        euros(sum(stock_value_end)) as stock_values
    from clean.sales_in_period
    where is_stocked
),

price_index as (
    select purchase_price_index_all
    from kpi.purchase_price
    qualify row_number() over (order by month desc, segment asc) = 1
),

promotions as (
    select
        euros(sum(promo_margin)) as promo_margin,
        euros(sum(discount_cost)) as discount_cost,
        euros(sum(incremental_margin)) as incremental_margin,
        euros(sum(case when incremental_margin is not null then discount_cost end)) as discount_cost_measured
    from kpi.promo_roi
),

rated as (
    select
        rating_count,
        exact(times(rating_count, exact(average_rating))) as rating_sum
    from kpi.customer_rating
    where average_rating is not null
),

ratings as (
    select ratio(total(rating_sum), sum(rating_count)) as average_rating
    from rated
),

comments as (
    select
        as_count(sum(comment_count)) as comments,
        ratio(count(*) filter (where comment_count > 0), count(*)) as commented_share
    from kpi.comment_rate
),

reporting_period as (
    select
        period_start,
        period_end,
        months
    from clean.reporting_period
),

headline as (
    select
        1 as position,
        'revenue' as kpi,
        'Revenue' as label,
        as_number(revenue) as value,
        'EUR' as unit
    from sold
    union all
    select
        2 as position,
        'gross_margin' as kpi,
        'Gross margin' as label,
        as_number(gross_margin) as value,
        'EUR' as unit
    from sold
    union all
    select
        3 as position,
        'gross_margin_rate' as kpi,
        'Gross margin rate' as label,
        ratio(gross_margin, revenue_excl_vat) as value,
        'ratio' as unit
    from sold
    union all
    select
        4 as position,
        'stock_turnover' as kpi,
        'Stock turnover' as label,
        ratio(stocked.cogs, ratio(stocked.stock_values, reporting_period.months)) as value,
        'turns' as unit
    from stocked
    cross join reporting_period
    union all
    select
        5 as position,
        'purchase_price_index' as kpi,
        'Purchase price index' as label,
        purchase_price_index_all as value,
        'index, first month = 100' as unit
    from price_index
    union all
    select
        6 as position,
        'units' as kpi,
        'Units sold' as label,
        as_number(units) as value,
        'units' as unit
    from volume
    union all
    select
        7 as position,
        'promo_incremental_roi' as kpi,
        'Promotion ROI, incremental' as label,
        ratio(incremental_margin, discount_cost_measured) as value,
        'ratio' as unit
    from promotions
    union all
    select
        8 as position,
        'promo_margin_roi' as kpi,
        'Promotion ROI, margin over discount' as label,
        ratio(promo_margin, discount_cost) as value,
        'ratio' as unit
    from promotions
    union all
    select
        9 as position,
        'average_rating' as kpi,
        'Average customer rating' as label,
        average_rating as value,
        'stars of 5' as unit
    from ratings
    union all
    select
        10 as position,
        'comments_per_100_units' as kpi,
        'Comments per 100 units' as label,
        ratio(100 * comments.comments, volume.units) as value,
        'comments per 100 units' as unit
    from comments
    cross join volume
    union all
    select
        11 as position,
        'commented_share' as kpi,
        'Products with a comment' as label,
        commented_share as value,
        'ratio' as unit
    from comments
)

select
    headline.kpi,
    headline.label,
    headline.value,
    headline.unit,
    reporting_period.period_start,
    reporting_period.period_end
from headline
cross join reporting_period
order by headline.position
