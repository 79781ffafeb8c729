"""Tab Stock Turnover: one row a stocked product, its turnover, cover, reorder point and ceiling."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Ratio
from bottleneck_assets.models.kpi.stock_turnover import StockTurnover as Turnover


class StockTurnover(Turnover):
    deviation_monthly_units: Ratio = columns.deviation_monthly_units()
    reorder_point: Ratio = columns.reorder_point()
    stock_ceiling: Ratio = columns.stock_ceiling()
