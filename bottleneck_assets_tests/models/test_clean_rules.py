"""Holds the cleaned layer against the rules for reading rows, case by case, over exports of a few rows written by hand.

Each case is one row with a product of its own, so that one build serves them all. Expected figures come from the contract.
"""

import csv
import datetime as dt
import io
import os
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from bottleneck_assets.engine.warehouse import Failures, Warehouse
from bottleneck_assets.models import checks
from bottleneck_assets.models.functions import FUNCTIONS
from bottleneck_assets_tests.small_export import (
    COLUMNS,
    GIFT,
    MONTHS,
    SPIRIT,
    WINE,
    Cell,
    Row,
    Rows,
    build,
    built,
    finance_row,
    minimal_rows,
    promo_row,
    rows_of,
    sales_row,
    web_row,
)

MONTH = "2022-10"
OCTOBER = dt.date(2022, 10, 1)
NBSP = "\u00a0"


@dataclass(frozen=True)
class Case:
    """What a row's cells are, and what becomes of it: the kept row's values, or the column and reason that quarantine it.

    `{sku}` in a text cell stands for the number of the case's product.
    """

    name: str
    cells: Mapping[str, Cell]
    kept: Mapping[str, Any] = field(default_factory=dict)
    column: str = ""
    reason: str = ""


def good(name: str, cells: Mapping[str, Cell], **kept: Any) -> Case:
    return Case(name, cells, kept)


def bad(name: str, cells: Mapping[str, Cell], column: str, reason: str) -> Case:
    return Case(name, cells, {}, column, reason)


def numbers(column: str, kept: str) -> list[Case]:
    """Return the notations of a price."""
    read = {
        "21,7": "21.7", "21.7": "21.7", "21": "21", " 21,7 ": "21.7", "0": "0", "0,00000001": "0.00000001", "999999,99": "999999.99",
        "007,5": "7.5", "0000021,7": "21.7", "1,123456785": "1.12345679", "1,123456784": "1.12345678", "1,1234567849999": "1.12345678",
        "2,000000005": "2.00000001", "-0": "0", "1.234,5": "1234.5", "1,234.5": "1234.5", "21 \u20ac": "21", "12\u00a0000": "12000",
        "1\u202f234,50": "1234.5", "\u20ac21.70": "21.7", "12 345,6 EUR": "12345.6", "1'234.50": "1234.5", "21,7\r": "21.7",
        "\ufeff21,7\t": "21.7", "$1,234.5": "1234.5", "12\u2009345": "12345",
    }  # fmt: skip
    cells: dict[Cell, str] = {**read, 21: "21", 21.75: "21.75", 3.0: "3", b"21,7": "21.7"}
    good_cases = [good(f"{column} {cell!r}", {column: cell}, **{kept: Decimal(value)}) for cell, value in cells.items()]
    unreadable = (
        "",
        None,
        "abc",
        "12,34.5",
        "1 23",
        "21,",
        ",5",
        "+5",
        "1e3",
        "21 x",
        "--5",
        "1000000",
        "nan",
        "٣",
        "1,234,567.8",
        "5-",
    )
    bad_cases = [bad(f"{column} {cell!r}", {column: cell}, column.lower(), "is not a price under 1,000,000") for cell in unreadable]
    negative = ("-5", "-0,01", "-0,000000001", -3, "\u22125,00", "-1 234,50 \u20ac")
    return [*good_cases, *bad_cases, *[bad(f"{column} {cell!r}", {column: cell}, column.lower(), "is negative") for cell in negative]]


def counts(column: str, kept: str) -> list[Case]:
    """Return the notations of a count."""
    read: dict[Cell, int] = {
        "7": 7,
        " 7 ": 7,
        7: 7,
        "0": 0,
        "9999999": 9999999,
        "007": 7,
        "-0": 0,
        "7,0": 7,
        "7.0": 7,
        3.0: 3,
        "7\r": 7,
        "1 234": 1234,
        "1\u202f234": 1234,
        "\ufeff7": 7,
        "1,234,567": 1234567,
    }
    unreadable: tuple[Cell, ...] = ("x", "7,5", 7.5, "7,", ",0", "10000000", "1e2", "+7", "7 8", "½")
    return [
        *[good(f"{column} {cell!r}", {column: cell}, **{kept: value}) for cell, value in read.items()],
        *[bad(f"{column} {cell!r}", {column: cell}, column.lower(), "is not a whole number of at most 7 digits") for cell in unreadable],
        bad(f"{column} negative", {column: "-1"}, column.lower(), "is negative"),
        bad(f"{column} negative int", {column: -2}, column.lower(), "is negative"),
    ]


def empty(column: str, reason: str) -> list[Case]:
    return [bad(f"{column} {cell!r}", {column: cell}, column.lower(), reason) for cell in ("", None, "  ")]


NO_DATES: tuple[Cell, ...] = ("", None, "2022-10", "31-02-2022", "2022-02-30", "2022-13-01", "x", 1664582400, "0000-01-01",
                              "2022-09-30T22:00:00Z", "2022-10-01 25", "01-10-22")  # fmt: skip
FIRST_OF_OCTOBER: tuple[Cell, ...] = ("2022-10-01", "01-10-2022", " 2022-10-01 ", "1-10-2022", "2022/10/01", 20221001,
                                      "2022-10-01 00:00:00", "2022-10-01T13:45:12.123", "01/10/2022 13:45", "2022-10-01T00:00:00+00:00",
                                      "2022.10.01\r")  # fmt: skip
NOT_UTF_8 = b"Cha\xc3teau"
KEY_REASON = "is not a month and a product such as 2023-1_15325"
NO_KEYS: tuple[Cell, ...] = (
    "", None, "{sku}", "2022-10-{sku}", "2022-13_{sku}", "2022-0_{sku}", "22-10_{sku}", "2022-10_x{sku}", "2022-10_{sku}_1",
    "2022_10_{sku}", "2022-010_{sku}", "2022-10_-{sku}", "2022-10_1234567890123456789", "0000-10_{sku}",
)  # fmt: skip

