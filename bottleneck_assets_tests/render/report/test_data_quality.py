"""Proves that every number on the page of the export's quality follows from the release's CSVs, and that nothing in an export breaks it."""

import datetime as dt
import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bottleneck_assets.documents.catalog import DATA_QUALITY
from bottleneck_assets.engine.warehouse import Table, Warehouse
from bottleneck_assets.models.catalog import models, of_layer
from bottleneck_assets.render.occasion import Occasion
from bottleneck_assets.render.report import data_quality
from bottleneck_assets.render.report.data_quality import FILES, Shown, catalogue, share, shown
from bottleneck_assets.render.report.texts import Texts
from bottleneck_assets_tests.conftest import Refreshed
from bottleneck_assets_tests.render.report.in_french import figures, said
from bottleneck_assets_tests.small_export import (
    COLUMNS,
    GIFT,
    SPIRIT,
    WINE,
    Rows,
    built,
    finance_row,
    minimal_rows,
    present,
    promo_row,
    sales_row,
    web_row,
)

NOW = dt.datetime(2024, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
AS_OF = "2024-01-01T22:30:00+00:00"
VOID = {"meta", "br"}
TAGS = {
    "html", "head", "meta", "title", "style", "body", "section", "div", "h1", "h2", "h3", "p", "br", "a", "small", "strong", "code", "span",
    "dl", "dt", "dd", "ol", "li", "main", "table", "thead", "tbody", "tr", "th", "td", "figure", "figcaption",
}  # fmt: skip
NAMES = {"web": "Web", "finance": "Finance", "sales": "Sales", "promo": "Promo", "ca_par_segment": "ca_par_segment"}

ENGLISH = Texts(catalogue()["texts"], "en")

Cells = list[list[str]]


@dataclass
class Section:
    """What a reader sees of one section: its text, and the cells of its tables."""

    text: str = ""
    tables: list[Cells] = field(default_factory=list)


class Page(HTMLParser):
    """The page as a browser would take it: elements and attributes, and what each section shows."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.sections: dict[str, Section] = {"": Section()}
        self._open: list[str] = []
        self._section = ""
        self.feed(html)
        self.close()
        assert self._open == []
        for section in self.sections.values():
            section.text = " ".join(section.text.split())
            section.tables = [[[" ".join(cell.split()) for cell in row] for row in table] for table in section.tables]

    def __getitem__(self, section: str) -> Section:
        return self.sections[section]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self._open.append(tag)
        here = self.sections[self._section]
        if tag == "section":
            self._section = dict(attrs)["id"] or ""
            self.sections[self._section] = Section()
        elif tag == "table":
            here.tables.append([])
        elif tag == "tr":
            here.tables[-1].append([])
        elif tag in {"td", "th"}:
            here.tables[-1][-1].append("")
        if tag not in {"code", "small", "strong", "a", "span"}:
            here.text += " "

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag
        if tag == "section":
            self._section = ""

    def handle_data(self, data: str) -> None:
        if "style" in self._open:
            return
        here = self.sections[self._section]
        here.text += data
        if {"td", "th"} & set(self._open):
            here.tables[-1][-1][-1] += data

    def body(self, section: str, table: int = 0) -> Cells:
        """Return the rows of a table without its heading."""
        return self[section].tables[table][1:]

    @property
    def text(self) -> str:
        return " ".join(section.text for section in self.sections.values())


def pages_of(warehouse: Warehouse, folder: Path, export: str = "export.db", now: dt.datetime = NOW) -> dict[str, Page]:
    """Return the page in each language."""
    (folder / "report").mkdir(parents=True, exist_ok=True)
    DATA_QUALITY.render(Occasion(warehouse, Path("/shop") / export, AS_OF, now, now), folder)
    return {language: Page((folder / file).read_text(encoding="utf-8")) for language, file in FILES.items()}


def page_of(warehouse: Warehouse, folder: Path, export: str = "export.db", now: dt.datetime = NOW) -> Page:
    return pages_of(warehouse, folder, export, now)["en"]


@pytest.fixture
def show_both(tmp_path: Path) -> Callable[..., dict[str, Page]]:
    """Return a function that makes the page of an export of a few rows, in each language."""

    def pages(rows: Rows, export: str = "export.db", **options: Any) -> dict[str, Page]:
        return pages_of(built(tmp_path / "built", rows, DATA_QUALITY.reads, **options), tmp_path / "page", export)

    return pages


@pytest.fixture
def show(show_both: Callable[..., dict[str, Page]]) -> Callable[..., Page]:
    """Return a function that makes the page of an export of a few rows, in English."""

    def page(rows: Rows, export: str = "export.db", **options: Any) -> Page:
        return show_both(rows, export, **options)["en"]

    return page


def flawless() -> Rows:
    """Return an export in which nothing is wrong."""
    rows = minimal_rows()
    rows["Web"][2].update({"Contenance": "75cl", "Average_rating": "4"})
    for row in rows["Sales"]:
        row["Orders"] = row["Orders"] or 0
    return rows


def row_of(rows: Rows, table: str, key: str) -> dict[str, Any]:
    return next(row for row in rows[table] if row[f"Key_{table}"] == key)


# --- Computed another way: with pandas, from the files of the release and from the export -------------------------------------


def frame(release: Path, path: str) -> pd.DataFrame:
    """Read a CSV of the release as text, without the apostrophe that keeps spreadsheets from running it."""
    cells = pd.read_csv(release / path, dtype=str, keep_default_na=False)
    return cells.replace(r"^'(?=[=+\-@])", "", regex=True)


def thousands(value: int) -> str:
    return format(int(value), ",").replace("-", "\u2212")


def signed(value: int) -> str:
    return format(int(value), "+,d").replace("-", "\u2212")


def counted(value: int, one: str) -> str:
    return f"{thousands(value) if value else 'no'} {one if value in {0, 1} else f'{one}s'}"


def percent(part: int, whole: int) -> str:
    if part in {0, whole}:
        return "0%" if part == 0 else "100%"
    if part * 10_000 < whole:
        return "under 0.01%"
    return "over 99.99%" if (whole - part) * 10_000 < whole else format(100 * part / whole, ".2f") + "%"


def title(text: str) -> str:
    return text if len(text) <= 44 else f"{text[:44]}…"


def rows_read(export: Path) -> dict[str, int]:
    with closing(sqlite3.connect(export)) as connection:
        held = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        return {name.lower(): connection.execute(f'select count(*) from "{name}"').fetchone()[0] for name in held if name.lower() in NAMES}


def exported_name(release: Path) -> Callable[[str, str], str]:
    listed = frame(release, "quality/export_columns.csv")
    names = {(row.table_name.lower(), row.column_name.lower()): row.column_name for row in listed.itertuples()}
    return lambda table, column: f"{NAMES[table]}.{names[table, column]}"


class Recomputed:
    """What the page must show of a release, computed from its CSVs."""

    def __init__(self, refreshed: Refreshed) -> None:
        self.export, self.release = refreshed.export, refreshed.release
        self.reading = json.loads((self.release / "manifest.json").read_text(encoding="utf-8"))["parameters"]["promo_units"]
        self.web = frame(self.release, "tables/web.csv").astype({"sku": int})
        self.titles = dict(zip(self.web.sku, self.web.title, strict=True))
        counts = dict.fromkeys(("sku", "units", "units_promo", "units_regular", "supplier_orders", "stock_end"), int)
        self.sales = frame(self.release, "tables/sales.csv").astype(counts)
        self.promo = frame(self.release, "tables/promo.csv").astype({"sku": int, "units_promo": int})
        self.finance = frame(self.release, "tables/finance.csv").astype({"sku": int})
        self.sold = self.sales.set_index(["month", "sku"])["units" if self.reading == "included" else "units_regular"].to_dict()
        self.offered = self.promo.set_index(["month", "sku"]).units_promo.to_dict()
        self.name = exported_name(self.release)

    def ledger(self) -> pd.DataFrame:
        """The ledger again, from the published sales, promotions and products."""
        stocked = set(self.web[self.web.is_stocked == "true"].sku)
        stock = self.sales.set_index(["month", "sku"]).stock_end.to_dict()
        found: list[dict[str, Any]] = []
        for row in self.sales[self.sales.sku.isin(stocked)].itertuples():
            key = (row.month, row.sku)
            before = ((pd.Timestamp(str(row.month)) - pd.DateOffset(months=1)).strftime("%Y-%m-%d"), row.sku)
            if before not in stock:
                continue
            expected = stock[before] + row.supplier_orders - self.sold[key]
            offered = self.offered.get(key)
            found.append(
                {
                    "month": row.month[:7],
                    "sku": row.sku,
                    "before": stock[before],
                    "orders": row.supplier_orders,
                    "sold": self.sold[key],
                    "offered": offered or 0,
                    "promoted": offered is not None,
                    "stock": row.stock_end,
                    "off_included": row.stock_end - expected,
                    "off_excluded": row.stock_end - expected + (offered or 0),
                }
            )
        ledger = pd.DataFrame(found)
        ledger["off"] = ledger[f"off_{self.reading}"]
        return ledger

    def balance(self) -> Cells:
        accounts = frame(self.release, "quality/row_accounting.csv").set_index("source_table")
        counts = [
            [rows_read(self.export)[table], *map(int, accounts.loc[table][["rows_kept", "rows_quarantined", "duplicates_dropped"]])]
            for table in NAMES
            if table in rows_read(self.export)
        ]
        sums = [sum(column) for column in zip(*counts, strict=True)]
        named = [*(NAMES[table] for table in NAMES if table in rows_read(self.export)), "All"]
        return [[name, *map(thousands, row), percent(row[2], row[0])] for name, row in zip(named, [*counts, sums], strict=True)]

    def quarantine(self) -> tuple[Cells, Cells]:
        rows = frame(self.release, "quality/quarantine.csv").astype({"row_number": int})
        groups = [
            (-len(group), group.source_table.iloc[0], group.column_name.iloc[0], group.reason.iloc[0], group.column_value.iloc[0])
            for _, group in rows.groupby(["source_table", "column_name", "reason"])
        ]
        reasons = [
            [self.name(table, column), reason, thousands(-count), value, catalogue()["reasons"][reason][1]]
            for count, table, column, reason, value in sorted(groups)
        ]
        listed = [
            [NAMES[row.source_table], thousands(row.row_number), row.record_key, self.name(row.source_table, row.column_name).split(".")[1],
             row.column_value, row.reason]
            for row in rows.head(20).itertuples()
        ]  # fmt: skip
        return reasons, listed

    def imputed(self) -> Cells:
        rows = frame(self.release, "quality/imputation.csv").astype({"cells_treated": int, "rows_kept": int})
        rows = rows[rows.cells_treated > 0].sort_values("cells_treated", ascending=False, kind="stable")
        return [
            [self.name(row.source_table, row.column_name), row.treatment, thousands(row.cells_treated), thousands(row.rows_kept),
             percent(row.cells_treated, row.rows_kept)]
            for row in rows.itertuples()
        ]  # fmt: skip

    def largest(self) -> Cells:
        off = self.ledger().query("off != 0")
        off = off.assign(size=off.off.abs()).sort_values(["size", "month", "sku"], ascending=[False, True, True]).head(10)
        return [
            [
                row.month,
                f"{row.sku} {title(self.titles[row.sku])}",
                *map(thousands, [row.before, row.orders, row.sold]),
                *([thousands(row.offered)] if self.reading == "excluded" else []),
                *map(thousands, [row.stock - row.off, row.stock]),
                f"{thousands(abs(row.off))} {'more' if row.off > 0 else 'fewer'}",
                "= the order" if row.off < 0 and row.off == -row.orders else "",
            ]
            for row in off.itertuples()
        ]

    def grid(self) -> Cells:
        ledger = self.ledger()
        off = ledger.query("off != 0")
        months = sorted(set(ledger.month))[-12:]
        products = [(-len(group), -group.off.abs().sum(), sku, group) for sku, group in off.groupby("sku")]
        return [
            [
                f"{sku} {title(self.titles[sku])}",
                *(next((signed(value) for value in group[group.month == month].off), "") for month in months),
                str(len(group)),
                signed(group.off.sum()),
            ]
            for _, _, sku, group in sorted(products, key=lambda product: product[:3])[:10]
        ]

    def exceeding(self) -> pd.DataFrame:
        rows = [
            {"month": month[:7], "sku": sku, "sold": self.sold[month, sku], "offered": offered, "excess": offered - self.sold[month, sku]}
            for (month, sku), offered in self.offered.items()
            if (month, sku) in self.sold and offered > self.sold[month, sku]
        ]
        columns = ["month", "sku", "sold", "offered", "excess"]
        return pd.DataFrame(rows, columns=columns).sort_values(["excess", "month", "sku"], ascending=[False, True, True])

    def early(self) -> pd.DataFrame:
        """Products that sold in a month before that of their page, the most months first."""
        rows = self.sales[self.sales.units > 0].merge(self.web[["sku", "created_on"]], on="sku")
        rows = rows[[day > f"{month[:7]}-31" for day, month in zip(rows.created_on, rows.month, strict=True)]]
        found = rows.groupby(["sku", "created_on"]).agg(first=("month", "min"), months=("month", "size"), units=("units", "sum"))
        return found.reset_index().sort_values(["months", "units", "sku"], ascending=[False, False, True])

    def at_list_price(self) -> Cells:
        """Months and types of promotions that ran all month, with half or more of their units at list price."""
        promo = self.promo.merge(self.sales[["month", "sku", "units", "units_promo"]], on=["month", "sku"], suffixes=("_offered", ""))
        promo = promo.merge(self.web[["sku", "segment", "product_type"]], on="sku")
        ends = [f"{pd.Period(month[:7]).end_time:%Y-%m-%d}" for month in promo.month]
        promo = promo[(promo.starts_on <= promo.month) & (promo.ends_on >= ends)]
        found: Cells = []
        for (month, _, kind), rows in promo.groupby(["month", "segment", "product_type"]):
            units, regular = rows.units.sum(), (rows.units - rows.units_promo).sum()
            if units and 2 * regular >= units:
                found.append([month[:7], kind, *map(thousands, (len(rows), units, regular)), percent(regular, units)])
        return found

    def outside(self) -> Cells:
        headline = frame(self.release, "kpis/headline.csv").iloc[0]
        months = sorted({*self.finance.month, *self.sales.month, *self.promo.month})
        return [
            [
                month[:7],
                *(thousands((table.month == month).sum()) for table in (self.finance, self.sales, self.promo)),
                thousands(self.sales[self.sales.month == month].units.sum()),
                format(sum(map(Decimal, self.sales[self.sales.month == month].revenue)), ",.2f"),
            ]
            for month in months
            if not headline.period_start <= month <= headline.period_end
        ]


RELEASES = ["refreshed_sample", "refreshed_excluded_sample", "refreshed_real"]


@dataclass(frozen=True)
class Case:
    page: Page
    french: Page
    expected: Recomputed


_cases: dict[str, Case] = {}


@pytest.fixture(params=RELEASES)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    """The page of a release, and what it must show."""
    if request.param not in _cases:
        refreshed: Refreshed = request.getfixturevalue(request.param)
        warehouse = Warehouse(refreshed.data_dir / "warehouse")
        present(warehouse, {})
        pages = pages_of(warehouse, tmp_path_factory.mktemp("page"), refreshed.export.name)
        warehouse.close()
        _cases[request.param] = Case(pages["en"], pages["fr"], Recomputed(refreshed))
    return _cases[request.param]


def test_the_balance_is_that_of_the_export_and_the_row_accounting(case: Case) -> None:
    expected = case.expected.balance()

    assert case.page.body("balance") == expected
    for read, *parts in ([int(cell.replace(",", "")) for cell in row[1:5]] for row in expected):
        assert read == sum(parts)
    _, *totals, quarantined_share = expected[-1]
    tiles = f"Rows read {totals[0]} Kept {totals[1]} In quarantine {totals[2]} Dropped as copies {totals[3]}"
    assert tiles in case.page["verdict"].text
    assert f"{totals[2]} row of {totals[0]} ({quarantined_share}) cannot be used and is in no figure" in case.page["verdict"].text


def test_what_was_quarantined_is_that_of_the_quarantine(case: Case) -> None:
    reasons, listed = case.expected.quarantine()

    assert reasons
    assert case.page.body("quarantine", 0) == reasons
    assert case.page.body("quarantine", 1) == listed


def test_what_was_imputed_is_that_of_the_imputation_and_of_the_export(case: Case) -> None:
    found = case.page.body("imputed")

    assert [row[:5] for row in found] == case.expected.imputed()
    with closing(sqlite3.connect(case.expected.export)) as connection:
        ((empty,),) = connection.execute("select count(*) from Sales where trim(coalesce(Orders, '')) = ''")
    assert next(row[2] for row in found if row[0] == "Sales.Orders") == thousands(empty)


def test_the_ledger_is_that_of_the_published_sales_promotions_and_products(case: Case) -> None:
    ledger = case.expected.ledger()
    off = ledger.query("off != 0")
    text = case.page["ledger"].text
    short = int(((off.off < 0) & (off.off == -off.orders)).sum())

    balanced = len(ledger) - len(off)
    assert f"{thousands(balanced)} of {thousands(len(ledger))} rows balance ({percent(balanced, len(ledger))}); {len(off)} do not" in text
    more, fewer = off[off.off > 0].off.sum(), -off[off.off < 0].off.sum()
    assert f"of {off.sku.nunique()} products: {counted(more, 'unit')} more than expected, and {counted(fewer, 'unit')} fewer." in text
    assert ("short by just what was ordered" in text) is (short > 0)
    assert not short or f"{short} row" in text
    assert len(off) > 10
    assert case.page.body("ledger", 0) == case.expected.grid()
    assert case.page.body("ledger", 1) == case.expected.largest()
    assert f"And {len(off) - 10} more, in quality/stock_ledger_exceptions.csv." in text
    exceptions = frame(case.expected.release, "quality/stock_ledger_exceptions.csv")
    assert sorted(zip(exceptions.month.str[:7], exceptions.sku.astype(int), strict=True)) == sorted(zip(off.month, off.sku, strict=True))


def test_the_evidence_of_the_promotion_units_is_that_of_the_published_sales_and_promotions(case: Case) -> None:
    promoted = case.expected.ledger().query("promoted")
    counts = {reading: int((promoted[f"off_{reading}"] == 0).sum()) for reading in ("included", "excluded")}

    set_to = case.expected.reading
    assert case.page.body("promotions", 0) == [
        [
            meaning,
            thousands(counts[reading]),
            thousands(len(promoted)),
            percent(counts[reading], len(promoted)),
            "set" * (reading == set_to),
        ]
        for reading, meaning in (("included", "includes the promotion units"), ("excluded", "leaves them out"))
    ]
    assert counts[set_to] > 100 > sum(counts.values()) - counts[set_to]
    assert f"so it is set (promo_units = {set_to})" in case.page["promotions"].text


def test_promotions_that_exceed_the_sales_are_listed_where_that_is_a_contradiction(case: Case) -> None:
    exceeding = case.expected.exceeding()
    text = case.page["promotions"].text

    assert len(exceeding) > 0
    assert f"{counted(len(exceeding), 'promotion')} with more units in Sales_Offer than in Sales" in text
    if case.expected.reading == "excluded":
        assert "that is no contradiction" in text
        assert len(case.page["promotions"].tables) == 1
        return
    assert f"{counted(exceeding.excess.sum(), 'unit')} do not" in text
    assert case.page.body("promotions", 1) == [
        [row.month, f"{row.sku} {title(case.expected.titles[row.sku])}", str(row.sold), str(row.offered), str(row.excess)]
        for row in exceeding.head(10).itertuples()
    ]


def test_the_thirteenth_month_the_products_and_the_columns_are_those_of_the_published_tables(case: Case) -> None:
    expected = case.expected
    text = case.page["coverage"].text
    orphans = expected.finance[~expected.finance.sku.isin(expected.web.sku)]

    assert "The export covers 13 months, 2022-10 to 2023-10; the KPIs cover 12 months, 2022-10 to 2023-09, a full year" in text
    assert case.page.body("coverage") == expected.outside()
    assert [row[0] for row in expected.outside()] == ["2023-10"]
    assert f"{orphans.sku.nunique()} products priced in Finance ({thousands(len(orphans))} rows)" in text
    first = ", ".join(map(str, sorted(set(orphans.sku))[:10]))
    assert f"The first: {first}; the others" in text
    assert (frame(expected.release, "quality/export_columns.csv").is_known == "true").all()
    assert "Columns that are not read: none (quality/export_columns.csv)." in text


def test_what_there_is_to_fix_has_its_counts_from_the_same_files_with_the_most_rows_first(case: Case) -> None:
    expected = case.expected
    imputed = {(row[0], row[1]): row[2] for row in expected.imputed()}
    reasons, _ = expected.quarantine()
    off = expected.ledger().query("off != 0")
    exceeding = expected.exceeding() if expected.reading == "included" else expected.exceeding().head(0)
    bottles = expected.web[(expected.web.volume_cl == "") & (expected.web.is_stocked == "true")]
    orphans = expected.finance[~expected.finance.sku.isin(expected.web.sku) & (expected.finance.is_on_sale == "true")]
    change = {
        "Sales.Stock": len(off),
        **{row[0]: int(row[2]) for row in reasons},
        **({"Promo.Sales_Offer": len(exceeding)} if len(exceeding) else {}),
    }
    tidy = {
        ("Sales.Orders", "empty"): imputed.get(("Sales.Orders", "empty: no supplier order, 0")),
        ("Finance.SKU", "without a usable row in Web"): thousands(len(orphans)) if len(orphans) else None,
        ("Web.Contenance", "states no volume"): imputed.get(("Web.Contenance", "no volume: taken from the title")),
        ("Web.Contenance", "neither does the title"): thousands(len(bottles)) if len(bottles) else None,
        ("Web.Post_modified", "is not a date"): imputed.get(("Web.Post_modified", "not a date: null (no figure depends on it)")),
    }
    table = case.page.body("fix")
    headings = [index for index, row in enumerate(table) if len(row) == 1]

    assert [table[index] for index in headings] == [["Changes figures"], ["Changes no figure"]]
    changing, keeping = table[1 : headings[1]], table[headings[1] + 1 :]
    assert {row[1].split(" ", 1)[0]: int(row[0].split()[0]) for row in changing} == change
    assert [row[0].split()[0] for row in keeping] == sorted(
        filter(None, tidy.values()), key=lambda count: int(count.replace(",", "")), reverse=True
    )
    for rows in (changing, keeping):
        counts = [int(row[0].split()[0].replace(",", "")) for row in rows]
        assert counts == sorted(counts, reverse=True)
    for (where, wrong), count in tidy.items():
        assert count is None or any(row[0].split()[0] == count and row[1].startswith(where) and wrong in row[1] for row in keeping)
    worst = case.page["verdict"].text.split("Most worth fixing ")[1]
    assert worst.startswith(f"{counted(len(off), 'row')}: Sales.Stock is not what the month before")
    assert all(f"{row[0]}: {row[1]}; now {row[2]}. {row[3]}" in worst for row in changing[:3])


def test_products_that_sold_before_their_page_was_written_are_listed(case: Case) -> None:
    early = case.expected.early()
    if early.empty:
        assert "Sold before their page was written None." in case.page["unlikely"].text
    else:
        assert f"{counted(len(early), 'product')} sold {counted(early.units.sum(), 'unit')} in months" in case.page["unlikely"].text
        assert case.page.body("unlikely") == [
            [f"{row.sku} {title(case.expected.titles[row.sku])}", row.created_on, row.first[:7], str(row.months), thousands(row.units)]
            for row in early.head(10).itertuples()
        ]


def test_promotions_on_every_day_of_their_month_that_sold_at_list_price_are_listed(case: Case) -> None:
    wanted = case.expected.at_list_price()
    listed = [row for table in case.page["unlikely"].tables for row in table if table[0][:2] == ["Month", "Product type"]][1:]
    assert listed == wanted


def test_comments_that_repeat_the_ratings_are_counted(case: Case) -> None:
    web = case.expected.web
    repeating = (web.comment_count == web.rating_count).sum()
    assert f"Comment_count is Rating_count on {thousands(repeating)} of {thousands(len(web))} products" in case.page["unlikely"].text


def test_the_real_export_has_the_four_lists_and_a_note_on_products_off_sale(refreshed_real: Refreshed, tmp_path: Path) -> None:
    warehouse = Warehouse(refreshed_real.data_dir / "warehouse")
    page = page_of(warehouse, tmp_path)
    warehouse.close()
    assert "20 products sold" in page["unlikely"].text
    assert ["2023-09", "Vin", "594", "8,026", "4,014", "50.01%"] in page["unlikely"].tables[1]
    assert "Comment_count is Rating_count on 761 of 761 products: the two are one count" in page["unlikely"].text
    assert "Comment_status is closed on 761 of 761 products: nobody can comment" in page["unlikely"].text
    assert "All are off sale (Onsale_Web 0), so there is nothing to correct." in page["coverage"].text
    assert "Finance.SKU" not in page["fix"].text
    assert "Data as of 2023-10-31." in page.text
    assert "file received 2024-01-01 22:30 UTC" in page.text


def test_comments_that_are_counted_apart_and_open_pages_are_no_finding(show: Callable[..., Page]) -> None:
    rows = flawless()
    for row in rows["Web"]:
        row["Comment_status"], row["Comment_count"] = "open", 7
    text = show(rows)["unlikely"].text
    assert "Comment_count is Rating_count on 0 of 3 products: the two are counted apart." in text
    assert text.endswith("Closed comments None.")


def test_a_product_without_a_page_that_is_on_sale_is_to_be_fixed_and_one_off_sale_is_a_note(show: Callable[..., Page]) -> None:
    rows = flawless()
    rows["Finance"] += [finance_row("2022-10", 98, Onsale_Web=0), finance_row("2022-10", 99, Onsale_Web=1)]
    page = show(rows)
    assert "1 of them is on sale: enter what is for sale in Web" in page["coverage"].text
    assert "Finance.SKU is on sale without a usable row in Web (1 product)" in page["fix"].text


def test_every_number_on_the_page_is_one_of_those(case: Case) -> None:
    expected = case.expected
    ledger = expected.ledger()
    off, promoted = ledger.query("off != 0"), ledger.query("promoted")
    orphans = expected.finance[~expected.finance.sku.isin(expected.web.sku)]
    exceeding = expected.exceeding()
    evidence = {reading: int((promoted[f"off_{reading}"] == 0).sum()) for reading in ("included", "excluded")}
    counts = [
        *(len(ledger), len(off), len(ledger) - len(off), len(off) - 10, off.sku.nunique(), off.sku.value_counts().max()),
        *(off[off.off > 0].off.sum(), -off[off.off < 0].off.sum(), ((off.off < 0) & (off.off == -off.orders)).sum()),
        *(len(promoted), len(expected.promo), len(expected.promo) - len(promoted), *evidence.values()),
        *(len(exceeding), exceeding.excess.sum()),
        *(len(orphans), orphans.sku.nunique(), *sorted(set(orphans.sku))[:10]),
        ((expected.web.volume_cl == "") & (expected.web.is_stocked == "true")).sum(),
        expected.sales.month.nunique(),
        12,  # months of the year that the KPIs cover
        10,  # products in the grid
    ]
    early, repeating = expected.early(), expected.web.comment_count == expected.web.rating_count
    on_sale = orphans[orphans.is_on_sale == "true"]
    counts += [len(early), early.units.sum(), len(early) - 10, len(expected.web), repeating.sum(), len(on_sale), on_sale.sku.nunique()]
    tables = [
        expected.at_list_price(),
        early.astype(str).to_numpy().tolist(),
        expected.balance(),
        *expected.quarantine(),
        expected.imputed(),
        expected.largest(),
        expected.grid(),
        expected.outside(),
    ]
    worked_out = [
        *(cell for table in tables for row in table for cell in row),
        *(str(cell) for row in exceeding.to_numpy() for cell in row),
        *(title(expected.titles[sku]) for sku in (*exceeding.sku, *early.sku)),
        *(written(count) for count in counts for written in (thousands, str)),
        *(percent(balanced, len(promoted)) for balanced in evidence.values()),
        percent(len(ledger) - len(off), len(ledger)),
        *(f"{month[:4]} {month[5:]} {month}" for month in ledger.month.unique()),
        *("2022-10", "2023-09", "2023-10", "2023-10-31", "2024-01-01 22:30", expected.export.name),
        *("Enter 1 for yes or 0 for no.", "Enter 0 where none was ordered.", "A 0 would say so."),
    ]

    found = numbers(case.page.text)
    assert len(found) > 100
    assert found - numbers(" ".join(worked_out)) == set()


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\d[\d,.]*\d|\d", text))


# --- Nothing wrong, or something -----------------------------------------------------------------------------------------------


def test_an_export_without_defects_says_so(show: Callable[..., Page]) -> None:
    page = show(flawless())

    assert "Nothing is wrong with this export: every row is used, and nothing needs correcting in the shop." in page["verdict"].text
    assert "worth fixing" not in page["verdict"].text
    assert page["quarantine"].text == "What was set aside Nothing: every row of the export can be used."
    assert page["imputed"].text == "What was filled in Nothing: no cell had to be filled in or left empty."
    assert page["ledger"].text.endswith("4 of 4 rows balance (100%): nothing is off.")
    assert "more units in Sales_Offer than in Sales: none." in page["promotions"].text
    assert "No month is missing in between. Months outside the KPIs: none." in page["coverage"].text
    assert "Products priced in Finance without a usable row in Web: none." in page["coverage"].text
    assert "Columns that are not read: none" in page["coverage"].text
    assert page["fix"].text == "Fix at the source Nothing."


def test_what_nobody_rated_and_a_gift_card_without_a_volume_are_nothing_to_fix(show: Callable[..., Page]) -> None:
    rows = flawless()
    rows["Web"][2].update({"Contenance": "0", "Average_rating": "", "Rating_count": 0})

    page = show(rows)

    assert [row[:5] for row in page.body("imputed")] == [
        ["Web.Average_rating", "empty: nobody rated, null", "1", "3", "33.33%"],
        ["Web.Contenance", "no volume, none in the title: null", "1", "3", "33.33%"],
    ]
    assert page["fix"].text == "Fix at the source Nothing."
    assert "Nothing is wrong" in page["verdict"].text


def test_a_bottle_without_a_volume_is_to_be_fixed_and_changes_no_figure(show: Callable[..., Page]) -> None:
    rows = flawless()
    rows["Web"][0].update({"Contenance": "", "Post_title": "Domaine"})

    page = show(rows)

    assert page.body("fix") == [
        ["Changes no figure"],
        ["1 row", "Web.Contenance states no volume, and neither does the title", "left empty", "Enter the volume."],
    ]
    assert "nothing in it changes a figure; a few cells could be tidier" in page["verdict"].text
    assert "The one thing worth fixing 1 row: Web.Contenance states no volume" in page["verdict"].text


def test_a_copy_is_counted_as_dropped_and_a_contradiction_as_quarantined(show: Callable[..., Page]) -> None:
    rows = flawless()
    copy, other = dict(rows["Sales"][0]), {**rows["Sales"][1], "Sales": 11}
    rows["Sales"] += [copy, other]

    page = show(rows)

    assert page.body("balance")[2] == ["Sales", "11", "9", "1", "1", "9.09%"]
    assert "1 row of 24 (4.17%) cannot be used and is in no figure. Nothing else changes a figure." in page["verdict"].text
    assert page.body("quarantine", 1) == [
        ["Sales", "11", "2022-10_20", "Key_Sales", "2022-10_20", "stands in an earlier row with other values"]
    ]
    assert page.body("fix")[3] == ["1 row", "Sales repeats earlier rows exactly", "dropped", "Export each row once."]


def test_only_the_first_twenty_quarantined_rows_are_listed_and_the_others_counted(show: Callable[..., Page]) -> None:
    rows = flawless()
    rows["Web"] += [web_row(sku, Segment="") for sku in range(101, 126)]

    page = show(rows)

    assert page.body("quarantine", 0) == [["Web.Segment", "is empty", "25", "(empty)", "Fill the cell in."]]
    listed = page.body("quarantine", 1)
    assert [row[2] for row in listed] == [str(sku) for sku in range(101, 121)]
    assert "The first 20 rows" in page["quarantine"].text
    assert "And 5 more, in quality/quarantine.csv." in page["quarantine"].text
    assert "25 rows: Web.Segment is empty; now left out of every figure." in page["verdict"].text


def test_a_reason_shows_the_commonest_value_and_the_first_of_several(show: Callable[..., Page]) -> None:
    rows = flawless()
    rows["Web"] += [web_row(sku, Rating_count=count) for sku, count in enumerate(("one", "two", "three", "three", "two"), 101)]

    assert show(rows).body("quarantine", 0)[0][2:4] == ["5", "two"]


def test_the_page_says_what_is_set_aside_is_worth_and_which_products_are_unknown_for_it(show: Callable[..., Page]) -> None:
    rows = flawless()
    row_of(rows, "Sales", "2022-11_10")["Sales"] = "x"  # 10 a month at 20 €, else
    row_of(rows, "Promo", "2022-11_20")["Price_Offer"] = "cher"

    text = show(rows)["quarantine"].text

    assert "the figures lack 10 units and 200.00 € of revenue because of them. Of 1 row it is not known." in text
    assert "2 products have a promotion, sale or price of the period among them" in text
    assert "leave them out; see quality/unknown_products.csv" in text


def test_a_cell_that_is_null_is_told_from_an_empty_one(show: Callable[..., Page]) -> None:
    rows = flawless()
    rows["Web"].append(web_row(77, Segment=None))

    assert show(rows).body("quarantine", 0)[0][3] == "(null)"


def test_a_table_that_the_export_does_not_hold_is_not_in_the_balance(show: Callable[..., Page], tmp_path: Path) -> None:
    with_it = built(tmp_path / "with", {**flawless(), "ca_par_segment": [{"segment": "Vin", "revenue": "600"}]}, DATA_QUALITY.reads)

    assert [row[0] for row in show(flawless()).body("balance")] == ["Web", "Finance", "Sales", "Promo", "All"]
    assert page_of(with_it, tmp_path / "other").body("balance")[4] == ["ca_par_segment", "1", "1", "0", "0", "0%"]


def test_stock_that_is_off_is_shown_as_the_shop_counted_it(show: Callable[..., Page]) -> None:
    rows = flawless()
    row_of(rows, "Sales", "2022-12_10").update({"Orders": 12})  # ordered, and not come: 30 left as if it had not been

    page = show(rows)

    assert page.body("ledger") == [["2022-12", "10 Domaine 10", "40", "12", "10", "42", "30", "12 fewer", "= the order"]]
    assert "1 does not, of 1 product: no unit more than expected, and 12 units fewer." in page["ledger"].text
    assert "1 row is short by just what was ordered: look whether that delivery came." in page["ledger"].text
    assert "All of them" in page["ledger"].text
    assert len(page["ledger"].tables) == 1


# --- Promotion units -------------------------------------------------------------------------------------------------------------


def excluding() -> Rows:
    """Return an export whose Sales leaves the promotion units out: 4 more have left the stock than Sales says."""
    rows = flawless()
    row_of(rows, "Sales", "2022-11_20")["Stock"] = 36
    row_of(rows, "Sales", "2022-12_20")["Stock"] = 26
    return rows


def test_an_export_that_excludes_promotion_units_is_read_so(show: Callable[..., Page]) -> None:
    page = show(excluding(), promo_units="excluded")

    assert "No, they come on top: so says the stock, and so it is set (promo_units = excluded)." in page["promotions"].text
    assert page.body("promotions") == [["includes the promotion units", "0", "1", "0%", ""], ["leaves them out", "1", "1", "100%", "set"]]
    assert "Stock of the month before + Orders \u2212 Sales \u2212 Sales_Offer should be" in page["ledger"].text
    assert "Nothing is wrong with this export" in page["verdict"].text


def test_a_setting_that_contradicts_the_stock_is_called_that(show: Callable[..., Page]) -> None:
    page = show(excluding())

    assert "The setting contradicts the stock: set is promo_units = included" in page["promotions"].text
    assert page.body("ledger") == [["2022-11", "20 Domaine 20", "50", "0", "10", "40", "36", "4 fewer", ""]]


def test_stock_that_does_not_tell_the_readings_apart_says_so(show: Callable[..., Page]) -> None:
    rows = flawless()
    row_of(rows, "Promo", "2022-11_20")["Sales_Offer"] = 0

    assert "The stock does not tell: both readings balance equally often." in show(rows)["promotions"].text


def test_an_export_without_promotions_has_nothing_to_tell(show: Callable[..., Page]) -> None:
    rows = flawless()
    rows["Promo"] = [promo_row("2022-11", SPIRIT, Price_Offer="free")]  # a table must hold a row; this one goes to quarantine

    assert "Nothing to tell: the export holds no promotion." in show(rows)["promotions"].text


def test_a_promotion_of_more_than_was_sold_is_listed_and_to_be_fixed(show: Callable[..., Page]) -> None:
    rows = flawless()
    row_of(rows, "Promo", "2022-11_20")["Sales_Offer"] = 12

    page = show(rows)

    assert page.body("promotions", 1) == [["2022-11", "20 Domaine 20", "10", "12", "2"]]
    assert "1 row: Promo.Sales_Offer is more than was sold at all (2022-11, product 20: 12 against 10); now 2 units are not counted." in (
        page["verdict"].text
    )
    assert "Every row of the export can be used, but some contradict each other." in page["verdict"].text


def test_a_promotion_without_a_row_of_sales_is_to_be_fixed(show: Callable[..., Page]) -> None:
    rows = flawless()
    rows["Sales"].remove(row_of(rows, "Sales", "2022-11_20"))

    page = show(rows)

    assert "1 promotion without a row of Sales for the month: 4 units of Sales_Offer in no figure." in page["promotions"].text
    assert "Of 1 promotion, 1 cannot be held against the stock" in page["promotions"].text
    assert [
        "1 row",
        "Promo.Key_Promo has no row in Sales",
        "4 units are not counted",
        "Enter the product's row of the month in Sales.",
    ] in (page.body("fix"))


# --- Months ------------------------------------------------------------------------------------------------------------------------


def test_an_export_without_a_full_year_says_so(show: Callable[..., Page]) -> None:
    text = show(flawless())["coverage"].text

    assert "The export covers 3 months, 2022-10 to 2022-12; the KPIs cover 3 months, 2022-10 to 2022-12, not a full year" in text


def test_months_outside_a_period_that_is_set_are_listed_with_what_they_hold(show: Callable[..., Page]) -> None:
    page = show(flawless(), period=("2022-10", "2022-11"))

    assert page.body("coverage") == [["2022-12", "3", "3", "0", "30", "600.00"]]
    assert "This month lies outside the KPIs." in page["coverage"].text


def test_a_month_that_is_missing_is_named_and_to_be_fixed(show: Callable[..., Page], tmp_path: Path) -> None:
    rows = flawless()
    rows["Sales"] = [row for row in rows["Sales"] if "2022-11" not in str(row["Key_Sales"])]
    rows["Promo"] = [promo_row("2022-10", SPIRIT)]

    page = show(rows)

    assert "Missing between others: Sales 2022-11." in page["coverage"].text
    rows["Finance"] = [row for row in rows["Finance"] if "2022-11" not in str(row["Key_Finance"])]
    page = page_of(built(tmp_path / "both", rows, DATA_QUALITY.reads), tmp_path / "page")
    assert "Missing between others: Finance 2022-11, Sales 2022-11." in page["coverage"].text
    assert ["1 month", "Finance, Sales lack months between others", "their sales are in no figure", "Export all months."] in page.body(
        "fix"
    )


def test_an_export_of_one_month_has_no_stock_to_compare(show: Callable[..., Page]) -> None:
    rows = flawless()
    rows["Finance"] = [finance_row("2022-10", sku) for sku in (WINE, SPIRIT, GIFT)]
    rows["Sales"] = [sales_row("2022-10", sku, Orders=0) for sku in (WINE, SPIRIT, GIFT)]
    rows["Promo"] = [promo_row("2022-10", SPIRIT)]

    page = show(rows)

    assert page["ledger"].text == "Does the stock add up? Nothing to compare: no product has two months in a row."
    assert page.body("promotions") == [
        ["includes the promotion units", "0", "0", "no rows", "set"],
        ["leaves them out", "0", "0", "no rows", ""],
    ]


def test_an_export_of_which_nothing_can_be_used_still_has_its_page(show: Callable[..., Page]) -> None:
    rows: Rows = {
        "Web": [web_row(WINE, Segment="")],
        "Finance": [finance_row("2022-10", WINE, Price="dear")],
        "Sales": [sales_row("2022-10", WINE)],
        "Promo": [promo_row("2022-10", WINE)],
    }

    page = show(rows)

    assert page.body("balance")[-1] == ["All", "4", "0", "4", "0", "100%"]
    assert "4 rows of 4 (100%) cannot be used and are in no figure." in page["verdict"].text
    assert "Nothing: no month could be read." in page["coverage"].text


# --- In French -----------------------------------------------------------------------------------------------------------------------

ALIKE = re.compile(
    r"(Web|Finance|Sales|Promo|ca_par_segment)(\.\w+)?|Key_\w+|[+\u2212] (Orders|Sales|Sales_Offer)|Sales_Offer|Table|Stock|Promotions"
)
"""What is the same in both languages: names of tables and columns of the export, and three words."""


def faulty() -> Rows:
    """Return an export with something wrong in every section of the page."""
    rows = flawless()
    rows["Finance"] += [finance_row("2022-10", 98, Onsale_Web=0), finance_row("2022-10", 99, Onsale_Web=1)]
    rows["Sales"] += [dict(rows["Sales"][0]), {**rows["Sales"][1], "Sales": 11}]
    rows["Sales"].remove(row_of(rows, "Sales", "2022-11_20"))
    row_of(rows, "Sales", "2022-12_10").update({"Orders": 12})
    row_of(rows, "Sales", "2022-10_30")["Orders"] = ""
    rows["Promo"].append(promo_row("2022-12", SPIRIT, Sales_Offer=1_200))
    rows["Web"][0].update({"Contenance": "", "Post_title": "Domaine", "Comment_status": "open"})
    rows["Web"][1].update({"Post_date": "2023-05-01 10:00:00"})
    rows["Web"] += [web_row(sku, Segment="") for sku in range(101, 126)]
    rows["Web"] += [web_row(77, Segment=None), web_row(78, Rating_count="x" * 1_000)]
    return rows


def without_november() -> Rows:
    rows = faulty()
    rows["Finance"] = [row for row in rows["Finance"] if "2022-11" not in str(row["Key_Finance"])]
    return rows


EXPORTS: dict[str, tuple[Callable[[], Rows], dict[str, Any]]] = {
    "flawless": (flawless, {}),
    "faulty": (faulty, {}),
    "faulty, part of a period": (faulty, {"period": ("2022-10", "2022-11")}),
    "a month missing": (without_november, {}),
    "promotions excluded": (excluding, {"promo_units": "excluded"}),
    "promotions contradict": (excluding, {}),
}


def test_no_english_is_left_on_the_french_page_and_its_figures_are_the_same(case: Case) -> None:
    types = set(case.expected.web.product_type)
    alike = {text for text in said(case.page.html, "en") & said(case.french.html, "fr") if not ALIKE.fullmatch(text)}
    assert alike <= {*types, *(column for columns in COLUMNS.values() for column in columns)}
    assert figures(case.french.html) == figures(case.page.html)


@pytest.mark.parametrize("name", EXPORTS)
def test_whatever_is_wrong_is_said_in_french_with_the_same_figures(name: str, show_both: Callable[..., dict[str, Page]]) -> None:
    rows, options = EXPORTS[name]
    pages = show_both(rows(), **options)
    alike = {text for text in said(pages["en"].html, "en") & said(pages["fr"].html, "fr") if not ALIKE.fullmatch(text)}
    assert alike <= {"Vin", "Segment"}
    assert figures(pages["fr"].html) == figures(pages["en"].html)


def test_the_french_page_writes_numbers_dates_and_shares_as_french_does(show_both: Callable[..., dict[str, Page]]) -> None:
    html = show_both(faulty())["fr"].html
    assert "Données au 31 décembre 2022" in html
    assert "fichier reçu le 1er janvier 2024, 22:30 UTC" in html
    assert "1\u202f000\u00a0caractères" in html
    assert re.search(r"\d,\d\d\u202f%", html)
    assert "(octobre 2022 à décembre 2022)" in html


def test_every_text_of_the_page_is_there_in_both_languages_with_the_same_parts_and_used() -> None:
    found = catalogue()
    for english, french in found["texts"].values():
        assert english.strip()
        assert french.strip()
        parts, french_parts = (set(re.findall(r"\{(\w+)", text)) for text in (english, french))
        assert parts == french_parts, english
    remedies = [*found["reasons"].values(), *(one for treatments in found["treatments"].values() for one in treatments.values())]
    assert all(len(texts) == 3 and all(text.strip() for text in texts) for texts in remedies)
    alike = {english for english, french in found["texts"].values() if english == french}
    assert {text for text in alike if not ALIKE.fullmatch(text)} == set()
    folder = Path(data_quality.__file__)
    written = folder.read_text(encoding="utf-8") + folder.with_suffix(".html").read_text(encoding="utf-8")
    built_up = {"ledger_included", "ledger_excluded"}
    assert {key for key in found["texts"] if not re.search(rf'"#?{key}"', written)} == built_up


# --- Hostile exports -----------------------------------------------------------------------------------------------------------------

IMAGE = "<img src=x onerror=alert(1)>"
BREAKOUT = "</style></code><script>alert(2)</script>"
TURNED = "12\u202e3\x1b[31m"


@pytest.fixture
def hostile(show: Callable[..., Page]) -> Page:
    rows = flawless()
    rows["Finance"][0]["Price"] = IMAGE
    row_of(rows, "Sales", "2022-12_20")["Key_Sales"] = BREAKOUT
    row_of(rows, "Sales", "2022-12_30")["Orders"] = TURNED
    row_of(rows, "Sales", "2022-12_10")["Stock"] = 999
    rows["Web"][0]["Post_title"] = "&lt;script&gt;alert(3)&lt;/script&gt; {{ 7 * 7 }} " + "x" * 500
    rows["Web"].append(web_row(77, Segment=b"\xff\xfe<b>"))
    rows["Promo"].append(promo_row("2022-12", WINE, Price_Offer="9" * 10_000))
    columns = {**COLUMNS, "Web": [*COLUMNS["Web"], "<script>alert(4)</script>"], "<i>Stray</i>": ["a" * 300]}
    for row in rows["Web"]:
        row["<script>alert(4)</script>"] = "x"
    rows["<i>Stray</i>"] = [{"a" * 300: "x"}]
    return show(rows, "<svg onload=alert(5)>.db", columns=columns)


def test_whatever_the_export_holds_is_text(hostile: Page) -> None:
    assert set(hostile.tags) <= TAGS
    assert hostile.tags.count("style") == 1
    assert hostile.attributes <= {"lang", "charset", "name", "content", "http-equiv", "class", "id", "href", "colspan", "tabindex"}
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]", hostile.html)
    assert IMAGE in hostile["quarantine"].text
    assert BREAKOUT in [row[2] for row in hostile.body("quarantine", 1)]
    assert "<svg onload=alert(5)>.db" in hostile[""].text
    assert "<script>alert(4)</script>" in hostile["coverage"].text
    assert "<i>Stray</i>" in hostile["coverage"].text
    assert "{{ 7 * 7 }}" in hostile["ledger"].text


def test_what_cannot_be_seen_is_written_out(hostile: Page) -> None:
    values = [row[4] for row in hostile.body("quarantine", 1)]

    assert any(value.startswith("12\\u202e3") and "\x1b" not in value for value in values)
    assert any(value.startswith("x'FFFE") for value in values)


def test_what_is_long_is_shortened_and_its_length_said(hostile: Page) -> None:
    values = [row[4] for row in hostile.body("quarantine", 1)]

    assert f"{'9' * 80}… (10,000 characters)" in values
    assert max(len(cell) for section in hostile.sections.values() for table in section.tables for row in table for cell in row) < 250
    assert "x" * 45 not in hostile.html
    assert "a" * 45 not in hostile.html


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (None, Shown("", "null")),
        ("", Shown("", "empty")),
        ("a\nb\tc", Shown("a\\u000ab\\u0009c")),
        ("x" * 80, Shown("x" * 80)),
        ("x" * 81, Shown("x" * 80 + "…", "81\u00a0characters")),
        ("Château d\u2019Yquem\u00a02018 €", Shown("Château d\u2019Yquem\u00a02018 €")),
        ("a\u200bb\u2066c\ufeffd", Shown("a\\u200bb\\u2066c\\ufeffd")),
    ],
)
def test_a_text_is_shown_in_one_line_and_to_be_seen(text: str | None, seen: Shown) -> None:
    assert shown(text, ENGLISH) == seen


@pytest.mark.parametrize(
    ("part", "whole", "written"),
    [
        (0, 0, "no rows"),
        (0, 9, "0%"),
        (9, 9, "100%"),
        (1, 3, "33.33%"),
        (1, 20_000, "under 0.01%"),
        (19_999, 20_000, "over 99.99%"),
        (1, 10_000, "0.01%"),
    ],
)
def test_a_share_that_is_something_never_reads_as_nothing_nor_nearly_all_as_all(part: int, whole: int, written: str) -> None:
    assert share(part, whole, ENGLISH) == written


# --- The document ----------------------------------------------------------------------------------------------------------------------


class Watched(Warehouse):
    """A warehouse that notes which tables are asked for."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.asked: set[str] = set()

    def query(self, select: str, *, reads: Sequence[str]) -> list[dict[str, Any]]:
        self.asked.update(reads)
        return super().query(select, reads=reads)

    def table(self, ref: str) -> Table:
        self.asked.add(ref)
        return super().table(ref)


def test_the_page_reads_the_tables_that_it_declares_and_no_other(tmp_path: Path) -> None:
    watched = Watched(built(tmp_path, flawless(), DATA_QUALITY.reads).root)

    page_of(watched, tmp_path / "page")

    assert watched.asked == set(DATA_QUALITY.reads)
    assert len(DATA_QUALITY.reads) == len(watched.asked)


def test_the_page_in_each_language_is_its_only_file_and_the_same_whenever_it_is_made(tmp_path: Path) -> None:
    warehouse = built(tmp_path, flawless(), DATA_QUALITY.reads)

    once = page_of(warehouse, tmp_path / "once")
    again = page_of(Warehouse(warehouse.root), tmp_path / "again", now=NOW + dt.timedelta(days=1))

    drawn = {path.relative_to(tmp_path / "once").as_posix() for path in (tmp_path / "once").rglob("*.*")}
    assert drawn == set(DATA_QUALITY.files)
    assert once.html == again.html
    assert "export.db, file received 2024-01-01 22:30 UTC." in once[""].text


def test_the_page_fetches_nothing(tmp_path: Path) -> None:
    html = page_of(built(tmp_path, flawless(), DATA_QUALITY.reads), tmp_path / "page").html

    assert not re.search(r"https?:|src=|url\(|@import|<script|<link", html)
    assert all(target.startswith("#") for target in re.findall(r'href="([^"]*)"', html))


def test_importing_the_document_imports_nothing_heavy() -> None:
    heavy = "{'altair', 'pandas', 'jinja2', 'vl_convert', 'duckdb', 'pyarrow'}"
    code = f"import sys, bottleneck_assets.render.report.data_quality; print(sorted({heavy} & set(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def defects() -> Iterator[str]:
    """Return every reason that a row can be quarantined for, from the SQL that gives them."""
    for model in of_layer("clean"):
        if model.name.endswith("_typed"):
            yield from re.findall(r"'[a-z_]*\|([^'|]+)'", model.sql or "")


def test_every_reason_for_quarantine_has_a_remedy_and_every_remedy_a_reason() -> None:
    assert set(defects()) == set(catalogue()["reasons"])


def test_every_treatment_of_an_empty_cell_has_a_remedy_and_every_remedy_a_treatment(refreshed_sample: Refreshed) -> None:
    treatments = frame(refreshed_sample.release, "quality/imputation.csv")

    known = {
        (*column.split("."), treatment) for column, found in catalogue()["treatments"].items() if column != "any" for treatment in found
    }
    assert set(zip(treatments.source_table, treatments.column_name, treatments.treatment, strict=True)) == known
    assert [*catalogue()["treatments"]["any"]] == re.findall("'(written [^']*)' as treatment", models()["clean.imputation"].sql or "")
