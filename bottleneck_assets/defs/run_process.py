"""The process that a run lives in: a run says which it is, and one whose process is gone is reported as failed.

Belongs here: telling whether a run's process is alive. Never here: how a process is started or stopped.
"""

from __future__ import annotations

import platform
import time
from pathlib import Path

import dagster as dg
import psutil

PROCESS = ".dagster/bottleneck_process"  # tags that begin so are not shown
CLOCK_STEP_SECONDS = 60
"""How far the clock may be set while a process runs: the time at which it began is told by the clock of now."""
SAYS_SO_SECONDS = 30
"""Within which a run that has begun has said which process it lives in; it takes a moment."""
KILLED = "The process of this refresh was killed. The last release stays in place."


def this_process(run_id: str) -> dict[str, str]:
    """Return the tags by which a run tells the process that it lives in."""
    process = psutil.Process()
    return {PROCESS: f"{run_id} {process.pid} {process.create_time():.0f} {_machine()}"}


def fail_dead_runs(instance: dg.DagsterInstance) -> None:
    """Report as failed the runs whose process is gone: killed, they could not say so, and would count as in progress for ever."""
    for run in instance.get_runs(
        dg.RunsFilter(statuses=[dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED])
    ):
        if is_dead(run) or is_lost(run, instance):
            instance.report_run_failed(run, KILLED)


def is_dead(run: dg.DagsterRun) -> bool:
    """Tell whether the process that a run's tags name is gone.

    Only processes of this machine can be judged, and only what the run says of itself: a second try inherits the tags of the first.
    """
    run_id, pid, created, machine = [*run.tags.get(PROCESS, "").split(maxsplit=3), "", "", "", ""][:4]
    if (run_id, machine) != (run.run_id, _machine()):
        return False
    try:
        return abs(psutil.Process(int(pid)).create_time() - float(created)) > CLOCK_STEP_SECONDS
    except psutil.NoSuchProcess:
        return True


def is_lost(run: dg.DagsterRun, instance: dg.DagsterInstance) -> bool:
    """Tell whether a run began and was killed before it could say which process it lives in."""
    if run.status is not dg.DagsterRunStatus.STARTED or run.tags.get(PROCESS, "").startswith(run.run_id):
        return False
    record = instance.get_run_record_by_id(run.run_id)
    return bool(record and record.start_time and time.time() - record.start_time > SAYS_SO_SECONDS)


def _machine() -> str:
    """Return what a process number belongs to: this machine, and, in a container, its own count of processes."""
    counted = Path("/proc/self/ns/pid")
    return f"{platform.node()} {counted.readlink() if counted.is_symlink() else ''}".strip()
