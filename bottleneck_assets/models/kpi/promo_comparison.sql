-- one row per scope and promotion (month and product): what it sold, and what that is compared with
with

sales as (
    select
        month,
        sku,
        units
    from clean.sales_in_period
),

promo_roi as (
    select
        month,
        sku,
        segment,
        starts_on,
        ends_on,
        units,
        baseline_units,
        discount_cost,
        gross_margin,
        incremental_margin
    from kpi.promo_roi
),

-- only what has a baseline can be measured
promotions as (
    select
        promo_roi.*,
        exact(promo.list_price - finance.purchase_price) as unit_margin
    from promo_roi
    inner join clean.promo as promo on promo_roi.month = promo.month and promo_roi.sku = promo.sku
    inner join clean.finance as finance on promo_roi.month = finance.month and promo_roi.sku = finance.sku
    where promo_roi.baseline_units is not null
),

promoted as (
    select distinct sku
    from promotions
),

-- a product's months without a promotion
quiet as (
    select
        sales.sku,
        as_count(sum(sales.units)) as quiet_units,
        string_agg(as_text(sales.month), ',' order by sales.month) as quiet_months
    from sales
    inner join promoted on sales.sku = promoted.sku
    left join promo_roi on sales.month = promo_roi.month and sales.sku = promo_roi.sku
    where promo_roi.sku is null
    group by sales.sku
),

-- the control that a segment's season is read from: its own, or that of all segments, which has no name
controls as (
    select distinct
        segment,
        case when is_own_control then segment else '' end as control,
        control_products
    from kpi.seasonal_index
),

scoped as (
    select
        'campaign' as scope,
        segment,
        starts_on,
        ends_on,
        month,
        sku,
        units,
        baseline_units,
        unit_margin,
        discount_cost,
        gross_margin,
        incremental_margin
    from promotions
    union all
    select
        'class A' as scope,
        promotions.segment,
        cast(null as date) as starts_on,
        cast(null as date) as ends_on,
        promotions.month,
        promotions.sku,
        promotions.units,
        promotions.baseline_units,
        promotions.unit_margin,
        promotions.discount_cost,
        promotions.gross_margin,
        promotions.incremental_margin
    from promotions
    inner join kpi.abc_class as abc_class on promotions.sku = abc_class.sku
    where abc_class.abc_class = 'A'
)

select
    as_count(dense_rank() over (order by scoped.scope, scoped.segment, scoped.starts_on, scoped.ends_on)) as promo_group,
    scoped.scope,
    scoped.segment,
    scoped.starts_on,
    scoped.ends_on,
    scoped.month,
    scoped.sku,
    scoped.units,
    scoped.baseline_units,
    scoped.unit_margin,
    scoped.discount_cost,
    scoped.gross_margin,
    scoped.incremental_margin,
    quiet.quiet_units,
    quiet.quiet_months,
    controls.control,
    controls.control_products
from scoped
inner join controls on scoped.segment = controls.segment
inner join quiet on scoped.sku = quiet.sku
order by promo_group, scoped.month, scoped.sku
