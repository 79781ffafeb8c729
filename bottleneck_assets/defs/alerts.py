"""The sensors that tell people: a refresh failed, or no release has been made for too long.

Belongs here: noticing it, once. Never here: what an alert says and how it is sent (alerting/).
"""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import dagster as dg

from bottleneck_assets.alerting.channels import channels, send
from bottleneck_assets.alerting.message import Alert, failed_run, stale_data
from bottleneck_assets.defs._dagster_private import FreshnessState
from bottleneck_assets.defs.jobs import EXPORT_TAG, SHA256_TAG
from bottleneck_assets.defs.publication import RELEASE
from bottleneck_assets.defs.reasons import why_it_failed
from bottleneck_assets.errors import AlertError
from bottleneck_assets.release.manifest import DamagedError, GoneError
from bottleneck_assets.release.release import newest
from bottleneck_assets.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

LOOK_EVERY_SECONDS = 15
OWED_FOR = dt.timedelta(days=1)
"""How long an alert that could not be sent is tried again, at every look."""
OVERLAP = dt.timedelta(minutes=10)
"""How far each look goes back behind the last one: a run that has just failed may not have been written down yet."""
NOBODY = "Nobody is told: neither alert_email_to nor slack_webhook_url nor teams_webhook_url is set."
_STATES = {FreshnessState.WARN: "late", FreshnessState.FAIL: "stale"}


@dg.sensor(
    minimum_interval_seconds=LOOK_EVERY_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Sends one alert for each run that fails: by a bad export, a blocking check or a crash that is not tried again.",
)
def alert_on_failure(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Tell why runs failed. Not a run failure sensor: that forgets an alert which could not be sent, and runs of the command line."""
    settings, now = load_settings(), dt.datetime.now(dt.UTC)
    memory = json.loads(context.cursor) if context.cursor else {"begun": now.timestamp(), "until": now.timestamp(), "told": {}, "owed": {}}
    again = memory["until"] - OVERLAP.total_seconds()
    alerted: dict[str, float] = {run_id: ended for run_id, ended in memory["told"].items() if ended > again - OVERLAP.total_seconds()}
    owed: dict[str, list[str]] = memory["owed"]
    for record in context.instance.get_run_records(_failed_since(again)):
        run, ended = record.dagster_run, record.end_time or 0
        if ended > memory["begun"] and run.run_id not in alerted and run.tags.get("dagster/will_retry") != "true":
            alerted[run.run_id], owed[run.run_id] = ended, sorted(channels(settings))
    outcome = "No run has failed." if channels(settings) else NOBODY
    if owed:  # one a look, the first of the queue: each may wait for a slow server
        outcome = _settle(context, settings, owed, next(iter(owed)), now)
    cursor = json.dumps({**memory, "until": now.timestamp(), "told": alerted, "owed": owed})
    return dg.SensorResult(skip_reason=outcome, cursor=cursor)


def _failed_since(timestamp: float) -> dg.RunsFilter:
    return dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE], updated_after=dt.datetime.fromtimestamp(timestamp, dt.UTC))


def _settle(context: dg.SensorEvaluationContext, settings: Settings, owed: dict[str, list[str]], run_id: str, now: dt.datetime) -> str:
    """Send the alert of one run by the channels that still owe it; strike out those that did."""
    names, record = owed.pop(run_id), context.instance.get_run_record_by_id(run_id)
    if not names or record is None:
        return NOBODY
    left, outcome = _delivered(context, settings, _of_failed_run(context.instance, settings, record.dagster_run), names)
    if left and dt.datetime.fromtimestamp(record.end_time or 0, dt.UTC) > now - OWED_FOR:
        owed[run_id] = left  # at the end of the queue, so that it does not hold up others
    return outcome


def _delivered(context: dg.SensorEvaluationContext, settings: Settings, alert: Alert, names: Sequence[str]) -> tuple[list[str], str]:
    """Send an alert by some channels; return those that still owe it, and what came of it."""
    try:
        send(alert, settings, names)
    except AlertError as error:
        context.log.error(str(error))  # noqa: TRY400 - its two lines, not where it came from
        return list(error.owed), error.problem
    return [], f"Told by {', '.join(names)}: {alert.subject}"


def _of_failed_run(instance: dg.DagsterInstance, settings: Settings, run: dg.DagsterRun) -> Alert:
    reason = why_it_failed([entry.dagster_event for entry in instance.all_logs(run.run_id) if entry.dagster_event])
    return failed_run(
        export=_export_of(run),
        asset=reason.asset or "not known",
        problem=reason.problem,
        remedy=reason.remedy,
        last_release=_last_release(settings)[0],
        run_url=f"{settings.ui_address}/runs/{run.run_id}",
    )


@dg.sensor(
    minimum_interval_seconds=LOOK_EVERY_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Sends one alert when the release becomes late, and one when it becomes stale, as its freshness policy says.",
)
def alert_on_stale_data(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Tell that the release has become late or stale."""
    settings = load_settings()
    record = context.instance.get_freshness_state_records([RELEASE]).get(RELEASE)
    state = record.freshness_state if record else FreshnessState.UNKNOWN
    memory = json.loads(context.cursor) if context.cursor else {"state": None, "owed": []}
    owed = list(memory["owed"]) if state.value == memory["state"] else sorted(channels(settings)) if state in _STATES else []
    outcome = f"Nothing to tell: the release is {state.value}." if channels(settings) else NOBODY
    if owed:
        owed, outcome = _delivered(context, settings, _of_stale_data(settings, state), owed)
    return dg.SensorResult(skip_reason=outcome, cursor=json.dumps({"state": state.value, "owed": owed}))


def _of_stale_data(settings: Settings, state: FreshnessState) -> Alert:
    last_release, hours, export = _last_release(settings)
    return stale_data(
        state=_STATES[state],
        export=export,
        asset=RELEASE.to_user_string(),
        hours=hours,
        limit=settings.stale_warn_hours if state is FreshnessState.WARN else settings.stale_fail_hours,
        last_release=last_release,
        asset_url=f"{settings.ui_address}/assets/{RELEASE.to_user_string()}",
    )


def _export_of(run: dg.DagsterRun) -> str:
    name, content = run.tags.get(EXPORT_TAG, "not known"), run.tags.get(SHA256_TAG)
    return f"{name} (SHA-256 {content[:8]})" if content else name


def _last_release(settings: Settings) -> tuple[str, float, str]:
    """Return the last release in words, its age in hours, and its export."""
    try:
        manifest = newest(settings.extracts_dir).manifest
    except GoneError:
        return "There is none yet.", 0, "not known"
    except DamagedError as error:
        return error.problem, 0, "not known"
    age = dt.datetime.now(dt.UTC) - manifest.published_at
    return f"{manifest.release} stays in place.", age.total_seconds() / 3600, manifest.export.name
