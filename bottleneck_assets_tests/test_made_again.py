"""What a refresh makes again, and what it leaves as it is: after a change of export, code, settings or files, and after none."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path

import dagster as dg
import pytest

from bottleneck_assets.definitions import defs
from bottleneck_assets.defs.asset_checks import checks_within
from bottleneck_assets.models.catalog import made
from bottleneck_assets_tests.commands import assert_whole, bottleneck, hashes, started, statement

PACKAGE = Path(__file__).parents[1] / "bottleneck_assets"
CHECKS = len(checks_within(made(reports=False)))


def materialized(data_dir: Path) -> list[set[str]]:
    """Return the assets that each run materialized, the oldest run first."""
    with dg.DagsterInstance.from_config(str(data_dir / "dagster_home")) as instance:
        return [
            {
                record.asset_key.to_user_string()
                for record in instance.get_records_for_run(run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION).records
                if record.asset_key
            }
            for run in reversed(instance.get_runs())
        ]


@pytest.fixture
def changeable(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A copy of the package that a test may change, and the environment in which `bottleneck` uses it."""
    shutil.copytree(PACKAGE, tmp_path / "code" / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "code" / PACKAGE.name, {"PYTHONPATH": str(tmp_path / "code")}


def test_the_same_export_twice_gives_the_same_csvs_byte_for_byte(published: Path, tmp_path: Path) -> None:
    done = bottleneck("refresh", "--export", published / "exports" / "sample.db", "--data-dir", tmp_path / "again")
    assert done.returncode == 0, done.stderr
    first, second = (hashes(folder / "extracts" / "latest") for folder in (published, tmp_path / "again"))
    del first["manifest.json"], second["manifest.json"]
    assert first == second


def test_a_second_refresh_of_the_same_export_with_the_same_code_does_nothing_and_says_so(published: Path, tmp_path: Path) -> None:
    shutil.copytree(published, tmp_path / "data", symlinks=True)
    runs = len(materialized(tmp_path / "data"))
    before = hashes(tmp_path / "data" / "extracts" / "latest")
    done = bottleneck("refresh", "--data-dir", tmp_path / "data", "--export", published / "exports" / "sample.db")
    assert done.returncode == 0
    assert "Nothing has changed" in done.stdout
    assert len(materialized(tmp_path / "data")) == runs
    assert hashes(tmp_path / "data" / "extracts" / "latest") == before


def test_a_copy_of_the_export_under_another_name_is_the_same_export(published: Path, tmp_path: Path) -> None:
    shutil.copytree(published, tmp_path / "data", symlinks=True)
    shutil.copy(published / "exports" / "sample.db", tmp_path / "copy.db")
    done = bottleneck("refresh", "--data-dir", tmp_path / "data", "--export", tmp_path / "copy.db")
    assert "Nothing has changed" in done.stdout
    assert "was made from sample.db" in done.stdout


def test_a_release_with_a_missing_file_is_made_again(published: Path, tmp_path: Path) -> None:
    shutil.copytree(published, tmp_path / "data", symlinks=True)
    (tmp_path / "data" / "extracts" / "latest" / "overview.csv").unlink()
    done = bottleneck("refresh", "--data-dir", tmp_path / "data", "--export", published / "exports" / "sample.db")
    assert done.returncode == 0, done.stderr
    assert materialized(tmp_path / "data")[-1] == {"publication/release"}
    assert_whole(tmp_path / "data" / "extracts" / "latest")


def test_a_change_to_one_kpi_rebuilds_that_kpi_and_what_hangs_on_it(
    changeable: tuple[Path, dict[str, str]], published: Path, tmp_path: Path
) -> None:
    package, environment = changeable
    shutil.copytree(published, tmp_path / "data", symlinks=True)
    select = package / "models" / "kpi" / "comment_rate.sql"
    select.write_text(select.read_text(encoding="utf-8").replace("ratio(100 *", "ratio(1000 *"), encoding="utf-8")
    done = started("refresh", "--data-dir", tmp_path / "data", "--export", published / "exports" / "sample.db", **environment)
    assert done.returncode == 0, done.stderr
    assert materialized(tmp_path / "data")[-1] == {
        "kpi/comment_rate",
        "kpi/headline",
        "recommendation/use_feedback",
        "recommendation/summary",
        "recommendation/summary_figures",
        "extract/business_recommendations",
        "extract/customer_preferences",
        "publication/release",
    }
    assert_whole(tmp_path / "data" / "extracts" / "latest")


@pytest.mark.full
@pytest.mark.parametrize("changed", ["engine/warehouse.py", "source/reading.py", "models/checks.py"])
def test_a_change_to_code_that_all_tables_stand_on_makes_and_checks_everything_again(
    changed: str, changeable: tuple[Path, dict[str, str]], published: Path, tmp_path: Path
) -> None:
    package, environment = changeable
    shutil.copytree(published, tmp_path / "data", symlinks=True)
    with (package / changed).open("a", encoding="utf-8") as file:
        file.write("\n\nCHANGED = True\n")
    done = started("refresh", "--data-dir", tmp_path / "data", **environment)
    assert done.returncode == 0, done.stderr
    assert materialized(tmp_path / "data")[-1] == {ref.replace(".", "/") for ref in made(reports=False)} | {"publication/release"}
    assert f"of {CHECKS} passed" in done.stdout


def test_a_manifest_that_is_no_manifest_is_written_again(published: Path, tmp_path: Path) -> None:
    shutil.copytree(published, tmp_path / "data", symlinks=True)
    (tmp_path / "data" / "extracts" / "latest" / "manifest.json").write_text("[]", encoding="utf-8")
    assert bottleneck("refresh", "--data-dir", tmp_path / "data").returncode == 0
    assert_whole(tmp_path / "data" / "extracts" / "latest")


@pytest.mark.full
def test_a_check_that_failed_is_run_again_when_the_setting_that_it_judged_by_has_changed(published: Path, tmp_path: Path) -> None:
    export = tmp_path / "export.db"
    shutil.copy(published / "exports" / "sample.db", export)
    statement("update Promo set Price_Offer = 'cher' where rowid % 10 = 0")(export)
    statement("update Sales set Stock = 'x' where rowid % 50 = 0")(export)  # few rows, and worth 2 % of the revenue
    refresh = partial(bottleneck, "refresh", "--data-dir", tmp_path / "data", "--export", export)
    rows, worth = {"BOTTLENECK_MAX_QUARANTINED_SHARE": "0.2"}, {"BOTTLENECK_MAX_QUARANTINED_REVENUE_SHARE": "0.1"}
    refused = refresh()
    assert refused.returncode == 1
    assert "promo" in refused.stderr
    assert refresh().returncode == 1
    too_dear = refresh(**rows)
    assert too_dear.returncode == 1
    assert "EUR of revenue" in too_dear.stderr
    assert "raise BOTTLENECK_MAX_QUARANTINED_REVENUE_SHARE" in too_dear.stderr
    allowed = refresh(**rows, **worth)
    assert allowed.returncode == 0, allowed.stderr
    assert refresh(**worth).returncode == 1
    assert refresh(**rows).returncode == 1


def test_without_the_history_of_checks_nothing_is_published_that_has_not_been_checked(published: Path, tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    shutil.copytree(published, data_dir, symlinks=True)
    shutil.rmtree(data_dir / "dagster_home")
    before = hashes(data_dir / "extracts" / "latest")
    with dg.DagsterInstance.ephemeral() as instance:
        alone = (
            defs()
            .resolve_job_def("publication")
            .execute_in_process(
                instance=instance,
                run_config={
                    "resources": {"workbench": {"config": {"data_dir": str(data_dir)}}},
                    "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                },
                raise_on_error=False,
            )
        )
    assert not alone.success
    assert hashes(data_dir / "extracts" / "latest") == before
    (data_dir / "extracts" / "latest" / "overview.csv").unlink()
    done = bottleneck("refresh", "--data-dir", data_dir, "--export", published / "exports" / "sample.db")
    assert done.returncode == 0, done.stderr
    assert len(json.loads((data_dir / "extracts" / "latest" / "manifest.json").read_text(encoding="utf-8"))["checks"]) == CHECKS


def test_an_older_version_does_not_publish_over_what_a_newer_one_has_written(published: Path, tmp_path: Path) -> None:
    shutil.copytree(published, tmp_path / "data", symlinks=True)
    latest = tmp_path / "data" / "extracts" / "latest"
    manifest = json.loads((latest / "manifest.json").read_text(encoding="utf-8"))
    (latest / "manifest.json").write_text(json.dumps({"format": manifest["format"] + 1, "of": "another kind"}), encoding="utf-8")
    before = hashes(tmp_path / "data")

    done = bottleneck("refresh", "--force", "--data-dir", tmp_path / "data")

    assert done.returncode == 1
    problem, remedy = done.stderr.splitlines()
    assert "was written by a newer version of bottleneck-assets (format 2; this one has 1)." in problem
    assert "--data-dir" in remedy
    after = hashes(tmp_path / "data")
    assert {path: sha for path, sha in after.items() if path in before} == before


def test_one_flipped_bit_in_a_table_changes_no_figure_and_is_told(published: Path, tmp_path: Path) -> None:
    shutil.copytree(published, tmp_path / "data", symlinks=True)
    table = tmp_path / "data" / "warehouse" / "clean" / "sales_typed.parquet"
    content = bytearray(table.read_bytes())
    content[len(content) // 2] ^= 1
    table.write_bytes(content)
    period = ("--period-start", "2023-01", "--period-end", "2023-06")

    damaged = bottleneck("refresh", "--data-dir", tmp_path / "data", *period)
    sound = bottleneck("refresh", "--data-dir", tmp_path / "sound", "--export", published / "exports" / "sample.db", *period)

    assert damaged.returncode == sound.returncode == 0
    assert damaged.stderr == f"Table clean.sales_typed is not read: {table} does not hold the bytes that were written. It is made again.\n"
    ours, theirs = (hashes(tmp_path / folder / "extracts" / "latest") for folder in ("data", "sound"))
    assert {path: sha for path, sha in ours.items() if path.endswith(".csv")} == {
        path: sha for path, sha in theirs.items() if path.endswith(".csv")
    }
