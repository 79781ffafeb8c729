"""The command line as a person meets it: real processes, real exit codes, real files."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import dagster as dg
import pytest
from click.testing import CliRunner

from bottleneck_assets.cli import main
from bottleneck_assets.defs import publication
from bottleneck_assets.defs.asset_checks import checks_within
from bottleneck_assets.documents import store
from bottleneck_assets.documents.catalog import DOCUMENTS, TABLEAU_WORKBOOK
from bottleneck_assets.models.catalog import made
from bottleneck_assets.render.tableau.extract import NO_ENGINE
from bottleneck_assets.sample.export import write_sample_export
from bottleneck_assets.settings import load_settings
from bottleneck_assets_tests.commands import assert_whole, bottleneck, hashes, started, statement

if TYPE_CHECKING:
    from collections.abc import Callable

    from bottleneck_assets.documents.document import Document
    from bottleneck_assets.render.occasion import Occasion

CHECKS = len(checks_within(made(reports=False)))


def test_without_an_export_a_synthetic_one_is_made_and_said_to_be_one(published: Path) -> None:
    printed = (published.parent / "printed.txt").read_text(encoding="utf-8")
    assert "making a synthetic one" in printed
    assert (published / "exports" / "sample.db").exists()


def test_a_refresh_prints_the_headline_the_checks_the_quarantine_and_where_the_release_is(published: Path) -> None:
    printed = (published.parent / "printed.txt").read_text(encoding="utf-8")
    for words in (
        "2022-10 to 2023-09",
        "Revenue",
        "Gross margin rate",
        "Stock turnover",
        "Promotion ROI, incremental",
        "Comments per 100 units",
    ):
        assert words in printed
    assert f"of {CHECKS} passed" in printed
    assert re.search(
        r"WARN  clean/quarantine nothing_is_quarantined: Rows of the export that cannot be used: 1, worth [\d,]+ units and "
        r"[\d,.]+ EUR: finance ",
        printed,
    )
    assert str((published / "extracts" / "latest").resolve()) in printed


@pytest.fixture(scope="module")
def documented(published: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A data folder with a release and its documents, made where Tableau's engine is not installed; and what was printed."""
    folder = tmp_path_factory.mktemp("documented")
    shutil.copytree(published / "exports", folder / "data" / "exports")
    (folder / "sitecustomize.py").write_text("import sys; sys.modules['tableauhyperapi'] = None", encoding="utf-8")
    done = started("refresh", "--data-dir", folder / "data", BOTTLENECK_REPORTS="true", PYTHONPATH=str(folder))
    assert done.returncode == 0, done.stderr
    return folder / "data", done.stdout


def test_a_refresh_says_where_the_dashboard_is_and_what_the_workbook_lacks(documented: tuple[Path, str]) -> None:
    data_dir, printed = documented
    dashboard = (data_dir / "extracts" / "latest").resolve() / "dashboard" / "index.html"
    assert f"Dashboard, to open in a browser: {dashboard}" in printed
    assert dashboard.exists()
    assert f"Workbook, to open in Tableau: none. {NO_ENGINE}" in printed


