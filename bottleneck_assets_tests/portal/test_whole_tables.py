"""In a browser: of a shop that is too large for one page, the served dashboard's tables hold every row, as long as the portal answers.

The shop is twenty times the size of the real one. What a page of a table is to hold, pandas finds in the release's CSVs.
"""

from __future__ import annotations

import csv
import json
import random
import re
import shutil
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

import pytest
from playwright.sync_api import expect

from bottleneck_assets.figures.tabs import TABS
from bottleneck_assets.release.listed import MOST_ROWS
from bottleneck_assets.sample.export import write_sample_export
from bottleneck_assets_tests.conftest import run_refresh
from bottleneck_assets_tests.portal.listed import KEYS, SHOWN, Asked, Whole
from bottleneck_assets_tests.portal.serving import portal
from bottleneck_assets_tests.portal.test_rows import drawn, parameters, rows_of
from bottleneck_assets_tests.running import PATIENCE, chromium

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Locator, Page, Route

    from bottleneck_assets_tests.portal.serving import Portal

pytestmark = pytest.mark.full

SCALE, STATES, SEED = 20, 30, 3
SORTED_BY = {tab.name: (tab.table.sorted_by, "asc" if tab.table.ascending else "desc") for tab in TABS}


@pytest.fixture(scope="module")
def large_dir(made_once: Callable[..., Path]) -> Path:
    """A data folder with the release of a large shop."""

    def made(folder: Path) -> Path:
        write_sample_export(folder / "large.db", scale=SCALE, seed=20)
        refreshed = run_refresh(folder / "large.db", folder / "data", reports=True)
        assert refreshed.result.success, refreshed.why_it_failed()
        shutil.copytree(folder / "data" / "extracts", folder / "portal" / "extracts", symlinks=True)
        return folder / "portal"

    return made_once("large", made)


@pytest.fixture
def large_site(large_dir: Path) -> Iterator[Portal]:
    with portal(large_dir) as running:
        yield running


@pytest.fixture(scope="module")
def whole(large_dir: Path) -> Whole:
    return Whole(large_dir / "extracts" / "latest")


@pytest.fixture(scope="module")
def browser(needs_chromium: None, large_dir: Path, site: Portal) -> Iterator[Browser]:
    assert large_dir.is_dir()  # made before: no refresh runs beside the browser's own loop
    assert site.port
    with chromium() as running:
        yield running


