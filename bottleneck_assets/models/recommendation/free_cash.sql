-- one row per product whose stock is worth much more than the coming months ask for, and one for those of little more
with

parameters as (
    select
        euros(least_free_cash) as least_free_cash,
        carrying_cost_rate
    from raw.parameters
),

-- a type whose reorder points failed their test is left out
beyond as (
    select
        thresholds.sku,
        thresholds.title,
        thresholds.segment,
        thresholds.stock_date,
        thresholds.stock_on_date,
        thresholds.stock_value_on_date,
        thresholds.season_months,
        thresholds.is_season_promoted,
        thresholds.level,
        thresholds.cycle_months,
        thresholds.cycle_units,
        thresholds.deviation_monthly_units,
        thresholds.stock_ceiling,
        thresholds.value_above_ceiling as value_beyond_cover,
        parameters.carrying_cost_rate,
        parameters.least_free_cash,
        thresholds.value_above_ceiling >= parameters.least_free_cash as is_large
    from kpi.stock_thresholds as thresholds
    cross join parameters
    where thresholds.value_above_ceiling > 0 and not thresholds.is_disproved
),

scopes as (
    select
        'product' as scope_kind,
        title || ' (' || as_text(sku) || ')' as scope,
        sku,
        segment,
        case when level = 0 then 'unsold' else 'slow' end as finding,
        -- a unit at least: what never sold does not stray. Where the season is not wholly known, nothing is sure.
        case
            when season_months < 12 or is_season_promoted then 'low'
            else confidence_of('supported', ratio(stock_on_date - cycle_units, greatest(deviation_monthly_units, 1) * sqrt(cycle_months)))
        end as confidence,
        1 as products,
        stock_date,
        stock_on_date,
        stock_value_on_date,
        cycle_months,
        stock_ceiling,
        value_beyond_cover,
        carrying_cost_rate,
        least_free_cash
    from beyond
    where is_large
    union all
    select
        'products' as scope_kind,
        'other products' as scope,
        as_count(null) as sku,
        as_text(null) as segment,
        'small' as finding,
        'low' as confidence,
        count(*) as products,
        stock_date,
        as_count(sum(stock_on_date)) as stock_on_date,
        euros(sum(stock_value_on_date)) as stock_value_on_date,
        as_count(null) as cycle_months,
        as_number(total(stock_ceiling)) as stock_ceiling,
        euros(sum(value_beyond_cover)) as value_beyond_cover,
        carrying_cost_rate,
        least_free_cash
    from beyond
    where not is_large
    group by stock_date, carrying_cost_rate, least_free_cash
)

select
    scope_kind,
    scope,
    sku,
    segment,
    cast(null as date) as month,
    finding,
    'supported' as verdict,
    euros(at_rate(value_beyond_cover, carrying_cost_rate)) as yearly_effect,
    confidence,
    as_count(products) as products,
    stock_date,
    stock_on_date,
    stock_value_on_date,
    cycle_months,
    stock_ceiling,
    as_count(ceil(stock_ceiling)) as units_enough,
    value_beyond_cover,
    least_free_cash,
    concat_ws(
        '; ',
        figure('products', products),
        figure('stock_date', stock_date),
        figure('stock_on_date', stock_on_date),
        figure('stock_value_on_date', stock_value_on_date),
        figure('cycle_months', cycle_months),
        figure('stock_ceiling', rounded(stock_ceiling)),
        figure('units_enough', as_count(ceil(stock_ceiling))),
        figure('value_beyond_cover', value_beyond_cover),
        figure('least_free_cash', least_free_cash)
    ) as evidence
from scopes
order by case when sku is null then 1 else 0 end, value_beyond_cover desc, sku asc
