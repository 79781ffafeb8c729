"""The basket: one row a product that is priced in every month of the reporting period, with as many units as the period sold.

Price indices, and what rises of prices cost and bring, are weighed by it.
"""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Flag, Text


class Basket(Contract):
    sku: Count = columns.sku()
    segment: Text = columns.segment()
    product_type: Text = columns.product_type()
    is_stocked: Flag = columns.is_stocked()
    units: Count = columns.sold_units()

    class Config(Contract.Config):
        unique = ["sku"]
