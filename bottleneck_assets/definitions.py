"""The code location, assembled on one page.

Belongs here: the list of everything that Dagster should know. Never here: I/O, branching on the environment, how a thing is made.
"""

from __future__ import annotations

import dagster as dg

from bottleneck_assets.defs.alerts import alert_on_failure, alert_on_stale_data
from bottleneck_assets.defs.assets import TABLES
from bottleneck_assets.defs.jobs import JOBS
from bottleneck_assets.defs.publication import documents, release, tableau_site
from bottleneck_assets.defs.resources import Workbench
from bottleneck_assets.defs.schedules import nightly_refresh
from bottleneck_assets.defs.sensors import new_export

defs = dg.Definitions(
    assets=[*TABLES, documents, release, tableau_site],
    jobs=JOBS,
    schedules=[nightly_refresh],
    sensors=[new_export, alert_on_failure, alert_on_stale_data],
    resources={"workbench": Workbench()},
    executor=dg.in_process_executor,  # also for 'Materialize all': a process for each step would cost minutes
)
