"""The months: one row a month of the price list, with the years it belongs to and whether the KPIs cover it."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Date, Flag, column


class Months(Contract):
    month: Date = columns.month()
    calendar_year: Count = column("Year of the calendar.", unit="year")
    shop_year: Count = column("Year in which BottleNeck's year, October to September, ends.", unit="year")
    is_reported: Flag = column("Whether the month is in the reporting period.")

    class Config(Contract.Config):
        unique = ["month"]
