"""Draws what the ranges are made with: how often each cluster of products is in each resample, and how far a placebo may lead.

Belongs here: the one place where anything is drawn at random. The seed stands here, so the same export gives the same ranges. Never
here: what is resampled; that is SQL (kpi/promo_resample.sql).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bottleneck_assets.engine.arrow_tables import table_of_columns

if TYPE_CHECKING:
    import pyarrow as pa

SEED = 2022
RESAMPLES = 1000
CLUSTERS = 100
MOST_DEGREES = 24
"""Beyond these, Student's t is as good as normal."""


def resampling_weights() -> pa.Table:
    """Return one row a resample and cluster. Poisson(1) draws: what drawing products with replacement comes to, of any number of them."""
    import numpy as np

    rng = np.random.Generator(np.random.PCG64(SEED))
    promoted, control = (rng.poisson(1.0, (RESAMPLES, CLUSTERS)) for _ in range(2))
    resample, cluster = np.divmod(np.arange(RESAMPLES * CLUSTERS), CLUSTERS)
    weights = {"promoted_weight": promoted.ravel(), "control_weight": control.ravel()}
    return table_of_columns({"resample": resample + 1, "cluster": cluster, **weights})


def placebo_draws() -> pa.Table:
    """Return one draw of Student's t a resample and degrees of freedom, from 1 to the most."""
    import numpy as np

    rng = np.random.Generator(np.random.PCG64(SEED + 1))
    deviates = rng.standard_t(np.arange(1, MOST_DEGREES + 1), (RESAMPLES, MOST_DEGREES))
    resample, degrees = np.divmod(np.arange(RESAMPLES * MOST_DEGREES), MOST_DEGREES)
    return table_of_columns({"resample": resample + 1, "degrees": degrees + 1, "deviate": deviates.ravel()})
