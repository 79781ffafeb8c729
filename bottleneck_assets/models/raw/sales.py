"""The sales ledger as exported: one row a month and product, every cell as text."""

from bottleneck_assets.models.contract import Text
from bottleneck_assets.models.exported import ExportedTable, exported


class Sales(ExportedTable):
    key_sales: Text = exported("Month and product, as 2023-1_15325.")
    sales: Text = exported("Units sold; whether promotion units are among them is the setting promo_units.")
    orders: Text = exported("Units ordered from the supplier; empty for none.")
    stock: Text = exported("Units in stock at the month's end.")
