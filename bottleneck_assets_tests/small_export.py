"""Writes exports of a few rows by hand and runs the models over them, without Dagster.

Belongs here: the rows of a minimal valid export, writing any cells into a SQLite file, and building tables in order of their
dependencies. Never here: a test, or an expected figure.

The minimal export: three products (a wine, a spirit, a gift card) over 2022-10 to 2022-12, one promotion (the spirit, in November).
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import partial
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any, TypeAlias

from bottleneck_assets.engine.warehouse import Origin, Warehouse
from bottleneck_assets.models.catalog import PRESENTATION, exported_columns, models, of_layer
from bottleneck_assets.models.from_settings import table_from_settings
from bottleneck_assets.models.functions import FUNCTIONS
from bottleneck_assets.models.judging import failures
from bottleneck_assets.models.plan import FROM_SETTINGS, parameters_origin
from bottleneck_assets.settings import Settings
from bottleneck_assets.source.exports import verify
from bottleneck_assets.source.reading import MARKER, open_export

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

Cell: TypeAlias = "str | int | float | bytes | None"
Row: TypeAlias = "dict[str, Cell]"
Rows: TypeAlias = "dict[str, list[Row]]"

WINE, SPIRIT, GIFT = 10, 20, 30
MONTHS = ("2022-10", "2022-11", "2022-12")
COLUMNS: Mapping[str, Sequence[str]] = {
    "Web": (
        "SKU", "Virtuals", "Downloadable", "Rating_count", "Average_rating", "Post_author", "Post_date", "Post_date_gmt", "Product_type",
        "Segment", "Post_title", "Post_excerpt", "Contenance", "Post_status", "Comment_status", "Ping_status", "Post_name",
        "Post_modified", "Post_modified_gmt", "Post_parent", "Guid", "Post_type", "Comment_count",
    ),
    "Finance": ("Key_Finance", "Date", "SKU", "Taxe_Statut", "Onsale_Web", "Price", "Purchase_Price"),
    "Sales": ("Key_Sales", "Sales", "Orders", "Stock"),
    "Promo": ("Key_Promo", "Start_Date", "End_Date", "Sales_Offer", "Price_Offer"),
    "ca_par_segment": ("segment", "revenue"),
}  # fmt: skip


def exported_key(month: str, sku: int) -> str:
    """Return the key of a month and product as the shop writes it: `2023-01` and 10 are `2023-1_10`."""
    year, _, number = month.partition("-")
    return f"{year}-{int(number)}_{sku}"


def web_row(sku: int, **cells: Cell) -> Row:
    """Return a product: a wine of 75 cl, rated 4 stars by two, with one comment."""
    row: Row = {
        "SKU": sku, "Virtuals": "0", "Downloadable": "0", "Rating_count": 2, "Average_rating": "4", "Post_author": "2",
        "Post_date": "18-04-2022", "Post_date_gmt": "18-04-2022", "Product_type": "Vin", "Segment": "Vin", "Post_title": f"Domaine {sku}",
        "Post_excerpt": "Un vin.", "Contenance": "75cl", "Post_status": "publish", "Comment_status": "closed", "Ping_status": "closed",
        "Post_name": f"domaine-{sku}", "Post_modified": "27-08-2022", "Post_modified_gmt": "27-08-2022", "Post_parent": "0",
        "Guid": f"https://shop.example/?post_type=product&#038;p={sku}", "Post_type": "product", "Comment_count": "1",
    }  # fmt: skip
    return {**row, **cells}


def finance_row(month: str, sku: int, **cells: Cell) -> Row:
    """Return a price: sold at 20, bought at 12."""
    row: Row = {
        "Key_Finance": exported_key(month, sku), "Date": f"{month}-01", "SKU": str(sku), "Taxe_Statut": "taxable", "Onsale_Web": 1,
        "Price": "20", "Purchase_Price": "12",
    }  # fmt: skip
    return {**row, **cells}


def sales_row(month: str, sku: int, **cells: Cell) -> Row:
    """Return a month's sales: 10 sold, none ordered, 40 left."""
    return {"Key_Sales": exported_key(month, sku), "Sales": 10, "Orders": "", "Stock": 40, **cells}


def promo_row(month: str, sku: int, **cells: Cell) -> Row:
    """Return a promotion: 4 sold at 15, from the 5th to the 14th."""
    return {
        "Key_Promo": exported_key(month, sku), "Start_Date": f"{month}-05", "End_Date": f"{month}-14", "Sales_Offer": 4,
        "Price_Offer": "15", **cells,
    }  # fmt: skip


def minimal_rows() -> Rows:
    """Return the rows of the minimal export, for a test to change."""
    skus = (WINE, SPIRIT, GIFT)
    stock = dict(zip(MONTHS, (50, 40, 30), strict=True))
    return {
        "Web": [
            web_row(WINE),
            web_row(SPIRIT, Product_type="Whisky", Segment="Spiritueux", Contenance="70cl"),
            web_row(GIFT, Product_type="Carte", Segment="Offres commerciales", Contenance="0", Average_rating="", Rating_count=0),
        ],
        "Finance": [finance_row(month, sku) for month in MONTHS for sku in skus],
        "Sales": [
            sales_row(month, sku, **({"Orders": 10, "Stock": 0} if sku == GIFT else {"Stock": stock[month]}))
            for month in MONTHS
            for sku in skus
        ],
        "Promo": [promo_row("2022-11", SPIRIT)],
    }


