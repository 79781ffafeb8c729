"""What promotions are compared with: one row a scope and promotion (month and product) that has a baseline.

A promotion is in the scope of its campaign, and in that of the campaign's best-sellers or of its other products. Its baseline is read
from the product's own quiet months, moved to its month by the season of control products. Euros are excl. VAT.
"""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Contract, Count, Date, Price, Text, column, euros, quantity
from bottleneck_assets.models.promotions import promo_group, scope


class PromoComparison(Contract):
    promo_group: Count = promo_group()
    scope: Text = scope()
    segment: Text = columns.segment()
    product_type: Text = columns.product_type()
    starts_on: Date = columns.starts_on()
    ends_on: Date = columns.ends_on()
    month: Date = columns.month()
    sku: Count = columns.sku()
    units: Count = columns.sold_units()
    units_promo: Count = columns.units_promo()
    baseline_units: Price = quantity("Units that the product would have sold without the promotion.", ge=0)
    unit_margin: Price = euros("Margin of a unit at list price.", formula="list_price / (1 + vat_rate) - purchase_price", additive="no")
    discount_cost: Amount = euros("Discount given.", formula="units_promo * (list_price - offer_price) / (1 + vat_rate)")
    gross_margin: Amount = columns.gross_margin()
    incremental_margin: Amount = euros("Margin beyond what the baseline would have earned.")
    quiet_units: Count = quantity("Units sold in the product's months without a promotion.", additive="no", ge=0)
    quiet_months: Text = column("Those months, first to last, parted by commas.")
    control: Text = columns.control()
    control_products: Count = columns.control_products()

    class Config(Contract.Config):
        unique = ["promo_group", "month", "sku"]
