"""Documents wait, rendered and whole, until a release takes them, and never show other tables than it publishes."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from bottleneck_assets.defs.metadata import asset_key
from bottleneck_assets.documents import store
from bottleneck_assets.documents.catalog import DOCUMENTS
from bottleneck_assets.documents.document import Document
from bottleneck_assets.documents.made import awaited_report
from bottleneck_assets.documents.store import data_sources, make, outdated, stored, sweep
from bottleneck_assets.errors import ReleaseError
from bottleneck_assets.models.catalog import of_layer
from bottleneck_assets.release.manifest import Measured
from bottleneck_assets.render.occasion import Occasion
from bottleneck_assets.settings import Settings
from bottleneck_assets_tests.conftest import run_refresh
from bottleneck_assets_tests.small_export import built, minimal_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from bottleneck_assets_tests.conftest import Refreshed

NOW = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)


def write_page(_occasion: Occasion, folder: Path) -> None:
    (folder / "report" / "page.html").write_text("a page", encoding="utf-8")


def fail_half_way(occasion: Occasion, folder: Path) -> None:
    write_page(occasion, folder)
    raise OSError(28, "No space left on device")


PAGE = Document("page", "A page.", ("report/page.html",), ("clean.web",), write_page)


@pytest.fixture
def occasion(tmp_path: Path) -> Occasion:
    warehouse = built(tmp_path / "shop", minimal_rows(), ["clean.web"])
    return Occasion(warehouse, tmp_path / "shop" / "export.db", "2026-01-01T00:00:00+00:00", NOW, NOW)


def test_a_document_is_there_whole_or_as_it_was_before(occasion: Occasion, tmp_path: Path) -> None:
    root = tmp_path / "documents"
    assert outdated([PAGE], occasion.warehouse, root) == [PAGE]
    assert make(PAGE, occasion, root) == [root / "page" / "report" / "page.html"]
    with pytest.raises(OSError, match="No space"):
        make(replace(PAGE, render=fail_half_way), occasion, root)
    assert (root / "page" / "report" / "page.html").read_text(encoding="utf-8") == "a page"
    assert outdated([PAGE], occasion.warehouse, root) == []
    make(PAGE, occasion, root)  # what was left half done is in nobody's way
    assert [path.name for path in root.iterdir()] == ["page"]


def test_what_a_killed_run_left_of_a_document_is_swept_and_the_document_stays(occasion: Occasion, tmp_path: Path) -> None:
    root = tmp_path / "documents"
    make(PAGE, occasion, root)
    with pytest.raises(OSError, match="No space"):
        make(replace(PAGE, render=fail_half_way), occasion, root)  # leaves what a kill would
    assert len(list(root.iterdir())) == 2
    sweep(root)
    assert [path.name for path in root.iterdir()] == ["page"]
    assert outdated([PAGE], occasion.warehouse, root) == []


def test_a_document_is_out_of_date_once_a_table_that_it_shows_or_a_file_of_it_is_another(occasion: Occasion, tmp_path: Path) -> None:
    root = tmp_path / "documents"
    make(PAGE, occasion, root)
    rows = minimal_rows()
    rows["Web"][0]["Post_title"] = "Another name"
    other = built(tmp_path / "other", rows, ["clean.web"])
    assert outdated([PAGE], other, root) == [PAGE]
    assert outdated([PAGE], occasion.warehouse, root) == []
    (root / "page" / "report" / "page.html").unlink()
    assert outdated([PAGE], occasion.warehouse, root) == [PAGE]


def test_an_emptied_document_is_not_taken_into_a_release(occasion: Occasion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "DOCUMENTS", (PAGE,))
    root, told = tmp_path / "documents", list[str]()
    make(PAGE, occasion, root)
    (root / "page" / "report" / "page.html").write_bytes(bytes(6))

    assert outdated([PAGE], occasion.warehouse, root, on_damage=lambda damage: told.append(damage.problem)) == [PAGE]
    assert told == [f"Document page is not taken: {root / 'page'} does not hold the bytes that were drawn."]
    with pytest.raises(ReleaseError, match="page"):
        list(stored(occasion.warehouse, root))


@pytest.mark.usefixtures("posix")
def test_a_document_is_on_disk_before_it_gets_its_name(occasion: Occasion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = list[tuple[str, str]]()
    fsync, rename = os.fsync, Path.rename
    monkeypatch.setattr(os, "fsync", lambda file: (done.append(("fsync", Path(f"/proc/self/fd/{file}").readlink().name)), fsync(file)))
    monkeypatch.setattr(Path, "rename", lambda path, to: (done.append(("rename", path.name)), rename(path, to))[1])
    make(PAGE, occasion, tmp_path / "documents")

    named = done.index(("rename", ".page.building"))
    assert {name for what, name in done[:named] if what == "fsync"} >= {"page.html", ".made.json", "report", ".page.building"}
    assert ("fsync", "documents") in done[named:]


def test_a_document_of_other_code_is_out_of_date(occasion: Occasion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "documents"
    make(PAGE, occasion, root)
    monkeypatch.setattr(store, "software", lambda: {"shared_code": "other"})
    assert outdated([PAGE], occasion.warehouse, root) == [PAGE]


def test_a_release_takes_no_document_that_shows_other_tables(occasion: Occasion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "DOCUMENTS", (PAGE,))
    root = tmp_path / "documents"
    with pytest.raises(ReleaseError, match="Documents are older than what they show: page"):
        list(stored(occasion.warehouse, root))
    make(PAGE, occasion, root)
    (attachment,) = stored(occasion.warehouse, root)
    attachment.write(tmp_path / "taken.html")
    assert (attachment.path, (tmp_path / "taken.html").read_text(encoding="utf-8")) == ("report/page.html", "a page")


def test_a_document_that_was_taken_from_its_place_by_a_killed_run_comes_back(occasion: Occasion, tmp_path: Path) -> None:
    root = tmp_path / "documents"
    make(PAGE, occasion, root)
    (root / "page").rename(root / ".page.before")
    sweep(root)
    assert [path.name for path in root.iterdir()] == ["page"]
    shutil.copytree(root / "page", root / ".page.before")  # killed a moment later, with the new one in place
    sweep(root)
    assert [path.name for path in root.iterdir()] == ["page"]
    assert outdated([PAGE], occasion.warehouse, root) == []


def test_what_is_made_on_request_stays_as_it_was_measured_whatever_becomes_of_the_tables(
    occasion: Occasion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_for = replace(PAGE, name="access_report", on_request=True)
    monkeypatch.setattr(store, "DOCUMENTS", ())
    monkeypatch.setattr(store, "ON_REQUEST", (asked_for,))
    settings = Settings(data_dir=tmp_path, reports=True)
    assert (list(stored(occasion.warehouse, settings.documents_dir)), awaited_report(settings)) == ([], None)
    make(asked_for, occasion, settings.documents_dir)
    rows = minimal_rows()
    rows["Web"][0]["Post_title"] = "Another name"
    other = built(tmp_path / "other", rows, ["clean.web"])
    assert [attachment.path for attachment in stored(other, settings.documents_dir)] == ["report/page.html"]
    export = tmp_path / "shop" / "export.db"
    assert awaited_report(settings) == Measured(NOW, "export.db", hashlib.sha256(export.read_bytes()).hexdigest())
    assert awaited_report(Settings(data_dir=tmp_path, reports=False)) is None


def test_a_data_source_lies_beside_the_csv_of_every_tab(tmp_path: Path) -> None:
    attachments = list(data_sources("incl_vat"))
    assert {attachment.path for attachment in attachments} == {f"{model.name}.tds" for model in of_layer("extract")}
    for attachment in attachments:
        attachment.write(tmp_path / attachment.path)
        assert f'filename="{attachment.path.removesuffix(".tds")}.csv"' in (tmp_path / attachment.path).read_text(encoding="utf-8").replace(
            "'", '"'
        )


MADE_HERE = [document for document in DOCUMENTS if document.unavailable() is None]
"""Without the extra tableau, all but its two."""


def test_nothing_but_tableau_s_files_needs_more_than_the_project_brings() -> None:
    assert {document.name for document in DOCUMENTS} - {document.name for document in MADE_HERE} <= {"tableau_extract", "tableau_workbook"}


def test_a_refresh_publishes_every_document_with_its_sha256(refreshed_sample: Refreshed) -> None:
    assert refreshed_sample.result.success
    manifest = json.loads((refreshed_sample.release / "manifest.json").read_text(encoding="utf-8"))
    listed = {file["path"]: file for file in manifest["files"]}
    for file in (file for document in MADE_HERE for file in document.files):
        content = (refreshed_sample.release / file).read_bytes()
        assert listed[file]["sha256"] == hashlib.sha256(content).hexdigest()
        assert len(content) > 1000 or file == "tableau/release.csv"  # a table of one row
    assert manifest["reports"] is True


def test_documents_are_assets_that_say_where_their_files_are(refreshed_sample: Refreshed) -> None:
    made = {event.asset_key.to_user_string(): event for event in refreshed_sample.result.get_asset_materialization_events()}
    for document in MADE_HERE:
        listed = made[f"publication/{document.name}"].materialization.metadata["files"]
        assert isinstance(listed, dg.TableMetadataValue)
        assert [Path(str(record.data["file"])).is_file() for record in listed.records] == [True] * len(document.files)


def test_without_the_setting_reports_a_release_is_tables_and_csvs_alone(write_sample: Callable[..., Path], tmp_path: Path) -> None:
    done = run_refresh(write_sample(seed=1), tmp_path / "data")
    assert done.result.success
    assert not (done.release / "report").exists()
    assert json.loads((done.release / "manifest.json").read_text(encoding="utf-8"))["reports"] is False


def test_without_the_setting_reports_the_tables_that_only_documents_show_are_not_made(
    write_sample: Callable[..., Path], tmp_path: Path
) -> None:
    done = run_refresh(write_sample(seed=1), tmp_path / "data")
    events = done.result.get_asset_materialization_events()
    made = [event.materialization for event in events if event.step_key == "make_presentation"]
    assert {materialization.asset_key for materialization in made} == {asset_key(model.ref) for model in of_layer("presentation")}
    assert {str(materialization.metadata["skipped"].value) for materialization in made} == {"The setting reports is off."}
    assert not (tmp_path / "data" / "warehouse" / "presentation").exists()


def test_pages_fetch_nothing_and_run_nothing(refreshed_sample: Refreshed) -> None:
    pages = sorted((refreshed_sample.release / "report").glob("*.html"))  # the dashboard has scripts, and tests of its own
    reports = [file for one in DOCUMENTS for file in one.files if file.startswith("report/") and file.endswith(".html")]
    assert [f"report/{page.name}" for page in pages] == sorted(reports)
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "<script" not in text
        assert "default-src 'none'" in text
        assert not [attribute for attribute in ('src="http', "@import", 'rel="stylesheet"') if attribute in text]
