-- one row per stocked product: lead time 1 month, and a month until the next review
with

monthly as (
    select
        sku,
        count(*) as months,
        as_count(sum(units)) as units,
        as_count(sum(units * units)) as units_squared
    from clean.sales_in_period
    where is_stocked
    group by sku
),

-- the sample standard deviation from exact whole-number sums, so that it does not depend on the order of rows
spread as (
    select
        sku,
        months,
        sqrt(ratio(months * units_squared - units * units, months * (months - 1))) as deviation_monthly_units
    from monthly
),

parameters as (
    select service_factor
    from raw.parameters
),

thresholds as (
    select
        turnover.sku,
        turnover.title,
        turnover.segment,
        spread.months,
        turnover.stock_end,
        turnover.stock_value_end,
        turnover.mean_monthly_units,
        spread.deviation_monthly_units,
        turnover.mean_monthly_units + parameters.service_factor * spread.deviation_monthly_units as reorder_point,
        2 * turnover.mean_monthly_units + parameters.service_factor * spread.deviation_monthly_units * sqrt(2) as stock_ceiling
    from kpi.stock_turnover as turnover
    inner join spread on turnover.sku = spread.sku
    cross join parameters
),

judged as (
    select
        *,
        case
            when reorder_point is null then null
            when stock_end < reorder_point then 'below reorder point'
            when stock_end > stock_ceiling then 'above ceiling'
            else 'within'
        end as state
    from thresholds
)

select
    sku,
    title,
    segment,
    months,
    stock_end,
    stock_value_end,
    mean_monthly_units,
    deviation_monthly_units,
    reorder_point,
    stock_ceiling,
    state,
    case
        when state = 'above ceiling'
            then euros(stock_value_end * (1 - ratio(stock_ceiling, stock_end)))
        else euros('0')
    end as value_above_ceiling
from judged
order by sku
