"""Units sold by month and segment, on promotion and at list price."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Date, Text


class SalesVolume(Contract):
    month: Date = columns.month()
    segment: Text = columns.segment()
    units: Count = columns.sold_units()
    units_promo: Count = columns.units_promo()
    units_regular: Count = columns.units_regular()

    class Config(Contract.Config):
        unique = ["month", "segment"]
