-- one row per campaign (start and end) and segment
with

campaigns as (
    select
        starts_on,
        ends_on,
        segment,
        count(*) as products,
        count(*) - count(baseline_units) as products_without_baseline,
        cast(sum(units) as bigint) as units,
        cast(sum(units_promo) as bigint) as units_promo,
        cast(sum(baseline_units) as decimal(18, 8)) as baseline_units,
        cast(sum(uplift_units) as decimal(18, 8)) as uplift_units,
        cast(sum(discount_cost) as decimal(18, 4)) as discount_cost,
        cast(sum(case when incremental_margin is not null then discount_cost end) as decimal(18, 4)) as discount_cost_measured,
        cast(sum(promo_margin) as decimal(18, 4)) as promo_margin,
        cast(sum(gross_margin) as decimal(18, 4)) as gross_margin,
        cast(sum(incremental_margin) as decimal(18, 4)) as incremental_margin
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
    cast(promo_margin as double) / nullif(cast(discount_cost as double), 0) as margin_roi,
    cast(incremental_margin as double) / nullif(cast(discount_cost_measured as double), 0) as incremental_roi
from campaigns
order by starts_on, ends_on, segment
