"""The command line as a person meets it: real processes, real exit codes, real files."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
import pytest
from click.testing import CliRunner

from bottleneck_assets.cli import main
from bottleneck_assets.definitions import defs
from bottleneck_assets.defs import publication
from bottleneck_assets.defs.asset_checks import checks_within
from bottleneck_assets.documents import store
from bottleneck_assets.documents.catalog import DOCUMENTS, TABLEAU_WORKBOOK
from bottleneck_assets.engine.lock import writing
from bottleneck_assets.models.catalog import made
from bottleneck_assets.render.tableau.extract import NO_ENGINE
from bottleneck_assets.sample.export import write_sample_export
from bottleneck_assets.settings import load_settings
from bottleneck_assets_tests.conftest import run_refresh
from bottleneck_assets_tests.running import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from bottleneck_assets.documents.document import Document
    from bottleneck_assets.render.occasion import Occasion

BOTTLENECK = str(Path(sys.executable).parent / "bottleneck")
MOMENTS = 10
PACKAGE = Path(__file__).parents[1] / "bottleneck_assets"
CHECKS = len(checks_within(made(reports=False)))


def started(*arguments: object, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person does."""
    return subprocess.run(
        [BOTTLENECK, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def bottleneck(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in this process, which has imported everything: all but its start and its end are the same."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        done = CliRunner().invoke(main, [*map(str, arguments)], env=environment)
    finally:
        signal.signal(signal.SIGTERM, before)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return subprocess.CompletedProcess(["bottleneck", *arguments], done.exit_code, done.stdout, done.stderr)


def hashes(release: Path) -> dict[str, str]:
    return {
        path.relative_to(release).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in release.rglob("*") if path.is_file()
    }


def assert_whole(release: Path) -> None:
    """Hold a release against its own manifest: every file is there, with its hash, and nothing else is."""
    found = hashes(release)
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    assert {file["path"]: file["sha256"] for file in manifest["files"]} == {
        path: sha for path, sha in found.items() if path != "manifest.json"
    }


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one release, made by the command line from a synthetic export of its own making."""
    folder = tmp_path_factory.mktemp("bare")
    done = started("refresh", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    (folder / "printed.txt").write_text(done.stdout, encoding="utf-8")
    return folder / "data"


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
    assert "WARN  clean/quarantine nothing_is_quarantined: Rows of the export that cannot be used: 1: finance" in printed
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
        assert workbook.exists()
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


def test_the_same_export_twice_gives_the_same_csvs_byte_for_byte(published: Path, tmp_path: Path) -> None:
    done = bottleneck("refresh", "--export", published / "exports" / "sample.db", "--data-dir", tmp_path / "again")
    assert done.returncode == 0, done.stderr
    first, second = (hashes(folder / "extracts" / "latest") for folder in (published, tmp_path / "again"))
    del first["manifest.json"], second["manifest.json"]
    assert first == second


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


def statement(sql: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(sql)

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (missing_file, ["does not exist"]),
        (not_sqlite, ["is not a SQLite file"]),
        (truncated, ["export.db"]),
        (damaged, ["is damaged"]),
        (statement("drop table Sales"), ["has no table 'sales'"]),
        (statement("alter table Finance drop column Purchase_Price"), ["table Finance lacks purchase_price"]),
        (statement("delete from Promo"), ["table Promo is empty"]),
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


@pytest.mark.parametrize("arguments", ["", "--force"])
def test_a_refresh_whose_stdout_is_closed_ends_as_any_other(arguments: str, published: Path, tmp_path: Path) -> None:
    shutil.copytree(published, tmp_path / "data", symlinks=True)
    command = f'exec "{BOTTLENECK}" refresh {arguments} --data-dir "{tmp_path / "data"}" >&-'
    done = subprocess.run(["/bin/sh", "-c", command], stderr=subprocess.PIPE, text=True, check=False, timeout=PATIENCE)
    assert (done.returncode, done.stderr) == (0, "")
    assert_whole(tmp_path / "data" / "extracts" / "latest")


@pytest.mark.parametrize("begun", [".write.lock", "warehouse/clean/web.parquet"])
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_refresh_that_is_stopped_says_so_in_two_lines(begun: str, stop: signal.Signals, published: Path, tmp_path: Path) -> None:
    command = [BOTTLENECK, "refresh", "--export", str(published / "exports" / "sample.db"), "--data-dir", str(tmp_path)]

    def listen() -> None:  # where the tests run in the background, a shell may have told them to ignore it
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=listen) as process:  # noqa: PLW1509 - it has no threads
        while not (tmp_path / begun).exists():
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(stop)
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert len(said.strip().splitlines()) == 2, said
    assert "topped." in said
    assert not list(tmp_path.glob("extracts/*"))


@pytest.mark.full
@pytest.mark.parametrize("begun", ["dagster_home/dagster.yaml", "warehouse/raw/web.parquet", "warehouse/kpi/revenue.parquet"])
def test_ctrl_c_pressed_again_and_again_ends_a_refresh_in_two_lines_and_shows_no_traceback(
    begun: str, published: Path, tmp_path: Path
) -> None:
    command = [BOTTLENECK, "refresh", "--export", str(published / "exports" / "sample.db"), "--data-dir", str(tmp_path)]

    def listen() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=listen) as process:  # noqa: PLW1509 - it has no threads
        while not (tmp_path / begun).exists():
            assert process.poll() is None
            time.sleep(0.01)
        for _ in range(10):
            process.send_signal(signal.SIGINT)
            time.sleep(0.03)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said in {f"{stopped}\nWhat is published is whole; run it again to finish.\n" for stopped in ("Stopped.", "The run was stopped.")}


@pytest.mark.full
def test_a_refresh_of_which_somebody_reads_one_line_publishes_and_ends_well(published: Path, tmp_path: Path) -> None:
    command = f"set -o pipefail; {BOTTLENECK} refresh --export {published / 'exports' / 'sample.db'} --data-dir {tmp_path} | head -1"
    done = subprocess.run(["/bin/bash", "-c", command], capture_output=True, text=True, check=False, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 1
    assert_whole(tmp_path / "extracts" / "latest")


@pytest.mark.full
def test_without_a_umask_a_refresh_leaves_nothing_that_everybody_may_write(tmp_path: Path) -> None:
    command = [BOTTLENECK, "refresh", "--data-dir", str(tmp_path / "data")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, umask=0)
    assert done.returncode == 0, done.stderr
    found = [path for path in (tmp_path / "data").rglob("*") if not path.is_symlink()]
    assert len(found) > 100
    assert [path for path in found if path.stat().st_mode & stat.S_IWOTH] == []


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


def test_a_bad_newest_export_does_not_keep_an_older_one_from_being_published_and_is_named(published: Path, tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    good, bad = tmp_path / "exports" / "old.db", tmp_path / "exports" / "new.db"
    shutil.copyfile(published / "exports" / "sample.db", good)
    os.utime(good, (100, 100))
    bad.write_bytes(good.read_bytes()[:100_000])

    for expected in ("Published:", "Nothing has changed"):
        done = bottleneck("refresh", "--data-dir", tmp_path)
        assert done.returncode == 0, done.stderr
        assert expected in done.stdout
        assert f"{bad} " in done.stderr
        assert "The newest export that can be used is read in its place." in done.stderr
    assert json.loads((tmp_path / "extracts/latest/manifest.json").read_text(encoding="utf-8"))["export"]["name"] == "old.db"


def test_the_wrong_reading_of_promo_units_is_refused_with_the_one_that_the_ledger_supports(published: Path, tmp_path: Path) -> None:
    export = published / "exports" / "sample.db"
    done = bottleneck("refresh", "--export", export, "--data-dir", tmp_path, "--promo-units", "excluded")
    assert done.returncode == 1
    assert "The ledger supports promo_units = included" in done.stderr
    assert "--promo-units" in done.stderr


def test_a_period_can_be_set(published: Path, tmp_path: Path) -> None:
    export = published / "exports" / "sample.db"
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


def test_two_refreshes_at_a_time_both_publish(published: Path, tmp_path: Path) -> None:
    export = published / "exports" / "sample.db"
    command = [BOTTLENECK, "refresh", "--force", "--export", str(export), "--data-dir", str(tmp_path)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    printed = [process.communicate(timeout=PATIENCE) for process in running]
    assert [process.returncode for process in running] == [0, 0], printed
    releases = [path for path in (tmp_path / "extracts").iterdir() if not path.is_symlink()]
    assert len(releases) == 2
    for release in releases:
        assert_whole(release)


def test_a_refresh_that_waited_publishes_what_its_own_settings_make(published: Path, tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    shutil.copytree(published, data_dir, symlinks=True)
    before = hashes(data_dir / "extracts" / "latest")
    command = [BOTTLENECK, "refresh", "--data-dir", str(data_dir)]
    settings = {**os.environ, "BOTTLENECK_MAX_QUARANTINED_SHARE": "0.06"}  # a new release, for which the tables that are there would do
    with writing(data_dir, lambda: None):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=settings)
        assert process.stderr
        assert process.stderr.readline() == "Another refresh is writing; waiting for it to finish ...\n"
        other = run_refresh(data_dir / "exports" / "sample.db", data_dir, period_start="2023-01", period_end="2023-06")
        assert other.result.success
        assert hashes(other.release) != before
    printed = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, printed
    after = hashes(data_dir / "extracts" / "latest")
    assert after.pop("manifest.json") != before.pop("manifest.json")
    assert after == before


@pytest.mark.nightly
def test_a_refresh_killed_at_any_of_ten_moments_leaves_the_last_release_whole_and_the_next_one_succeeds(
    published: Path, tmp_path: Path
) -> None:
    data_dir, other = tmp_path / "data", tmp_path / "other.db"
    shutil.copytree(published, data_dir, symlinks=True)
    write_sample_export(other, seed=3)
    latest = data_dir / "extracts" / "latest"
    command: list[Any] = [BOTTLENECK, "refresh", "--force", "--export", str(other), "--data-dir", str(data_dir)]
    began = time.monotonic()
    assert started(*command[1:]).returncode == 0
    length = time.monotonic() - began
    first = hashes(latest)
    for moment in range(1, MOMENTS + 1):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True) as process:
            try:
                process.wait(length * moment / (MOMENTS + 1))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
        assert_whole(latest)
        now = hashes(latest)
        del now["manifest.json"]
        assert now == {path: sha for path, sha in first.items() if path != "manifest.json"}
    assert started(*command[1:]).returncode == 0
    assert_whole(latest)
    assert not list(data_dir.glob("warehouse/*/.*")) + list(data_dir.glob("extracts/.*"))


@pytest.mark.parametrize(
    ("limit", "most", "remedy"),
    [
        (resource.RLIMIT_FSIZE, 1 << 20, "Check that the disk works, and that files may grow (ulimit -f)"),  # what Dagster books into
        (resource.RLIMIT_NOFILE, 14, "open more files (ulimit -n)"),
        (resource.RLIMIT_NOFILE, 25, "files (ulimit -n)"),  # a table's, or Dagster's: whichever comes to it first
    ],
)
def test_a_refresh_that_comes_to_a_limit_of_the_system_says_so_in_two_lines_and_leaves_the_last_release(
    limit: int, most: int, remedy: str, published: Path, tmp_path: Path
) -> None:
    data_dir = tmp_path / "data"
    shutil.copytree(published, data_dir, symlinks=True)
    before = hashes(data_dir / "extracts" / "latest")
    done = subprocess.run(
        [BOTTLENECK, "refresh", "--force", "--data-dir", str(data_dir)],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
        preexec_fn=lambda: resource.setrlimit(limit, (most, most)),
    )
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (1, 2), done.stderr
    assert remedy in done.stderr
    assert hashes(data_dir / "extracts" / "latest") == before


def test_the_default_data_folder_is_data_where_the_command_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BOTTLENECK_DATA_DIR", raising=False)
    assert load_settings().data_dir == Path("data")


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
        "extract/business_recommendations",
        "extract/customer_preferences",
        "publication/release",
    }
    assert_whole(tmp_path / "data" / "extracts" / "latest")


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


def test_a_check_that_failed_is_run_again_when_the_setting_that_it_judged_by_has_changed(published: Path, tmp_path: Path) -> None:
    export = tmp_path / "export.db"
    shutil.copy(published / "exports" / "sample.db", export)
    statement("update Promo set Price_Offer = 'cher' where rowid % 10 = 0")(export)
    refused = bottleneck("refresh", "--data-dir", tmp_path / "data", "--export", export)
    assert refused.returncode == 1
    assert "promo" in refused.stderr
    again = bottleneck("refresh", "--data-dir", tmp_path / "data", "--export", export)
    assert again.returncode == 1
    allowed = bottleneck("refresh", "--data-dir", tmp_path / "data", "--export", export, BOTTLENECK_MAX_QUARANTINED_SHARE="0.2")
    assert allowed.returncode == 0, allowed.stderr
    lowered = bottleneck("refresh", "--data-dir", tmp_path / "data", "--export", export)
    assert lowered.returncode == 1


def test_a_killed_refresh_does_not_hold_up_the_next_one(published: Path, tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    command = [BOTTLENECK, "refresh", "--force", "--export", str(published / "exports" / "sample.db"), "--data-dir", str(data_dir)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True) as process:
        while not (data_dir / "warehouse" / "clean" / "web.parquet").exists():
            assert process.poll() is None
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
    assert started(*command[1:]).returncode == 0
    with dg.DagsterInstance.from_config(str(data_dir / "dagster_home")) as instance:
        assert [run.status for run in instance.get_runs()] == [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]


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
