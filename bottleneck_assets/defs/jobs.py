"""The jobs: `refresh` makes everything, and one job a group makes that group alone.

Belongs here: which assets a job selects. Never here: when it runs; schedules and sensors have modules of their own beside this one.
"""

from __future__ import annotations

import dagster as dg

GROUPS = ("raw", "clean", "kpi", "extract", "publication")

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
