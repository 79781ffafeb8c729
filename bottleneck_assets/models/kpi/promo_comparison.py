"""What promotions are compared with: one row a scope and promotion (month and product) that has a baseline.

A promotion is in the scope of its campaign and, if its product is of class A, in that of all class A products. Its baseline is read from
the product's own quiet months, moved to its month by the season of control products.
"""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Contract, Count, Date, Price, Text, column, euros, quantity
from bottleneck_assets.models.promotions import ends_on, promo_group, scope, starts_on


class PromoComparison(Contract):
    promo_group: Count = promo_group()
    scope: Text = scope()
    segment: Text = columns.segment()
    starts_on: Date = starts_on()
    ends_on: Date = ends_on()
    month: Date = columns.month()
    sku: Count = columns.sku()
    units: Count = columns.sold_units()
    baseline_units: Price = quantity("Units that the product would have sold without the promotion.", ge=0)
    unit_margin: Price = euros("Margin of a unit at list price.", formula="list_price - purchase_price", additive="no")
    discount_cost: Amount = euros("Discount given.", formula="units_promo * (list_price - offer_price)")
    gross_margin: Amount = columns.gross_margin()
    incremental_margin: Amount = euros("Margin beyond what the baseline would have earned.")
    quiet_units: Count = quantity("Units sold in the product's months without a promotion.", additive="no", ge=0)
    quiet_months: Text = column("Those months, first to last, parted by commas.")
    control: Text = column("Segment of the control products; empty where those of all segments stand in.")
    control_products: Count = column("How many they are.", unit="products", ge=0)

    class Config(Contract.Config):
        unique = ["promo_group", "month", "sku"]
