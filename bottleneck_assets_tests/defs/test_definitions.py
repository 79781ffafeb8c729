from __future__ import annotations

import csv
import datetime as dt
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from bottleneck_assets import defs as defs_package
from bottleneck_assets.definitions import defs
from bottleneck_assets.defs.metadata import rows_metadata
from bottleneck_assets.defs.publication import release_asset
from bottleneck_assets.defs.resources import Workbench
from bottleneck_assets.defs.schedules import nightly_schedule
from bottleneck_assets.documents.catalog import DOCUMENTS
from bottleneck_assets.models.catalog import models
from bottleneck_assets.release.dictionary import parquet_of
from bottleneck_assets.release.publishing import published_models
from bottleneck_assets.settings import load_settings

if TYPE_CHECKING:
    from bottleneck_assets_tests.conftest import Refreshed

GROUPS = {"raw", "clean", "kpi", "recommendation", "extract", "presentation", "publication"}
THE_EIGHT_TABS = {
    "overview", "inflation_margin", "promotions_roi", "top_products", "customer_preferences", "segments", "stock_turnover",
    "business_recommendations",
}  # fmt: skip


@pytest.fixture(scope="module")
def graph() -> dg.AssetGraph:
    return defs().resolve_asset_graph()


def test_every_model_is_an_asset_and_nothing_else_is_but_the_export_and_what_is_published(graph: dg.AssetGraph) -> None:
    keys = {key.to_user_string() for key in graph.get_all_asset_keys()}
    assert keys == {model.ref.replace(".", "/") for model in models().values()} | {
        "raw/sqlite_export",
        "publication/release",
        "publication/dashboard",
        "publication/recommendations",
        "publication/data_quality",
        "publication/semantic_model",
        "publication/access_report",
        "publication/tableau_extract",
        "publication/tableau_site",
        "publication/tableau_workbook",
    }
    for model in models().values():
        assert graph.get(dg.AssetKey([model.layer, model.name])).group_name == model.layer
    assert {graph.get(key).group_name for key in graph.get_all_asset_keys()} == GROUPS


def test_a_price_of_zero_is_shown_with_its_decimals_and_no_exponent() -> None:
    (row,) = rows_metadata([{"price": Decimal("0E-8"), "units": 0}]).records
    assert row.data == {"price": "0.00000000", "units": 0}


def test_the_graph_is_the_one_in_the_snapshot(graph: dg.AssetGraph) -> None:
    lines = [
        f"{key.to_user_string()} <- {', '.join(sorted(parent.to_user_string() for parent in graph.get(key).parent_keys))}".rstrip(" <-")
        for key in sorted(graph.get_all_asset_keys())
    ]
    lines += [f"check {key.asset_key.to_user_string()} {key.name}" for key in sorted(graph.asset_check_keys) if key.name != "contract"]
    for kind in ("jobs", "schedules", "sensors"):
        lines += sorted(f"{kind[:-1]} {one.name}" for one in getattr(defs(), kind) or ())
    # to renew it after a change that is meant: write `lines` there, and read the difference before you commit it
    assert lines == (Path(__file__).parent / "graph.txt").read_text(encoding="utf-8").splitlines()


def test_the_extract_group_is_the_tabs_of_the_dashboard(graph: dg.AssetGraph) -> None:
    extracts = {key.path[-1] for key in graph.get_all_asset_keys() if key.path[0] == "extract"}
    assert extracts == THE_EIGHT_TABS


def test_the_definitions_are_those_that_dagster_s_autoloader_finds(graph: dg.AssetGraph) -> None:
    folder = dg.load_from_defs_folder(path_within_project=Path(defs_package.__file__).parent)
    settings = load_settings()  # which these two are made with: the autoloader finds what needs none
    set_by_them = dg.Definitions(
        assets=[release_asset(settings)], schedules=[nightly_schedule(settings)], resources={"workbench": Workbench()}
    )
    found = dg.Definitions.merge(folder, set_by_them)
    loaded = found.resolve_asset_graph()
    assert set(loaded.get_all_asset_keys()) == set(graph.get_all_asset_keys())
    assert set(loaded.asset_check_keys) == set(graph.asset_check_keys)
    for kind in ("jobs", "schedules", "sensors"):
        assert {one.name for one in getattr(found, kind) or ()} == {one.name for one in getattr(defs(), kind) or ()}


def test_dependencies_come_from_the_sql(graph: dg.AssetGraph) -> None:
    for model in models().values():
        if model.sql is not None:
            parents = {key.to_user_string() for key in graph.get(dg.AssetKey([model.layer, model.name])).parent_keys}
            assert parents == {ref.replace(".", "/") for ref in model.reads}
    headline = {key.to_user_string() for key in graph.get(dg.AssetKey(["kpi", "promo_roi"])).parent_keys}
    assert headline == {
        "clean/finance",
        "clean/promo",
        "clean/reporting_period",
        "clean/sales_in_period",
        "clean/segment_vat",
        "clean/unknown_products",
        "clean/web",
        "kpi/seasonal_index",
    }


