"""Tab Stock Turnover: one row a stocked product, its turnover, cover, reorder point and ceiling."""

from bottleneck_assets.models.contract import Ratio, quantity
from bottleneck_assets.models.kpi.stock_turnover import StockTurnover as Turnover


class StockTurnover(Turnover):
    deviation_monthly_units: Ratio = quantity("Standard deviation of the monthly units; null with one month.", nullable=True, ge=0)
    reorder_point: Ratio = quantity(
        "Order when the stock falls to this: a month's mean demand and the safety stock.",
        formula="mean_monthly_units + z * deviation_monthly_units, z the normal quantile of service_level",
        nullable=True,
        ge=0,
    )
    stock_ceiling: Ratio = quantity(
        "Stock beyond this is more than lead time and the month until the next review need.",
        formula="2 * mean_monthly_units + z * deviation_monthly_units * sqrt(2)",
        nullable=True,
        ge=0,
    )
