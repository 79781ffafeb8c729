"""Every row of the export's own revenue by segment, typed: one row a row of the export; empty where the export carries no such table."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Contract, Count, Flag, Text, column


class CaParSegmentTyped(Contract):
    row_number: Count = columns.row_number()
    segment: Text = column("Segment of the products.", nullable=True)
    revenue: Amount = column("Revenue as the shop computed it, in euros.", nullable=True)
    is_exact_copy: Flag = columns.is_exact_copy()
    respelled: Text = columns.respelled()
    defect: Text = columns.defect()

    class Config(Contract.Config):
        unique = ["row_number"]
