"""Draws the weights of the bootstrap: how often each cluster of products is in each resample.

Belongs here: the one place where anything is drawn at random. The seed stands here, so the same export gives the same ranges. Never
here: what is resampled; that is SQL (kpi/promo_resample.sql).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

SEED = 2022
RESAMPLES = 1000
CLUSTERS = 100


def resampling_weights() -> pa.Table:
    """Return one row a resample and cluster. Poisson(1) draws: what drawing products with replacement comes to, of any number of them."""
    import numpy as np
    import pyarrow as pa

    rng = np.random.Generator(np.random.PCG64(SEED))
    promoted, control = (rng.poisson(1.0, (RESAMPLES, CLUSTERS)) for _ in range(2))
    resample, cluster = np.divmod(np.arange(RESAMPLES * CLUSTERS), CLUSTERS)
    return pa.table(
        {
            "resample": resample + 1,
            "cluster": cluster,
            "promoted_weight": promoted.ravel(),
            "control_weight": control.ravel(),
        }
    )
