"""Promotions that cannot be: one row a month and product with more units in Sales_Offer than in Sales."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Date, Text, quantity


class PromotionsBeyondSales(Contract):
    month: Date = columns.month()
    sku: Count = columns.sku()
    title: Text = columns.title()
    units_sold: Count = quantity("Units sold, as the export's Sales gives them.", ge=0)
    units_offered: Count = quantity("Units sold on promotion, as the export's Promo gives them.", ge=0)
    excess_units: Count = quantity("Units by which the promotion exceeds the sales.", formula="units_offered - units_sold", ge=1)

    class Config(Contract.Config):
        unique = ["month", "sku"]
