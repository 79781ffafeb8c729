"""Monitor segments: one row a month, segment and measure that left its expected band; one a segment where nothing did."""

from bottleneck_assets.models.contract import Amount, Count, Ratio, Text, column, euros, ratio
from bottleneck_assets.models.recommended import Recommendation, evidence


class MonitorSegments(Recommendation):
    months: Count = column("Months with sales of the segment.", unit="months", ge=1)
    revenue: Amount = euros("Revenue of the month.", nullable=True)
    expected_revenue: Amount = euros("Revenue to expect of the month.", nullable=True)
    revenue_low: Amount = euros("Revenue below which chance is no explanation.", additive="no", nullable=True)
    revenue_high: Amount = euros("Revenue above which chance is no explanation.", additive="no", nullable=True)
    gross_margin_rate: Ratio = ratio("Margin rate of the month.")
    expected_margin_rate: Ratio = ratio("Margin rate to expect.")
    margin_rate_low: Ratio = ratio("Margin rate below which chance is no explanation.")
    margin_rate_high: Ratio = ratio("Margin rate above which chance is no explanation.")
    evidence: Text = evidence()
