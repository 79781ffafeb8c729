-- one row per month, segment and measure outside its band; and one per segment with none
with

bands as (
    select
        month,
        segment,
        revenue,
        expected_revenue,
        revenue_low,
        revenue_high,
        revenue_state,
        revenue_deviations,
        gross_margin_rate,
        expected_margin_rate,
        margin_rate_low,
        margin_rate_high,
        margin_state,
        margin_deviations,
        count(*) over (partition by segment) as months
    from kpi.segment_band
),

outside as (
    select
        *,
        case when revenue_state = 'below' then 'revenue_fell' else 'revenue_rose' end as finding,
        revenue_deviations as standard_errors
    from bands
    where revenue_state in ('below', 'above')
    union all
    select
        *,
        case when margin_state = 'below' then 'margin_fell' else 'margin_rose' end as finding,
        margin_deviations as standard_errors
    from bands
    where margin_state in ('below', 'above')
),

quiet as (
    select
        segment,
        max(months) as months,
        case when count(revenue_state) + count(margin_state) > 0 then 'steady' else 'too_short' end as finding
    from bands
    group by segment
    having count(*) filter (where revenue_state in ('below', 'above') or margin_state in ('below', 'above')) = 0
),

found as (
    select
        segment,
        month,
        finding,
        standard_errors,
        months,
        revenue,
        expected_revenue,
        revenue_low,
        revenue_high,
        gross_margin_rate,
        expected_margin_rate,
        margin_rate_low,
        margin_rate_high
    from outside
    union all
    select
        segment,
        cast(null as date) as month,
        finding,
        cast(null as double) as standard_errors,
        months,
        cast(null as decimal(18, 4)) as revenue,
        cast(null as decimal(18, 4)) as expected_revenue,
        cast(null as decimal(18, 4)) as revenue_low,
        cast(null as decimal(18, 4)) as revenue_high,
        cast(null as double) as gross_margin_rate,
        cast(null as double) as expected_margin_rate,
        cast(null as double) as margin_rate_low,
        cast(null as double) as margin_rate_high
    from quiet
),

valued as (
    select
        found.*,
        12 / nullif(cast(reporting_period.months as double), 0) as year_factor
    from found
    cross join clean.reporting_period as reporting_period
)

select
    case when month is null then 'segment' else 'segment, month' end as scope_kind,
    segment || coalesce(
        ', ' || substr(cast(month as varchar), 1, 7) || case when finding like 'revenue%' then ', revenue' else ', margin rate' end, ''
    ) as scope,
    cast(null as bigint) as sku,
    segment,
    month,
    finding,
    case when month is null then 'inconclusive' else 'supported' end as verdict,
    case finding
        when 'margin_fell'
            then cast((expected_margin_rate - gross_margin_rate) * cast(revenue as double) * year_factor as decimal(18, 4))
        when 'revenue_fell'
            then cast(cast(expected_revenue - revenue as double) * greatest(expected_margin_rate, 0) * year_factor as decimal(18, 4))
    end as yearly_effect,
    standard_errors,
    months,
    revenue,
    expected_revenue,
    revenue_low,
    revenue_high,
    gross_margin_rate,
    expected_margin_rate,
    margin_rate_low,
    margin_rate_high,
    'months=' || cast(months as varchar)
    || coalesce('; revenue=' || cast(revenue as varchar), '')
    || coalesce('; expected_revenue=' || cast(expected_revenue as varchar), '')
    || coalesce('; revenue_low=' || cast(revenue_low as varchar), '')
    || coalesce('; revenue_high=' || cast(revenue_high as varchar), '')
    || coalesce('; gross_margin_rate=' || cast(cast(gross_margin_rate as decimal(18, 4)) as varchar), '')
    || coalesce('; expected_margin_rate=' || cast(cast(expected_margin_rate as decimal(18, 4)) as varchar), '')
    || coalesce('; margin_rate_low=' || cast(cast(margin_rate_low as decimal(18, 4)) as varchar), '')
    || coalesce('; margin_rate_high=' || cast(cast(margin_rate_high as decimal(18, 4)) as varchar), '') as evidence
from valued
order by segment, month, finding
