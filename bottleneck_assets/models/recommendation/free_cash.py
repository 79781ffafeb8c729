"""Free cash: one row a product with much more stock than the coming months ask for, and one for all that hold a little more.

A product type whose reorder points failed their test is left out: what its demand will be is not known.
"""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Count, Date, Ratio, Text, count_of, euros, quantity
from bottleneck_assets.models.recommended import Recommendation, evidence, least_free_cash


class FreeCash(Recommendation):
    products: Count = count_of("products", "Products of the row.", ge=1)
    stock_date: Date = columns.stock_date()
    stock_on_date: Count = columns.stock_on_date()
    stock_value_on_date: Amount = columns.stock_value_on_date()
    cycle_months: Count = columns.cycle_months(nullable=True)
    stock_ceiling: Ratio = quantity(
        "Units that the coming months ask for, safety stock included: the ceiling of the stock.", additive="no", nullable=True, ge=0
    )
    units_enough: Count = quantity("The same in whole units, rounded up.", additive="no", nullable=True, ge=0)
    value_beyond_cover: Amount = euros(
        "Value of the stock beyond that: cash that is freed once.",
        formula="stock_value_on_date * (1 - stock_ceiling / stock_on_date)",
        ge=0,
    )
    least_free_cash: Amount = least_free_cash()
    evidence: Text = evidence()
