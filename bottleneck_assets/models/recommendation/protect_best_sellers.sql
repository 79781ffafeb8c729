-- one row per campaign and product type with best-sellers: what discounts on them brought beside its other products; and one per type with none
with

best_sellers as (
    select
        segment,
        product_type,
        count(*) as best_sellers
    from kpi.best_seller
    group by segment, product_type
),

named as (
    select
        segment,
        product_type,
        best_sellers,
        type_name(product_type, segment) as name
    from best_sellers
),

uplifts as (
    select
        scope,
        segment,
        product_type,
        starts_on,
        ends_on,
        products,
        products_paid,
        lift,
        lift_low,
        lift_high,
        break_even_lift,
        discount_cost,
        incremental_margin,
        incremental_roi,
        incremental_roi_low,
        incremental_roi_high,
        verdict,
        confidence
    from kpi.promo_uplift
),

uplift as (
    select *
    from uplifts
    where scope = 'best-sellers'
),

others as (
    select *
    from uplifts
    where scope = 'other products'
),

measured as (
    select
        named.segment,
        named.product_type,
        named.name,
        uplift.starts_on,
        uplift.ends_on,
        named.best_sellers,
        uplift.products as products_promoted,
        uplift.products_paid,
        uplift.lift,
        uplift.lift_low,
        uplift.lift_high,
        uplift.break_even_lift,
        others.lift as lift_of_others,
        uplift.discount_cost,
        uplift.incremental_margin,
        uplift.incremental_roi,
        uplift.incremental_roi_low,
        uplift.incremental_roi_high,
        coalesce(uplift.confidence, 'low') as confidence,
        case uplift.verdict
            when 'lost' then 'discount_lost'
            when 'paid' then 'discount_paid'
            when 'inconclusive' then 'unclear'
            else 'not_promoted'
        end as finding
    from named
    left join uplift on named.segment = uplift.segment and named.product_type = uplift.product_type
    left join others
        on
            uplift.segment = others.segment
            and uplift.product_type = others.product_type
            and uplift.starts_on = others.starts_on
            and uplift.ends_on = others.ends_on
)

select
    case when starts_on is null then 'product type' else 'product type, campaign' end as scope_kind,
    name || coalesce(', ' || as_text(starts_on) || ' to ' || as_text(ends_on), '') as scope,
    as_count(null) as sku,
    segment,
    month_of(starts_on) as month,
    finding,
    case finding
        when 'discount_lost' then 'supported'
        when 'discount_paid' then 'contradicted'
        else 'inconclusive'
    end as verdict,
    -- the euros are the campaign's, and promote_low_season claims them
    euros(null) as yearly_effect,
    confidence,
    product_type,
    starts_on,
    ends_on,
    best_sellers,
    products_promoted,
    products_paid,
    lift,
    lift_low,
    lift_high,
    break_even_lift,
    lift_of_others,
    discount_cost,
    incremental_margin,
    incremental_roi,
    incremental_roi_low,
    incremental_roi_high,
    concat_ws(
        '; ',
        figure('starts_on', starts_on),
        figure('ends_on', ends_on),
        figure('best_sellers', best_sellers),
        figure('products_promoted', products_promoted),
        figure('products_paid', products_paid),
        figure('lift', rounded(lift)),
        figure('lift_low', rounded(lift_low)),
        figure('lift_high', rounded(lift_high)),
        figure('break_even_lift', rounded(break_even_lift)),
        figure('lift_of_others', rounded(lift_of_others)),
        figure('discount_cost', discount_cost),
        figure('incremental_margin', incremental_margin),
        figure('incremental_roi', rounded(incremental_roi)),
        figure('incremental_roi_low', rounded(incremental_roi_low)),
        figure('incremental_roi_high', rounded(incremental_roi_high))
    ) as evidence
from measured
order by segment, product_type, starts_on, ends_on
