"""Revenue by segment: one row a segment, over the reporting period, largest first."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Contract, Text


class CaParSegment(Contract):
    segment: Text = columns.segment()
    revenue: Amount = columns.revenue()

    class Config(Contract.Config):
        unique = ["segment"]
