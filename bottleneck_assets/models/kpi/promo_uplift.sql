-- one row per campaign and segment, and per segment for its class A products: lift and return, each with a range
with

parameters as (
    select interval_level
    from raw.parameters
),

measured as (
    select
        promo_group,
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
    from kpi.promo_comparison
    group by promo_group, scope, segment, starts_on, ends_on
),

resamples as (
    select
        promo_group,
        'lift' as measure,
        lift as value
    from kpi.promo_resample
    where lift is not null
    union all
    select
        promo_group,
        'return' as measure,
        incremental_roi as value
    from kpi.promo_resample
    where incremental_roi is not null
),

ranked as (
    select
        promo_group,
        measure,
        value,
        row_number() over (partition by promo_group, measure order by value) as nth,
        count(*) over (partition by promo_group, measure) as resamples
    from resamples
),

-- as many resamples are left out at either end
tails as (
    select
        ranked.*,
        round(ranked.resamples * (1 - parameters.interval_level) / 2) as tail
    from ranked
    cross join parameters
),

ranges as (
    select
        promo_group,
        max(case when measure = 'lift' and nth = tail then value end) as lift_low,
        max(case when measure = 'lift' and nth = resamples + 1 - tail then value end) as lift_high,
        max(case when measure = 'return' and nth = tail then value end) as return_low,
        max(case when measure = 'return' and nth = resamples + 1 - tail then value end) as return_high
    from tails
    group by promo_group
)

select
    measured.scope,
    measured.segment,
    measured.starts_on,
    measured.ends_on,
    measured.products,
    measured.control_products,
    measured.units,
    measured.baseline_units,
    ratio(measured.units, measured.baseline_units) as lift,
    ranges.lift_low,
    ranges.lift_high,
    measured.discount_cost,
    measured.incremental_margin,
    -- where nothing was given away, nothing can come back of it
    case when measured.discount_cost > 0 then ratio(measured.incremental_margin, measured.discount_cost) end as incremental_roi,
    case when measured.discount_cost > 0 then ranges.return_low end as incremental_roi_low,
    case when measured.discount_cost > 0 then ranges.return_high end as incremental_roi_high
from measured
-- of fewer products a range would promise more than it can keep
left join ranges on measured.promo_group = ranges.promo_group and measured.products >= 10 and measured.control_products >= 10
order by measured.scope, measured.segment, measured.starts_on, measured.ends_on
