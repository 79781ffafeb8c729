"""Proves that a release is taken for what it is: as it was published, changed, damaged, or none."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from bottleneck_assets.release.manifest import published_export, read_manifest, shares_this_code, would_be_the_same
from bottleneck_assets.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from bottleneck_assets_tests.conftest import Refreshed


@pytest.fixture
def release(refreshed_sample: Refreshed, tmp_path: Path) -> Path:
    return shutil.copytree(refreshed_sample.release, tmp_path / "release")


def is_the_same(release: Path, refreshed: Refreshed) -> bool:
    told = json.loads((refreshed.release / "manifest.json").read_text(encoding="utf-8"))
    return would_be_the_same(release, Settings(reports=True), told["export"]["sha256"])


def test_a_release_as_it_was_published_would_be_the_same(release: Path, refreshed_sample: Refreshed) -> None:
    assert is_the_same(release, refreshed_sample)
    assert shares_this_code(release)


def test_a_release_with_reports_is_not_what_is_wanted_without_them(release: Path, refreshed_sample: Refreshed) -> None:
    told = json.loads((refreshed_sample.release / "manifest.json").read_text(encoding="utf-8"))
    assert not would_be_the_same(release, Settings(reports=False), told["export"]["sha256"])


def test_a_file_of_another_content_and_the_same_size_is_not_the_same(release: Path, refreshed_sample: Refreshed) -> None:
    changed = release / "kpis" / "revenue.csv"
    content = bytearray(changed.read_bytes())
    content[-2] ^= 1
    changed.write_bytes(content)

    assert not is_the_same(release, refreshed_sample)


@pytest.mark.parametrize("text", ["[]", "null", "1", '"text"', "{}", '{"export": [], "software": {}, "files": []}', "{", ""])
def test_a_damaged_manifest_is_no_manifest(release: Path, refreshed_sample: Refreshed, text: str) -> None:
    (release / "manifest.json").write_text(text, encoding="utf-8")

    assert read_manifest(release) is None
    assert published_export(release) is None
    assert not is_the_same(release, refreshed_sample)
    assert not shares_this_code(release)


@pytest.mark.parametrize(("part", "shares"), [("code", True), ("shared_code", False), ("duckdb", False), ("bottleneck-assets", False)])
def test_a_release_of_other_models_shares_the_code_that_all_tables_stand_on(
    release: Path, refreshed_sample: Refreshed, part: str, *, shares: bool
) -> None:
    told: dict[str, Any] = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    told["software"][part] = "of yesterday"
    (release / "manifest.json").write_text(json.dumps(told), encoding="utf-8")

    assert shares_this_code(release) is shares
    assert not is_the_same(release, refreshed_sample)
