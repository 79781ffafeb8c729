"""What lies in a drop folder beside a good export: bad ones, strangers, pipes, locks and the logs of other files."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bottleneck_assets.errors import ExportError
from bottleneck_assets.portal.drop_folder import listed
from bottleneck_assets.settings import Settings
from bottleneck_assets.source.exports import (
    Export,
    ExportInUseError,
    chosen_export,
    find_exports,
    fingerprint,
    flaw_of_log,
    is_complete,
    log_of,
    look,
    read_only_uri,
    stamp,
    verify,
    wait_until_free,
)
from bottleneck_assets_tests.small_export import expected_columns, minimal_rows, write_export

if TYPE_CHECKING:
    from collections.abc import Callable

CASE = Path(__file__).parents[3] / "shared" / "cases" / "strangers_in_the_drop_folder.py"
NOW = dt.datetime(2024, 1, 2, 4, 0, tzinfo=dt.UTC)
APPLE_DOUBLE = bytes.fromhex("0005160700020000") + b"Mac OS X        " + bytes(4072)
THUMBNAILS = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(7672)


def dated(path: Path, second: int) -> Path:
    os.utime(path, (second, second))
    return path


def verified(path: Path) -> Export:
    return verify(path, expected_columns())


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "exports").mkdir()
    return Settings(data_dir=tmp_path)


@pytest.fixture
def export(settings: Settings) -> Path:
    return dated(write_export(settings.exports_dir / "shop.db", minimal_rows()), 100)


# --- Bad ones and strangers ------------------------------------------------------------------------------------------------------


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def without_sales(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("drop table Sales")


def no_sqlite(path: Path) -> None:
    path.write_bytes(b"segment;revenue\n" * 100)


@pytest.mark.parametrize("spoil", [cut_short, without_sales, no_sqlite])
def test_a_bad_newest_export_does_not_keep_an_older_good_one_from_being_read_and_is_named(
    settings: Settings, export: Path, spoil: Callable[[Path], None]
) -> None:
    bad = settings.exports_dir / "newer.db"
    shutil.copyfile(export, bad)
    spoil(bad)
    dated(bad, 200)

    choice = chosen_export(settings, NOW, verified)

    assert choice.path == export
    (remark,) = choice.passed_over
    assert "newer.db" in remark
    assert choice.in_place_of == "newer.db"


def test_where_no_export_can_be_used_the_newest_says_what_is_wrong_with_it_and_made_figures_do_not_stand_in(settings: Settings) -> None:
    for name, second in (("old.db", 100), ("new.db", 200)):
        without_sales(dated(write_export(settings.exports_dir / name, minimal_rows()), second))
        dated(settings.exports_dir / name, second)
    write_export(settings.exports_dir / "sample.db", minimal_rows())

    with pytest.raises(ExportError, match=r"new\.db has no table 'sales'"):
        chosen_export(settings, NOW, verified)


def test_what_windows_and_macos_leave_beside_an_export_is_no_export_whatever_its_date(settings: Settings, export: Path) -> None:
    for name, content in (("Thumbs.db", THUMBNAILS), ("._shop.db", APPLE_DOUBLE)):
        (settings.exports_dir / name).write_bytes(content)
        dated(settings.exports_dir / name, 300)

    assert find_exports(settings.exports_dir, NOW) == [export]
    choice = chosen_export(settings, NOW, verified)
    assert choice.path == export
    assert sorted(choice.passed_over) == [
        "._shop.db is not a SQLite file, and is passed over.",
        "Thumbs.db is not a SQLite file, and is passed over.",
    ]
    assert choice.in_place_of == ""


@pytest.mark.skipif(not CASE.exists(), reason="the cases are not beside the repository")
def test_the_case_of_strangers_in_the_drop_folder(settings: Settings, tmp_path: Path) -> None:
    source, target = write_export(tmp_path / "shop.db", minimal_rows()), settings.exports_dir / "OUT.db"
    subprocess.run([sys.executable, CASE, source, target], check=True)

    choice = chosen_export(settings, dt.datetime.now(dt.UTC), verified)
    assert choice.path == target
    assert len(choice.passed_over) == 2


@pytest.mark.parametrize("suffix", [".db3", ".s3db", ".sl3", ".DB3"])
def test_a_newer_export_with_another_usual_suffix_is_taken(settings: Settings, export: Path, suffix: str) -> None:
    newer = dated(shutil.copyfile(export, settings.exports_dir / f"newer{suffix}"), 200)

    assert chosen_export(settings, NOW, verified).path == newer


@pytest.mark.usefixtures("posix")
def test_a_pipe_in_the_drop_folder_is_named_and_the_export_beside_it_is_read(settings: Settings, export: Path) -> None:
    os.mkfifo(settings.exports_dir / "pipe.db")
    dated(settings.exports_dir / "pipe.db", 300)
    said = "pipe.db is a pipe or a device, and is passed over."

    choice = chosen_export(settings, NOW, verified)
    assert (choice.path, choice.passed_over, choice.in_place_of) == (export, [said], "")
    assert [(one.name, one.state) for one in listed(settings.exports_dir, None, NOW, 10)][1:] == [("pipe.db", said)]


def test_a_file_put_in_the_place_of_one_of_the_same_size_and_time_is_seen(settings: Settings, export: Path) -> None:
    (before,), stamped = look(settings.exports_dir), stamp(export)
    other = settings.exports_dir / "other"
    other.write_bytes(export.read_bytes())
    dated(other, 100).replace(export)

    (after,) = look(settings.exports_dir)
    assert (after.name, after.size, after.changed_ns) == (before.name, before.size, before.changed_ns)
    assert after != before
    assert stamp(export) != stamped


# --- Pipes -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("posix")
@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal"])
def test_a_pipe_in_the_place_of_an_export_or_beside_it_is_named_and_waited_for_by_nobody(export: Path, suffix: str) -> None:
    pipe = export.with_name(export.name + suffix)
    pipe.unlink(missing_ok=True)
    os.mkfifo(pipe)
    ends = threading.Timer(10, lambda: os.close(os.open(pipe, os.O_RDWR | os.O_NONBLOCK)))
    ends.start()
    began = time.monotonic()
    for ask in (fingerprint, verified, lambda path: wait_until_free(path, 0)):
        with pytest.raises(ExportError, match=r"shop\.db\S* is no file, but a pipe or a device\."):
            ask(export)
    is_complete(export)
    look(export.parent)
    ends.cancel()
    assert time.monotonic() - began < 5


# --- Locks -----------------------------------------------------------------------------------------------------------------------

HOLDER = """
import sqlite3, sys, time
with sqlite3.connect(sys.argv[1], isolation_level=None) as shop:
    shop.execute("begin exclusive")
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
    shop.execute("rollback")
