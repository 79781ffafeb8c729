"""Proves that a release is taken for what it is: what a refresh would make again, or another."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from bottleneck_assets.release.comparison import shares_this_code, would_be_the_same
from bottleneck_assets.release.manifest import Measured, write_manifest
from bottleneck_assets.release.release import Release, current, named
from bottleneck_assets.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from bottleneck_assets_tests.conftest import Refreshed

MEASURED = Measured(dt.datetime(2024, 1, 2, tzinfo=dt.UTC), "shop.db", "0" * 64)


@pytest.fixture
def release(refreshed_sample: Refreshed, tmp_path: Path) -> Release:
    """A copy of a release, and `latest` beside it."""
    name = refreshed_sample.release.name
    shutil.copytree(refreshed_sample.release, tmp_path / name)
    (tmp_path / "latest").symlink_to(name)
    return named(tmp_path, name)


def is_the_same(release: Release, **settings: Any) -> bool:
    return would_be_the_same(release, Settings(**{"reports": True, **settings}), release.manifest.export.sha256, None)


@pytest.mark.usefixtures("posix")
def test_a_release_as_it_was_published_would_be_the_same(release: Release) -> None:
    assert is_the_same(release)
    assert shares_this_code(release)


@pytest.mark.usefixtures("posix")
def test_another_export_setting_or_report_makes_another_release(release: Release) -> None:
    assert not is_the_same(release, reports=False)
    assert not is_the_same(release, rating_gap=1.5)
    assert not is_the_same(release, max_quarantined_share=0.5)
    assert not is_the_same(release, max_quarantined_revenue_share=0.001)
    assert not is_the_same(release, stale_warn_hours=20)  # the data contract says it
    assert not would_be_the_same(release, Settings(reports=True), "0" * 64, None)
    assert not would_be_the_same(release, Settings(reports=True), release.manifest.export.sha256, MEASURED)
    holds_it = replace(release, manifest=replace(release.manifest, data_access=MEASURED))
    assert would_be_the_same(holds_it, Settings(reports=True), release.manifest.export.sha256, MEASURED)
    assert not is_the_same(holds_it)


@pytest.mark.usefixtures("posix")
def test_a_file_of_another_content_and_the_same_size_is_not_the_same(release: Release) -> None:
    changed = release.folder / "kpis" / "revenue.csv"
    content = bytearray(changed.read_bytes())
    content[-2] ^= 1
    changed.write_bytes(content)
    assert not is_the_same(release)

    changed.unlink()
    assert not is_the_same(release)


@pytest.mark.usefixtures("posix")
@pytest.mark.parametrize("text", ["[]", "null", "1", '"text"', "{}", '{"export": [], "software": {}, "files": []}', "{", ""])
def test_a_latest_release_that_cannot_be_read_is_none_to_compare_with(release: Release, text: str) -> None:
    assert current(release.folder.parent) == release
    (release.folder / "manifest.json").write_text(text, encoding="utf-8")

    assert current(release.folder.parent) is None


@pytest.mark.usefixtures("posix")
def test_where_there_is_no_latest_no_other_release_stands_in_for_it(release: Release) -> None:
    (release.folder.parent / "latest").unlink()

    assert current(release.folder.parent) is None


@pytest.mark.usefixtures("posix")
@pytest.mark.parametrize(("part", "shares"), [("code", True), ("shared_code", False), ("duckdb", False), ("bottleneck-assets", False)])
def test_a_release_of_other_models_shares_the_code_that_all_tables_stand_on(release: Release, part: str, *, shares: bool) -> None:
    software = {**release.manifest.software, part: "of yesterday"}
    write_manifest(release.folder, replace(release.manifest, software=software))
    older = named(release.folder.parent, release.name)

    assert shares_this_code(older) is shares
    assert not is_the_same(older)
