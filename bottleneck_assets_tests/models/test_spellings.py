"""Bends whole exports as shops, spreadsheets and data frames do, and holds the cleaned tables against what the plain export says.

What is expected is computed from the plain export by `independent`, which shares nothing with the project; a bend must change nothing of
it, or what its test says. Each bend stands for a kind that was met.
"""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
from contextlib import closing
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from bottleneck_assets.engine.warehouse import BrokenContractError, Origin, Warehouse
from bottleneck_assets.models import checks
from bottleneck_assets.models.catalog import models
from bottleneck_assets.models.functions import FUNCTIONS
from bottleneck_assets.models.judging import failures
from bottleneck_assets.sample.export import write_sample_export
from bottleneck_assets.source.labels import label_key, label_shown
from bottleneck_assets_tests import independent
from bottleneck_assets_tests.small_export import (
    COLUMNS,
    GIFT,
    MONTHS,
    SPIRIT,
    WINE,
    Rows,
    build,
    built,
    finance_row,
    ingest,
    minimal_rows,
    promo_row,
    rows_of,
    sales_row,
    web_row,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

Records = dict[tuple[Any, ...], dict[str, Any]]

CLEAN = ("web", "finance", "promo", "sales")
NARROW, THIN, WIDE = "\u202f", "\u2009", "\u00a0"
READ_ANOTHER_WAY = "written another way than the shop does: read as what it means"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("spelled") / "plain.db"
    write_sample_export(path, seed=2022)
    return path


@pytest.fixture(scope="module")
def plain(sample: Path) -> dict[str, Records]:
    """Return the cleaned tables of the plain export, computed independently."""
    return expected(sample)


def expected(export: Path) -> dict[str, Records]:
    clean = independent.clean_all(independent.read_all(independent.read_export(export)), "included")
    return {name: keyed(clean[name].to_dict("records")) for name in CLEAN}


def keyed(rows: Iterable[Mapping[Any, Any]]) -> Records:
    """Return rows by their key, what is missing in each as None."""
    return {(row.get("month"), row["sku"]): {str(name): comparable(value) for name, value in row.items()} for row in rows}


def comparable(value: Any) -> Any:
    return None if pd.isna(value) else round(value, 9) if isinstance(value, float) else value


def found(warehouse: Warehouse) -> dict[str, Records]:
    return {name: keyed(rows_of(warehouse, f"clean.{name}")) for name in CLEAN}


@pytest.fixture
def bent(sample: Path, tmp_path: Path) -> Callable[..., Warehouse]:
    """Return a function that bends a copy of the sample by some statements, and builds tables from it."""

    def bend(*statements: str, also: Iterable[str] = ()) -> Warehouse:
        path = tmp_path / "bent.db"
        shutil.copy(sample, path)
        with closing(sqlite3.connect(path)) as connection, connection:
            for statement in statements:
                connection.execute(statement)
        warehouse = Warehouse(tmp_path / "warehouse", functions=FUNCTIONS)
        ingest(path, warehouse)
        build(warehouse, [*(f"clean.{name}" for name in CLEAN), *also])
        return warehouse

    return bend


def every_column(table: str, columns: str, spelled: str) -> list[str]:
    """Return what spells some columns another way, in a table without types: SQLite would make numbers of texts again."""
    cells = ", ".join(f"{spelled.format(name) if name in columns.split() else name} as {name}" for name in COLUMNS[table])
    return [f"create table New as select {cells} from {table}", f"drop table {table}", f"alter table New rename to {table}"]


AMERICAN = "substr({0}, 6, 2) || '/' || substr({0}, 9, 2) || '/' || substr({0}, 1, 4)"
FRENCH = "substr({0}, 9, 2) || '/' || substr({0}, 6, 2) || '/' || substr({0}, 1, 4)"

BENDS: dict[str, list[str]] = {
    "dates with midnight": [
        *every_column("Finance", "Date", "{0} || ' 00:00:00'"),
        *every_column("Promo", "Start_Date End_Date", "{0} || 'T00:00:00.000'"),
    ],
    "dates with a time of day": every_column(
        "Web", "Post_date Post_modified", "substr({0}, 7, 4) || '-' || substr({0}, 4, 2) || '-' || substr({0}, 1, 2) || ' 13:45:12'"
    ),
    "dates in the French way": [*every_column("Finance", "Date", FRENCH), *every_column("Promo", "Start_Date End_Date", FRENCH)],
    "dates in the American way, with a time": every_column("Promo", "Start_Date End_Date", f"{AMERICAN} || ' 12:00:00 AM'"),
    "dates of pages in the American way": every_column(
        "Web", "Post_date", "substr({0}, 4, 2) || '/' || substr({0}, 1, 2) || '/' || substr({0}, 7, 4)"
    ),
    "dates with dots": every_column("Web", "Post_date Post_modified", "replace({0}, '-', '.')"),
    "a carriage return": [
        *every_column("Finance", "Purchase_Price Key_Finance Onsale_Web", "{0} || char(13)"),
        *every_column("Sales", "Stock Orders Key_Sales", "{0} || char(13, 10)"),
        *every_column("Promo", "Price_Offer", "{0} || char(13)"),
        *every_column("Web", "Comment_count SKU Segment Post_title Guid Post_status", "{0} || char(13)"),
    ],
    "white space that cannot be seen": [
        *every_column("Finance", "Price SKU Date Taxe_Statut", f"'\ufeff' || {{0}} || '{WIDE}'"),
        *every_column("Sales", "Sales", f"char(9) || {{0}} || '{THIN}'"),
        *every_column("Web", "Post_title Product_type Contenance Average_rating Post_date", f"'\ufeff' || {{0}} || '{NARROW}\u200b'"),
    ],
    "keys that once were floats": [
        "update Finance set Key_Finance = Key_Finance || '.0', SKU = SKU || '.0'",
        "update Sales set Key_Sales = Key_Sales || '.0'",
        "update Promo set Key_Promo = Key_Promo || '.0'",
    ],
    "counts that once were floats": [
        *every_column("Sales", "Sales Stock Orders", "case when {0} = '' then {0} else {0} || '.0' end"),
        *every_column("Promo", "Sales_Offer", "{0} || ',0'"),
        *every_column("Web", "Rating_count Comment_count Post_author", "{0} || '.0'"),
    ],
    "numbers of products that once were floats": every_column("Web", "SKU", "{0} || '.0'"),
    "flags as words": ["update Finance set Onsale_Web = case Onsale_Web when 1 then 'true' when 0 then 'False' else Onsale_Web end"],
    "flags as French words": ["update Finance set Onsale_Web = case Onsale_Web when 1 then 'Oui' when 0 then 'non' else Onsale_Web end"],
    "amounts with a currency": [
        *every_column("Finance", "Price", f"replace({{0}}, '.', ',') || '{WIDE}€'"),
        *every_column("Finance", "Purchase_Price", "{0} || ' EUR'"),
        *every_column("Promo", "Price_Offer", "'€' || {0}"),
    ],
    "names of columns and tables": [
        'alter table Finance rename column Price to "Price "',
        'alter table Web rename column SKU to "\ufeffSKU"',
        f'alter table Sales rename column Stock to "{WIDE}stock\r"',
        'alter table Promo rename to "\ufeffPROMO "',
    ],
    "attachments before the products": [
        "create table New as select * from Web limit 0",
        "insert into New select * from Web order by SKU limit 30",
        "update New set Post_type = 'attachment', Post_title = 'img', Post_status = 'inherit', Rating_count = 0, Average_rating = ''",
        "insert into New select * from Web",
        "drop table Web",
        "alter table New rename to Web",
    ],
    "a cell of every kind of space": ["update Sales set Orders = '\u00a0' || char(13) || '\u2003' where Orders = ''"],
}


@pytest.mark.parametrize("bend", BENDS)
def test_a_plain_spelling_changes_no_value(bent: Callable[..., Warehouse], plain: dict[str, Records], bend: str) -> None:
    tables = found(bent(*BENDS[bend]))

    for name in CLEAN:
        assert tables[name] == plain[name]


def test_an_empty_tax_status_costs_no_revenue(bent: Callable[..., Warehouse], plain: dict[str, Records]) -> None:
    tables = found(bent("update Finance set Taxe_Statut = ''"))

    assert tables["sales"] == plain["sales"]
    assert {row["is_taxable"] for row in tables["finance"].values()} == {None}


def test_a_flag_that_is_none_is_quarantined_and_the_reason_names_it(bent: Callable[..., Warehouse]) -> None:
    warehouse = bent(*BENDS["flags as words"], also=["clean.quarantine", "clean.quarantine_worth"])

    assert [(row["column_name"], row["column_value"]) for row in rows_of(warehouse, "clean.quarantine")] == [("onsale_web", "4")]
    assert "onsale_web '4' is neither 0 nor 1" in checks.nothing_is_quarantined(warehouse).found


def test_what_was_respelled_is_counted_by_column(bent: Callable[..., Warehouse], plain: dict[str, Records]) -> None:
    words = [
        *every_column("Finance", "Taxe_Statut", "' ' || upper({0})"),
        *every_column("Web", "Contenance Post_status Comment_status", "upper({0}) || ' '"),
        "create table ca_par_segment as select 'VIN' as segment, '1 234,50 €' as revenue",
    ]
    warehouse = bent(*BENDS["dates with midnight"], *BENDS["counts that once were floats"], *words, also=["clean.imputation"])
    counted = {
        (row["source_table"], row["column_name"]): row["cells_treated"]
        for row in rows_of(warehouse, "clean.imputation")
        if row["treatment"] == READ_ANOTHER_WAY
    }

    assert counted["finance", "date"] == len(plain["finance"])
    assert counted["promo", "start_date"] == counted["promo", "end_date"] == counted["promo", "sales_offer"] == len(plain["promo"])
    assert counted["sales", "sales"] == counted["sales", "stock"] == len(plain["sales"])
    assert counted["finance", "taxe_statut"] == len(plain["finance"])
    assert counted["web", "post_author"] == counted["web", "post_status"] == counted["web", "comment_status"] == len(plain["web"])
    assert 0 < counted["web", "contenance"] <= len(plain["web"])
    assert counted["ca_par_segment", "segment"] == counted["ca_par_segment", "revenue"] == 1
    assert ("finance", "price") not in counted


def test_the_plain_export_counts_no_respelled_cell(bent: Callable[..., Warehouse]) -> None:
    treatments = {row["treatment"] for row in rows_of(bent(also=["clean.imputation"]), "clean.imputation")}

    assert READ_ANOTHER_WAY not in treatments


def test_a_price_with_thousands_is_read_in_every_notation(tmp_path: Path) -> None:
    grouped = [
        f"1{space}234{rest}" for space in (NARROW, THIN, WIDE, " ", "\t", "'", "\u2019") for rest in (",5", ".50", ",500 €", ".5EUR")
    ]
    spellings = [*grouped, "1234,5", "1.234,50", "1,234.50", "€ 1,234.5", f"€{NARROW}1234,50", "$1234.5"]
    rows = minimal_rows()
    rows["Finance"] = [finance_row("2022-10", sku, Price=spelling) for sku, spelling in enumerate(spellings)]
    prices = {row["sku"]: row["price"] for row in rows_of(built(tmp_path, rows, ["clean.finance"]), "clean.finance")}

    assert {spelling: prices.get(sku) for sku, spelling in enumerate(spellings)} == dict.fromkeys(spellings, Decimal("1234.5"))


# --- Two readings -------------------------------------------------------------------------------------------------------------------


def prices_of(folder: Path, price: str, cost: str, *, others: Iterable[tuple[str, str]] = ()) -> list[tuple[Decimal, Decimal]]:
    """Return price and cost of the wine in October, as they are kept; others are the rows of further products."""
    rows = minimal_rows()
    rows["Finance"][0].update({"Price": price, "Purchase_Price": cost})
    for sku, (other_price, other_cost) in enumerate(others, start=500):
        rows["Finance"].append(finance_row("2022-10", sku, Price=other_price, Purchase_Price=other_cost))
    kept = rows_of(built(folder, rows, ["clean.finance"]), "clean.finance")
    return [(row["price"], row["purchase_price"]) for row in kept if (row["month"].month, row["sku"]) == (10, WINE)]


@pytest.mark.parametrize(
    ("price", "cost", "others", "expected"),
    [
        pytest.param("1,299", "866.00", [("21,7", "12,5")], ("1299", "866"), id="the cost says thousands"),
        pytest.param("1.299", "866,00", [("21,7", "12,5")], ("1299", "866"), id="the cost says thousands, by a dot"),
        pytest.param("1499", "1,049", [("21,7", "12,34567")], ("1499", "1049"), id="the price says thousands, whatever the column has"),
        pytest.param("20", "12,345", [("21,7", "12,5")], ("20", "12.345"), id="the price says decimals"),
        pytest.param("2,50", "1,299", [("21,7", "12,5")], ("2.5", "1.299"), id="the price says decimals, of a cheap one"),
        pytest.param("1,299", "1,049", [("1,299.00", "1,049.50")], ("1299", "1049"), id="the column groups by commas"),
        pytest.param("1.299", "1.049", [("1.299,00", "1.049,50")], ("1299", "1049"), id="the column groups by dots"),
        pytest.param("1,299", "1,049", [("2,71828", "1,4142")], ("1.299", "1.049"), id="the column has long decimals"),
        pytest.param("1,299", "1,049", [("21,7", "12,5")], None, id="nothing says which"),
        pytest.param("1,299", "0", [("21,7", "12,5")], None, id="a cost of nothing says nothing"),
    ],
)
def test_an_amount_of_two_readings_is_settled_or_quarantined(
    tmp_path: Path, price: str, cost: str, others: list[tuple[str, str]], expected: tuple[str, str] | None
) -> None:
    kept = prices_of(tmp_path, price, cost, others=others)

    assert kept == ([(Decimal(expected[0]), Decimal(expected[1]))] if expected else [])


def test_what_stays_open_is_named(tmp_path: Path) -> None:
    rows = minimal_rows()
    rows["Finance"][0].update({"Price": "1,299", "Purchase_Price": "1,049"})
    rows["Finance"][1]["Price"] = "21,7"
    found = rows_of(built(tmp_path, rows, ["clean.quarantine"]), "clean.quarantine")

    assert found[0]["reason"] == "has two readings, thousands or decimals"
    assert found[0]["column_value"] == "1,299"


def test_an_offer_of_two_readings_is_settled_by_the_list_price(tmp_path: Path) -> None:
    rows = minimal_rows()
    for row in rows["Finance"]:
        row.update({"Price": "1299", "Purchase_Price": "866"})
    rows["Promo"][0]["Price_Offer"] = "1,099"

    assert [row["offer_price"] for row in rows_of(built(tmp_path, rows, ["clean.promo"]), "clean.promo")] == [Decimal(1099)]


@pytest.mark.parametrize(
    ("cell", "others", "units"),
    [
        pytest.param("1,000", [], 1000, id="whole numbers beside it"),
        pytest.param("1.000", [], 1000, id="whole numbers beside it, by a dot"),
        pytest.param("1,000", ["2,500"], 1000, id="another that can only be thousands"),
        pytest.param("1,000", ["7.0"], 1000, id="floats by the other mark"),
        pytest.param("1.000", ["0.000", "1234.000"], 1, id="floats of three decimals"),
        pytest.param("1.000", ["7.0"], None, id="floats by the same mark"),
        pytest.param("2.500", ["7.0"], None, id="no whole number as a float"),
    ],
)
def test_a_count_of_two_readings_is_settled_by_its_column_or_quarantined(
    tmp_path: Path, cell: str, others: list[str], units: int | None
) -> None:
    rows = minimal_rows()
    rows["Sales"][0]["Sales"] = cell
    for row, other in zip(rows["Sales"][1:], others, strict=False):
        row["Sales"] = other
    kept = [
        row["units"]
        for row in rows_of(built(tmp_path, rows, ["clean.sales"]), "clean.sales")
        if row["sku"] == WINE and row["month"].month == 10
    ]

    assert kept == ([] if units is None else [units])


def dates_of(folder: Path, start: str, end: str, *, others: Iterable[tuple[str, str]] = ()) -> list[tuple[dt.date, dt.date]]:
    """Return the dates of the promotion of the spirit in November; others are further promotions of that month."""
    rows = minimal_rows()
    rows["Promo"] = [promo_row("2022-11", SPIRIT, Start_Date=start, End_Date=end)]
    for sku, (other_start, other_end) in enumerate(others, start=500):
        rows["Web"].append(web_row(sku))
        rows["Finance"].append(finance_row("2022-11", sku))
        rows["Promo"].append(promo_row("2022-11", sku, Start_Date=other_start, End_Date=other_end))
    return [
        (row["starts_on"], row["ends_on"]) for row in rows_of(built(folder, rows, ["clean.promo"]), "clean.promo") if row["sku"] == SPIRIT
    ]


@pytest.mark.parametrize(
    ("start", "end", "others", "expected"),
    [
        pytest.param("05/11/2022", "08/11/2022", [("21/11/2022", "30/11/2022")], ("2022-11-05", "2022-11-08"), id="a day beyond 12"),
        pytest.param("11/05/2022", "11/08/2022", [("11/21/2022", "11/30/2022")], ("2022-11-05", "2022-11-08"), id="a month beyond 12"),
        pytest.param("11-01-2022", "11-10-2022", [], ("2022-11-01", "2022-11-10"), id="the month of the key, American"),
        pytest.param("01-11-2022", "10-11-2022", [], ("2022-11-01", "2022-11-10"), id="the month of the key, French"),
        pytest.param("05/11/2022", "08/11/2022", [("21/11/2022", "30/11/2022"), ("11/21/2022", "11/30/2022")], None, id="both ways"),
        pytest.param("03/04/2022", "05/06/2022", [], None, id="neither lies in the month of the key"),
    ],
)
def test_the_order_of_day_and_month_is_settled_by_the_column_or_the_row_is_quarantined(
    tmp_path: Path, start: str, end: str, others: list[tuple[str, str]], expected: tuple[str, str] | None
) -> None:
    kept = dates_of(tmp_path, start, end, others=others)

    assert kept == ([tuple(map(dt.date.fromisoformat, expected))] if expected else [])


def test_american_dates_are_named(bent: Callable[..., Warehouse]) -> None:
    verdict = checks.every_column_says_how_it_is_read(bent(*BENDS["dates in the American way, with a time"]))

    assert not verdict.passed
    assert "promo.start_date" in verdict.found


# --- Contradictions -----------------------------------------------------------------------------------------------------------------


def contradictions_of(folder: Path, rows: Rows) -> list[tuple[str, int]]:
    warehouse = built(folder, rows, ["clean.contradictions"])
    verdict = checks.rows_do_not_contradict_themselves(warehouse)
    listed = [(row["contradiction"], row["sku"]) for row in rows_of(warehouse, "clean.contradictions")]
    assert verdict.passed == (not listed)
    assert all(contradiction in verdict.found for contradiction, _ in listed)
    return listed


@pytest.mark.parametrize(
    ("table", "row", "cells", "contradiction", "sku"),
    [
        ("Promo", 0, {"Start_Date": "2022-01-12", "End_Date": "2022-10-12"}, "promotion outside the month of its key", SPIRIT),
        ("Promo", 0, {"Price_Offer": "20,01"}, "offer above the list price", SPIRIT),
        ("Finance", 0, {"Price": "5"}, "price far below the cost", WINE),
        ("Finance", 0, {"Price": "1,299", "Purchase_Price": "866.00"}, None, WINE),
        ("Finance", 0, {"Purchase_Price": "0,5"}, "cost far below the price", WINE),
        ("Finance", 0, {"Purchase_Price": "0"}, "cost of 0 with units sold", WINE),
        ("Finance", 2, {"Purchase_Price": "0"}, None, GIFT),
        ("Finance", 0, {"Price": "0"}, "price of 0 with units sold", WINE),
        ("Promo", 0, {"Start_Date": "2022-10-25", "End_Date": "2022-12-03"}, None, SPIRIT),
        ("Promo", 0, {"Start_Date": "2022-01-11", "End_Date": "2022-12-11"}, "promotion of more than three months", SPIRIT),
        ("Promo", 0, {"Start_Date": "2022-11-01", "End_Date": "2023-01-31"}, None, SPIRIT),  # 92 days
        ("Promo", 0, {"Start_Date": "2022-11-01", "End_Date": "2023-02-01"}, "promotion of more than three months", SPIRIT),
        ("Promo", 0, {"Price_Offer": "0"}, "offer of 0 with units sold", SPIRIT),
        ("Promo", 0, {"Price_Offer": "0", "Sales_Offer": "0"}, None, SPIRIT),
        ("Promo", 0, {"Price_Offer": "3,99"}, "offer far below the cost", SPIRIT),
        ("Promo", 0, {"Price_Offer": "6"}, None, SPIRIT),
    ],
)
def test_cells_that_contradict_one_another_are_named(
    tmp_path: Path, table: str, row: int, cells: dict[str, str], contradiction: str | None, sku: int
) -> None:
    rows = minimal_rows()
    rows[table][row].update(cells)

    assert contradictions_of(tmp_path, rows) == ([(contradiction, sku)] if contradiction else [])


# --- What a quarantine is worth -----------------------------------------------------------------------------------------------------


def test_promotions_without_an_end_keep_their_units_at_the_offers_price(bent: Callable[..., Warehouse], plain: dict[str, Records]) -> None:
    warehouse = bent("update Promo set End_Date = '' where rowid % 3 = 0", also=["clean.quarantine_worth"])
    tables = found(warehouse)

    assert len(tables["promo"]) == len(plain["promo"]) - len(plain["promo"]) // 3
    assert tables["sales"] == plain["sales"]
    assert sum(row["revenue"] for row in rows_of(warehouse, "clean.quarantine_worth")) == 0


def test_a_quarantine_tells_what_it_is_worth_and_beyond_a_share_of_the_revenue_refuses(
    bent: Callable[..., Warehouse], plain: dict[str, Records]
) -> None:
    revenue: dict[int, Decimal] = {}
    for (_, sku), row in plain["sales"].items():
        revenue[sku] = revenue.get(sku, Decimal(0)) + row["revenue"]
    whole = sum(revenue.values(), Decimal(0))
    sku = max(revenue, key=lambda one: revenue[one])
    warehouse = bent(f"update Finance set Price = 'sur demande' where SKU = '{sku}'", also=["clean.quarantine", "clean.quarantine_worth"])
    (worth,) = (row for row in rows_of(warehouse, "clean.quarantine_worth") if row["revenue"])
    units = sum(row["units"] for (_, one), row in plain["sales"].items() if one == sku)

    assert (worth["source_table"], worth["units"]) == ("finance", units)
    assert float(worth["revenue"]) == pytest.approx(float(revenue[sku]), rel=0.25)  # its price is not known: cost at the shop's mark-up
    assert worth["revenue_share"] == pytest.approx(float(worth["revenue"] / (whole - revenue[sku] + worth["revenue"])))
    refused = checks.quarantine_is_worth_little(warehouse, float(worth["revenue_share"]) * 0.9)
    assert not refused.passed
    assert f"{worth['units']:,} units" in refused.found
    assert checks.quarantine_is_worth_little(warehouse, float(worth["revenue_share"]) * 1.1).passed
    assert f"{worth['revenue']:,.2f} EUR" in checks.nothing_is_quarantined(warehouse).found


@pytest.mark.parametrize(
    ("table", "cells", "units", "revenue"),
    [
        ("Sales", {"Stock": "x"}, 10, 200),
        ("Sales", {"Sales": "x"}, 10, 200),  # the product's mean of its other months
        ("Finance", {"Onsale_Web": "4"}, 10, 200),
        ("Finance", {"Price": "x"}, 10, 200),  # the price of its other months
        ("Web", {"Segment": ""}, 30, 600),
        ("Web", {"Post_author": ""}, 0, 0),
    ],
)
def test_the_worth_of_a_row_is_its_units_at_its_price(tmp_path: Path, table: str, cells: dict[str, str], units: int, revenue: int) -> None:
    rows = minimal_rows()
    rows[table][0].update(cells)
    worth = {row["source_table"]: row for row in rows_of(built(tmp_path, rows, ["clean.quarantine_worth"]), "clean.quarantine_worth")}

    assert {name: (row["units"], row["revenue"]) for name, row in worth.items() if row["units"]} == (
        {table.lower(): (units, Decimal(revenue))} if units else {}
    )


def test_an_offer_that_cannot_be_read_is_worth_its_discount(tmp_path: Path) -> None:
    rows = minimal_rows()
    rows["Promo"].append(promo_row("2022-12", WINE, Sales_Offer="3", Price_Offer="15", Key_Promo="2022-12_10"))
    rows["Promo"][1]["Sales_Offer"] = "x"
    worth = {row["source_table"]: row for row in rows_of(built(tmp_path, rows, ["clean.quarantine_worth"]), "clean.quarantine_worth")}

    assert (worth["promo"]["rows_quarantined"], worth["promo"]["rows_of_unknown_worth"]) == (1, 1)


# --- Labels -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bend",
    [
        ["update Web set Segment = upper(Segment) where rowid % 41 = 0", "update Web set Segment = Segment || ' ' where rowid % 43 = 0"],
        [f"update Web set Segment = '{WIDE}' || replace(Segment, ' ', '{NARROW}') where rowid % 7 = 0"],
        [
            "update Web set Product_type = replace(Product_type, '''', '&#039;')",
            "update Web set Product_type = upper(Product_type) where rowid % 9 = 0",
        ],
        ["update Web set Product_type = replace(Product_type, 'e', 'e') || char(13) where rowid % 5 = 0"],
    ],
    ids=["case and outer space", "spaces of any width", "entities", "a carriage return"],
)
def test_labels_that_are_one_are_shown_in_their_commonest_spelling(
    bent: Callable[..., Warehouse], plain: dict[str, Records], bend: list[str]
) -> None:
    warehouse = bent(*bend)

    assert found(warehouse)["web"] == plain["web"]
    verdict = checks.labels_are_spelled_one_way(warehouse)
    assert not verdict.passed
    assert "are spelled in several ways" in verdict.found


