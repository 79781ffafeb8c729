"""Where the stock is off most: one row a month and product, of the ten rows off by most and the ten products off most often."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Date, Text, column, quantity


class UnbalancedStock(Contract):
    month: Date = columns.month()
    sku: Count = columns.sku()
    title: Text = columns.title()
    stock_before: Count = quantity("Stock at the end of the month before.", additive="but over months", ge=0)
    supplier_orders: Count = quantity("Units ordered from the supplier.", ge=0)
    units_sold: Count = quantity("Units sold, as the export's Sales gives them.", ge=0)
    units_offered: Count = quantity("Units sold on promotion, as the export's Promo gives them.", ge=0)
    stock_end: Count = columns.stock_end()
    units_off: Count = quantity(
        "Stock beyond what is expected; negative where some is missing.",
        formula="stock_end - (stock_before + supplier_orders - units_sold); - units_offered too where promo_units is excluded",
    )
    row_place: Count = column("Place of the row by how far it is off.", ge=1)
    product_place: Count = column("Place of the product by the months in which it is off.", ge=1)

    class Config(Contract.Config):
        unique = ["month", "sku"]
