-- one row per stocked product
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
    thresholds.deviation_monthly_units,
    thresholds.reorder_point,
    thresholds.stock_ceiling
from kpi.stock_turnover as turnover
inner join kpi.stock_thresholds as thresholds on turnover.sku = thresholds.sku
order by turnover.sku
