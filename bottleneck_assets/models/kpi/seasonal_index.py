"""The season by month and segment: demand for products that were never promoted, as a multiple of its mean month."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Date, Flag, Ratio, Text, column, quantity, ratio


class SeasonalIndex(Contract):
    month: Date = columns.month()
    segment: Text = columns.segment()
    is_own_control: Flag = column("Whether the segment has at least 20 control products of its own; else those of all segments stand in.")
    control_products: Count = column(
        "Control products: stocked, never promoted in the period, with a row in each of its months.", unit="products", ge=0
    )
    control_units: Count = quantity("Units sold of the control products.", additive="no", ge=0)
    seasonal_index: Ratio = ratio(
        "Demand of the month as a multiple of the mean month.", formula="control_units / mean over months of control_units", ge=0
    )

    class Config(Contract.Config):
        unique = ["month", "segment"]