def test_a_label_without_another_spelling_is_no_warning(bent: Callable[..., Warehouse]) -> None:
    assert checks.labels_are_spelled_one_way(bent()).passed


def test_the_gift_cards_have_no_stock_however_their_segment_is_spelled(tmp_path: Path) -> None:
    labels = ["Offres Commerciales", "OFFRES  COMMERCIALES ", f"offres{WIDE}commerciales", "Offres\u2028commerciales"]
    rows = minimal_rows()
    rows["Web"][2]["Segment"] = labels[0]
    rows["Web"] += [web_row(sku, Segment=label) for sku, label in enumerate(labels, start=500)]
    stocked = {row["sku"] for row in rows_of(built(tmp_path, rows, ["clean.web"]), "clean.web") if row["is_stocked"]}

    assert stocked == {WINE, SPIRIT}


@pytest.mark.parametrize(
    ("spelling", "shown"),
    [
        ("Vin &amp; Bulles", "Vin & Bulles"),
        ("Huile d&#039;olive", "Huile d'olive"),
        ("Rose\u0301", "Rosé"),
        ("Vin\u2028rouge", "Vin rouge"),
        (f"\ufeff Sans{NARROW}{WIDE}Alcool\r\n", "Sans Alcool"),
    ],
)
def test_a_label_is_shown_without_entities_in_one_unicode_form_with_single_spaces(spelling: str, shown: str) -> None:
    assert label_shown(spelling) == shown
    assert label_key(spelling) == label_key(shown.upper())


