"""Products of which the reporting period is not wholly known: one row a product with a promotion, sale or price in quarantine.

What is in quarantine is unknown, not absent: such a product is no control that was never promoted, and has no baseline.
"""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, count_of


class UnknownProducts(Contract):
    sku: Count = columns.sku()
    promotions: Count = count_of("rows", "Rows of its promotions in quarantine.", ge=0)
    sales: Count = count_of("rows", "Rows of its sales in quarantine.", ge=0)
    prices: Count = count_of("rows", "Rows of its prices in quarantine.", ge=0)

    class Config(Contract.Config):
        unique = ["sku"]
