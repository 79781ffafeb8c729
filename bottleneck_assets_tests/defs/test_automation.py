"""Sensor, schedule and alerts as Dagster evaluates them, over real folders, files and an instance of their own."""

from __future__ import annotations

import ctypes
import datetime as dt
import json
import os
import shutil
import sqlite3
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import pytest
from aiosmtpd.controller import Controller
from dagster._utils.schedules import schedule_execution_time_iterator

from bottleneck_assets.defs.alerts import alert_on_failure
from bottleneck_assets.defs.assets import chosen_export_of
from bottleneck_assets.defs.instance import open_instance
from bottleneck_assets.defs.jobs import passing_over
from bottleneck_assets.defs.schedules import nightly_schedule
from bottleneck_assets.defs.sensors import new_export
from bottleneck_assets.sample.export import write_sample_export
from bottleneck_assets.settings import load_settings
from bottleneck_assets.source.arrivals import PATIENCE
from bottleneck_assets.source.exports import fingerprint
from bottleneck_assets_tests.conftest import night, run_refresh
from bottleneck_assets_tests.running import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aiosmtpd.smtp import Envelope

    from bottleneck_assets_tests.conftest import Refreshed

CAPABILITIES_V3 = 0x20080522


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with an empty drop folder, which sensor and schedule look at."""
    monkeypatch.setenv("BOTTLENECK_DATA_DIR", str(tmp_path))
    (tmp_path / "exports").mkdir()
    return tmp_path


@pytest.fixture
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.DagsterInstance]:
    with open_instance(load_settings(data_dir=tmp_path_factory.mktemp("instance"))) as instance:
        yield instance


def ticks(instance: dg.DagsterInstance, times: int, cursor: str | None = None) -> tuple[list[dg.RunRequest], list[str], str]:
    """Let the sensor look several times, as the daemon does; return what it asked for, why it skipped, and its cursor."""
    requests, skipped = list[dg.RunRequest](), list[str]()
    for _ in range(times):
        result = new_export(dg.build_sensor_context(instance, cursor=cursor))
        assert isinstance(result, dg.SensorResult)
        requests += result.run_requests or []
        skipped += [result.skip_reason.skip_message] if result.skip_reason and result.skip_reason.skip_message else []
        cursor = result.cursor
    assert cursor is not None
    return requests, skipped, cursor


@contextmanager
def bound_by_modes() -> Iterator[None]:
    """Lose root's right to read any file (CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH), if this process has it: what is its own stays open."""
    if os.geteuid() != 0:
        yield
        return
    libc = ctypes.CDLL(None)
    header, capabilities = (ctypes.c_uint32 * 2)(CAPABILITIES_V3, 0), (ctypes.c_uint32 * 6)()
    assert libc.capget(header, capabilities) == 0
    effective = capabilities[0]
    capabilities[0] = effective & ~0b110
    assert libc.capset(header, capabilities) == 0
    try:
        yield
    finally:
        capabilities[0] = effective
        assert libc.capset(header, capabilities) == 0


# --- The sensor --------------------------------------------------------------------------------------------------------------


def test_a_new_export_gets_one_run_that_names_it_and_reads_it(data_dir: Path, instance: dg.DagsterInstance) -> None:
    export = data_dir / "exports" / "shop.db"
    write_sample_export(export)

    requests, skipped, _ = ticks(instance, 5)

    (request,) = requests
    assert request.run_key == fingerprint(export)
    assert request.tags["bottleneck/export"] == "shop.db"
    assert request.tags["bottleneck/sha256"] == fingerprint(export)
    assert request.run_config == {"resources": {"workbench": {"config": {"export": str(export)}}}}
    assert skipped == ["shop.db is awaited: it is new, or not complete yet.", *[f"Nothing new in {export.parent}."] * 3]


def test_the_run_says_which_exports_it_passed_over(data_dir: Path, instance: dg.DagsterInstance) -> None:
    for name, second in (("monday.db", 100), ("tuesday.db", 200)):
        write_sample_export(data_dir / "exports" / name, seed=second)
        os.utime(data_dir / "exports" / name, (second, second))

    (request,), _, _ = ticks(instance, 5)

    assert request.tags["bottleneck/export"] == "tuesday.db"
    assert request.tags["bottleneck/passed_over"] == "monday.db is passed over: tuesday.db is newer."


