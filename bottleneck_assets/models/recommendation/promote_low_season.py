"""Promote in low season: one row per campaign and product type, its season and what it brought; one per type without any campaign.

A campaign's margin, lost or gained, is claimed here and nowhere else.
"""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Count, Date, Ratio, Text, column, count_of, euros, quantity, ratio
from bottleneck_assets.models.recommended import Recommendation, evidence


class PromoteLowSeason(Recommendation):
    product_type: Text = columns.product_type()
    starts_on: Date = column("First day of the campaign.", nullable=True)
    ends_on: Date = column("Last day of the campaign.", nullable=True)
    season: Ratio = ratio("Seasonal index that its discount was given at; 1 is the mean month.", formula="weighted by discount_cost", ge=0)
    control: Text = columns.control(nullable=True)
    products: Count = count_of("products", "Products on promotion that have a baseline.", nullable=True, ge=1)
    products_paid: Count = count_of("products", "Those of them whose own promotion earned more than its baseline.", nullable=True, ge=0)
    units: Count = columns.sold_units(nullable=True)
    units_at_list_price: Count = quantity("Units of the campaign's months sold outside its days or at list price.", nullable=True, ge=0)
    lift: Ratio = ratio("Units sold as a multiple of the baseline.", formula="units / baseline_units")
    lift_low: Ratio = ratio("Lower end of the lift's range.")
    lift_high: Ratio = ratio("Upper end of the lift's range.")
    break_even_lift: Ratio = ratio("Lift at which the margin is what it would have been without promotion.")
    placebo_low: Ratio = ratio("Lowest lift that the method saw in months without promotion.")
    placebo_high: Ratio = ratio("Highest lift that it saw there.")
    discount_cost: Amount = euros("Discount given, excl. VAT.", nullable=True)
    incremental_margin: Amount = euros("Margin beyond what the baseline would have earned, excl. VAT.", nullable=True)
    incremental_roi: Ratio = ratio("Margin beyond the baseline per euro of discount.")
    incremental_roi_low: Ratio = ratio("Lower end of the return's range.")
    incremental_roi_high: Ratio = ratio("Upper end of the return's range.")
    low_season_discount: Amount = euros("Discount given on the type in months whose seasonal index is below 1.", additive="no")
    evidence: Text = evidence()
