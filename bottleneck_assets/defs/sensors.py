"""The sensor `new_export`: a new export in the drop folder is refreshed from, once.

Belongs here: asking the folder, handing over what is seen, and asking for the run. Never here: the decision (source/arrivals.py).
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import dagster as dg

from bottleneck_assets.defs.jobs import PASSED_OVER_TAG, being_run, refresh, refresh_of
from bottleneck_assets.models.acceptance import flaw_of
from bottleneck_assets.release.release import current
from bottleneck_assets.settings import load_settings
from bottleneck_assets.source.arrivals import Memory, decide
from bottleneck_assets.source.exports import fingerprint, is_complete, look

if TYPE_CHECKING:
    from collections.abc import Sequence

LOOK_EVERY_SECONDS = 5
_REMARKS_SHOWN = 5


@dg.sensor(
    job=refresh,
    minimum_interval_seconds=LOOK_EVERY_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Refreshes from a new export in the drop folder, as soon as it is complete: one run a content, the newest of several.",
)
def new_export(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Look at the drop folder, and ask for a refresh if there is a new export."""
    settings = load_settings()
    if settings.export:
        return dg.SensorResult(skip_reason=f"The setting export names {settings.export}: the drop folder is not looked at.")
    folder, release = settings.exports_dir, current(settings.extracts_dir)
    decision = decide(
        look(folder),
        Memory.from_text(context.cursor),
        dt.datetime.now(dt.UTC),
        known=[*being_run(context.instance), *([release.manifest.export.sha256] if release else [])],
        is_complete=lambda name: is_complete(folder / name),
        fingerprint=lambda name: fingerprint(folder / name),
        flaw=lambda name: flaw_of(folder / name),
    )
    cursor, remarks = decision.memory.to_text(), _in_short(decision.remarks)
    arrived = [one for one in (decision.chosen, decision.instead) if one]
    if not arrived:
        return dg.SensorResult(skip_reason=remarks or f"Nothing new in {folder}.", cursor=cursor)
    tags = {PASSED_OVER_TAG: remarks} if remarks else {}
    return dg.SensorResult([refresh_of(folder / one.name, one.sha256, one.key, **tags) for one in arrived], cursor=cursor)


def _in_short(remarks: Sequence[str]) -> str:
    more = len(remarks) - _REMARKS_SHOWN
    return " ".join([*remarks[:_REMARKS_SHOWN], *([f"And {more:,} more."] if more > 0 else [])])
