"""The sensors that tell people: a refresh failed, or no release has been made for too long.

Belongs here: noticing it, once. Never here: what an alert says and how it is sent (alerting/).
"""

from __future__ import annotations

import datetime as dt

import dagster as dg
from dagster._core.definitions.freshness import FreshnessState

from bottleneck_assets.alerting.channels import channels, send
from bottleneck_assets.alerting.message import failed_run, stale_data
from bottleneck_assets.defs.jobs import EXPORT_TAG, SHA256_TAG
from bottleneck_assets.defs.publication import RELEASE
from bottleneck_assets.defs.reasons import why_it_failed
from bottleneck_assets.publish.manifest import read_manifest
from bottleneck_assets.settings import Settings, load_settings

LOOK_EVERY_SECONDS = 15
NOBODY = "Nobody is told: neither alert_email_to nor slack_webhook_url nor teams_webhook_url is set."
_STATES = {FreshnessState.WARN: "late", FreshnessState.FAIL: "stale"}


@dg.run_failure_sensor(
    minimum_interval_seconds=LOOK_EVERY_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Sends one alert for each run that fails: by a bad export, a blocking check or a crash that is not tried again.",
)
def alert_on_failure(context: dg.RunFailureSensorContext) -> dg.SkipReason | None:
    """Tell why a run failed."""
    settings, run = load_settings(), context.instance.get_run_by_id(context.dagster_run.run_id) or context.dagster_run
    if not channels(settings):
        return dg.SkipReason(NOBODY)
    if run.tags.get("dagster/will_retry") == "true":
        return dg.SkipReason(f"Run {run.run_id} is tried again.")
    reason = why_it_failed([entry.dagster_event for entry in context.instance.all_logs(run.run_id) if entry.dagster_event])
    alert = failed_run(
        export=_export_of(run),
        asset=reason.asset or "not known",
        problem=reason.problem,
        remedy=reason.remedy,
        last_release=_last_release(settings)[0],
        run_url=f"{settings.ui_address}/runs/{run.run_id}",
    )
    context.log.info("Told by %s: %s", ", ".join(send(alert, settings)), alert.subject)
    return None


@dg.sensor(
    minimum_interval_seconds=LOOK_EVERY_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Sends one alert when the release becomes late, and one when it becomes stale, as its freshness policy says.",
)
def alert_on_stale_data(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Tell that the release has become late or stale."""
    settings = load_settings()
    if not channels(settings):
        return dg.SkipReason(NOBODY)
    record = context.instance.get_freshness_state_records([RELEASE]).get(RELEASE)
    state = record.freshness_state if record else FreshnessState.UNKNOWN
    if state.value == context.cursor or state not in _STATES:
        context.update_cursor(state.value)
        return dg.SkipReason(f"Nothing to tell: the release is {state.value}.")
    last_release, hours, export = _last_release(settings)
    limit = settings.stale_warn_hours if state is FreshnessState.WARN else settings.stale_fail_hours
    alert = stale_data(
        state=_STATES[state],
        export=export,
        asset=RELEASE.to_user_string(),
        hours=hours,
        limit=limit,
        last_release=last_release,
        asset_url=f"{settings.ui_address}/assets/{RELEASE.to_user_string()}",
    )
    told = ", ".join(send(alert, settings))
    context.update_cursor(state.value)
    return dg.SkipReason(f"Told by {told}: {alert.subject}")


def _export_of(run: dg.DagsterRun) -> str:
    name, content = run.tags.get(EXPORT_TAG, "not known"), run.tags.get(SHA256_TAG)
    return f"{name} (SHA-256 {content[:8]})" if content else name


def _last_release(settings: Settings) -> tuple[str, float, str]:
    """Return the last release in words, its age in hours, and its export."""
    manifest = read_manifest(settings.extracts_dir / "latest")
    if manifest is None:
        return "There is none yet.", 0, "not known"
    age = dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(manifest["published_at"])
    return f"{manifest['release']} stays in place.", age.total_seconds() / 3600, manifest["export"]["name"]
