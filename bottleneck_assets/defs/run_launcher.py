"""Dagster's own way to launch runs, and the eyes that it lacks: it does not notice that the process of a run was killed.

Belongs here: the health of a run's process. Never here: how a run is launched, which stays Dagster's.
"""

from typing import Any

import dagster as dg
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, WorkerStatus
from dagster._serdes import ConfigurableClassData

from bottleneck_assets.defs.instance import KILLED, is_dead


class WatchingRunLauncher(DefaultRunLauncher):
    """Run monitoring asks it whether a run's process is alive, and reports the run as failed if it is not."""

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData, config_value: Any) -> "WatchingRunLauncher":
        """Make the launcher from its block in dagster.yaml."""
        return cls(inst_data=inst_data, **config_value)

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Tell run monitoring to ask."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Tell whether the process that a run's tags name is alive."""
        return CheckRunHealthResult(WorkerStatus.FAILED, KILLED) if is_dead(run) else CheckRunHealthResult(WorkerStatus.RUNNING)
