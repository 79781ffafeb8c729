"""Return on promotions: one row a promotion (month and product), against what it would have sold anyway."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Contract, Count, Date, Price, Ratio, Text, euros, quantity, ratio


class PromoRoi(Contract):
    month: Date = columns.month()
    sku: Count = columns.sku()
    title: Text = columns.title()
    segment: Text = columns.segment()
    starts_on: Date = columns.starts_on()
    ends_on: Date = columns.ends_on()
    units: Count = columns.sold_units(nullable=True)
    units_promo: Count = columns.units_promo(nullable=True)
    baseline_units: Price = quantity(
        "Units that the product would have sold without the promotion.",
        formula="level of its quiet months * seasonal_index of the control group",
        nullable=True,
        ge=0,
    )
    uplift_units: Price = quantity("Units sold beyond the baseline.", formula="units - baseline_units", nullable=True)
    discount_cost: Amount = euros(
        "Discount given, excl. VAT.", formula="units_promo * max(list_price - offer_price, 0) / (1 + vat_rate)", nullable=True
    )
    promo_margin: Amount = euros(
        "Margin on the units sold on promotion, excl. VAT.",
        formula="units_promo * (offer_price / (1 + vat_rate) - purchase_price)",
        nullable=True,
    )
    gross_margin: Amount = columns.gross_margin(nullable=True)
    incremental_margin: Amount = euros(
        "Margin beyond what the baseline would have earned, excl. VAT.",
        formula="gross_margin - baseline_units * (list_price / (1 + vat_rate) - purchase_price)",
        nullable=True,
    )
    margin_roi: Ratio = ratio(
        "Margin on promoted units per euro of discount; credits the promotion with sales that would have come anyway.",
    )
    incremental_roi: Ratio = ratio(
        "Margin beyond the baseline per euro of discount; -1 means that the whole discount was lost.",
    )

    class Config(Contract.Config):
        unique = ["month", "sku"]
