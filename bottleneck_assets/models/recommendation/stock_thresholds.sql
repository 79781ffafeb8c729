-- one row per segment with stocked products: how many are out of bounds now, and what that costs
with

parameters as (
    select
        service_level,
        carrying_cost_rate
    from raw.parameters
),

sold as (
    select
        sku,
        as_count(sum(units)) as units,
        euros(sum(gross_margin)) as gross_margin
    from clean.sales_in_period
    group by sku
),

products as (
    select
        thresholds.segment,
        thresholds.state,
        thresholds.stock_end,
        thresholds.stock_value_end,
        thresholds.value_above_ceiling,
        thresholds.reorder_point,
        thresholds.stock_ceiling,
        case
            when thresholds.state = 'below reorder point' and sold.units > 0
                then euros(greatest(thresholds.mean_monthly_units - thresholds.stock_end, 0) * ratio(greatest(sold.gross_margin, 0), sold.units))
            else euros('0')
        end as margin_at_risk
    from kpi.stock_thresholds as thresholds
    inner join sold on thresholds.sku = sold.sku
),

by_segment as (
    select
        segment,
        count(*) as products,
        count(state) as products_judged,
        count(*) filter (where state = 'below reorder point') as products_below,
        count(*) filter (where state = 'above ceiling') as products_above,
        as_count(sum(stock_end)) as stock_units,
        as_number(total(reorder_point)) as reorder_units,
        as_number(total(stock_ceiling)) as ceiling_units,
        euros(sum(stock_value_end)) as stock_value_end,
        euros(sum(value_above_ceiling)) as value_above_ceiling,
        euros(sum(margin_at_risk)) as margin_at_risk
    from products
    group by segment
),

judged as (
    select
        by_segment.*,
        parameters.service_level,
        parameters.carrying_cost_rate,
        by_segment.products_below + by_segment.products_above as out_of_bounds,
        (1 - parameters.service_level) * by_segment.products_judged as expected
    from by_segment
    cross join parameters
)

select
    'segment' as scope_kind,
    segment as scope,
    as_count(null) as sku,
    segment,
    cast(null as date) as month,
    case when products_judged = 0 then 'too_short' when out_of_bounds > expected then 'out_of_bounds' else 'within_bounds' end as finding,
    case when products_judged = 0 then 'inconclusive' when out_of_bounds > expected then 'supported' else 'contradicted' end as verdict,
    -- the cost of holding what lies above the ceiling belongs to free_cash
    case when out_of_bounds > expected then margin_at_risk end as yearly_effect,
    confidence_of(
        case when products_judged = 0 then 'inconclusive' end,
        ratio(abs(out_of_bounds - expected), sqrt(products_judged * (1 - service_level) * service_level))
    ) as confidence,
    products,
    products_below,
    products_above,
    stock_units,
    reorder_units,
    ceiling_units,
    stock_value_end,
    value_above_ceiling,
    margin_at_risk,
    concat_ws(
        '; ',
        figure('products', products),
        figure('products_below', products_below),
        figure('products_above', products_above),
        figure('stock_units', stock_units),
        figure('reorder_units', rounded(reorder_units)),
        figure('ceiling_units', rounded(ceiling_units)),
        figure('stock_value_end', stock_value_end),
        figure('value_above_ceiling', value_above_ceiling),
        figure('margin_at_risk', margin_at_risk)
    ) as evidence
from judged
order by segment
