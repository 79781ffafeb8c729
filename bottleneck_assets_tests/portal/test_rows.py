"""The rows of a tab's table, a page at a time: whatever is asked, they are those that pandas finds in the release's CSVs, and no others."""

from __future__ import annotations

import json
import random
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from bottleneck_assets.figures.tabs import TABS
from bottleneck_assets.release.listed import MOST_ROWS
from bottleneck_assets_tests.portal.listed import KEYS, SHOWN, Asked, Whole, is_none
from bottleneck_assets_tests.portal.serving import portal, publish_by_hand

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bottleneck_assets_tests.portal.serving import Portal

QUESTIONS, SEED = 50, 11
FILTERS = ("segment", "product_type", "sku", "abc_class", "cover_band", "campaign", "recommendation")
SOUGHT: tuple[tuple[str, tuple[tuple[bool, str], ...]], ...] = (
    ("", ()),
    ("e", ((True, "e"),)),
    ("CHÂTEAU", ((True, "chateau"),)),
    ("rouge  20", ((True, "rouge"), (True, "20"))),
    ("a !blanc", ((True, "a"), (False, "blanc"))),
    ('"75 cl"', ((True, "75 cl"),)),
    ('"de "', ((True, "de "),)),
    ("dec 2022", ((True, "dec"), (True, "2022"))),
    ("déc.", ((True, "dec."),)),
    ("\u2013", ((True, "\u2013"),)),
    ("%' or 1=1 --", ((True, "%'"), (True, "or"), (True, "1=1"), (True, "--"))),
    ("no such thing", ((True, "no"), (True, "such"), (True, "thing"))),
)


def rows_of(site: Portal, tab: str, **asked: Any) -> dict[str, Any]:
    answer = site.ask(f"/api/rows/{tab}?{urlencode(asked)}")
    assert answer.status == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return json.loads(answer.body)


def parameters(asked: Asked) -> dict[str, Any]:
    months = dict(zip(("from", "to"), (month[:7] for month in asked.months), strict=True)) if asked.months else {}
    way = "desc" if asked.descending else "asc"
    return {"order": asked.order, "dir": way, "lang": asked.language, "q": asked.q, **months, **asked.equal}


def drawn(lot: random.Random, whole: Whole) -> Asked:
    """Return a question by lot, of what there is in the release."""
    tab = lot.choice(list(SHOWN))
    q, words = lot.choice((*SOUGHT, *SOUGHT[:1] * len(SOUGHT)))
    months = sorted(whole.sales["month"].unique())
    first, last = sorted(lot.choices(months, k=2))
    row = lot.choice(whole.listed(Asked(tab, SHOWN[tab][0], descending=False))[0])  # what is asked for is there, at least without a search
    kinds = [name for name in FILTERS if not is_none(row.get(f"of_{name}")) and (name != "sku" or lot.random() < 0.1)]
    chosen = lot.sample(kinds, k=min(len(kinds), lot.choice((0, 0, 1, 1, 2))))
    return Asked(
        tab,
        order=lot.choice(SHOWN[tab]),
        descending=lot.random() < 0.5,
        language=lot.choice(("en", "fr")),
        months=(first, last) if lot.random() < 0.5 else None,
        equal={name: row[f"of_{name}"] for name in chosen},
        q=q,
        words=words,
    )


def differences(given: Mapping[str, Any], expected: Mapping[str, Any], tab: str) -> list[tuple[str, Any, Any]]:
    """Return the cells of a row that are not as they should be."""
    names = {"product": "title", "sentence": "sentence_fr"}
    pairs = [(name, given[names.get(name, name)], expected[names.get(name, name)]) for name in SHOWN[tab]]
    return [
        (name, one, other)
        for name, one, other in pairs
        if (one is None) != is_none(other)
        or (one is not None and (abs(one - other) > 1e-9 * max(1, abs(other)) if isinstance(other, int | float) else one != other))
    ]


