"""The code location, assembled on one page.

Belongs here: the list of everything that Dagster should know. Never here: I/O, branching on the environment, how a thing is made.

Importing this reads no setting: Dagster, or whoever else wants them, calls `defs`.
"""

from __future__ import annotations

import dagster as dg

from bottleneck_assets.defs.alerts import alert_on_failure, alert_on_stale_data
from bottleneck_assets.defs.assets import TABLES
from bottleneck_assets.defs.jobs import JOBS
from bottleneck_assets.defs.publication import access_report, documents, release_asset, tableau_site
from bottleneck_assets.defs.resources import Workbench
from bottleneck_assets.defs.schedules import nightly_schedule
from bottleneck_assets.defs.sensors import new_export
from bottleneck_assets.settings import load_settings


@dg.definitions
def defs() -> dg.Definitions:
    """Return the code location with the settings of the environment. Raises SettingsError if one cannot be used."""
    settings = load_settings()
    return dg.Definitions(
        assets=[*TABLES, documents, access_report, release_asset(settings), tableau_site],
        jobs=JOBS,
        schedules=[nightly_schedule(settings)],
        sensors=[new_export, alert_on_failure, alert_on_stale_data],
        resources={"workbench": Workbench()},
        executor=dg.in_process_executor,  # also for 'Materialize all': a process for each step would cost minutes
    )
