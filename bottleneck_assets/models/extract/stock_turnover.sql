-- one row per stocked product
with

monthly as (
    select
        sku,
        cast(count(*) as double) as months,
        cast(sum(units) as double) as units,
        cast(sum(units * units) as double) as units_squared
    from clean.sales_in_period
    where is_stocked
    group by sku
),

-- the sample standard deviation from exact whole-number sums, so that it does not depend on the order of rows
spread as (
    select
        sku,
        sqrt((months * units_squared - units * units) / nullif(months * (months - 1), 0)) as deviation_monthly_units
    from monthly
),

parameters as (
    select service_factor
    from raw.parameters
)

select
    turnover.sku,
    turnover.title,
    turnover.product_type,
    turnover.segment,
    turnover.cogs,
    turnover.mean_stock_value,
    turnover.stock_end,
    turnover.stock_value_end,
    turnover.mean_monthly_units,
    turnover.turnover,
    turnover.days_of_stock,
    turnover.months_of_cover,
    spread.deviation_monthly_units,
    -- lead time 1 month; the ceiling also covers the month until the next review
    turnover.mean_monthly_units + parameters.service_factor * spread.deviation_monthly_units as reorder_point,
    2 * turnover.mean_monthly_units + parameters.service_factor * spread.deviation_monthly_units * sqrt(2) as stock_ceiling
from kpi.stock_turnover as turnover
inner join spread on turnover.sku = spread.sku
cross join parameters
order by turnover.sku
