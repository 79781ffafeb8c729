-- one row per KPI, for the whole shop; written by figures/headline.py from figures/measures.py
with

over_gross_margin as (
    select
        cast(sum(revenue) as double) as revenue,
        cast(sum(revenue_excl_vat) as double) as revenue_excl_vat,
        cast(sum(gross_margin) as double) as gross_margin
    from kpi.gross_margin
),

over_sales_in_period as (
    select
        cast(sum(case when is_stocked then cogs end) as double) as cogs_stocked,
        cast(sum(case when is_stocked then stock_value_end end) as double) as stock_value_stocked
    from clean.sales_in_period
),

over_purchase_price as (
    select
        cast(
            max(case when month = (select max(in_view.month) from kpi.purchase_price as in_view) then purchase_price_index_all end) as double
        ) as purchase_price_index
    from kpi.purchase_price
),

over_sales_volume as (
    select cast(sum(units) as double) as units
    from kpi.sales_volume
),

over_promo_roi as (
    select
        cast(sum(incremental_margin) as double) as incremental_margin,
        cast(sum(case when incremental_margin is not null then discount_cost end) as double) as discount_measured,
        cast(sum(promo_margin) as double) as promo_margin,
        cast(sum(discount_cost) as double) as discount_cost
    from kpi.promo_roi
),

over_customer_rating as (
    select
        cast(
            sum(cast(cast(average_rating as decimal(10, 8)) * cast(rating_count as decimal(10, 0)) as decimal(18, 8))) as double
        ) as rating_sum,
        cast(sum(case when average_rating is not null then rating_count end) as double) as ratings
    from kpi.customer_rating
),

over_comment_rate as (
    select
        cast(sum(comment_count) as double) as comment_count,
        cast(sum(units) as double) as units,
        cast(sum(case when comment_count > 0 then 1 else 0 end) as double) as commented,
        cast(sum(1) as double) as products
    from kpi.comment_rate
),

reporting_period as (
    select
        period_start,
        period_end
    from clean.reporting_period
),

headline as (
    select
        1 as position,
        'revenue' as kpi,
        'Revenue (incl. VAT)' as label,
        revenue as value,
        'EUR' as unit
    from over_gross_margin
    union all
    select
        2 as position,
        'revenue_excl_vat' as kpi,
        'Revenue (excl. VAT)' as label,
        revenue_excl_vat as value,
        'EUR' as unit
    from over_gross_margin
    union all
    select
        3 as position,
        'gross_margin' as kpi,
        'Gross margin (excl. VAT)' as label,
        gross_margin as value,
        'EUR' as unit
    from over_gross_margin
    union all
    select
        4 as position,
        'gross_margin_rate' as kpi,
        'Gross margin rate (excl. VAT)' as label,
        gross_margin / nullif(revenue_excl_vat, 0) as value,
        'ratio' as unit
    from over_gross_margin
    union all
    select
        5 as position,
        'stock_turnover' as kpi,
        'Stock turnover' as label,
        12 * cogs_stocked / nullif(stock_value_stocked, 0) as value,
        'turns a year' as unit
    from over_sales_in_period
    union all
    select
        6 as position,
        'purchase_price_index' as kpi,
        'Purchase price index' as label,
        purchase_price_index as value,
        'index, first month = 100' as unit
    from over_purchase_price
    union all
    select
        7 as position,
        'units' as kpi,
        'Units sold' as label,
        units as value,
        'units' as unit
    from over_sales_volume
    union all
    select
        8 as position,
        'promo_incremental_roi' as kpi,
        'Promotion ROI, incremental' as label,
        incremental_margin / nullif(discount_measured, 0) as value,
        'ratio' as unit
    from over_promo_roi
    union all
    select
        9 as position,
        'promo_margin_roi' as kpi,
        'Promotion ROI, margin over discount' as label,
        promo_margin / nullif(discount_cost, 0) as value,
        'ratio' as unit
    from over_promo_roi
    union all
    select
        10 as position,
        'average_rating' as kpi,
        'Average customer rating' as label,
        rating_sum / nullif(ratings, 0) as value,
        'stars of 5' as unit
    from over_customer_rating
    union all
    select
        11 as position,
        'comments_per_100_units' as kpi,
        'Comments per 100 units' as label,
        100 * comment_count / nullif(units, 0) as value,
        'comments per 100 units' as unit
    from over_comment_rate
    union all
    select
        12 as position,
        'commented_share' as kpi,
        'Products with a comment' as label,
        commented / nullif(products, 0) as value,
        'ratio' as unit
    from over_comment_rate
)

select
    headline.kpi,
    case
        when parameters.sale_prices = 'excl_vat' then replace(headline.label, ' (incl. VAT)', '')
        else headline.label
    end as label,
    headline.value,
    headline.unit,
    reporting_period.period_start,
    reporting_period.period_end
from headline
cross join reporting_period
cross join raw.parameters as parameters
order by headline.position
