-- one row per group of promotions and quiet month, left out in turn: the lift that the method sees where there was nothing to lift
with

comparison as (
    select distinct
        promo_group,
        segment,
        product_type,
        sku,
        quiet_units,
        quiet_months
    from kpi.promo_comparison
),

seasonal_index as (
    select
        month,
        segment,
        product_type,
        control_units
    from kpi.seasonal_index
),

quiet_sales as (
    select
        comparison.promo_group,
        comparison.segment,
        comparison.product_type,
        comparison.quiet_months,
        sales.month,
        as_count(sum(sales.units)) as units,
        as_count(sum(comparison.quiet_units - sales.units)) as other_units
    from comparison
    inner join clean.sales_in_period as sales
        on comparison.sku = sales.sku and contains(comparison.quiet_months, as_text(sales.month))
    group by comparison.promo_group, comparison.segment, comparison.product_type, comparison.quiet_months, sales.month
),

patterns as (
    select distinct
        segment,
        product_type,
        quiet_months
    from comparison
),

-- what the control sold in all quiet months of a product
controls as (
    select
        patterns.segment,
        patterns.product_type,
        patterns.quiet_months,
        as_count(sum(seasonal_index.control_units)) as control_units
    from patterns
    inner join seasonal_index
        on
            patterns.segment = seasonal_index.segment
            and patterns.product_type = seasonal_index.product_type
            and contains(patterns.quiet_months, as_text(seasonal_index.month))
    group by patterns.segment, patterns.product_type, patterns.quiet_months
),

foretold as (
    select
        quiet_sales.promo_group,
        quiet_sales.month,
        quiet_sales.units,
        exact(
            ratio(
                quiet_sales.other_units * seasonal_index.control_units,
                controls.control_units - seasonal_index.control_units
            )
        ) as baseline_units
    from quiet_sales
    inner join controls
        on
            quiet_sales.segment = controls.segment
            and quiet_sales.product_type = controls.product_type
            and quiet_sales.quiet_months = controls.quiet_months
    inner join seasonal_index
        on
            quiet_sales.month = seasonal_index.month
            and quiet_sales.segment = seasonal_index.segment
            and quiet_sales.product_type = seasonal_index.product_type
),

by_month as (
    select
        promo_group,
        month,
        as_count(sum(units)) as units,
        exact(sum(baseline_units)) as baseline_units
    from foretold
    group by promo_group, month
)

select
    promo_group,
    month,
    units,
    baseline_units,
    -- half a unit for none: a logarithm is taken of it
    ratio(greatest(as_number(units), 0.5), baseline_units) as placebo_lift
from by_month
where baseline_units > 0
order by promo_group, month
