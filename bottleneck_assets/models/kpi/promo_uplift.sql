-- one row per campaign and segment, and per segment for its class A products: lift and return, each with a range
with

parameters as (
    select interval_level
    from raw.parameters
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
        promo.list_price - finance.purchase_price as unit_margin
    from promo_roi
    inner join clean.promo as promo on promo_roi.month = promo.month and promo_roi.sku = promo.sku
    inner join clean.finance as finance on promo_roi.month = finance.month and promo_roi.sku = finance.sku
    where promo_roi.baseline_units is not null
),

promoted as (
    select distinct sku
    from promotions
),

quiet_months as (
    select
        sales.sku,
        sales.month,
        sales.units
    from sales
    inner join promoted on sales.sku = promoted.sku
    left join promo_roi on sales.month = promo_roi.month and sales.sku = promo_roi.sku
    where promo_roi.sku is null
),

quiet as (
    select
        sku,
        as_count(sum(units)) as quiet_units,
        string_agg(as_text(month), ',' order by month) as quiet_pattern
    from quiet_months
    group by sku
),

patterns as (
    select distinct
        quiet.quiet_pattern,
        quiet_months.month
    from quiet
    inner join quiet_months on quiet.sku = quiet_months.sku
),

-- the control that a segment's season is read from: its own, or that of all segments, which has no name
controls_used as (
    select distinct
        seasonal_index.segment,
        case when seasonal_index.is_own_control then seasonal_index.segment else '' end as control,
        seasonal_index.control_products
    from kpi.seasonal_index as seasonal_index
    inner join promotions on seasonal_index.segment = promotions.segment
),

controls as (
    select distinct control
    from controls_used
),

control_clusters as (
    select
        controls.control,
        control_group.sku,
        (row_number() over (partition by controls.control order by control_group.sku) - 1) % 100 as cluster
    from controls
    inner join kpi.control_group as control_group on controls.control = '' or controls.control = control_group.segment
),

control_sales as (
    select
        control_clusters.control,
        control_clusters.cluster,
        sales.month,
        as_count(sum(sales.units)) as units
    from control_clusters
    inner join sales on control_clusters.sku = sales.sku
    group by control_clusters.control, control_clusters.cluster, sales.month
),

resampled_controls as (
    select
        weights.resample,
        control_sales.control,
        control_sales.month,
        as_count(sum(weights.control_weight * control_sales.units)) as units
    from control_sales
    inner join weights on control_sales.cluster = weights.cluster
    group by weights.resample, control_sales.control, control_sales.month
),

resampled_quiet as (
    select
        resampled_controls.resample,
        resampled_controls.control,
        patterns.quiet_pattern,
        as_count(sum(resampled_controls.units)) as units
    from resampled_controls
    inner join patterns on resampled_controls.month = patterns.month
    group by resampled_controls.resample, resampled_controls.control, patterns.quiet_pattern
),

members as (
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
),

-- a product is drawn with all its promotions; beyond a hundred products, a hundredth of them is drawn together
clustered as (
    select
        members.*,
        controls_used.control,
        controls_used.control_products,
        quiet.quiet_units,
        quiet.quiet_pattern,
        dense_rank() over (order by members.scope, members.segment, members.starts_on, members.ends_on) as place,
        dense_rank() over (order by controls_used.control, members.month, quiet.quiet_pattern) as comparison,
        (
            dense_rank() over (partition by members.scope, members.segment, members.starts_on, members.ends_on order by members.sku) - 1
        ) % 100 as cluster
    from members
    inner join controls_used on members.segment = controls_used.segment
    inner join quiet on members.sku = quiet.sku
),

totals as (
    select
        place,
        scope,
        segment,
        starts_on,
        ends_on,
        count(distinct sku) as products,
        max(control_products) as control_products,
        as_count(sum(units)) as units,
        exact(sum(baseline_units)) as baseline_units,
        euros(sum(discount_cost)) as discount_cost,
        euros(sum(incremental_margin)) as incremental_margin
    from clustered
    group by place, scope, segment, starts_on, ends_on
),

