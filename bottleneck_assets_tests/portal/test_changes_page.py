"""What changed since the last release, as the portal shows it."""

from __future__ import annotations

import csv
import io
import shutil
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from bottleneck_assets.release.changes import write_changes
from bottleneck_assets.release.release import newest
from bottleneck_assets_tests.portal.serving import portal
from bottleneck_assets_tests.portal.test_language import ALIKE, FRENCH, shown
from bottleneck_assets_tests.portal.test_pages import words
from bottleneck_assets_tests.release.test_changes import edited, name_after

if TYPE_CHECKING:
    from pathlib import Path

    from bottleneck_assets_tests.conftest import Refreshed


@pytest.mark.usefixtures("posix")
def test_two_releases_are_compared_as_a_page_in_both_languages_and_as_csv(refreshed_sample: Refreshed, tmp_path: Path) -> None:
    earlier, extracts = newest(refreshed_sample.data_dir / "extracts"), tmp_path / "extracts"
    (first, *_) = earlier.typed_rows("tables/finance.csv")
    moved = {
        "kpis/headline.csv": lambda rows: [{**row, "value": row["value"] + (1234 if row["kpi"] == "revenue" else 0)} for row in rows],
        "tables/finance.csv": lambda rows: [row for row in rows if (row["month"], row["sku"]) != (first["month"], first["sku"])],
    }
    shutil.copytree(earlier.folder, extracts / earlier.name)
    later = edited(earlier, extracts / name_after(earlier), moved)
    (extracts / "latest").symlink_to(later.name)
    write_changes(earlier, later, tmp_path / "expected.csv", memory_limit="1GB")
    with portal(tmp_path) as site:
        english, in_french = (site.ask("/changes", **asked).text for asked in ({}, FRENCH))
        assert "+\u20ac1,234" in words(english)
        assert "+1\u202f234\u00a0\u20ac" in in_french
        assert "Price list tables/finance.csv 0 0 1" in words(english)
        assert shown(english, "en") & shown(in_french, "fr") - ALIKE == set()
        assert f'<option value="{earlier.name}" selected>' in english
        sent = site.ask(f"/changes.csv?before={earlier.name}&after={later.name}")
        assert sent.body == (tmp_path / "expected.csv").read_bytes()
        (removed, revenue) = sorted(csv.DictReader(io.StringIO(sent.text)), key=lambda row: row["table"], reverse=True)
        assert (removed["change"], removed["key"]) == ("removed", f"month={first['month']}; sku={first['sku']}")
        assert Decimal(revenue["after"]) - Decimal(revenue["before"]) == Decimal(1234)
        cells = site.ask("/changes?table=tables/finance.csv", **FRENCH).text
        assert "ligne retirée" in cells
        assert f"month={first['month']}; sku={first['sku']}" in cells
        assert "nothing to compare" in site.ask(f"/changes?after={earlier.name}").text
        for path in ("/changes?before=gone", "/changes?table=nothing.csv", "/changes.csv?after=../x"):
            assert site.ask(path).status == 404
