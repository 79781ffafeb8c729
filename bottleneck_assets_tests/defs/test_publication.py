"""The data-access report is measured when somebody asks for it, and then lies in every release, dated, until somebody asks again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import dagster as dg
import pytest
from click.testing import CliRunner

from bottleneck_assets.cli import main
from bottleneck_assets.definitions import defs
from bottleneck_assets.defs import publication
from bottleneck_assets.documents import store
from bottleneck_assets.documents.catalog import ACCESS_REPORT, DOCUMENTS
from bottleneck_assets.release.release import newest
from bottleneck_assets.sample.export import write_sample_export
from bottleneck_assets.source import exports
from bottleneck_assets_tests.conftest import run_refresh

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bottleneck_assets.documents.document import Document
    from bottleneck_assets.release.release import Release
    from bottleneck_assets.render.occasion import Occasion

pytestmark = pytest.mark.full

REPORT = dg.AssetKey(["publication", "access_report"])


@dataclass(frozen=True)
class Releases:
    """Three releases of one shop: before the report was asked for, with it, and from a later export."""

    before: Release
    measured: Release
    later: Release


def blank(document: Document) -> Document:
    """Return a document that is drawn at once: these tests are not about it."""

    def render(_occasion: Occasion, folder: Path) -> None:
        for file in document.files:
            (folder / file).touch()

    return replace(document, render=render, preview=None)


@pytest.fixture(scope="module")
def quickly() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patched:
        for module in (store, publication):
            patched.setattr(module, "DOCUMENTS", tuple(map(blank, DOCUMENTS)))
        yield patched


@pytest.fixture(scope="module")
def releases(quickly: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Releases:
    del quickly
    folder = tmp_path_factory.mktemp("shop")
    for name, seed in (("one.db", 1), ("two.db", 2)):
        write_sample_export(folder / name, seed=seed)
    made: list[Release] = []
    for name, job in (("one.db", "refresh"), ("one.db", "data_access"), ("two.db", "refresh")):
        assert run_refresh(folder / name, folder / "data", job=job, reports=True).result.success
        made.append(newest(folder / "data" / "extracts"))
    return Releases(*made)


def contents(release: Release) -> list[bytes]:
    return [(release.folder / file).read_bytes() for file in ACCESS_REPORT.files]


def test_a_refresh_does_not_measure_and_a_release_holds_no_report_before_somebody_asks(releases: Releases) -> None:
    selected = defs().resolve_job_def("refresh").asset_layer.selected_asset_keys
    assert REPORT not in selected
    assert {key.path[0] for key in selected} == {"raw", "clean", "kpi", "recommendation", "extract", "presentation", "publication"}
    assert releases.before.manifest.data_access is None
    assert not set(ACCESS_REPORT.files) & set(releases.before.files)


def test_its_job_makes_all_so_that_this_workflow_is_measured_too_and_the_release_says_when(releases: Releases) -> None:
    refreshed, asked_for = (defs().resolve_job_def(name).asset_layer.selected_asset_keys for name in ("refresh", "data_access"))
    assert asked_for == {*refreshed, REPORT}
    measured = releases.measured.manifest.data_access
    assert measured is not None
    assert (measured.export, measured.sha256) == ("one.db", releases.measured.manifest.export.sha256)
    assert releases.before.manifest.published_at < measured.at < releases.measured.manifest.published_at
    table, page = (contents(releases.measured)[place].decode() for place in (2, 0))
    assert f"{measured.at:%Y-%m-%d %H:%M} UTC" in page
    assert "not measured: this run made no tables" not in table


def test_a_later_release_of_another_export_holds_the_last_report_byte_for_byte_and_still_says_when(releases: Releases) -> None:
    assert contents(releases.later) == contents(releases.measured)
    assert releases.later.manifest.data_access == releases.measured.manifest.data_access
    assert releases.later.manifest.export.name == "two.db"
    listed = releases.later.files[ACCESS_REPORT.files[0]]
    assert listed.sha256 == hashlib.sha256(contents(releases.later)[0]).hexdigest()


def test_without_the_tables_export_the_report_is_refused(quickly: pytest.MonkeyPatch, tmp_path: Path) -> None:
    del quickly
    for name, seed in (("one.db", 1), ("two.db", 2)):
        write_sample_export(tmp_path / name, seed=seed)
    assert run_refresh(tmp_path / "one.db", tmp_path / "data").result.success
    job = defs().resolve_job_def("data_access").get_subset(asset_selection={REPORT})
    given = {"data_dir": str(tmp_path / "data"), "export": str(tmp_path / "two.db")}
    with dg.DagsterInstance.ephemeral() as instance, pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOTTLENECK_REPORTS", "true")
        result = job.execute_in_process(run_config={"resources": {"workbench": {"config": given}}}, instance=instance, raise_on_error=False)
    (failure,) = result.filter_events(lambda event: event.is_step_failure)
    reason = failure.step_failure_data.user_failure_data
    assert reason is not None
    assert reason.description is not None
    assert reason.description.startswith("The tables come from one.db")
    assert reason.description.endswith("Run the whole refresh.")


def test_a_refresh_from_the_command_line_hashes_its_export_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_sample_export(export := tmp_path / "shop.db", seed=1)
    hashed: list[Path] = []
    content_hash = exports._content_hash
    monkeypatch.setattr(exports, "_content_hash", lambda path: (hashed.append(path), content_hash(path))[1])
    monkeypatch.setattr(exports, "_TOLD_APART_NS", -60_000_000_000)  # it lies there since yesterday
    done = CliRunner().invoke(main, ["refresh", "--export", str(export), "--data-dir", str(tmp_path / "data")])
    assert (done.exit_code, hashed) == (0, [export])


def test_where_releases_hold_no_reports_asking_for_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOTTLENECK_REPORTS", "false")
    refused = CliRunner().invoke(main, ["report", "data-access", "--data-dir", str(tmp_path / "data")])
    assert refused.exit_code == 2
    assert refused.stderr.splitlines() == [
        "The setting reports is off: no release holds a report.",
        "Set BOTTLENECK_REPORTS=true, and ask again.",
    ]