-- what is drawn together and is compared with the same months is summed before it is drawn a thousand times
strata as (
    select
        place,
        cluster,
        comparison,
        as_count(sum(units)) as units,
        as_count(sum(quiet_units)) as quiet_units,
        cast(sum(times(quiet_units, unit_margin)) as decimal(38, 8)) as quiet_margin,
        euros(sum(discount_cost)) as discount_cost,
        euros(sum(gross_margin)) as gross_margin
    from clustered
    group by place, cluster, comparison
),

comparisons as (
    select distinct
        comparison,
        control,
        month,
        quiet_pattern
    from clustered
),

seasons as (
    select
        comparisons.comparison,
        resampled_controls.resample,
        ratio(resampled_controls.units, resampled_quiet.units) as season
    from comparisons
    inner join resampled_controls
        on comparisons.control = resampled_controls.control and comparisons.month = resampled_controls.month
    inner join resampled_quiet
        on
            comparisons.control = resampled_quiet.control
            and comparisons.quiet_pattern = resampled_quiet.quiet_pattern
            and resampled_controls.resample = resampled_quiet.resample
),

drawn as (
    select
        strata.place,
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
    inner join seasons on strata.comparison = seasons.comparison and weights.resample = seasons.resample
    where weights.promoted_weight > 0
),

-- doubles are rounded before they are summed, so that the sums do not depend on the order of rows
resamples as (
    select
        place,
        resample,
        as_number(sum(promoted_weight * units)) as units,
        cast(
            sum(cast(as_number(promoted_weight) * as_number(quiet_units) * season as decimal(28, 8))) as decimal(38, 8)
        ) as baseline_units,
        cast(
            sum(
                cast(
                    as_number(promoted_weight) * (as_number(gross_margin) - as_number(quiet_margin) * season)
                    as decimal(28, 8)
                )
            ) as decimal(38, 8)
        ) as incremental_margin,
        as_number(cast(sum(cast(promoted_weight as decimal(9, 0)) * discount_cost) as decimal(38, 4))) as discount_cost
    from drawn
    group by place, resample
),

measures as (
    select
        place,
        'lift' as measure,
        units / nullif(as_number(baseline_units), 0) as value
    from resamples
    union all
    select
        place,
        'return' as measure,
        case when discount_cost > 0 then as_number(incremental_margin) / discount_cost end as value
    from resamples
),

ranked as (
    select
        place,
        measure,
        value,
        row_number() over (partition by place, measure order by value) as nth,
        count(*) over (partition by place, measure) as resamples
    from measures
    where value is not null
),

tails as (
    select
        ranked.*,
        round(ranked.resamples * (1 - parameters.interval_level) / 2) as tail
    from ranked
    cross join parameters
),

ranges as (
    select
        place,
        max(case when measure = 'lift' and nth = tail then value end) as lift_low,
        max(case when measure = 'lift' and nth = resamples + 1 - tail then value end) as lift_high,
        max(case when measure = 'return' and nth = tail then value end) as roi_low,
        max(case when measure = 'return' and nth = resamples + 1 - tail then value end) as roi_high
    from tails
    group by place
)

select
    totals.scope,
    totals.segment,
    totals.starts_on,
    totals.ends_on,
    totals.products,
    totals.control_products,
    totals.units,
    totals.baseline_units,
    ratio(totals.units, totals.baseline_units) as lift,
    ranges.lift_low,
    ranges.lift_high,
    totals.discount_cost,
    totals.incremental_margin,
    -- where nothing was given away, nothing can come back of it
    case
        when totals.discount_cost > 0 then ratio(totals.incremental_margin, totals.discount_cost)
    end as incremental_roi,
    case when totals.discount_cost > 0 then ranges.roi_low end as incremental_roi_low,
    case when totals.discount_cost > 0 then ranges.roi_high end as incremental_roi_high
from totals
-- of fewer products a range would promise more than it can keep
left join ranges on totals.place = ranges.place and totals.products >= 10 and totals.control_products >= 10
order by totals.scope, totals.segment, totals.starts_on, totals.ends_on
