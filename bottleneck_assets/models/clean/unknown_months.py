"""Months of products that are not wholly known: one row a month and product with a promotion, sale or price in quarantine.

What is in quarantine is unknown, not absent. A row whose month cannot be read may belong to any.
"""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Date, column, count_of


class UnknownMonths(Contract):
    month: Date = column("First day of the month; empty where it cannot be read.", nullable=True)
    sku: Count = columns.sku()
    promotions: Count = count_of("rows", "Rows of its promotions in quarantine.", ge=0)
    sales: Count = count_of("rows", "Rows of its sales in quarantine.", ge=0)
    prices: Count = count_of("rows", "Rows of its prices in quarantine.", ge=0)

    class Config(Contract.Config):
        unique = ["month", "sku"]
