-- one row per group of promotions and resample: its lift and return, had chance drawn other products
with

comparison as (
    select
        promo_group,
        segment,
        product_type,
        month,
        sku,
        units,
        unit_margin,
        discount_cost,
        gross_margin,
        quiet_units,
        quiet_months,
        -- the control's name: products of different types may have the same one
        case control
            when 'product type' then 'type ' || product_type
            when 'segment' then 'segment ' || segment
            else 'shop'
        end as control
    from kpi.promo_comparison
),

weights as (
    select
        resample,
        cluster,
        promoted_weight,
        control_weight
    from raw.resampling_weights
),

sales as (
    select
        month,
        sku,
        units
    from clean.sales_in_period
),

-- a product is drawn with all its promotions; beyond a hundred products, a hundredth of them is drawn together
promoted as (
    select
        *,
        (dense_rank() over (partition by promo_group order by sku) - 1) % 100 as cluster
    from comparison
),

controls as (
    select distinct control
    from comparison
),

-- how far the control's season strays from that of the promoted products, in months that nothing moved
placebos as (
    select
        promo_group,
        sqrt(mean_of(exact(ln(placebo_lift) * ln(placebo_lift)))) as spread,
        least(count(*) - 1, 24) as degrees
    from kpi.promo_placebo
    group by promo_group
    having count(*) >= 2
),

placebo_draws as (
    select
        resample,
        degrees,
        deviate
    from raw.placebo_draws
),

control_products as (
    select
        controls.control,
        control_group.sku,
        (row_number() over (partition by controls.control order by control_group.sku) - 1) % 100 as cluster
    from controls
    inner join kpi.control_group as control_group
        on controls.control in ('shop', 'segment ' || control_group.segment, 'type ' || control_group.product_type)
),

control_sales as (
    select
        control_products.control,
        control_products.cluster,
        sales.month,
        as_count(sum(sales.units)) as units
    from control_products
    inner join sales on control_products.sku = sales.sku
    group by control_products.control, control_products.cluster, sales.month
),

drawn_controls as (
    select
        weights.resample,
        control_sales.control,
        control_sales.month,
        as_count(sum(weights.control_weight * control_sales.units)) as units
    from control_sales
    inner join weights on control_sales.cluster = weights.cluster
    group by weights.resample, control_sales.control, control_sales.month
),

periods as (
    select distinct quiet_months
    from comparison
),

months as (
    select distinct month
    from control_sales
),

quiet as (
    select
        periods.quiet_months,
        months.month
    from periods
    inner join months on contains(periods.quiet_months, as_text(months.month))
),

drawn_quiet_controls as (
    select
        drawn_controls.resample,
        drawn_controls.control,
        quiet.quiet_months,
        as_count(sum(drawn_controls.units)) as units
    from drawn_controls
    inner join quiet on drawn_controls.month = quiet.month
    group by drawn_controls.resample, drawn_controls.control, quiet.quiet_months
),

compared as (
    select distinct
        control,
        month,
        quiet_months
    from comparison
),

-- a month's demand as a multiple of that of the quiet months
seasons as (
    select
        compared.control,
        compared.month,
        compared.quiet_months,
        drawn_controls.resample,
        ratio(drawn_controls.units, drawn_quiet_controls.units) as season
    from compared
    inner join drawn_controls on compared.control = drawn_controls.control and compared.month = drawn_controls.month
    inner join drawn_quiet_controls
        on
            compared.control = drawn_quiet_controls.control
            and compared.quiet_months = drawn_quiet_controls.quiet_months
            and drawn_controls.resample = drawn_quiet_controls.resample
),

-- what is drawn together and is compared with the same months is summed before it is drawn a thousand times
strata as (
    select
        promo_group,
        cluster,
        control,
        month,
        quiet_months,
        as_count(sum(units)) as units,
        as_count(sum(quiet_units)) as quiet_units,
        total(times(quiet_units, unit_margin)) as quiet_margin,
        euros(sum(discount_cost)) as discount_cost,
        euros(sum(gross_margin)) as gross_margin
    from promoted
    group by promo_group, cluster, control, month, quiet_months
),

drawn as (
    select
        strata.promo_group,
        weights.resample,
        weights.promoted_weight,
        strata.units,
        strata.quiet_units,
        strata.quiet_margin,
        strata.discount_cost,
        strata.gross_margin,
        seasons.season
    from strata
    inner join weights on strata.cluster = weights.cluster
    inner join seasons
        on
            strata.control = seasons.control
            and strata.month = seasons.month
            and strata.quiet_months = seasons.quiet_months
            and weights.resample = seasons.resample
    where weights.promoted_weight > 0
),

resamples as (
    select
        promo_group,
        resample,
        as_count(sum(promoted_weight * units)) as units,
        total(promoted_weight * quiet_units * season) as baseline_units,
        total(times(promoted_weight, gross_margin)) as gross_margin,
        total(promoted_weight * quiet_margin * season) as baseline_margin,
        total(times(promoted_weight, discount_cost)) as discount_cost
    from drawn
    group by promo_group, resample
),

-- the baseline strays as the placebos do
strayed as (
    select
        resamples.*,
        exp(least(greatest(placebos.spread * placebo_draws.deviate, -50), 50)) as stray
    from resamples
    inner join placebos on resamples.promo_group = placebos.promo_group
    inner join placebo_draws on placebos.degrees = placebo_draws.degrees and resamples.resample = placebo_draws.resample
)

select
    promo_group,
    resample,
    ratio(units, baseline_units) * stray as lift,
    case
        when discount_cost > 0 then (as_number(gross_margin) - as_number(baseline_margin) / stray) / as_number(discount_cost)
    end as incremental_roi
from strayed
order by promo_group, resample
