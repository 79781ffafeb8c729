"""What every sheet shows is there: its shelves, run as SQL over the packaged extract, and the figures that everyone looks at first."""

from __future__ import annotations

import csv
import sys
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
from lxml import etree

from bottleneck_assets_tests.render.tableau.shelves import Shelves, shelves_of

if TYPE_CHECKING:
    from pathlib import Path

    from bottleneck_assets_tests.render.tableau.conftest import Packaged

HEADLINE_CARDS = {
    "revenue": ("Revenue (incl. VAT)", ["Overview", "Top Products", "Customer Preferences", "Segments"]),
    "revenue_excl_vat": ("Revenue (excl. VAT)", ["Overview", "Inflation & Margin"]),
    "gross_margin": ("Gross margin (excl. VAT)", ["Overview", "Inflation & Margin"]),
    "gross_margin_rate": ("Gross margin rate (excl. VAT)", ["Inflation & Margin"]),
    "units": ("Units sold", ["Overview", "Top Products"]),
    "stock_turnover": ("Stock turnover", ["Overview", "Segments", "Stock Turnover"]),
    "purchase_price_index": ("Purchase price index", ["Overview", "Inflation & Margin"]),
    "promo_incremental_roi": ("Promotion ROI, incremental", ["Overview", "Promotions & ROI"]),
    "promo_margin_roi": ("Promotion ROI on paper", ["Promotions & ROI"]),
    "average_rating": ("Average customer rating", ["Overview", "Customer Preferences"]),
    "comments_per_100_units": ("Comments per 100 units", ["Overview", "Customer Preferences"]),
    "commented_share": ("Products with a comment", ["Overview", "Customer Preferences"]),
}
"""The cards that show each headline KPI: the same figure on every tab, though each tab computes it from another table."""
SHORT_OF_ROOM = {"gross_margin_rate": ("Gross margin rate", ["Overview", "Top Products", "Segments"])}
"""The cards of a headline KPI where the label leaves VAT to the note."""


class Reader:
    """Runs the shelves of a package's sheets over its extracts, with one engine."""

    def __init__(self, package: Path, folder: Path, process: Any) -> None:
        with ZipFile(package) as packed:
            packed.extractall(folder)
        self.root = etree.parse(folder / "BottleNeck.twb").getroot()
        self.sheets = {str(sheet.get("name")): sheet for sheet in self.root.iterfind("worksheets/worksheet")}
        self._folder = folder
        self._process = process

    def choose(self, caption: str, value: str) -> None:
        """Set a parameter to a value of its list."""
        (column,) = self.root.iterfind(f"datasources/datasource[@name='Parameters']/column[@caption='{caption}']")
        assert value in {member.get("value") for member in column.iterfind("members/member")}
        column.set("value", value)

    def rows(self, sheet: str) -> tuple[Shelves, list[list[Any]]]:
        """Return what stands on a sheet, and its marks."""
        shelves = shelves_of(self.sheets[sheet], self.root)
        return shelves, self.query(shelves.source, shelves.select)

    def query(self, source: str, select: str) -> list[list[Any]]:
        """Return the rows of a SELECT over the extract of a data source."""
        path = self._folder / str(self.root.find(f"datasources/datasource[@name='{source}']//connection[@class='hyper']").get("dbname"))
        from tableauhyperapi import Connection

        with Connection(self._process.endpoint, path) as connection:
            return connection.execute_list_query(select)

    def figure(self, card: str) -> float:
        """Return the one figure of a card."""
        _, ((value, *_),) = self.rows(card)
        return float(value)


@pytest.fixture(params=["file", "live"])
def reader(request: pytest.FixtureRequest, packaged: Packaged, process: Any, tmp_path: Path) -> Reader:
    return Reader(getattr(packaged, request.param), tmp_path, process)


