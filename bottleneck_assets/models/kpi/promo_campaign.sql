-- one row per campaign (start and end) and segment
with

campaigns as (
    select
        starts_on,
        ends_on,
        segment,
        count(distinct sku) as products,
        count(distinct sku) - count(distinct case when baseline_units is not null then sku end) as products_without_baseline,
        as_count(sum(units)) as units,
        as_count(sum(units_promo)) as units_promo,
        exact(sum(baseline_units)) as baseline_units,
        exact(sum(uplift_units)) as uplift_units,
        euros(sum(discount_cost)) as discount_cost,
        euros(sum(case when incremental_margin is not null then discount_cost end)) as discount_cost_measured,
        euros(sum(promo_margin)) as promo_margin,
        euros(sum(gross_margin)) as gross_margin,
        euros(sum(incremental_margin)) as incremental_margin
    from kpi.promo_roi
    group by starts_on, ends_on, segment
)

select
    starts_on,
    ends_on,
    segment,
    products,
    products_without_baseline,
    units,
    units_promo,
    baseline_units,
    uplift_units,
    discount_cost,
    discount_cost_measured,
    promo_margin,
    gross_margin,
    incremental_margin,
    ratio(promo_margin, discount_cost) as margin_roi,
    ratio(incremental_margin, discount_cost_measured) as incremental_roi
from campaigns
order by starts_on, ends_on, segment
