"""The dashboard in a real browser: its figures are those of the CSVs, filters act on all of a tab, and no text of the export runs."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
import sqlite3
from base64 import b64encode
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import combining, normalize

import pandas as pd
import pytest
from playwright.sync_api import expect

from bottleneck_assets import wording
from bottleneck_assets.figures.tabs import TABS
from bottleneck_assets.render.web.page import FILE, embedded
from bottleneck_assets.sample.export import write_sample_export
from bottleneck_assets_tests.conftest import run_refresh
from bottleneck_assets_tests.render.web.conftest import rendered
from bottleneck_assets_tests.running import PATIENCE, chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Download, Locator, Page

LARGEST = 5_000_000
NAMES = [tab.name for tab in TABS]
IMAGE = "<img src=x onerror=window.ran=1>"
BREAKOUT = "</script><script>window.ran=2</script>"


@dataclass(frozen=True)
class Shown:
    """A page that is open, and the release that it lies in."""

    page: Page
    release: Path
    said: list[str]

    def rows(self, file: str) -> list[dict[str, str]]:
        with (self.release / file).open(encoding="utf-8", newline="") as opened:
            return list(csv.DictReader(opened))

    def open(self, tab: str, **chosen: str) -> None:
        query = "&".join(f"{name}={value}" for name, value in {"lang": "en", **chosen}.items())
        self.page.goto("about:blank")
        self.page.goto(f"{(self.release / FILE).as_uri()}#{tab}?{query}")
        self.page.wait_for_selector("html[data-ready]")

    def card(self, name: str) -> str:
        return self.page.locator(f"section:not([hidden]) [data-kpi={name}] .value").evaluate("element => element.firstChild.textContent")

    def file(self, place: str, form: str) -> Download:
        with self.page.expect_download() as waiting:
            self.page.locator(f"section:not([hidden]) {place} .links button[data-form='{form}']").click()
        return waiting.value

    def downloaded(self, chart: str) -> list[dict[str, str]]:
        text = Path(self.file(f"[data-chart={chart}]", "csv").path()).read_text(encoding="utf-8")
        return list(csv.DictReader(text.splitlines()))


@pytest.fixture(scope="module")
def hostile_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    export = folder / "hostile & co.db"
    write_sample_export(export, seed=3)
    coded = [text.replace("<", "&lt;").replace(">", "&gt;") for text in (IMAGE, BREAKOUT)]
    with closing(sqlite3.connect(export)) as connection:
        skus = [sku for (sku,) in connection.execute("select SKU from Web order by cast(SKU as integer)")]
        for place, sku in enumerate(skus):
            connection.execute("update Web set Post_title = ? where SKU = ?", (f"{coded[place % 2]} {sku}", sku))
        connection.execute("update Web set Product_type = ? where SKU = ?", (coded[0], skus[0]))
        connection.execute("update Web set Comment_count = '987' where SKU = ?", (skus[1],))  # as many comments as ratings elsewhere
        sold = "select Key_Sales from Sales where cast(Sales as integer) > 0 and Key_Sales like '2023-%' limit 1"
        connection.execute(f"update Finance set Price = 'many' where Key_Finance = ({sold})")
        connection.commit()
    return rendered(run_refresh(export, folder / "data"))


@pytest.fixture(scope="module")
def pooled_release(real_export: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rendered(run_refresh(real_export, tmp_path_factory.mktemp("pooled")), {"<= 1500": "<= 100", "<= 300": "<= 20"})


@pytest.fixture(scope="module")
def browser(needs_chromium: None, real_release: Path, hostile_release: Path, pooled_release: Path) -> Iterator[Browser]:
    assert all((real_release, hostile_release, pooled_release))  # made before: no refresh runs beside the browser's own loop
    with chromium() as running:
        yield running


def opened(browser: Browser, release: Path, **options: Any) -> Shown:
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 850}, "locale": "en-GB", **options})
    page = context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "request", lambda request: said.append(request.url) if not request.url.startswith(("file:", "data:", "blob:", "about:")) else None
    )
    return Shown(page, release, said)


def with_other_data(browser: Browser, release: Path, folder: Path, old: str, new: str) -> Shown:
    """Open a copy of a release's page, in which one piece of its data is another."""
    page = (release / FILE).read_text(encoding="utf-8")
    assert page.count(old) == 1
    (folder / FILE).parent.mkdir()
    (folder / FILE).write_text(page.replace(old, new), encoding="utf-8")
    return opened(browser, folder)


@pytest.fixture
def real(browser: Browser, real_release: Path) -> Iterator[Shown]:
    shown = opened(browser, real_release)
    yield shown
    shown.page.context.close()
    assert shown.said == []


def total(rows: list[dict[str, str]], column: str) -> Decimal:
    return sum((Decimal(row[column]) for row in rows if row[column]), Decimal(0))


def exactly(rows: list[dict[str, str]], *amounts: str) -> list[dict[str, str | Decimal]]:
    """Return rows with their amounts as numbers, not one digit less than was written."""
    return [{name: Decimal(value) if name in amounts else value for name, value in row.items()} for row in rows]


def signed(value: object, language: str) -> str:
    """Write a return, which shows its sign."""
    text = wording.share(value, language)
    return f"+{text}" if text[0].isdigit() else text


def test_a_banner_says_what_the_rows_in_quarantine_are_worth(browser: Browser, hostile_release: Path, real: Shown) -> None:
    shown = opened(browser, hostile_release)
    worth = shown.rows("quality/quarantine_worth.csv")
    units, revenue = (sum(Decimal(row[column]) for row in worth) for column in ("units", "revenue"))
    assert revenue > 0
    shown.open("overview")
    said = f"They are worth about {wording.number(units, 'en')} units and {wording.euros(revenue, 'en')} of revenue"
    expect(shown.page.locator("#panel-overview .warning")).to_contain_text(said)
    shown.page.context.close()
    real.open("overview")  # whose only row in quarantine is worth nothing
    expect(real.page.locator(".warning")).to_have_count(0)


def test_a_banner_says_of_how_many_rows_the_worth_is_not_known(browser: Browser, real_release: Path, tmp_path: Path) -> None:
    page = (real_release / FILE).read_text(encoding="utf-8")
    worth = '"set_aside":{"units":0,"revenue":0,"rows_of_unknown_worth":0}'
    sayings = {
        '"units":0,"revenue":0': "Rows of the export that cannot be read: 1. Of 7 it is not known what they are worth",
        '"units":2,"revenue":9': "They are worth about 2 units and €9 of revenue, which no figure here holds: see the data-quality report. "
        "What further rows are worth is not known: 7.",
    }
    for known, said in sayings.items():
        (tmp_path / FILE).parent.mkdir(exist_ok=True)
        assert page.count(worth) == 1
        (tmp_path / FILE).write_text(page.replace(worth, f'"set_aside":{{{known},"rows_of_unknown_worth":7}}'), encoding="utf-8")
        shown = opened(browser, tmp_path)
        shown.open("overview")
        expect(shown.page.locator("#panel-overview .warning")).to_contain_text(said)
        shown.page.context.close()


def test_a_banner_says_that_a_newer_export_could_not_be_used(browser: Browser, real_release: Path, tmp_path: Path) -> None:
    page = (real_release / FILE).read_text(encoding="utf-8")
    assert page.count('"in_place_of":""') == 1
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_text(page.replace('"in_place_of":""', '"in_place_of":"new.db"'), encoding="utf-8")
    shown = opened(browser, tmp_path)
    shown.open("overview")
    said = "These figures come from an older export, Bottleneck.db: the newest, new.db, could not be used."
    expect(shown.page.locator("#panel-overview .warning")).to_have_text(said)
    shown.page.context.close()


