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
            else euros(turnover.stock_value_end * (1 - ratio(parameters.max_cover_months, turnover.months_of_cover)))
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
    title || ' (' || as_text(sku) || ')' as scope,
    sku,
    segment,
    cast(null as date) as month,
    case when months_of_cover is null then 'unsold' else 'slow' end as finding,
    'supported' as verdict,
    euros(at_rate(value_beyond_cover, carrying_cost_rate)) as yearly_effect,
    -- at least one unit in all those months: what never sold has no spread of its own
    confidence_of(
        'supported',
        (ratio(stock_end, max_cover_months) - mean_monthly_units)
        / case
            when deviation_monthly_units is not null
                then greatest(deviation_monthly_units / sqrt(months), ratio(1, months))
        end
    ) as confidence,
    stock_end,
    stock_value_end,
    mean_monthly_units,
    months_of_cover,
    turnover,
    value_beyond_cover,
    max_cover_months,
    concat_ws(
        '; ',
        figure('stock_end', stock_end),
        figure('stock_value_end', stock_value_end),
        figure('mean_monthly_units', rounded(mean_monthly_units)),
        figure('months_of_cover', rounded(months_of_cover)),
        figure('turnover', rounded(turnover)),
        figure('value_beyond_cover', value_beyond_cover),
        figure('max_cover_months', rounded(max_cover_months))
    ) as evidence
from slow
order by value_beyond_cover desc, sku asc
