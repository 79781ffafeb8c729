"""What the method sees where there is nothing to see: one row per group of promotions and quiet month, which is left out in turn.

The lift of a month without any promotion should be 1. How far it strays says how well the control has the season of the promoted products.
"""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Date, Price, Ratio, quantity, ratio
from bottleneck_assets.models.promotions import promo_group


class PromoPlacebo(Contract):
    promo_group: Count = promo_group()
    month: Date = columns.month()
    units: Count = quantity("Units that the group's products sold in the month.", ge=0)
    baseline_units: Price = quantity("Units that their other quiet months and the control foretell for it.", gt=0)
    placebo_lift: Ratio = ratio("Lift where there was nothing to lift.", formula="max(units, 0.5) / baseline_units", nullable=False, gt=0)

    class Config(Contract.Config):
        unique = ["promo_group", "month"]