def test_the_cards_show_the_headline(real: Shown) -> None:
    headline = {row["kpi"]: row["value"] for row in real.rows("kpis/headline.csv")}
    ways = {
        "revenue": wording.euros,
        "gross_margin": wording.euros,
        "gross_margin_rate": wording.rate,
        "units": wording.number,
        "stock_turnover": lambda value, language: wording.fixed(value, language, 2),
        "purchase_price_index": lambda value, language: wording.fixed(value, language, 1),
        "promo_incremental_roi": signed,
        "average_rating": lambda value, language: wording.fixed(value, language, 2),
        "comments_per_100_units": lambda value, language: wording.fixed(value, language, 1),
        "commented_share": wording.rate,
    }
    for language in ("en", "fr"):
        real.open("overview", lang=language)
        assert {name: real.card(name) for name in ways} == {name: write(headline[name], language) for name, write in ways.items()}
    real.open("promotions_roi")
    assert real.card("promo_margin_roi") == signed(headline["promo_margin_roi"], "en")


DAYS = {"en": "at {0.day} {1} {0.year}", "fr": "au {0.day} {1} {0.year}"}
MONTHS_SHORT = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "fr": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_card_and_a_chart_of_stock_name_the_day_that_it_is_of(real: Shown, language: str) -> None:
    last = max(dt.date.fromisoformat(row["month"]) for row in real.rows("overview.csv"))
    ends = wording.last_day(last)
    (stock_date,) = {dt.date.fromisoformat(row["stock_date"]) for row in real.rows("stock_turnover.csv") if row["stock_date"]}
    assert ends < stock_date
    at_the_end, on_the_date = (DAYS[language].format(day, MONTHS_SHORT[language].split()[day.month - 1]) for day in (ends, stock_date))
    cards = {"stock_value_end": at_the_end, **dict.fromkeys(("value_above_ceiling", "below_reorder", "above_ceiling"), on_the_date)}
    for compared in ("", "before"):
        real.open("stock_turnover", lang=language, compare=compared, to="2023-03")  # months do not move it
        panel = real.page.locator("section:not([hidden])")
        assert {name: panel.locator(f"[data-kpi={name}]").inner_text().count(day) for name, day in cards.items()} == dict.fromkeys(cards, 1)
        for chart, day in (("beyond", on_the_date), ("cover", at_the_end)):
            expect(panel.locator(f"[data-chart={chart}] .scope")).to_contain_text(f" · {day}")
            expect(panel.locator(f"[data-chart={chart}] .scope")).not_to_contain_text("2022")


def test_a_card_says_how_much_of_it_recommendations_leave_out_and_only_where_they_do(real: Shown) -> None:
    rows = real.rows("recommendations/stock_thresholds.csv")
    (failed,) = [row for row in rows if row["finding"] == "not_covered"]
    assert (int(failed["products_above"]) > 0, failed["products_below"], failed["product_type"]) == (True, "0", "Huile d'olive")
    advised = sum(int(row["products_above"]) for row in rows if row is not failed)
    summary = next(row for row in real.rows("recommendations/summary.csv") if row["recommendation"] == "stock_thresholds")
    assert f"products_above={advised};" in summary["evidence"]
    counts = {"above_ceiling": f"{failed['products_above']}", "value_above_ceiling": wording.euros(failed["value_above_ceiling"], "fr")}
    for chosen, said in ({}, counts), ({"type": "Huile d'olive"}, counts), ({"segment": "Vin"}, {}):
        real.open("stock_turnover", lang="fr", **chosen)
        for name in ("value_above_ceiling", "below_reorder", "above_ceiling"):
            card = real.page.locator(f"section:not([hidden]) [data-kpi={name}]")
            clause = card.get_by_text("hors recommandations")
            expect(clause).to_have_count(int(name in said))
            if name in said:
                expect(clause).to_have_text(f"dont {said[name]} hors recommandations (Huile d'olive : seuils non probants)")
    real.open("stock_turnover", lang="en")
    assert int(real.card("above_ceiling")) == advised + int(failed["products_above"])


@pytest.mark.parametrize(
    ("language", "of_campaigns", "of_others", "of_any"),
    [
        ("en", "a year, if repeated", "a year", "a year (campaigns: if they recur)"),
        ("fr", "par an, si répétées", "par an", "par an (campagnes : si elles reviennent)"),
    ],
)
def test_the_effect_of_campaigns_which_ran_once_says_what_it_supposes(
    real: Shown, language: str, of_campaigns: str, of_others: str, of_any: str
) -> None:
    (campaigns,) = (row for row in real.rows("recommendations/summary.csv") if row["recommendation"] == "promote_low_season")
    assert Decimal(campaigns["yearly_effect"]) > 0
    real.open("business_recommendations", lang=language)
    panel = real.page.locator("section:not([hidden])")
    said = [" ".join(text.split()) for text in panel.locator(".advice h2 b small").all_inner_texts()]
    assert said.count(of_campaigns) == 1
    assert set(said) == {of_campaigns, of_others}
    assert of_any in " ".join(panel.locator(".answer").inner_text().split())


def test_a_segment_that_is_chosen_changes_cards_charts_and_table_to_its_figures(real: Shown) -> None:
    real.open("overview")
    real.page.locator("select[name=segment]").select_option("Spiritueux")
    rows = [row for row in real.rows("overview.csv") if row["segment"] == "Spiritueux"]
    revenue, margin = total(rows, "revenue"), total(rows, "gross_margin")
    (turned,) = [row for row in real.rows("kpis/stock_turnover_by_segment.csv") if row["segment"] == "Spiritueux"]
    indices = [row for row in real.rows("inflation_margin.csv") if row["segment"] == "Spiritueux"]
    campaigns = [row for row in real.rows("kpis/promo_campaign.csv") if row["segment"] == "Spiritueux"]
    assert real.card("revenue") == wording.euros(revenue, "en")
    assert real.card("gross_margin_rate") == wording.rate(margin / (margin + total(rows, "cogs")), "en")
    assert real.card("units") == f"{total(rows, 'units'):,}"
    assert real.card("stock_turnover") == wording.fixed(turned["turnover"], "en", 2)
    assert real.card("purchase_price_index") == wording.fixed(indices[-1]["purchase_price_index"], "en", 1)
    assert real.card("promo_incremental_roi") == signed(
        total(campaigns, "incremental_margin") / total(campaigns, "discount_cost_measured"), "en"
    )
    names = ("month", "revenue", "gross_margin")
    drawn = [tuple(row[name] for name in names) for row in exactly(real.downloaded("revenue_margin"), "revenue", "gross_margin")]
    assert drawn == [tuple(row[name] for name in names) for row in exactly(rows, "revenue", "gross_margin")]
    assert [row["segment"] for row in real.downloaded("revenue_segment")] == ["Spiritueux"]  # though the others are drawn, faint
    real.page.locator("select[name=to]").select_option("0")
    assert [row["month"] for row in real.downloaded("revenue_margin")] == ["2022-10-01"]
    assert real.file("[data-chart=units]", "csv").suggested_filename == "overview_units_Spiritueux_2022-10.csv"
    french = real.file("[data-chart=revenue_segment]", "fr.csv")
    assert french.suggested_filename == "overview_revenue_segment_Spiritueux_2022-10.fr.csv"
    written = f"\ufeffSegment;CA TTC\r\nSpiritueux;{Decimal(rows[0]['revenue']).normalize()}\r\n".replace(".", ",")
    assert Path(french.path()).read_bytes() == written.encode()
    real.page.locator("select[name=to]").select_option("11")
    table = real.page.locator("section:not([hidden]) .listing tbody tr")
    expect(table).to_have_count(1)
    assert [table.nth(place).locator("td").nth(1).inner_text() for place in range(table.count())] == [wording.euros(revenue, "en")]