FINANCE_CASES = [
    *numbers("Price", "price"),
    *numbers("Purchase_Price", "purchase_price"),
    *[
        good(f"flag {cell!r}", {"Onsale_Web": cell}, is_on_sale=value)
        for cell, value in ((0, False), (1, True), ("1", True), (" 0 ", False), ("yes", True), ("FALSE", False), ("Oui", True), (1.0, True))
    ],
    *[bad(f"flag {cell!r}", {"Onsale_Web": cell}, "onsale_web", "is neither 0 nor 1") for cell in (4, "", None, "maybe", -1, "01", "10")],
    *[good(f"tax {cell!r}", {"Taxe_Statut": cell}, is_taxable=cell == "taxable") for cell in ("taxable", "none", "shipping")],
    good("tax in capitals", {"Taxe_Statut": " Taxable"}, is_taxable=True),
    *[good(f"tax {cell!r}", {"Taxe_Statut": cell}, is_taxable=None) for cell in ("", None, "oui")],
    *[good(f"date {cell!r}", {"Date": cell}, month=OCTOBER) for cell in (*FIRST_OF_OCTOBER, "31-10-2022")],
    *[bad(f"date {cell!r}", {"Date": cell}, "date", "is not a date such as 2023-01-01") for cell in NO_DATES],
    *[
        bad(f"date {cell!r}", {"Date": cell}, "date", "is not in the month of the key")
        for cell in ("2022-11-01", "2021-10-01", "10-01-2022")
    ],
    *[
        good(f"key {cell!r}", {"Key_Finance": cell}, month=OCTOBER)
        for cell in (" 2022-10_{sku} ", "2022-10_00{sku}", "2022-10_{sku}.0", "\ufeff2022-10_{sku}\r\n")
    ],
    *[bad(f"key {cell!r}", {"Key_Finance": cell}, "key_finance", KEY_REASON) for cell in NO_KEYS],
    *[bad(f"sku {cell!r}", {"SKU": cell}, "sku", "is not a product number") for cell in ("", None, "x", "-1", "1.5")],
    good("sku that was a float", {"SKU": "{sku}.0"}),
    bad("sku of another product", {"SKU": "1{sku}"}, "sku", "is not the product of the key"),
    good("sku padded", {"SKU": " 0{sku} "}),
    bad("not UTF-8", {"Price": NOT_UTF_8}, "price", "is not UTF-8 text, but bytes"),
    bad("two flaws", {"Price": "x", "Onsale_Web": 4}, "onsale_web", "is neither 0 nor 1"),
]

SALES_CASES = [
    *counts("Sales", "units"),
    *counts("Stock", "stock_end"),
    *counts("Orders", "supplier_orders"),
    *[good(f"orders {cell!r}", {"Orders": cell}, supplier_orders=0) for cell in ("", None, "  ")],
    *empty("Sales", "is not a whole number of at most 7 digits"),
    *empty("Stock", "is not a whole number of at most 7 digits"),
    *[bad(f"key {cell!r}", {"Key_Sales": cell}, "key_sales", KEY_REASON) for cell in NO_KEYS],
    bad("no Finance row", {"Key_Sales": "2022-11_{sku}"}, "key_sales", "has no usable row in Finance"),
    bad("no product", {"Key_Sales": "2022-10_99{sku}"}, "key_sales", "has no usable row in Finance"),
    bad("not UTF-8", {"Stock": NOT_UTF_8}, "stock", "is not UTF-8 text, but bytes"),
    good(
        "half a unit of money",
        {"Sales": 1},
        revenue=Decimal("20.0000"),
        cogs=Decimal("12.0000"),
        gross_margin=Decimal("4.6667"),  # 20 net of 20 % of VAT is 16.6667
        gross_margin_rate=46_667 / 166_667,
    ),
    good("nothing sold", {"Sales": 0}, revenue=Decimal(0), cogs=Decimal(0), gross_margin_rate=None, conversion_rate=0.0),
    good("nothing sold, nothing there", {"Sales": 0, "Stock": 0}, conversion_rate=None, gross_margin_rate=None),
    good("all sold", {"Sales": 5, "Stock": 0}, conversion_rate=1.0),
    good("a fifth sold", {"Sales": 10, "Stock": 40}, conversion_rate=0.2),
]

PROMO_DATE = "is not a date such as 2023-01-01"
PROMO_CASES = [
    *numbers("Price_Offer", "offer_price"),
    *counts("Sales_Offer", "units_promo"),
    *empty("Sales_Offer", "is not a whole number of at most 7 digits"),
    *[good(f"start {cell!r}", {"Start_Date": cell}, starts_on=OCTOBER) for cell in FIRST_OF_OCTOBER],
    *[bad(f"start {cell!r}", {"Start_Date": cell}, "start_date", PROMO_DATE) for cell in NO_DATES],
    *[bad(f"end {cell!r}", {"End_Date": cell}, "end_date", PROMO_DATE) for cell in NO_DATES],
    bad("ends before it starts", {"Start_Date": "2022-10-05", "End_Date": "2022-10-04"}, "end_date", "lies before the start"),
    good("a single day", {"Start_Date": "2022-10-05", "End_Date": "05-10-2022"}, duration_days=1),
    good("both ends count", {"Start_Date": "21-10-2022", "End_Date": "2022-10-30"}, starts_on=dt.date(2022, 10, 21), duration_days=10),
    good("discount", {"Price_Offer": "15"}, list_price=Decimal(20), discount_rate=0.25),
    good("dearer on offer", {"Price_Offer": "25"}, discount_rate=-0.25),
    *[bad(f"key {cell!r}", {"Key_Promo": cell}, "key_promo", KEY_REASON) for cell in NO_KEYS],
    bad("no Finance row", {"Key_Promo": "2022-11_{sku}"}, "key_promo", "has no usable row in Finance"),
    bad("not UTF-8", {"End_Date": NOT_UTF_8}, "end_date", "is not UTF-8 text, but bytes"),
]


def texts(column: str, kept: str) -> list[Case]:
    """Return what a text of the shop may look like; each holds something that is left."""
    cleaned = {
        "Plain Été": "Plain Été",
        "  padded  ": "padded",
        f"a{NBSP}b{NBSP}{NBSP} c": "a b c",
        f"{NBSP}padded{NBSP}": "padded",
        "two\nlines\r\n\tmore": "two lines more",
        "a &amp; b": "a & b",
        "a &#038; b": "a & b",
        "d&rsquo;&eacute;t&eacute;": "d\u2019été",
        "a&nbsp;&nbsp;b": "a b",
        "a &lt;b&gt; c": "a <b> c",
        "<p>para <strong>bold</strong></p>": "para bold",
        'a <br/>b<a href="x">c</a>': "a bc",
        "<!-- note -->left": "left",
        "1 < 2 and 3 > 2": "1 < 2 and 3 > 2",
        '"wrapped whole"': "wrapped whole",
        '"said ""oui"" twice"': 'said "oui" twice',
        '"one" and "two"': '"one" and "two"',
        'inner ""doubled"" quotes': 'inner "doubled" quotes',
        '"""all"""': '"all"',
        '  "wrapped and padded"  ': "wrapped and padded",
        f'{NBSP}"wrapped"{NBSP}': "wrapped",
        '"<p>""tagged""</p>"': '"tagged"',
        '6" pipe': '6" pipe',
        "&amp;lt; once only": "&lt; once only",
        "NULL": "NULL",
        "=1+1": "=1+1",
    }
    return [good(f"{column} {cell!r}", {column: cell}, **{kept: value}) for cell, value in cleaned.items()]


