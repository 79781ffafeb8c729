"""What margin rate to expect of a segment in a month: one row per month and segment with stock, with the band that chance explains.

The level is the median of the months without a campaign, give or take 3.14 times the median move from one month to the next (an
individuals chart on medians). Where two levels explain these months better than one, and differ by more than that, the level steps once: a
step is one event, and months are held against their own level. A month outside the band has a cause that is worth finding.
"""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Contract, Date, Flag, Ratio, Text, column, euros, ratio


class SegmentBand(Contract):
    month: Date = columns.month()
    segment: Text = columns.segment()
    revenue_excl_vat: Amount = columns.revenue_excl_vat()
    gross_margin: Amount = columns.gross_margin()
    gross_margin_rate: Ratio = columns.gross_margin_rate()
    has_campaign: Flag = column("Whether products of the segment sold on promotion in the month.")
    expected_margin_rate: Ratio = ratio(
        "Margin rate to expect; null with fewer than 6 months without a campaign.", formula="median of the months without a campaign"
    )
    margin_rate_low: Ratio = ratio("Margin rate below which chance is no explanation.")
    margin_rate_high: Ratio = ratio("Margin rate above which chance is no explanation.")
    margin_state: Text = column("Where the margin rate lies; null without a band.", nullable=True, isin=["below", "within", "above"])
    margin_gap: Amount = euros(
        "Margin of the month beyond that at the expected rate.",
        formula="(gross_margin_rate - expected_margin_rate) * revenue_excl_vat",
        nullable=True,
    )
    is_step: Flag = column("Whether the level steps in this month, to stay there.")
    margin_rate_before: Ratio = ratio("The level before the step; null in other months.")

    class Config(Contract.Config):
        unique = ["month", "segment"]
