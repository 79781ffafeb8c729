"""The release and its documents as Dagster assets: what has been checked is published, and nothing else.

Belongs here: handing the tables and the results of their checks to `publish`. Never here: what a release or a document holds.
"""

import datetime as dt
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, replace
from functools import partial
from hashlib import sha256
from importlib.metadata import version
from itertools import chain
from pathlib import Path

import dagster as dg

from bottleneck_assets.defs.asset_checks import latest_results
from bottleneck_assets.defs.assets import OWNERS, SKIPPED, chosen_export_of, failing_clearly
from bottleneck_assets.defs.jobs import IN_PLACE_OF_TAG
from bottleneck_assets.defs.metadata import asset_key, document_key, picture_metadata, rows_metadata
from bottleneck_assets.defs.resources import Workbench
from bottleneck_assets.defs.retention import delete_old_runs
from bottleneck_assets.documents.catalog import ACCESS_REPORT, DOCUMENTS
from bottleneck_assets.documents.document import Document
from bottleneck_assets.documents.made import awaited_report
from bottleneck_assets.documents.store import data_sources, make, stored
from bottleneck_assets.engine.warehouse import Origin
from bottleneck_assets.engine.workers import as_done
from bottleneck_assets.errors import ExportError, SiteError
from bottleneck_assets.models.catalog import made, models
from bottleneck_assets.models.plan import parameters_origin
from bottleneck_assets.release.publishing import publish, published_models
from bottleneck_assets.render.occasion import Occasion
from bottleneck_assets.render.tableau.publishing import NOT_SET, publish_release
from bottleneck_assets.settings import Settings

RELEASE = dg.AssetKey(["publication", "release"])
TABLEAU_SITE = dg.AssetKey(["publication", "tableau_site"])
DESCRIPTION = """\
The release: one folder with the tabs, the tables, the KPIs and the quality reports as CSV and as Parquet, a data dictionary and a manifest.

`data/extracts/latest` points at the newest. A release is refused if its tables come from different exports, are out of date,
or failed a check of severity ERROR.
"""


def document_spec(document: Document) -> dg.AssetSpec:
    """Declare a document to Dagster."""
    return dg.AssetSpec(
        document_key(document),
        deps=[*map(asset_key, document.reads)],
        group_name="publication",
        description=document.description,
        kinds=set(document.kinds),
        owners=OWNERS,
        code_version=version("bottleneck-assets"),
    )


@dg.multi_asset(name="make_documents", specs=[*map(document_spec, DOCUMENTS)], can_subset=True)
def documents(context: dg.AssetExecutionContext, workbench: Workbench) -> Iterator[dg.MaterializeResult]:
    """Draw the documents, two at a time."""
    chosen = [document for document in DOCUMENTS if document_key(document) in context.selected_asset_keys]
    if not workbench.settings.reports:
        yield from (dg.MaterializeResult(asset_key=document_key(document), metadata=SKIPPED) for document in chosen)
        return
    with failing_clearly():
        origin = _export_behind(workbench)
        occasion = _occasion(context, workbench, workbench.settings.exports_dir / origin.name, origin)
        tasks = {document.name: partial(_drawn, context, workbench, document, occasion) for document in chosen}
        with closing(workbench.ended_with_the_run(as_done(tasks, {}))) as outcomes:
            for _, ended in outcomes:
                yield ended.result()


@dg.multi_asset(name="measure_access", specs=[document_spec(ACCESS_REPORT)])
def access_report(context: dg.AssetExecutionContext, workbench: Workbench) -> dg.MaterializeResult:
    """Measure the ways to the data, on the export behind the tables."""
    if not workbench.settings.reports:
        return dg.MaterializeResult(asset_key=document_key(ACCESS_REPORT), metadata=SKIPPED)
    with failing_clearly():
        origin = _export_behind(workbench)
        return _drawn(context, workbench, ACCESS_REPORT, _occasion(context, workbench, _file_of(origin, workbench.settings), origin))