def write_export(path: Path, rows: Mapping[str, Sequence[Mapping[str, Cell]]], columns: Mapping[str, Sequence[str]] = COLUMNS) -> Path:
    """Write rows as a SQLite file. Columns have no type and no key, so that every cell arrives as it is given."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for table, given in rows.items():
            names = ", ".join(f'"{name}"' for name in columns[table])
            connection.execute(f'create table "{table}" ({names})')
            marks = ", ".join("?" for _ in columns[table])
            connection.executemany(f'insert into "{table}" values ({marks})', [[row[name] for name in columns[table]] for row in given])
    return path


def expected_columns() -> dict[str, list[str]]:
    """Return what an export must hold, as `verify` asks for it."""
    return dict(exported_columns())


def ingest(path: Path, warehouse: Warehouse, *, promo_units: str = "included", period: tuple[str, str] | None = None, **given: Any) -> None:
    """Fill the raw layer from an export, and write down the parameters, and other settings that are given."""
    expected = expected_columns()
    export = verify(path, expected)
    origin = Origin("export", path.name, export.sha256)
    with open_export(export) as stream:
        for name, columns in expected.items():
            check = partial(failures, models()[f"raw.{name}"])
            if name in export.tables:
                warehouse.ingest(f"raw.{name}", stream(name), columns, MARKER, origin=origin, code_version="1", check=check)
            else:
                _put(warehouse, name, [], origin)
    _put(warehouse, "export_columns", [vars(column) for column in export.columns], origin)
    start, end = period or (None, None)
    settings = Settings(data_dir=path.parent, promo_units=promo_units, period_start=start, period_end=end, **given)
    for ref in FROM_SETTINGS:
        origin = parameters_origin(settings)
        warehouse.put(ref, table_from_settings(ref, settings), origin=origin, code_version="1", check=partial(failures, models()[ref]))


def build(warehouse: Warehouse, refs: Iterable[str]) -> None:
    """Build tables, and first all that they are made from."""
    wanted: dict[str, tuple[str, ...]] = {}

    def want(ref: str) -> None:
        if ref not in wanted and models()[ref].sql is not None:
            wanted[ref] = models()[ref].reads
            for read in wanted[ref]:
                want(read)

    for ref in refs:
        want(ref)
    for ref in TopologicalSorter(wanted).static_order():
        if ref in wanted:
            rebuild(warehouse, ref)


def rebuild(warehouse: Warehouse, ref: str) -> None:
    """Build one table from what is stored."""
    model = models()[ref]
    warehouse.build(ref, model.select, reads=model.reads, code_version=model.code_version, check=partial(failures, model))


def present(warehouse: Warehouse, replaced: Mapping[str, str]) -> None:
    """Build the tables that only documents read from what is stored, with some text of their SELECTs replaced, such as a limit."""
    wanted = {model.ref: model for model in of_layer(PRESENTATION)}
    for ref in TopologicalSorter({ref: wanted.keys() & model.reads for ref, model in wanted.items()}).static_order():
        model, select = wanted[ref], wanted[ref].select
        for text, other in replaced.items():
            select = select.replace(text, other)
        warehouse.build(ref, select, reads=model.reads, code_version=model.code_version, check=partial(failures, model))


def clean_layer() -> list[str]:
    """Return the references of the cleaned layer."""
    return [model.ref for model in of_layer("clean")]


def built(
    folder: Path,
    rows: Mapping[str, Sequence[Mapping[str, Cell]]],
    refs: Iterable[str] | None = None,
    *,
    promo_units: str = "included",
    period: tuple[str, str] | None = None,
    columns: Mapping[str, Sequence[str]] = COLUMNS,
    **given: Any,
) -> Warehouse:
    """Write rows as an export in a folder, and build tables over it: the whole cleaned layer unless some are named."""
    folder.mkdir(parents=True, exist_ok=True)
    warehouse = Warehouse(folder / "warehouse", functions=FUNCTIONS)
    ingest(write_export(folder / "export.db", rows, columns), warehouse, promo_units=promo_units, period=period, **given)
    build(warehouse, clean_layer() if refs is None else refs)
    return warehouse


def rows_of(warehouse: Warehouse, ref: str) -> list[dict[str, Any]]:
    """Return the rows of a table, in its order."""
    return warehouse.query(f"select * from {ref}", reads=[ref])


def _put(warehouse: Warehouse, name: str, rows: Sequence[Mapping[str, Any]], origin: Origin) -> None:
    model = models()[f"raw.{name}"]
    table = model.promise.arrow_table(rows)
    warehouse.put(model.ref, table, origin=origin, code_version="1", check=partial(failures, model))
