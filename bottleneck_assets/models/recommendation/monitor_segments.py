"""Monitor segments: one row per month and segment whose margin rate left its band or stepped; one per segment where nothing did.

To look at a month earns nothing by itself: no row claims an effect. `margin_against_band` says how much margin the month is about.
"""

from bottleneck_assets.models.contract import Amount, Count, Ratio, Text, column, euros, ratio
from bottleneck_assets.models.recommended import Recommendation, evidence


class MonitorSegments(Recommendation):
    months: Count = column("Months with sales of the segment.", unit="months", ge=1)
    gross_margin_rate: Ratio = ratio("Margin rate of the month, excl. VAT.")
    expected_margin_rate: Ratio = ratio("Margin rate to expect; from the step on, the new level.")
    margin_rate_low: Ratio = ratio("Margin rate below which chance is no explanation.")
    margin_rate_high: Ratio = ratio("Margin rate above which chance is no explanation.")
    margin_rate_before: Ratio = ratio("The level before a step; null elsewhere.")
    margin_against_band: Amount = euros(
        "Margin that the month brought beyond the expected rate; of a step, what the new level brought in all months since.",
        nullable=True,
    )
    cost_move: Ratio = ratio("Change of the purchase price index against the month before.")
    price_move: Ratio = ratio("Change of the sale price index against the month before.")
    evidence: Text = evidence()
