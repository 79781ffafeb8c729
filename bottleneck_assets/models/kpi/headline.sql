-- one row per KPI, for the whole shop
with

sold as (
    select
        cast(sum(revenue) as decimal(18, 4)) as revenue,
        cast(sum(gross_margin) as decimal(18, 4)) as gross_margin
    from kpi.gross_margin
),

volume as (
    select cast(sum(units) as bigint) as units
    from kpi.sales_volume
),

stocked as (
    select
        cast(sum(cogs) as decimal(18, 4)) as cogs,
        cast(sum(stock_value_end) as decimal(18, 4)) as stock_values
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
        cast(sum(promo_margin) as decimal(18, 4)) as promo_margin,
        cast(sum(discount_cost) as decimal(18, 4)) as discount_cost,
        cast(sum(incremental_margin) as decimal(18, 4)) as incremental_margin,
        cast(sum(case when incremental_margin is not null then discount_cost end) as decimal(18, 4)) as discount_cost_measured
    from kpi.promo_roi
),

rated as (
    select
        rating_count,
        cast(cast(average_rating as decimal(10, 8)) * cast(rating_count as decimal(10, 0)) as decimal(18, 8)) as rating_sum
    from kpi.customer_rating
    where average_rating is not null
),

ratings as (
    select cast(cast(sum(rating_sum) as decimal(28, 8)) as double) / nullif(cast(sum(rating_count) as double), 0) as average_rating
    from rated
),

comments as (
    select
        cast(sum(comment_count) as double) as comments,
        cast(count(*) filter (where comment_count > 0) as double) / nullif(cast(count(*) as double), 0) as commented_share
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
        cast(revenue as double) as value,
        'EUR' as unit
    from sold
    union all
    select
        2 as position,
        'gross_margin' as kpi,
        'Gross margin' as label,
        cast(gross_margin as double) as value,
        'EUR' as unit
    from sold
    union all
    select
        3 as position,
        'gross_margin_rate' as kpi,
        'Gross margin rate' as label,
        cast(gross_margin as double) / nullif(cast(revenue as double), 0) as value,
        'ratio' as unit
    from sold
    union all
    select
        4 as position,
        'stock_turnover' as kpi,
        'Stock turnover' as label,
        cast(stocked.cogs as double)
        / nullif(cast(stocked.stock_values as double) / nullif(cast(reporting_period.months as double), 0), 0) as value,
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
        cast(units as double) as value,
        'units' as unit
    from volume
    union all
    select
        7 as position,
        'promo_incremental_roi' as kpi,
        'Promotion ROI, incremental' as label,
        cast(incremental_margin as double) / nullif(cast(discount_cost_measured as double), 0) as value,
        'ratio' as unit
    from promotions
    union all
    select
        8 as position,
        'promo_margin_roi' as kpi,
        'Promotion ROI, margin over discount' as label,
        cast(promo_margin as double) / nullif(cast(discount_cost as double), 0) as value,
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
        100 * comments.comments / nullif(cast(volume.units as double), 0) as value,
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
