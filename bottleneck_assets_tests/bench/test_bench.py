"""The ways measure the same work, a difference is told, and what was measured is written down."""

from __future__ import annotations

import ast
import datetime as dt
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import sysconfig
from contextlib import closing
from dataclasses import astuple, replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from bottleneck_assets.sample.export import write_sample_export
from bottleneck_assets_tests.bench import bare, notebook
from bottleneck_assets_tests.bench.__main__ import main
from bottleneck_assets_tests.bench.comparing import NOT_OF_A_NOTEBOOK, differing_files, differing_tables
from bottleneck_assets_tests.bench.dbt_project import as_model
from bottleneck_assets_tests.bench.measuring import Cost, FailedRunError, measure, middle
from bottleneck_assets_tests.bench.page import Waits, waits
from bottleneck_assets_tests.bench.reporting import (
    END,
    START,
    Result,
    Setting,
    full_table,
    has_place,
    short_table,
    slope,
    write_between_markers,
)
from bottleneck_assets_tests.bench.ways import WAYS

pytestmark = [pytest.mark.full, pytest.mark.usefixtures("posix")]

BARE, NOTEBOOK = Path(bare.__file__), Path(notebook.__file__)
PEAK_BYTES = 200_000_000


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One synthetic export, with a title that a spreadsheet would run and one that is not UTF-8 in it."""
    path = tmp_path_factory.mktemp("bench") / "sample.db"
    write_sample_export(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("update web set post_title = '=1+1' where rowid = (select min(rowid) from web)")
        connection.execute("update web set post_title = x'436861c3' where rowid = (select max(rowid) from web)")
    return path


@pytest.fixture(scope="module")
def yardstick(export: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the bare script writes."""
    folder = tmp_path_factory.mktemp("bare")
    measure([sys.executable, str(BARE), str(export), str(folder / "out")], folder, os.environ)
    return folder / "out"