def test_the_exports_own_revenue_is_compared_by_label(tmp_path: Path) -> None:
    rows = minimal_rows()
    rows["ca_par_segment"] = [
        {"segment": "VIN ", "revenue": "600"},
        {"segment": "offres&nbsp;commerciales", "revenue": "600,00 €"},
        {"segment": "Spiritueux", "revenue": "580"},
    ]

    assert checks.revenue_agrees_with_the_export(built(tmp_path, rows)).found == "Revenue by segment is the export's own."


# --- Rows that are no product's, and text -------------------------------------------------------------------------------------------


def test_attachments_are_left_out_and_counted(bent: Callable[..., Warehouse], plain: dict[str, Records]) -> None:
    warehouse = bent(*BENDS["attachments before the products"], also=["clean.row_accounting"])
    (row,) = (row for row in rows_of(warehouse, "clean.row_accounting") if row["source_table"] == "web")

    assert (row["rows_left_out"], row["rows_kept"], row["rows_quarantined"]) == (30, len(plain["web"]), 0)
    assert checks.every_row_is_accounted_for(warehouse).passed


TITLES = {
    "Domaine<br>du Lac": "Domaine du Lac",
    "Domaine<BR />du Lac": "Domaine du Lac",
    "<p>Domaine</p><p>du Lac</p>": "Domaine du Lac",
    "Dom<b>aine</b>": "Domaine",
    "Domaine\u2028du Lac": "Domaine du Lac",
    "<broken>Domaine": "Domaine",
}


