"""Products that are priced but not in the shop: one row a product of Finance that has no usable row in Web."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, count_of


class ProductsWithoutPage(Contract):
    sku: Count = columns.sku()
    finance_rows: Count = count_of("rows", "Months for which Finance prices it.", ge=1)
    rows_on_sale: Count = count_of("rows", "Of them, those in which it is on sale.", ge=0)

    class Config(Contract.Config):
        unique = ["sku"]
