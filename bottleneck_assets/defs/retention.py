"""Keeps the Dagster instance from growing without end: old runs go, as old releases do.

Belongs here: which runs can go. Never here: ticks of schedules and sensors, which dagster.yaml limits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

from bottleneck_assets.defs._dagster_private import FINISHED_STATUSES
from bottleneck_assets.defs.asset_checks import CHECKED, EVALUATED

if TYPE_CHECKING:
    from collections.abc import Iterator

AT_ONCE = 100
"""How many runs one refresh deletes at most, so that none takes long."""


def delete_old_runs(instance: dg.DagsterInstance, keep: int) -> int:
    """Delete the oldest finished runs but the last `keep`, with their events and logs, and return how many went.

    A run stays, however old, while an asset's last materialization or a check's last evaluation is from it.
    """
    too_many = instance.get_runs_count(dg.RunsFilter(statuses=FINISHED_STATUSES)) - keep
    if too_many <= 0:
        return 0
    needed = set(_runs_that_tell_what_is_now(instance))
    oldest = instance.get_run_records(dg.RunsFilter(statuses=FINISHED_STATUSES), limit=min(too_many, AT_ONCE), ascending=True)
    old = [record.dagster_run.run_id for record in oldest if record.dagster_run.run_id not in needed]
    for run_id in old:
        instance.delete_run(run_id)
        instance.compute_log_manager.delete_logs(prefix=[run_id])
    return len(old)


def _runs_that_tell_what_is_now(instance: dg.DagsterInstance) -> Iterator[str]:
    for record in instance.get_asset_records():
        if last := record.asset_entry.last_materialization_record:
            yield last.run_id
    for key in CHECKED:
        for evaluation in instance.event_log_storage.get_asset_check_execution_history(key, limit=1, status=EVALUATED):
            yield evaluation.run_id
