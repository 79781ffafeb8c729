"""What revenue and margin rate to expect of a segment in a month: one row a month and segment, with the band that chance explains.

An individuals chart (XmR): the mean of the months, give or take 2.66 times the mean change from one month to the next. Revenue is
first freed of its season. A month outside the band has a cause that is worth finding.
"""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Contract, Date, Ratio, Text, column, euros, ratio

STATES = ["below", "within", "above"]
DEVIATIONS = "3 * (distance from the expected / half the band - 1)"


class SegmentBand(Contract):
    month: Date = columns.month()
    segment: Text = columns.segment()
    revenue: Amount = columns.revenue()
    gross_margin_rate: Ratio = columns.gross_margin_rate()
    seasonal_index: Ratio = ratio("Demand of the month as a multiple of the mean month.", ge=0)
    expected_revenue: Amount = euros(
        "Revenue to expect; null with fewer than 6 months.",
        formula="mean of revenue / seasonal_index * seasonal_index",
        nullable=True,
        ge=0,
    )
    revenue_low: Amount = euros("Revenue below which chance is no explanation.", additive="no", nullable=True, ge=0)
    revenue_high: Amount = euros("Revenue above which chance is no explanation.", additive="no", nullable=True, ge=0)
    revenue_state: Text = column("Where the revenue lies; null without a band.", nullable=True, isin=STATES)
    revenue_deviations: Ratio = column(
        "How far beyond the band; negative within it.", unit="standard deviations", formula=DEVIATIONS, nullable=True
    )
    expected_margin_rate: Ratio = ratio("Margin rate to expect; null with fewer than 6 months.", formula="mean of the rates")
    margin_rate_low: Ratio = ratio("Margin rate below which chance is no explanation.")
    margin_rate_high: Ratio = ratio("Margin rate above which chance is no explanation.")
    margin_state: Text = column("Where the margin rate lies; null without a band.", nullable=True, isin=STATES)
    margin_deviations: Ratio = column(
        "How far beyond the band; negative within it.", unit="standard deviations", formula=DEVIATIONS, nullable=True
    )

    class Config(Contract.Config):
        unique = ["month", "segment"]
