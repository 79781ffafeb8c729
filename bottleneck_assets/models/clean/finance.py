"""The price list: one row a month and product, with sale and purchase price."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Date, Flag, Price, column, euros


class Finance(Contract):
    month: Date = columns.month()
    sku: Count = columns.sku()
    price: Price = euros("Sale price of a unit.", additive="no", ge=0)
    purchase_price: Price = euros("Purchase price of a unit.", additive="no", ge=0)
    is_on_sale: Flag = column("Whether the shop sold it on the web in the month.")
    is_taxable: Flag = column("Whether VAT is due; null where the export gives no tax status.", nullable=True)

    class Config(Contract.Config):
        unique = ["month", "sku"]
