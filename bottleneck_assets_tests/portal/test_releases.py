"""Releases that somebody or something has damaged: each is said to be so, by name, and everything else is still shown and served."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from bottleneck_assets.release import release as releases
from bottleneck_assets_tests.portal.serving import portal, publish_by_hand

if TYPE_CHECKING:
    from pathlib import Path

HEADLINE = b"kpi,label,value,unit,period_start,period_end\nrevenue,Revenue,12.5,EUR,2022-10-01,2023-09-01\n"
GOOD = {"overview.csv": b"a\n1\n", "kpis/headline.csv": HEADLINE}
FLAWS: dict[str, Any] = {
    "no JSON": "{",
    "a list": [],
    "no export": {"export": None},
    "an export without a name": {"export": {}},
    "a time without a zone": {"published_at": "2026-11-01T00:00:00"},
    "no time": {"published_at": "yesterday"},
    "a time at the end of all": {"published_at": "9999-12-31T23:59:59+00:00"},
    "an export's time without a zone": {"export": {"name": "shop.db", "changed_at": "2026-11-01"}},
    "a path that leads out": {"files": [{"path": "../../secret.txt", "bytes": 6, "sha256": "0" * 64}]},
    "an absolute path": {"files": [{"path": "/etc/hostname", "bytes": 6, "sha256": "0" * 64}]},
    "a file without a hash": {"files": [{"path": "overview.csv", "bytes": 6}]},
    "a hash that is none": {"files": [{"path": "overview.csv", "bytes": 6, "sha256": '"\r\nx: y'}]},
    "a size that is text": {"files": [{"path": "overview.csv", "bytes": "6", "sha256": "0" * 64}]},
    "a file that is none": {"files": ["overview.csv"]},
    "checks that are none": {"checks": {"a": 1}},
    "a check without a verdict": {"checks": [{"asset": "clean/web", "check": "c"}]},
    "another's name": {"release": "2026-11-01"},
}


def damage(folder: Path, flaw: Any) -> None:
    path = folder / "manifest.json"
    told = {**json.loads(path.read_text(encoding="utf-8")), **flaw} if isinstance(flaw, dict) else flaw
    path.write_text(told if isinstance(told, str) else json.dumps(told), encoding="utf-8")


@pytest.mark.usefixtures("posix")
def test_releases_with_every_flaw_are_named_on_status_and_take_no_page_down(tmp_path: Path) -> None:
    folders = [publish_by_hand(tmp_path / "extracts", number, GOOD) for number in range(len(FLAWS))]
    good = publish_by_hand(tmp_path / "extracts", 99, GOOD)
    for folder, flaw in zip(folders, FLAWS.values(), strict=True):
        damage(folder, flaw)
    with portal(tmp_path) as site:
        for path in ("/", "/downloads", f"/releases/{good.name}", "/lineage", "/extracts/latest/overview.csv", "/extracts/latest.zip"):
            assert site.ask(path).status == 200
        status = site.ask("/status").text
        others = site.ask("/downloads").text
        for folder, flaw in zip(folders, FLAWS, strict=True):
            assert f"{folder.name} cannot be read as a release" in status, flaw
            assert folder.name not in others, flaw
            answer = site.ask(f"/releases/{folder.name}")
            assert (answer.status, "bottleneck refresh --force" in answer.text) == (503, True), flaw


@pytest.mark.usefixtures("posix")
def test_a_newest_release_that_is_damaged_is_not_replaced_by_an_older_one(tmp_path: Path) -> None:
    publish_by_hand(tmp_path / "extracts", 1, GOOD)
    newest = publish_by_hand(tmp_path / "extracts", 2, GOOD)
    whole = (newest / "manifest.json").read_bytes()
    damage(newest, "{")
    with portal(tmp_path) as site:
        for path in ("/", "/downloads", "/extracts/latest/overview.csv"):
            answer = site.ask(path)
            assert (answer.status, f"{newest.name} cannot be read as a release" in answer.text) == (503, True)
        assert site.ask("/status").status == site.ask("/lineage").status == site.ask("/healthz").status == 200
        (newest / "manifest.json").write_bytes(whole)
        assert newest.name in site.ask("/").text
        (tmp_path / "extracts" / "latest").unlink()
        (tmp_path / "extracts" / "latest").symlink_to("2026-01-01")
        assert "latest cannot be read as a release: it leads to none" in site.ask("/downloads").text


@pytest.mark.usefixtures("posix")
def test_a_release_that_a_wrong_clock_dated_ahead_is_not_taken_for_the_newest(tmp_path: Path) -> None:
    hours_ahead = (dt.datetime.now(dt.UTC) - dt.datetime(2026, 11, 1, tzinfo=dt.UTC)) // dt.timedelta(hours=1) + 48
    ahead, good = publish_by_hand(tmp_path, hours_ahead, GOOD), publish_by_hand(tmp_path, 1, GOOD)
    assert [release.name for release in releases.released(tmp_path)] == [good.name, ahead.name]
    (tmp_path / "latest").unlink()
    assert releases.newest(tmp_path).name == good.name


@pytest.mark.usefixtures("posix")
def test_a_manifest_that_could_not_be_read_once_is_read_the_next_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = publish_by_hand(tmp_path, 1, GOOD)

    def fail(*_: object) -> bytes:
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("pathlib.Path.read_bytes", fail)
        meanwhile.setattr("pathlib.Path.read_text", fail)
        with pytest.raises(Exception, match="Too many open files"):
            releases.named(tmp_path, folder.name)
    assert releases.named(tmp_path, folder.name).files.keys() == GOOD.keys()


@pytest.mark.usefixtures("posix")
def test_a_file_that_somebody_has_changed_is_said_to_be_so_and_pages_show_the_rest(tmp_path: Path) -> None:
    quality = {"quality/quarantine.csv": b"source_table\nweb\n", "quality/row_accounting.csv": b"a\n1\n", "data_dictionary.csv": b"table\n"}
    folder = publish_by_hand(tmp_path / "extracts", 1, GOOD | quality)
    for path in (*GOOD, *quality):
        (folder / path).write_bytes(b"\xff\xfe changed by hand")
    with portal(tmp_path) as site:
        for path in ("overview.csv", "overview.xlsx", "overview.fr.csv"):
            answer = site.ask(f"/extracts/latest/{path}")
            assert answer.status == 404
            assert "is not what was published: it has 18 bytes, and 4 were" in answer.text
            assert "bottleneck refresh --force" in answer.text
        for path, changed in (("/", "kpis/headline.csv"), ("/downloads", "data_dictionary.csv"), ("/status", "quality/quarantine.csv")):
            page = site.ask(path)
            assert page.status == 200
            assert f"{changed} of release {folder.name} is not what was published" in page.text
        assert "every row of the export could be used" not in page.text


@pytest.mark.usefixtures("posix")
def test_a_cell_of_two_hundred_thousand_characters_is_shown_and_given_in_every_form(tmp_path: Path) -> None:
    long = b"x" * 200_000
    quarantine = b"source_table,row_number,column_name,column_value,reason\nweb,1,sku," + long + b",r\n"
    publish_by_hand(tmp_path / "extracts", 1, {"quality/quarantine.csv": quarantine})
    with portal(tmp_path) as site:
        assert long in site.ask("/status").body
        assert site.ask("/extracts/latest/quality/quarantine.fr.csv").body.endswith(b";sku;" + long + b";r\r\n")
        book = openpyxl.load_workbook(io.BytesIO(site.ask("/extracts/latest/quality/quarantine.xlsx").body))
    assert len(book["quarantine"]["D2"].value) == 32_767


def test_extracts_that_cannot_be_read_are_not_no_release_yet(tmp_path: Path) -> None:
    (tmp_path / "extracts").write_bytes(b"a file where a folder should be")
    with portal(tmp_path) as site:
        for path in ("/", "/downloads", "/status", "/extracts/latest/overview.csv"):
            answer = site.ask(path)
            assert (answer.status, "no release yet" in answer.text) == (500, False)
            assert "Not a directory" in answer.text
        assert site.ask("/healthz").status == 200
