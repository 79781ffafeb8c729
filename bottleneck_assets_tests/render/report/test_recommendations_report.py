"""Proves that the report on the recommendations says what the release's CSVs say, on two pages, whatever the export calls its products."""
# ruff: noqa: RUF001 - true minus signs, typographic apostrophes and French spaces are meant

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import random
import re
import subprocess
import sys
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import vl_convert
from altair.utils.schemapi import validate_jsonschema
from altair.vegalite.v6.schema.core import load_schema
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from bottleneck_assets.documents.catalog import DOCUMENTS, RECOMMENDATIONS
from bottleneck_assets.render.occasion import Occasion
from bottleneck_assets.render.report import charts
from bottleneck_assets.render.report.charts import shorten
from bottleneck_assets.render.report.recommendations import READS, content_of, pdf_of
from bottleneck_assets.wording import LANGUAGES, sentence
from bottleneck_assets_tests.small_export import (
    GIFT,
    SPIRIT,
    Rows,
    built,
    finance_row,
    minimal_rows,
    promo_row,
    sales_row,
    web_row,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from lxml.etree import _Element as Element

    from bottleneck_assets.engine.warehouse import Warehouse
    from bottleneck_assets_tests.conftest import Refreshed

NOW = dt.datetime(2024, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
SEVEN = (
    "free_cash", "monitor_segments", "pass_on_costs", "promote_low_season", "protect_best_sellers", "stock_thresholds", "use_feedback",
)  # fmt: skip
ENDINGS = {"en": "", "fr": ".fr"}
VOID = {"meta", "br"}
TAGS = {
    "html", "head", "meta", "title", "style", "body", "header", "main", "section", "div", "h1", "h2", "p", "ul", "li", "small", "strong",
    "span", "dl", "dt", "dd", "figure", "figcaption", "footer", "svg", "g", "path", "text", "rect", "line",
}  # fmt: skip
# one tag of HTML, three languages that a page is made with, a picture, a text without an end, what turns the direction, and nothing
NAMES = (
    '&lt;img src=x onerror=alert(1)&gt; #import "x": *', '#panic("run") $x^2$ _a_ *b* `c` \\ // @ref <label>', "🍷 Château 🎉 éàü",
    "W" * 300, "mot " * 120, "{{7*7}} {% raw %} ${y} '; drop table web; --", "a\u202eb\u0007c\u2028d",
    "&lt;/svg&gt;&lt;script&gt;alert(1)&lt;/script&gt;", " ",
)  # fmt: skip
SEGMENTS = ("&lt;b&gt;Vin #strike[x]", "<script>alert(2)</script>", "S" * 200, "$ 🍾, x=1; 2023-01")


@dataclass
class Section:
    """What a reader sees of one section: its heading, its findings, and all its text but for the ticks of axes."""

    heading: str = ""
    text: str = ""
    findings: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """The page as a browser takes it: every element and attribute, and what its sections show."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.before = Section()
        self.sections: list[Section] = []
        self.after = Section()
        self._open: list[tuple[str, str]] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(name, value or "") for name, value in attrs}
        if tag in VOID:
            return
        self._open.append((tag, dict(attrs).get("class") or ""))
        if tag == "section":
            self.sections.append(Section())
        if tag == "li":
            self.sections[-1].findings.append("")
        self._here().text += " "

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        tags = [tag for tag, _ in self._open]
        if "style" in tags or any("role-axis" in kind for _, kind in self._open):
            return
        self._here().text += data
        if "h2" in tags:
            self.sections[-1].heading += data
        if "li" in tags and "small" not in tags:
            self.sections[-1].findings[-1] += data

    def _here(self) -> Section:
        if any(tag == "section" for tag, _ in self._open):
            return self.sections[-1]
        return self.after if any(tag == "footer" for tag, _ in self._open) else self.before


@dataclass(frozen=True)
class Published:
    """A release with its report, as its readers find it."""

    folder: Path

    def page(self, language: str) -> Page:
        return Page((self.folder / f"report/recommendations{ENDINGS[language]}.html").read_text(encoding="utf-8"))

    def charts(self, language: str) -> dict[str, Element]:
        """Return the charts by the names of their recommendations."""
        html = (self.folder / f"report/recommendations{ENDINGS[language]}.html").read_text(encoding="utf-8")
        advice = {sentence(language, name, "advice", "", ""): name for name in SEVEN}
        return {
            advice[re.findall("<h2>(.*?)</h2>", unescape(section))[0]]: etree.fromstring(re.findall("<svg.*?</svg>", section, re.DOTALL)[0])
            for section in html.split("<section")[1:]
        }

    def pdf(self, language: str) -> bytes:
        return (self.folder / f"report/recommendations{ENDINGS[language]}.pdf").read_bytes()

    def summary(self) -> list[dict[str, str]]:
        """Return the recommendations in the order of the report: the largest effect first."""
        rows = self.rows("recommendations/summary.csv")
        return sorted(rows, key=lambda row: (-Decimal(row["yearly_effect"]), row["recommendation"]))

    def rows(self, path: str) -> list[dict[str, str]]:
        with (self.folder / path).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture(scope="module", params=["refreshed_sample", "refreshed_real"])
def published(request: pytest.FixtureRequest) -> Published:
    refreshed: Refreshed = request.getfixturevalue(request.param)
    assert refreshed.result.success
    return Published(refreshed.release)


def hostile_rows() -> Rows:
    """Return a year of a shop whose names are meant to break pages; with seasons, promotions, ratings and too much stock."""
    draw = random.Random(1)  # noqa: S311 - the same shop every time
    rows: Rows = {"Web": [], "Finance": [], "Sales": [], "Promo": []}
    months = [f"{2022 + (9 + place) // 12}-{(9 + place) % 12 + 1:02}" for place in range(12)]
    for sku in range(120):
        names = {"Post_title": NAMES[sku % len(NAMES)], "Segment": SEGMENTS[sku % len(SEGMENTS)]}
        rows["Web"].append(web_row(sku, **names, Rating_count=draw.choice([0, 3, 9]), Average_rating=draw.choice(["2", "4", "5"])))
        for place, month in enumerate(months):
            promoted = month in {"2022-11", "2023-03"} and sku % 3 == 0
            units = draw.randint(2, 9) * (3 if place == 2 else 1) * (3 if promoted and month == "2022-11" else 1)
            rows["Finance"].append(finance_row(month, sku))
            stock = 1000 - sku if sku < len(NAMES) else draw.choice([0, 5, 400])  # the first of each name have the largest stock
            rows["Sales"].append(sales_row(month, sku, Sales=units, Stock=stock))
            if promoted:
                rows["Promo"].append(promo_row(month, sku, Sales_Offer=units, Price_Offer="18"))
    return rows


def rendered(warehouse: Warehouse, folder: Path) -> Published:
    (folder / "report").mkdir(parents=True)
    RECOMMENDATIONS.render(Occasion(warehouse, folder / "export.db", "2024-01-01T22:30:00+00:00", NOW, NOW), folder)
    return Published(folder)


@pytest.fixture(scope="module")
def hostile_shop(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return built(tmp_path_factory.mktemp("hostile"), hostile_rows(), READS)


@pytest.fixture(scope="module")
def hostile(hostile_shop: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Published:
    return rendered(hostile_shop, tmp_path_factory.mktemp("hostile_release"))


@dataclass(frozen=True)
class Said:
    """A text of a chart: where it stands, as wide as its letters are about, and how large it is."""

    said: str
    left: float
    right: float
    y: float
    size: float


def texts_of(chart: Element, x: float = 0, y: float = 0) -> list[Said]:
    """Return the texts of a chart."""
    found = list[Said]()
    for element in chart:
        moved = re.match(r"translate\(([-\d.]+),([-\d.]+)\)", element.get("transform", ""))
        at = (x + float(moved[1]), y + float(moved[2])) if moved else (x, y)
        if str(element.tag).endswith("}text") and element.text and float(element.get("opacity", "1")) and element.get("stroke") != "white":
            size = float(element.get("font-size", "11px").removesuffix("px"))
            width = 0.58 * size * len(element.text)
            left = at[0] - {"start": 0, "middle": width / 2, "end": width}[element.get("text-anchor", "start")]
            found.append(Said(element.text, left, left + width, at[1], size))
        found += texts_of(element, *at)
    return found


def pages(pdf: bytes) -> int:
    assert pdf.startswith(b"%PDF-")
    return len(re.findall(rb"/Type/Page\b", pdf))


NUMBER = re.compile(r"−?\d+(?:[,.]\d+)*")


def numbers(text: str, language: str) -> list[Decimal]:
    """Return the numbers that a reader finds in a text, with as many decimals as it shows."""
    if language == "fr":
        text = re.sub(r"(?<=\d)\u202f(?=\d)", "", text).replace("1er ", "1 ").replace(",", ".")
    else:
        text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    return [Decimal(found.rstrip(".").replace("−", "-")) for found in NUMBER.findall(text)]


def figures(rows: Iterable[Mapping[str, str]]) -> Iterator[Decimal]:
    """Return whatever number stands in rows of a CSV: in a cell, in evidence, in a date, or in a name."""
    for row in rows:
        for column, cell in row.items():
            for part in cell.split("; ") if column == "evidence" else [cell]:
                value = part.partition("=")[2] if column == "evidence" else part
                try:
                    yield Decimal(value)
                except InvalidOperation:
                    yield from (Decimal(digits) for digits in re.findall(r"\d+", value))


def borne_out(number: Decimal, possible: Iterable[Decimal]) -> bool:
    """Return whether a number is one of these as it may be written: itself, in per cent, or as a change; a loss without its sign."""
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    half = Decimal(1).scaleb(exponent) / 2
    return any(abs(abs(number) - abs(reading)) <= half for exact in possible for reading in (exact, exact * 100, (exact - 1) * 100))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_on_the_page_is_in_a_csv_of_the_release(published: Published, language: str) -> None:
    page = published.page(language)
    tab = published.rows("business_recommendations.csv")
    opening = [row for row in tab if row["confidence"] in {"high", ""} or row["finding"] == "unclear"]
    head = [*figures(published.rows("kpis/headline.csv")), *figures(opening), *figures(published.rows("recommendations/test_campaign.csv"))]
    assert numbers(page.before.text, language)
    for number in numbers(page.before.text, language):
        assert borne_out(number, head), number
    assert numbers(page.after.text, language) == []
    advice = {sentence(language, name, "advice", "", ""): name for name in SEVEN}
    for section in page.sections:
        name = advice[section.heading]
        shown = [
            *figures(published.rows(f"recommendations/{name}.csv")),
            *figures(row for row in published.rows("recommendations/summary.csv") if row["recommendation"] == name),
        ]
        if name == "monitor_segments":
            shown += figures(published.rows("kpis/segment_band.csv"))
        if name == "stock_thresholds":
            shown += [Decimal("0.9"), Decimal("0.99")]  # what a test of reorder points should find
        for number in numbers(section.text, language):
            assert borne_out(number, shown), (name, number)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sentences_are_those_of_the_tab_but_for_long_names(published: Published, language: str) -> None:
    page = published.page(language)
    tab = published.rows("business_recommendations.csv")
    advice = {sentence(language, name, "advice", "", ""): name for name in SEVEN}

    for section in page.sections:
        said = [row[f"sentence_{language}"] for row in tab if row["recommendation"] == advice[section.heading]]
        assert section.findings
        for finding in section.findings:
            assert any(is_said(whole, finding) for whole in said), finding


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_opens_with_what_is_known_what_is_not_and_what_to_try(published: Published, language: str) -> None:
    said = published.page(language).before.text
    tab = published.rows("business_recommendations.csv")
    names = {
        "en": ("What is known", "What is not known", "What to try"),
        "fr": ("Ce qu’on sait", "Ce qu’on ne sait pas", "Ce qu’il faut essayer"),
    }
    known, unknown, to_try = (said.split(name)[1] for name in names[language])
    sure = [row for row in tab if (row["verdict"], row["confidence"]) == ("supported", "high") and row["yearly_effect"]]
    assert is_said(min(sure, key=lambda row: int(row["rank"]))[f"sentence_{language}"], known)
    undecided = {row["scope"]: row for row in published.rows("recommendations/promote_low_season.csv") if row["finding"] == "unclear"}
    dearest = max(undecided, key=lambda scope: Decimal(undecided[scope]["discount_cost"] or 0))
    assert is_said(next(row[f"sentence_{language}"] for row in tab if row["scope"] == dearest), unknown)
    (test,) = published.rows("recommendations/test_campaign.csv")
    for finding in ("try", "read"):
        assert folded(sentence(language, "test_campaign", finding, test["scope"], test["evidence"])) in folded(to_try)


def is_said(whole: str, shown: str) -> bool:
    """Return whether a page shows a sentence, perhaps with a name in it cut short."""
    if folded(whole) in folded(shown):
        return True
    start, cut, end = folded(shown).strip().partition("…")
    return bool(cut) and folded(whole).endswith(end) and folded(whole).startswith(start)


def folded(text: str) -> str:
    return re.sub(r"[ \n\t]+", " ", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_seven_are_sorted_by_effect_and_what_speaks_against_them_is_shown(published: Published, language: str) -> None:
    page = published.page(language)
    summary = published.summary()
    tab = published.rows("business_recommendations.csv")

    assert [section.heading for section in page.sections] == [
        sentence(language, row["recommendation"], "advice", "", "") for row in summary
    ]
    for section, row in zip(page.sections, summary, strict=True):
        assert folded(sentence(language, row["recommendation"], f"summary_{row['finding']}", "", row["evidence"])) in folded(section.text)
        assert folded(sentence(language, row["recommendation"], "method", "", "")) in folded(section.text)
        if int(row["contradicted"]):
            against = [one for one in tab if one["recommendation"] == row["recommendation"] and one["verdict"] == "contradicted"]
            assert any(is_said(one[f"sentence_{language}"], section.findings[-1]) for one in against)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_effect_of_campaigns_which_ran_once_is_that_of_campaigns_that_recur(published: Published, language: str) -> None:
    always, recurring = {"en": ("a year", ", if repeated"), "fr": ("par an", ", si répétées")}[language]
    for section, row in zip(published.page(language).sections, published.summary(), strict=True):
        claims = Decimal(row["yearly_effect"]) != 0 or Decimal(row["opposed_effect"]) != 0
        assert (f"{always}{recurring}" in folded(section.text)) is (claims and row["recommendation"] == "promote_low_season")
        assert not Decimal(row["yearly_effect"]) or always in folded(section.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_has_two_pages(published: Published, hostile: Published, language: str) -> None:
    assert pages(published.pdf(language)) == 2
    assert pages(hostile.pdf(language)) == 2


def test_the_page_says_its_language_and_fetches_nothing(published: Published) -> None:
    for language in LANGUAGES:
        page = published.page(language)
        assert ("lang", language) in page.attributes
        assert page.tags <= TAGS
        assert {name for name, _ in page.attributes if name.startswith("on")} == set()
        assert {name for name, _ in page.attributes} & {"href", "src", "id", "xlink:href", "action"} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_from_the_export_are_shown_as_text(hostile: Published, language: str) -> None:
    page = hostile.page(language)

    assert page.tags <= TAGS
    assert {name for name, _ in page.attributes if name.startswith("on")} == set()
    text = page.before.text + "".join(section.text for section in page.sections)
    for name in ("<img src=x onerror", "<script>alert(", "<b>Vin #strike[x]", "$ 🍾, x=1; 2023-01", "#panic("):
        assert name in text, name
    assert "\u202e" not in text
    assert "W" * 100 not in text
    assert len(page.sections) == len(SEVEN)


def test_a_name_is_data_to_the_pdf_and_never_markup(hostile_shop: Warehouse) -> None:
    content = content_of(hostile_shop, "en")
    evil = '#panic("run") $ #read("/etc/passwd") ] ) } " \\ @x <y> #import "@preview/x:1.0.0": *'

    pdf = pdf_of(replace(content, opening=[(evil, evil)], period=evil, kpis=[(evil, evil)]))  # run as markup, this would fail

    assert pages(pdf) == 2


def test_no_text_is_too_long_for_the_two_pages(hostile_shop: Warehouse) -> None:
    content = content_of(hostile_shop, "fr")
    endless = "sans fin et " * 400
    longer = [
        replace(
            one, sentence=endless, method=endless, heading=endless, opposed=endless, findings=[replace(one.findings[0], sentence=endless)]
        )
        for one in content.advice
        if one.findings
    ]

    assert pages(pdf_of(replace(content, opening=[("x", endless)] * 3, advice=[*longer, *longer][: len(SEVEN)]))) == 2


def test_the_same_tables_give_the_same_bytes_wherever_they_are_rendered(
    hostile_shop: Warehouse, hostile: Published, tmp_path: Path
) -> None:
    code = """
import datetime as dt, sys
from pathlib import Path
from bottleneck_assets.engine.warehouse import Warehouse
from bottleneck_assets.render.occasion import Occasion
from bottleneck_assets.documents.catalog import RECOMMENDATIONS
now = dt.datetime.now(dt.UTC)
RECOMMENDATIONS.render(Occasion(Warehouse(Path(sys.argv[1])), Path("other.db"), "", now, now), Path(sys.argv[2]))
"""
    (tmp_path / "report").mkdir()
    write_a_wide_font(tmp_path / ".fonts" / "wide.ttf")
    elsewhere = {
        **os.environ,
        "HOME": str(tmp_path),
        "TZ": "Pacific/Auckland",
        "LANG": "C",
        "PYTHONHASHSEED": "7",
        "SOURCE_DATE_EPOCH": "1",
    }
    subprocess.run([sys.executable, "-c", code, str(hostile_shop.root), str(tmp_path)], check=True, env=elsewhere)

    for file in RECOMMENDATIONS.files:
        assert (tmp_path / file).read_bytes() == (hostile.folder / file).read_bytes(), file


def write_a_wide_font(path: Path) -> None:
    """Write a font that has what the charts' own lacks, a glass of wine, too wide for any chart."""
    path.parent.mkdir()
    pen = TTGlyphPen(None)
    for move, corner in ((pen.moveTo, (0, 0)), (pen.lineTo, (0, 700)), (pen.lineTo, (30_000, 700)), (pen.lineTo, (30_000, 0))):
        move(corner)
    pen.closePath()
    glyphs = {".notdef": pen.glyph(), "wine": pen.glyph()}
    font = FontBuilder(1000)
    font.setupGlyphOrder(list(glyphs))
    font.setupCharacterMap({ord("🍷"): "wine"})
    font.setupGlyf(glyphs)
    font.setupHorizontalMetrics(dict.fromkeys(glyphs, (30_000, 0)))
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": "Wide", "styleName": "Regular", "psName": "Wide-Regular"})
    font.setupOS2()
    font.setupPost()
    font.save(path)


def without_promotions() -> Rows:
    rows = minimal_rows()
    rows["Promo"] = [promo_row("2021-01", SPIRIT)]  # of a month without a price: quarantined
    return rows


def without_ratings() -> Rows:
    rows = minimal_rows()
    for row in rows["Web"]:
        row |= {"Average_rating": "", "Rating_count": 0}
    return rows


def with_nothing_to_say() -> Rows:
    """Return a shop that sold nothing in its only month, and keeps a gift card alone."""
    return {
        "Web": [web_row(GIFT, Segment="Offres commerciales")],
        "Finance": [finance_row("2022-10", GIFT)],
        "Sales": [sales_row("2022-10", GIFT, Sales=0, Stock=0)],
        "Promo": [promo_row("2021-01", GIFT)],
    }


@pytest.mark.parametrize("rows", [minimal_rows, without_promotions, without_ratings, with_nothing_to_say])
def test_a_shop_with_little_to_say_gets_its_two_pages_too(rows: Callable[[], Rows], tmp_path: Path) -> None:
    published = rendered(built(tmp_path / "shop", rows(), READS), tmp_path / "release")

    for language, nothing in (("en", "Nothing to draw"), ("fr", "Rien à représenter")):
        page = published.page(language)
        assert pages(published.pdf(language)) == 2
        assert len(page.sections) == len(SEVEN)
        assert any(nothing in section.text for section in page.sections)
        assert not {"None", "nan", "NaN", "null"} & set(re.findall(r"\w+", "".join(section.text for section in page.sections)))


def test_a_recommendation_without_findings_says_so_once(tmp_path: Path) -> None:
    page = rendered(built(tmp_path / "shop", with_nothing_to_say(), READS), tmp_path / "release").page("en")

    (stock,) = (section for section in page.sections if section.heading == "Set stock thresholds by segment")
    assert "nothing to report" in stock.text
    assert stock.text.count("No threshold can be set") == 1
    assert stock.findings == []


def test_the_document_declares_its_files_and_tables(hostile: Published) -> None:
    assert RECOMMENDATIONS in DOCUMENTS
    assert sorted(path.name for path in (hostile.folder / "report").iterdir()) == sorted(Path(file).name for file in RECOMMENDATIONS.files)
    source = Path(charts.__file__).with_name("recommendations.py").read_text(encoding="utf-8")
    used = set(re.findall(r"(?:raw|clean|extract|kpi|recommendation|presentation)\.[a-z_]+", source)) - {"kpi.rating_and_sales"}
    assert used == set(READS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_says_how_prices_are_read_and_how_far_the_data_goes(hostile: Published, language: str) -> None:
    page = hostile.page(language)

    assert {"en": "Sale prices in the export are read as including VAT", "fr": "lus\u00a0TTC"}[language] in page.before.text
    assert {"en": "data as of 30 September 2023", "fr": "données au 30 septembre 2023"}[language] in page.before.text


def test_charts_have_the_width_of_half_a_page(hostile_shop: Warehouse) -> None:
    for language in LANGUAGES:
        for one in content_of(hostile_shop, language).advice:
            assert one.chart is not None
            width = float(re.findall(r'<svg[^>]*? width="([\d.]+)"', one.chart.svg)[0])
            height = float(re.findall(r'<svg[^>]*? height="([\d.]+)"', one.chart.svg)[0])
            assert 200 <= width <= 335, one.heading
            assert height <= width * 0.8, "it would not fill the width of its column in the PDF"
            assert "NaN" not in one.chart.svg
            assert "undefined" not in one.chart.svg


def test_the_charts_are_valid_vega_lite(hostile_shop: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[dict[str, Any]] = []
    draw = vl_convert.vegalite_to_svg
    monkeypatch.setattr(vl_convert, "vegalite_to_svg", lambda spec, **given: drawn.append(spec) or draw(spec, **given))
    content_of(hostile_shop, "en")
    assert len(drawn) == len(SEVEN)
    for spec in drawn:  # where they are drawn for a reader nobody looks: it takes longer than to draw them
        validate_jsonschema(spec, load_schema())


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_a_chart_is_printed_over_another(published: Published, hostile: Published, language: str) -> None:
    for page in (published, hostile):
        for chart in page.charts(language).values():
            texts = sorted(texts_of(chart), key=lambda text: text.left)
            for place, one in enumerate(texts):
                for other in texts[place + 1 :]:
                    beside = other.left >= one.right - 1
                    assert beside or abs(one.y - other.y) > 0.8 * min(one.size, other.size), (one, other)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_charts_of_campaigns_show_each_by_its_type_and_days_or_say_how_many_they_leave_out(published: Published, language: str) -> None:
    months = {
        "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
        "fr": ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."],
    }[language]
    for name, apart in (("promote_low_season", ", "), ("protect_best_sellers", " ")):
        by_column = sorted(texts_of(published.charts(language)[name]), key=lambda text: (round(text.right), text.y))
        shown = " ".join(text.said for text in by_column)
        campaigns = [row for row in published.rows(f"recommendations/{name}.csv") if row["starts_on"]]
        missing = 0
        for row in campaigns:
            start, end = (dt.date.fromisoformat(row[column]) for column in ("starts_on", "ends_on"))
            assert (start.year, start.month) == (end.year, end.month)
            days = f"{start.day}–{end.day} {months[end.month - 1]} {end.year}"
            missing += f"{row['product_type']}{apart}{days}" not in shown
        (section,) = (one for one in published.page(language).sections if one.heading == sentence(language, name, "advice", "", ""))
        left_out = {"en": f": {missing} of {len(campaigns)} (", "fr": f": {missing} sur {len(campaigns)} ("}[language]
        assert (left_out in section.text) is (missing > 0)
        assert missing < len(campaigns)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_product_type_is_in_the_charts_of_stock_and_costs_or_named_beside_them(published: Published, language: str) -> None:
    for name in ("stock_thresholds", "pass_on_costs"):
        (section,) = (one for one in published.page(language).sections if one.heading == sentence(language, name, "advice", "", ""))
        shown = [text.said for text in texts_of(published.charts(language)[name])]
        named = section.text.partition({"en": "Not in the chart", "fr": "Hors du graphique"}[language])[2]
        for row in published.rows(f"recommendations/{name}.csv"):
            assert row["scope"] in shown or row["scope"] in named


def test_products_of_one_name_differ_by_their_numbers_in_the_chart(published: Published, hostile: Published) -> None:
    for page in (published, hostile):
        texts = [text.said for text in texts_of(page.charts("en")["free_cash"])]
        assert len(numbered := [text for text in texts if re.fullmatch(r"\(\d+\)", text)]) == 8
        assert len(set(numbered)) == 8


def test_a_chart_says_which_types_it_has_no_room_for() -> None:
    rows = [
        {"scope": f"Type {place}", "products": 20 - place, "products_below": 1, "products_above": 2, "segment": "S"} for place in range(11)
    ]
    for language, said in (("en", ": 2 of 11 (Type 9 · Type 10)."), ("fr", ": 2 sur 11 (Type 9 · Type 10).")):
        chart = charts.stock_thresholds(rows, language)
        assert chart is not None
        assert chart.left_out.endswith(said)
        assert "Type 9" not in chart.svg


@given(st.text(), st.integers(2, 60))
def test_a_shortened_text_is_one_line_that_can_be_printed(text: str, length: int) -> None:
    short = shorten(text, length)

    assert len(short) <= length
    assert short.isprintable()
    assert short == short.strip()
    assert shorten(short, length) == short


def test_loading_the_report_loads_no_library_that_draws() -> None:
    code = """
import json, sys
import bottleneck_assets.render.report.recommendations
print(json.dumps([name for name in ("altair", "vl_convert", "typst", "jinja2", "pandas", "numpy") if name in sys.modules]))
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert json.loads(done.stdout) == []