def test_months_that_are_chosen_change_every_sum(real: Shown) -> None:
    real.open("overview", **{"from": "2022-11", "to": "2023-01"})
    rows = [row for row in real.rows("overview.csv") if "2022-11-01" <= row["month"] <= "2023-01-01"]
    assert real.card("revenue") == wording.euros(total(rows, "revenue"), "en")
    promoted = [
        row for row in real.rows("promotions_roi.csv") if "2022-11-01" <= row["month"] <= "2023-01-01" and row["incremental_margin"]
    ]
    assert real.card("promo_incremental_roi") == signed(total(promoted, "incremental_margin") / total(promoted, "discount_cost"), "en")


def test_what_is_chosen_stands_beside_the_months_before_it_or_says_why_it_does_not(real: Shown) -> None:
    real.open("overview", **{"from": "2023-04", "to": "2023-06"})
    real.page.locator("select[name=compare]").select_option("before")
    assert "compare=before" in real.page.url
    rows = {(row["month"][:7], row["segment"]): Decimal(row["revenue"]) for row in real.rows("overview.csv")}
    by_month = [sum(sold for (month, _), sold in rows.items() if month == f"2023-{place:02}") for place in range(1, 7)]
    then, now = sum(by_month[:3]), sum(by_month[3:])
    change = real.page.locator("section:not([hidden]) [data-kpi=revenue] .change")
    expect(change).to_have_text(
        f"+{wording.euros(now - then, 'en')} ({wording.percent(now / then - 1, 'en')}) on January 2023 to March 2023"
    )
    expect(change).to_have_class("change good")
    expect(real.page.locator("section:not([hidden]) [data-kpi=average_rating] .change")).to_have_text(
        "not compared: known by product, not by month"
    )
    drawn = real.downloaded("revenue_margin")
    assert [(row["month"], row["compared_month"], Decimal(row["revenue_compared"])) for row in drawn] == [
        (f"2023-{place + 3:02}-01", f"2023-{place:02}-01", by_month[place - 1]) for place in (1, 2, 3)
    ]
    assert real.file("[data-chart=units]", "csv").suggested_filename == "overview_units_2023-04_2023-06_before.csv"
    real.open("overview", compare="before")  # of all months
    expect(change).to_have_text("not compared: figures begin in October 2022")
    expect(real.page.locator("section:not([hidden]) [data-chart=revenue_margin] .scope")).to_contain_text("begin in October 2022")


def test_the_year_before_is_offered_only_where_a_month_of_it_is_known(
    browser: Browser, real_release: Path, tmp_path: Path, real: Shown
) -> None:
    reasons = {
        "en": "The same months a year ago: figures begin in October 2022",
        "fr": "Les m\u00eames mois un an plus t\u00f4t : les chiffres commencent en octobre 2022",
    }
    for language, reason in reasons.items():
        real.open("overview", lang=language, compare="year")
        expect(real.page.locator("select[name=compare]")).to_have_value("")
        expect(real.page.locator("option[value=year]")).to_be_disabled()
        expect(real.page.locator("option[value=year]")).to_have_text(reason)
    shown = with_other_data(browser, real_release, tmp_path, '"months_before":[]', '"months_before":["2022-09-01"]')
    shown.open("overview", **{"from": "2023-09"})
    shown.page.locator("select[name=compare]").select_option("year")
    assert "compare=year" in shown.page.url
    shown.page.go_back()
    expect(shown.page.locator("select[name=compare]")).to_have_value("")
    shown.page.context.close()


def test_beside_the_months_it_says_where_data_go_on_after_the_period(
    browser: Browser, real_release: Path, tmp_path: Path, real: Shown
) -> None:
    said = {
        "en": "Period to Sep 2023, data to Oct 2023",
        "fr": "P\u00e9riode\u00a0: fin sept. 2023\u202f; donn\u00e9es\u00a0: fin oct. 2023",
    }
    for language, text in said.items():
        real.open("overview", lang=language)
        expect(real.page.locator("#beyond")).to_have_text(text)
        assert real.page.locator("select[aria-describedby=beyond]").evaluate_all("all => all.map(one => one.name)") == ["from", "to"]
    shown = with_other_data(browser, real_release, tmp_path, '"data_to":"2023-10-31"', '"data_to":"2023-09-30"')
    shown.open("overview")
    expect(shown.page.locator("#beyond")).to_be_hidden()
    shown.page.context.close()


def test_campaigns_and_price_rises_are_marked_above_their_months_and_stand_in_the_table(real: Shown) -> None:
    campaigns = {(row["month"], row["product_type"], row["starts_on"]) for row in real.rows("promotions_roi.csv")}
    prices = {
        (row["month"], row["segment"]): Decimal(row["price_index"]) for row in real.rows("inflation_margin.csv") if row["price_index"]
    }
    months = sorted({month for month, _ in prices})
    rises = {
        (month, segment, wording.percent(index / prices[before, segment] - 1, "en"))
        for before, month in pairwise(months)
        for (of, segment), index in prices.items()
        if of == month and (before, segment) in prices and index / prices[before, segment] >= Decimal("1.01")
    }
    assert campaigns
    assert rises
    real.open("overview")
    chart = real.page.locator("#panel-overview [data-chart=revenue_margin]")
    expect(chart.locator(".scope")).to_contain_text("\u25bc campaign \u00b7 \u25b2 sale prices of a segment up by 1% or more")
    events = [(row["month"], event) for row in real.downloaded("revenue_margin") for event in row["events"].split(" \u00b7 ") if event]
    found = [(month, *re.fullmatch(r"Campaign: (.+?), (\d+)\D.*", said).groups()) for month, said in events if said.startswith("Campaign")]  # type: ignore[union-attr]
    assert sorted(found) == sorted((month, kind, str(int(starts_on[-2:]))) for month, kind, starts_on in campaigns)
    risen = [
        (month, *re.fullmatch(r"Price rise: (.+) (\S+)", said).groups())  # type: ignore[union-attr]
        for month, said in events
        if said.startswith("Price rise")
    ]
    assert {*risen} == rises
    assert len(events) == len(found) + len(risen)
    expect(chart.locator("svg text", has_text="\u25bc")).to_have_count(len({month for month, *_ in campaigns}))
    chart.locator("svg").hover(position={"x": chart.locator("svg").bounding_box()["width"] - 20, "y": 90})  # type: ignore[index]
    expect(real.page.locator("#tooltip")).to_contain_text("Campaign")  # of September
    chart.locator("summary").press("Enter")
    expect(chart.locator("thead th").last).to_have_text("Events")


def band_of(shown: Shown, segment: str = "", first: str = "", last: str = "9999") -> pd.DataFrame:
    """Return the rows of kpis/segment_band.csv that have a rate, of a segment and some months, with the columns that the page has."""
    rows = read(shown.release / "kpis/segment_band.csv")
    rows = rows[rows["gross_margin_rate"].notna() & rows["month"].between(first, last) & (rows["segment"].eq(segment) | (segment == ""))]
    return rows.loc[:, BAND].sort_values(["month", "segment"], ignore_index=True)


def read(path: Path) -> pd.DataFrame:
    """Return a CSV of the band, its flags as they are written."""
    return pd.read_csv(path, dtype=dict.fromkeys(BAND[-2:], "string"))


