-- one row per segment with class A products: what discounts on them cost and brought
with

best_sellers as (
    select
        sku,
        segment
    from kpi.abc_class
    where abc_class = 'A'
),

promoted as (
    select distinct sku
    from kpi.promo_roi
),

by_segment as (
    select
        best_sellers.segment,
        count(*) as products_class_a,
        count(promoted.sku) as products_promoted
    from best_sellers
    left join promoted on best_sellers.sku = promoted.sku
    group by best_sellers.segment
),

measured as (
    select
        by_segment.segment,
        by_segment.products_class_a,
        -- the money is that of the products whose baseline is known; so is their number, where there are any
        coalesce(uplift.products, by_segment.products_promoted) as products_promoted,
        uplift.discount_cost,
        uplift.incremental_margin,
        uplift.incremental_roi,
        uplift.incremental_roi_low,
        uplift.incremental_roi_high,
        ratio(12, reporting_period.months) as year_factor,
        parameters.interval_factor,
        case
            when by_segment.products_promoted = 0 then 'not_promoted'
            when uplift.incremental_roi_high < 0 then 'discount_lost'
            when uplift.incremental_roi_low > 0 then 'discount_paid'
            else 'unclear'
        end as finding
    from by_segment
    cross join clean.reporting_period as reporting_period
    cross join raw.parameters as parameters
    left join kpi.promo_uplift as uplift on by_segment.segment = uplift.segment and uplift.scope = 'class A'
)

select
    'segment' as scope_kind,
    segment as scope,
    as_count(null) as sku,
    segment,
    cast(null as date) as month,
    finding,
    case finding
        when 'discount_lost' then 'supported'
        when 'discount_paid' then 'contradicted'
        else 'inconclusive'
    end as verdict,
    case
        when finding in ('discount_lost', 'discount_paid') then euros(-incremental_margin * year_factor)
    end as yearly_effect,
    ratio(abs(incremental_roi), (incremental_roi_high - incremental_roi_low) / (2 * interval_factor)) as standard_errors,
    products_class_a,
    products_promoted,
    discount_cost,
    incremental_margin,
    incremental_roi,
    incremental_roi_low,
    incremental_roi_high,
    concat_ws(
        '; ',
        figure('products_class_a', products_class_a),
        figure('products_promoted', products_promoted),
        figure('discount_cost', discount_cost),
        figure('incremental_margin', incremental_margin),
        figure('incremental_roi', rounded(incremental_roi)),
        figure('incremental_roi_low', rounded(incremental_roi_low)),
        figure('incremental_roi_high', rounded(incremental_roi_high))
    ) as evidence
from measured
order by segment
