"""Stock that does not balance: one row a month and product whose stock is not stock before + orders - sales."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Date, Flag, column, quantity


class StockLedgerExceptions(Contract):
    month: Date = columns.month()
    sku: Count = columns.sku()
    has_promotion: Flag = column("Whether the product was on promotion in the month.")
    stock_before: Count = quantity("Stock at the end of the month before.", additive="but over months", ge=0)
    supplier_orders: Count = quantity("Units ordered from the supplier.", ge=0)
    units_sold: Count = quantity("Units sold, as the export's Sales gives them.", ge=0)
    units_offered: Count = quantity("Units sold on promotion, as the export's Promo gives them.", ge=0)
    stock_end: Count = columns.stock_end()
    difference_included: Count = quantity(
        "Imbalance if Sales includes the promotion units.", formula="stock_before + supplier_orders - units_sold - stock_end"
    )
    difference_excluded: Count = quantity("Imbalance if Sales excludes the promotion units.", formula="difference_included - units_offered")

    class Config(Contract.Config):
        unique = ["month", "sku"]