def test_every_asset_has_catalogue_text_an_owner_kinds_and_a_code_version(graph: dg.AssetGraph) -> None:
    for key in graph.get_all_asset_keys() - {dg.AssetKey(["raw", "sqlite_export"])}:
        node = graph.get(key)
        assert node.description
        assert list(node.owners) == ["team:analytics"]
        assert node.kinds
        assert node.code_version


def test_every_table_has_a_blocking_contract_check(graph: dg.AssetGraph) -> None:
    for model in models().values():
        key = dg.AssetCheckKey(dg.AssetKey([model.layer, model.name]), "contract")
        assert graph.get(key).blocking


def test_there_is_one_job_a_group_one_for_a_refresh_and_one_that_measures_the_ways_to_the_data() -> None:
    assert {job.name for job in defs().jobs or ()} == GROUPS | {"refresh", "data_access"}


def test_materialize_all_runs_in_one_process() -> None:
    assert defs().executor is dg.in_process_executor
    assert defs().resolve_implicit_global_asset_job_def().executor_def is dg.in_process_executor


IMPORT_ALL = """
import pkgutil, bottleneck_assets
for module in pkgutil.walk_packages(bottleneck_assets.__path__, "bottleneck_assets."):
    __import__(module.name)
"""


def python(script: str, **environment: str) -> tuple[str, str]:
    """Run a script in a process of its own with some settings; return what it printed, and its last words on stderr."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, env={**os.environ, **environment})
    return done.stdout.strip(), done.stderr.strip().rpartition("\n")[2]


def test_the_code_location_loads_without_what_tables_documents_and_runs_are_made_with() -> None:
    heavy = {"pandas", "pandera", "pyarrow", "altair", "typst", "vl_convert", "lxml", "tableauhyperapi", "tableauserverclient"}
    heavy |= {"sqlglot", "sqlalchemy"}
    script = f"import sys; from bottleneck_assets.definitions import defs; defs(); print(sorted({heavy} & set(sys.modules)))"
    python(script, PYTHONDONTWRITEBYTECODE="")  # what it has read of the SELECTs is kept with Python's bytecode
    assert python(script, PYTHONDONTWRITEBYTECODE="") == ("[]", "")


@pytest.mark.full
def test_tables_of_a_sound_export_are_made_without_data_frames_or_a_parser_of_sql(refreshed_sample: Refreshed, tmp_path: Path) -> None:
    heavy = {"pandas", "pandera", "sqlglot"}
    for data_dir in (tmp_path / "first", tmp_path / "second"):  # what the first has read of the SELECTs is kept with Python's bytecode
        command = ["refresh", "--export", str(refreshed_sample.export), "--data-dir", str(data_dir)]
        script = f"""
