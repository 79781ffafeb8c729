"""The right to write: one process at a time, as often as it likes, and for whoever waits in turn."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bottleneck_assets.engine import lock
from bottleneck_assets.engine.lock import sweep, writing
from bottleneck_assets.errors import BottleneckError

WRITER = """
import sys
from pathlib import Path
from bottleneck_assets.engine.lock import writing
with writing(Path(sys.argv[1]), lambda: print("waiting", flush=True)):
    print("writing", flush=True)
    sys.stdin.read()
"""


def writer(data_dir: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", WRITER, str(data_dir)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def next_word(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def test_whoever_holds_it_may_take_it_again_by_any_path_and_another_process_waits_for_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    waits: list[str] = []
    with writing(tmp_path / "data", lambda: waits.append("outer")):
        with writing(Path("data"), lambda: waits.append("inner")):
            pass
        other = writer(tmp_path / "data")
        assert next_word(other) == "waiting"
    assert next_word(other) == "writing"
    other.communicate()
    assert (waits, other.returncode) == ([], 0)


def test_whoever_waits_too_long_is_told_who_holds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "WAIT_SECONDS", 0.2)
    other, waits = writer(tmp_path), list[str]()
    assert next_word(other) == "writing"
    with pytest.raises(BottleneckError, match=r"Another refresh has held .*\.write\.lock"), writing(tmp_path, lambda: waits.append("once")):
        pass
    other.communicate()
    assert waits == ["once"]


def test_a_writer_that_was_killed_holds_up_nobody(tmp_path: Path) -> None:
    other, waits = writer(tmp_path), list[str]()
    assert next_word(other) == "writing"
    other.kill()
    other.communicate()
    with writing(tmp_path, lambda: waits.append("waited")):
        assert waits == []


def test_a_sample_or_a_setting_that_was_half_written_when_its_process_was_killed_is_swept_and_that_of_a_live_one_is_not(
    tmp_path: Path,
) -> None:
    with writer(tmp_path) as process:
        assert next_word(process) == "writing"
        process.kill()
    gone = [tmp_path / f".{name}.{process.pid}.tmp" for name in ("sample.db", "dagster.yaml")]
    others = [tmp_path / f".sample.db.{os.getpid()}.tmp", tmp_path / "notes.tmp", tmp_path / ".notes.tmp"]
    for path in (*gone, *others):
        path.touch()
    sweep(tmp_path)

    assert not any(path.exists() for path in gone)
    assert all(path.exists() for path in others)
