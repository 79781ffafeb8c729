"""The pages as a person reads them, without a browser: what stands on them, and that nothing of an export can act in them."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from html import unescape
from typing import TYPE_CHECKING

import pytest

from bottleneck_assets.figures.tabs import TABS
from bottleneck_assets.models.catalog import models
from bottleneck_assets.models.contract import columns_of, key_of
from bottleneck_assets.models.lineage import origins
from bottleneck_assets.portal.lineage import Lineage
from bottleneck_assets.release.lineage import installed, read_lineage
from bottleneck_assets.release.publishing import published_models
from bottleneck_assets.release.release import newest
from bottleneck_assets.render.web.page import FILE
from bottleneck_assets_tests.portal.serving import portal, publish_by_hand

if TYPE_CHECKING:
    from pathlib import Path

    from bottleneck_assets_tests.portal.serving import Portal

EVIL = "<script>alert(1)</script>\"'&"


def words(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def test_downloads_shows_every_file_with_its_grain_rows_columns_and_links(site: Portal) -> None:
    page = site.ask("/downloads").text
    shown = words(page)
    for path, model in published_models().items():
        assert f'href="/extracts/latest/{path}"' in page
        assert f'href="/extracts/latest/{path.removesuffix(".csv")}.xlsx"' in page
        assert f'href="/extracts/latest/{path.removesuffix(".csv")}.fr.csv"' in page
        assert " ".join(model.description.split("\n\n")[0].split()) in shown
        assert f"One row: {', '.join(key_of(model.contract))}" in shown
        assert f"{len(columns_of(model.contract))} columns" in shown
    assert 'href="/extracts/latest.zip"' in page
    assert page.count("<h1") == 1


def test_every_file_says_what_it_is_and_none_says_what_another_is(site: Portal) -> None:
    page = site.ask("/downloads").text
    shown = re.findall(r"<h3><a[^>]*>([^<]+)</a></h3>\s*<p>([^<]*)</p>", page)
    assert len(shown) == page.count("<article>")
    assert [path for path, about in shown if not about.strip() or "`" in about] == []
    told = [about for path, about in shown if not path.endswith(".tds") and "recommendations." not in path]
    assert len(told) == len(set(told))


def test_a_search_keeps_the_files_that_hold_every_word_and_a_tds_stands_beside_its_csv(site: Portal) -> None:
    def found(sought: str, **asked: str) -> list[str]:
        return re.findall(r"<h3><a[^>]*>([^<]+)</a></h3>", site.ask(f"/downloads?q={sought}", **asked).text)

    assert found("turnover%20segment") == [path for path in found("turnover") if path in found("segment")]
    assert "kpis/stock_turnover_by_segment.csv" in found("Turnover%20SEGMENT")
    assert "overview.csv" in found("vue%20D%E2%80%99ensemble", **{"Accept-Language": "fr"})
    assert "report/data_quality.html" in found("qualite%20donnees", **{"Accept-Language": "fr"})
    page = site.ask("/downloads?q=zzz%22%3E").text
    assert "0 files found" in words(page)
    assert 'value="zzz&#34;&gt;"' in page
    whole = site.ask("/downloads").text
    assert '<h3><a href="/extracts/latest/overview.tds' not in whole
    assert whole.count('.tds"') == len(TABS)


def test_every_link_of_every_page_leads_somewhere(site: Portal) -> None:
    waiting, seen = (
        ["/", "/products", "/downloads", "/status", "/checks", "/lineage", "/lineage/kpi.revenue", "/lineage/kpi.revenue/revenue"],
        set[str](),
    )
    for page in waiting:
        for link in re.findall(r'(?:href|src)="(/[^"]*)"', site.ask(page).text):
            if unescape(link) not in seen:
                seen.add(unescape(link))
                assert site.ask(unescape(link), "HEAD").status == 200, (page, link)
    assert len(seen) > 100


@pytest.mark.usefixtures("posix")
def test_home_shows_the_figures_of_a_release_without_a_dashboard_and_leads_to_one_of_an_earlier_version(tmp_path: Path) -> None:
    headline = b"kpi,label,value,unit,period_start,period_end\nrevenue,Revenue,1234567.5,EUR,2022-10-01,2023-09-01\n"
    publish_by_hand(tmp_path / "extracts", 1, {"kpis/headline.csv": headline})
    with portal(tmp_path) as site:
        plain = site.ask("/").text
        assert "\u20ac1,234,568 Revenue" in words(plain)
        assert "dashboard/index.html" not in plain
        folder = publish_by_hand(tmp_path / "extracts", 2, {"dashboard/index.html": b"<!doctype html><title>Dashboard</title>"})
        address = f"/extracts/{folder.name}/dashboard/index.html"
        led = site.ask("/")
        assert (led.status, led.headers["location"]) == (307, address)
        shown = site.ask(address)
        assert (shown.status, shown.headers["content-type"]) == (200, "text/html; charset=utf-8")


def test_home_is_the_dashboard_with_the_bar_in_its_header_and_runs_no_script_but_its_own(site: Portal, open_site: Portal) -> None:
    answer, release = site.ask("/"), (site.extracts / "latest").resolve()
    page, lying = answer.text, (release / FILE).read_text(encoding="utf-8")
    assert page.count("<header") == page.count("<h1") + 1 == 1
    assert 'href="/downloads"' in page.partition("</header>")[0].partition("<header>")[2]
    assert f'data-files="/extracts/{release.name}"' in page
    assert "http-equiv" not in page
    policy = dict(rule.split(" ", 1) for rule in answer.headers["content-security-policy"].split("; "))
    scripts = [sha256(script.encode()).digest() for script in re.findall(r"<script>(.*?)</script>", page, re.DOTALL)]
    assert policy["script-src"].split() == ["'self'", *(f"'sha256-{b64encode(digest).decode()}'" for digest in scripts)]
    assert set(policy) - {"style-src", "style-src-attr"} == {rule for rule in policy if "unsafe" not in policy[rule]}
    assert page.partition("</header>")[2] == lying.partition("</header>")[2]
    assert re.search("<style>(.*?)</style>", page, re.DOTALL)[1] == re.search("<style>(.*?)</style>", lying, re.DOTALL)[1]  # type: ignore[index]
    assert 'name="token"' in open_site.ask("/").text


def test_without_any_release_every_page_says_so(tmp_path: Path) -> None:
    with portal(tmp_path) as site:
        for path in ("/", "/downloads", "/status"):
            answer = site.ask(path)
            assert (answer.status, "no release yet" in answer.text) == (200, True)
        assert site.ask("/lineage").status == 200
        assert site.ask("/extracts/latest/overview.csv").status == 404
        assert site.ask("/extracts/latest.zip").status == 404
        assert site.ask("/healthz").text == '{"status":"ok","has_release":false}'


@pytest.mark.usefixtures("posix")
def test_older_releases_are_listed_and_have_their_own_page(tmp_path: Path) -> None:
    first, second = (publish_by_hand(tmp_path / "extracts", number, {"overview.csv": b"a\n%d\n" % number}) for number in (1, 2))
    with portal(tmp_path) as site:
        page = site.ask("/downloads").text
        assert f'href="/releases/{first.name}"' in page
        assert f'href="/releases/{second.name}"' not in page
        older = site.ask(f"/releases/{first.name}").text
        assert f'href="/extracts/{first.name}/overview.csv"' in older
        assert site.ask(f"/extracts/{first.name}/overview.csv").body == b"a\n1\n"
        assert site.ask("/extracts/latest/overview.csv").body == b"a\n2\n"


@pytest.mark.usefixtures("posix")
def test_nothing_that_an_export_holds_acts_in_a_page(tmp_path: Path) -> None:
    header, cell = "source_table,row_number,record_key,column_name,column_value,reason,exported_row", EVIL.replace('"', '""')
    quarantine = f'{header}\nweb,1,k,sku,"{cell}",r,x\n'
    check = {"asset": "clean/web", "check": "c", "passed": False, "severity": "WARN", "found": EVIL, "remedy": EVIL}
    told = {"export": {"name": f"{EVIL}.db", "sha256": "0" * 64, "changed_at": ""}, "checks": [check]}
    publish_by_hand(tmp_path / "extracts", 1, {"quality/quarantine.csv": quarantine.encode()}, **told)
    with portal(tmp_path) as site:
        for path in ("/", "/downloads", "/status"):
            page = site.ask(path).text
            assert "alert(1)" in page
            assert "<script>alert" not in page
        assert "<script>alert" not in site.ask("/lineage/%3Cscript%3Ealert(1)%3C/script%3E").text


def test_status_shows_the_checks_and_what_was_quarantined(site: Portal) -> None:
    shown = words(site.ask("/status").text)
    assert re.search(r"\d+ of \d+ passed", shown)
    assert "onsale_web 4 is neither 0 nor 1" in shown
    assert "rows read rows kept" in shown


# --- Lineage -----------------------------------------------------------------------------------------------------------------


def test_the_graph_shows_every_table_and_what_reads_what_from_left_to_right(site: Portal) -> None:
    page = site.ask("/lineage").text
    assert all(f'href="/lineage/{ref}"' in page for ref in models())
    drawing = Lineage(installed()).all_tables()
    place = {node.address.removeprefix("/lineage/"): node for node in drawing.nodes}
    assert len({(node.x, node.y) for node in drawing.nodes}) == len(models())
    assert all(place[read].x < place[ref].x for ref, model in models().items() for read in model.reads)
    assert len(drawing.lines) == sum(len(model.reads) for model in models().values())


def test_a_table_or_a_column_is_found_by_its_name_in_the_readers_language_and_marked(site: Portal) -> None:
    page = site.ask("/lineage?q=seasonal%20index").text
    assert 'href="/lineage/kpi.seasonal_index/seasonal_index"' in page
    assert page.count(" chosen") == len(set(re.findall(r'<li><a href="/lineage/([\w.]+)', page)))
    in_french = words(site.ask("/lineage?q=marge%20ATTENDU", **{"Accept-Language": "fr"}).text)
    assert "kpi.segment_band Taux de marge attendu, par mois et segment" in in_french
    assert "0 tables and columns found" in words(site.ask("/lineage?q=%3Cb%3E").text)


@pytest.mark.parametrize(
    ("table", "column", "expected"),
    [
        ("extract.overview", "gross_margin", {"raw.finance.price", "raw.finance.purchase_price", "raw.sales.sales"}),
        ("kpi.customer_rating", "average_rating", {"raw.web.average_rating"}),
        ("clean.web", "segment", {"raw.web.segment"}),
    ],
)
def test_a_column_leads_back_to_the_columns_of_the_export(table: str, column: str, expected: set[str], site: Portal) -> None:
    shown = words(site.ask(f"/lineage/{table}/{column}").text)
    found = {f"{origin.table}.{origin.column}" for origin in origins(table, column)}
    assert expected <= found
    assert all(origin in shown for origin in found)


def test_every_column_of_every_table_has_its_way_drawn() -> None:
    lineage = Lineage(installed())
    for ref in models():
        for column, above in lineage.columns(ref):
            assert list(above) == list(origins(ref, column.name))
            page = lineage.of_column(ref, column.name)
            drawn = {node.address for node in page.drawing.nodes}
            assert {f"/lineage/{origin.table}/{origin.column}" for origin in above} <= drawn
            assert f"/lineage/{ref}/{column.name}" in drawn


@pytest.mark.usefixtures("posix")
def test_the_lineage_is_that_of_the_release_on_display_and_not_of_the_installed_code(tmp_path: Path, site: Portal) -> None:
    assert read_lineage(newest(site.extracts)) == installed()
    column = {"name": "a", "type": "bigint", "unit": "", "description": "Of old.", "formula": ""}
    old = {"ref": "kpi.old", "description": "An older table.", "reads": ["raw.old"], "columns": [{**column, "sources": [["raw.old", "a"]]}]}
    raw = {"ref": "raw.old", "description": "Exported.", "reads": [], "columns": [{**column, "sources": []}]}
    publish_by_hand(tmp_path / "extracts", 1, {"lineage.json": json.dumps([old, raw]).encode()})
    with portal(tmp_path) as older:
        assert "kpi.revenue" not in older.ask("/lineage").text
        assert "An older table." in older.ask("/lineage/kpi.old").text
        assert "In the end, from 1 column: raw.old.a" in words(older.ask("/lineage/kpi.old/a").text)
        assert older.ask("/lineage/kpi.revenue").status == 404
        publish_by_hand(tmp_path / "extracts", 2, {"overview.csv": b"a\n1\n"})
        assert "does not say where its tables come from" in older.ask("/lineage").text
        assert older.ask("/lineage/kpi.revenue").status == 200
        publish_by_hand(tmp_path / "extracts", 3, {"lineage.json": b"{}"})
        assert "lineage.json of release" in older.ask("/lineage").text


@pytest.mark.usefixtures("posix")
def test_the_lineage_of_an_older_release_is_its_own(tmp_path: Path) -> None:
    def of(name: str) -> bytes:
        column = {"name": "a", "type": "bigint", "unit": "", "description": "A.", "formula": ""}
        made = {"ref": f"kpi.{name}", "description": f"The {name} table.", "reads": [f"raw.{name}"]}
        raw = {"ref": f"raw.{name}", "description": "Exported.", "reads": [], "columns": [{**column, "sources": []}]}
        return json.dumps([{**made, "columns": [{**column, "sources": [[f"raw.{name}", "a"]]}]}, raw]).encode()

    older = publish_by_hand(tmp_path / "extracts", 1, {"lineage.json": of("old")}).name
    publish_by_hand(tmp_path / "extracts", 2, {"lineage.json": of("new")})
    with portal(tmp_path) as site:
        assert "kpi.new" in site.ask("/lineage").text
        root = f"/releases/{older}/lineage"
        for path, said in (("", "kpi.old"), ("/kpi.old", "The old table."), ("/kpi.old/a", "In the end, from 1 column: raw.old.a")):
            page = site.ask(f"{root}{path}").text
            assert said in words(page)
            assert "kpi.new" not in page
            assert f"Release {older} \u00b7 To the newest release." in words(page)
            links = re.findall(r'href="([^"]*lineage[^"]*)"', page.partition("</header>")[2])
            assert {link for link in links if not link.startswith(root)} == {"/lineage"}
            assert 'data-release=""' in page
        found = site.ask(f"{root}?q=old").text
        assert found.count(" chosen") == 2
        assert [site.ask(f"{root}/kpi.new").status, site.ask("/lineage/kpi.old").status, site.ask("/releases/none/lineage").status] == [
            404
        ] * 3


def test_the_downloads_of_a_release_lead_to_its_own_lineage(site: Portal) -> None:
    name = newest(site.extracts).name
    assert f'href="/releases/{name}/lineage/kpi.revenue"' in site.ask(f"/releases/{name}").text
    assert 'href="/lineage/kpi.revenue"' in site.ask("/downloads").text
    assert site.ask(f"/releases/{name}/lineage/kpi.revenue").status == 200


@pytest.mark.parametrize("path", ["/lineage/kpi.nothing", "/lineage/kpi.revenue/nothing", "/lineage/nothing/x"])
def test_what_is_no_table_and_no_column_has_no_page(path: str, site: Portal) -> None:
    assert site.ask(path).status == 404


@pytest.mark.usefixtures("posix")
@pytest.mark.parametrize(("sha256", "note"), [("0" * 64, ""), ("1" * 64, ", another export than this release's")])
def test_downloads_says_when_the_report_on_request_was_measured_and_whether_on_this_export(tmp_path: Path, sha256: str, note: str) -> None:
    report = {"report/data_access.html": b"<p>", "report/data_quality.html": b"<p>"}
    measured = {"at": "2025-03-03T12:30:00+00:00", "export": "<b>shop.db", "sha256": sha256}
    publish_by_hand(tmp_path / "extracts", 1, report, data_access=measured)
    with portal(tmp_path) as site:
        shown = words(site.ask("/downloads").text)
    assert shown.count("measured 3 March 2025, 13:30 (Paris) on <b>shop.db") == 1
    assert f"measured 3 March 2025, 13:30 (Paris) on <b>shop.db{note}" in shown
    assert ("another export" in shown) is bool(note)


@pytest.mark.parametrize("report", ["data_quality", "data_access"])
def test_a_report_opens_in_the_readers_language_where_the_release_has_it(tmp_path: Path, report: str) -> None:
    english, french = f"report/{report}.html", f"report/{report}.fr.html"
    for files, in_french in (({english: b"<p>", french: b"<p>"}, french), ({english: b"<p>"}, english)):
        folder = tmp_path / in_french.replace("/", "_")
        publish_by_hand(folder / "extracts", 1, {"overview.csv": b"a\n1\n", **files})
        with portal(folder) as site:
            for language, path in (("en", english), ("fr", in_french)):
                found = re.findall(rf'href="[^"]*/(report/{report}[^"]*)"', site.ask("/", **{"Accept-Language": language}).text)
                assert found == [path], (files, language)
