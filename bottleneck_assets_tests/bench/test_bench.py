"""The yardstick measures the same work, and a difference is told."""

from __future__ import annotations

import ast
import os
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest

from bottleneck_assets.definitions import defs
from bottleneck_assets.sample.export import write_sample_export
from bottleneck_assets_tests.bench import bare
from bottleneck_assets_tests.bench.comparing import differing_files
from bottleneck_assets_tests.bench.measuring import Cost, FailedRunError, measure, middle
from bottleneck_assets_tests.bench.reporting import END, START, has_place, write_between_markers

BARE = Path(bare.__file__)
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
    folder = tmp_path_factory.mktemp("data")
    config = {"resources": {"workbench": {"config": {"data_dir": str(folder), "export": str(export)}}}}
    with dg.DagsterInstance.ephemeral() as instance:
        quiet = {"loggers": {"console": {"config": {"log_level": "ERROR"}}}}
        assert defs.resolve_job_def("refresh").execute_in_process(instance=instance, run_config=config | quiet).success
    return folder / "extracts" / "latest"


def test_the_bare_script_writes_the_csvs_of_a_release(yardstick: Path, release: Path) -> None:
    assert "'=1+1" in (yardstick / "tables" / "web.csv").read_text(encoding="utf-8")
    assert "is not UTF-8 text" in (yardstick / "quality" / "quarantine.csv").read_text(encoding="utf-8")
    assert differing_files(yardstick, release) == []


def test_with_a_memory_limit_it_writes_the_same(export: Path, yardstick: Path, tmp_path: Path) -> None:
    measure([sys.executable, str(BARE), str(export), str(tmp_path / "out"), "--memory-limit", "200MB"], tmp_path, os.environ)
    assert differing_files(tmp_path / "out", yardstick) == []


def test_the_bare_script_imports_nothing_of_the_workflow() -> None:
    tree = ast.parse(BARE.read_text(encoding="utf-8"))
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
