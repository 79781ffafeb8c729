"""The jobs: `refresh` makes everything, and one job a group makes that group alone.

Belongs here: which assets a job selects, and what a run by itself is told. Never here: when it runs; schedules and sensors have modules
of their own beside this one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg
from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES

if TYPE_CHECKING:
    from pathlib import Path

GROUPS = ("raw", "clean", "kpi", "recommendation", "extract", "publication")
EXPORT_TAG, SHA256_TAG, PASSED_OVER_TAG = "bottleneck/export", "bottleneck/sha256", "bottleneck/passed_over"

refresh = dg.define_asset_job(
    "refresh", dg.AssetSelection.all(), description="From the export to a new release: every table, every check, every file."
)

JOBS = [
    refresh,
    *(
        dg.define_asset_job(group, dg.AssetSelection.groups(group), description=f"The assets of the group {group}, from what is stored.")
        for group in GROUPS
    ),
]


def refresh_of(export: Path, sha256: str | None, run_key: str | None = None, **tags: str) -> dg.RunRequest:
    """Ask for a refresh from one export, which the run's tags name. If the run is killed, it is tried once more."""
    known = {EXPORT_TAG: export.name, **({SHA256_TAG: sha256} if sha256 else {})}
    return dg.RunRequest(
        run_key,
        run_config={"resources": {"workbench": {"config": {"export": str(export.resolve())}}}},
        tags={**known, "dagster/max_retries": "1", **tags},
    )


def being_run(instance: dg.DagsterInstance) -> list[str]:
    """Return the SHA-256 of the exports that runs are reading, or are waiting to read."""
    unfinished = instance.get_runs(dg.RunsFilter(statuses=NOT_FINISHED_STATUSES))
    return [run.tags[SHA256_TAG] for run in unfinished if SHA256_TAG in run.tags]
