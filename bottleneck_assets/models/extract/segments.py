"""Tab Segments: revenue, margin, conversion and turnover to date by month and segment."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Contract, Count, Date, Ratio, Text, column, count_of, euros, ratio


class Segments(Contract):
    month: Date = columns.month()
    segment: Text = columns.segment()
    revenue: Amount = columns.revenue()
    revenue_excl_vat: Amount = columns.revenue_excl_vat()
    revenue_share: Ratio = ratio("Share of the month's revenue.", formula="revenue / revenue of all segments", ge=0, le=1)
    units: Count = columns.sold_units()
    gross_margin: Amount = columns.gross_margin()
    units_available: Count = columns.units_available()
    conversion_rate: Ratio = columns.conversion_rate()
    products_sold: Count = count_of("products", "Products of which at least one unit was sold.", additive="but over months", ge=0)
    cogs_to_date: Amount = euros("Cost of the goods sold since the period began, stocked products only.", additive="but over months", ge=0)
    mean_stock_value_to_date: Ratio = column("Mean of the month-end stock values since the period began.", unit="EUR", ge=0)
    turnover_to_date: Ratio = column(
        "How often the stock is sold in a year, at the pace since the period began.",
        unit="turns a year",
        formula="12 / months since the period began * cogs_to_date / mean_stock_value_to_date",
        nullable=True,
        ge=0,
    )

    class Config(Contract.Config):
        unique = ["month", "segment"]
