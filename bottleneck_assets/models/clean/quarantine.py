"""Rows of the export that cannot be used: one row a row, whole and as exported, with the first reason why."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Text, column


class Quarantine(Contract):
    source_table: Text = columns.source_table()
    row_number: Count = columns.row_number()
    record_key: Text = column("Key of the row, as exported.", nullable=True)
    column_name: Text = column("Column of the export that makes the row unusable.")
    column_value: Text = column("Value of that column, as exported.", nullable=True)
    reason: Text = column("Why the value cannot be used.")
    exported_row: Text = column(
        "The whole row as a line of CSV, in the columns' order of the raw table; bytes that are not text stand as x'C3'."
    )

    class Config(Contract.Config):
        unique = ["source_table", "row_number"]
