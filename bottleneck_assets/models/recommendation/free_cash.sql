-- one row per stocked product with more cover than is set, or with stock that nobody bought
with

parameters as (
    select
        max_cover_months,
        carrying_cost_rate
    from raw.parameters
),

slow as (
    select
        turnover.sku,
        turnover.title,
        turnover.segment,
        turnover.stock_end,
        turnover.stock_value_end,
        turnover.mean_monthly_units,
        turnover.months_of_cover,
        turnover.turnover,
        thresholds.months,
        thresholds.deviation_monthly_units,
        parameters.max_cover_months,
        parameters.carrying_cost_rate,
        case
            when turnover.months_of_cover is null then turnover.stock_value_end
            else
                cast(
                    cast(turnover.stock_value_end as double) * (1 - parameters.max_cover_months / turnover.months_of_cover)
                    as decimal(18, 4)
                )
        end as value_beyond_cover
    from kpi.stock_turnover as turnover
    inner join kpi.stock_thresholds as thresholds on turnover.sku = thresholds.sku
    cross join parameters
    where
        turnover.months_of_cover > parameters.max_cover_months
        or (turnover.mean_monthly_units = 0 and turnover.stock_end > 0)
)

select
    'product' as scope_kind,
    title || ' (' || cast(sku as varchar) || ')' as scope,
    sku,
    segment,
    cast(null as date) as month,
    case when months_of_cover is null then 'unsold' else 'slow' end as finding,
    'supported' as verdict,
    cast(cast(carrying_cost_rate as decimal(9, 8)) * cast(value_beyond_cover as decimal(28, 4)) as decimal(18, 4)) as yearly_effect,
    -- at least one unit in all those months: what never sold has no spread of its own
    (cast(stock_end as double) / max_cover_months - mean_monthly_units)
    / case
        when deviation_monthly_units is not null
            then greatest(deviation_monthly_units / sqrt(cast(months as double)), 1 / cast(months as double))
    end as standard_errors,
    stock_end,
    stock_value_end,
    mean_monthly_units,
    months_of_cover,
    turnover,
    value_beyond_cover,
    max_cover_months,
    'stock_end=' || cast(stock_end as varchar)
    || '; stock_value_end=' || cast(stock_value_end as varchar)
    || '; mean_monthly_units=' || cast(cast(mean_monthly_units as decimal(18, 4)) as varchar)
    || coalesce('; months_of_cover=' || cast(cast(months_of_cover as decimal(18, 4)) as varchar), '')
    || coalesce('; turnover=' || cast(cast(turnover as decimal(18, 4)) as varchar), '')
    || '; value_beyond_cover=' || cast(value_beyond_cover as varchar)
    || '; max_cover_months=' || cast(cast(max_cover_months as decimal(18, 4)) as varchar) as evidence
from slow
order by value_beyond_cover desc, sku asc
