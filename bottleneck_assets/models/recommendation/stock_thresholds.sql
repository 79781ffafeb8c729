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
        cast(sum(units) as bigint) as units,
        cast(sum(gross_margin) as decimal(18, 4)) as gross_margin
    from clean.sales_in_period
    group by sku
),

-- doubles are rounded before they are summed, so that the sums do not depend on the order of rows
products as (
    select
        thresholds.segment,
        thresholds.state,
        thresholds.stock_end,
        thresholds.stock_value_end,
        thresholds.value_above_ceiling,
        cast(thresholds.reorder_point as decimal(18, 8)) as reorder_point,
        cast(thresholds.stock_ceiling as decimal(18, 8)) as stock_ceiling,
        case
            when thresholds.state = 'below reorder point' and sold.units > 0
                then
                    cast(
                        greatest(thresholds.mean_monthly_units - cast(thresholds.stock_end as double), 0)
                        * greatest(cast(sold.gross_margin as double), 0) / cast(sold.units as double) as decimal(18, 4)
                    )
            else cast('0' as decimal(18, 4))
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
        cast(sum(stock_end) as bigint) as stock_units,
        cast(cast(sum(reorder_point) as decimal(38, 8)) as double) as reorder_units,
        cast(cast(sum(stock_ceiling) as decimal(38, 8)) as double) as ceiling_units,
        cast(sum(stock_value_end) as decimal(18, 4)) as stock_value_end,
        cast(sum(value_above_ceiling) as decimal(18, 4)) as value_above_ceiling,
        cast(sum(margin_at_risk) as decimal(18, 4)) as margin_at_risk
    from products
    group by segment
),

judged as (
    select
        by_segment.*,
        parameters.service_level,
        parameters.carrying_cost_rate,
        cast(by_segment.products_below + by_segment.products_above as double) as out_of_bounds,
        (1 - parameters.service_level) * cast(by_segment.products_judged as double) as expected
    from by_segment
    cross join parameters
)

select
    'segment' as scope_kind,
    segment as scope,
    cast(null as bigint) as sku,
    segment,
    cast(null as date) as month,
    case when products_judged = 0 then 'too_short' when out_of_bounds > expected then 'out_of_bounds' else 'within_bounds' end as finding,
    case when products_judged = 0 then 'inconclusive' when out_of_bounds > expected then 'supported' else 'contradicted' end as verdict,
    case
        when out_of_bounds > expected
            then cast(cast(carrying_cost_rate as decimal(9, 8)) * cast(value_above_ceiling as decimal(28, 4)) + margin_at_risk as decimal(18, 4))
    end as yearly_effect,
    abs(out_of_bounds - expected) / nullif(sqrt(cast(products_judged as double) * (1 - service_level) * service_level), 0) as standard_errors,
    products,
    products_below,
    products_above,
    stock_units,
    reorder_units,
    ceiling_units,
    stock_value_end,
    value_above_ceiling,
    margin_at_risk,
    'products=' || cast(products as varchar)
    || '; products_below=' || cast(products_below as varchar)
    || '; products_above=' || cast(products_above as varchar)
    || '; stock_units=' || cast(stock_units as varchar)
    || coalesce('; reorder_units=' || cast(cast(reorder_units as decimal(18, 4)) as varchar), '')
    || coalesce('; ceiling_units=' || cast(cast(ceiling_units as decimal(18, 4)) as varchar), '')
    || '; stock_value_end=' || cast(stock_value_end as varchar)
    || '; value_above_ceiling=' || cast(value_above_ceiling as varchar)
    || '; margin_at_risk=' || cast(margin_at_risk as varchar) as evidence
from judged
order by segment
