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
        as_number(null) as standard_errors,
        months,
        euros(null) as revenue,
        euros(null) as expected_revenue,
        euros(null) as revenue_low,
        euros(null) as revenue_high,
        as_number(null) as gross_margin_rate,
        as_number(null) as expected_margin_rate,
        as_number(null) as margin_rate_low,
        as_number(null) as margin_rate_high
    from quiet
),

valued as (
    select
        found.*,
        ratio(12, reporting_period.months) as year_factor
    from found
    cross join clean.reporting_period as reporting_period
)

select
    case when month is null then 'segment' else 'segment, month' end as scope_kind,
    segment || coalesce(
        ', ' || substr(as_text(month), 1, 7) || case when finding like 'revenue%' then ', revenue' else ', margin rate' end, ''
    ) as scope,
    as_count(null) as sku,
    segment,
    month,
    finding,
    case when month is null then 'inconclusive' else 'supported' end as verdict,
    case finding
        when 'margin_fell' then euros((expected_margin_rate - gross_margin_rate) * revenue * year_factor)
        when 'revenue_fell' then euros((expected_revenue - revenue) * greatest(expected_margin_rate, 0) * year_factor)
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
    concat_ws(
        '; ',
        figure('months', months),
        figure('revenue', revenue),
        figure('expected_revenue', expected_revenue),
        figure('revenue_low', revenue_low),
        figure('revenue_high', revenue_high),
        figure('gross_margin_rate', rounded(gross_margin_rate)),
        figure('expected_margin_rate', rounded(expected_margin_rate)),
        figure('margin_rate_low', rounded(margin_rate_low)),
        figure('margin_rate_high', rounded(margin_rate_high))
    ) as evidence
from valued
order by segment, month, finding