NOTHING_LEFT: tuple[Cell, ...] = ("", None, "   ", NBSP, "<p></p>", '""', "&nbsp;")


def volume(name: str, contenance: Cell, title: str, expected: float | None) -> Case:
    return good(f"volume {name}", {"Contenance": contenance, "Post_title": title}, volume_cl=expected)


def vintage(title: str, expected: int | None) -> Case:
    return good(f"vintage {title!r}", {"Post_title": title}, vintage=expected)


WEB_CASES = [
    *texts("Post_title", "title"),
    *texts("Post_excerpt", "excerpt"),
    *[bad(f"title {cell!r}", {"Post_title": cell}, "post_title", "is empty") for cell in NOTHING_LEFT],
    *[good(f"excerpt {cell!r}", {"Post_excerpt": cell}, excerpt=None) for cell in NOTHING_LEFT],
    *empty("Product_type", "is empty"),
    *empty("Segment", "is empty"),
    *[good(f"slug {cell!r}", {"Post_name": cell}, slug=None) for cell in ("", None, "  ")],
    *[good(f"address {cell!r}", {"Guid": cell}, url=None) for cell in ("", None, "  ")],
    good("segment padded", {"Segment": " Vin "}, segment="Vin", is_stocked=True),
    good("gift card", {"Segment": "Offres commerciales"}, segment="Offres commerciales", is_stocked=False),
    good("slug", {"Post_name": f"{NBSP} slug-{{sku}} {NBSP}"}, slug="slug-{sku}"),
    good("url", {"Guid": "https://shop.example/?a=1&#038;p={sku}"}, url="https://shop.example/?a=1&p={sku}"),
    good("url padded", {"Guid": f" {NBSP}https://shop.example/?p={{sku}}{NBSP} "}, url="https://shop.example/?p={sku}"),
    good("published", {"Post_status": "publish"}, is_published=True),
    good("published, in capitals", {"Post_status": "Publish "}, is_published=True),
    *[good(f"status {cell!r}", {"Post_status": cell}, is_published=False) for cell in ("draft", "private", "", None, "inherit")],
    *counts("Rating_count", "rating_count"),
    *counts("Comment_count", "comment_count"),
    *empty("Rating_count", "is not a whole number of at most 7 digits"),
    *empty("Comment_count", "is not a whole number of at most 7 digits"),
    *[good(f"rating {cell!r}", {"Average_rating": cell}, average_rating=value) for cell, value in (
        ("3,4", 3.4), ("3.4", 3.4), (5, 5.0), ("0", 0.0), (4.5, 4.5), ("5,0", 5.0), ("", None), (None, None), ("  ", None),
    )],
    *[bad(f"rating {cell!r}", {"Average_rating": cell}, "average_rating", "is not between 0 and 5") for cell in ("5,1", "6", "-1", "-0,5")],
    *[bad(f"rating {cell!r}", {"Average_rating": cell}, "average_rating", "is not a number") for cell in ("x", "4/5", "3,4,5", "nan")],
    *[
        good(f"written {cell!r}", {"Post_date": cell}, created_on=dt.date(2022, 4, 18))
        for cell in ("18-04-2022", " 2022-04-18", "2022-04-18 13:45:12", "18/04/2022 13:45")
    ],
    *[good(f"written {cell!r}", {"Post_date": cell}, created_on=None) for cell in NO_DATES],
    good("changed", {"Post_modified": "2022-08-27"}, modified_on=dt.date(2022, 8, 27)),
    *[good(f"changed {cell!r}", {"Post_modified": cell}, modified_on=None) for cell in (*NO_DATES, "29/02/2022  15:25:02", "29-02-2022")],
    *[good(f"author {cell!r}", {"Post_author": cell}, author_id=None) for cell in ("", None, "x", "-1")],
    good("an author that was a float", {"Post_author": "2.0"}, author_id=2),
    *[bad(f"sku {cell!r}", {"SKU": cell}, "sku", "is not a product number") for cell in ("", None, "x", -5, "1.5", "1234567890123456789")],
    bad("not UTF-8 in a column of no use", {"Ping_status": NOT_UTF_8}, "ping_status", "is not UTF-8 text, but bytes"),
    bad("not UTF-8 in the title", {"Post_title": NOT_UTF_8}, "post_title", "is not UTF-8 text, but bytes"),
    good("a column of no use", {"Virtuals": None, "Post_parent": "any", "Post_date_gmt": "31-02-2022"}, sku="{sku}"),
    volume("stated", "75cl", "Domaine 150cl", 75.0),
    volume("stated with a comma", "37,5cl", "Domaine", 37.5),
    volume("stated with a dot", "37.5cl", "Domaine", 37.5),
    volume("stated of several", "3x 10cl", "Domaine", 30.0),
    volume("stated of several, tight", "6x75cl", "Domaine", 450.0),
    volume("stated of several, wide", "6 X 37,5 CL", "Domaine", 225.0),
    volume("stated padded", " 300 cl ", "Domaine", 300.0),
    volume("0, in the title", "0", "Domaine 2018 - 75cl", 75.0),
    volume("1, in the title", "1", "Domaine - 37,5cl", 37.5),
    volume("nothing, in the title", "", "Domaine -75CL", 75.0),
    volume("null, in the title", None, "Coffret 3x 10cl", 30.0),
    volume("the last in the title", "0", "De 50cl à 70 cl, rhum", 70.0),
    volume("the last in the title, several before", "0", "Coffret 3x 10cl ou 75cl", 75.0),
    volume("the last in the title, several after", "0", "Une 75cl ou 3x 10cl", 30.0),
    volume("none", "0", "Domaine 2018", None),
    volume("none but letters", "cl", "Domaine 75clous", None),
    volume("another unit", "1,5l", "Domaine", None),
    vintage("Domaine 2018", 2018),
    vintage("2015 Domaine 2018 rouge", 2018),
    vintage("Domaine 1899 et 2100", None),
    vintage("Domaine 1900", 1900),
    vintage("Domaine 2099!", 2099),
    vintage("Domaine 20180", None),
    vintage("Domaine 12018", None),
    vintage("Domaine", None),
    vintage("(2017)2016", 2016),
]  # fmt: skip

