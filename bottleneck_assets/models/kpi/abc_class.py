"""The ABC classes: one row a product sold in the period, by revenue; class A makes the first 80 %."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Contract, Count, Ratio, Text, column, ratio


class AbcClass(Contract):
    rank: Count = column("Place by revenue, the largest first.", ge=1)
    sku: Count = columns.sku()
    title: Text = columns.title()
    segment: Text = columns.segment()
    revenue: Amount = columns.revenue()
    revenue_share: Ratio = ratio("Share of the whole revenue.", ge=0, le=1)
    cumulative_revenue_share: Ratio = ratio("Share of the revenue of this product and all above it.", ge=0, le=1)
    abc_class: Text = columns.abc_class()

    class Config(Contract.Config):
        unique = ["sku"]
