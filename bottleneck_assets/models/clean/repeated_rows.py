"""Rows of the export whose key stood in an earlier row: one row a repeated row. Copies are dropped, contradictions quarantined."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Flag, Text


class RepeatedRows(Contract):
    source_table: Text = columns.source_table()
    row_number: Count = columns.row_number()
    is_exact_copy: Flag = columns.is_exact_copy()

    class Config(Contract.Config):
        unique = ["source_table", "row_number"]
