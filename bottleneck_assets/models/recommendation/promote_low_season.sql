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
        cast(cast(sum(cast(cast(discount_cost as double) * seasonal_index as decimal(18, 8))) as decimal(38, 8)) as double)
        / nullif(cast(cast(sum(discount_cost) as decimal(18, 4)) as double), 0) as season
    from discounts
    where baseline_units is not null
    group by segment, starts_on, ends_on
),

low_seasons as (
    select
        segments.segment,
        cast(
            coalesce(sum(case when discounts.seasonal_index < 1 then discounts.discount_cost end), cast('0' as decimal(18, 4)))
            as decimal(18, 4)
        ) as low_season_discount
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
        12 / nullif(cast(reporting_period.months as double), 0) as year_factor,
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
    segment || coalesce(', ' || cast(starts_on as varchar) || ' to ' || cast(ends_on as varchar), '') as scope,
    cast(null as bigint) as sku,
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
        when finding in ('high_lost', 'high_paid') then cast(-cast(incremental_margin as double) * year_factor as decimal(18, 4))
        when finding in ('low_lost', 'low_paid') then cast(cast(incremental_margin as double) * year_factor as decimal(18, 4))
    end as yearly_effect,
    abs(incremental_roi) / nullif((incremental_roi_high - incremental_roi_low) / (2 * interval_factor), 0) as standard_errors,
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
    coalesce('starts_on=' || cast(starts_on as varchar) || '; ends_on=' || cast(ends_on as varchar) || '; ', '')
    || coalesce('season=' || cast(cast(season as decimal(18, 4)) as varchar) || '; ', '')
    || coalesce('products=' || cast(products as varchar) || '; ', '')
    || coalesce('lift=' || cast(cast(lift as decimal(18, 4)) as varchar) || '; ', '')
    || coalesce('lift_low=' || cast(cast(lift_low as decimal(18, 4)) as varchar) || '; ', '')
    || coalesce('lift_high=' || cast(cast(lift_high as decimal(18, 4)) as varchar) || '; ', '')
    || coalesce('discount_cost=' || cast(discount_cost as varchar) || '; ', '')
    || coalesce('incremental_margin=' || cast(incremental_margin as varchar) || '; ', '')
    || coalesce('incremental_roi=' || cast(cast(incremental_roi as decimal(18, 4)) as varchar) || '; ', '')
    || coalesce('incremental_roi_low=' || cast(cast(incremental_roi_low as decimal(18, 4)) as varchar) || '; ', '')
    || coalesce('incremental_roi_high=' || cast(cast(incremental_roi_high as decimal(18, 4)) as varchar) || '; ', '')
    || 'low_season_discount=' || cast(low_season_discount as varchar) as evidence
from measured
order by segment, starts_on, ends_on
