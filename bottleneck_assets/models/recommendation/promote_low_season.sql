-- one row per campaign and segment: its season against its return; and one per segment without a campaign
with

seasonal_index as (
    select
        month,
        segment,
        seasonal_index
    from kpi.seasonal_index
),

discounts as (
    select
        promo_roi.segment,
        promo_roi.starts_on,
        promo_roi.ends_on,
        promo_roi.month,
        promo_roi.baseline_units,
        promo_roi.discount_cost,
        seasonal_index.seasonal_index
    from kpi.promo_roi as promo_roi
    inner join seasonal_index on promo_roi.month = seasonal_index.month and promo_roi.segment = seasonal_index.segment
),

-- the terms are rounded before they are summed, so that the sum does not depend on the order of rows
seasons as (
    select
        segment,
        starts_on,
        ends_on,
        min(month) as month,
        ratio(total(exact(discount_cost * seasonal_index)), sum(discount_cost)) as season
    from discounts
    where baseline_units is not null
    group by segment, starts_on, ends_on
),

low_seasons as (
    select
        segments.segment,
        euros(coalesce(sum(case when discounts.seasonal_index < 1 then discounts.discount_cost end), 0)) as low_season_discount
    from (select distinct segment from seasonal_index) as segments
    left join discounts on segments.segment = discounts.segment
    group by segments.segment
),

measured as (
    select
        low_seasons.segment,
        low_seasons.low_season_discount,
        uplift.starts_on,
        uplift.ends_on,
        seasons.month,
        seasons.season,
        uplift.products,
        uplift.lift,
        uplift.lift_low,
        uplift.lift_high,
        uplift.discount_cost,
        uplift.incremental_margin,
        uplift.incremental_roi,
        uplift.incremental_roi_low,
        uplift.incremental_roi_high,
        ratio(12, reporting_period.months) as year_factor,
        parameters.interval_factor,
        case
            when uplift.starts_on is null then 'no_promotion'
            when seasons.season >= 1 and uplift.incremental_roi_high < 0 then 'high_lost'
            when seasons.season >= 1 and uplift.incremental_roi_low > 0 then 'high_paid'
            when seasons.season < 1 and uplift.incremental_roi_high < 0 then 'low_lost'
            when seasons.season < 1 and uplift.incremental_roi_low > 0 then 'low_paid'
            else 'unclear'
        end as finding
    from low_seasons
    cross join clean.reporting_period as reporting_period
    cross join raw.parameters as parameters
    left join kpi.promo_uplift as uplift on low_seasons.segment = uplift.segment and uplift.scope = 'campaign'
    left join seasons
        on uplift.segment = seasons.segment and uplift.starts_on = seasons.starts_on and uplift.ends_on = seasons.ends_on
)

select
    case when finding = 'no_promotion' then 'segment' else 'segment, campaign' end as scope_kind,
    segment || coalesce(', ' || as_text(starts_on) || ' to ' || as_text(ends_on), '') as scope,
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
        when finding in ('high_lost', 'high_paid') then euros(-incremental_margin * year_factor)
        when finding in ('low_lost', 'low_paid') then euros(incremental_margin * year_factor)
    end as yearly_effect,
    ratio(abs(incremental_roi), (incremental_roi_high - incremental_roi_low) / (2 * interval_factor)) as standard_errors,
    starts_on,
    ends_on,
    season,
    products,
    lift,
    lift_low,
    lift_high,
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
        figure('products', products),
        figure('lift', rounded(lift)),
        figure('lift_low', rounded(lift_low)),
        figure('lift_high', rounded(lift_high)),
        figure('discount_cost', discount_cost),
        figure('incremental_margin', incremental_margin),
        figure('incremental_roi', rounded(incremental_roi)),
        figure('incremental_roi_low', rounded(incremental_roi_low)),
        figure('incremental_roi_high', rounded(incremental_roi_high)),
        figure('low_season_discount', low_season_discount)
    ) as evidence
from measured
order by segment, starts_on, ends_on