class Dashboard:
    """The dashboard in a browser: what it has asked the portal for, and what has gone wrong."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.page: Page = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900}).new_page()
        self.page.set_default_timeout(PATIENCE * 1000)
        self.address, self.asked = address, list[str]()
        self.complaints = list[str]()
        self.page.on("request", lambda request: self.asked.append(request.url) if "/api/" in request.url else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)

    def open(self, state: str) -> None:
        self.page.goto("about:blank")
        self.page.goto(f"{self.address}#{state}")
        self.page.wait_for_selector("html[data-ready]")

    @property
    def listing(self) -> Locator:
        return self.page.locator("section:not([hidden]) .listing")

    @property
    def info(self) -> Locator:
        return self.listing.locator(".dt-info")

    @property
    def note(self) -> Locator:
        return self.listing.locator(".note")

    def column(self, place: int) -> list[str]:
        return self.listing.locator("tbody tr").evaluate_all("(rows, place) => rows.map((row) => row.children[place].textContent)", place)

    def downloaded(self, form: str = "csv") -> list[dict[str, str]]:
        with self.page.expect_download() as waiting:
            self.listing.locator(f".links button[data-form='{form}']").click()
        text = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
        return list(csv.DictReader(text.splitlines(), delimiter=";" if form == "fr.csv" else ","))

    def held(self) -> list[int]:
        """Return the products that the page holds one by one."""
        return self.page.evaluate(
            "() => JSON.parse(document.getElementById('figures').textContent).products.sku.filter((sku) => sku !== null)"
        )


@pytest.fixture
def served(browser: Browser, large_site: Portal) -> Iterator[Dashboard]:
    shown = Dashboard(browser, f"{large_site.origin}/")
    yield shown
    shown.page.context.close()
    assert shown.complaints == []


def fulfilled(answer: dict[str, Any], route: Route) -> None:
    route.fulfill(**answer)


def skus(rows: list[dict[str, Any]]) -> list[str]:
    return [str(row["sku"]) for row in rows]


def test_the_second_page_of_a_table_is_that_of_all_products_and_so_is_the_last(served: Dashboard, whole: Whole) -> None:
    served.open("top_products?lang=en")
    expected, total = whole.listed(Asked("top_products", "rank", descending=False))
    assert total > len(served.held()), "the page holds a part"
    expect(served.info).to_have_text(f"1 to 10 of {total:,}")
    served.listing.get_by_label("Next page").click()
    expect(served.info).to_have_text(f"11 to 20 of {total:,}")
    assert served.column(0) == skus(expected[10:20])
    served.listing.get_by_label("Last page").click()
    expect(served.info).to_have_text(re.compile(f"to {total:,} of {total:,}"))
    assert served.column(0) == skus(expected[(total - 1) // 10 * 10 :])
    expect(served.note).to_be_hidden()


def test_a_product_that_the_page_does_not_hold_is_found_and_its_name_leads_to_all_about_it(served: Dashboard, whole: Whole) -> None:
    served.open("customer_preferences?lang=en")
    held = set(served.held())
    products, total = whole.listed(Asked("customer_preferences", "sku", descending=False))
    wanted = next(row for row in products if row["sku"] not in held)
    served.listing.locator("input[type=search]").fill(f'"{wanted["title"].upper()}" {wanted["sku"]}')
    expect(served.info).to_have_text(re.compile(rf"1 to \d of \d \(of {total:,}\)"))
    assert str(wanted["sku"]) in served.column(0)
    served.page.reload()
    served.page.wait_for_selector("html[data-ready]")
    served.listing.get_by_role("link", name=wanted["title"]).first.click()
    served.page.wait_for_url(re.compile(r"/product/\d+$"))
    served.page.go_back()
    served.listing.locator("input[type=search]").fill("no product is called that")
    expect(served.info).to_have_text(f"none (of {total:,})")


@pytest.mark.parametrize("tab", list(SHOWN))
def test_filters_order_and_language_hold_for_all_rows_and_for_their_csv(served: Dashboard, whole: Whole, tab: str) -> None:
    served.open(f"{tab}?lang=fr")
    segment = served.page.locator("select[name=segment] option").nth(1).get_attribute("value")
    served.page.locator("select[name=segment]").select_option(segment)
    served.page.locator("select[name=from]").select_option(index=2)
    months = served.page.evaluate("() => JSON.parse(document.getElementById('figures').textContent).months")
    order = "sentence" if tab == "business_recommendations" else "product"
    served.listing.locator("thead th").nth(list(SHOWN[tab]).index(order)).click()
    asked = Asked(tab, order, descending=False, language="fr", months=(months[2], months[-1]), equal={"segment": segment})
    expected, total = whole.listed(asked)
    expect(served.info).to_have_text(f"1 à 10 sur {total:,}".replace(",", "\u202f"))
    served.page.wait_for_url(f"**sort={order}.asc**")
    place = list(SHOWN[tab]).index(order)
    assert served.column(place) == [whole.words(row, order, "fr") for row in expected[:10]]
    rows, key = served.downloaded(), KEYS.get(tab, ("sku",))
    assert [[row[name] for name in key] for row in rows] == [[str(row[name]) for name in key] for row in expected]
    if tab == "top_products":
        assert len(rows) > MOST_ROWS, "more than one answer holds"
        assert sum(float(row["revenue"]) for row in rows) == pytest.approx(sum(row["revenue"] for row in expected))
        assert [next(iter(row.values())) for row in served.downloaded("fr.csv")] == skus(rows)


def test_once_the_portal_is_gone_the_table_holds_what_the_page_does_and_says_so(served: Dashboard, large_site: Portal) -> None:
    served.open("top_products?lang=en")
    expect(served.note).to_be_hidden()
    asked = len(served.asked)
    large_site.process.kill()
    large_site.process.wait()
    served.listing.get_by_label("Next page").click()
    expect(served.note).to_be_visible()
    expect(served.note).to_contain_text("The portal does not answer: this table holds only what the page does.")
    expect(served.note).to_contain_text("The whole list is in top_products.csv.")
    held = set(map(str, served.held()))
    assert len(served.asked) == asked + 1
    assert {*served.column(0)} <= held
    rows = served.downloaded()
    assert 10 < len(rows) <= len(held)
    assert {row["sku"] for row in rows} <= held
    served.page.locator("[data-language=fr]").click()
    expect(served.note).to_contain_text("Le portail ne répond pas\u00a0: ce tableau se limite à ce que contient la page.")
    served.page.locator("#tab-overview").click()
    expect(served.listing).to_be_visible()
    assert [said for said in served.complaints if "net::ERR_" not in said] == []
    served.complaints.clear()


def test_a_portal_that_refuses_or_sends_no_rows_is_as_good_as_none(served: Dashboard) -> None:
    for answer in ({"status": 503, "body": "busy"}, {"status": 200, "body": "<p>Sign in"}, {"status": 404, "body": "{}"}):
        served.page.route("**/api/rows/**", partial(fulfilled, answer))
        served.open("stock_turnover?lang=en")
        expect(served.note).to_be_visible()
        expect(served.listing.locator("tbody tr")).to_have_count(10)
        served.page.unroute("**/api/rows/**")
    served.listing.get_by_label("Next page").click()
    expect(served.note).to_be_hidden()
    assert all("Failed to load resource" in said for said in served.complaints)
    served.complaints.clear()


def test_what_is_asked_for_first_and_answered_last_changes_nothing(served: Dashboard, whole: Whole) -> None:
    served.open("top_products?lang=en")
    wanted, total = whole.listed(Asked("top_products", "sku", descending=True))
    expect(served.info).to_have_text(f"1 to 10 of {total:,}")
    held: list[Route] = []
    served.page.route("**/api/rows/**q=nothing**", lambda route: held.append(route))  # noqa: PLW0108 - Playwright keeps a mark on what it calls
    with served.page.expect_request("**/api/rows/**q=nothing**"):
        served.listing.locator("input[type=search]").fill("nothing is called so")
    with served.page.expect_event("requestfailed") as given_up:
        served.listing.locator("input[type=search]").fill(str(wanted[0]["sku"]))
    assert "q=nothing" in given_up.value.url
    assert len(held) == 1
    expect(served.listing.locator("tbody tr")).to_have_count(1)
    assert served.column(0) == [str(wanted[0]["sku"])]
    expect(served.note).to_be_hidden()


def test_a_portal_that_fails_on_a_far_page_leaves_the_first_rows_that_the_page_holds(served: Dashboard) -> None:
    served.open("top_products?lang=en")
    served.listing.get_by_label("Last page").click()
    expect(served.info).to_have_text(re.compile(r"^\d+,\d+ to "))
    served.page.route("**/api/rows/**", lambda route: route.abort())
    served.listing.get_by_label("Previous page").click()
    expect(served.note).to_contain_text("The portal does not answer")
    expect(served.info).to_have_text(re.compile("^1 to 10 of "))
    assert {*served.column(0)} <= set(map(str, served.held()))
    served.complaints.clear()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"status": 503, "body": "busy"}, "The portal did not give every row: nothing was saved. The whole list is in top_products.csv."),
        (
            {"status": 200, "body": json.dumps({"recordsTotal": 50_001, "recordsFiltered": 50_001, "data": []})},
            "More than 50,000 rows: nothing was saved. Filter them, or take the whole list, top_products.csv.",
        ),
    ],
    ids=["busy", "too many"],
)
def test_a_csv_that_would_lack_rows_is_not_saved_and_it_says_so(served: Dashboard, answer: dict[str, Any], words: str) -> None:
    served.open("top_products?lang=en")
    expect(served.listing.locator("tbody tr")).to_have_count(10)
    saved: list[object] = []
    served.page.on("download", lambda file: saved.append(file))  # noqa: PLW0108 - as above
    served.page.route("**/api/rows/**", partial(fulfilled, answer))
    served.listing.locator(".links button[data-form='csv']").click()
    expect(served.note).to_have_text(words)
    assert saved == []
    served.complaints.clear()


def test_promotions_of_a_chosen_product_are_all_listed_and_no_figure_is_of_a_part_of_them(served: Dashboard, whole: Whole) -> None:
    rows, _ = whole.listed(Asked("promotions_roi", "sku", descending=False))
    of_product: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        of_product.setdefault(row["sku"], []).append(row)
    served.open("overview?lang=en")
    held = set(served.held())
    sku, promotions = max(((sku, some) for sku, some in of_product.items() if sku in held), key=lambda one: len(one[1]))
    served.open(f"promotions_roi?lang=en&sku={sku}")
    expect(served.info).to_have_text(re.compile(f"of {len(promotions)}( |$)"))
    assert served.column(1)[:10] == [str(sku)] * min(10, len(promotions))
    cost = served.page.locator("section:not([hidden]) [data-kpi=discount_cost] .value")
    expect(cost).to_have_text("\u2013")


def test_from_disk_the_table_is_what_the_page_holds_and_it_says_where_all_of_it_is(browser: Browser, large_dir: Path) -> None:
    shown = Dashboard(browser, (large_dir / "extracts" / "latest" / "dashboard" / "index.html").as_uri())
    shown.open("top_products?lang=en")
    expect(shown.note).to_have_text(
        re.compile("The whole list is in top_products.csv, and in this table where the portal serves the page.$")
    )
    shown.open("top_products?lang=fr")
    expect(shown.note).to_have_text(
        re.compile("est dans top_products.csv et dans ce tableau, quand la page est ouverte depuis le portail.$")
    )
    assert {*shown.column(0)} <= set(map(str, shown.held()))
    assert (shown.asked, shown.complaints) == ([], [])
    shown.page.context.close()


def test_nothing_is_asked_for_where_the_page_holds_all(browser: Browser, site: Portal, served: Dashboard) -> None:
    small = Dashboard(browser, f"{site.origin}/")
    for tab in TABS:
        small.open(tab.name)
        expect(small.listing.locator("tbody tr").first).to_be_visible()
    assert (small.asked, small.complaints) == ([], [])
    small.page.context.close()
    for tab in ("overview", "inflation_margin", "segments"):
        served.open(tab)
    served.open(f"top_products?sku={served.held()[0]}")
    expect(served.listing.locator("tbody tr")).to_have_count(1)
    assert served.asked == []


def test_paper_gets_what_the_page_holds_without_waiting(served: Dashboard) -> None:
    served.open("top_products?lang=en")
    expect(served.note).to_be_hidden()
    asked = len(served.asked)
    assert served.page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    assert len(served.asked) <= asked + 1, "the tab that stands on the screen is drawn again"


def test_the_page_and_the_portal_find_and_sort_alike_whatever_is_chosen(browser: Browser, site: Portal) -> None:
    lot, whole = random.Random(SEED), Whole(site.extracts / "latest")  # noqa: S311 - a lot that is the same each time
    shown, apart, some = Dashboard(browser, f"{site.origin}/"), list[Any](), 0
    for _ in range(STATES):
        asked = drawn(lot, whole)
        given = {"type" if name == "product_type" else name: value for name, value in parameters(asked).items()}
        sort = f"{given.pop('order')}.{given.pop('dir')}"
        shown.open(f"{asked.tab}?{urlencode({**given, 'search': given.pop('q'), 'sort': sort})}")
        rows, (tab, _, query) = shown.downloaded(), shown.page.url.partition("#")[2].partition("?")
        kept = dict(parse_qsl(query))
        order, _, way = kept.pop("sort", ".".join(SORTED_BY[tab])).partition(".")
        names = {"type": "product_type", "search": "q"}
        question = {names.get(name, name): value for name, value in kept.items()}
        listed: list[dict[str, Any]] = []
        while len(found := rows_of(site, tab, **question, order=order, dir=way, start=len(listed))["data"]):
            listed += found
        key = KEYS.get(tab, ("sku",))
        if [[row[name] for name in key] for row in rows] != [[str(row[name]) for name in key] for row in listed]:
            apart.append((shown.page.url, len(rows), len(listed)))
        some += bool(rows)
    assert not apart, str(apart)
    assert some > STATES / 3
    assert (shown.asked, shown.complaints) == ([], [])
    shown.page.context.close()


def test_the_release_on_the_page_is_asked_for_and_not_a_newer_one(served: Dashboard, whole: Whole) -> None:
    served.open("promotions_roi?lang=en&search=a")
    expect(served.note).to_be_hidden()
    name = json.loads((whole.folder / "manifest.json").read_text(encoding="utf-8"))["release"]
    assert served.asked
    assert all(dict(parse_qsl(url.partition("?")[2]))["release"] == name for url in served.asked)
