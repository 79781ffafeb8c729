"""How often each cluster of products is drawn in each resample of the bootstrap: one row a resample and cluster, the same for ever."""

from bottleneck_assets.models.contract import Contract, Count, column
from bottleneck_assets.models.resampling import CLUSTERS, RESAMPLES


class ResamplingWeights(Contract):
    resample: Count = column("Number of the resample.", ge=1, le=RESAMPLES)
    cluster: Count = column("Number of the cluster; a product's place modulo their number.", ge=0, lt=CLUSTERS)
    promoted_weight: Count = column("How often a cluster of promoted products is drawn.", formula="Poisson(1)", ge=0)
    control_weight: Count = column("How often a cluster of control products is drawn.", formula="Poisson(1)", ge=0)

    class Config(Contract.Config):
        unique = ["resample", "cluster"]
