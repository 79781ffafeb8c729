"""Cells that the export leaves empty or writes another way, and what is read in their place: one row a column and treatment."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Text, column, count_of


class Imputation(Contract):
    source_table: Text = columns.source_table()
    column_name: Text = column("Column of the export.")
    treatment: Text = column("What is missing or written another way, and what is read in its place.")
    rows_kept: Count = column("Rows that the cleaned table keeps.", unit="rows", ge=0)
    cells_treated: Count = count_of("rows", "Rows in which the treatment was needed.", ge=0)

    class Config(Contract.Config):
        unique = ["source_table", "column_name", "treatment"]
