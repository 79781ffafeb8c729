"""The release as a Dagster asset: what has been checked is published, and nothing else.

Belongs here: handing the tables and the results of their checks to `publish`. Never here: what a release holds.
"""

import datetime as dt
from hashlib import sha256
from importlib.metadata import version

import dagster as dg

from bottleneck_assets.defs.assets import OWNERS, failing_clearly
from bottleneck_assets.defs.checks import latest_results
from bottleneck_assets.defs.metadata import asset_key, rows_metadata
from bottleneck_assets.defs.resources import Workbench
from bottleneck_assets.publish.release import publish, published_models

RELEASE = dg.AssetKey(["publication", "release"])
DESCRIPTION = """\
The release: one folder with the tabs as CSV, the tables, the KPIs, the quality reports, a data dictionary and a manifest.

`data/extracts/latest` points at the newest. A release is refused if its tables come from different exports, are out of date,
or failed a check of severity ERROR.
"""


@dg.asset(
    key=RELEASE,
    deps=[asset_key(model.ref) for model in published_models().values()],
    group_name="publication",
    description=DESCRIPTION,
    kinds={"csv"},
    owners=OWNERS,
    code_version=version("bottleneck-assets"),
)
def release(context: dg.AssetExecutionContext, workbench: Workbench) -> dg.MaterializeResult:
    """Publish the tables as CSV."""
    with failing_clearly():
        settings = workbench.settings
        published = publish(
            workbench.warehouse,
            settings.extracts_dir,
            checks=list(latest_results(context.instance, workbench.warehouse).values()),
            max_quarantined_share=settings.max_quarantined_share,
            engine=settings.engine,
            run_id=context.run.run_id,
            now=dt.datetime.now(dt.UTC),
            keep=settings.releases_kept,
        )
    headline = workbench.warehouse.query("select label, value, unit from kpi.headline", reads=["kpi.headline"])
    files = [{"file": file.path, "rows": file.rows, "bytes": file.bytes} for file in published.files]
    content = "\n".join(f"{file.sha256} {file.path}" for file in published.files)
    return dg.MaterializeResult(
        data_version=dg.DataVersion(sha256(content.encode()).hexdigest()),
        metadata={
            "release": dg.MetadataValue.path(str(published.folder.resolve())),
            "headline": rows_metadata(headline),
            "files": rows_metadata(files),
            "dagster/row_count": sum(file.rows for file in published.files),
            "bytes": sum(file.bytes for file in published.files),
        },
    )
