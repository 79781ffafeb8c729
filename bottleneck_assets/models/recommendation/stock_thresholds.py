"""Stock thresholds: one row a segment, its reorder points and ceilings summed, and the products that are out of bounds now."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Count, Ratio, Text, count_of, euros, quantity
from bottleneck_assets.models.recommended import Recommendation, evidence


class StockThresholds(Recommendation):
    products: Count = count_of("products", "Stocked products.", ge=1)
    products_below: Count = count_of("products", "Products below their reorder point.", ge=0)
    products_above: Count = count_of("products", "Products above their ceiling.", ge=0)
    stock_units: Count = quantity("Units in stock.", ge=0)
    reorder_units: Ratio = quantity("Reorder points of the products, summed; null where none has one.", nullable=True, ge=0)
    ceiling_units: Ratio = quantity("Ceilings of the products, summed; null where none has one.", nullable=True, ge=0)
    stock_value_end: Amount = columns.stock_value_end()
    value_above_ceiling: Amount = euros("Value of the stock above the products' ceilings.", ge=0)
    margin_at_risk: Amount = euros(
        "Margin of a month's demand that the stock below reorder points does not cover.",
        formula="(mean_monthly_units - stock_end) * gross_margin / units, of each product below",
    )
    evidence: Text = evidence()
