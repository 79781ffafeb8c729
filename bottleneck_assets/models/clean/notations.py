"""How numbers and dates are written: one row a column, and how its cells, taken together, settle a spelling with two readings."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Text, column, count_of

_MARKS = ["decimal", "grouping", "open"]


class Notations(Contract):
    source_table: Text = columns.source_table()
    column_name: Text = column("Column of the export.")
    comma: Text = column("What a comma before three digits is: a decimal mark, thousands, or open.", isin=_MARKS)
    dot: Text = column("What a dot before three digits is: a decimal mark, thousands, or open.", isin=_MARKS)
    order_of_day: Text = column(
        "Which comes first in a date whose year comes last; open where the column admits both.", isin=["day first", "month first", "open"]
    )
    cells_with_two_readings: Count = count_of("cells", "Cells that by themselves could be read in two ways.", ge=0)

    class Config(Contract.Config):
        unique = ["source_table", "column_name"]
