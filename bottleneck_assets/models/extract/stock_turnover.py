"""Tab Stock Turnover: one row a stocked product, its turnover and cover in the period, and its thresholds on the latest month-end."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Count, Date, Ratio
from bottleneck_assets.models.kpi.stock_turnover import StockTurnover as Turnover


class StockTurnover(Turnover):
    stock_date: Date = columns.stock_date(nullable=True)
    stock_on_date: Count = columns.stock_on_date(nullable=True)
    stock_value_on_date: Amount = columns.stock_value_on_date(nullable=True)
    forecast_units: Ratio = columns.forecast_units()
    deviation_monthly_units: Ratio = columns.deviation_monthly_units()
    cycle_months: Count = columns.cycle_months(nullable=True)
    reorder_point: Ratio = columns.reorder_point()
    stock_ceiling: Ratio = columns.stock_ceiling()
    value_above_ceiling: Amount = columns.value_above_ceiling(nullable=True)
