"""The shop's own revenue by segment as exported: one row a segment, every cell as text; empty where the export carries none."""

from bottleneck_assets.models.contract import Text
from bottleneck_assets.models.exported import ExportedTable, exported


class CaParSegment(ExportedTable):
    segment: Text = exported("Segment of the products.")
    revenue: Text = exported("Revenue in euros, as the shop computed it.")
