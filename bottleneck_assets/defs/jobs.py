"""The jobs: `refresh` makes all but what is made on request, `data_access` makes that too, and one job a group makes that group alone.

Belongs here: which assets a job selects, and what a run by itself is told. Never here: when it runs; schedules and sensors have modules
of their own beside this one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

from bottleneck_assets.defs._dagster_private import NOT_FINISHED_STATUSES
from bottleneck_assets.defs.metadata import document_key
from bottleneck_assets.documents.catalog import ON_REQUEST

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

GROUPS = ("raw", "clean", "kpi", "recommendation", "extract", "presentation", "publication")
EXPORT_TAG, SHA256_TAG = "bottleneck/export", "bottleneck/sha256"
PASSED_OVER_TAG, IN_PLACE_OF_TAG = "bottleneck/passed_over", "bottleneck/in_place_of"
_REMARKS_SHOWN = 5

_ON_REQUEST = dg.AssetSelection.assets(*map(document_key, ON_REQUEST))

refresh = dg.define_asset_job(
    "refresh",
    dg.AssetSelection.all() - _ON_REQUEST,
    description="From the export to a new release: every table, every check, every file; the last data-access report is taken as it is.",
)
data_access = dg.define_asset_job(
    "data_access",
    dg.AssetSelection.all(),
    description="A refresh that measures the ways to the data as well, this workflow among them, for a new data-access report.",
)

JOBS = [
    refresh,
    data_access,
    *(
        dg.define_asset_job(
            group, dg.AssetSelection.groups(group) - _ON_REQUEST, description=f"The assets of the group {group}, from what is stored."
        )
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


def passing_over(remarks: Sequence[str], in_place_of: str = "") -> dict[str, str]:
    """Return the tags by which a run tells what was said of files that it passes over, and the newest of them, if it reads an older one."""
    told = {PASSED_OVER_TAG: in_short(remarks), IN_PLACE_OF_TAG: in_place_of}
    return {tag: said for tag, said in told.items() if said}


def in_short(remarks: Sequence[str]) -> str:
    """Return the first remarks, and how many more there are."""
    more = len(remarks) - _REMARKS_SHOWN
    return " ".join([*remarks[:_REMARKS_SHOWN], *([f"And {more:,} more."] if more > 0 else [])])


def being_run(instance: dg.DagsterInstance) -> list[str]:
    """Return the SHA-256 of the exports that runs are reading, or are waiting to read."""
    unfinished = instance.get_runs(dg.RunsFilter(statuses=NOT_FINISHED_STATUSES))
    return [run.tags[SHA256_TAG] for run in unfinished if SHA256_TAG in run.tags]