@pytest.fixture(scope="module")
def release(export: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a refresh publishes."""
    folder, way = tmp_path_factory.mktemp("refresh"), WAYS["refresh"]
    measure(way.command(export, folder / "out", 1), folder, way.environment())
    return folder / "out" / way.written


def test_the_bare_script_writes_the_csvs_of_a_release(yardstick: Path, release: Path) -> None:
    assert "'=1+1" in (yardstick / "tables" / "web.csv").read_text(encoding="utf-8")
    assert "is not UTF-8 text" in (yardstick / "quality" / "quarantine.csv").read_text(encoding="utf-8")
    assert differing_files(yardstick, release) == []


def test_a_refresh_that_is_benched_makes_no_reports(release: Path) -> None:
    assert json.loads((release / "manifest.json").read_text(encoding="utf-8"))["reports"] is False
    assert not (release / "report").exists()


def test_with_a_memory_limit_it_writes_the_same(export: Path, yardstick: Path, tmp_path: Path) -> None:
    measure([sys.executable, str(BARE), str(export), str(tmp_path / "out"), "--memory-limit", "200MB"], tmp_path, os.environ)
    assert differing_files(tmp_path / "out", yardstick) == []


def test_the_notebook_has_the_figures_of_the_bare_script(tmp_path: Path) -> None:
    export = tmp_path / "sample.db"
    write_sample_export(export)
    assert differing_tables(*both_ways(export, tmp_path)) == []


def test_the_notebook_counts_as_far_as_a_large_export_goes(tmp_path: Path) -> None:
    export = tmp_path / "sample.db"
    write_sample_export(export)
    with closing(sqlite3.connect(export)) as connection, connection:
        connection.execute("update finance set price = 99999, purchase_price = 88888.5")  # as much money as scale 1000 moves
    assert differing_tables(*both_ways(export, tmp_path)) == []


def test_the_notebook_has_the_figures_of_a_month_in_which_nothing_sold(tmp_path: Path) -> None:
    export = tmp_path / "sample.db"
    write_sample_export(export)
    with closing(sqlite3.connect(export)) as connection, connection:
        connection.execute("update sales set sales = 0 where key_sales like '2023-4\\_%' escape '\\'")
    assert differing_tables(*both_ways(export, tmp_path)) == []


def test_the_notebook_has_the_figures_of_the_real_export(real_export: Path, tmp_path: Path) -> None:
    assert differing_tables(*both_ways(real_export, tmp_path)) == []


def both_ways(export: Path, folder: Path) -> tuple[Path, Path]:
    """Run the bare script and the notebook; return where their CSVs are."""
    outs = folder / "bare", folder / "notebook"
    for script, out in zip((BARE, NOTEBOOK), outs, strict=True):
        measure([sys.executable, str(script), str(export), str(out)], folder, os.environ)
    return outs


def test_dbt_builds_the_csvs_of_the_bare_script(export: Path, yardstick: Path, tmp_path: Path) -> None:
    pytest.importorskip("dbt", reason="dbt comes with the dependency group bench")
    measure(WAYS["dbt"].command(export, tmp_path / "out", 1), tmp_path, os.environ)
    assert differing_files(yardstick, tmp_path / "out") == []


def test_a_model_of_dbt_is_the_select_with_other_names_to_read() -> None:
    assert as_model("kpi.revenue", "select sku\nfrom raw.web as web\ninner join clean.sales on true") == (
        "{{ config(schema='kpi', alias='revenue') }}\n"
        "select sku\nfrom {{ source('raw', 'web') }} as web\ninner join {{ ref('clean__sales') }} on true"
    )


def test_a_select_that_dbt_would_run_as_jinja_is_refused() -> None:
    with pytest.raises(ValueError, match=r"clean\.web has Jinja"):
        as_model("clean.web", "select '{{ sku }}' from raw.web")


def test_the_second_refresh_of_a_warm_process_publishes_the_same(export: Path, yardstick: Path, tmp_path: Path) -> None:
    way = WAYS["warm"]
    whole = measure(way.command(export, tmp_path / "out", 1), tmp_path, way.environment())
    own = json.loads((tmp_path / "cost.json").read_text(encoding="utf-8"))
    assert 0 < own["seconds"] < whole.seconds
    assert way.differing(yardstick, tmp_path / "out" / way.written) == []
    assert not (tmp_path / "out" / way.written / "report").exists()


@pytest.mark.parametrize(
    "script",
    [BARE, NOTEBOOK, bare.WORDING, bare.LABELS, bare.QUARANTINED],
    ids=["bare", "notebook", "its sentences", "its labels", "its SELECT"],
)
def test_a_script_to_compare_with_imports_nothing_of_the_workflow(script: Path) -> None:
    tree = ast.parse(script.read_text(encoding="utf-8"))
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {name for name in modules if name.startswith("bottleneck")}


def test_a_differing_file_is_named(yardstick: Path, tmp_path: Path) -> None:
    changed = Path(shutil.copytree(yardstick, tmp_path / "changed"))
    figures = changed / "kpis" / "revenue.csv"
    figures.write_bytes(figures.read_bytes().replace(b"1", b"2", 1))
    assert differing_files(yardstick, changed) == ["kpis/revenue.csv"]


def test_a_file_that_only_one_of_them_wrote_is_named(yardstick: Path, tmp_path: Path) -> None:
    changed = Path(shutil.copytree(yardstick, tmp_path / "changed"))
    (changed / "overview.csv").unlink()
    (changed / "added.csv").touch()
    assert differing_files(yardstick, changed) == ["added.csv", "overview.csv"]


@pytest.mark.parametrize(
    ("bare_cell", "other_cell"),
    [
        ("8063.7000", "8063.7"),
        ("13.90000000", "13.9"),
        ("15", "15.0"),
        ("0.37215670225826850", "0.3721567022582681"),
        ("true", "True"),
        ("", ""),
        ("Vin", "Vin"),
    ],
)
def test_cells_in_another_hand_are_the_same(bare_cell: str, other_cell: str, tmp_path: Path) -> None:
    assert differing_tables(*two_tables(bare_cell, other_cell, tmp_path)) == []


@pytest.mark.parametrize(
    ("bare_cell", "other_cell"),
    [
        ("8063.7000", "8063.7001"),
        ("2350000000.0001", "2350000000.0002"),
        ("13.90000000", "13.90000001"),
        ("15", "16"),
        ("0.3721567022582685", "0.3721567122582681"),
        ("true", "False"),
        ("", "0"),
        ("0.5", ""),
        ("0.5", "half"),
        ("Vin", "vin"),
    ],
)
def test_cells_that_differ_are_counted(bare_cell: str, other_cell: str, tmp_path: Path) -> None:
    assert differing_tables(*two_tables(bare_cell, other_cell, tmp_path)) == ["table.csv (figure: 1)"]


def two_tables(bare_cell: str, other_cell: str, folder: Path) -> tuple[Path, Path]:
    """Write two CSVs that differ in one cell at most; return their folders."""
    for name, cell in (("bare", bare_cell), ("other", other_cell)):
        (folder / name).mkdir()
        (folder / name / "table.csv").write_text(f"sku,figure\n1,{cell}\n2,0.5\n", encoding="utf-8")
    return folder / "bare", folder / "other"


def test_other_rows_or_columns_are_told(yardstick: Path, tmp_path: Path) -> None:
    changed = Path(shutil.copytree(yardstick, tmp_path / "changed"))
    revenue, volume = changed / "kpis" / "revenue.csv", changed / "kpis" / "sales_volume.csv"
    revenue.write_text(revenue.read_text(encoding="utf-8").rsplit("\n", 2)[0] + "\n", encoding="utf-8")
    volume.write_text(volume.read_text(encoding="utf-8").replace("units_promo", "promo", 1), encoding="utf-8")
    (changed / "overview.csv").unlink()
    rows = len((yardstick / "kpis" / "revenue.csv").read_text(encoding="utf-8").splitlines()) - 1
    assert differing_tables(yardstick, changed) == [
        f"kpis/revenue.csv ({rows - 1} rows and not {rows})",
        "kpis/sales_volume.csv (columns month, segment, units, promo, units_regular)",
        "overview.csv (in one only)",
    ]


def test_the_notebook_may_lack_ranges_advice_and_the_books_of_quality_and_nothing_else(yardstick: Path, tmp_path: Path) -> None:
    changed = Path(shutil.copytree(yardstick, tmp_path / "changed"))
    spared = {pattern: list(changed.glob(pattern)) for pattern in NOT_OF_A_NOTEBOOK}
    assert all(spared.values()), spared
    for file in (file for files in spared.values() for file in files):
        file.unlink()
    assert differing_tables(yardstick, changed) == []
    assert "recommendations/summary.csv" in differing_files(yardstick, changed)
    (changed / "kpis" / "abc_class.csv").unlink()
    assert differing_tables(yardstick, changed) == ["kpis/abc_class.csv (in one only)"]


def test_what_the_notebook_may_lack_is_compared_where_it_is_there(yardstick: Path, tmp_path: Path) -> None:
    changed = Path(shutil.copytree(yardstick, tmp_path / "changed"))
    summary = changed / "recommendations" / "summary.csv"
    summary.write_text(summary.read_text(encoding="utf-8").replace("Head of Sales", "CEO", 1), encoding="utf-8")
    assert differing_tables(yardstick, changed) == ["recommendations/summary.csv (audience: 1)"]


def test_the_memory_of_a_child_is_counted(tmp_path: Path) -> None:
    child = f"import time; held = b'x' * {PEAK_BYTES}; time.sleep(0.6)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}], check=True)"
    assert measure([sys.executable, "-c", parent], tmp_path, os.environ).peak_bytes > PEAK_BYTES


def test_a_run_that_fails_says_what_it_printed(tmp_path: Path) -> None:
    with pytest.raises(FailedRunError, match=r"ended with 3:\nno such export"):
        measure([sys.executable, "-c", "print('no such export'); raise SystemExit(3)"], tmp_path, os.environ)


def test_the_median_is_taken_of_each_measure_by_itself() -> None:
    assert middle([Cost(1.0, 9.0, 50), Cost(2.0, 8.0, 70), Cost(3.0, 7.0, 60)]) == Cost(2.0, 8.0, 60)


def test_only_what_stands_between_the_markers_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "README.md"
    file.write_text(f"before\n{START}\nold\n{END}\nafter\n", encoding="utf-8")
    write_between_markers(file, r"| new \1 |")
    assert file.read_text(encoding="utf-8") == f"before\n{START}\n| new \\1 |\n{END}\nafter\n"


def test_a_file_without_markers_has_no_place(tmp_path: Path) -> None:
    file = tmp_path / "README.md"
    file.write_text("no place", encoding="utf-8")
    assert not has_place(file)


RESULTS = [
    Result(1, 9_000, 3, {"bare": Cost(0.5, 0.4, 100_000_000), "refresh": Cost(5.0, 4.0, 300_000_000), "warm": Cost(2.0, 1.5, 400_000_000)}),
    Result(10, 90_000, 3, {"bare": Cost(1.0, 0.9, 200_000_000), "refresh": Cost(6.0, 5.0, 350_000_000)}),
    Result(1_000, 9_000_000, 1, {"bare": Cost(100.0, 90.0, 2e9), "refresh": Cost(600.0, 500.0, 3e9), "notebook": Cost(300.0, 280.0, 9e9)}),
]
SETTING = Setting(dt.date(2026, 1, 31), list(WAYS.values()), is_synthetic_at_1=False, seed=2022)


def test_the_slope_is_the_exponent_of_rows_from_scale_10_on() -> None:
    assert slope(RESULTS, "bare") == pytest.approx(1.0)
    assert slope(RESULTS, "notebook") is None


def test_the_short_table_has_a_row_a_scale_and_leaves_out_what_was_not_measured() -> None:
    lines = short_table(RESULTS, SETTING).splitlines()
    assert lines[0] == (
        "| Scale | Sales rows | Bare DuckDB script: s | Refresh: s | Pandas notebook: s | Refresh / bare | Refresh: peak MB |"
    )
    assert lines[2] == "| 1 | 9,000 | 0.50 | 5.00 |  | 10.00 | 300 |"
    assert lines[4] == "| 1,000 | 9,000,000 | 100.0 | 600.0 | 300.0 | 6.00 | 3,000 |"


def test_another_checkout_is_in_the_full_table_and_not_in_the_short_one() -> None:
    earlier = replace(WAYS["refresh"], name="refresh_before", title="Refresh, at 0a1b2c3")
    both = replace(SETTING, ways=[*SETTING.ways, earlier])
    results = [replace(RESULTS[0], costs={**RESULTS[0].costs, "refresh_before": Cost(10.0, 16.0, 200_000_000)}), *RESULTS[1:]]
    assert "*Refresh, at 0a1b2c3*: 0.50 (0.25 of the CPU seconds) at scale 1." in full_table(results, both)
    assert short_table(results, both) == short_table(RESULTS, SETTING)


def test_the_full_table_has_a_row_a_scale_and_way_and_says_what_they_come_to() -> None:
    text = full_table(RESULTS, SETTING)
    assert "| Refresh | 10 | 90,000 | 6.00 | 5.00 | 350 | 6.00 | 1.75 | 3 |" in text
    assert "takes 2.00 s: 4.00 times the bare script's whole process." in text
    assert "scale 10 to 1,000: Bare DuckDB script 1.00, Refresh 1.00." in text
    assert "The shop's export at scale 1, synthetic ones (seed 2022) above it; medians of 3 runs at scale 1" in text
    assert "held to 2GB of memory at scale 1,000. 2026-01-31" in text
    assert "*Refresh* runs without the documents" in text
    assert "every CSV but `kpis/best_seller.csv`, `kpis/promo_uplift.csv`, `kpis/segment_band.csv`, `kpis/stock_coverage.csv`, " in text


def test_only_what_ran_is_said_to_lack_something() -> None:
    alone = full_table([replace(RESULTS[0], costs={"bare": RESULTS[0].costs["bare"]})], SETTING)
    assert not any(words in alone for words in ("runs without", "every CSV but"))


def test_the_plot_of_the_same_measurements_is_the_same_file(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib comes with the dependency group bench")
    from bottleneck_assets_tests.bench.plotting import plot

    plot(RESULTS, SETTING.ways, tmp_path / "one.svg")
    plot(RESULTS, SETTING.ways, tmp_path / "images" / "two.svg")
    drawn = (tmp_path / "one.svg").read_text(encoding="utf-8")
    assert drawn == (tmp_path / "images" / "two.svg").read_text(encoding="utf-8")
    assert "Pandas notebook" in drawn


@pytest.mark.parametrize(
    "options", [["--scales", "0"], ["--ways", "spark"], ["--write", "missing.md"], ["--scales", "10", "--export", __file__]]
)
def test_a_wrong_option_is_refused_before_anything_runs(options: list[str]) -> None:
    assert CliRunner().invoke(main, options).exit_code == 2


def test_a_bench_of_two_ways_writes_table_and_plot(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib comes with the dependency group bench")
    readme, docs = tmp_path / "README.md", tmp_path / "docs" / "benchmarks.md"
    docs.parent.mkdir()
    for file in (readme, docs):
        file.write_text(f"{START}\n{END}\n", encoding="utf-8")
    options = ["--scales", "1", "--ways", "notebook", "--repeat", "1", "--write", str(readme), "--docs", str(docs)]
    ended = CliRunner().invoke(main, options, catch_exceptions=False)
    assert ended.exit_code == 0, ended.output
    assert "| Pandas notebook | 1 |" in docs.read_text(encoding="utf-8")
    assert "Pandas notebook: s" in readme.read_text(encoding="utf-8")
    (picture,) = re.findall(r"!\[.+\]\((.+)\)", docs.read_text(encoding="utf-8"))
    assert (docs.parent / picture).read_text(encoding="utf-8").startswith("<?xml")


def test_another_checkout_of_the_project_is_run_beside(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    (checkout / ".venv").mkdir(parents=True)
    (checkout / ".venv" / "bin").symlink_to(sysconfig.get_path("scripts"))
    author = ["-c", "user.name=bench", "-c", "user.email=bench@example.org"]
    for command in (["init"], [*author, "commit", "--allow-empty", "--message", "before"]):
        subprocess.run(["git", "-C", str(checkout), *command], check=True, capture_output=True)
    options = ["--scales", "1", "--ways", "refresh", "--repeat", "1", "--before", str(checkout)]
    ended = CliRunner().invoke(main, options, catch_exceptions=False)
    assert ended.exit_code == 0, ended.output
    (commit,) = re.findall(r"\| Refresh, at (\w+) \| 1 \|", ended.output)
    told = rf"Seconds of \*Refresh\* over those of \*Refresh, at {commit}\*: [\d.]+ \([\d.]+ of the CPU seconds\) at scale 1\."
    assert re.search(told, ended.output)


def test_a_checkout_without_its_environment_is_refused_with_the_remedy(tmp_path: Path) -> None:
    ended = CliRunner().invoke(main, ["--before", str(tmp_path)])
    assert ended.exit_code == 2
    assert "uv sync --frozen --all-extras" in ended.output


def test_a_way_that_differs_is_named_and_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = replace(WAYS["notebook"], differing=lambda *_: ["overview.csv"])
    monkeypatch.setitem(WAYS, "notebook", wrong)
    readme = tmp_path / "README.md"
    readme.write_text(f"{START}\n{END}\n", encoding="utf-8")
    ended = CliRunner().invoke(main, ["--scales", "1", "--ways", "notebook", "--repeat", "1", "--write", str(readme)])
    assert ended.exit_code == 1
    assert "| Pandas notebook |" not in ended.output
    assert readme.read_text(encoding="utf-8") == f"{START}\n{END}\n"


def test_a_wait_is_the_slowed_work_of_the_pages_thread_and_no_others() -> None:
    task = "ThreadControllerImpl::RunTask"

    def trace(*events: tuple[str, int, int, int, int]) -> list[dict[str, object]]:
        """Events as a trace has them: name, thread, start, microseconds on the clock and of the processor."""
        return [
            {"name": name, "ph": "X" if name == task else "R", "pid": 7, "tid": thread, "ts": start, "dur": clock, "tdur": cpu}
            for name, thread, start, clock, cpu in events
        ]

    opening = trace(
        (task, 1, 0, 90_000, 10_000), (task, 2, 0, 90_000, 90_000), ("first", 1, 95_000, 0, 0), (task, 1, 96_000, 40_000, 20_000)
    )
    switching = trace(
        (task, 1, 0, 10_000, 10_000),
        (task, 1, 20_000, 30_000, 10_000),  # in which the click is made
        ("from-segments", 1, 25_000, 0, 0),
        (task, 1, 60_000, 30_000, 5_000),
        ("to-segments", 1, 95_000, 0, 0),
        (task, 1, 96_000, 30_000, 30_000),
    )
    expected = Waits(first_chart=0.04, blocked=0.03, switch=0.06, longest_switch=0.06)
    assert astuple(waits(opening, switching)) == pytest.approx(astuple(expected))
