"""Why rows are in quarantine: one row a column of the export and reason, with how many rows it keeps out and their commonest value."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Text, column, count_of


class QuarantineReasons(Contract):
    source_table: Text = columns.source_table()
    column_name: Text = column("Column of the export that makes the rows unusable.")
    reason: Text = column("Why its values cannot be used.")
    row_count: Count = count_of("rows", "Rows in quarantine for it.", ge=1)
    example_value: Text = column("Commonest value of such rows, the first where several are, as exported.", nullable=True)

    class Config(Contract.Config):
        unique = ["source_table", "column_name", "reason"]
