"""The promotions: one row a month and product on offer, with its days, units and prices."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Date, Price, Ratio, column, quantity


class Promo(Contract):
    month: Date = columns.month()
    sku: Count = columns.sku()
    starts_on: Date = columns.starts_on()
    ends_on: Date = columns.ends_on()
    duration_days: Count = column("Length of the promotion, both ends counted.", unit="days", formula="ends_on - starts_on + 1", ge=1)
    units_promo: Count = quantity("Units sold on promotion, as exported.", ge=0)
    offer_price: Price = columns.offer_price()
    list_price: Price = columns.list_price()
    discount_rate: Ratio = columns.discount_rate()

    class Config(Contract.Config):
        unique = ["month", "sku"]
