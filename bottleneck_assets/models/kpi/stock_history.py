"""What stock is planned from: one row a date, month up to it and stocked product, of which every row of the export could be read.

The dates are the latest month-end of the export, which is advised on, and the end of the reporting period where a month follows it: what
would have been advised then is held against that month.
"""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Date, Flag, Text, column


class StockHistory(Contract):
    as_of: Date = columns.as_of()
    month: Date = columns.month()
    calendar_month: Count = columns.calendar_month()
    sku: Count = columns.sku()
    segment: Text = columns.segment()
    product_type: Text = columns.product_type()
    units: Count = columns.sold_units()
    is_promoted: Flag = column("Whether the product was on promotion in the month.")
    is_used: Flag = column(
        "Whether the month says what sells: it had no promotion, or no product of the type was ever without one in that month of the year."
    )

    class Config(Contract.Config):
        unique = ["as_of", "month", "sku"]
