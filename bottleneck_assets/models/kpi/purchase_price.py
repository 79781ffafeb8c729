"""Purchase and sale prices by month and segment: means, and Lowe indices with base 100 in the first month."""

from typing import Any

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Date, Ratio, Text, column


def index(description: str) -> Any:
    """Declare a Lowe index: fixed weights, the period's units, over the products priced in every month."""
    return column(
        description,
        unit="index, first month = 100",
        formula="100 * sum(price of the month * units of the period) / sum(price of the first month * units of the period)",
        nullable=True,
        ge=0,
    )


class PurchasePrice(Contract):
    month: Date = columns.month()
    segment: Text = columns.segment()
    mean_purchase_price: Ratio = column("Mean purchase price of the segment's products.", unit="EUR", ge=0)
    mean_price: Ratio = column("Mean sale price of the segment's products.", unit="EUR", ge=0)
    purchase_price_index: Ratio = index("Purchase prices of the segment.")
    price_index: Ratio = index("Sale prices of the segment.")
    purchase_price_index_all: Ratio = index("Purchase prices of the whole catalogue, repeated in every segment.")
    price_index_all: Ratio = index("Sale prices of the whole catalogue, repeated in every segment.")

    class Config(Contract.Config):
        unique = ["month", "segment"]
