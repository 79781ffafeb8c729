"""What changed between two releases: as pandas finds it in the CSVs of two samples, and as it was made in copies of one."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from bottleneck_assets.release.changes import changed_cells, changes_between, write_changes
from bottleneck_assets.release.manifest import sha256_of, write_manifest
from bottleneck_assets.release.publishing import published_models
from bottleneck_assets.release.release import MOMENT, OlderReleaseError, Release, newest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bottleneck_assets_tests.conftest import Refreshed

    Rows = list[dict[str, Any]]

LIMITS = {"at_most": 50, "memory_limit": "1GB"}


@pytest.fixture(scope="module")
def release(refreshed_sample: Refreshed) -> Release:
    return newest(refreshed_sample.data_dir / "extracts")


def name_after(release: Release) -> str:
    """Return what a release made just after that one is called: one dated ahead of the clock would not be the newest."""
    made_at = dt.datetime.strptime(release.name.partition("_")[0], MOMENT).replace(tzinfo=dt.UTC)
    return f"{made_at + dt.timedelta(microseconds=1):{MOMENT}}_00000001"


def edited(release: Release, folder: Path, edits: dict[str, Callable[[Rows], Rows]]) -> Release:
    """Return a copy of a release in which the rows of some tables are others."""
    shutil.copytree(release.folder, folder)
    written = dict(release.files)
    for path, edit in edits.items():
        file = release.parquet(path)
        table = parquet.read_table(folder / file.path)
        schema = pa.schema([field.with_nullable(True) for field in table.schema])  # an edit may take what is known away
        parquet.write_table(pa.Table.from_pylist(edit(table.to_pylist()), schema=schema), folder / file.path)
        target = folder / file.path
        written[file.path] = replace(file, bytes=target.stat().st_size, sha256=sha256_of(target))
    manifest = replace(release.manifest, release=folder.name, files=tuple(written.values()))
    write_manifest(folder, manifest)
    return Release(folder, manifest)


def by_pandas(release: Release, path: str) -> dict[tuple[str, ...], tuple[str, ...]]:
    rows = pd.read_csv(release.folder / path, dtype=str, keep_default_na=False)
    key = list(published_models()[path].promise.key)
    return dict(zip(rows[key].itertuples(index=False, name=None), rows.itertuples(index=False, name=None), strict=True))


def test_rows_added_changed_and_removed_are_those_that_pandas_finds_in_the_csvs(
    release: Release, refreshed_excluded_sample: Refreshed, tmp_path: Path
) -> None:
    other = newest(refreshed_excluded_sample.data_dir / "extracts")
    found = changes_between(release, other, **LIMITS)
    expected = dict[str, tuple[int, int, int]]()
    for path in published_models():
        before, after = by_pandas(release, path), by_pandas(other, path)
        changed = sum(before[key] != after[key] for key in before.keys() & after.keys())
        counts = len(after.keys() - before.keys()), changed, len(before.keys() - after.keys())
        expected |= {path: counts} if any(counts) else {}
    assert len(expected) > 10
    assert {table.path: (table.added, table.changed, table.removed) for table in found.tables} == expected
    assert found.unchanged == len(published_models()) - len(expected)
    write_changes(release, other, tmp_path / "changes.csv", memory_limit="1GB")
    lines = pd.read_csv(tmp_path / "changes.csv", dtype=str, keep_default_na=False)
    rows = lines.drop_duplicates(["table", "change", "key"]).groupby(["table", "change"]).size()
    assert rows.to_dict() == {
        (path, change): count
        for path, counts in expected.items()
        for change, count in zip(("added", "changed", "removed"), counts, strict=True)
        if count
    }


def test_what_was_changed_by_hand_is_what_is_found(release: Release, tmp_path: Path) -> None:
    prices = pd.read_csv(release.folder / "tables" / "finance.csv")
    last = prices["month"].max()
    moved = prices[(prices["month"] == last) & prices["price"].notna()].head(3)["sku"].tolist()
    advised = next(row for row in release.typed_rows("business_recommendations.csv") if row["sku"])
    (gone, *_) = release.typed_rows("tables/web.csv")

    def raised(rows: Rows) -> Rows:
        for row in rows:
            if str(row["month"]) == last and row["sku"] in moved:
                row["price"] *= 2
        return rows

    def sold(rows: Rows) -> Rows:
        return [{**row, "value": row["value"] + 100.5} if row["kpi"] == "revenue" else row for row in rows]

    def without(rows: Rows) -> Rows:
        return [row for row in rows if (row["recommendation"], row["sku"]) != (advised["recommendation"], advised["sku"])]

    def replaced(rows: Rows) -> Rows:
        return [{**row, "sku": 99_999, "title": "=new"} if row["sku"] == gone["sku"] else row for row in rows]

    edits = {"tables/finance.csv": raised, "kpis/headline.csv": sold, "business_recommendations.csv": without, "tables/web.csv": replaced}
    later = edited(release, tmp_path / "later", edits)
    found = changes_between(release, later, **LIMITS)
    counts = {table.path: (table.added, table.changed, table.removed) for table in found.tables}
    assert counts.pop("business_recommendations.csv")[:2] == (0, 0)
    assert counts == {"tables/finance.csv": (0, 3, 0), "kpis/headline.csv": (0, 1, 0), "tables/web.csv": (1, 0, 1)}
    assert [(row["recommendation"], row["sku"], row["change"]) for row in found.products] == [
        (advised["recommendation"], advised["sku"], "left")
    ]
    assert [row["sku"] for row in found.prices] == sorted(moved)
    assert all(row["price_after"] == 2 * row["price_before"] and row["cost_after"] == row["cost_before"] for row in found.prices)
    revenue = next(row for row in found.headline if row["kpi"] == "revenue")
    assert Decimal(revenue["after"]) - Decimal(revenue["before"]) == Decimal("100.5")
    assert float(revenue["difference"]) == pytest.approx(100.5)
    assert [row["kpi"] for row in found.headline] == [row["kpi"] for row in release.rows("kpis/headline.csv")]
    (line, *_) = changed_cells(release, later, "tables/finance.csv", **LIMITS)
    assert (line["key"], line["column"]) == (f"month={last}; sku={min(moved, key=str)}", "price")
    assert Decimal(line["after"]) == 2 * Decimal(line["before"])


def test_a_release_compared_with_itself_has_not_changed_and_its_csv_is_a_header(release: Release, tmp_path: Path) -> None:
    found = changes_between(release, release, **LIMITS)
    assert (found.tables, found.left_out, found.products, found.prices) == ([], [], [], [])
    write_changes(release, release, tmp_path / "changes.csv", memory_limit="1GB")
    assert (tmp_path / "changes.csv").read_text(encoding="utf-8") == "table,change,key,column,before,after\n"


def test_a_cell_that_changed_is_no_formula_in_a_spreadsheet(release: Release, tmp_path: Path) -> None:
    (first, *_) = release.typed_rows("tables/web.csv")
    later = edited(
        release,
        tmp_path / "later",
        {"tables/web.csv": lambda rows: [{**row, "title": "=1+1;-2"} if row["sku"] == first["sku"] else row for row in rows]},
    )
    write_changes(release, later, tmp_path / "changes.csv", memory_limit="1GB")
    with (tmp_path / "changes.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["column"], row["before"], row["after"]) == ("title", first["title"], "'=1+1;'-2")


def test_a_release_without_parquet_is_named(release: Release) -> None:
    older = Release(release.folder, replace(release.manifest, files=tuple(f for f in release.manifest.files if "parquet" not in f.path)))
    with pytest.raises(OlderReleaseError, match="does not hold"):
        changes_between(older, release, **LIMITS)