@pytest.mark.usefixtures("needs_tableau")
def test_the_workbook_is_made_once_its_engine_is_installed_and_all_documents_are_once_there_is_a_new_export(
    documented: tuple[Path, str], write_sample: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stamped(document: Document) -> Document:
        def render(occasion: Occasion, folder: Path) -> None:
            for file in document.files:
                (folder / file).write_text(occasion.export.name, encoding="utf-8")

        return document if document is TABLEAU_WORKBOOK else replace(document, render=render, preview=None)

    for module in (store, publication):  # how the others are drawn is not what this is about
        monkeypatch.setattr(module, "DOCUMENTS", tuple(map(stamped, DOCUMENTS)))
    data_dir, _ = documented
    latest = data_dir / "extracts" / "latest"
    pages = list[str]()
    for export in ([], ["--export", write_sample(seed=1)]):
        done = bottleneck("refresh", "--data-dir", data_dir, *export, BOTTLENECK_REPORTS="true")
        assert done.returncode == 0, done.stderr
        assert_whole(latest)
        workbook = latest.resolve() / "tableau" / "BottleNeck.twbx"
        assert f"Workbook, to open in Tableau: {workbook}" in done.stdout
        with ZipFile(workbook) as packed:
            assert b"127.0.0.1" not in packed.read("BottleNeck.twb"), "a link to everyone's own machine"
        pages.append((latest / "dashboard" / "index.html").read_text(encoding="utf-8"))
    assert len(pages[0]) > 1000, "drawn before, and not again"
    assert pages[1] == "export.db"


def test_the_release_is_what_its_manifest_says(published: Path) -> None:
    assert_whole(published / "extracts" / "latest")


def test_the_run_is_on_the_instance_that_the_ui_shows(published: Path) -> None:
    with dg.DagsterInstance.from_config(str(published / "dagster_home")) as instance:
        (run,) = instance.get_runs()
        assert (run.job_name, run.status) == ("refresh", dg.DagsterRunStatus.SUCCESS)
        assert not instance.telemetry_enabled


def test_a_refresh_leaves_the_export_as_it_was(published: Path) -> None:
    assert [path.name for path in (published / "exports").iterdir()] == ["sample.db"]
    other = published.parent / "other.db"
    write_sample_export(other)
    assert (published / "exports" / "sample.db").read_bytes() == other.read_bytes()


def missing_file(path: Path) -> None:
    path.unlink()


def not_sqlite(path: Path) -> None:
    path.write_text("segment;revenue\nVin;1\n", encoding="utf-8")


def truncated(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def damaged(path: Path) -> None:
    with path.open("r+b") as file:
        for page in range(5, 200, 7):
            file.seek(4096 * page)
            file.write(b"\xff" * 512)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (missing_file, ["does not exist"]),
        (not_sqlite, ["is not a SQLite file"]),
        (truncated, ["export.db"]),
        (damaged, ["is damaged"]),
        (statement("drop table Sales"), ["has no table 'sales'"]),
        (statement("alter table Finance drop column Purchase_Price"), ["table Finance lacks purchase_price"]),
        (statement("delete from Sales"), ["table Sales is empty"]),
        (statement("update Finance set Price = 'cher' where rowid % 10 = 0"), ["finance", "price", "cher", "More than 5%"]),
    ],
)
def test_a_bad_export_gets_two_lines_that_name_it_and_leaves_the_last_release(
    change: Callable[[Path], None], words: list[str], published: Path, tmp_path: Path
) -> None:
    data_dir = tmp_path / "data"
    shutil.copytree(published, data_dir, symlinks=True)
    before = hashes(data_dir / "extracts" / "latest")
    export = tmp_path / "export.db"
    shutil.copy(published / "exports" / "sample.db", export)
    change(export)
    done = bottleneck("refresh", "--export", export, "--data-dir", data_dir)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 2
    assert all(word in done.stderr for word in words), done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert hashes(data_dir / "extracts" / "latest") == before


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    done = bottleneck("refresh", "--export", tmp_path / "none.db", "--data-dir", tmp_path / "data", "--debug")
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_debug_changes_no_exit_code(tmp_path: Path) -> None:
    done = started("refresh", "--debug", cwd=tmp_path, BOTTLENECK_PORT="x")
    assert done.returncode == 2
    assert "Traceback" in done.stderr


