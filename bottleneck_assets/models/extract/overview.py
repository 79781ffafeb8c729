"""Tab Overview: revenue, cost, margin, units and stock value by month and segment."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Contract, Count, Date, Text


class Overview(Contract):
    month: Date = columns.month()
    segment: Text = columns.segment()
    revenue: Amount = columns.revenue()
    revenue_excl_vat: Amount = columns.revenue_excl_vat()
    cogs: Amount = columns.cogs()
    gross_margin: Amount = columns.gross_margin()
    units: Count = columns.sold_units()
    units_promo: Count = columns.units_promo()
    stock_value_end: Amount = columns.stock_value_end()

    class Config(Contract.Config):
        unique = ["month", "segment"]
