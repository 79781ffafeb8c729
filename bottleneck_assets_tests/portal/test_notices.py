"""The banner on every page: what deserves a line of it, and what it leads to."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from bottleneck_assets.portal.drop_folder import Listed, listed
from bottleneck_assets.portal.language import Language
from bottleneck_assets.portal.notices import of_exports, of_quarantine, of_runs
from bottleneck_assets.portal.workflow import Run
from bottleneck_assets.source.exports import fingerprint
from bottleneck_assets_tests.portal.serving import NOWHERE, portal, publish_by_hand
from bottleneck_assets_tests.small_export import minimal_rows, write_export

if TYPE_CHECKING:
    from pathlib import Path

ENGLISH, FRENCH = Language("en", ZoneInfo("UTC")), Language("fr", ZoneInfo("UTC"))
BAD = Listed("broken.db", 1, "It is not complete.", is_usable=False)
NEXT = Listed("new.db", 1, "A refresh reads it next.", is_usable=True, is_next=True)
READ = Listed("new.db", 1, "The newest release was made from it.", is_usable=True, is_next=True, is_published=True)
OLD = Listed("old.db", 1, "It is not complete.", is_usable=False)


def run(status: str) -> Run:
    return Run(f"run-{status}", "refresh", status, None, "shop.db", "portal")


def test_a_failed_run_is_told_until_another_is_over() -> None:
    (told,) = of_runs([run("STARTED"), run("FAILURE"), run("SUCCESS")])
    assert (told.problem(ENGLISH), told.address) == (
        "The last run has failed on shop.db; the figures are those before it.",
        "/refresh/run-FAILURE",
    )
    assert of_runs([run("SUCCESS"), run("FAILURE")]) == of_runs([run("CANCELED"), run("FAILURE")]) == of_runs([]) == []


def test_an_export_that_is_bad_and_newer_and_one_that_waits_are_told() -> None:
    assert [told.problem(ENGLISH) for told in of_exports([BAD, NEXT, OLD], [])] == [
        "broken.db in the drop folder is not read. It is not complete.",
        "new.db waits: the figures are of another export.",
    ]
    assert of_exports([NEXT], [run("STARTED")]) == of_exports([READ, OLD], [run("SUCCESS")]) == []


def test_a_quarantine_is_told_where_it_is_worth_money() -> None:
    (told,) = of_quarantine([{"revenue": "1200.5000"}, {"revenue": "33.5000"}, {"revenue": ""}], "/report")
    assert (told.problem(ENGLISH).count("\u20ac1,234"), told.address) == (1, "/report")
    assert "1\u202f234\u00a0€ de chiffre" in told.said(FRENCH)["problem"]
    assert of_quarantine([{"revenue": "0.0000"}], "/report") == []


def test_the_export_behind_the_release_is_told_from_one_that_waits(tmp_path: Path) -> None:
    write_export(tmp_path / "shop.db", minimal_rows())
    now = dt.datetime.now(dt.UTC)
    hashes = (fingerprint(tmp_path / "shop.db"), "0" * 64, None)
    assert [listed(tmp_path, sha256, now, 5)[0].is_published for sha256 in hashes] == [True, False, False]


@pytest.mark.usefixtures("posix")
def test_every_page_asks_for_what_is_wrong_and_for_the_newest_release(tmp_path: Path) -> None:
    worth = b"source_table,revenue\nsales,99.0000\n"
    folder = publish_by_hand(tmp_path / "extracts", 1, {"quality/quarantine_worth.csv": worth})
    with portal(tmp_path, BOTTLENECK_DAGSTER_URL=NOWHERE) as site:
        told = json.loads(site.ask("/notices.json").text)
        assert told["release"] == folder.name
        unheard, set_aside = told["notices"]["en"]
        assert unheard["problem"] == "Dagster at http://127.0.0.1:9 has not done it (it cannot be reached)."
        assert ("\u20ac99" in set_aside["problem"], set_aside["address"]) == (True, "/status")
        for path in ("/", "/downloads", "/status", "/exports", "/nothing"):
            assert f'data-release="{folder.name}"' in site.ask(path).text
            assert '<div class="notices"' in site.ask(path).text
        assert 'data-release=""' in site.ask(f"/releases/{folder.name}").text
