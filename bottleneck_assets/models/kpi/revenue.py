"""Revenue (chiffre d'affaires) by month and segment, with the month before beside it."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Contract, Date, Text, euros


class Revenue(Contract):
    month: Date = columns.month()
    segment: Text = columns.segment()
    revenue: Amount = columns.revenue()
    revenue_previous_month: Amount = euros(
        "Revenue of the calendar month before; null where the segment had none in the period.", nullable=True, ge=0
    )

    class Config(Contract.Config):
        unique = ["month", "segment"]