def _drawn(context: dg.AssetExecutionContext, workbench: Workbench, document: Document, occasion: Occasion) -> dg.MaterializeResult:
    if reason := document.unavailable():
        context.log.warning("Without %s: %s", document.name, reason)
        return dg.MaterializeResult(asset_key=document_key(document), metadata={"skipped": reason})
    started = time.perf_counter()
    context.log.info("Drawing %s.", document.name)
    files = make(document, replace(occasion, now=dt.datetime.now(dt.UTC)), workbench.settings.documents_dir)
    return dg.MaterializeResult(
        asset_key=document_key(document),
        metadata={
            "in_the_portal": dg.MetadataValue.url(f"{workbench.settings.portal_address}/extracts/latest/{document.files[0]}"),
            **({"preview": picture_metadata(document.preview(workbench.warehouse))} if document.preview else {}),
            "files": rows_metadata([{"file": str(file.resolve()), "bytes": file.stat().st_size} for file in files]),
            "seconds": round(time.perf_counter() - started, 3),
        },
    )


def _export_behind(workbench: Workbench) -> Origin:
    (origin,) = (origin for origin in workbench.warehouse.table("kpi.headline").origins if origin.kind == "export")
    return origin


def _file_of(origin: Origin, settings: Settings) -> Path:
    """Return the file of the export behind the tables. Raises ExportError if it is not there any more."""
    from bottleneck_assets.source.exports import fingerprint

    # a newer one may have arrived while the tables were made
    chosen, named = chosen_export_of(settings).path, settings.exports_dir / origin.name
    found = next((path for path in (chosen, named) if path.exists() and fingerprint(path) == origin.version), None)
    if found is None:
        problem = f"The tables come from {origin.name} ({origin.version[:8]}), and not from {chosen}, which is there now."
        raise ExportError(problem, "Run the whole refresh.")
    return found


def _occasion(context: dg.AssetExecutionContext, workbench: Workbench, export: Path, origin: Origin) -> Occasion:
    record = context.instance.get_run_record_by_id(context.run.run_id)
    makes_all = {asset_key(ref) for ref in models()} <= context.job_def.asset_layer.selected_asset_keys
    started = dt.datetime.fromtimestamp(record.start_time, dt.UTC) if makes_all and record and record.start_time else None
    checks = list(latest_results(context.instance, workbench.warehouse, models()).values())
    return Occasion(
        workbench.warehouse,
        export,
        origin.as_of,
        started,
        dt.datetime.now(dt.UTC),
        checks,
        workbench.settings.portal_url or "",
        _in_place_of(context),
    )


def _in_place_of(context: dg.AssetExecutionContext) -> str:
    """Return the newer export that could not be used, if this run reads an older one in its place: its tags are told so while it runs."""
    run = context.instance.get_run_by_id(context.run.run_id)
    return run.tags.get(IN_PLACE_OF_TAG, "") if run else ""


def release_asset(settings: Settings) -> dg.AssetsDefinition:
    """Return the release as an asset, which counts as late and as stale after the hours that are set."""
    return dg.asset(
        key=RELEASE,
        deps=[*(asset_key(model.ref) for model in published_models().values()), *map(document_key, (*DOCUMENTS, ACCESS_REPORT))],
        group_name="publication",
        description=DESCRIPTION,
        kinds={"csv", "parquet"},
        owners=OWNERS,
        code_version=version("bottleneck-assets"),
        freshness_policy=dg.FreshnessPolicy.time_window(
            warn_window=dt.timedelta(hours=settings.stale_warn_hours), fail_window=dt.timedelta(hours=settings.stale_fail_hours)
        ),
    )(release)


