"""Return on campaigns: one row a campaign (same start and end) and segment, as sums over its promotions."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Contract, Count, Date, Price, Ratio, Text, column, euros, quantity, ratio


class PromoCampaign(Contract):
    starts_on: Date = columns.starts_on()
    ends_on: Date = columns.ends_on()
    segment: Text = columns.segment()
    products: Count = column("Products on promotion.", unit="products", ge=1)
    products_without_baseline: Count = column(
        "Products without a baseline: without a quiet month, or without a sales row.", unit="products", ge=0
    )
    units: Count = columns.sold_units(nullable=True)
    units_promo: Count = columns.units_promo(nullable=True)
    baseline_units: Price = quantity(
        "Units that the product would have sold without the promotion.",
        formula="level of its quiet months * seasonal_index of the control group",
        nullable=True,
        ge=0,
    )
    uplift_units: Price = quantity(
        "Units sold beyond the baseline, of the products that have one.", formula="sum of units - baseline_units", nullable=True
    )
    discount_cost: Amount = euros("Discount given.", formula="units_promo * (list_price - offer_price)", nullable=True)
    discount_cost_measured: Amount = euros("Discount given on the products that have a baseline.", nullable=True)
    promo_margin: Amount = euros(
        "Margin on the units sold on promotion.", formula="units_promo * (offer_price - purchase_price)", nullable=True
    )
    gross_margin: Amount = columns.gross_margin(nullable=True)
    incremental_margin: Amount = euros(
        "Margin beyond what the baseline would have earned.",
        formula="gross_margin - baseline_units * (list_price - purchase_price)",
        nullable=True,
    )
    margin_roi: Ratio = ratio(
        "Margin on promoted units per euro of discount; credits the promotion with sales that would have come anyway.",
    )
    incremental_roi: Ratio = ratio(
        "Margin beyond the baseline per euro of discount; -1 means that the whole discount was lost.",
        formula="incremental_margin / discount_cost_measured",
    )

    class Config(Contract.Config):
        unique = ["starts_on", "ends_on", "segment"]
