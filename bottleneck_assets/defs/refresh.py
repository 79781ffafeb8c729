"""Runs the job `refresh` in this process, on the instance that the UI shows, and says what came of it.

Belongs here: starting the run and reading its outcome. Never here: printing.
"""

from __future__ import annotations

import uuid
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bottleneck_assets.defs.asset_checks import checks_within, latest_results
from bottleneck_assets.defs.assets import READ_FROM_EXPORT
from bottleneck_assets.defs.metadata import asset_key, document_key
from bottleneck_assets.defs.publication import RELEASE, TABLEAU_SITE
from bottleneck_assets.defs.reasons import why_it_failed
from bottleneck_assets.defs.run_process import fail_dead_runs, this_process
from bottleneck_assets.documents.catalog import DOCUMENTS
from bottleneck_assets.documents.store import outdated as outdated_documents
from bottleneck_assets.engine.warehouse import Origin, Warehouse
from bottleneck_assets.models.catalog import made
from bottleneck_assets.models.plan import outdated, parameters_origin
from bottleneck_assets.release.comparison import shares_this_code
from bottleneck_assets.release.release import current

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from collections.abc import Set as AbstractSet

    import dagster as dg

    from bottleneck_assets.errors import BottleneckError
    from bottleneck_assets.settings import Settings


@dataclass(frozen=True)
class Outcome:
    """What came of a refresh: its run, the release, or, if nothing was published, why and what to do."""

    run_id: str
    release: Path | None
    problem: str | None
    remedy: str | None


def what_to_make(
    settings: Settings, instance: dg.DagsterInstance, export: Origin, *, on_damage: Callable[[BottleneckError], None] = lambda _: None
) -> tuple[AbstractSet[dg.AssetKey], AbstractSet[dg.AssetCheckKey]]:
    """Return the assets that a refresh must make, and the checks that it must run, because something above them has changed.

    A check also runs again where it has failed, or has never judged what is stored: the settings may be others now. Everything is made
    again where the last release is not of this code. `on_damage` is called with what is said of each table and document that the disk has
    damaged, and that is made again for it. Whoever asks holds the right to write (engine/lock.py) until it is made.
    """
    tables, wanted = made(reports=settings.reports), DOCUMENTS if settings.reports else ()
    published = {RELEASE, *([TABLEAU_SITE] if settings.tableau_server else [])}
    release = current(settings.extracts_dir)
    if release is None or not shares_this_code(release):
        return {*map(asset_key, tables), *map(document_key, wanted), *published}, set(checks_within(tables))
    with closing(Warehouse(settings.warehouse_dir, settings.memory_limit)) as warehouse:
        stale = tables.keys() & outdated(warehouse, export, parameters_origin(settings), on_damage=on_damage)
        unsure = (
            set(checks_within(tables))
            if stale == tables.keys()
            else {key for key, result in latest_results(instance, warehouse, tables).items() if not result.passed}
        )
        fresh = [document for document in wanted if not stale & set(document.reads)]
        documents = set(wanted).difference(fresh).union(outdated_documents(fresh, warehouse, settings.documents_dir, on_damage=on_damage))
    read = {model.ref for model in READ_FROM_EXPORT}
    stale |= read if stale & read else set()  # the export is read whole or not at all
    checks = unsure | {key for key, refs in checks_within(tables).items() if stale & set(refs)}
    return {*map(asset_key, stale), *map(document_key, documents), *published}, checks


def run_refresh(  # noqa: PLR0913 - what to run, and who is told of it
    job: dg.JobDefinition,
    settings: Settings,
    instance: dg.DagsterInstance,
    *,
    on_made: Callable[[str], None],
    log_level: str,
    tags: Mapping[str, str] | None = None,
) -> Outcome:
    """Run the job, or the part of it that is given, with these settings and tags, and call `on_made` with the name of each asset made."""
    run_id = str(uuid.uuid4())

    def listen(entry: dg.EventLogEntry) -> None:
        event = entry.dagster_event
        if event and event.is_step_materialization and event.asset_key:
            on_made(event.asset_key.to_user_string())

    fail_dead_runs(instance)
    instance.add_event_listener(run_id, listen)
    result = job.execute_in_process(
        run_config=_run_config(settings, log_level),
        instance=instance,
        raise_on_error=False,
        run_id=run_id,
        tags={"bottleneck/launched_by": "command line", **this_process(run_id), **(tags or {})},
    )
    if result.success:
        (published,) = result.asset_materializations_for_node(RELEASE.to_python_identifier())
        return Outcome(run_id, Path(str(published.metadata["release"].value)), None, None)
    reason = why_it_failed(result.all_events)
    return Outcome(run_id, None, reason.problem, reason.remedy)


def _run_config(settings: Settings, log_level: str) -> dict[str, Any]:
    given = {
        "data_dir": str(settings.data_dir.resolve()),
        "export": str(settings.export.resolve()) if settings.export else None,
        **settings.model_dump(mode="json", include={"period_start", "period_end", "promo_units"}),
    }
    return {
        "resources": {"workbench": {"config": {name: value for name, value in given.items() if value is not None}}},
        "loggers": {"console": {"config": {"log_level": log_level}}},
    }
