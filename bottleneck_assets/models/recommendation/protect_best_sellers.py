"""Protect best-sellers: one row per campaign and product type, what discounts on best-sellers brought beside its other products.

Product types whose best-sellers were never promoted have a row each. No row claims an effect: the campaign's margin is claimed by
promote_low_season.
"""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Count, Date, Ratio, Text, column, count_of, euros, ratio
from bottleneck_assets.models.recommended import Recommendation, evidence


class ProtectBestSellers(Recommendation):
    product_type: Text = columns.product_type()
    starts_on: Date = column("First day of the campaign; null where none of them was promoted.", nullable=True)
    ends_on: Date = column("Last day of the campaign.", nullable=True)
    best_sellers: Count = count_of("products", "Best-sellers of the product type.", additive="no", ge=1)
    products_promoted: Count = count_of("products", "Of them, those on promotion that have a baseline.", nullable=True, ge=0)
    products_paid: Count = count_of("products", "Of those, the ones that earned more than their baseline.", nullable=True, ge=0)
    lift: Ratio = ratio("Units sold as a multiple of the baseline.", formula="units / baseline_units")
    lift_low: Ratio = ratio("Lower end of the lift's range.")
    lift_high: Ratio = ratio("Upper end of the lift's range.")
    break_even_lift: Ratio = ratio("Lift at which the margin is what it would have been without promotion.")
    lift_of_others: Ratio = ratio("Lift of the campaign's other products of the type.")
    discount_cost: Amount = euros("Discount given on them, excl. VAT.", nullable=True)
    incremental_margin: Amount = euros("Margin beyond what the baseline would have earned, excl. VAT.", nullable=True)
    incremental_roi: Ratio = ratio("Margin beyond the baseline per euro of discount.")
    incremental_roi_low: Ratio = ratio("Lower end of the return's range.")
    incremental_roi_high: Ratio = ratio("Upper end of the return's range.")
    evidence: Text = evidence()
