"""The season of stock: one row a date, product type and month of the year, as a multiple of the mean month.

It is read from the type's own sales in months without promotion over the whole export; where the type was never without one in a month of
the year, from what was sold on promotion, which the row says.
"""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Date, Flag, Ratio, Text, column, quantity, ratio


class StockSeason(Contract):
    as_of: Date = columns.as_of()
    segment: Text = columns.segment()
    product_type: Text = columns.product_type()
    calendar_month: Count = columns.calendar_month()
    months: Count = column("Months of the export that the row rests on.", unit="months", ge=1)
    season_months: Count = columns.season_months()
    units: Count = quantity("Units sold in those months, by the products used.", additive="no", ge=0)
    usual_units: Ratio = quantity("Units that the same products sell in their mean month.", additive="no", ge=0)
    is_promoted: Flag = column("Whether all that is known of the month was sold by products on promotion.")
    season: Ratio = ratio(
        "Demand of the month as a multiple of the mean month; 1 where nothing sells.",
        formula="units / usual_units, divided by its mean over the months of the year",
        nullable=False,
        ge=0,
    )

    class Config(Contract.Config):
        unique = ["as_of", "segment", "product_type", "calendar_month"]
