-- one row per campaign and product type, and per scope within it: lift and return, each with a range, and the verdict that follows
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
        product_type,
        starts_on,
        ends_on,
        min(control) as control,
        max(control_products) as control_products,
        count(distinct sku) as products,
        as_count(sum(units)) as units,
        as_count(sum(units_promo)) as units_promo,
        exact(sum(baseline_units)) as baseline_units,
        euros(sum(discount_cost)) as discount_cost,
        euros(sum(gross_margin)) as gross_margin,
        euros(sum(incremental_margin)) as incremental_margin
    from kpi.promo_comparison
    group by promo_group, scope, segment, product_type, starts_on, ends_on
),

by_product as (
    select
        promo_group,
        sku,
        sum(incremental_margin) as incremental_margin
    from kpi.promo_comparison
    group by promo_group, sku
),

gainers as (
    select
        promo_group,
        count(*) filter (where incremental_margin > 0) as products_paid
    from by_product
    group by promo_group
),

placebos as (
    select
        promo_group,
        count(*) as quiet_months,
        min(placebo_lift) as placebo_low,
        max(placebo_lift) as placebo_high
    from kpi.promo_placebo
    group by promo_group
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

-- as many resamples are left out at either end; the wide range leaves out one in a hundred
tails as (
    select
        ranked.*,
        round(ranked.resamples * (1 - parameters.interval_level) / 2) as tail,
        round(ranked.resamples * 0.005) as thin_tail
    from ranked
    cross join parameters
),

ranges as (
    select
        promo_group,
        max(case when measure = 'lift' and nth = tail then value end) as lift_low,
        max(case when measure = 'lift' and nth = resamples + 1 - tail then value end) as lift_high,
        max(case when measure = 'lift' and nth = thin_tail then value end) as lift_lowest,
        max(case when measure = 'lift' and nth = resamples + 1 - thin_tail then value end) as lift_highest,
        max(case when measure = 'return' and nth = tail then value end) as return_low,
        max(case when measure = 'return' and nth = resamples + 1 - tail then value end) as return_high
    from tails
    group by promo_group
),

-- the lift at which the margin is that of the baseline; none where units were sold at no margin or at a loss
judged as (
    select
        measured.*,
        gainers.products_paid,
        coalesce(placebos.quiet_months, 0) as quiet_months,
        placebos.placebo_low,
        placebos.placebo_high,
        ranges.lift_low,
        ranges.lift_high,
        ranges.lift_lowest,
        ranges.lift_highest,
        -- where nothing was given away, nothing can come back of it
        case when measured.discount_cost > 0 then ranges.return_low end as return_low,
        case when measured.discount_cost > 0 then ranges.return_high end as return_high,
        case
            when measured.gross_margin > 0
                then
                    ratio(measured.gross_margin - measured.incremental_margin, measured.baseline_units)
                    / ratio(measured.gross_margin, measured.units)
        end as break_even_lift
    from measured
    inner join gainers on measured.promo_group = gainers.promo_group
    left join placebos on measured.promo_group = placebos.promo_group
    -- of fewer products a range would promise more than it can keep
    left join ranges on measured.promo_group = ranges.promo_group and measured.products >= 10 and measured.control_products >= 10
),

decided as (
    select
        *,
        case
            when lift_low is null or discount_cost <= 0 then 'inconclusive'
            when lift_low > break_even_lift then 'paid'
            when break_even_lift is null or lift_high < break_even_lift then 'lost'
            else 'inconclusive'
        end as verdict,
        coalesce(lift_lowest > break_even_lift or break_even_lift is null or lift_highest < break_even_lift, false) as is_clear
    from judged
)

select
    scope,
    segment,
    product_type,
    starts_on,
    ends_on,
    products,
    products_paid,
    control,
    control_products,
    quiet_months,
    placebo_low,
    placebo_high,
    units,
    units_promo,
    baseline_units,
    ratio(units, baseline_units) as lift,
    end_of_range(lift_low) as lift_low,
    end_of_range(lift_high) as lift_high,
    break_even_lift,
    discount_cost,
    incremental_margin,
    case when discount_cost > 0 then ratio(incremental_margin, discount_cost) end as incremental_roi,
    end_of_range(return_low) as incremental_roi_low,
    end_of_range(return_high) as incremental_roi_high,
    verdict,
    case
        when verdict = 'inconclusive' then 'low'
        when is_clear and control = 'product type' then 'high'
        else 'medium'
    end as confidence
from decided
order by scope, segment, product_type, starts_on, ends_on
