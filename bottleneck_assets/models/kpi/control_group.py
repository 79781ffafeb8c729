"""The control group: one row a product that the season is read from, since no promotion ever moved it."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Text


class ControlGroup(Contract):
    sku: Count = columns.sku()
    segment: Text = columns.segment()
    product_type: Text = columns.product_type()

    class Config(Contract.Config):
        unique = ["sku"]
