"""Sixty states of the dashboard, drawn by lot: a copied link shows the same to another, and every figure is that of the release's CSVs.

A state is chosen as a reader does, by tab, filters, focus, language, comparison, search and order. What is shown is compared in the digits
that are shown with what `test_measures.Release` computes from the CSVs.
"""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pandas as pd
import pytest

from bottleneck_assets_tests.render.web.test_dashboard import NAMES, Shown, opened
from bottleneck_assets_tests.render.web.test_measures import Release
from bottleneck_assets_tests.running import chromium

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.full

STATES, SEED = 60, 20
FOCUSES = ("sku", "abc_class", "cover_band", "campaign", "recommendation")
ROWS_OF = {
    "promotions_roi": ("promotions_roi.csv", ("month", "sku")),
    "top_products": ("top_products.csv", ("sku",)),
    "customer_preferences": ("customer_preferences.csv", ("sku",)),
    "stock_turnover": ("stock_turnover.csv", ("sku",)),
    "business_recommendations": ("business_recommendations.csv", ("recommendation", "scope")),
}
"""The file of which a tab's table shows columns as they are, and its key."""
IN_OTHER_WORDS = {"state", "audience", "verdict", "confidence", "recommendation", "sentence", "month"}

SEEN = """() => {
  const panel = document.querySelector("section:not([hidden])");
  const text = (selector) => [...panel.querySelectorAll(selector)].map((one) => one.innerText);
  const value = (card) => card.querySelector(".value").firstChild.textContent;
  const told = ({ month, segment, value }) => ({
    month, segment, sku: value?.sku, of: value?.month, recommendation: value?.recommendation, scope: value?.scope,
  });
  const table = new DataTable(panel.querySelector(".listing table"));
  const rows = table.rows({ search: "applied", page: "current" }).data().toArray().map(told);
  const cells = [...panel.querySelectorAll(".listing tbody tr")].map((row) => [...row.children].map((cell) => cell.textContent));
  const words = text("h1, .answer, .facts, .cards li, .advice li, .scope, .note, .listing");
  return {
    all: [...words, document.getElementById("chips").innerText],
    cards: [
      ...[...panel.querySelectorAll("[data-kpi]")].map((card) => [card.dataset.kpi, value(card)]),
      ...[...panel.querySelectorAll(".answer [data-measure]")].map((one) => [one.dataset.measure, one.textContent]),
    ],
    rows, cells: rows.length ? cells : [],
  };
}"""


@pytest.fixture(scope="module")
def browser(needs_chromium: None, real_release: Path) -> Iterator[Browser]:
    assert real_release.is_dir()  # made before: no refresh runs beside the browser's own loop
    with chromium() as running:
        yield running


OF_PROMOTIONS = {
    *("promo_incremental_roi", "promo_margin_roi", "discount_cost", "incremental_margin", "uplift_units", "units_measured"),
    *("baseline_units", "promotions"),
}
OF_FINDINGS = {
    "findings",
    *(f"findings_{name}" for name in ("supported", "contradicted", "inconclusive")),
    "yearly_effect",
    "largest_effect",
}
OF_PRICES = {"purchase_price_index", "price_index", "purchase_price_rise", "mean_purchase_price", "mean_price"}


