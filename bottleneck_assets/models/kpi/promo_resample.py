"""How far chance moves what promotions lifted and returned: one row a group of promotions and resample.

A resample draws promoted and control products again, with replacement (a bootstrap), and lets the baseline stray as the placebos do: by
their spread times a draw of Student's t. Groups with fewer than two quiet months have none.
"""

from bottleneck_assets.models.contract import Contract, Count, Ratio, column, ratio
from bottleneck_assets.models.promotions import promo_group


class PromoResample(Contract):
    promo_group: Count = promo_group()
    resample: Count = column("Number of the resample, from 1.", ge=1)
    lift: Ratio = ratio("Units sold as a multiple of the baseline.", formula="units / baseline_units * exp(placebo spread * t)", ge=0)
    incremental_roi: Ratio = ratio(
        "Margin beyond the baseline per euro of discount; null where none was given.",
        formula="(gross_margin - baseline_margin / exp(placebo spread * t)) / discount_cost",
    )

    class Config(Contract.Config):
        unique = ["promo_group", "resample"]
