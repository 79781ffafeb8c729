"""The season by month and product type: demand for products that were never promoted, as a multiple of its mean month."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Date, Ratio, Text, quantity, ratio


class SeasonalIndex(Contract):
    month: Date = columns.month()
    segment: Text = columns.segment()
    product_type: Text = columns.product_type()
    control: Text = columns.control()
    control_products: Count = columns.control_products()
    control_units: Count = quantity("Units sold of the control products.", additive="no", ge=0)
    seasonal_index: Ratio = ratio(
        "Demand of the month as a multiple of the mean month.", formula="control_units / mean over months of control_units", ge=0
    )

    class Config(Contract.Config):
        unique = ["month", "segment", "product_type"]
