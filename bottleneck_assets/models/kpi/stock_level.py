"""The level of demand: one row a date and stocked product, its units in a mean month, and how its months stray from what that foretells."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Date, Ratio, Text, column, quantity


class StockLevel(Contract):
    as_of: Date = columns.as_of()
    sku: Count = columns.sku()
    segment: Text = columns.segment()
    product_type: Text = columns.product_type()
    months: Count = column("Months used.", unit="months", ge=1)
    units: Count = quantity("Units sold in those months.", additive="no", ge=0)
    level: Ratio = columns.level()
    residual_deviation: Ratio = quantity(
        "How far the units of a month stray from the level times the season; null of one month.",
        formula="square root of the sum of (units - level * season)^2 / (months - 1)",
        additive="no",
        nullable=True,
        ge=0,
    )

    class Config(Contract.Config):
        unique = ["as_of", "sku"]
