"""The schedule `nightly_refresh`: every night from the newest export, unless the last release is from it already.

Where Tableau did not get that release, the night publishes it there again, and makes nothing anew.

Belongs here: when, and what makes a night's run needless. Never here: what the run does.
"""

from __future__ import annotations

import dagster as dg

from bottleneck_assets.defs.jobs import being_run, in_short, passing_over, refresh, refresh_of
from bottleneck_assets.defs.publication import TABLEAU_SITE, tableau_lacks_release
from bottleneck_assets.documents.made import awaited_report
from bottleneck_assets.errors import ExportError, ExportNotFoundError
from bottleneck_assets.models.acceptance import accepted
from bottleneck_assets.release.comparison import would_be_the_same
from bottleneck_assets.release.release import current
from bottleneck_assets.settings import Settings, load_settings
from bottleneck_assets.source.exports import Choice, chosen_export, find_exports, fingerprint, is_complete


def nightly_schedule(settings: Settings) -> dg.ScheduleDefinition:
    """Return the schedule `nightly_refresh`, at the time and in the time zone that are set."""
    hour, minute = settings.nightly_at.split(":")
    return dg.schedule(
        job=refresh,
        cron_schedule=f"{int(minute)} {int(hour)} * * *",
        execution_timezone=settings.time_zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Refreshes from the newest export, if the export, the settings or the code have changed since the last release.",
    )(nightly_refresh)


def nightly_refresh(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Ask for a refresh from the newest export, or say why there is nothing to do."""
    settings = load_settings()
    try:
        choice = chosen_export(settings, context.scheduled_execution_time, accepted)
    except ExportNotFoundError:
        return dg.SkipReason(f"There is no export in {settings.exports_dir}.")
    except ExportError:  # none that can be used: the run says what is wrong with the newest
        choice = Choice(find_exports(settings.exports_dir, context.scheduled_execution_time)[0])
    export = choice.path
    if not is_complete(export):
        return dg.SkipReason(f"{export.name} is not complete: the sensor new_export takes it once it is, or says what is wrong.")
    try:
        sha256 = fingerprint(export)
    except ExportError:
        return refresh_of(export, None)  # the run says what is wrong with it
    if (release := current(settings.extracts_dir)) and would_be_the_same(release, settings, sha256, awaited_report(settings)):
        remarks = f" {in_short(choice.passed_over)}" if choice.passed_over else ""
        same = dg.SkipReason(f"Neither the export ({export.name}) nor the code nor a setting has changed since the last release.{remarks}")
        return dg.RunRequest(asset_selection=[TABLEAU_SITE]) if tableau_lacks_release(context.instance, settings) else same
    if sha256 in being_run(context.instance):
        return dg.SkipReason(f"A run from {export.name} is under way.")
    return refresh_of(export, sha256, **passing_over(choice.passed_over, choice.in_place_of))
