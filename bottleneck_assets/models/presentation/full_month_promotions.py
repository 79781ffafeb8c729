"""Promotions that ran on every day of their month, and of which half or more was sold at list price: one row a month and product type."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Date, Text, count_of, quantity


class FullMonthPromotions(Contract):
    month: Date = columns.month()
    segment: Text = columns.segment()
    product_type: Text = columns.product_type()
    promotions: Count = count_of("promotions", "Promotions of the type that ran from the first day of the month to its last.", ge=1)
    units: Count = columns.sold_units()
    units_at_list_price: Count = quantity("Of them, those sold at list price.", formula="units - units_promo", ge=0)

    class Config(Contract.Config):
        unique = ["month", "segment", "product_type"]
