"""The release as a Dagster asset: what has been checked is published, and nothing else.

Belongs here: handing the tables and the results of their checks to `publish`. Never here: what a release holds.
"""

import datetime as dt
import time
from hashlib import sha256
from importlib.metadata import version

import dagster as dg

from bottleneck_assets.defs.assets import OWNERS, failing_clearly
from bottleneck_assets.defs.checks import latest_results
from bottleneck_assets.defs.metadata import asset_key, rows_metadata
from bottleneck_assets.defs.resources import Workbench
from bottleneck_assets.defs.retention import delete_old_runs
from bottleneck_assets.models.plan import parameters_origin
from bottleneck_assets.publish.release import publish, published_models
from bottleneck_assets.settings import load_settings

RELEASE = dg.AssetKey(["publication", "release"])
DESCRIPTION = """\
The release: one folder with the tabs as CSV, the tables, the KPIs, the quality reports, a data dictionary and a manifest.

`data/extracts/latest` points at the newest. A release is refused if its tables come from different exports, are out of date,
or failed a check of severity ERROR.
"""

_LIMITS = load_settings()


@dg.asset(
    key=RELEASE,
    deps=[asset_key(model.ref) for model in published_models().values()],
    group_name="publication",
    description=DESCRIPTION,
    kinds={"csv"},
    owners=OWNERS,
    code_version=version("bottleneck-assets"),
    freshness_policy=dg.FreshnessPolicy.time_window(
        warn_window=dt.timedelta(hours=_LIMITS.stale_warn_hours), fail_window=dt.timedelta(hours=_LIMITS.stale_fail_hours)
    ),
)
def release(context: dg.AssetExecutionContext, workbench: Workbench) -> dg.MaterializeResult:
    """Publish the tables as CSV, and let old runs go."""
    started = time.perf_counter()
    with failing_clearly():
        settings = workbench.settings
        checks = list(latest_results(context.instance, workbench.warehouse).values())
        published = publish(
            workbench.warehouse,
            settings.extracts_dir,
            expected=[parameters_origin(settings)],
            checks=checks,
            max_quarantined_share=settings.max_quarantined_share,
            engine=settings.engine,
            run_id=context.run.run_id,
            now=dt.datetime.now(dt.UTC),
            keep=settings.releases_kept,
        )
    delete_old_runs(context.instance, settings.runs_kept)
    headline = workbench.warehouse.query("select kpi, label, value, unit from kpi.headline", reads=["kpi.headline"])
    (quarantined,) = workbench.warehouse.query("select count(*) as rows from clean.quarantine", reads=["clean.quarantine"])
    files = [{"file": file.path, "rows": file.rows, "bytes": file.bytes} for file in published.files]
    content = "\n".join(f"{file.sha256} {file.path}" for file in published.files)
    return dg.MaterializeResult(
        data_version=dg.DataVersion(sha256(content.encode()).hexdigest()),
        metadata={
            "release": dg.MetadataValue.path(str(published.folder.resolve())),
            "data_as_of": published.data_as_of or "not known",
            "headline": rows_metadata([{name: row[name] for name in ("label", "value", "unit")} for row in headline]),
            "files": rows_metadata(files),
            # numbers, which the UI plots over time
            **{row["kpi"]: float(row["value"]) for row in headline if row["value"] is not None},
            **({"data_age_hours": published.data_age_hours} if published.data_age_hours is not None else {}),
            "quarantined_rows": quarantined["rows"],
            "failed_checks": sum(not check.passed for check in checks),
            "seconds": round(time.perf_counter() - started, 3),
            "dagster/row_count": sum(file.rows for file in published.files),
            "bytes": sum(file.bytes for file in published.files),
        },
    )
