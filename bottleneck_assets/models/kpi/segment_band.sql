-- one row per month and segment: what to expect of it, and the band of what chance explains (an individuals chart)
with

margins as (
    select
        margin.month,
        margin.segment,
        margin.revenue,
        margin.gross_margin_rate,
        season.seasonal_index,
        euros(ratio(margin.revenue, season.seasonal_index)) as revenue_level,
        exact(margin.gross_margin_rate) as margin_level
    from kpi.gross_margin as margin
    left join kpi.seasonal_index as season on margin.month = season.month and margin.segment = season.segment
),

moves as (
    select
        *,
        abs(revenue_level - lag(revenue_level) over (partition by segment order by month)) as revenue_move,
        abs(margin_level - lag(margin_level) over (partition by segment order by month)) as margin_move
    from margins
),

means as (
    select
        segment,
        count(revenue_level) as revenue_months,
        count(margin_level) as margin_months,
        mean_of(revenue_level) as revenue_level,
        mean_of(revenue_move) as revenue_move,
        mean_of(margin_level) as margin_level,
        mean_of(margin_move) as margin_move
    from moves
    group by segment
),

-- 2.66 mean moves are three standard deviations; where nothing ever moves, a hundredth of the mean; of fewer than 6 months, no band
bands as (
    select
        segment,
        case when revenue_months >= 6 then revenue_level end as revenue_level,
        case when revenue_months >= 6 then greatest(2.66 * revenue_move, 0.01 * revenue_level) end as revenue_half,
        case when margin_months >= 6 then margin_level end as margin_level,
        case when margin_months >= 6 then greatest(2.66 * margin_move, 0.01 * abs(margin_level)) end as margin_half
    from means
),

judged as (
    select
        margins.month,
        margins.segment,
        margins.revenue,
        margins.gross_margin_rate,
        margins.seasonal_index,
        margins.revenue_level - bands.revenue_level as revenue_distance,
        margins.margin_level - bands.margin_level as margin_distance,
        bands.revenue_level,
        bands.revenue_half,
        bands.margin_level,
        bands.margin_half
    from margins
    inner join bands on margins.segment = bands.segment
)

select
    month,
    segment,
    revenue,
    gross_margin_rate,
    seasonal_index,
    euros(revenue_level * seasonal_index) as expected_revenue,
    euros(
        case when revenue_level > revenue_half then revenue_level - revenue_half when revenue_level is not null then 0 end
        * seasonal_index
    ) as revenue_low,
    euros((revenue_level + revenue_half) * seasonal_index) as revenue_high,
    case
        when revenue_distance is null then null
        when revenue_distance < -revenue_half then 'below'
        when revenue_distance > revenue_half then 'above'
        else 'within'
    end as revenue_state,
    3 * (ratio(abs(revenue_distance), revenue_half) - 1) as revenue_deviations,
    margin_level as expected_margin_rate,
    margin_level - margin_half as margin_rate_low,
    margin_level + margin_half as margin_rate_high,
    case
        when margin_distance is null then null
        when margin_distance < -margin_half then 'below'
        when margin_distance > margin_half then 'above'
        else 'within'
    end as margin_state,
    3 * (ratio(abs(margin_distance), margin_half) - 1) as margin_deviations
from judged
order by month, segment
