"""The prices of the reporting period: one row a month, segment and product type, with their sums, and what the basket costs at them.

The basket holds the products that are priced in every month, as many units of each as the period sold. Means and Lowe indices of prices,
for any choice of segments and product types, are ratios of sums of these columns.
"""

from typing import Annotated, Any

import pandas as pd
import pyarrow as pa

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Date, Text, count_of, euros

Sum = Annotated[pd.ArrowDtype, pa.decimal128(38, 8)]


def basket(prices: str, price: str) -> Any:
    """Declare what the basket costs."""
    return euros(
        f"What the basket costs at the month's {prices}; null where no product is priced in every month.",
        formula=f"sum({price} * units of the period)",
        additive="but over months",
        nullable=True,
        ge=0,
    )


class BasketCosts(Contract):
    month: Date = columns.month()
    segment: Text = columns.segment()
    product_type: Text = columns.product_type()
    prices: Count = count_of("prices", "Products that are priced in the month.", ge=1)
    purchase_prices: Sum = euros("Their purchase prices, summed: to be divided by `prices`.", ge=0)
    sale_prices: Sum = euros("Their sale prices, summed: to be divided by `prices`.", ge=0)
    purchase_cost: Sum = basket("purchase prices", "purchase_price")
    sale_value: Sum = basket("sale prices", "price")

    class Config(Contract.Config):
        unique = ["month", "segment", "product_type"]
