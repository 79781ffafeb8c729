"""What promotions lifted and returned, with ranges: one row a campaign and segment, and one a segment for its class A products.

The ranges come from a bootstrap: promoted and control products are drawn again a thousand times, each draw gives a lift and a return,
and the middle of them is the range. It says how far chance may have moved the figure; it cannot say whether the control products have
the promoted ones' season.
"""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Contract, Count, Date, Price, Ratio, Text, column, euros, quantity, ratio
from bottleneck_assets.models.promotions import ends_on, scope, starts_on


class PromoUplift(Contract):
    scope: Text = scope()
    segment: Text = columns.segment()
    starts_on: Date = starts_on()
    ends_on: Date = ends_on()
    products: Count = column("Products on promotion that have a baseline.", unit="products", ge=1)
    control_products: Count = column("Control products that their season is read from.", unit="products", ge=0)
    units: Count = columns.sold_units()
    baseline_units: Price = quantity("Units that they would have sold without promotion.", ge=0)
    lift: Ratio = ratio(
        "Units sold as a multiple of the baseline; 1 means that nothing was lifted.", formula="units / baseline_units", ge=0
    )
    lift_low: Ratio = ratio("Lower end of the lift's range; null with fewer than 10 products or controls.", ge=0)
    lift_high: Ratio = ratio("Upper end of the lift's range; null with fewer than 10 products or controls.", ge=0)
    discount_cost: Amount = euros("Discount given.", formula="units_promo * (list_price - offer_price)")
    incremental_margin: Amount = euros("Margin beyond what the baseline would have earned.")
    incremental_roi: Ratio = ratio(
        "Margin beyond the baseline per euro of discount; -1: the whole discount was lost; null where none was given.",
        formula="incremental_margin / discount_cost",
    )
    incremental_roi_low: Ratio = ratio("Lower end of the return's range; null with fewer than 10 products or controls.")
    incremental_roi_high: Ratio = ratio("Upper end of the return's range; null with fewer than 10 products or controls.")

    class Config(Contract.Config):
        unique = ["scope", "segment", "starts_on", "ends_on"]
