"""Stock thresholds: one row a product type, its reorder points and ceilings summed, the products out of bounds, and the test of the method.

It claims no euros: what lies above the ceilings is cash that free_cash frees, and what an empty shelf loses in a year no export shows.
"""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Count, Date, Flag, Ratio, Text, column, count_of, euros, quantity, ratio
from bottleneck_assets.models.recommended import Recommendation, evidence


class StockThresholds(Recommendation):
    product_type: Text = columns.product_type()
    stock_date: Date = columns.stock_date()
    products: Count = count_of("products", "Products in stock on the stock date.", ge=1)
    products_unknown: Count = count_of("products", "Of them, those with a row in quarantine, which get no advice.", ge=0)
    products_below: Count = count_of("products", "Products below their reorder point.", ge=0)
    products_above: Count = count_of("products", "Products above their ceiling.", ge=0)
    stock_units: Count = quantity("Units in stock.", ge=0)
    reorder_units: Ratio = quantity("Reorder points of the products, summed; null where none has one.", nullable=True, ge=0)
    ceiling_units: Ratio = quantity("Ceilings of the products, summed; null where none has one.", nullable=True, ge=0)
    stock_value_on_date: Amount = columns.stock_value_on_date()
    value_above_ceiling: Amount = columns.value_above_ceiling()
    margin_at_risk: Amount = euros(
        "Margin of the next month's demand that the stock below reorder points does not cover: a risk of that month, no yearly flow.",
        formula="(forecast_units - stock_on_date) * gross_margin / units, of each product below",
        ge=0,
    )
    cycle_months: Count = columns.cycle_months()
    season_months: Count = column("Months of the year that the season rests on.", unit="months", nullable=True, ge=1, le=12)
    is_season_promoted: Flag = column("Whether a month of the cycle is known only from sales on promotion.")
    tested_in: Date = column("Month that the reorder points were held against out of sample; null where there is none.", nullable=True)
    products_tested: Count = count_of("products", "Products tested in that month.", ge=0)
    products_covered: Count = count_of("products", "Of them, those that sold no more than their reorder point.", ge=0)
    units_tested: Count = quantity("Units that the products tested sold in that month.", ge=0)
    forecast_tested: Ratio = quantity("Units that were foretold of them.", ge=0)
    share_covered: Ratio = ratio("Share of the products covered out of sample.", formula="products_covered / products_tested", ge=0, le=1)
    share_covered_in_sample: Ratio = ratio("Share of products and months covered in sample.", ge=0, le=1)
    is_off_target: Flag = column("Whether the share covered, out of sample where it is tested, lies outside 90 to 99 %.")
    evidence: Text = evidence()