def test_a_tag_that_breaks_the_line_is_a_space(tmp_path: Path) -> None:
    rows = minimal_rows()
    rows["Web"] = [web_row(sku, Post_title=title) for sku, title in enumerate(TITLES)]

    assert [row["title"] for row in rows_of(built(tmp_path, rows, ["clean.web"]), "clean.web")] == [*TITLES.values()]


def test_a_product_sold_before_it_can_be_read_is_not_lost_for_want_of_a_date(tmp_path: Path) -> None:
    rows = minimal_rows()
    rows["Web"][0].update({"Post_date": "x", "Post_author": "", "Post_name": "", "Guid": ""})
    rows["Finance"][0]["Taxe_Statut"] = ""
    sold = [row for row in rows_of(built(tmp_path, rows, ["clean.sales"]), "clean.sales") if row["sku"] == WINE]

    assert len(sold) == len([row for row in rows["Sales"] if str(row["Key_Sales"]).endswith(f"_{WINE}")])
    assert sales_row("2022-10", WINE)["Sales"] == sold[0]["units"]


# --- What figures make of it ----------------------------------------------------------------------------------------------------------


def test_a_product_whose_promotion_is_in_quarantine_leaves_control_group_and_baselines(tmp_path: Path) -> None:
    rows = minimal_rows()
    rows["Web"] += [web_row(sku) for sku in (500, 501)]
    rows["Finance"] += [finance_row(month, sku) for month in MONTHS for sku in (500, 501)]
    rows["Sales"] += [sales_row(month, sku) for month in MONTHS for sku in (500, 501)]
    rows["Promo"] += [
        promo_row("2022-12", SPIRIT, End_Date=""),  # the spirit has another promotion, in November
        promo_row("2022-12", 500, Sales_Offer="x"),
    ]
    warehouse = built(tmp_path, rows, ["kpi.control_group", "kpi.promo_campaign"])

    assert {row["sku"] for row in rows_of(warehouse, "kpi.control_group")} == {WINE, 501}
    assert [(row["products"], row["products_without_baseline"]) for row in rows_of(warehouse, "kpi.promo_campaign")] == [(1, 1)]
    verdict = checks.every_product_is_wholly_known(warehouse)
    assert not verdict.passed
    assert "2 products" in verdict.found


