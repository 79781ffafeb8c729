"""Proves that a manifest is read as it was written, an older one too, and that a foreign one is told by the field that is wrong."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from bottleneck_assets.release.manifest import (
    CheckResult,
    DamagedError,
    GoneError,
    Manifest,
    Measured,
    Period,
    ReleasedExport,
    ReleasedFile,
    read_manifest,
    write_manifest,
)

if TYPE_CHECKING:
    from pathlib import Path

NOON = dt.datetime(2024, 1, 2, 12, 0, 0, 1, tzinfo=dt.UTC)
HASH = "0123456789abcdef" * 4
WHOLE = Manifest(
    release="2024-01-02",
    published_at=NOON,
    run_id="a-run",
    export=ReleasedExport("l'été.db", HASH, NOON, with_log=True),
    data_age_hours=1.5,
    parameters={"promo_units": "included", "period_start": None},
    period=Period("2022-10", "2023-09", 12, is_full_year=True),
    max_quarantined_share=0.05,
    max_quarantined_revenue_share=0.005,
    reports=True,
    data_access=Measured(NOON, "l'été.db", HASH),
    software={"duckdb": "2.0.0"},
    files=(ReleasedFile("kpis/revenue.csv", 12, HASH, "kpi.revenue", 3), ReleasedFile("report/page.html", 5, HASH)),
    checks=(CheckResult("clean/web", "contract", passed=False, severity="WARN", found="two rows", remedy="mend them"),),
)
OLDEST: dict[str, Any] = {"release": "2024-01-02", "published_at": "2024-01-02T12:00:00+00:00", "export": {"name": "shop.db"}, "files": []}


def write(folder: Path, content: object) -> None:
    (folder / "manifest.json").write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def test_a_manifest_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_manifest(tmp_path, WHOLE)

    assert read_manifest(tmp_path) == WHOLE


def test_a_manifest_of_an_older_version_may_lack_what_came_later_and_one_of_a_newer_may_say_more(tmp_path: Path) -> None:
    write(tmp_path, {**OLDEST, "export": {"name": "shop.db", "changed_at": ""}, "mood": "good"})
    read = read_manifest(tmp_path)

    assert (read.export, read.data_access, read.software, read.checks) == (ReleasedExport("shop.db"), None, {}, ())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "manifest.json"),
        ("{", "manifest.json"),
        ("[]", "manifest.json"),
        ("null", "manifest.json"),
        ('{"version": 3, "nodes": []}', "manifest.json: release: Field required"),  # dbt has a manifest.json too
        ({**OLDEST, "published_at": "2024-01-02T12:00:00"}, "manifest.json: published_at: .*with its zone"),
        ({**OLDEST, "files": [{"path": "../x", "bytes": 1, "sha256": HASH}]}, "manifest.json: files.0.path: .*inside the release"),
        ({**OLDEST, "files": [{"path": "x", "bytes": -1, "sha256": HASH}]}, "manifest.json: files.0.bytes: "),
        ({**OLDEST, "export": {"name": 3}}, "manifest.json: export.name: "),
    ],
)
def test_a_foreign_or_damaged_manifest_is_told_by_the_field_that_is_wrong(tmp_path: Path, content: object, words: str) -> None:
    write(tmp_path, content)

    with pytest.raises(DamagedError, match=f"{tmp_path.name} cannot be read as a release: {words}"):
        read_manifest(tmp_path)


def test_no_manifest_is_not_a_damaged_one(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(GoneError):
            read_manifest(folder)
