"""The price list as exported: one row a month and product, every cell as text."""

from bottleneck_assets.models.contract import Text
from bottleneck_assets.models.exported import ExportedTable, exported


class Finance(ExportedTable):
    key_finance: Text = exported("Month and product, as 2023-1_15325.")
    date: Text = exported("First day of the month.")
    sku: Text = exported("The shop's number of the product.")
    taxe_statut: Text = exported("WooCommerce tax status: taxable, shipping or none.")
    onsale_web: Text = exported("1 if the shop sold it on the web in the month, else 0.")
    price: Text = exported("Sale price of a unit.")
    purchase_price: Text = exported("Purchase price of a unit.")
