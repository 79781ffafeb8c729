-- one row per product stocked in the period; of one that is gone since, no threshold
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
    thresholds.stock_date,
    thresholds.stock_on_date,
    thresholds.stock_value_on_date,
    thresholds.forecast_units,
    thresholds.deviation_monthly_units,
    thresholds.cycle_months,
    thresholds.reorder_point,
    thresholds.stock_ceiling,
    thresholds.value_above_ceiling
from kpi.stock_turnover as turnover
left join kpi.stock_thresholds as thresholds on turnover.sku = thresholds.sku
order by turnover.sku
