"""Tab Top Products: one row a product sold in the period, by revenue, with its ABC class."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Contract, Count, Ratio, Text, column, ratio


class TopProducts(Contract):
    rank: Count = column("Place by revenue, the largest first.", ge=1)
    sku: Count = columns.sku()
    title: Text = columns.title()
    product_type: Text = columns.product_type()
    segment: Text = columns.segment()
    revenue: Amount = columns.revenue()
    revenue_excl_vat: Amount = columns.revenue_excl_vat()
    units: Count = columns.sold_units()
    gross_margin: Amount = columns.gross_margin()
    revenue_share: Ratio = ratio("Share of the whole revenue.", ge=0, le=1)
    cumulative_revenue_share: Ratio = ratio("Share of the revenue of this product and all above it.", ge=0, le=1)
    abc_class: Text = columns.abc_class()

    class Config(Contract.Config):
        unique = ["sku"]
