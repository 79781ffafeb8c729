"""Tab Inflation & Margin: prices, their indices and the margin by month and segment."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Ratio
from bottleneck_assets.models.kpi.purchase_price import PurchasePrice


class InflationMargin(PurchasePrice):
    revenue: Amount = columns.revenue(nullable=True)
    revenue_excl_vat: Amount = columns.revenue_excl_vat(nullable=True)
    cogs: Amount = columns.cogs(nullable=True)
    gross_margin: Amount = columns.gross_margin(nullable=True)
    gross_margin_rate: Ratio = columns.gross_margin_rate()