def test_a_page_of_any_question_is_what_pandas_finds_in_the_csvs(site: Portal) -> None:
    whole, lot = Whole(site.extracts / "latest"), random.Random(SEED)  # noqa: S311 - a lot that is the same each time
    found_some = 0
    for _ in range(QUESTIONS):
        asked = drawn(lot, whole)
        expected, total = whole.listed(asked)
        start, length = lot.choice((0, 0, 10, len(expected) // 2, len(expected) + 3)), lot.choice((1, 10, 100, 500))
        answer = rows_of(site, asked.tab, start=start, length=length, **parameters(asked))
        assert (answer["recordsTotal"], answer["recordsFiltered"]) == (total, len(expected)), asked
        key = KEYS.get(asked.tab, ("sku",))
        wanted = expected[start : start + length]
        assert [[row[name] for name in key] for row in answer["data"]] == [[row[name] for name in key] for row in wanted], asked
        wrong = [differences(*pair, asked.tab) for pair in zip(answer["data"], wanted, strict=True)]
        assert not any(wrong), (asked, wrong)
        found_some += bool(wanted)
    assert found_some > QUESTIONS / 3


def test_without_a_question_the_first_rows_come_as_the_tab_declares_their_order(site: Portal) -> None:
    for tab in TABS:
        if tab.name not in SHOWN:
            assert site.ask(f"/api/rows/{tab.name}").status == 404
            continue
        expected, total = Whole(site.extracts / "latest").listed(Asked(tab.name, tab.table.sorted_by, descending=not tab.table.ascending))
        answer = rows_of(site, tab.name)
        assert (answer["recordsTotal"], answer["recordsFiltered"], len(answer["data"])) == (total, total, min(total, MOST_ROWS))
        key = KEYS.get(tab.name, ("sku",))
        assert [[row[name] for name in key] for row in answer["data"]] == [[row[name] for name in key] for row in expected[:MOST_ROWS]]


def test_who_has_an_answer_already_gets_nothing_again_and_another_question_is_told_apart(site: Portal) -> None:
    release = json.loads((site.extracts / "latest" / "manifest.json").read_text(encoding="utf-8"))["release"]
    address = f"/api/rows/top_products?release={release}&length=10"
    first = site.ask(address)
    assert first.headers["cache-control"] == "private, no-cache"
    assert first.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in first.headers["content-security-policy"]
    again = site.ask(address, If_None_Match=first.headers["etag"])
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert site.ask(f"{address}&start=10", If_None_Match=first.headers["etag"]).status == 200
    assert site.ask("/api/rows/top_products?length=10").body == first.body, "of the newest, if none is named"
    head = site.ask(address, "HEAD")
    assert (head.status, head.body, head.headers["etag"]) == (200, b"", first.headers["etag"])
    assert site.ask(address, "POST", "", Origin=site.origin).status in {403, 405}


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ("top_products?start=-1", 400, "start may not be -1. Give a whole number from 0 to 1000000000."),
        ("top_products?start=1e3", 400, "start may not be 1e3."),
        ("top_products?start=99999999999999999999", 400, "start may not be"),
        ("top_products?start=%D9%A1", 400, "start may not be"),
        ("top_products?length=0", 400, "length may not be 0. Give a whole number from 1 to 2000."),
        ("top_products?length=2001", 400, "length may not be 2001. Give a whole number from 1 to 2000."),
        ("top_products?length=-1", 400, "length may not be -1."),
        ("top_products?order=excerpt", 400, "order may not be excerpt. Give one of: sku, product, rank,"),
        ("top_products?order=rank;drop table sales", 400, "order may not be"),
        ("top_products?order=(select 1)", 400, "order may not be"),
        ("top_products?dir=sideways", 400, "dir may not be sideways. Give one of: asc, desc."),
        ("top_products?lang=de", 400, "lang may not be de. Give one of: en, fr."),
        ("top_products?from=2023", 400, "from may not be 2023. Give a month as 2023-09."),
        ("top_products?to=2023-13", 400, "to may not be 2023-13."),
        ("top_products?from=0000-01", 400, "from may not be 0000-01."),
        ("top_products?sku='1'", 400, "sku may not be '1'."),
        ("top_products?sku=9999999999999999999", 400, "sku may not be"),
        ("top_products?cover_band=1-2", 400, "cover_band may not be 1-2. Give one of: none, 0-1,"),
        ("top_products?campaign=x", 400, "There is no parameter campaign. There are: release, start,"),
        ("top_products?title=x", 400, "There is no parameter title."),
        ("top_products?1=1;--", 400, "There is no parameter 1."),
        ("top_products?segment=Vin&segment=Huile", 400, "The parameter segment is given more than once. Give it once."),
        ("top_products?q=" + "x" * 201, 400, "q has 201 characters. Give at most 200."),
        ("web", 404, "There is nothing here."),
        ("tables/web", 404, "There is nothing here."),
        ("overview", 404, "There is nothing here."),
        ("top_products.csv", 404, "There is nothing here."),
        ("..%2ftop_products", 404, "There is nothing here."),
        ("../../manifest.json", 404, "There is nothing here."),
        ("top_products?release=no-such-release", 404, "There is nothing here."),
        ("top_products?release=../latest", 404, "There is nothing here."),
        ("top_products?release=..%2f..%2fextracts%2flatest", 404, "There is nothing here."),
        ("top_products?release=.building-x", 404, "There is nothing here."),
        ("top_products?release=%00", 404, "There is nothing here."),
        ("top_products?release=" + "x" * 5000, 404, "There is nothing here."),
        ("top_products?release=", 404, "There is nothing here."),
    ],
)
def test_what_nobody_may_ask_is_refused_in_two_lines_and_changes_nothing(asked: str, status: int, said: str, site: Portal) -> None:
    before = {path: path.stat().st_mtime_ns for path in site.data_dir.rglob("*")}
    answer = site.ask(f"/api/rows/{asked.replace(' ', '%20')}")
    assert answer.status == status
    shown = " ".join(re.sub("<[^>]*>", " ", answer.text).replace("&#39;", "'").split())
    assert said in shown
    assert "Traceback" not in answer.text
    assert {path: path.stat().st_mtime_ns for path in site.data_dir.rglob("*")} == before


