"""What promotions lifted and returned, with ranges and a verdict: one row per campaign and product type, and per scope within it.

A range joins two doubts. Chance: promoted and control products are drawn again a thousand times (a bootstrap). The control: on every
month without a promotion the same method should see a lift of 1 (a placebo); how far it strays there, by Student's t for so few months,
is how far it may stray here. The verdict follows from the range of the lift alone: paid or lost where it lies wholly on one side of
the lift that breaks even, else inconclusive. Euros are excl. VAT.
"""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Contract, Count, Date, Price, Ratio, Text, column, count_of, euros, quantity, ratio
from bottleneck_assets.models.promotions import scope

NO_RANGE = "null with fewer than 10 products or controls, or fewer than two quiet months"


class PromoUplift(Contract):
    scope: Text = scope()
    segment: Text = columns.segment()
    product_type: Text = columns.product_type()
    starts_on: Date = column("First day of the campaign.")
    ends_on: Date = column("Last day of the campaign.")
    products: Count = count_of("products", "Products on promotion that have a baseline.", ge=1)
    products_paid: Count = count_of("products", "Those of them whose own promotion earned more than its baseline would have.", ge=0)
    control: Text = columns.control()
    control_products: Count = columns.control_products()
    quiet_months: Count = count_of("months", "Months without a promotion, on which the method was tried as a placebo.", additive="no", ge=0)
    placebo_low: Ratio = ratio("Lowest lift that the method saw in those months, where there was nothing to lift.", gt=0)
    placebo_high: Ratio = ratio("Highest lift that it saw there.", gt=0)
    units: Count = columns.sold_units()
    units_promo: Count = columns.units_promo()
    baseline_units: Price = quantity("Units that they would have sold without promotion.", ge=0)
    lift: Ratio = ratio(
        "Units sold as a multiple of the baseline; 1 means that nothing was lifted.", formula="units / baseline_units", ge=0
    )
    lift_low: Ratio = ratio(f"Lower end of the lift's range; {NO_RANGE}.", ge=0)
    lift_high: Ratio = ratio(f"Upper end of the lift's range; {NO_RANGE}.", ge=0)
    break_even_lift: Ratio = ratio(
        "Lift at which the margin is what it would have been without promotion; null where units were sold at no margin or at a loss.",
        formula="(baseline margin / baseline_units) / (gross_margin / units)",
    )
    discount_cost: Amount = euros("Discount given.", formula="units_promo * (list_price - offer_price) / (1 + vat_rate)")
    incremental_margin: Amount = euros("Margin beyond what the baseline would have earned.")
    incremental_roi: Ratio = ratio(
        "Margin beyond the baseline per euro of discount; -1: the whole discount was lost; null where none was given.",
        formula="incremental_margin / discount_cost",
    )
    incremental_roi_low: Ratio = ratio(f"Lower end of the return's range; {NO_RANGE}.")
    incremental_roi_high: Ratio = ratio(f"Upper end of the return's range; {NO_RANGE}.")
    verdict: Text = column(
        "paid or lost where the whole range of the lift lies above or below break_even_lift, else inconclusive.",
        isin=["paid", "lost", "inconclusive"],
    )
    confidence: Text = column(
        "high: a control of the same product type, and the range that leaves out one in a hundred is on one side too; medium: decided "
        "otherwise; low: inconclusive.",
        isin=["high", "medium", "low"],
    )

    class Config(Contract.Config):
        unique = ["scope", "segment", "product_type", "starts_on", "ends_on"]