"""


def held(export: Path, seconds: float) -> subprocess.Popen[str]:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(export), str(seconds)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    return holder


def test_an_export_that_the_shop_holds_locked_is_called_in_use_and_not_unreadable(export: Path) -> None:
    with held(export, 60) as holder:
        with pytest.raises(ExportInUseError, match=r"shop\.db is in use: another program has held it locked for 0\.2 seconds") as in_use:
            verify(export, expected_columns(), wait_seconds=0.2)
        holder.kill()
    assert "BOTTLENECK_EXPORT_WAIT_SECONDS" in in_use.value.remedy


def test_an_export_that_is_let_go_in_time_is_read(export: Path) -> None:
    with held(export, 1) as holder:
        assert verify(export, expected_columns(), wait_seconds=30).tables.keys() >= {"sales"}
        holder.kill()


# --- Logs of other files ---------------------------------------------------------------------------------------------------------


def units(export: Path) -> int:
    with closing(sqlite3.connect(read_only_uri(export), uri=True)) as connection:
        return connection.execute("select sum(cast(Sales as integer)) from Sales").fetchone()[0]


def changed_in_its_log(folder: Path, *statements: str, name: str = "shop.db") -> Path:
    """Return a file whose log holds what was done to it last, as a copy of the two while the shop has them open shows it."""
    live = write_export(folder / "live.db", minimal_rows())
    with closing(sqlite3.connect(live, isolation_level=None)) as shop:
        shop.execute("pragma journal_mode = wal")
        shop.execute("pragma wal_autocheckpoint = 0")
        for statement in statements:
            shop.execute(statement)
        copy = folder / name
        for suffix in ("", "-wal"):
            shutil.copy2(f"{live}{suffix}", f"{copy}{suffix}")
    return copy


@pytest.fixture(
    params=[
        ("update Sales set Sales = 1000 where rowid = 1",),
        ("create table more (a)", "update Sales set Sales = 1000 where rowid = 1"),
        ("create table more as select hex(zeroblob(20000)) as a", "update Sales set Sales = 1000 where rowid = 1"),
    ],
    ids=["in its pages", "with a new table", "and it grew"],
)
def logged(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    return changed_in_its_log(tmp_path, *request.param)


def test_a_log_that_belongs_to_its_file_is_read_with_it(logged: Path) -> None:
    assert log_of(logged) == logged.with_name("shop.db-wal")
    assert flaw_of_log(logged) is None
    assert units(logged) >= 1000


def test_a_log_that_was_written_back_in_part_is_read(tmp_path: Path) -> None:
    live = write_export(tmp_path / "live.db", minimal_rows())
    with closing(sqlite3.connect(live, isolation_level=None)) as shop, closing(sqlite3.connect(live, isolation_level=None)) as reader:
        shop.execute("pragma journal_mode = wal")
        shop.execute("pragma wal_autocheckpoint = 0")
        shop.execute("update Web set post_title = 'first'")
        reader.execute("begin")
        reader.execute("select count(*) from Web").fetchone()
        shop.execute("update Sales set Sales = 1000 where rowid = 1")
        shop.execute("pragma wal_checkpoint(passive)")  # as far as the reader lets it
        dated(live, 2_000_000_000)
        for suffix in ("", "-wal"):
            shutil.copy2(f"{live}{suffix}", tmp_path / f"shop.db{suffix}")

    assert flaw_of_log(tmp_path / "shop.db") is None
    assert units(tmp_path / "shop.db") >= 1000


def of_a_file_without_logs(path: Path) -> None:
    path.unlink()
    write_export(path, minimal_rows())


def of_a_file_with_logs_written_later(path: Path) -> None:
    of_a_file_without_logs(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma journal_mode = wal")
    shutil.move(path.with_name("kept"), path.with_name("shop.db-wal"))


def of_another_page_size(path: Path) -> None:
    of_a_file_without_logs(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("pragma page_size = 1024")
        connection.execute("vacuum")
        connection.execute("pragma journal_mode = wal")
    shutil.move(path.with_name("kept"), path.with_name("shop.db-wal"))


@pytest.mark.parametrize("put_in_its_place", [of_a_file_without_logs, of_a_file_with_logs_written_later, of_another_page_size])
def test_the_log_of_another_file_is_not_blended_into_an_export_and_it_is_said_so(
    logged: Path, put_in_its_place: Callable[[Path], None]
) -> None:
    shutil.move(logged.with_name("shop.db-wal"), logged.with_name("kept"))
    time.sleep(0.02)  # of a file system's clock
    put_in_its_place(logged)
    if (kept := logged.with_name("kept")).exists():
        shutil.move(kept, logged.with_name("shop.db-wal"))
    alone = shutil.copyfile(logged, logged.with_name("alone.db"))

    assert log_of(logged) is None
    assert "shop.db-wal" in (flaw_of_log(logged) or "")
    assert "was not read with it" in (flaw_of_log(logged) or "")
    assert fingerprint(logged) == fingerprint(alone)
    assert units(logged) == units(alone) < 1000
    assert verified(logged).sha256 == fingerprint(alone)