class FocusedRelease(Release):
    """The CSVs of a release, also of what is in focus: a product, those of a class or of a cover, a campaign, a recommendation."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        cover = self.stock.set_index("sku")["months_of_cover"]
        self.bands = {
            str(sku): band for sku, band in pd.cut(cover, [-1, 1, 3, 6, 12, 1e9], labels=["0-1", "1-3", "3-6", "6-12", "12-"]).items()
        }
        self.classes = self.products.set_index("sku")["abc_class"].to_dict()
        self.lines: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = {}
        self.known: dict[str, dict[str, Any]] = {}

    def by_key(self, path: str, key: tuple[str, ...]) -> dict[tuple[Any, ...], dict[str, Any]]:
        """Return the rows of a file by their keys."""
        if path not in self.lines:
            rows = self.read(path).astype(object)
            self.lines[path] = {tuple(row[name] for name in key): row for row in rows.where(rows.notna(), None).to_dict("records")}
        return self.lines[path]

    def in_focus(self, rows: pd.DataFrame, state: dict[str, Any]) -> pd.DataFrame:
        """Return the rows that a focus leaves, none of a table that it does not speak of."""
        if "focus" not in state:
            return rows
        kind, value = state["focus"]
        if kind == "sku":
            return rows[rows["sku"] == value]
        if kind == "abc_class":
            return rows[rows["sku"].map(self.classes) == value]
        if kind == "cover_band":
            return rows[rows["sku"].map(lambda sku: self.bands.get(str(sku))) == value]
        columns = {
            "campaign": ("starts_on", "ends_on", "product_type"),
            "promotion": ("month", "sku"),
            "finding": ("recommendation", "scope"),
        }
        wanted = {"campaign": lambda: value.split("|"), "recommendation": lambda: [value]}.get(kind, lambda: value)()
        for name, one in zip(columns.get(kind, (kind,)), wanted, strict=True):
            is_of = {"campaign": "discount_cost", "promotion": "discount_cost"}.get(kind, "recommendation") in rows
            rows = rows[rows[name] == one] if is_of else rows.iloc[:0]
        return rows

    def expected(self, state: dict[str, Any]) -> dict[str, Any]:
        key = repr(sorted((name, value) for name, value in state.items() if name not in {"lang", "compare"}))
        if key not in self.known:
            kind = state.get("focus", ("",))[0]
            of = {"campaign": OF_PROMOTIONS, "promotion": OF_PROMOTIONS, "recommendation": OF_FINDINGS, "finding": OF_FINDINGS}
            found = super().expected(state)
            is_known = of.get(kind, found.keys() - (OF_PRICES if kind else set[str]()))
            self.known[key] = {name: value if name in is_known else None for name, value in found.items()}
        return self.known[key]


def drawn(shown: Shown) -> dict[str, Any]:
    """Return what a page shows once its table stands."""
    shown.page.wait_for_selector("section:not([hidden]) .listing .dt-layout-table")
    return shown.page.evaluate(SEEN)


def choose(shown: Shown, lot: random.Random, release: Release) -> None:
    """Choose by lot, as a reader does; the focus is a click on a mark, and comes with the address."""
    page, tab, language = shown.page, lot.choice(NAMES), lot.choice(("en", "fr"))
    focus = lot.choice((*FOCUSES, "", "", "", ""))
    values = {
        "sku": [row.sku for row in release.products.itertuples()],
        "abc_class": ["A", "B", "C"],
        "cover_band": ["0-1", "1-3", "3-6", "6-12", "12-"],
        "campaign": sorted({"|".join(row) for row in release.promotions[["starts_on", "ends_on", "product_type"]].itertuples(index=False)}),
        "recommendation": sorted(release.findings["recommendation"].unique()),
    }
    chosen = f"&{focus}={lot.choice(values[focus])}" if focus else ""
    page.evaluate("address => { location.hash = address; }", f"{tab}?lang={language}{chosen}")
    page.wait_for_function("tab => !document.getElementById(`panel-${tab}`).hidden", arg=tab)
    for name, chance in (("segment", 0.0 if focus else 0.4), ("type", 0.0 if focus else 0.3), ("compare", 0.4)):
        select = page.locator(f"select[name={name}]")
        offered = select.locator("option:enabled").evaluate_all("all => all.map((one) => one.value).filter(Boolean)")
        if lot.random() < chance:
            select.select_option(lot.choice(offered))
    if lot.random() < 0.5:
        first, last = sorted(lot.choices(range(len(release.months)), k=2))
        page.locator("select[name=from]").select_option(str(first))
        page.locator("select[name=to]").select_option(str(last))
    page.wait_for_selector("section:not([hidden]) .listing .dt-layout-table")
    if lot.random() < 0.4:
        heads = page.locator("section:not([hidden]) .listing thead th")
        heads.nth(lot.randrange(heads.count())).click()
        page.wait_for_function("() => /[?&]sort=/.test(location.hash)")  # the table is sorted a moment later
    if lot.random() < 0.2:
        page.locator("section:not([hidden]) .listing input[type=search]").fill(lot.choice(("a", "vin", "2022", "e")))
        page.wait_for_function("() => /[?&]search=/.test(location.hash)")


def state_in(address: str) -> tuple[str, dict[str, Any]]:
    """Return the tab and the state that an address holds, as `Release.expected` takes it."""
    tab, _, query = address.partition("#")[2].partition("?")
    kept = dict(parse_qsl(query))
    state: dict[str, Any] = {name: kept[name] for name in ("segment", "type", "from", "to", "compare") if name in kept}
    for kind in FOCUSES:
        if kind in kept:
            state["focus"] = (kind, int(kept[kind]) if kind == "sku" else kept[kind])
    return tab, {**state, "lang": kept["lang"]}


def read(text: str, language: str) -> tuple[float, float] | None:
    """Return a figure as it is shown, and half of the last digit that is shown; none of a dash."""
    bare = re.sub("[\\s\u20ac]", "", text).replace("\u2212", "-")
    if bare == "\u2013":
        return None
    bare = bare.replace(",", "") if language == "en" else bare.replace(",", ".")
    found = re.fullmatch(r"([+-]?\d+(?:\.(\d+))?)(%?)", bare)
    assert found, text
    unit = 0.01 if found[3] else 1.0
    return float(found[1]) * unit, 0.5 * 10.0 ** -len(found[2] or "") * unit


def agrees(text: str, expected: Any, language: str) -> bool:
    """Tell whether a figure is shown as it is, in the digits that are shown."""
    shown = read(text, language)
    if shown is None or expected is None or pd.isna(expected):
        return shown is None and (expected is None or pd.isna(expected))
    value, half = shown
    return abs(value - float(expected)) <= half * (1 + 1e-6) + 1e-9


def row_state(row: dict[str, Any], by: list[str], state: dict[str, Any], release: Release) -> dict[str, Any]:
    """Return the state whose figures are those of a row of a table."""
    if by == ["product"]:
        return {**state, "focus": ("sku", row["sku"])}
    if by == ["promotion"]:
        return {**state, "focus": ("promotion", (release.months[row["of"]], row["sku"]))}
    if by == ["finding"]:
        return {**state, "focus": ("finding", (row["recommendation"], row["scope"]))}
    within = {"from": (month := release.months[row["month"]][:7]), "to": month} if "month" in by else {}
    return {**state, **within, "segment": row["segment"]}


def wrong(seen: dict[str, Any], tab: str, state: dict[str, Any], release: Release, declared: dict[str, Any]) -> list[Any]:
    """Return every figure of cards and table that is not that of the CSVs."""
    language, expected = state["lang"], release.expected(state)
    found: list[Any] = [(name, text, expected[name]) for name, text in seen["cards"] if not agrees(text, expected[name], language)]
    by, shows = declared["by"], declared["shows"]
    keys = {"promotion": ["month", "sku", "product"], "product": ["sku", "product"], "finding": []}.get(by[0], by)
    columns = [*({"column": name} for name in keys), *shows]
    path, key = ROWS_OF.get(tab, ("", ()))
    lines = release.by_key(path, key) if path else {}
    for row, cells in zip(seen["rows"], seen["cells"], strict=True):
        figures = release.expected(row_state(row, by, state, release))
        told = {**row, "month": release.months[row["of"]] if row["of"] is not None and key[:1] == ("month",) else None}
        line = lines[tuple(told[name] for name in key)] if path else row
        for column, cell in zip(columns, cells, strict=True):
            name = column.get("measure") or column["column"]
            if "measure" in column:
                is_right = agrees(cell, figures[name], language)
            elif name in IN_OTHER_WORDS:
                continue
            else:
                value = line["title" if name == "product" else name]
                is_right = cell == value if isinstance(value, str) else agrees(cell, value, language)
            if not is_right:
                found.append((row, name, cell, figures.get(name) if "measure" in column else line.get(name)))
    return found


def test_every_state_is_shown_by_its_link_and_every_figure_of_it_is_that_of_the_csvs(browser: Browser, real_release: Path) -> None:
    release, lot = FocusedRelease(real_release), random.Random(SEED)  # noqa: S311 - a lot that is the same each time
    shown = opened(browser, real_release)
    shown.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    shown.open("overview")
    declared = shown.page.evaluate(
        "() => JSON.parse(document.getElementById('figures').textContent).tabs.map(({ name, table }) => [name, table])"
    )
    tables, wrongs, tabs = dict(declared), list[Any](), set[str]()
    for _ in range(STATES):
        choose(shown, lot, release)
        seen = drawn(shown)
        shown.page.locator("#link").click()
        address = shown.page.evaluate("navigator.clipboard.readText()")
        other = opened(browser, real_release)
        other.page.goto(address)
        other.page.wait_for_selector("html[data-ready]")
        there = drawn(other)
        other.page.context.close()
        tab, state = state_in(address)
        tabs.add(tab)
        if there["all"] != seen["all"]:
            wrongs.append((address, [pair for pair in zip(seen["all"], there["all"], strict=False) if pair[0] != pair[1]]))
        wrongs += [(address, *one) for one in wrong(seen, tab, state, release, tables[tab])]
        assert other.said == []
    shown.page.context.close()
    assert wrongs == []
    assert tabs == set(NAMES)
    assert shown.said == []
