"""The workflow left alone: files are dropped, and what should happen happens, once, in real processes with a real mail server."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import sqlite3
import time
from contextlib import closing
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message

from bottleneck_assets.sample.export import write_sample_export
from bottleneck_assets.source.exports import fingerprint
from bottleneck_assets_tests.conftest import REAL_EXPORT
from bottleneck_assets_tests.running import free_port, up, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

    from bottleneck_assets_tests.running import Ui

pytestmark = pytest.mark.full

SETTLED = 30
"""Seconds in which the sensor looks at least three times."""


class Mailbox(Message):
    """What the mail server took."""

    def __init__(self) -> None:
        super().__init__()
        self.letters: list[EmailMessage] = []

    def handle_message(self, message: object) -> None:
        self.letters.append(message_from_bytes(bytes(message), policy=policy.default))  # type: ignore[arg-type, call-overload]

    def about(self, words: str) -> list[EmailMessage]:
        return [letter for letter in self.letters if words in letter["Subject"]]


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    server = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    server.start()
    mailbox.port = server.port  # type: ignore[attr-defined]
    yield mailbox
    server.stop()


@pytest.fixture(scope="module")
def ui(tmp_path_factory: pytest.TempPathFactory, mailbox: Mailbox) -> Iterator[Ui]:
    data_dir = tmp_path_factory.mktemp("alone")
    settings = {
        "BOTTLENECK_ALERT_EMAIL_TO": "sales@shop.example",
        "BOTTLENECK_SMTP_HOST": "127.0.0.1",
        "BOTTLENECK_SMTP_PORT": str(mailbox.port),  # type: ignore[attr-defined]
        "BOTTLENECK_SMTP_SECURITY": "none",
        "BOTTLENECK_STALE_WARN_HOURS": str(1 / 60),
        "BOTTLENECK_STALE_FAIL_HOURS": "50",
        "BOTTLENECK_UI_URL": "https://kpi.shop.example",
    }
    with up(data_dir, **settings) as (ui, _):
        yield ui


@pytest.fixture(scope="module")
def first_release(ui: Ui) -> Path:
    """The release that the synthetic export, made at the start, leads to."""
    wait_for(lambda: ui.latest.exists() or None)
    return ui.latest.resolve()


def published_from(ui: Ui, export: str) -> Path | None:
    return ui.latest.resolve() if ui.published()["name"] == export else None


def test_the_schedule_and_the_sensors_are_on_after_up(ui: Ui) -> None:
    assert ui.switches() == dict.fromkeys(("new_export", "alert_on_failure", "alert_on_stale_data", "nightly_refresh"), "RUNNING")


def test_an_export_that_is_copied_into_the_drop_folder_leads_to_a_release_within_ninety_seconds_and_once(
    ui: Ui, first_release: Path, tmp_path: Path
) -> None:
    export = REAL_EXPORT
    if not export.exists():
        export = tmp_path / "shop.db"
        write_sample_export(export, seed=5)
    dropped = ui.data_dir / "exports" / "Bottleneck.db"
    shutil.copy(export, dropped)

    release = wait_for(lambda: published_from(ui, "Bottleneck.db"))

    assert release != first_release
    assert ui.published()["sha256"] == fingerprint(export)
    run = wait_for(lambda: ui.finished_run_of("Bottleneck.db"))
    assert (run.status, run.job, run.tags["dagster/sensor_name"]) == ("SUCCESS", "refresh", "new_export")
    assert run.tags["bottleneck/sha256"] == fingerprint(export)

    shutil.copy(dropped, dropped.with_name("the same again.db"))
    os.utime(dropped)


def test_an_export_that_grows_for_twenty_seconds_gets_one_run_after_it_stopped(ui: Ui, first_release: Path, tmp_path: Path) -> None:
    write_sample_export(tmp_path / "slow.db", seed=6)
    content = (tmp_path / "slow.db").read_bytes()
    assert first_release.exists()
    with (ui.data_dir / "exports" / "slow.db").open("wb", buffering=0) as growing:
        for part in range(20):
            growing.write(content[len(content) * part // 20 : len(content) * (part + 1) // 20])
            assert ui.runs_of("slow.db") == []
            time.sleep(1)

    wait_for(lambda: published_from(ui, "slow.db"))


def test_a_damaged_export_gets_one_failed_run_with_its_two_lines_and_one_alert_and_the_last_release_stays(
    ui: Ui, first_release: Path, mailbox: Mailbox
) -> None:
    assert first_release.exists()
    before, damaged = ui.latest.resolve(), ui.data_dir / "exports" / "damaged.db"
    beside = damaged.with_suffix(".part")
    write_sample_export(beside, seed=8)
    with closing(sqlite3.connect(beside)) as connection:
        connection.execute("drop table Promo")
    beside.rename(damaged)

    run = wait_for(lambda: ui.finished_run_of("damaged.db"))
    (letter,) = wait_for(lambda: mailbox.about("Refresh failed"))

    assert run.status == "FAILURE"
    assert letter["To"] == "sales@shop.example"
    told = letter.get_content()
    for line in (
        f"Export: damaged.db (SHA-256 {fingerprint(damaged)[:8]})\nAsset: raw/sqlite_export\n",
        f"Reason: {damaged} has no table 'promo' (it has: Finance, Sales, Web).\n",
        "What to do: Ask the shop for a new export, or copy it again.",
        f"Last release: {before.name} stays in place.",
        f"Open the run: https://kpi.shop.example/runs/{run.id}",
    ):
        assert line in told
    assert ui.latest.resolve() == before
    assert failure_of(ui, run.id) == [
        f"{damaged} has no table 'promo' (it has: Finance, Sales, Web).",
        "Ask the shop for a new export, or copy it again.",
    ]


def failure_of(ui: Ui, run: str) -> list[str]:
    """Return the lines that the failed step of a run shows."""
    asked = """query Failed($id: ID!) { logsForRun(runId: $id) { ... on EventConnection { events {
        ... on ExecutionStepFailureEvent { failureMetadata { description } } } } } }"""
    events = ui.ask(asked, id=run)["logsForRun"]["events"]
    (failure,) = [event["failureMetadata"] for event in events if event.get("failureMetadata")]
    return failure["description"].splitlines()


def test_a_release_that_gets_old_is_told_once_and_shown_as_late(ui: Ui, first_release: Path, mailbox: Mailbox) -> None:
    assert first_release.exists()
    (letter, *_) = wait_for(lambda: mailbox.about("The data is late"))
    assert "Open the release: https://kpi.shop.example/assets/publication/release" in letter.get_content()
    asked = """{ assetNodeOrError(assetKey: {path: ["publication", "release"]}) {
        ... on AssetNode { freshnessStatusInfo { freshnessStatus } } } }"""
    wait_for(lambda: ui.ask(asked)["assetNodeOrError"]["freshnessStatusInfo"]["freshnessStatus"] == "WARNING")  # Dagster's own look


def test_left_alone_nothing_of_all_this_happens_a_second_time(ui: Ui, first_release: Path, mailbox: Mailbox) -> None:
    releases = [path.name for path in first_release.parent.iterdir() if not path.is_symlink()]
    time.sleep(SETTLED)

    runs = [(run.tags["bottleneck/export"], run.status) for run in reversed(ui.runs())]
    assert runs == [("sample.db", "SUCCESS"), ("Bottleneck.db", "SUCCESS"), ("slow.db", "SUCCESS"), ("damaged.db", "FAILURE")]
    assert [path.name for path in first_release.parent.iterdir() if not path.is_symlink()] == releases
    assert len(releases) == 3
    assert len(mailbox.about("Refresh failed")) == 1
    assert len(mailbox.about("The data is late")) <= 3  # once for each release that got old


def test_the_age_of_the_data_is_in_the_manifest(ui: Ui, first_release: Path) -> None:
    assert first_release.exists()
    manifest = json.loads((ui.latest / "manifest.json").read_text(encoding="utf-8"))
    published, changed = (dt.datetime.fromisoformat(text) for text in (manifest["published_at"], manifest["export"]["changed_at"]))
    on_disk = (ui.data_dir / "exports" / manifest["export"]["name"]).stat().st_mtime
    assert int(changed.timestamp()) == int(on_disk)
    assert manifest["data_age_hours"] == pytest.approx((published - changed).total_seconds() / 3600, abs=0.01)
