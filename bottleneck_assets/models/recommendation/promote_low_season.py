"""Promote in low season: one row a campaign and segment, its season and what it brought; one a segment without any campaign."""

from bottleneck_assets.models.contract import Amount, Count, Date, Ratio, Text, column, euros, ratio
from bottleneck_assets.models.recommended import Recommendation, evidence


class PromoteLowSeason(Recommendation):
    starts_on: Date = column("First day of the campaign.", nullable=True)
    ends_on: Date = column("Last day of the campaign.", nullable=True)
    season: Ratio = ratio("Seasonal index that its discount was given at; 1 is the mean month.", formula="weighted by discount_cost", ge=0)
    products: Count = column("Products on promotion that have a baseline.", unit="products", nullable=True, ge=1)
    lift: Ratio = ratio("Units sold as a multiple of the baseline.", formula="units / baseline_units")
    lift_low: Ratio = ratio("Lower end of the lift's range.")
    lift_high: Ratio = ratio("Upper end of the lift's range.")
    discount_cost: Amount = euros("Discount given.", nullable=True)
    incremental_margin: Amount = euros("Margin beyond what the baseline would have earned.", nullable=True)
    incremental_roi: Ratio = ratio("Margin beyond the baseline per euro of discount.")
    incremental_roi_low: Ratio = ratio("Lower end of the return's range.")
    incremental_roi_high: Ratio = ratio("Upper end of the return's range.")
    low_season_discount: Amount = euros("Discount given in the segment in months whose seasonal index is below 1.", additive="no")
    evidence: Text = evidence()