SUITES = {
    "Finance": (100_000, FINANCE_CASES, finance_row),
    "Sales": (200_000, SALES_CASES, sales_row),
    "Promo": (300_000, PROMO_CASES, promo_row),
    "Web": (400_000, WEB_CASES, web_row),
}
KEYS = {"Web": "SKU", "Finance": "Key_Finance", "Sales": "Key_Sales", "Promo": "Key_Promo"}


def filled(cell: Any, sku: int) -> Any:
    return cell.replace("{sku}", str(sku)) if isinstance(cell, str) else cell


def case_row(table: str, case: Case, sku: int) -> Row:
    cells = {name: filled(cell, sku) for name, cell in case.cells.items()}
    return web_row(sku, **cells) if table == "Web" else SUITES[table][2](MONTH, sku, **cells)


@dataclass(frozen=True)
class Ruled:
    """One export that holds every case, and what the cleaned layer made of it."""

    rows: Rows
    kept: dict[str, dict[int, dict[str, Any]]]
    quarantined: dict[tuple[str, int], dict[str, Any]]
    accounting: dict[str, dict[str, Any]]
    imputed: dict[tuple[str, str], int]


@pytest.fixture(scope="module")
def ruled(tmp_path_factory: pytest.TempPathFactory) -> Ruled:
    rows: Rows = {"Web": [], "Finance": [], "Sales": [], "Promo": []}
    for table, (first, cases, _) in SUITES.items():
        for sku, case in enumerate(cases, start=first):
            rows[table].append(case_row(table, case, sku))
            if table in {"Sales", "Promo"}:
                rows["Finance"].append(finance_row(MONTH, sku))
            if table != "Web":
                rows["Web"].append(web_row(sku))
    clean = ["web", "finance", "sales", "promo"]
    refs = [f"clean.{name}" for name in (*clean, "quarantine", "row_accounting", "imputation")]
    warehouse = built(tmp_path_factory.mktemp("rules"), with_one_good_row(rows), refs)
    return Ruled(
        rows,
        {name: {row["sku"]: row for row in rows_of(warehouse, f"clean.{name}")} for name in clean},
        {(row["source_table"], row["row_number"]): row for row in rows_of(warehouse, "clean.quarantine")},
        {row["source_table"]: row for row in rows_of(warehouse, "clean.row_accounting")},
        {(row["column_name"], row["treatment"]): row["cells_treated"] for row in rows_of(warehouse, "clean.imputation")},
    )


def with_one_good_row(rows: Rows) -> Rows:
    """Put a good row last in each table."""
    for table, row in (
        ("Web", web_row(WINE)),
        ("Finance", finance_row(MONTH, WINE)),
        ("Sales", sales_row(MONTH, WINE)),
        ("Promo", promo_row(MONTH, WINE)),
    ):
        rows[table].append(row)
    return rows


def as_text(cell: Any) -> str | None:
    """Return a cell as the raw layer holds it: SQLite's own text of it, and bytes that are no text as hexadecimal."""
    text = cell if isinstance(cell, bytes) else str(cell).encode()
    try:
        return None if cell is None else f"x'{text.hex().upper()}'" if b"\0" in text else text.decode()
    except UnicodeDecodeError:
        return f"x'{text.hex().upper()}'"


def csv_line(cells: Sequence[str | None]) -> str:
    """Return cells as a line of CSV that tells null from empty text."""
    return ",".join("" if cell is None else '"' + cell.replace('"', '""') + '"' for cell in cells)


def place(ruled: Ruled, table: str, index: int) -> int:
    """Return the number of the row of a case: the rows that other tables' cases need stand among them."""
    first, cases, _ = SUITES[table]
    sku = first + index
    row = case_row(table, cases[index], sku)
    return next(number for number, found in enumerate(ruled.rows[table], start=1) if found == row)


ALL_CASES = [
    pytest.param(table, index, id=f"{table}: {case.name}") for table, (_, cases, _) in SUITES.items() for index, case in enumerate(cases)
]


@pytest.mark.parametrize(("table", "index"), ALL_CASES)
def test_a_row_is_kept_as_it_is_meant_or_quarantined_whole(ruled: Ruled, table: str, index: int) -> None:
    first, cases, _ = SUITES[table]
    sku, case = first + index, cases[index]
    number = place(ruled, table, index)
    source = table.lower()
    if case.column:
        found = ruled.quarantined[source, number]
        cells = {name.lower(): as_text(cell) for name, cell in ruled.rows[table][number - 1].items()}
        assert (found["column_name"], found["reason"]) == (case.column, case.reason)
        assert found["column_value"] == cells[case.column]
        assert found["record_key"] == cells[KEYS[table].lower()]
        assert found["exported_row"] == csv_line([cells[name.lower()] for name in COLUMNS[table]])
        assert sku not in ruled.kept[source]
    else:
        assert (source, number) not in ruled.quarantined
        kept = ruled.kept[source][sku]
        assert {name: kept[name] for name in case.kept} == {name: expected(name, value, sku) for name, value in case.kept.items()}


def expected(name: str, value: Any, sku: int) -> Any:
    return sku if name == "sku" else filled(value, sku)


def test_the_cases_rows_are_accounted_for(ruled: Ruled) -> None:
    for table, (_, cases, _) in SUITES.items():
        row = ruled.accounting[table.lower()]
        quarantined = sum(1 for case in cases if case.column)
        assert row["rows_read"] == len(ruled.rows[table])
        assert (row["rows_quarantined"], row["duplicates_dropped"]) == (quarantined, 0)
        assert row["rows_kept"] == row["rows_read"] - quarantined
        assert row["quarantined_share"] == pytest.approx(quarantined / row["rows_read"])