import sys
from bottleneck_assets.cli import main
main({command}, standalone_mode=False)
print(sorted({heavy} & set(sys.modules)))
"""
        printed, _ = python(script, BOTTLENECK_REPORTS="false", PYTHONDONTWRITEBYTECODE="")
    assert printed.rpartition("\n")[2] == "[]"


def test_no_module_reads_the_environment_when_it_is_imported() -> None:
    settings = {"BOTTLENECK_FOO": "1", "BOTTLENECK_NIGHTLY_AT": "midnight", "BOTTLENECK_STALE_WARN_HOURS": "many"}
    assert python(f"{IMPORT_ALL}print('imported')", **settings) == ("imported", "")


def test_a_variable_that_is_no_setting_is_named_and_keeps_no_code_location_from_loading() -> None:
    said = "There is no setting BOTTLENECK_FOO; it is ignored: README.md lists the settings."
    script = "from bottleneck_assets.definitions import defs; print(len(defs().jobs))"
    assert python(script, BOTTLENECK_FOO="1") == (str(len(GROUPS) + 2), said)


def test_a_setting_that_cannot_be_used_is_named_where_the_code_location_is_loaded() -> None:
    printed, said = python("from bottleneck_assets.definitions import defs; defs()", BOTTLENECK_NIGHTLY_AT="midnight")
    assert (printed, said) == ("", "Correct the option or the environment variable (prefix BOTTLENECK_) of that name.")


def test_the_settings_of_the_environment_set_the_schedule_and_the_freshness(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("NIGHTLY_AT", "05:30"), ("TIME_ZONE", "UTC"), ("STALE_WARN_HOURS", "1")):
        monkeypatch.setenv(f"BOTTLENECK_{name}", value)
    (schedule,) = defs().schedules or ()
    assert isinstance(schedule, dg.ScheduleDefinition)
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("30 5 * * *", "UTC")
    policy = defs().resolve_asset_graph().get(dg.AssetKey(["publication", "release"])).freshness_policy
    assert policy == dg.FreshnessPolicy.time_window(warn_window=dt.timedelta(hours=1), fail_window=dt.timedelta(hours=50))


def test_every_table_shows_its_schema_lineage_rows_bytes_preview_and_versions_after_a_refresh(refreshed_sample: Refreshed) -> None:
    shown = {
        event.asset_key.to_user_string(): event.materialization
        for event in refreshed_sample.result.get_asset_materialization_events()
        if event.asset_key
    }
    for model in models().values():
        materialization = shown[model.ref.replace(".", "/")]
        metadata = materialization.metadata
        schema = metadata["dagster/column_schema"].value
        assert schema.columns
        assert all(column.description for column in schema.columns)
        assert isinstance(metadata["dagster/row_count"].value, int)
        assert metadata["bytes"].value > 0
        assert materialization.tags["dagster/data_version"]
        assert materialization.tags["dagster/code_version"] == model.code_version
        if metadata["dagster/row_count"].value:
            assert len(metadata["preview"].value.records) == min(10, metadata["dagster/row_count"].value)
        if model.sql is not None:
            lineage = metadata["dagster/column_lineage"].value.deps_by_column
            assert set(lineage) == {column.name for column in schema.columns}
            assert "comes from" in metadata["columns_come_from"].value


def test_the_revenue_of_the_month_before_comes_from_the_units_and_prices_below_it(refreshed_sample: Refreshed) -> None:
    (event,) = (
        event for event in refreshed_sample.result.get_asset_materialization_events() if event.asset_key == dg.AssetKey(["kpi", "revenue"])
    )
    lineage = event.materialization.metadata["dagster/column_lineage"].value.deps_by_column
    (source,) = lineage["revenue_previous_month"]
    assert (source.asset_key, source.column_name) == (dg.AssetKey(["clean", "sales_in_period"]), "revenue")


def test_the_export_is_observed_with_its_hash_as_data_version(refreshed_sample: Refreshed) -> None:
    from hashlib import sha256

    (observation,) = refreshed_sample.result.get_asset_observation_events()
    assert (
        observation.asset_observation_data.asset_observation.tags["dagster/data_version"]
        == sha256(refreshed_sample.export.read_bytes()).hexdigest()
    )


def test_the_release_shows_every_published_table_and_document(refreshed_sample: Refreshed) -> None:
    on_disk = {path.relative_to(refreshed_sample.release).as_posix() for path in refreshed_sample.release.rglob("*") if path.is_file()}
    documents = {file for document in DOCUMENTS if document.unavailable() is None for file in document.files}
    beside = {f"{tab}.tds" for tab in THE_EIGHT_TABS}
    parquet = {parquet_of(path) for path in published_models()}
    assert on_disk == set(published_models()) | parquet | beside | documents | {
        "data_dictionary.csv",
        "data_contract.odcs.yaml",
        "lineage.json",
        "manifest.json",
    }


def test_revenue_by_segment_is_compared_with_the_table_that_the_export_carries(refreshed_sample: Refreshed) -> None:
    check = refreshed_sample.check("clean/ca_par_segment", "revenue_agrees_with_the_export")
    assert check.passed
    assert check.description == "Revenue by segment is the export's own."
    assert "remedy" not in check.metadata  # which is for a check that fails


def test_the_release_carries_its_figures_as_numbers_that_the_ui_plots_over_time(refreshed_sample: Refreshed) -> None:
    (event,) = (
        event
        for event in refreshed_sample.result.get_asset_materialization_events()
        if event.asset_key == dg.AssetKey(["publication", "release"])
    )
    shown = {name: value.value for name, value in event.materialization.metadata.items()}
    with (refreshed_sample.release / "kpis" / "headline.csv").open(encoding="utf-8", newline="") as file:
        headline = {row["kpi"]: float(row["value"]) for row in csv.DictReader(file) if row["value"]}
    assert {"revenue", "gross_margin_rate", "units"} <= headline.keys()
    assert {name: shown[name] for name in headline} == headline
    with (refreshed_sample.release / "quality" / "quarantine.csv").open(encoding="utf-8", newline="") as file:
        assert shown["quarantined_rows"] == len(list(csv.DictReader(file))) > 0
    assert shown["failed_checks"] == sum(not check.passed for check in refreshed_sample.result.get_asset_check_evaluations())
    assert isinstance(shown["seconds"], float)
    changed = dt.datetime.fromtimestamp(int(refreshed_sample.export.stat().st_mtime), dt.UTC)
    assert dt.datetime.fromisoformat(shown["file_received"]) == changed
    assert shown["data_as_of"] == "2023-10-31"
    assert shown["data_age_hours"] >= 0


def test_the_release_is_late_after_26_hours_and_stale_after_50(graph: dg.AssetGraph) -> None:
    policy = graph.get(dg.AssetKey(["publication", "release"])).freshness_policy
    assert policy == dg.FreshnessPolicy.time_window(warn_window=dt.timedelta(hours=26), fail_window=dt.timedelta(hours=50))
