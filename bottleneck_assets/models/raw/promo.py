"""The promotions as exported: one row a month and product on offer, every cell as text."""

from bottleneck_assets.models.contract import Text
from bottleneck_assets.models.exported import ExportedTable, exported


class Promo(ExportedTable):
    key_promo: Text = exported("Month and product, as 2023-9_15325.")
    start_date: Text = exported("First day of the offer.")
    end_date: Text = exported("Last day of the offer.")
    sales_offer: Text = exported("Units sold at the offer's price.")
    price_offer: Text = exported("Price of a unit on offer.")
