"""Gross margin by month and segment, with the revenue and cost that it comes from."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Contract, Date, Ratio, Text


class GrossMargin(Contract):
    month: Date = columns.month()
    segment: Text = columns.segment()
    revenue: Amount = columns.revenue()
    revenue_excl_vat: Amount = columns.revenue_excl_vat()
    cogs: Amount = columns.cogs()
    gross_margin: Amount = columns.gross_margin()
    gross_margin_rate: Ratio = columns.gross_margin_rate()

    class Config(Contract.Config):
        unique = ["month", "segment"]
