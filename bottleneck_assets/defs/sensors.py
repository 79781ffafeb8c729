"""The sensor `new_export`: a new export in the drop folder is refreshed from, once.

Belongs here: asking the folder, handing over what is seen, and asking for the run. Never here: the decision (source/arrivals.py).
"""

from __future__ import annotations

import datetime as dt

import dagster as dg

from bottleneck_assets.defs.jobs import being_run, in_short, passing_over, refresh, refresh_of
from bottleneck_assets.models.acceptance import flaw_of
from bottleneck_assets.release.release import current
from bottleneck_assets.settings import load_settings
from bottleneck_assets.source.arrivals import Memory, decide
from bottleneck_assets.source.exports import fingerprint, is_complete, look

LOOK_EVERY_SECONDS = 5


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
    cursor = decision.memory.to_text()
    arrived = [(one, place) for one, place in ((decision.chosen, ""), (decision.instead, decision.in_place_of)) if one]
    if not arrived:
        return dg.SensorResult(skip_reason=in_short(decision.remarks) or f"Nothing new in {folder}.", cursor=cursor)
    requests = [refresh_of(folder / one.name, one.sha256, one.key, **passing_over(decision.remarks, place)) for one, place in arrived]
    return dg.SensorResult(requests, cursor=cursor)
