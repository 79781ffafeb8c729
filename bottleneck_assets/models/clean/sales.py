"""The sales: one row a month and product, with units, stock, revenue, cost and margin."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Contract, Count, Date, Ratio, quantity


class Sales(Contract):
    month: Date = columns.month()
    sku: Count = columns.sku()
    units: Count = columns.sold_units()
    units_promo: Count = columns.units_promo()
    units_regular: Count = columns.units_regular()
    supplier_orders: Count = quantity("Units ordered from the supplier; 0 where the export is empty.", ge=0)
    stock_end: Count = columns.stock_end()
    revenue: Amount = columns.revenue()
    cogs: Amount = columns.cogs()
    gross_margin: Amount = columns.gross_margin()
    gross_margin_rate: Ratio = columns.gross_margin_rate()
    conversion_rate: Ratio = columns.conversion_rate()

    class Config(Contract.Config):
        unique = ["month", "sku"]
