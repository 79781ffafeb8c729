"""Proves that the trials can fail: what they should call a loss they do, and what is no loss they do not."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from bottleneck_assets_tests.torture.concurrency import Reader
from bottleneck_assets_tests.torture.crashes import _chosen
from bottleneck_assets_tests.torture.refreshing import Ended, Ground, spread
from bottleneck_assets_tests.torture.trials import MARK, left_over, whole

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OLD, NEW = "2024-01-01T00-00-00-000000Z_00000000", "2024-01-02T00-00-00-000000Z_00000000"


def publish(data_dir: Path, name: str, text: str = "a,b\n1,2\n") -> Path:
    """Make a release by hand, and point `latest` at it."""
    release = data_dir / "extracts" / name
    (release / "kpis").mkdir(parents=True)
    for path in ("overview.csv", "kpis/revenue.csv"):
        (release / path).write_text(text, encoding="utf-8")
    files = [{"path": path, "sha256": hashlib.sha256(text.encode()).hexdigest()} for path in ("overview.csv", "kpis/revenue.csv")]
    (release / "manifest.json").write_text(json.dumps({"files": files}), encoding="utf-8")
    latest = data_dir / "extracts" / "latest"
    latest.unlink(missing_ok=True)
    latest.symlink_to(name)
    return release


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    publish(tmp_path, OLD)
    publish(tmp_path, NEW)
    return tmp_path


def test_whole_releases_and_a_latest_that_points_at_one_are_no_loss(data_dir: Path) -> None:
    assert whole(data_dir) == []


def test_a_folder_where_nothing_was_published_yet_is_no_loss(tmp_path: Path) -> None:
    assert whole(tmp_path) == whole(tmp_path / "none") == []


def change_a_byte(extracts: Path) -> None:
    (extracts / OLD / "overview.csv").write_text("a,b\n1,3\n", encoding="utf-8")


def take_a_file(extracts: Path) -> None:
    (extracts / OLD / "kpis" / "revenue.csv").unlink()


def add_a_file(extracts: Path) -> None:
    (extracts / NEW / "kpis" / "half.csv").touch()


def take_the_manifest(extracts: Path) -> None:
    (extracts / NEW / "manifest.json").unlink()


def cut_the_manifest(extracts: Path) -> None:
    os.truncate(extracts / NEW / "manifest.json", 40)


def let_latest_dangle(extracts: Path) -> None:
    (extracts / "latest").unlink()
    (extracts / "latest").symlink_to("2023-01-01T00-00-00-000000Z_00000000")


def point_latest_at_a_building(extracts: Path) -> None:
    (extracts / ".building-x").mkdir()
    (extracts / "latest").unlink()
    (extracts / "latest").symlink_to(".building-x")


def take_latest(extracts: Path) -> None:
    (extracts / "latest").unlink()


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (change_a_byte, f"{OLD}: overview.csv is not what was published"),
        (take_a_file, f"{OLD}: kpis/revenue.csv is missing"),
        (add_a_file, f"{NEW}: kpis/half.csv is not listed"),
        (take_the_manifest, f"{NEW}: its manifest cannot be read"),
        (cut_the_manifest, f"{NEW}: its manifest cannot be read"),
        (let_latest_dangle, "which is no release"),
        (point_latest_at_a_building, "which is no release"),
        (take_latest, "which is no release"),
    ],
)
def test_whatever_is_wrong_with_a_release_or_with_latest_is_a_loss(data_dir: Path, damage: Callable[[Path], None], told: str) -> None:
    damage(data_dir / "extracts")

    (loss,) = whole(data_dir)
    assert told in loss


@pytest.mark.parametrize(
    "left",
    [
        "warehouse/clean/.web.parquet.7.tmp",
        "warehouse/.reading-7-abc/clean.web.7.parquet",
        "extracts/.building-x/overview.csv",
        "extracts/.latest-new",
        "documents/.dashboard.building/index.html",
        "exports/.sample.db.7.tmp",
        "dagster_home/.dagster.yaml.7.tmp",
    ],
)
def test_a_temporary_file_is_left_over(data_dir: Path, left: str) -> None:
    assert left_over(data_dir, 0) == []
    (data_dir / left).parent.mkdir(parents=True, exist_ok=True)
    (data_dir / left).touch()

    assert left_over(data_dir, 0)


@pytest.mark.parametrize("known_by", ["its command", "its environment"])
def test_a_process_is_left_over_until_it_ends(data_dir: Path, known_by: str) -> None:
    argument, mark = (str(data_dir), "") if known_by == "its command" else ("", str(data_dir))
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", argument], env={**os.environ, MARK: mark}) as process:
        (loss,) = left_over(data_dir, 0)
        process.kill()
    assert str(process.pid) in loss
    assert left_over(data_dir, 0) == []


def test_a_release_that_holds_something_else_than_an_undisturbed_refresh_makes_is_a_loss(data_dir: Path) -> None:
    export = data_dir / "shop.db"
    expected = {path: hashlib.sha256(b"a,b\n1,2\n").hexdigest() for path in ("overview.csv", "kpis/revenue.csv")}
    ground = Ground(export, export, export, {export: expected}, data_dir, 1.0)
    assert ground.lost(data_dir) == []
    publish(data_dir, "2024-01-03T00-00-00-000000Z_00000000", "a,b\n2,2\n")

    (loss,) = ground.lost(data_dir)
    assert "undisturbed" in loss


@pytest.mark.parametrize(
    ("ended", "is_loss"),
    [
        (Ended(0, [], 1.0), False),
        (Ended(1, ["The disk is full.", "Free space."], 1.0), False),
        (Ended(0, ["Exception ignored in ..."], 1.0), True),
        (Ended(1, ["Something else.", "Do something."], 1.0), True),
        (Ended(1, ["Traceback (most recent call last):", "The disk is full"], 1.0), True),
        (Ended(1, ["The disk is full."], 1.0), True),
        (Ended(2, ["The disk is full.", "Free space."], 1.0), True),
        (Ended(-signal.SIGSEGV, [], 1.0), True),
    ],
)
def test_an_end_that_is_neither_success_nor_two_lines_about_what_is_wrong_is_a_loss(ended: Ended, is_loss: bool) -> None:
    assert bool(ended.clearly("disk")) == is_loss


def test_a_reader_notes_a_release_that_changes_and_one_that_vanishes(data_dir: Path) -> None:
    reader = Reader(data_dir / "extracts")
    reader.once()
    assert (reader.losses, reader.times, reader.seen) == ([], 1, {NEW})
    (data_dir / "extracts" / NEW / "overview.csv").write_text("half", encoding="utf-8")
    reader.once()
    (data_dir / "extracts" / NEW / "overview.csv").unlink()
    reader.once()
    assert len(reader.losses) == 2


def test_moments_are_spread_over_the_whole_length_and_beyond_and_are_the_same_for_the_same_seed() -> None:
    moments = spread(20, 10.0, seed=3)
    assert moments == sorted(moments) == spread(20, 10.0, seed=3) != spread(20, 10.0, seed=4)
    assert moments[0] < 0.6
    assert 9.9 < moments[-1] < 10.5


def test_system_calls_are_drawn_from_all_there_are_and_all_of_them_where_they_are_few() -> None:
    calls = [(call, number) for call in ("mkdir", "rename") for number in range(1, 50)]
    chosen = _chosen(calls, 10)
    assert len(set(chosen)) == 10
    assert {call for call, _ in chosen} == {"mkdir", "rename"}
    assert sorted(_chosen(calls[:3], 10)) == calls[:3]


def test_waiting_for_processes_to_end_takes_no_longer_than_it_is_told(data_dir: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", str(data_dir)]) as process:
        began = time.monotonic()
        assert left_over(data_dir, 0.5)
        assert time.monotonic() - began < 10
        process.kill()