def test_an_export_that_the_last_release_was_made_from_gets_no_run(
    data_dir: Path, instance: dg.DagsterInstance, refreshed_sample: Refreshed
) -> None:
    shutil.copytree(refreshed_sample.data_dir / "extracts", data_dir / "extracts", symlinks=True)
    shutil.copy(refreshed_sample.export, data_dir / "exports" / "again.db")

    requests, skipped, _ = ticks(instance, 5)

    assert requests == []
    assert "again.db has the content of an export that was run before." in skipped


@pytest.mark.parametrize("missing", [True, False])
def test_without_an_export_the_sensor_says_where_it_looks(missing: bool, data_dir: Path, instance: dg.DagsterInstance) -> None:
    if missing:
        (data_dir / "exports").rmdir()

    requests, skipped, _ = ticks(instance, 2)

    assert requests == []
    assert skipped == [f"Nothing new in {data_dir / 'exports'}."] * 2


@pytest.mark.usefixtures("posix")
def test_an_unreadable_file_gets_one_run_that_says_so(instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder)
        monkeypatch.setenv("BOTTLENECK_DATA_DIR", folder)
        (data_dir / "exports").mkdir()
        write_sample_export(data_dir / "exports" / "shop.db")
        (data_dir / "exports" / "shop.db").chmod(0)
        with bound_by_modes():
            (request,), _, _ = ticks(instance, 5)
            failed = run_refresh(data_dir / "exports" / "shop.db", data_dir)
        assert request.tags["bottleneck/export"] == "shop.db"
        assert "bottleneck/sha256" not in request.tags
        assert ["cannot be read: Permission denied" in why for why in failed.why_it_failed()] == [True]


@pytest.mark.usefixtures("posix")
def test_a_broken_link_and_a_folder_are_not_exports(data_dir: Path, instance: dg.DagsterInstance) -> None:
    (data_dir / "exports" / "link.db").symlink_to(data_dir / "nowhere.db")
    (data_dir / "exports" / "folder.db").mkdir()

    assert ticks(instance, 3)[0] == []


def test_a_truncated_file_gets_its_run_when_patience_ends(data_dir: Path, instance: dg.DagsterInstance) -> None:
    export = data_dir / "exports" / "shop.db"
    write_sample_export(export)
    os.truncate(export, 100_000)

    requests, _, cursor = ticks(instance, PATIENCE - 1)
    assert requests == []
    assert len(ticks(instance, 1, cursor)[0]) == 1


@pytest.mark.full
def test_ten_thousand_exports_get_one_run_and_short_words(data_dir: Path, instance: dg.DagsterInstance) -> None:
    content = b"SQLite format 3\x00"
    for number in range(10_000):
        (data_dir / "exports" / f"{number:05}.db").write_bytes(content)
        os.utime(data_dir / "exports" / f"{number:05}.db", (number, number))

    (request,), skipped, cursor = ticks(instance, PATIENCE + 2)

    assert request.tags["bottleneck/export"] == "09999.db"
    assert request.tags["bottleneck/passed_over"].endswith("And 9,995 more.")
    assert max(map(len, skipped)) < 1_000
    assert len(cursor) < 200_000
    assert json.loads(cursor)["waiting"] == {}


def test_an_export_that_another_run_is_reading_gets_no_second_run(data_dir: Path, instance: dg.DagsterInstance) -> None:
    write_sample_export(data_dir / "exports" / "shop.db")
    being_read(instance, data_dir / "exports" / "shop.db")

    assert ticks(instance, 5)[0] == []
    skipped = night(instance)
    assert isinstance(skipped, dg.SkipReason)
    assert skipped.skip_message == "A run from shop.db is under way."


