"""Every column that the export holds: one row a column, and whether this workflow knows it."""

from bottleneck_assets.models.contract import Contract, Flag, Text, column


class ExportColumns(Contract):
    table_name: Text = column("Table, as exported.")
    column_name: Text = column("Column, as exported.")
    declared_type: Text = column("The type that the export declares; SQLite does not enforce it.")
    is_known: Flag = column("Whether this workflow reads the column.")

    class Config(Contract.Config):
        unique = ["table_name", "column_name"]
