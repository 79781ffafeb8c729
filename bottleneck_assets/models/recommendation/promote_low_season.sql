-- one row per campaign and product type: its season against its return; and one per product type without a campaign
with

seasonal_index as (
    select
        month,
        segment,
        product_type,
        seasonal_index
    from kpi.seasonal_index
),

discounts as (
    select
        promo_roi.segment,
        web.product_type,
        promo_roi.starts_on,
        promo_roi.ends_on,
        promo_roi.month,
        promo_roi.baseline_units,
        promo_roi.discount_cost,
        seasonal_index.seasonal_index
    from kpi.promo_roi as promo_roi
    inner join clean.web as web on promo_roi.sku = web.sku
    inner join seasonal_index
        on
            promo_roi.month = seasonal_index.month
            and promo_roi.segment = seasonal_index.segment
            and web.product_type = seasonal_index.product_type
),

seasons as (
    select
        segment,
        product_type,
        starts_on,
        ends_on,
        min(month) as month,
        ratio(total(discount_cost * seasonal_index), sum(discount_cost)) as season
    from discounts
    where baseline_units is not null
    group by segment, product_type, starts_on, ends_on
),

stocked_types as (
    select distinct
        segment,
        product_type
    from clean.sales_in_period
    where is_stocked
),

types as (
    select
        segment,
        product_type,
        type_name(product_type, segment) as name
    from stocked_types
),

low_seasons as (
    select
        types.segment,
        types.product_type,
        types.name,
        euros(coalesce(sum(case when discounts.seasonal_index < 1 then discounts.discount_cost end), 0)) as low_season_discount
    from types
    left join discounts on types.segment = discounts.segment and types.product_type = discounts.product_type
    group by types.segment, types.product_type, types.name
),

measured as (
    select
        low_seasons.segment,
        low_seasons.product_type,
        low_seasons.name,
        low_seasons.low_season_discount,
        uplift.starts_on,
        uplift.ends_on,
        seasons.month,
        seasons.season,
        uplift.control,
        uplift.products,
        uplift.products_paid,
        uplift.units,
        uplift.units - uplift.units_promo as units_at_list_price,
        uplift.lift,
        uplift.lift_low,
        uplift.lift_high,
        uplift.break_even_lift,
        uplift.placebo_low,
        uplift.placebo_high,
        uplift.discount_cost,
        uplift.incremental_margin,
        uplift.incremental_roi,
        uplift.incremental_roi_low,
        uplift.incremental_roi_high,
        coalesce(uplift.confidence, 'low') as confidence,
        ratio(12, reporting_period.months) as year_factor,
        case
            when uplift.starts_on is null then 'no_promotion'
            when uplift.verdict = 'inconclusive' or seasons.season is null then 'unclear'
            when seasons.season >= 1 and uplift.verdict = 'lost' then 'high_lost'
            when seasons.season >= 1 then 'high_paid'
            when uplift.verdict = 'lost' then 'low_lost'
            else 'low_paid'
        end as finding
    from low_seasons
    cross join clean.reporting_period as reporting_period
    left join kpi.promo_uplift as uplift
        on low_seasons.segment = uplift.segment and low_seasons.product_type = uplift.product_type and uplift.scope = 'campaign'
    left join seasons
        on
            uplift.segment = seasons.segment
            and uplift.product_type = seasons.product_type
            and uplift.starts_on = seasons.starts_on
            and uplift.ends_on = seasons.ends_on
)

select
    case when finding = 'no_promotion' then 'product type' else 'product type, campaign' end as scope_kind,
    name || coalesce(', ' || as_text(starts_on) || ' to ' || as_text(ends_on), '') as scope,
    as_count(null) as sku,
    segment,
    month,
    finding,
    case
        when finding in ('high_lost', 'low_paid') then 'supported'
        when finding in ('high_paid', 'low_lost') then 'contradicted'
        else 'inconclusive'
    end as verdict,
    -- not to promote in high season saves what was lost there, or forgoes what was gained; in low season it is the other way round
    case
        when finding in ('high_lost', 'high_paid') then yearly_euros(-incremental_margin, year_factor)
        when finding in ('low_lost', 'low_paid') then yearly_euros(incremental_margin, year_factor)
    end as yearly_effect,
    confidence,
    product_type,
    starts_on,
    ends_on,
    season,
    control,
    products,
    products_paid,
    units,
    units_at_list_price,
    lift,
    lift_low,
    lift_high,
    break_even_lift,
    placebo_low,
    placebo_high,
    discount_cost,
    incremental_margin,
    incremental_roi,
    incremental_roi_low,
    incremental_roi_high,
    low_season_discount,
    concat_ws(
        '; ',
        figure('starts_on', starts_on),
        figure('ends_on', ends_on),
        figure('season', rounded(season)),
        figure('control', control),
        figure('products', products),
        figure('products_paid', products_paid),
        figure('units', units),
        figure('units_at_list_price', units_at_list_price),
        figure('lift', rounded(lift)),
        figure('lift_low', rounded(lift_low)),
        figure('lift_high', rounded(lift_high)),
        figure('break_even_lift', rounded(break_even_lift)),
        figure('placebo_low', rounded(placebo_low)),
        figure('placebo_high', rounded(placebo_high)),
        figure('discount_cost', discount_cost),
        figure('incremental_margin', incremental_margin),
        figure('incremental_roi', rounded(incremental_roi)),
        figure('incremental_roi_low', rounded(incremental_roi_low)),
        figure('incremental_roi_high', rounded(incremental_roi_high)),
        figure('low_season_discount', low_season_discount)
    ) as evidence
from measured
order by segment, product_type, starts_on, ends_on
