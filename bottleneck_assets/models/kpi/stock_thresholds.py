"""Stock thresholds: one row a stocked product, its reorder point and ceiling, and whether its stock keeps to them."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Contract, Count, Ratio, Text, column, euros, quantity


class StockThresholds(Contract):
    sku: Count = columns.sku()
    title: Text = columns.title()
    segment: Text = columns.segment()
    months: Count = column("Months with a sales row.", unit="months", ge=1)
    stock_end: Count = columns.stock_end()
    stock_value_end: Amount = columns.stock_value_end()
    mean_monthly_units: Ratio = quantity("Mean of the monthly units.", additive="no", ge=0)
    deviation_monthly_units: Ratio = columns.deviation_monthly_units()
    reorder_point: Ratio = columns.reorder_point()
    stock_ceiling: Ratio = columns.stock_ceiling()
    state: Text = column(
        "Where the stock stands; null where there is no threshold.", nullable=True, isin=["below reorder point", "within", "above ceiling"]
    )
    value_above_ceiling: Amount = euros(
        "Value of the stock above its ceiling.", formula="stock_value_end * (1 - stock_ceiling / stock_end)", ge=0
    )

    class Config(Contract.Config):
        unique = ["sku"]
