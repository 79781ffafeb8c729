"""Cells that can be read and do not fit together: one row a row of the export and contradiction. The figures take them as they are."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Date, Price, Text, column, euros, quantity

CONTRADICTIONS = [
    "cost far below the price",
    "cost of 0 with units sold",
    "offer above the list price",
    "offer far below the cost",
    "offer of 0 with units sold",
    "price far below the cost",
    "price of 0 with units sold",
    "promotion of more than three months",
    "promotion outside the month of its key",
]


class Contradictions(Contract):
    source_table: Text = columns.source_table()
    month: Date = columns.month()
    sku: Count = columns.sku()
    contradiction: Text = column("What does not fit.", isin=CONTRADICTIONS)
    price: Price = euros("Price, or price on promotion, of a unit.", additive="no")
    other_price: Price = euros("What it is held against: the list price, or what a unit cost.", additive="no", nullable=True)
    units: Count = quantity("Units sold at that price, or cost, where they are known.", nullable=True)
    starts_on: Date = column("First day of the promotion; null where the row is none.", nullable=True)
    ends_on: Date = column("Last day of the promotion; null where the row is none.", nullable=True)

    class Config(Contract.Config):
        unique = ["source_table", "month", "sku", "contradiction"]