def test_imputation_counts_the_kept_rows_in_which_it_was_needed(ruled: Ruled) -> None:
    kept = [(table, case) for table, (_, cases, _) in SUITES.items() for case in cases if not case.column]
    orders = sum(1 for table, case in kept if table == "Sales" and str(case.cells.get("Orders", "") or "").strip() == "")
    ratings = sum(1 for _, case in kept if case.kept.get("average_rating", 0) is None)
    changed = sum(1 for _, case in kept if case.kept.get("modified_on", 0) is None)

    assert ruled.imputed["orders", "empty: no supplier order, 0"] == orders + 1
    assert ruled.imputed["average_rating", "empty: nobody rated, null"] == ratings
    assert ruled.imputed["post_modified", "not a date: null (no figure depends on it)"] == changed == len(NO_DATES) + 2


def test_volumes_from_the_title_and_missing_ones_are_counted(ruled: Ruled) -> None:
    volumes = [case for case in WEB_CASES if case.name.startswith("volume ")]

    assert ruled.imputed["contenance", "no volume: taken from the title"] == sum(
        1 for case in volumes if case.kept["volume_cl"] is not None and not case.name.startswith("volume stated")
    )
    assert ruled.imputed["contenance", "no volume, none in the title: null"] == sum(1 for case in volumes if case.kept["volume_cl"] is None)


@pytest.mark.parametrize(("contenance", "title"), [("0cl", "Domaine"), ("0x 75cl", "Domaine"), ("", "Domaine 0cl"), ("0,0cl", "Domaine")])
def test_a_volume_of_nothing_is_no_volume_and_no_reason_to_refuse_the_export(tmp_path: Path, contenance: str, title: str) -> None:
    rows = minimal_rows()
    rows["Web"][0].update({"Contenance": contenance, "Post_title": title})

    assert rows_of(built(tmp_path, rows, ["clean.web"]), "clean.web")[0]["volume_cl"] is None


# --- Duplicates, orphans, and rows that hang together ----------------------------------------------------------------------------


def padded_key(row: Row, column: str) -> Row:
    year, _, rest = str(row[column]).partition("-")
    month, _, sku = rest.partition("_")
    return {**row, column: f"{year}-{int(month):02}_{sku}"}


