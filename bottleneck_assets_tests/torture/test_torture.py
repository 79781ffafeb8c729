"""Proves that the trials can fail: what they should call a loss they do, and what is no loss they do not."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from bottleneck_assets_tests.running import begun
from bottleneck_assets_tests.torture.concurrency import Reader
from bottleneck_assets_tests.torture.crashes import _chosen
from bottleneck_assets_tests.torture.disk import RECORDING, Call, Disk, Forgotten, read_calls
from bottleneck_assets_tests.torture.refreshing import TRACED, Ended, Ground, can_trace, spread
from bottleneck_assets_tests.torture.trials import MARK, left_over, whole

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("posix")

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
    with begun([sys.executable, "-c", "import time; time.sleep(60)", argument], env={**os.environ, MARK: mark}) as process:
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
    with begun([sys.executable, "-c", "import time; time.sleep(60)", str(data_dir)]) as process:
        began = time.monotonic()
        assert left_over(data_dir, 0.5)
        assert time.monotonic() - began < 10
        process.kill()


# --- A disk that forgets ---------------------------------------------------------------------------------------------------------


def test_a_disk_keeps_what_was_synced_and_forgets_the_rest_in_each_of_its_ways(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "old").write_bytes(b"old")
    calls = [
        Call("create", f"{folder}/.new"),
        Call("write", f"{folder}/.new", content=b"new bytes"),
        Call("fsync", f"{folder}/.new"),
        Call("rename", f"{folder}/.new", f"{folder}/old"),
        Call("create", f"{folder}/other"),
        Call("write", f"{folder}/other", content=b"other"),
    ]

    def left(count: int, forgotten: Forgotten, given: float = 1.0) -> dict[str, bytes]:
        shutil.rmtree(folder)
        folder.mkdir()
        (folder / "old").write_bytes(b"old")
        disk = Disk(folder)
        for call in calls[:count]:
            disk.make(call)
        disk.left_by_a_cut(forgotten, given)
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    assert left(2, "zeros") == {"old": b"old", ".new": bytes(9)}
    assert left(2, "nothing") == {"old": b"old", ".new": b""}
    assert left(2, "names too") == {"old": b"old"}
    assert left(4, "zeros") == {"old": b"new bytes"}
    assert left(4, "zeros", given=0.0) == left(4, "names too") == {"old": b"old"}
    assert left(6, "zeros") == {"old": b"new bytes", "other": bytes(5)}
    calls.append(Call("fsync", str(folder)))
    assert left(7, "names too") == {"old": b"new bytes", "other": b""}


def test_what_is_in_a_folder_goes_with_it_when_it_is_renamed(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    disk = Disk(folder)
    building = f"{folder}/.building"
    for call in (
        Call("mkdir", building),
        Call("create", f"{building}/page"),
        Call("write", f"{building}/page", content=b"a page"),
        Call("fsync", f"{building}/page"),
        Call("fsync", building),
        Call("rename", building, f"{folder}/release"),
        Call("fsync", str(folder)),
    ):
        disk.make(call)
    disk.left_by_a_cut("names too", 1.0)

    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*")} == {"release", "release/page"}
    assert (folder / "release" / "page").read_bytes() == b"a page"


@pytest.mark.skipif(not can_trace(), reason="no process can be traced here")
def test_the_recorded_calls_of_a_program_lead_to_what_it_has_left(tmp_path: Path) -> None:
    folder, log = tmp_path / "d\u00e9 d", tmp_path / "log"
    program = f"""
import os, shutil
d = {str(folder)!r}
os.mkdir(d)
with open(d + "/a", "wb") as file:
    file.write(b"abc" * 5); file.flush(); os.fsync(file.fileno()); file.seek(2); file.write(b'"x\\n')
os.rename(d + "/a", d + "/b"); os.symlink("b", d + "/l"); shutil.copyfile(d + "/b", d + "/c"); os.link(d + "/b", d + "/h")
os.truncate(d + "/c", 3)
with open(d + "/c", "ab") as file:
    file.write(b"zz")
os.makedirs(d + "/e/f"); os.rename(d + "/e", d + "/g"); shutil.copyfile(d + "/b", d + "/g/f/i"); os.unlink(d + "/l")
"""
    subprocess.run([*TRACED, "-o", str(log), *RECORDING, sys.executable, "-c", program], check=True)
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    shutil.rmtree(folder)
    disk = Disk(folder)
    with log.open(encoding="latin-1") as lines:
        for call in read_calls(lines, folder):
            disk.make(call)
            disk.make(Call("fsync", call.other if call.what == "rename" else call.path))
    disk.left_by_a_cut("zeros", 1.0)

    assert {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()} == found
    assert sorted(found) == ["b", "c", "g/f/i", "h"]