def lines(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table, each by its columns."""
    return [dict(zip(rows.columns, row, strict=True)) for row in rows.itertuples(index=False)]


BAND = [
    *("month", "segment", "gross_margin_rate", "expected_margin_rate", "margin_rate_low", "margin_rate_high", "margin_state"),
    *("has_campaign", "is_step"),
]
BANDS = "section:not([hidden]) [data-chart=margin_band]"
SIGNS = """cells => cells.map((cell) => [...cell.querySelectorAll(".mark-symbol path")].map((sign) => {
  const [, tip] = sign.getAttribute("d").match(/M[-\\d.]+,([-\\d.]+)/);
  const shape = /A/.test(sign.getAttribute("d")) ? "within" : Number(tip) < 0 ? "above" : "below";
  const isFilled = sign.getAttribute("fill") === sign.getAttribute("stroke");
  return [new DOMMatrix(getComputedStyle(sign).transform).e, shape, isFilled];
}).sort(([one], [other]) => one - other).map(([, ...said]) => said))"""


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_expected_band_of_a_segment_is_that_of_its_table_under_each_filter(real: Shown, language: str) -> None:
    words = {"en": "below,within,above,yes,no", "fr": "en dessous,dans la fourchette,au-dessus,oui,non"}[language].split(",")
    said = dict(zip(("below", "within", "above", "true", "false"), words, strict=True))
    chart = real.page.locator(BANDS)
    for segment in ("", "Vin", "Sans Alcool"):
        for months in ({}, {"from": "2023-04", "to": "2023-06"}):
            expected = band_of(real, segment, *(f"{month}-01" for month in months.values()))
            real.open("segments", lang=language, **months, **({"segment": segment} if segment else {}))
            found = read(real.file("[data-chart=margin_band]", "csv").path())
            assert [*found] == BAND
            found = found.sort_values(["month", "segment"], ignore_index=True)
            pd.testing.assert_frame_equal(found, expected, rtol=1e-10, check_dtype=False)
            chart.locator("summary").press("Enter")
            expect(chart.locator("tbody tr")).to_have_count(len(expected))
            expect(chart.locator(".links a")).to_have_attribute("href", "../kpis/segment_band.csv")
            cells = sorted(tuple(row.split("\t")) for row in chart.locator("tbody tr").all_inner_texts())
            assert cells == sorted(
                (
                    wording.month(dt.date.fromisoformat(row["month"]), language),
                    row["segment"],
                    *(wording.rate(row[name], language) if row[name] == row[name] else "\N{EN DASH}" for name in BAND[2:6]),
                    *(said.get(row[name], "\N{EN DASH}") for name in BAND[6:]),
                )
                for row in lines(expected)
            )
    french = Path(real.file("[data-chart=margin_band]", "fr.csv").path()).read_text(encoding="utf-8-sig")
    assert next(csv.reader(french.splitlines(), delimiter=";")) == [
        *("Mois", "Segment", "Taux de marge brute HT", "Taux de marge attendu", "Taux de marge, borne basse", "Taux de marge, borne haute"),
        *("Position du taux de marge", "Campagne dans le mois", "Changement de niveau"),
    ]


@pytest.mark.parametrize("chosen", [{}, {"segment": "Vin"}, {"from": "2023-04", "to": "2023-06"}])
def test_a_month_outside_its_band_is_a_triangle_and_one_of_a_campaign_is_hollow(real: Shown, chosen: dict[str, str]) -> None:
    rows = band_of(real, chosen.get("segment", ""))
    real.open("segments", **chosen)
    chart = real.page.locator(BANDS)
    chart.scroll_into_view_if_needed()
    expect(chart.locator("svg")).to_have_count(1)
    names = chart.locator("svg .role-title-text text").all_text_contents()
    assert sorted(names) == sorted(rows["segment"].unique())
    drawn = dict(zip(names, chart.locator("svg .role-scope.cell > g").evaluate_all(SIGNS), strict=True))
    signs = lines(rows.fillna({"margin_state": "within"}))
    assert drawn == {
        name: [[row["margin_state"], row["has_campaign"] == "false"] for row in signs if row["segment"] == name] for name in names
    }
    assert {shape for signs in drawn.values() for shape, _ in signs} >= {"below", "within"}
    within = band_of(real, chosen.get("segment", ""), chosen.get("from", ""), f"{chosen.get('to', '9999')}-01")
    outside = sorted(
        (row for row in lines(within) if row["margin_state"] in {"below", "above"}),
        key=lambda row: (row["month"], names.index(row["segment"])),
    )
    *before, last = [
        f"{row['segment']} in {wording.month(dt.date.fromisoformat(row['month']), 'en')} ({row['margin_state']})" for row in outside
    ] or [""]
    said = f"Outside the band: {' and '.join(filter(None, [', '.join(before), last]))}." if last else "No month is outside its band."
    expect(chart.get_by_role("img")).to_have_accessible_name(re.compile(re.escape(f" {said} ")))


def test_a_month_above_its_band_is_a_triangle_that_points_upwards(browser: Browser, real_release: Path, tmp_path: Path) -> None:
    states = ('"margin_state":{"values":["below","within"]', '"margin_state":{"values":["above","within"]')
    shown = with_other_data(browser, real_release, tmp_path, *states)
    shown.open("segments", segment="Vin")
    shown.page.locator(BANDS).scroll_into_view_if_needed()
    expect(shown.page.locator(f"{BANDS} svg")).to_have_count(1)
    signs = shown.page.locator(f"{BANDS} svg .role-scope.cell > g").evaluate_all(SIGNS)
    assert signs == [[*([["within", True]] * 11), ["above", False]]]
    shown.page.context.close()
    assert shown.said == []


def test_a_segment_without_a_band_or_without_stock_is_named_and_so_are_months_without_a_figure(real: Shown) -> None:
    rows, months = band_of(real), sorted({row["month"] for row in real.rows("segments.csv")})
    unbound = sorted(rows.loc[rows["expected_margin_rate"].isna(), "segment"].unique())
    absent = sorted({row["segment"] for row in real.rows("segments.csv")} - set(rows["segment"]))
    late = {name: sorted(set(months) - set(part["month"])) for name, part in rows.groupby("segment") if len(part) < len(months)}
    assert (unbound, absent, late.keys()) == (["Sans Alcool"], ["Offres commerciales"], {"Sans Alcool"})
    first, last = (wording.month(dt.date.fromisoformat(late["Sans Alcool"][end]), "en") for end in (0, -1))
    real.open("segments")
    scope = real.page.locator(f"{BANDS} .scope")
    expect(scope).to_contain_text("no band (fewer than 6 months without a campaign): Sans Alcool")
    expect(scope).to_contain_text(f"no figure: Sans Alcool, {first} to {last}")
    expect(scope).to_contain_text("without stock: Offres commerciales")
    real.open("segments", segment="Offres commerciales", lang="fr")
    expect(real.page.locator(f"{BANDS} .empty")).to_have_text("sans stock\u00a0: Offres commerciales")


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"type": "Champagne"}, {"en": "not told apart by product type", "fr": "non ventilé par type de produit"}),
        ({"sku": "15325"}, {"en": "not told apart by product", "fr": "non ventilé par produit"}),
        ({"abc_class": "A"}, {"en": "not told apart by ABC class", "fr": "non ventilé par classe ABC"}),
    ],
)
def test_where_its_table_knows_nothing_of_what_is_chosen_the_band_says_so_and_shows_no_others(
    real: Shown, chosen: dict[str, str], said: dict[str, str]
) -> None:
    for language, reason in said.items():
        real.open("segments", lang=language, **chosen)
        assert real.page.locator("#chips .chip").count() == 1
        expect(real.page.locator(f"{BANDS} .empty")).to_have_text(reason)
        expect(real.page.locator(f"{BANDS} :is(svg, tbody)")).to_have_count(0)


def test_a_month_of_the_band_is_chosen_by_a_click_and_by_keyboard_and_told_under_the_pointer(real: Shown) -> None:
    rows = band_of(real, "Vin")
    real.open("segments", segment="Vin")
    chart = real.page.locator(BANDS)
    chart.scroll_into_view_if_needed()
    met = chart.locator("svg .role-scope.cell .mark-rect path[opacity='0']")
    expect(met).to_have_count(len(rows))
    met.nth(11).hover()
    tip = real.page.locator("#tooltip")
    for name in ("gross_margin_rate", "expected_margin_rate", "margin_rate_low", "margin_rate_high"):
        expect(tip).to_contain_text(wording.rate(rows[name][11], "en"))
    expect(tip).to_contain_text("September 2023")
    met.nth(11).click()
    assert real.page.locator("#filters select").evaluate_all("all => all.slice(2, 4).map(one => one.value)") == ["11", "11"]
    chart.locator("summary").press("Enter")
    chart.get_by_role("button", name="September 2023").press("Enter")
    assert real.page.locator("#filters select").evaluate_all("all => all.slice(2, 4).map(one => one.value)") == ["0", "11"]


def test_a_product_type_that_is_chosen_changes_every_tab(real: Shown) -> None:
    real.open("top_products", type="Cognac")
    products = [row for row in real.rows("top_products.csv") if row["product_type"] == "Cognac"]
    assert real.card("revenue") == wording.euros(total(products, "revenue"), "en")
    listed = real.page.locator("section:not([hidden]) table tbody tr td.name")
    assert listed.first.inner_text() == products[0]["title"]
    real.page.locator("#tab-stock_turnover").click()
    stocked = [row for row in real.rows("stock_turnover.csv") if row["product_type"] == "Cognac"]
    assert real.card("stock_value_end") == wording.euros(total(stocked, "stock_value_end"), "en")
    assert real.card("value_above_ceiling") == wording.euros(total(stocked, "value_above_ceiling"), "en")


def test_a_campaign_is_its_days_and_a_product_type_in_every_chart_of_promotions(real: Shown) -> None:
    campaigns: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in real.rows("promotions_roi.csv"):
        campaigns.setdefault(keyed(row), []).append(row)
    margins = {key: total(rows, "incremental_margin") for key, rows in campaigns.items()}
    assert len(margins) > len({row["segment"] for rows in campaigns.values() for row in rows})
    real.open("promotions_roi")
    for chart in ("roi", "waterfall", "uplift"):
        assert {keyed(row) for row in real.downloaded(chart)} == margins.keys()
    drawn = {keyed(row): Decimal(row["incremental_margin"]) for row in real.downloaded("waterfall")}
    assert drawn == margins
    keys = {(row["month"], row["sku"], row["title"]) for row in real.rows("promotions_roi.csv") if row["incremental_margin"]}
    assert {(row["month"], row["sku"], row["title"]) for row in real.downloaded("promotions")} == keys
    real.page.locator("select[name=segment]").select_option("Vin")
    assert [keyed(row) for row in real.downloaded("roi")] == [("2023-09-01", "2023-09-30", "Vin")]
    heads = real.page.locator("section:not([hidden]) table thead th").all_inner_texts()
    assert "Type" in heads


def keyed(row: dict[str, str]) -> tuple[str, ...]:
    """Return the campaign of a row."""
    return row["starts_on"], row["ends_on"], row["product_type"]


def test_the_page_says_where_comments_repeat_ratings_and_only_there(browser: Browser, hostile_release: Path, real: Shown) -> None:
    shown = opened(browser, hostile_release)
    for tab in (real, shown):
        repeated = all(row["comment_count"] == row["rating_count"] for row in tab.rows("tables/web.csv"))
        assert repeated is (tab is real)
        tab.open("customer_preferences")
        said = tab.page.locator("section:not([hidden]) .note", has_text="every product has as many comments as ratings")
        expect(said).to_have_count(int(repeated))
    shown.page.context.close()


def test_a_chart_is_read_as_a_table_whose_buttons_choose_as_its_marks_do(real: Shown) -> None:
    real.open("overview")
    chart, rows = real.page.locator("section:not([hidden]) [data-chart=revenue_segment]"), real.rows("overview.csv")
    revenue = {
        name: total([row for row in rows if row["segment"] == name], "revenue") for name in dict.fromkeys(row["segment"] for row in rows)
    }
    (most, least), count = (wanted(revenue, key=lambda name: revenue[name]) for wanted in (max, min)), len(revenue)
    low, high = (f"{wording.euros(revenue[name], 'en')} ({name})" for name in (least, most))
    said = (
        f"Revenue (incl. VAT) by segment. Bars: Revenue (incl. VAT), by segment. Revenue (incl. VAT): {count} values, from {low} to {high}."
    )
    picture = chart.get_by_role("img")
    expect(picture).to_have_accessible_name(re.compile(re.escape(said)))
    expect(chart.locator(".plot")).not_to_have_attribute("aria-roledescription", re.compile(""))
    chart.locator("summary").press("Enter")
    shown = chart.locator("tbody tr")
    expect(shown).to_have_count(count)
    assert {tuple(row.split("\t")) for row in shown.all_inner_texts()} == {
        (name, wording.euros(sold, "en")) for name, sold in revenue.items()
    }
    button = chart.get_by_role("button", name="Spiritueux")
    button.press("Enter")
    expect(real.page.locator("select[name=segment]")).to_have_value("Spiritueux")
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-pressed", "true")
    button.press("Enter")
    expect(real.page.locator("select[name=segment]")).to_have_value("")
    real.open("inflation_margin")
    chart = real.page.locator("section:not([hidden]) [data-chart=indices]")
    chart.locator("summary").press("Enter")
    chart.get_by_role("button", name="March 2023").press("Enter")
    assert real.page.locator("#filters select").evaluate_all("all => all.slice(2, 4).map(one => one.value)") == ["5", "5"]


def test_back_undoes_each_choice_and_a_link_shows_the_same_to_another(browser: Browser, real: Shown) -> None:
    page, panel = real.page, real.page.locator("section:not([hidden])")
    real.open("overview")
    page.locator("select[name=segment]").select_option("Spiritueux")
    page.locator("#tab-stock_turnover").click()
    panel.locator("[data-chart=cover] svg .mark-rect path").nth(1).click()
    expect(page.locator("#chips [data-chip=focus]")).to_have_text("1 to 3 months \u2715")
    panel.locator("thead th", has_text="SKU").click()
    page.wait_for_url("**sort=sku.asc**")  # the table is sorted a moment later, and nobody types as fast as a test
    panel.locator("input[type=search]").press_sequentially("champ")
    page.locator("[data-language=fr]").click()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#link").click()
    expect(page.locator("#link")).to_have_text("Lien copi\u00e9")
    other = opened(browser, real.release)
    other.page.goto(page.evaluate("navigator.clipboard.readText()"))
    other.page.wait_for_selector("html[data-ready]")
    seen = [shown.page.locator("section:not([hidden])").inner_text() for shown in (other, real)]
    assert other.page.locator("#chips button").all_inner_texts() == ["Spiritueux \u2715", "1 \u00e0 3 mois \u2715", "Tout afficher"]
    assert seen[0] == seen[1] != ""
    assert (other.page.locator("section:not([hidden]) input[type=search]").input_value(), other.said) == ("champ", [])
    other.page.locator("[data-chip=segment]").click()
    expect(other.page.locator("select[name=segment]")).to_have_value("")
    expect(other.page.locator("[data-chip=focus]")).to_be_visible()
    other.page.context.close()

    search, sorted_by, chip = panel.locator("input[type=search]"), panel.locator("th[aria-sort]"), page.locator("#chips [data-chip=focus]")
    page.go_back()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(search).to_have_value("champ")
    page.go_back()
    expect(search).to_have_value("")
    expect(sorted_by).to_have_text("SKU")
    page.go_back()
    expect(sorted_by).not_to_have_text("SKU")
    page.go_back()
    expect(chip).to_have_count(0)
    page.go_back()
    expect(page.locator("#panel-overview")).to_be_visible()
    expect(page.locator("select[name=segment]")).to_have_value("Spiritueux")
    page.go_back()
    expect(page.locator("select[name=segment]")).to_have_value("")


def test_a_click_on_a_bar_filters_the_tab_and_another_click_lets_go(real: Shown) -> None:
    real.open("overview")
    bar = real.page.locator("section:not([hidden]) [data-chart=revenue_segment] svg .mark-rect path")
    bar.nth(1).click()
    expect(real.page.locator("select[name=segment]")).to_have_value("Spiritueux")
    rows = [row for row in real.rows("overview.csv") if row["segment"] == "Spiritueux"]
    assert real.card("revenue") == wording.euros(total(rows, "revenue"), "en")
    expect(bar).to_have_count(5)  # the others stay, to be chosen instead
    bar.nth(1).click()
    expect(real.page.locator("select[name=segment]")).to_have_value("")


def test_a_product_is_chosen_by_keyboard_and_let_go_again(real: Shown) -> None:
    real.open("top_products")
    (first, *_) = real.rows("top_products.csv")
    real.page.locator("section:not([hidden]) button.name").first.press("Enter")
    assert real.card("revenue") == wording.euros(first["revenue"], "en")
    ticks = "axes => axes.map((axis) => [...axis.children].map(({ textContent }) => textContent))"
    axes = real.page.locator("section:not([hidden]) [data-chart=pareto] svg .role-axis-label")
    expect(axes).to_have_count(3)
    assert ["0", "1"] in axes.evaluate_all(ticks)  # of one product there is no half
    real.page.locator("#chips [data-chip=focus]").press("Enter")
    assert real.card("revenue") == wording.euros(total(real.rows("top_products.csv"), "revenue"), "en")
    real.page.locator("#tab-top_products").press("ArrowRight")
    expect(real.page.locator("#tab-customer_preferences")).to_be_focused()
    expect(real.page.locator("#panel-customer_preferences")).to_be_visible()


def test_a_product_is_looked_up_on_any_tab_by_number_or_by_parts_of_its_name(real: Shown) -> None:
    first, second, *_ = real.rows("top_products.csv")
    real.open("inflation_margin")
    field = real.page.get_by_role("combobox", name="Product", exact=True)
    field.fill(first["sku"])
    field.press("Enter")
    expect(field).to_have_value(f"{first['title']} \u00b7 {first['sku']}")
    assert real.card("revenue_excl_vat") == wording.euros(first["revenue_excl_vat"], "en")
    assert f"sku={first['sku']}" in real.page.url
    plain = "".join(sign for sign in normalize("NFD", second["title"]).lower() if not combining(sign))
    field.fill(" ".join(reversed(plain.split())))
    field.press("Enter")
    assert real.card("revenue_excl_vat") == wording.euros(second["revenue_excl_vat"], "en")
    matches = real.page.locator("#matches")
    field.fill("no such wine")
    field.press("Enter")
    expect(real.page.locator("#said")).to_have_text("No product here is called that.")
    expect(matches).to_have_text("No product here is called that.")
    field.fill("")
    field.press("Enter")
    expect(real.page.locator("#chips [data-chip=focus]")).to_have_count(0)


@pytest.mark.parametrize(
    ("language", "said"), [("en", "{} products match. Which one?"), ("fr", "{} produits correspondent. Lequel\u202f?")]
)
def test_of_several_products_that_match_none_is_taken_unasked(real: Shown, language: str, said: str) -> None:
    names = {row["sku"]: row["title"] for row in real.rows("customer_preferences.csv")}
    plain = {sku: "".join(sign for sign in normalize("NFD", name).lower() if not combining(sign)) for sku, name in names.items()}
    found = {sku for sku, name in plain.items() if all(word in f"{name} \u00b7 {sku}" for word in ("chateau", "2015"))}
    assert len(found) > 1
    real.open("top_products", lang=language)
    field, matches = real.page.locator("#product"), real.page.locator("#matches")
    field.fill("2015 Ch\u00e2teau")
    field.press("Enter")
    expect(matches.locator("p")).to_have_text(said.format(len(found)))
    expect(real.page.locator("#said")).to_have_text(said.format(len(found)))
    expect(real.page.locator("#chips [data-chip=focus]")).to_have_count(0)
    assert {text.rpartition(" \u00b7 ")[2] for text in matches.locator("button").all_inner_texts()} == found
    field.press("Escape")
    expect(matches).to_be_hidden()
    field.fill("chateau 2015")
    field.press("Enter")
    first = matches.locator("button").first
    name, _, sku = first.inner_text().rpartition(" \u00b7 ")
    first.press("Enter")
    expect(real.page.locator("#chips [data-chip=focus]")).to_have_text(f"{name} \u2715")
    assert f"sku={sku}" in real.page.url
    expect(matches).to_be_hidden()
    # a name that others go on from is taken where it is typed whole
    whole = next(
        (sku, name)
        for sku, name in plain.items()
        if [*plain.values()].count(name) == 1
        and sum(all(word in f"{other} \u00b7 {one}" for word in name.split()) for one, other in plain.items()) > 1
    )
    field.fill(names[whole[0]])
    field.press("Enter")
    real.page.wait_for_url(f"**sku={whole[0]}*")


def test_with_one_product_chosen_no_figure_of_others_stands_under_its_name(real: Shown) -> None:
    (first, *_) = real.rows("top_products.csv")
    real.open("inflation_margin", sku=first["sku"])
    assert [real.card(name) for name in ("purchase_price_index", "price_index")] == ["\u2013"] * 2
    expect(real.page.locator("section:not([hidden]) [data-kpi=price_index] .aside")).to_have_text(
        "prices are followed over a basket of many products, not for one alone"
    )
    for chart in ("indices", "index_segment", "index_lines"):
        expect(real.page.locator(f"section:not([hidden]) [data-chart={chart}] .empty")).to_contain_text("not for one alone")
    assert real.card("revenue_excl_vat") == wording.euros(first["revenue_excl_vat"], "en")
    rate = Decimal(first["gross_margin"]) / Decimal(first["revenue_excl_vat"])
    assert real.card("gross_margin_rate") == wording.rate(rate, "en")
    real.open("inflation_margin", sku=first["sku"], lang="fr")
    expect(real.page.locator("section:not([hidden]) [data-kpi=price_index] .aside")).to_contain_text("un seul produit")


def test_with_one_product_chosen_a_chart_by_cover_or_class_shows_that_product_alone(real: Shown) -> None:
    stock = max(real.rows("stock_turnover.csv"), key=lambda row: Decimal(row["stock_value_end"]))
    sold = next(row for row in real.rows("top_products.csv") if row["sku"] == stock["sku"])
    for tab, name, expected in (("stock_turnover", "cover", stock["stock_value_end"]), ("top_products", "classes", sold["revenue"])):
        real.open(tab, sku=stock["sku"])
        chart = real.page.locator(f"section:not([hidden]) [data-chart={name}]")
        chart.locator("summary").press("Enter")
        row = chart.locator("tbody tr")
        expect(row).to_have_count(1)
        assert wording.euros(expected, "en") in row.inner_text().split("\t")


def test_a_list_is_searched_without_regard_to_accents_and_sorted(real: Shown) -> None:
    real.open("top_products")
    real.page.locator("section:not([hidden]) input[type=search]").fill("chateau")
    row = real.page.locator("section:not([hidden]) table tbody tr td.name").first
    expect(row).to_contain_text(re.compile("ch[aâ]teau", re.IGNORECASE))
    real.page.locator("section:not([hidden]) input[type=search]").fill("")
    units = real.page.locator("section:not([hidden]) thead th", has_text="Units")
    units.click()
    expect(units).to_have_attribute("aria-sort", "ascending")
    units.click()
    expect(units).to_have_attribute("aria-sort", "descending")
    most = max(int(row["units"]) for row in real.rows("top_products.csv"))
    expect(real.page.locator("section:not([hidden]) table tbody tr").first.locator("td").nth(6)).to_have_text(f"{most:,}")


def test_a_tables_own_order_that_is_turned_round_stays_in_the_link(real: Shown) -> None:
    real.open("inflation_margin")
    real.page.locator("section:not([hidden]) thead th", has_text="Month").click()
    real.page.wait_for_url("**sort=month.asc**")


FACTS = {
    "en": ("Data as of 31 October 2023", "sale prices read as incl. VAT"),
    "fr": ("Données au 31 octobre 2023", "prix de vente lus TTC"),
}


def test_every_tab_says_what_it_shows_and_links_to_its_csv_in_both_languages(real: Shown) -> None:
    for language in ("en", "fr"):
        for tab in NAMES:
            real.open(tab, lang=language)
            panel = real.page.locator(f"#panel-{tab}")
            expect(panel.locator(".facts")).to_contain_text("Bottleneck.db")
            expect(panel.locator(".facts")).to_contain_text("2026")
            for words in FACTS[language]:
                expect(panel.locator(".facts")).to_contain_text(words)
            figures = panel.locator("figure")
            assert figures.count() >= 2
            for place in range(figures.count()):
                assert figures.nth(place).locator("h2").inner_text()
                figures.nth(place).scroll_into_view_if_needed()  # drawn when it comes into sight
                expect(figures.nth(place).locator("svg")).to_have_count(1)
                address = figures.nth(place).locator(".links a").get_attribute("href")
                assert (real.release / "dashboard" / str(address)).resolve().is_file()
            assert "{" not in panel.inner_text()
            assert language == "en" or re.findall("[^ ]* [%:;?!»]|« [^ ]*", panel.evaluate("all => all.textContent")) == []


OVERLAPS = """figures => figures.flatMap((figure) => {
  const edges = (one) => one.getBoundingClientRect();
  const texts = [...figure.querySelectorAll("svg text")].filter((one) => edges(one).width && one.getAttribute("opacity") !== "0");
  const beside = (one, other) => Math.min(one.right, other.right) - Math.max(one.left, other.left) < 1;
  const below = (one, other) => Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) < 4; // letters are less high than lines
  const apart = (one, other) => beside(edges(one), edges(other)) || below(edges(one), edges(other));
  const pairs = texts.flatMap((one, at) => texts.slice(at + 1).filter((other) => !apart(one, other)).map((other) => [one, other]));
  const drawn = figure.querySelector(".plot svg"); // what goes beyond it is not seen, and no picture has it
  const isCut = (one) => edges(one).right > edges(drawn).right + 0.5 || edges(one).left < edges(drawn).left - 0.5;
  const out = texts.filter(isCut).map((one) => [one]);
  return [...pairs, ...out].map((found) => [figure.dataset.chart, ...found.map(({ textContent }) => textContent)]);
})"""


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("width", [360, 1280])
def test_no_label_of_a_chart_lies_on_another_or_is_cut(browser: Browser, real_release: Path, language: str, width: int) -> None:
    shown = opened(browser, real_release, viewport={"width": width, "height": 9000})  # all charts are in sight
    for tab in TABS:
        shown.open(tab.name, lang=language)
        figures = shown.page.locator(f"#panel-{tab.name} figure")
        expect(figures.locator("svg")).to_have_count(len(tab.charts))
        assert figures.evaluate_all(OVERLAPS) == [], tab.name
        units = shown.page.locator(f"#panel-{tab.name} .value small")
        assert (
            units.evaluate_all("units => units.filter((unit) => unit.getClientRects().length > 1).map(({ textContent }) => textContent)")
            == []
        )
        if width > 360:  # a phone scrolls the tables
            table = shown.page.locator(f"#panel-{tab.name} .dt-layout-table")
            assert table.evaluate("one => one.scrollWidth - one.clientWidth") == 0, tab.name
    shown.page.context.close()
    assert shown.said == []


@pytest.mark.parametrize("width", [360, 1280, 3840])
def test_no_tab_is_wider_than_the_screen(browser: Browser, real_release: Path, width: int) -> None:
    shown = opened(browser, real_release, viewport={"width": width, "height": 900}, color_scheme="dark" if width == 1280 else "light")
    for tab in NAMES:
        shown.open(tab)
        assert shown.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), tab
    shown.open("overview", lang="fr")
    in_sight = "[...document.querySelectorAll('#tabs button')].every((tab) => tab.getBoundingClientRect().right <= innerWidth)"
    assert shown.page.evaluate(in_sight) or width == 360  # a phone scrolls them
    rows = "new Set([...document.querySelectorAll('#tabs button')].map((tab) => tab.getBoundingClientRect().top)).size"
    assert shown.page.evaluate(rows) == 1
    shown.page.context.close()
    assert shown.said == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 400)])
def test_the_accessibility_audit_finds_nothing(browser: Browser, real_release: Path, scheme: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    shown = opened(browser, real_release, viewport={"width": width, "height": 850}, color_scheme=scheme)
    for tab in NAMES:
        shown.open(tab)
        shown.page.locator("section:not([hidden]) .shown").last.evaluate("one => { one.open = true; }")
        shown.page.wait_for_selector("section:not([hidden]) .shown td")
        found = Axe().run(shown.page).response["violations"]
        assert [(tab, one["id"], one["nodes"][0]["html"]) for one in found] == []
    shown.page.context.close()


@pytest.mark.parametrize("step", [1, 2, 2 + len(TABS[0].charts)])
def test_a_tab_that_is_left_while_it_opens_shows_what_is_chosen_once_it_is_shown_again(real: Shown, step: int) -> None:
    real.open("overview")
    rows, panel = real.page.locator("#panel-overview tbody tr"), real.page.locator("#panel-overview")
    expect(rows).not_to_have_count(0)
    shown = panel.text_content()
    leave = f"""
      const [post, left] = [scheduler.postTask.bind(scheduler), {{ steps: {step} }}];
      scheduler.postTask = (...given) => {{
        if (--left.steps === 0) {{
          document.getElementById("tab-segments").click();
          const choice = document.querySelector("select[name=segment]");
          choice.selectedIndex = 1;
          choice.dispatchEvent(new Event("change", {{ bubbles: true }}));
        }}
        return post(...given);
      }};"""
    real.page.add_init_script(leave)
    real.open("overview")
    expect(real.page.locator("#panel-segments h1")).to_be_visible()
    assert panel.text_content() == ""
    real.page.select_option("select[name=segment]", "")
    real.page.click("#tab-overview")
    expect(rows).not_to_have_count(0)
    assert panel.text_content() == shown


def test_a_chart_is_drawn_when_it_comes_into_sight(real: Shown) -> None:
    real.open("overview")
    charts = real.page.locator("#panel-overview figure")
    above, below = charts.first, charts.last
    expect(above.locator("svg")).to_have_count(1)
    expect(below.locator("svg")).to_have_count(0)
    before = real.page.evaluate("document.documentElement.scrollHeight")
    below.scroll_into_view_if_needed()
    expect(below.locator("svg")).to_have_count(1)
    assert abs(real.page.evaluate("document.documentElement.scrollHeight") - before) < 40  # its place was kept


def test_a_chart_and_a_tab_are_kept_as_pictures_in_both_languages(real: Shown) -> None:
    for language, named, whole in (("en", "Picture of “{}”, as PNG", "Picture"), ("fr", "Image de « {} », en PNG", "Image")):
        real.open("overview", lang=language, segment="Vin")
        chart = real.page.locator("#panel-overview [data-chart=stock_value]")  # which is not in sight
        title = chart.locator("h2").inner_text()
        shown = kept(real, chart.get_by_role("button", name=named.format(title)), "overview_stock_value_Vin.png")
        tab = kept(real, real.page.get_by_role("button", name=whole, exact=True), "overview_Vin.png")
        width = chart.evaluate("element => element.getBoundingClientRect().width")
        assert (shown[0], tab[0] > 1.5 * shown[0], tab[1] > 2 * shown[1]) == (pytest.approx(2 * (width + 32), abs=2), True, True)
        svg = chart.locator("svg").evaluate("element => element.getBoundingClientRect().height")
        assert 2 * svg < shown[1] < 2 * svg + 300


def test_the_files_of_a_chart_are_told_apart_by_a_word_and_a_sign(real: Shown) -> None:
    words = {"en": ["CSV", "French Excel", "Picture"], "fr": ["CSV", "CSV Excel", "Image"]}
    signs = """all => all.map((one) => {
      const { maskImage, width } = getComputedStyle(one, "::before");
      return [maskImage, parseFloat(width) > 10];
    })"""
    for language, said in words.items():
        real.open("overview", lang=language)
        buttons = real.page.locator("#panel-overview [data-chart=stock_value] .links button")
        assert buttons.all_inner_texts() == said
        drawn = buttons.evaluate_all(signs)
        assert len({sign for sign, _ in drawn}) == len(said)
        assert all(sign.startswith('url("data:image/svg') and is_seen for sign, is_seen in drawn)
        for button, word in zip(buttons.all(), said, strict=True):
            expect(button).to_have_accessible_name(re.compile(f"^{word}.* .+ .+"))


def kept(shown: Shown, button: Locator, name: str) -> tuple[int, int]:
    """Keep a picture, see that it is one in more than two colours, and return its width and height."""
    with shown.page.expect_download() as waiting:
        button.click()
    assert waiting.value.suggested_filename == name
    data = Path(waiting.value.path()).read_bytes()
    assert data.startswith(b"\x89PNG\r\n")
    address = f"data:image/png;base64,{b64encode(data).decode()}"
    width, height, colours = shown.page.evaluate(
        """async (address) => {
          const image = Object.assign(new Image(), { src: address });
          await image.decode();
          const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
          const pen = canvas.getContext("2d");
          pen.drawImage(image, 0, 0);
          return [image.width, image.height, new Set(new Uint32Array(pen.getImageData(0, 0, image.width, image.height).data.buffer)).size];
        }""",
        address,
    )
    assert colours > 50  # edges of letters among them
    return width, height


def test_print_gives_a_page_a_tab(real: Shown) -> None:
    real.open("overview")
    printed = real.page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type /Page\b", printed)) == len(TABS)


SHEETS = """sections => sections.map((section) => {
  const said = (one) => one.checkVisibility() && [...one.childNodes].some((node) => node instanceof Text && node.data.trim());
  const sizes = [...section.querySelectorAll("*")].filter(said).map((one) => 0.75 * parseFloat(getComputedStyle(one).fontSize));
  const right = (one) => one.getBoundingClientRect().right;
  const out = [...section.querySelectorAll("figure svg text")].filter((text) => right(text) > right(text.closest("figure")));
  const wide = [...section.querySelectorAll(".dt-layout-table")].filter((one) => one.scrollWidth > one.clientWidth);
  const [head, height] = [section.querySelector(".sheet").innerText, section.scrollHeight];
  return { head, height, points: Math.min(...sizes), cut: [...out, ...wide].map(({ textContent }) => textContent) };
})"""


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_printed_page_is_read_without_a_glass_and_nothing_of_it_is_cut(real: Shown, language: str) -> None:
    real.open("overview", lang=language)
    real.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(real.page.locator("figure .plot svg")).to_have_count(sum(len(tab.charts) for tab in TABS))
    sheets = real.page.locator("section").evaluate_all(SHEETS)
    for place, sheet in enumerate(sheets, start=1):
        assert "BottleNeck" in sheet["head"]
        assert (f"page {place} of 8" if language == "en" else f"page {place} sur 8") in sheet["head"]
        assert 1000 * 0.9 < sheet["height"] <= 1045  # pixels of A4 within its margins
        assert sheet["points"] >= 7.9
        assert sheet["cut"] == []


def test_the_page_is_small(real_release: Path) -> None:
    assert (real_release / FILE).stat().st_size < LARGEST


def test_texts_of_the_export_show_as_text_and_run_nothing(browser: Browser, hostile_release: Path) -> None:
    release = hostile_release
    assert (release / FILE).read_text(encoding="utf-8").count("window.ran=1") > 0
    assert IMAGE not in (release / FILE).read_text(encoding="utf-8")
    for options in ({}, {"bypass_csp": True}):  # not even without the policy
        shown = opened(browser, release, **options)
        for tab in NAMES:
            shown.open(tab)
            search = shown.page.locator("section:not([hidden]) input[type=search]")
            search.fill("window.ran")
            shown.page.wait_for_timeout(50)
            if tab in {"top_products", "stock_turnover", "customer_preferences"}:
                expect(shown.page.locator("section:not([hidden]) td.name").first).to_contain_text("window.ran")
                shown.page.locator("section:not([hidden]) button.name").first.click()
                expect(shown.page.locator("#chips [data-chip=focus]")).to_contain_text("window.ran")
        assert shown.page.evaluate("window.ran") is None
        assert shown.page.locator("main img").count() == 0
        shown.page.context.close()
        assert shown.said == []


def test_nothing_can_end_the_block_of_the_figures() -> None:
    hostile = {"text": f"{IMAGE}{BREAKOUT}<!-- & \u2028 \u2029"}
    written = embedded(hostile)
    assert not re.search("[<>&\u2028\u2029]", written)
    assert json.loads(written) == hostile


def test_products_that_are_not_kept_one_by_one_stay_in_every_sum(browser: Browser, pooled_release: Path) -> None:
    shown = opened(browser, pooled_release)
    headline = {row["kpi"]: row["value"] for row in shown.rows("kpis/headline.csv")}
    shown.open("overview")
    assert shown.card("revenue") == wording.euros(headline["revenue"], "en")
    assert shown.card("stock_turnover") == wording.fixed(headline["stock_turnover"], "en", 2)
    assert shown.card("average_rating") == wording.fixed(headline["average_rating"], "en", 2)
    assert shown.card("commented_share") == wording.rate(headline["commented_share"], "en")
    shown.open("stock_turnover")
    bounds = shown.rows("recommendations/stock_thresholds.csv")
    assert shown.card("below_reorder") == f"{total(bounds, 'products_below'):,.0f}"
    assert shown.card("above_ceiling") == f"{total(bounds, 'products_above'):,.0f}"
    expect(shown.page.locator("section:not([hidden]) .listing .note")).to_contain_text("The whole list is in stock_turnover.csv")
    shown.page.context.close()
    assert shown.said == []