def test_a_bad_newest_export_does_not_keep_an_older_one_from_being_published_and_is_named(published: Path, tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    good, bad = tmp_path / "exports" / "old.db", tmp_path / "exports" / "new.db"
    live = shutil.copyfile(published / "exports" / "sample.db", tmp_path / "live")
    with closing(sqlite3.connect(live, isolation_level=None)) as shop:
        shop.execute("pragma journal_mode = wal")
        shop.execute("update Web set Post_excerpt = 'Un vin.'")
        for suffix in ("", "-wal"):
            shutil.copyfile(f"{live}{suffix}", f"{good}{suffix}")
            os.utime(f"{good}{suffix}", (100, 100))
    bad.write_bytes(good.read_bytes()[:100_000])

    for expected in ("Published:", "Nothing has changed"):
        done = bottleneck("refresh", "--data-dir", tmp_path)
        assert done.returncode == 0, done.stderr
        assert expected in done.stdout
        assert f"{bad} " in done.stderr
        assert "The newest export that can be used is read in its place." in done.stderr
    told = json.loads((tmp_path / "extracts/latest/manifest.json").read_text(encoding="utf-8"))["export"]
    assert (told["name"], told["in_place_of"], told["with_log"]) == ("old.db", "new.db", True)


def test_the_wrong_reading_of_promo_units_is_refused_with_the_one_that_the_ledger_supports(published: Path, tmp_path: Path) -> None:
    export = published / "exports" / "sample.db"
    done = bottleneck("refresh", "--export", export, "--data-dir", tmp_path, "--promo-units", "excluded")
    assert done.returncode == 1
    assert "The ledger supports promo_units = included" in done.stderr
    assert "--promo-units" in done.stderr


def test_a_period_can_be_set(published: Path, tmp_path: Path) -> None:
    export = shutil.copy(published / "exports" / "sample.db", tmp_path / "shop.db")
    done = bottleneck("refresh", "--export", export, "--data-dir", tmp_path, "--period-start", "2023-01", "--period-end", "2023-06")
    assert done.returncode == 0, done.stderr
    assert "2023-01 to 2023-06" in done.stdout
    assert "no full year" in done.stdout
    assert json.loads((tmp_path / "extracts/latest/manifest.json").read_text(encoding="utf-8"))["period"] == {
        "period_start": "2023-01",
        "period_end": "2023-06",
        "months": 6,
        "is_full_year": False,
    }
    done = bottleneck("refresh", "--data-dir", tmp_path)  # no synthetic figures in the place of the shop's
    assert (done.returncode, "holds no export" in done.stderr) == (1, True)
    assert not (tmp_path / "exports" / "sample.db").exists()


def test_a_period_without_sales_is_refused(published: Path, tmp_path: Path) -> None:
    export = published / "exports" / "sample.db"
    done = bottleneck("refresh", "--export", export, "--data-dir", tmp_path, "--period-start", "2019-10", "--period-end", "2020-09")
    assert done.returncode == 1
    assert "2019-10" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["refresh", "--promo-units", "maybe"],
        ["refresh", "--period-start", "2022"],
        ["refresh", "--period-start", "2022-10"],
        ["refresh", "--period-start", "2023-10", "--period-end", "2022-10"],
        ["refresh", "--nonsense"],
        ["sample", "--scale", "0"],
        ["up", "--port", "70000"],
        ["nonsense"],
    ],
)
def test_wrong_usage_exits_with_2_and_writes_nothing(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_setting_in_the_environment_is_named(tmp_path: Path) -> None:
    done = started("refresh", cwd=tmp_path, BOTTLENECK_MAX_QUARANTINED_SHARE="lots")
    assert done.returncode == 2
    assert "max_quarantined_share" in done.stderr


def test_sample_writes_the_same_export_for_the_same_seed(tmp_path: Path) -> None:
    for name, seed in (("one.db", 5), ("two.db", 5), ("three.db", 6)):
        done = bottleneck("sample", "--seed", seed, "--out", tmp_path / name)
        assert done.returncode == 0, done.stderr
    one, two, three = ((tmp_path / f"{name}.db").read_bytes() for name in ("one", "two", "three"))
    assert one == two != three


def test_the_default_data_folder_is_data_where_the_command_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BOTTLENECK_DATA_DIR", raising=False)
    assert load_settings().data_dir == Path("data")


@pytest.mark.full
def test_a_data_folder_may_have_any_name_that_the_databases_of_dagster_can_have(published: Path, tmp_path: Path) -> None:
    data_dir = tmp_path / "a[12]" / "year=2023" / "l'été & co" / "a[" / "b]c" / "#1; drop"
    done = bottleneck("refresh", "--export", published / "exports" / "sample.db", "--data-dir", data_dir)
    assert done.returncode == 0, done.stderr
    assert f"Always the newest: {data_dir / 'extracts' / 'latest'}" in done.stdout
    assert_whole(data_dir / "extracts" / "latest")


def test_a_data_folder_that_the_databases_of_dagster_cannot_have_is_refused_in_two_lines(published: Path, tmp_path: Path) -> None:
    done = bottleneck("refresh", "--export", published / "exports" / "sample.db", "--data-dir", tmp_path / "a%41b")
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 2


def test_a_damaged_instance_is_named_in_two_lines(published: Path, tmp_path: Path) -> None:
    shutil.copytree(published, tmp_path / "data", symlinks=True)
    (tmp_path / "data" / "dagster_home" / "history" / "runs.db").write_bytes(b"garbage" * 1000)
    done = bottleneck("refresh", "--force", "--export", published / "exports" / "sample.db", "--data-dir", tmp_path / "data")
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 2
    assert "dagster_home" in done.stderr


def test_a_folder_named_latest_that_is_no_release_is_never_deleted(published: Path, tmp_path: Path) -> None:
    (tmp_path / "data" / "extracts" / "latest").mkdir(parents=True)
    (tmp_path / "data" / "extracts" / "latest" / "mine.twb").write_text("mine", encoding="utf-8")
    done = bottleneck("refresh", "--export", published / "exports" / "sample.db", "--data-dir", tmp_path / "data")
    assert done.returncode == 1
    assert "Move it away" in done.stderr
    assert (tmp_path / "data" / "extracts" / "latest" / "mine.twb").exists()


def test_sample_does_not_replace_a_file_unless_it_is_told_to(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    refused = bottleneck("sample", "--out", tmp_path / "notes.txt")
    assert refused.returncode == 1
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert bottleneck("sample", "--out", tmp_path / "notes.txt", "--force").returncode == 0


def test_an_export_of_which_no_sale_can_be_read_is_refused_for_its_quarantine(published: Path, tmp_path: Path) -> None:
    export = tmp_path / "export.db"
    shutil.copy(published / "exports" / "sample.db", export)
    statement("update Sales set Sales = 'x'")(export)
    done = bottleneck("refresh", "--export", export, "--data-dir", tmp_path / "data")
    assert done.returncode == 1
    assert "in quarantine: sales (9564 of 9564 rows" in done.stderr
