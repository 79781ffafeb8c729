"""The sales of the reporting period: one row a month and product, with segment, prices and stock value; the KPIs are its sums."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Contract, Count, Date, Flag, Text


class SalesInPeriod(Contract):
    month: Date = columns.month()
    sku: Count = columns.sku()
    segment: Text = columns.segment()
    product_type: Text = columns.product_type()
    is_stocked: Flag = columns.is_stocked()
    units: Count = columns.sold_units()
    units_promo: Count = columns.units_promo()
    units_regular: Count = columns.units_regular()
    stock_end: Count = columns.stock_end()
    stock_value_end: Amount = columns.stock_value_end()
    revenue: Amount = columns.revenue()
    revenue_excl_vat: Amount = columns.revenue_excl_vat()
    cogs: Amount = columns.cogs()
    gross_margin: Amount = columns.gross_margin()

    class Config(Contract.Config):
        unique = ["month", "sku"]
