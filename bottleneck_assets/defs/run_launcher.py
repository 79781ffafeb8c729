"""Dagster's own way to launch runs, and the eyes that it lacks: it does not notice that the process of a run was killed.

Belongs here: the health of a run's process. Never here: how a run is launched, which stays Dagster's.
"""

import os
from pathlib import Path
from typing import Any

import dagster as dg

from bottleneck_assets.defs._dagster_private import CheckRunHealthResult, ConfigurableClassData, DefaultRunLauncher, WorkerStatus
from bottleneck_assets.defs.instance import CODE_SOCKET, code_server_answers
from bottleneck_assets.defs.run_process import KILLED, is_dead, is_lost


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
        """Tell whether the process that a run's tags name is alive; a run that names none for long has lost it.

        While the code server is away nothing is told: the run would be tried again at once, which needs the code server, and given up.
        """
        if (is_dead(run) or is_lost(run, self._instance)) and self._code_server_answers():
            return CheckRunHealthResult(WorkerStatus.FAILED, KILLED)
        return CheckRunHealthResult(WorkerStatus.RUNNING)

    def _code_server_answers(self) -> bool:
        if os.name != "posix":  # every process loads the code by itself
            return True
        return code_server_answers(Path(self._instance.root_directory) / CODE_SOCKET)