@pytest.fixture(scope="module")
def repeated(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Build an export with repeated, orphaned and contradicting rows; the minimal rows come first in every table."""
    rows = minimal_rows()
    web, finance, sales, promo = (rows[name] for name in ("Web", "Finance", "Sales", "Promo"))
    finance += [
        dict(finance[0]),  # 10: an exact copy
        {**finance[1], "Price": "21"},  # 11: the same key, another price
        {**finance[1], "Price": "21"},  # 12: a copy of the contradiction
        finance_row("2023-01", WINE, Price="x"),  # 13: cannot be read
        finance_row("2023-01", WINE, Price="x"),  # 14: a copy of it
        finance_row("2023-01", WINE),  # 15: good, but its key was first seen in a row that cannot be read
        padded_key(finance_row("2023-02", WINE), "Key_Finance"),  # 16: the key of a padded month is good
        finance_row("2023-02", WINE),  # 17: the same key, unpadded: not the same row
        finance_row("2023-03", 77),  # 18: a product that is not in Web
        {**finance[2], "Price": 20},  # 19: 20 as a number reads the same, verbatim
        {**finance[2], "Price": "20.0"},  # 20: the same price, but not verbatim
        finance_row("2023-04", WINE, Key_Finance=None),  # 21: no key
        finance_row("2023-05", WINE, Key_Finance=None),  # 22: no key either: two rows, not one
        finance_row("2023-06", SPIRIT, Key_Finance=""),  # 23
    ]
    sales += [
        dict(sales[3]),  # 10: an exact copy
        padded_key(sales[0], "Key_Sales"),  # 11: 2022-10 pads to itself: an exact copy
        sales_row("2023-01", WINE),  # 12: its Finance row is in quarantine
        sales_row("2023-02", WINE),  # 13: good
        padded_key(sales_row("2023-02", WINE), "Key_Sales"),  # 14: the same key, written another way
        sales_row("2023-03", 77),  # 15: a Finance row, but no Web row
        {**sales[1], "Orders": None},  # 16: null is not the empty text, so not a copy
    ]
    promo += [
        dict(promo[0]),  # 2: an exact copy
        {**promo[0], "Price_Offer": "14"},  # 3: another price
        promo_row("2023-03", 77),  # 4: no Web row
        promo_row("2023-01", WINE),  # 5: no Finance row
        promo_row("2023-02", WINE, Sales_Offer=25),  # 6: more than was sold
    ]
    web += [
        dict(web[0]),  # 4: an exact copy
        web_row(WINE, Post_title="Another"),  # 5: the same product with another title
        web_row(WINE, SKU=f"00{WINE}"),  # 6: the same number, padded
        web_row(88, Segment=""),  # 7: cannot be used
        web_row(88),  # 8: good, but second
    ]
    finance.append(finance_row("2022-10", 88))  # 24
    sales.append(sales_row("2022-10", 88))  # 17: its Web row is in quarantine
    rows["ca_par_segment"] = [
        {"segment": "Vin", "revenue": "600"},
        {"segment": "Vin", "revenue": "600"},
        {"segment": "Vin", "revenue": "601"},
        {"segment": "", "revenue": "1"},
        {"segment": "Huile", "revenue": "beaucoup"},
        {"segment": "Spiritueux", "revenue": "-5"},
        {"segment": "Spiritueux", "revenue": "5"},
        {"segment": "Sans Alcool", "revenue": "1234567,891"},
    ]
    return built(tmp_path_factory.mktemp("repeated"), rows)


LATER = "stands in an earlier row with other values"


@pytest.mark.parametrize(
    ("table", "quarantined"),
    [
        (
            "finance",
            {
                11: ("key_finance", LATER), 13: ("price", "is not a price under 1,000,000"), 15: ("key_finance", LATER),
                17: ("key_finance", LATER), 20: ("key_finance", LATER), 21: ("key_finance", KEY_REASON), 22: ("key_finance", KEY_REASON),
                23: ("key_finance", KEY_REASON),
            },
        ),
        (
            "sales",
            {
                12: ("key_sales", "has no usable row in Finance"), 14: ("key_sales", LATER), 15: ("key_sales", "has no usable row in Web"),
                16: ("key_sales", LATER), 17: ("key_sales", "has no usable row in Web"),
            },
        ),
        (
            "promo",
            {
                3: ("key_promo", LATER), 4: ("key_promo", "has no usable row in Web"), 5: ("key_promo", "has no usable row in Finance"),
            },
        ),
        ("web", {5: ("sku", LATER), 6: ("sku", LATER), 7: ("segment", "is empty"), 8: ("sku", LATER)}),
        (
            "ca_par_segment",
            {
                3: ("segment", LATER), 4: ("segment", "is empty"), 5: ("revenue", "is not an amount"), 6: ("revenue", "is negative"),
                7: ("segment", LATER),
            },
        ),
    ],
)  # fmt: skip
def test_later_and_orphaned_rows_go_to_quarantine_with_their_reason(
    repeated: Warehouse, table: str, quarantined: dict[int, tuple[str, str]]
) -> None:
    found = {
        row["row_number"]: (row["column_name"], row["reason"])
        for row in rows_of(repeated, "clean.quarantine")
        if row["source_table"] == table
    }

    assert found == quarantined


@pytest.mark.parametrize(
    ("table", "read", "kept", "quarantined", "dropped"),
    [("web", 8, 3, 4, 1), ("finance", 24, 12, 8, 4), ("sales", 17, 10, 5, 2), ("promo", 6, 2, 3, 1), ("ca_par_segment", 8, 2, 5, 1)],
)
def test_exact_copies_are_dropped_and_counted(
    repeated: Warehouse, table: str, read: int, kept: int, quarantined: int, dropped: int
) -> None:
    (row,) = (row for row in rows_of(repeated, "clean.row_accounting") if row["source_table"] == table)

    assert (row["rows_read"], row["rows_kept"], row["rows_quarantined"], row["duplicates_dropped"]) == (read, kept, quarantined, dropped)


def test_the_first_row_with_a_key_counts(repeated: Warehouse) -> None:
    prices = {(row["month"], row["sku"]): row["price"] for row in rows_of(repeated, "clean.finance")}

    assert prices[OCTOBER, SPIRIT] == Decimal(20)
    assert prices[dt.date(2023, 2, 1), WINE] == Decimal(20)
    assert (dt.date(2023, 1, 1), WINE) not in prices
    assert [row["title"] for row in rows_of(repeated, "clean.web") if row["sku"] == WINE] == [f"Domaine {WINE}"]


def test_promotion_units_are_capped_at_the_months_sales_but_not_in_promo(repeated: Warehouse) -> None:
    february = dt.date(2023, 2, 1)
    (sold,) = (row for row in rows_of(repeated, "clean.sales") if row["month"] == february)
    (offered,) = (row for row in rows_of(repeated, "clean.promo") if row["month"] == february)

    assert (sold["units"], sold["units_promo"], sold["units_regular"]) == (10, 10, 0)
    assert sold["revenue"] == Decimal(10 * 15)
    assert offered["units_promo"] == 25


def test_the_exports_own_revenue_is_typed_to_four_decimals(repeated: Warehouse) -> None:
    typed = {row["row_number"]: row["revenue"] for row in rows_of(repeated, "clean.ca_par_segment_typed")}

    assert (typed[1], typed[8]) == (Decimal(600), Decimal("1234567.8910"))


@pytest.mark.full
def test_the_keys_of_eight_million_rows_are_compared_within_a_small_limit_of_memory(tmp_path: Path) -> None:
    rows, limit = 4_000_000, 30_000_000 * (os.cpu_count() or 1)
    warehouse = built(tmp_path, minimal_rows(), [])
    for ref, key in (("raw.finance", "key_finance"), ("raw.sales", "key_sales")):
        numbered = f"""
            select one.* replace (number + 1 as row_number, '2023-' || (1 + number % 12) || '_' || (10000 + greatest(number, 12)) as {key})
            from (from {ref} limit 1) as one, (select range as number from range({rows}))
        """
        warehouse.build(ref, numbered, reads=[ref], code_version="1", check=lambda _: Failures(0, []))
    warehouse.close()

    small = Warehouse(warehouse.root, f"{limit // 1_000_000}MB", functions=FUNCTIONS)
    build(small, ["clean.repeated_rows"])

    # the first and the thirteenth row of either table have one key
    assert [(row["source_table"], row["row_number"]) for row in rows_of(small, "clean.repeated_rows")] == [("finance", 13), ("sales", 13)]
    assert 2 * rows * len("2023-1_1000000") > limit


# --- Figures --------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def minimal(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return built(tmp_path_factory.mktemp("minimal"), minimal_rows())


def november(warehouse: Warehouse) -> dict[str, Any]:
    return next(row for row in rows_of(warehouse, "clean.sales") if (row["month"], row["sku"]) == (dt.date(2022, 11, 1), SPIRIT))


def test_with_promotion_units_included_sales_are_all_units(minimal: Warehouse) -> None:
    row = november(minimal)

    assert (row["units"], row["units_promo"], row["units_regular"]) == (10, 4, 6)
    assert row["revenue"] == Decimal(6 * 20 + 4 * 15)
    assert row["cogs"] == Decimal(120)
    assert row["gross_margin"] == Decimal(180) / Decimal("1.2") - Decimal(120)
    assert row["gross_margin_rate"] == pytest.approx(30 / 150)
    assert row["conversion_rate"] == pytest.approx(10 / 50)


def test_with_promotion_units_excluded_they_come_on_top(tmp_path: Path) -> None:
    rows = minimal_rows()
    rows["Promo"][0]["Sales_Offer"] = 25
    row = november(built(tmp_path, rows, ["clean.sales"], promo_units="excluded"))

    assert (row["units"], row["units_promo"], row["units_regular"]) == (35, 25, 10)
    assert row["revenue"] == Decimal(10 * 20 + 25 * 15)
    assert row["cogs"] == Decimal(35 * 12)


def test_amounts_are_rounded_half_up_to_four_decimals_once(tmp_path: Path) -> None:
    rows: Rows = {"Web": [], "Finance": [], "Sales": [], "Promo": []}
    prices = {1: ("0,00005", "0,00004999"), 2: ("0,00015", "0,00025"), 3: ("0,00012345", "0,00000001"), 4: ("33,33335", "10,00004")}
    units = {1: 1, 2: 1, 3: 100, 4: 1}
    for sku, (price, purchase_price) in prices.items():
        rows["Web"].append(web_row(sku))
        rows["Finance"].append(finance_row(MONTH, sku, Price=price, Purchase_Price=purchase_price))
        rows["Sales"].append(sales_row(MONTH, sku, Sales=units[sku]))
    rows["Promo"].append(promo_row(MONTH, 2, Sales_Offer=1, Price_Offer="0,00005"))
    found = {
        row["sku"]: (row["revenue"], row["cogs"], row["gross_margin"])
        for row in rows_of(built(tmp_path, rows, ["clean.sales"]), "clean.sales")
    }

    assert found == {
        1: (Decimal("0.0001"), Decimal("0.0000"), Decimal("0.0001")),
        2: (Decimal("0.0001"), Decimal("0.0003"), Decimal("-0.0002")),
        3: (Decimal("0.0123"), Decimal("0.0000"), Decimal("0.0103")),
        4: (Decimal("33.3334"), Decimal("10.0000"), Decimal("17.7778")),
    }


def test_the_largest_figures_that_can_be_read_have_room(tmp_path: Path) -> None:
    rows = minimal_rows()
    largest: Row = {"Price": "999999,99999999", "Purchase_Price": "999999,99999999"}
    rows["Finance"][0].update(largest)
    rows["Sales"][0].update({"Sales": 9999999, "Stock": 9999999})
    warehouse = built(tmp_path, rows, promo_units="excluded")

    row = next(row for row in rows_of(warehouse, "clean.sales") if (row["month"], row["sku"]) == (OCTOBER, WINE))
    assert row["revenue"] == row["cogs"] == Decimal("9999998999999.9000")


def test_a_gift_card_has_no_stock_value_but_revenue(minimal: Warehouse) -> None:
    values = {
        (row["sku"], row["month"].month): (row["stock_value_end"], row["revenue"]) for row in rows_of(minimal, "clean.sales_in_period")
    }

    assert values[WINE, 10] == (Decimal(50 * 12), Decimal(200))
    assert values[GIFT, 10] == (Decimal(0), Decimal(200))


def test_revenue_by_segment_comes_largest_first(minimal: Warehouse) -> None:
    found = [(row["segment"], row["revenue"]) for row in rows_of(minimal, "clean.ca_par_segment")]

    assert found == [("Offres commerciales", Decimal(600)), ("Vin", Decimal(600)), ("Spiritueux", Decimal(580))]


def test_the_ledger_holds_each_month_against_the_one_before(minimal: Warehouse) -> None:
    ledger = {(row["sku"], row["month"].month): row for row in rows_of(minimal, "clean.stock_ledger")}

    assert len(ledger) == 4  # two stocked products, two months with one before; the gift card has no stock to balance
    row = ledger[SPIRIT, 11]
    assert row["has_promotion"]
    assert (row["stock_before"], row["supplier_orders"], row["units_sold"], row["units_offered"], row["stock_end"]) == (50, 0, 10, 4, 40)
    assert (row["difference_included"], row["difference_excluded"]) == (0, -4)
    assert rows_of(minimal, "clean.stock_ledger_exceptions") == []


# --- The reporting period ---------------------------------------------------------------------------------------------------------


def months_from(first: str, count: int) -> list[str]:
    year, month = map(int, first.split("-"))
    return [f"{year + (month - 1 + step) // 12}-{(month - 1 + step) % 12 + 1:02}" for step in range(count)]


def period_of(folder: Path, months: Sequence[str], period: tuple[str, str] | None = None) -> tuple[str, str, int, bool]:
    """Return the reporting period of an export with one product over some months."""
    rows: Rows = {
        "Web": [web_row(WINE)],
        "Finance": [finance_row(month, WINE) for month in months],
        "Sales": [sales_row(month, WINE) for month in months],
        "Promo": [promo_row(months[0], WINE)],
    }
    (row,) = rows_of(built(folder, rows, ["clean.reporting_period"], period=period), "clean.reporting_period")
    return f"{row['period_start']:%Y-%m}", f"{row['period_end']:%Y-%m}", row["months"], row["is_full_year"]


THIRTEEN = months_from("2022-10", 13)


@pytest.mark.parametrize(
    ("months", "period", "expected"),
    [
        pytest.param(THIRTEEN, None, ("2022-10", "2023-09", 12, True), id="the full year of the export"),
        pytest.param(months_from("2021-08", 28), None, ("2022-10", "2023-09", 12, True), id="the latest of two full years"),
        pytest.param(months_from("2022-11", 12), None, ("2022-11", "2023-10", 12, False), id="twelve months that are no year of the shop"),
        pytest.param(MONTHS, None, ("2022-10", "2022-12", 3, False), id="a part of a year"),
        pytest.param([*THIRTEEN[:5], *THIRTEEN[6:]], None, ("2022-10", "2023-10", 12, False), id="a year with a gap"),
        pytest.param(
            [*months_from("2021-10", 12), *months_from("2022-10", 6)], None, ("2021-10", "2022-09", 12, True), id="a full year and a part"
        ),
        pytest.param(THIRTEEN, ("2023-01", "2023-03"), ("2023-01", "2023-03", 3, False), id="as it is set"),
        pytest.param(THIRTEEN, ("2022-10", "2023-09"), ("2022-10", "2023-09", 12, True), id="set to a full year"),
        pytest.param(THIRTEEN, ("2022-01", "2022-12"), ("2022-01", "2022-12", 3, False), id="set beyond the export"),
    ],
)
def test_the_reporting_period_is(
    tmp_path: Path, months: Sequence[str], period: tuple[str, str] | None, expected: tuple[str, str, int, bool]
) -> None:
    assert period_of(tmp_path, months, period) == expected


def test_months_carry_the_year_of_the_shop_which_ends_in_september_and_whether_the_kpis_cover_them(tmp_path: Path) -> None:
    rows: Rows = {
        "Web": [web_row(WINE)],
        "Finance": [finance_row(month, WINE) for month in (*THIRTEEN, "2023-11")],
        "Sales": [sales_row(month, WINE) for month in THIRTEEN],
        "Promo": [promo_row(THIRTEEN[0], WINE)],
    }
    found = [
        (f"{row['month']:%Y-%m}", row["calendar_year"], row["shop_year"], row["is_reported"])
        for row in rows_of(built(tmp_path, rows, ["clean.months"]), "clean.months")
    ]
    assert found[:4] == [
        ("2022-10", 2022, 2023, True), ("2022-11", 2022, 2023, True), ("2022-12", 2022, 2023, True), ("2023-01", 2023, 2023, True),
    ]  # fmt: skip
    assert found[10:] == [
        ("2023-08", 2023, 2023, True), ("2023-09", 2023, 2023, True), ("2023-10", 2023, 2024, False), ("2023-11", 2023, 2024, False),
    ]  # fmt: skip


def test_a_period_may_be_set_to_months_without_sales(tmp_path: Path) -> None:
    assert period_of(tmp_path, MONTHS, ("2030-01", "2030-12")) == ("2030-01", "2030-12", 0, False)


def test_an_export_of_which_no_sale_can_be_used_has_no_period_and_is_refused_for_that(tmp_path: Path) -> None:
    rows = minimal_rows()
    for row in rows["Sales"]:
        row["Sales"] = "x"

    warehouse = built(tmp_path, rows)

    assert rows_of(warehouse, "clean.reporting_period") == [{"period_start": None, "period_end": None, "months": 0, "is_full_year": False}]
    verdict = checks.period_has_sales(warehouse)
    assert not verdict.passed
    assert "no sales" in verdict.found


def test_rows_outside_the_period_stay_in_the_cleaned_tables_and_out_of_the_figures(tmp_path: Path) -> None:
    warehouse = built(tmp_path, minimal_rows(), ["clean.ca_par_segment"], period=("2022-11", "2022-12"))

    assert len(rows_of(warehouse, "clean.sales")) == 9
    assert {row["month"] for row in rows_of(warehouse, "clean.sales_in_period")} == {dt.date(2022, 11, 1), dt.date(2022, 12, 1)}
    found = {row["segment"]: row["revenue"] for row in rows_of(warehouse, "clean.ca_par_segment")}
    assert found == {"Vin": Decimal(400), "Offres commerciales": Decimal(400), "Spiritueux": Decimal(380)}


# --- Any cell anywhere --------------------------------------------------------------------------------------------------------------


def test_a_number_that_was_stored_as_bytes_is_called_bytes_and_no_zero_byte_reaches_the_quarantine(tmp_path: Path) -> None:
    rows = minimal_rows()
    rows["Web"][0]["Segment"] = "Vin\0"
    rows["Finance"][1]["Price"] = (20).to_bytes(8, "little")  # as a data frame writes numpy's integers to SQLite
    warehouse = built(tmp_path, rows, ["clean.quarantine"])

    quarantined = {row["source_table"]: row for row in rows_of(warehouse, "clean.quarantine") if "bytes" in row["reason"]}
    assert {name: (row["column_name"], row["column_value"]) for name, row in quarantined.items()} == {
        "finance": ("price", "x'1400000000000000'"),
        "web": ("segment", "x'56696E00'"),
    }
    assert "\0" not in "".join(row["exported_row"] for row in quarantined.values())


@pytest.mark.parametrize("table", ["Web", "Finance", "Sales", "Promo"])
def test_bytes_that_are_no_text_are_no_copy_of_a_text_that_spells_them(tmp_path: Path, table: str) -> None:
    rows = minimal_rows()
    column = COLUMNS[table][-1]
    rows[table][0][column] = "x'C3'"
    rows[table].append({**rows[table][0], column: b"\xc3"})
    warehouse = built(tmp_path, rows, ["clean.row_accounting"])

    assert (
        next(row["duplicates_dropped"] for row in rows_of(warehouse, "clean.row_accounting") if row["source_table"] == table.lower()) == 0
    )
    quarantined = {
        row["row_number"]: row["reason"] for row in rows_of(warehouse, "clean.quarantine") if row["source_table"] == table.lower()
    }
    assert quarantined[len(rows[table])] == "is not UTF-8 text, but bytes"


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.text(
    st.sampled_from("0123456789-_,. \"'|&<>;x\0\u00a0cl"), max_size=12
)
REALS = st.floats(-1e6, 1e6).map(lambda real: round(real, 4)) | st.sampled_from([float("inf"), float("nan"), 1e-7, 1e14])
CELLS: st.SearchStrategy[Cell] = TEXTS | st.integers(-(2**63), 2**63 - 1) | REALS | st.none() | st.binary(max_size=6) | st.sampled_from(
    ["2022-10_10", "2022-011_20", "0000-01_10", "0000-01-01", "9999-12-31", "0cl", "99999999999cl", "-0", "1e400", "&#0;", "x'C3'"]
)  # fmt: skip
PLACES = st.sampled_from([(table, column) for table in ("Web", "Finance", "Sales", "Promo") for column in COLUMNS[table]])
SPARE = 60


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])
@given(changes=st.lists(st.tuples(PLACES, st.integers(0, SPARE), CELLS), max_size=25))
@example(changes=[(("Finance", "Price"), 55, -502440.555), (("Promo", "Key_Promo"), 33, b"?\xa9X^\xd8")])  # was worth less than nothing
def test_any_cell_anywhere_leaves_every_row_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[tuple[str, str], int, Cell]]
) -> None:
    rows = minimal_rows()
    for (table, column), place, cell in changes:
        rows[table][place % len(rows[table])][column] = cell
    warehouse = built(tmp_path_factory.mktemp("any"), rows)
    quarantine = rows_of(warehouse, "clean.quarantine")
    counted = Counter(row["source_table"] for row in quarantine)
    for row in rows_of(warehouse, "clean.row_accounting"):
        assert row["rows_read"] == row["rows_kept"] + row["rows_quarantined"] + row["duplicates_dropped"] + row["rows_left_out"]
        assert row["rows_quarantined"] == counted[row["source_table"]]
    for row in quarantine:
        table = next(name for name in rows if name.lower() == row["source_table"])
        cells = [as_text(cell) for cell in sqlite_cells(rows[table][row["row_number"] - 1], table)]
        assert row["exported_row"] == csv_line(cells)
        assert row["column_value"] == cells[[name.lower() for name in COLUMNS[table]].index(row["column_name"])]
        assert next(csv.reader(io.StringIO(row["exported_row"], newline=""))) == [cell or "" for cell in cells]


def sqlite_cells(row: Row, table: str) -> list[Cell]:
    """Return a row's cells as SQLite stores them: a NaN as null, a real as SQLite's own text of it."""
    values = [row[name] for name in COLUMNS[table]]
    marks = ", ".join(
        "case typeof(?1) when 'real' then cast(?1 as text) else ?1 end".replace("?1", f"?{n}") for n in range(1, len(values) + 1)
    )
    with closing(sqlite3.connect(":memory:")) as connection:
        return list(connection.execute(f"select {marks}", values).fetchone())