def test_an_offer_above_the_list_price_is_no_discount_that_turns_a_return_round(tmp_path: Path) -> None:
    rows = minimal_rows()
    rows["Promo"].append(promo_row("2022-11", WINE, Price_Offer="25"))
    costs = {row["sku"]: row for row in rows_of(built(tmp_path, rows, ["kpi.promo_roi"]), "kpi.promo_roi")}

    assert costs[WINE]["discount_cost"] == 0
    assert costs[WINE]["margin_roi"] is None
    assert costs[SPIRIT]["discount_cost"] == Decimal("16.6667")  # 4 * (20 - 15), net of 20 % of VAT


def test_a_campaign_over_a_months_end_counts_its_products_once(tmp_path: Path) -> None:
    rows = minimal_rows()
    days = {"Start_Date": "2022-11-21", "End_Date": "2022-12-10"}
    rows["Promo"] = [promo_row(month, SPIRIT, **days) for month in ("2022-11", "2022-12")]
    (campaign,) = rows_of(built(tmp_path, rows, ["kpi.promo_campaign"]), "kpi.promo_campaign")

    assert (campaign["products"], campaign["units_promo"]) == (1, 8)
    assert checks.rows_do_not_contradict_themselves(built(tmp_path / "again", rows, ["clean.contradictions"])).passed


def test_a_number_that_is_none_keeps_no_contract(tmp_path: Path) -> None:
    warehouse = built(tmp_path, minimal_rows(), ["clean.stock_ledger"])
    model = models()["raw.parameters"]
    row = {**rows_of(warehouse, "raw.parameters")[0], "service_level": float("nan")}

    with pytest.raises(BrokenContractError, match="service_level"):
        warehouse.put(
            "raw.parameters",
            model.promise.arrow_table([row]),
            origin=Origin("t", "t", "1"),
            code_version="1",
            check=partial(failures, model),
        )