def release(context: dg.AssetExecutionContext, workbench: Workbench) -> dg.MaterializeResult:
    """Publish the tables as CSV and Parquet, and let old runs go."""
    started = time.perf_counter()
    with failing_clearly():
        settings = workbench.settings
        checks = list(latest_results(context.instance, workbench.warehouse, made(reports=settings.reports)).values())
        documents_there = stored(workbench.warehouse, settings.documents_dir) if settings.reports else ()
        published = publish(
            workbench.warehouse,
            settings.extracts_dir,
            expected=[parameters_origin(settings)],
            checks=checks,
            max_quarantined_share=settings.max_quarantined_share,
            max_quarantined_revenue_share=settings.max_quarantined_revenue_share,
            engine=settings.engine,
            run_id=context.run.run_id,
            now=dt.datetime.now(dt.UTC),
            keep=settings.releases_kept,
            attachments=chain(data_sources(settings.sale_prices), documents_there),
            reports=settings.reports,
            late_after_hours=settings.stale_warn_hours,
            data_access=awaited_report(settings),
            in_place_of=_in_place_of(context),
        )
    delete_old_runs(context.instance, settings.runs_kept)
    headline = workbench.warehouse.rows("kpi.headline")
    manifest = published.manifest
    files = [{"file": file.path, "rows": file.rows, "bytes": file.bytes} for file in manifest.files]
    content = "\n".join(f"{file.sha256} {file.path}" for file in manifest.files)
    return dg.MaterializeResult(
        data_version=dg.DataVersion(sha256(content.encode()).hexdigest()),
        metadata={
            "in_the_portal": dg.MetadataValue.url(f"{settings.portal_address}/downloads"),
            "release": dg.MetadataValue.path(str(published.folder.resolve())),
            "data_as_of": manifest.data_as_of.isoformat() if manifest.data_as_of else "not known",
            "file_received": manifest.export.changed_at.isoformat() if manifest.export.changed_at else "not known",
            "headline": rows_metadata([{name: row[name] for name in ("label", "value", "unit")} for row in headline]),
            "files": rows_metadata(files),
            # numbers, which the UI plots over time
            **{row["kpi"]: float(row["value"]) for row in headline if row["value"] is not None},
            **({"data_age_hours": manifest.data_age_hours} if manifest.data_age_hours is not None else {}),
            "quarantined_rows": workbench.warehouse.table("clean.quarantine").rows,
            "failed_checks": sum(not check.passed for check in checks),
            "seconds": round(time.perf_counter() - started, 3),
            "dagster/row_count": sum(file.rows or 0 for file in manifest.files if file.path.endswith(".csv")),
            "bytes": sum(file.bytes for file in manifest.files),
        },
    )


@dg.asset(
    key=TABLEAU_SITE,
    deps=[RELEASE],
    group_name="publication",
    description="Tableau Server or Cloud: the release's data source and workbook there, if the setting tableau_server names one.",
    kinds={"tableau"},
    owners=OWNERS,
    code_version=version("bottleneck-assets"),
)
def tableau_site(workbench: Workbench) -> dg.MaterializeResult:
    """Publish the newest release to Tableau."""
    settings = workbench.settings
    if not settings.tableau_server:
        return dg.MaterializeResult(metadata={"skipped": NOT_SET})
    started = time.perf_counter()
    with failing_clearly():
        try:
            published = publish_release(settings.latest_release, settings)
        except SiteError as error:
            raise SiteError(error.problem, f"The release is there all the same. {error.remedy}") from error
    return dg.MaterializeResult(
        metadata={
            "release": settings.latest_release.resolve().name,
            "published": rows_metadata([asdict(one) for one in published]),
            "seconds": round(time.perf_counter() - started, 3),
        }
    )


def tableau_lacks_release(instance: dg.DagsterInstance, settings: Settings) -> bool:
    """Tell whether the newest release still has to reach Tableau: a server is set, and publishing it there failed, or was never tried."""
    if not settings.tableau_server:
        return False
    event = instance.get_latest_materialization_event(TABLEAU_SITE)
    there = event.asset_materialization.metadata.get("release") if event and event.asset_materialization else None
    return there is None or there.value != settings.latest_release.resolve().name