def table(release: Path, path: str) -> list[dict[str, str]]:
    with (release / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_sheet_has_rows_and_every_measure_on_it_a_value(reader: Reader) -> None:
    empty, marks = [], 0
    for name in reader.sheets:
        shelves, rows = reader.rows(name)
        marks += len(rows)
        columns = [*shelves.headers, *shelves.measures]
        empty += [f"{name}: {column}" for place, column in enumerate(columns) if all(row[place] is None for row in rows)]
    sys.stdout.write(f"{len(reader.sheets)} sheets, {marks} marks\n")
    assert not empty


@pytest.mark.parametrize("kpi", HEADLINE_CARDS)
def test_a_headline_figure_is_the_releases_own_on_every_tab(kpi: str, reader: Reader, packaged: Packaged) -> None:
    (expected,) = (float(row["value"]) for row in table(packaged.release, "kpis/headline.csv") if row["kpi"] == kpi)
    for label, tabs in (HEADLINE_CARDS[kpi], SHORT_OF_ROOM.get(kpi, ("", []))):
        for tab in tabs:
            assert reader.figure(f"{label} ({tab})") == pytest.approx(expected, rel=1e-9), tab


def test_no_headline_figure_is_left_out(packaged: Packaged) -> None:
    assert {row["kpi"] for row in table(packaged.release, "kpis/headline.csv")} == HEADLINE_CARDS.keys()


def test_stock_above_its_ceiling_is_what_the_recommendation_says(reader: Reader, packaged: Packaged) -> None:
    expected = sum(float(row["value_above_ceiling"]) for row in table(packaged.release, "recommendations/stock_thresholds.csv"))
    assert reader.figure("Stock above the ceiling (Stock Turnover)") == pytest.approx(expected, rel=1e-6)


def test_products_out_of_bounds_are_those_of_the_release(reader: Reader, packaged: Packaged) -> None:
    states = [row["state"] for row in table(packaged.release, "kpis/stock_thresholds.csv")]
    assert reader.figure("Below the reorder point (Stock Turnover)") == states.count("below reorder point")
    assert reader.figure("Above the ceiling (Stock Turnover)") == states.count("above ceiling")


def test_findings_are_counted_as_the_summary_counts_them(reader: Reader, packaged: Packaged) -> None:
    summary = table(packaged.release, "recommendations/summary.csv")
    for card, column in {
        "Findings that support the advice": "supported",
        "Findings that contradict it": "contradicted",
        "Findings that cannot tell": "inconclusive",
    }.items():
        assert reader.figure(f"{card} (Business Recommendations)") == sum(int(row[column]) for row in summary)


def test_the_waterfall_ends_at_the_margin_beyond_the_baseline(reader: Reader) -> None:
    shelves, rows = reader.rows("Margin beyond the baseline")
    ends = [*shelves.headers, *shelves.measures].index("[usr:so_far_incremental_margin:qk]")
    last = max(rows, key=lambda row: (row[0].to_date(), row[1].to_date(), row[2]))
    assert float(last[ends]) == pytest.approx(reader.figure("Margin beyond the baseline (Promotions & ROI)"), rel=1e-9)


def test_a_campaign_is_its_days_and_a_product_type(reader: Reader, packaged: Packaged) -> None:
    expected: dict[tuple[str, ...], float] = {}
    for row in table(packaged.release, "promotions_roi.csv"):
        key = (row["starts_on"], row["ends_on"], row["product_type"])
        expected[key] = expected.get(key, 0) + float(row["uplift_units"] or 0)
    shelves, rows = reader.rows("Incremental ROI of each campaign")
    lifted = [*shelves.headers, *shelves.measures].index("[sum:uplift_units:qk]")
    lifts = {(*(day.to_date().isoformat() for day in row[:2]), row[2]): float(row[lifted] or 0) for row in rows}
    assert lifts == pytest.approx(expected, rel=1e-9)


def test_a_list_of_the_first_is_as_long_as_its_parameter(reader: Reader) -> None:
    _, rows = reader.rows("The products with the most revenue (incl. VAT)")
    assert len(rows) == 15


def test_a_card_says_how_its_last_month_differs_from_the_one_before(reader: Reader, packaged: Packaged) -> None:
    rows = table(packaged.release, "overview.csv")
    *_, before, last = sorted({row["month"] for row in rows})

    def total(month: str, column: str) -> float:
        return sum(float(row[column]) for row in rows if row["month"] == month)

    for card, column in {"Revenue (incl. VAT)": "revenue", "Units sold": "units", "Gross margin (excl. VAT)": "gross_margin"}.items():
        _, ((_, change),) = reader.rows(f"{card} (Overview)")
        assert float(change) == pytest.approx(total(last, column) / total(before, column) - 1, rel=1e-9), card
    rate, rate_before = (total(month, "gross_margin") / total(month, "revenue_excl_vat") for month in (last, before))
    for card in ("Gross margin rate (Overview)", "Gross margin rate (excl. VAT) (Inflation & Margin)"):
        _, ((_, points),) = reader.rows(card)
        assert float(points) == pytest.approx(100 * (rate - rate_before), rel=1e-9)


def test_the_line_on_the_data_says_as_of_which_day_it_is_and_when_the_file_was_received(reader: Reader) -> None:
    _, ((day, received, start, end),) = reader.rows("Data as of")
    assert day.to_date().isoformat() == "2023-10-31"
    assert received == "2026-11-24 08:30 UTC"
    assert start.to_date() < end.to_date() <= day.to_date()