@pytest.mark.parametrize(
    "value", ["' or '1'='1", "Vin'; drop table sales; --", "%", "_", "\\", "\x00", "Vin\n", "$first", "🍷", "\u202e", '"', "{}", "x" * 5000]
)
def test_a_value_is_only_ever_compared(value: str, site: Portal) -> None:
    for name in ("segment", "product_type", "abc_class"):
        assert rows_of(site, "top_products", **{name: value}) == {"recordsTotal": 0, "recordsFiltered": 0, "data": []}
    assert rows_of(site, "promotions_roi", campaign=value)["recordsTotal"] == 0
    assert rows_of(site, "business_recommendations", recommendation=value)["recordsTotal"] == 0
    assert rows_of(site, "top_products", q=value[:200])["recordsTotal"] > 0


def test_a_refusal_is_said_in_french_to_who_reads_french(site: Portal) -> None:
    answer = site.ask("/api/rows/top_products?length=2001", **{"Accept-Language": "fr"})
    assert answer.status == 400
    assert "length ne peut pas valoir 2001." in answer.text
    assert "Donnez un nombre entier de 1 à 2000." in answer.text


def test_a_release_that_lacks_a_table_or_has_one_that_was_changed_says_so(data_dir: Path, tmp_path: Path) -> None:
    publish_by_hand(tmp_path / "extracts", 1, {"top_products.csv": b"sku\n1\n"})
    shutil.copytree((data_dir / "extracts" / "latest").resolve(), tmp_path / "extracts" / (data_dir / "extracts" / "latest").resolve().name)
    changed = tmp_path / "extracts" / (data_dir / "extracts" / "latest").resolve().name
    table = changed / "parquet" / "top_products.parquet"
    table.write_bytes(b"\0" * table.stat().st_size)
    with portal(tmp_path) as site:
        older = site.ask("/api/rows/top_products")
        assert (older.status, "It was made by an older version" in older.text) == (409, True)
        damaged = site.ask(f"/api/rows/top_products?release={changed.name}")
        assert (damaged.status, "is not what was published: it cannot be read" in damaged.text) == (404, True)
        assert str(tmp_path) not in damaged.text
        table.unlink()
        assert site.ask(f"/api/rows/top_products?release={changed.name}").status == 404
        assert site.ask("/healthz").status == 200


def test_where_the_memory_does_not_suffice_the_setting_is_named_and_no_file_is_blamed(data_dir: Path) -> None:
    with portal(data_dir, BOTTLENECK_MEMORY_LIMIT="100KB") as site:
        answer = site.ask("/api/rows/top_products")
    assert answer.status == 503
    assert "more memory than DuckDB may use (100KB)" in answer.text
    assert "memory_limit" in answer.text


@pytest.mark.full
@pytest.mark.usefixtures("posix")
def test_many_who_ask_at_once_are_answered_or_told_to_come_back(site: Portal) -> None:
    site.ask("/api/rows/top_products")
    with ThreadPoolExecutor(60) as clients:
        answers = list(clients.map(lambda at: site.ask(f"/api/rows/customer_preferences?start={at}"), range(120)))
    assert {answer.status for answer in answers} <= {200, 503}
    assert {answer.headers["retry-after"] for answer in answers if answer.status == 503} <= {"5"}
    assert sum(answer.status == 200 for answer in answers) >= 18
    assert site.ask("/healthz").status == 200
