"""The dashboard's promotions: one row a promotion that it shows by itself, and one a campaign and group of products of the others.

The 2,500 with the largest discounts are shown by themselves; in a row of several, `sku` is null.
"""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Contract, Count, Date, Price, Ratio, Text, column, count_of, euros, quantity
from bottleneck_assets.models.presentation.products import abc_class, cover_band


class DashboardPromotions(Contract):
    month: Date = columns.month()
    starts_on: Date = columns.starts_on()
    ends_on: Date = columns.ends_on()
    segment: Text = columns.segment()
    product_type: Text = columns.product_type()
    abc_class: Text = abc_class()
    cover_band: Text = cover_band()
    sku: Count = column("The shop's number of the product; null for several promotions.", nullable=True, ge=0)
    title: Text = column("Name of the product, its first 200 characters; null for several promotions.", nullable=True)
    discount_rate: Ratio = columns.discount_rate()
    list_price: Price = euros("Price of a unit without promotion; null for several.", additive="no", nullable=True, ge=0)
    offer_price: Price = euros("Price of a unit on promotion; null for several.", additive="no", nullable=True, ge=0)
    units: Count = columns.sold_units(nullable=True)
    units_promo: Count = columns.units_promo(nullable=True)
    baseline_units: Price = quantity("Units that would have been sold without promotion.", nullable=True, ge=0)
    uplift_units: Price = quantity("Units beyond the baseline.", formula="units - baseline_units", nullable=True)
    units_measured: Count = quantity("Units sold of the promotions that have a baseline.", nullable=True, ge=0)
    discount_cost: Amount = euros("Discount given.", formula="units_promo * (list_price - offer_price)", nullable=True)
    promo_margin: Amount = euros(
        "Margin on the units sold on promotion.", formula="units_promo * (offer_price - purchase_price)", nullable=True
    )
    incremental_margin: Amount = euros("Margin beyond what the baseline would have earned.", nullable=True)
    discount_measured: Amount = euros("Discount given on the promotions that have a baseline.", nullable=True)
    promotions: Count = count_of("promotions", "Promotions in the row.", ge=1)

    class Config(Contract.Config):
        unique = ["month", "starts_on", "ends_on", "segment", "product_type", "abc_class", "cover_band", "sku"]
