"""Shops that have nothing of a kind: the whole release is there, with every document, and says what it cannot say."""

from __future__ import annotations

import csv
import html
import json
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from bottleneck_assets.documents.catalog import DASHBOARD, DATA_QUALITY, DOCUMENTS, RECOMMENDATIONS, SEMANTIC_MODEL, TABLEAU_WORKBOOK
from bottleneck_assets.figures.tabs import TABS
from bottleneck_assets.render.tableau.soundness import findings
from bottleneck_assets_tests.conftest import run_refresh
from bottleneck_assets_tests.running import PATIENCE, chromium
from bottleneck_assets_tests.small_export import MONTHS, Rows, finance_row, promo_row, sales_row, web_row, write_export

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.full

PRODUCTS = {
    10: ("Vin", "Vin"),
    11: ("Vin", "Vin"),
    20: ("Spiritueux", "Champagne"),
    21: ("Spiritueux", "Whisky"),
    30: ("Sans Alcool", "Sans Alcool"),
    40: ("Huile", "Huile d'olive"),
}
UNSAID = re.compile(r"\w+_(?:null|undefined)|\b(?:NaN|undefined|Infinity|nan|inf)\b")


def shop(*segments: str, months: tuple[str, ...] = MONTHS, promotions: bool = True, ratings: bool = True) -> Rows:
    """Return an export of a few products, all of them unless segments are named: one is on promotion in November."""
    skus = [sku for sku, (segment, _) in PRODUCTS.items() if not segments or segment in segments]
    unrated = {} if ratings else {"Average_rating": "", "Rating_count": 0, "Comment_count": "0"}
    return {
        "Web": [web_row(sku, Segment=PRODUCTS[sku][0], Product_type=PRODUCTS[sku][1], **unrated) for sku in skus],
        "Finance": [finance_row(month, sku) for month in months for sku in skus],
        "Sales": [sales_row(month, sku, Stock=50 - 10 * at) for at, month in enumerate(months) for sku in skus],
        "Promo": [promo_row("2022-11", skus[-1])] if promotions else [],
    }


SHOPS = {
    "no promotions": shop(promotions=False),
    "no ratings": shop(ratings=False),
    "no alcohol-free drinks": shop("Vin", "Spiritueux", "Huile"),
    "one segment": shop("Vin"),
    "one month": shop(months=("2022-11",)),
    "nothing but a wine": shop("Vin", months=("2022-11",), promotions=False, ratings=False),
}
UNKNOWN = {
    "no promotions": {"promo_incremental_roi", "promo_margin_roi"},
    "no ratings": {"average_rating"},
    "one month": {"promo_incremental_roi"},
    "nothing but a wine": {"promo_incremental_roi", "promo_margin_roi", "average_rating"},
}
"""The KPIs of the headline that are not known; of the other shops all are."""
SAID = {
    "no promotions": ["no promotion can be measured", "the export holds no promotion"],
    "no ratings": ["Average rating \N{EN DASH}"],
    "one month": ["1 month is too few to say what to expect of it"],
    "nothing but a wine": ["the export holds no promotion", "Average rating \N{EN DASH}", "its prices cannot be compared"],
}
"""What the reports say of it."""
EMPTY = {
    "no promotions": {"promotions_roi": ["roi", "waterfall", "uplift", "promotions"]},
    "no ratings": {"customer_preferences": ["rating_revenue", "rating_type", "vintage"]},
    "one month": {"promotions_roi": ["roi", "waterfall", "uplift", "promotions"]},
}
"""The charts that say that there is nothing to show, by tab."""


@pytest.fixture(scope="module")
def releases(needs_tableau: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for name, rows in SHOPS.items():
        folder = tmp_path_factory.mktemp("shop")
        refreshed = run_refresh(write_export(folder / "shop.db", rows), folder / "data", reports=True)
        assert refreshed.result.success, (name, refreshed.why_it_failed())
        found[name] = refreshed.release
    return found


@pytest.fixture(scope="module")
def browser(needs_chromium: None, releases: dict[str, Path]) -> Iterator[Browser]:
    assert releases  # made before: no refresh runs beside the browser's own loop
    with chromium() as running:
        yield running


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def text_of(page: Path) -> str:
    content = re.sub(r"<style.*?</style>|<svg.*?</svg>", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", content)).split())


@pytest.mark.parametrize("name", SHOPS)
def test_a_shop_without_something_has_a_whole_release_that_says_what_is_not_known(name: str, releases: dict[str, Path]) -> None:
    release = releases[name]
    assert [file for document in DOCUMENTS for file in document.files if not (release / file).stat().st_size] == []
    assert {row["kpi"] for row in rows_of(release / "kpis" / "headline.csv") if not row["value"]} == UNKNOWN.get(name, set())
    segments = {str(row["Segment"]) for row in SHOPS[name]["Web"]}
    assert {row["segment"] for row in rows_of(release / "segments.csv")} == segments
    workbooks = [release / file for file in TABLEAU_WORKBOOK.files if file.endswith(".twbx")]
    assert [found for workbook in workbooks for found in findings(workbook, live="live" in workbook.name)] == []
    (model,) = (file for file in SEMANTIC_MODEL.files if file.endswith(".json"))
    assert json.loads((release / model).read_text(encoding="utf-8"))
    texts = [text_of(release / file) for file in (*RECOMMENDATIONS.files, *DATA_QUALITY.files) if file.endswith(".html")]
    assert [said for text in texts for said in UNSAID.findall(text)] == []
    assert [words for words in SAID.get(name, []) if not any(words in text for text in texts)] == []


@pytest.mark.parametrize("name", SHOPS)
def test_every_tab_of_a_shop_without_something_is_there_and_says_where_there_is_nothing_to_show(
    name: str, releases: dict[str, Path], browser: Browser
) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 850})
    page.set_default_timeout(PATIENCE * 1000)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for tab in TABS:
        page.goto("about:blank")
        page.goto(f"{(releases[name] / DASHBOARD.files[0]).as_uri()}#{tab.name}?lang=en")
        page.wait_for_selector("html[data-ready]")
        panel = page.locator(f"#panel-{tab.name}")
        assert UNSAID.findall(panel.inner_text()) == []
        assert panel.locator(".cards li").count() == len(tab.cards)
        charts = dict[str | None, str]()
        for figure in panel.locator("figure").all():
            figure.scroll_into_view_if_needed()  # drawn when it comes into sight
            expect(figure.locator(".plot")).not_to_be_empty(timeout=PATIENCE * 1000)
            charts[figure.get_attribute("data-chart")] = figure.locator(".plot").inner_text()
        assert set(charts) == {chart.id for chart in tab.charts}
        assert all(charts.values())
        for chart in EMPTY.get(name, {}).get(tab.name, []):
            assert charts[chart].startswith("Nothing to show")
    page.close()
    assert said == []