def test_with_a_fixed_export_the_drop_folder_is_not_looked_at(
    data_dir: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_sample_export(data_dir / "exports" / "shop.db")
    monkeypatch.setenv("BOTTLENECK_EXPORT", str(data_dir / "fixed.db"))

    result = new_export(dg.build_sensor_context(instance))

    assert isinstance(result, dg.SensorResult)
    assert result.run_requests == []
    assert result.skip_reason is not None
    assert "The setting export names" in str(result.skip_reason.skip_message)


@dg.job
def nothing() -> None:
    pass


def being_read(instance: dg.DagsterInstance, export: Path) -> None:
    """Put a run into the instance that is reading an export."""
    instance.create_run_for_job(nothing, tags={"bottleneck/sha256": fingerprint(export)}, status=dg.DagsterRunStatus.STARTED)


# --- The schedule ------------------------------------------------------------------------------------------------------------


def test_a_night_refreshes_from_the_newest_export(data_dir: Path, instance: dg.DagsterInstance) -> None:
    for name, second in (("old.db", 100), ("new.db", 200)):
        write_sample_export(data_dir / "exports" / name, seed=second)
        os.utime(data_dir / "exports" / name, (second, second))

    request = night(instance)

    assert isinstance(request, dg.RunRequest)
    assert request.tags["bottleneck/export"] == "new.db"
    assert request.run_config["resources"]["workbench"]["config"]["export"] == str(data_dir / "exports" / "new.db")


def test_a_night_on_which_nothing_has_changed_is_skipped_and_one_after_a_change_is_not(
    data_dir: Path, instance: dg.DagsterInstance, refreshed_sample: Refreshed, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(refreshed_sample.data_dir / "extracts", data_dir / "extracts", symlinks=True)
    shutil.copy(refreshed_sample.export, data_dir / "exports" / "shop.db")
    monkeypatch.setenv("BOTTLENECK_REPORTS", "true")  # as that release was made

    skipped = night(instance)
    assert isinstance(skipped, dg.SkipReason)
    assert skipped.skip_message == "Neither the export (shop.db) nor the code nor a setting has changed since the last release."

    monkeypatch.setenv("BOTTLENECK_SERVICE_LEVEL", "0.9")
    assert isinstance(night(instance), dg.RunRequest)
    monkeypatch.delenv("BOTTLENECK_SERVICE_LEVEL")
    manifest = data_dir / "extracts" / "latest" / "manifest.json"
    told = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps({**told, "software": {**told["software"], "code": "of yesterday"}}), encoding="utf-8")
    assert isinstance(night(instance), dg.RunRequest)


def test_night_sensor_and_run_say_alike_which_newest_export_an_older_one_is_read_in_place_of(
    data_dir: Path, instance: dg.DagsterInstance
) -> None:
    bad, good = data_dir / "exports" / "tuesday.db", data_dir / "exports" / "monday.db"
    write_sample_export(good)
    bad.write_bytes(good.read_bytes())
    with closing(sqlite3.connect(bad)) as connection, connection:
        connection.execute("drop table Sales")
    for export, second in ((good, 100), (bad, 200)):
        os.utime(export, (second, second))

    nightly = night(instance)
    of_bad, of_good = ticks(instance, 5)[0]
    choice = chosen_export_of(load_settings())

    assert isinstance(nightly, dg.RunRequest)
    for tags in (nightly.tags, of_good.tags, passing_over(choice.passed_over, choice.in_place_of)):
        assert tags["bottleneck/in_place_of"] == "tuesday.db"
        assert "tuesday.db has no table 'sales'" in tags["bottleneck/passed_over"]
    assert "bottleneck/in_place_of" not in of_bad.tags


def test_an_export_that_is_still_being_copied_at_night_is_left_to_the_sensor(data_dir: Path, instance: dg.DagsterInstance) -> None:
    export = data_dir / "exports" / "shop.db"
    write_sample_export(export)
    os.truncate(export, 100_000)

    skipped = night(instance)

    assert isinstance(skipped, dg.SkipReason)
    assert "shop.db is not complete" in str(skipped.skip_message)


def test_a_night_without_an_export_says_so(data_dir: Path, instance: dg.DagsterInstance) -> None:
    skipped = night(instance)

    assert isinstance(skipped, dg.SkipReason)
    assert skipped.skip_message == f"There is no export in {data_dir / 'exports'}."


@pytest.mark.parametrize(
    ("day", "in_utc"),
    [
        (dt.date(2026, 3, 28), "2026-03-28T03:00"),
        (dt.date(2026, 3, 29), "2026-03-29T02:00"),  # the clock goes forward at 02:00
        (dt.date(2026, 10, 24), "2026-10-24T02:00"),
        (dt.date(2026, 10, 25), "2026-10-25T03:00"),  # the clock goes back at 03:00
    ],
)
def test_the_night_begins_at_four_in_paris_once_also_when_the_clock_changes(day: dt.date, in_utc: str) -> None:
    begins = dt.datetime.combine(day, dt.time(0), tzinfo=dt.UTC) - dt.timedelta(hours=2)
    schedule = nightly_schedule(load_settings())
    times = schedule_execution_time_iterator(begins.timestamp(), str(schedule.cron_schedule), schedule.execution_timezone)
    that_day = [time for time in (next(times) for _ in range(3)) if time.date() == day]

    assert [time.astimezone(dt.UTC).isoformat()[:16] for time in that_day] == [in_utc]


# --- Alerts ------------------------------------------------------------------------------------------------------------------


@dg.op
def fail() -> None:
    two_lines = "It is corked.\nOpen another bottle."
    raise dg.Failure(two_lines)


@dg.job
def failing() -> None:
    fail()


class Telling:
    """The sensor `alert_on_failure` as the daemon asks it, look by look."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance, self.cursor = instance, None

    def look(self) -> str:
        result = alert_on_failure(dg.build_sensor_context(self.instance, cursor=self.cursor))
        assert isinstance(result, dg.SensorResult)
        assert result.skip_reason is not None
        self.cursor = result.cursor
        return str(result.skip_reason.skip_message)

    def fail(self, **tags: str) -> None:
        failing.execute_in_process(instance=self.instance, raise_on_error=False, tags=tags)


@pytest.fixture
def inbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Sink]]:
    """Have alerts sent by mail to a port where nothing listens yet; give a way to open a mail server there."""
    port, servers = free_port(), list[Controller]()
    for name, value in {
        "ALERT_EMAIL_TO": "sales@shop.example",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(port),
        "SMTP_SECURITY": "none",
    }.items():
        monkeypatch.setenv(f"BOTTLENECK_{name}", value)

    def opened() -> Sink:
        sink = Sink()
        servers.append(Controller(sink, hostname="127.0.0.1", port=port))
        servers[0].start()
        return sink

    yield opened
    for server in servers:
        server.stop()


class Sink:
    """A mail server's memory."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.mails.append(bytes(envelope.content or b""))
        return "250 OK"


@pytest.mark.usefixtures("data_dir")
def test_each_failed_run_is_told_once_also_one_of_the_command_line(instance: dg.DagsterInstance, inbox: Callable[[], Sink]) -> None:
    telling, sink = Telling(instance), inbox()
    telling.fail()
    assert telling.look() == "No run has failed."  # before the first look
    telling.fail()
    telling.fail()
    said = [telling.look() for _ in range(4)]

    assert said == ["Told by e-mail: Refresh failed: It is corked."] * 2 + ["No run has failed."] * 2
    assert ["Open another bottle." in mail.decode() for mail in sink.mails] == [True, True]


@pytest.mark.usefixtures("data_dir")
def test_an_alert_that_cannot_be_sent_is_sent_once_the_mail_server_is_back(instance: dg.DagsterInstance, inbox: Callable[[], Sink]) -> None:
    telling = Telling(instance)
    telling.look()
    telling.fail()
    assert telling.look() == "An alert could not be sent by e-mail (ConnectionRefusedError): Refresh failed: It is corked."

    sink = inbox()
    assert telling.look() == "Told by e-mail: Refresh failed: It is corked."
    assert telling.look() == "No run has failed."
    assert len(sink.mails) == 1


@pytest.mark.usefixtures("data_dir")
def test_a_run_that_is_tried_again_is_not_told(instance: dg.DagsterInstance, inbox: Callable[[], Sink]) -> None:
    telling, sink = Telling(instance), inbox()
    telling.look()
    telling.fail()
    (record,) = instance.get_run_records()
    instance.add_run_tags(record.dagster_run.run_id, {"dagster/will_retry": "true"})

    assert telling.look() == "No run has failed."
    assert sink.mails == []


@pytest.mark.usefixtures("data_dir")
def test_where_no_channel_is_set_a_failure_is_told_to_nobody_also_later(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    telling = Telling(instance)
    telling.look()
    telling.fail()
    assert telling.look().startswith("Nobody is told")
    monkeypatch.setenv("BOTTLENECK_ALERT_EMAIL_TO", "sales@shop.example")
    assert telling.look() == "No run has failed."


def test_schedule_and_sensors_are_on_unless_someone_turns_them_off() -> None:
    from bottleneck_assets.definitions import defs

    assert [(one.name, one.default_status) for one in defs().schedules or ()] == [("nightly_refresh", dg.DefaultScheduleStatus.RUNNING)]  # type: ignore[union-attr]
    statuses = {sensor.name: sensor.default_status for sensor in defs().sensors or ()}  # type: ignore[union-attr]
    assert statuses == dict.fromkeys(("new_export", "alert_on_failure", "alert_on_stale_data"), dg.DefaultSensorStatus.RUNNING)
