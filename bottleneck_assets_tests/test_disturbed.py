"""A refresh that is stopped, killed, cut off from its terminal, held to a limit, or not alone: real processes, and what they leave."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import time
from typing import TYPE_CHECKING, Any

import dagster as dg
import pytest

from bottleneck_assets.engine.lock import writing
from bottleneck_assets.sample.export import write_sample_export
from bottleneck_assets_tests.commands import assert_whole, hashes, started
from bottleneck_assets_tests.conftest import run_refresh
from bottleneck_assets_tests.running import BOTTLENECK, PATIENCE, begun

if TYPE_CHECKING:
    from pathlib import Path

resource = pytest.importorskip("resource", reason="Only POSIX has limits of resources, and signals that end a process.")

MOMENTS = 10


@pytest.mark.parametrize("arguments", ["", "--force"])
def test_a_refresh_whose_stdout_is_closed_ends_as_any_other(arguments: str, published: Path, tmp_path: Path) -> None:
    shutil.copytree(published, tmp_path / "data", symlinks=True)
    command = f'exec "{BOTTLENECK}" refresh {arguments} --data-dir "{tmp_path / "data"}" >&-'
    done = subprocess.run(["/bin/sh", "-c", command], stderr=subprocess.PIPE, text=True, check=False, timeout=PATIENCE)
    assert (done.returncode, done.stderr) == (0, "")
    assert_whole(tmp_path / "data" / "extracts" / "latest")


@pytest.mark.parametrize("reached", [".write.lock", "warehouse/clean/web.parquet"])
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_refresh_that_is_stopped_says_so_in_two_lines(reached: str, stop: signal.Signals, published: Path, tmp_path: Path) -> None:
    command = [BOTTLENECK, "refresh", "--export", str(published / "exports" / "sample.db"), "--data-dir", str(tmp_path)]

    with begun(command, stderr=subprocess.PIPE, text=True) as process:
        while not (tmp_path / reached).exists():
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(stop)
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert len(said.strip().splitlines()) == 2, said
    assert "topped." in said
    assert not list(tmp_path.glob("extracts/*"))


@pytest.mark.full
@pytest.mark.parametrize("reached", ["dagster_home/dagster.yaml", "warehouse/raw/web.parquet", "warehouse/kpi/revenue.parquet"])
def test_ctrl_c_pressed_again_and_again_ends_a_refresh_in_two_lines_and_shows_no_traceback(
    reached: str, published: Path, tmp_path: Path
) -> None:
    command = [BOTTLENECK, "refresh", "--export", str(published / "exports" / "sample.db"), "--data-dir", str(tmp_path)]

    with begun(command, stderr=subprocess.PIPE, text=True) as process:
        while not (tmp_path / reached).exists():
            assert process.poll() is None
            time.sleep(0.01)
        for _ in range(10):
            process.send_signal(signal.SIGINT)
            time.sleep(0.03)
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert said in {f"{stopped}\nWhat is published is whole; run it again to finish.\n" for stopped in ("Stopped.", "The run was stopped.")}


@pytest.mark.full
def test_a_refresh_of_which_somebody_reads_one_line_publishes_and_ends_well(published: Path, tmp_path: Path) -> None:
    command = f"set -o pipefail; {BOTTLENECK} refresh --export {published / 'exports' / 'sample.db'} --data-dir {tmp_path} | head -1"
    done = subprocess.run(["/bin/bash", "-c", command], capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 1
    assert_whole(tmp_path / "extracts" / "latest")


@pytest.mark.full
def test_without_a_umask_a_refresh_leaves_nothing_that_everybody_may_write(tmp_path: Path) -> None:
    command = [BOTTLENECK, "refresh", "--data-dir", str(tmp_path / "data")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE, umask=0)
    assert done.returncode == 0, done.stderr
    found = [path for path in (tmp_path / "data").rglob("*") if not path.is_symlink()]
    assert len(found) > 100
    assert [path for path in found if path.stat().st_mode & stat.S_IWOTH] == []


@pytest.mark.full
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


@pytest.mark.full
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
        with begun(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True) as process:
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


@pytest.mark.full
def test_a_killed_refresh_does_not_hold_up_the_next_one(published: Path, tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    command = [BOTTLENECK, "refresh", "--force", "--export", str(published / "exports" / "sample.db"), "--data-dir", str(data_dir)]
    with begun(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True) as process:
        while not (data_dir / "warehouse" / "clean" / "web.parquet").exists():
            assert process.poll() is None
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
    assert started(*command[1:]).returncode == 0
    with dg.DagsterInstance.from_config(str(data_dir / "dagster_home")) as instance:
        assert [run.status for run in instance.get_runs()] == [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]
