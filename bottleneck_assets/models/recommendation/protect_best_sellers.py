"""Protect best-sellers: one row a segment, the discount given on its class A products and what came back."""

from bottleneck_assets.models.contract import Amount, Count, Ratio, Text, count_of, euros, ratio
from bottleneck_assets.models.recommended import Recommendation, evidence


class ProtectBestSellers(Recommendation):
    products_class_a: Count = count_of("products", "Products of class A.", ge=1)
    products_promoted: Count = count_of(
        "products", "Of them, those on promotion in the period that have a baseline; all on promotion where none has.", ge=0
    )
    discount_cost: Amount = euros("Discount given on them, where a baseline tells what they would have sold.", nullable=True)
    incremental_margin: Amount = euros("Margin beyond what the baseline would have earned.", nullable=True)
    incremental_roi: Ratio = ratio("Margin beyond the baseline per euro of discount.")
    incremental_roi_low: Ratio = ratio("Lower end of the return's range.")
    incremental_roi_high: Ratio = ratio("Upper end of the return's range.")
    evidence: Text = evidence()
