"""The page on the quality of the export: what is wrong in it, and what to correct in the shop.

Belongs here: what this page says, from rows that models/presentation picks. Never here: judging whether a release may be published
(models/checks.py), or a figure that no CSV of the release bears out.

The export is the shop's: whatever it holds is shown as text, shortened, with characters that cannot be seen written out.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bottleneck_assets import wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bottleneck_assets.engine.warehouse import Warehouse
    from bottleneck_assets.render.occasion import Occasion

    Row = Mapping[str, Any]

FILE = "report/data_quality.html"
READS = (
    "raw.export_columns",
    "clean.quarantine",
    "clean.quarantine_worth",
    "clean.contradictions",
    "clean.row_accounting",
    "clean.imputation",
    "clean.stock_ledger_exceptions",
    "clean.unknown_products",
    "clean.reporting_period",
    "presentation.export_quality",
    "presentation.full_month_promotions",
    "presentation.month_coverage",
    "presentation.products_without_page",
    "presentation.promotions_beyond_sales",
    "presentation.quarantine_reasons",
    "presentation.sold_before_page",
    "presentation.unbalanced_stock",
)
MOST_WORTH_FIXING = 3
LISTED_ROWS = 20
LISTED_EXCEPTIONS = 10
LISTED_PROMOTIONS = 10
LISTED_PRODUCTS = 10
LISTED_COLUMNS = 20
LISTED_MONTHS = 12
LONGEST_TEXT = 80
LONGEST_TITLE = 44
SMALLEST_SHARE = 0.0001
"""A share under this one would be written as nothing, though it is something."""

TABLES: Mapping[str, str] = {"web": "Web", "finance": "Finance", "sales": "Sales", "promo": "Promo", "ca_par_segment": "ca_par_segment"}
"""The tables as the shop writes them, in the order in which rows depend on each other."""

REMEDIES: Mapping[str, str] = {
    "has no usable row in Finance": "Enter this product's price for the month in Finance, or correct the row of Finance in quarantine.",
    "has no usable row in Web": "Enter the product in Web, or correct the row of Web in quarantine.",
    "is empty": "Fill the cell in.",
    "is negative": "Enter 0 or more; book what came back elsewhere.",
    "is neither 0 nor 1": "Enter 1 for yes or 0 for no.",
    "is not UTF-8 text, but bytes": "Export the cell as text or as a number; text as UTF-8.",
    "has two readings, thousands or decimals": "Enter the number without a mark between thousands.",
    "has two readings, day first or month first": "Enter the date as year-month-day.",
    "is not a date such as 2023-01-01": "Enter a date that the calendar has, year first.",
    "is not a month and a product such as 2023-1_15325": "Write the key as year-month_SKU.",
    "is not a number": "Enter a number.",
    "is not a price under 1,000,000": "Enter the price in euros, digits only.",
    "is not a product number": "Enter the SKU, digits only.",
    "is not a whole number of at most 7 digits": "Enter a whole number, digits only.",
    "is not an amount": "Enter the amount in euros, digits only.",
    "is not between 0 and 5": "Enter a rating from 0 to 5.",
    "is not in the month of the key": "Make date and key agree.",
    "is not the product of the key": "Make SKU and key agree.",
    "lies before the start": "Correct the start or the end of the promotion.",
    "stands in an earlier row with other values": "Keep the right one of the rows with this key, and delete the others.",
}
"""What to do in the shop, by the reason that clean.quarantine gives."""

IMPUTED: Mapping[tuple[str, str, str], str] = {
    ("sales", "orders", "empty: no supplier order, 0"): "Nothing, if empty means that none was ordered. A 0 would say so.",
    ("web", "average_rating", "empty: nobody rated, null"): "Nothing: there is no rating to enter yet.",
    ("web", "contenance", "no volume: taken from the title"): "Enter the volume.",
    ("web", "contenance", "no volume, none in the title: null"): "Enter the volume; a gift card needs none.",
    ("web", "post_modified", "not a date: null (no figure depends on it)"): "Correct the date when convenient.",
    ("web", "post_date", "not a date: null (no figure depends on it)"): "Correct the date when convenient.",
    ("web", "post_author", "no number: null (no figure depends on it)"): "Enter the author's number when convenient.",
    ("web", "post_name", "empty: null (no figure depends on it)"): "Fill the cell in when convenient.",
    ("web", "guid", "empty: null (no figure depends on it)"): "Fill the cell in when convenient.",
    ("finance", "taxe_statut", "no tax status: null (no figure depends on it)"): "Enter taxable, shipping or none when convenient.",
}
"""What to do in the shop, by the treatment that clean.imputation counts."""


@dataclass(frozen=True)
class Fix:
    """One thing to correct in the shop: how much, and where; what is wrong, to be read after where; what is done now; what to do."""

    count: int
    unit: str
    where: str
    wrong: str
    effect: str
    remedy: str
    changes_figures: bool
    example: Shown | None = None
    aside: str = ""


@dataclass(frozen=True)
class Shown:
    """A text of the export as a page may show it: in one line, not too long, every character to be seen."""

    text: str
    note: str = ""


@dataclass(frozen=True)
class Listing:
    """The first rows of a list, and how many there are in all."""

    rows: Sequence[Row]
    total: int

    @property
    def more(self) -> int:
        """How many rows are not listed."""
        return self.total - len(self.rows)


@dataclass(frozen=True)
class Ledger:
    """The stock ledger under the reading that is set: what balances, and what does not."""

    total: int
    products: int
    more: int
    fewer: int
    undelivered: int
    largest: Listing
    by_product: Listing
    months: Sequence[dt.date] = field(default_factory=list[dt.date])

    @property
    def balanced(self) -> int:
        """How many rows balance."""
        return self.total - self.largest.total


def shown(value: str | None, longest: int = LONGEST_TEXT) -> Shown:
    """Return a text of the export as a page may show it."""
    if value is None:
        return Shown("", "null")
    if not value:
        return Shown("", "empty")
    # escapes make a text longer, never more than it may be: what is cut off is cut off first
    text = "".join(map(_seen, value[:longest]))
    return Shown(f"{text}…", f"{number(len(value))} characters") if len(value) > longest else Shown(text)


def title(value: str | None) -> str:
    """Return the name of a product, or of a table or column that is not known, as a page may show it."""
    return shown(value, LONGEST_TITLE).text


def _seen(character: str) -> str:
    """Write out what cannot be seen or would turn the text around it: controls, formats such as bidirectional marks, separators."""
    if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}:
        return f"\\u{ord(character):04x}"
    return character


def number(value: int) -> str:
    """Write a count."""
    return f"{value:,}"


def counted(value: int, one: str, many: str = "") -> str:
    """Write a count and what is counted: no row, 1 row, 2 rows."""
    return f"{number(value) if value else 'no'} {one if value in {0, 1} else many or f'{one}s'}"


def share(part: int, whole: int) -> str:
    """Write a share in percent, so that neither something reads as nothing nor nearly all as all."""
    if not whole:
        return "no rows"
    found = part / whole
    if part in {0, whole}:
        return f"{found:.0%}"
    if found < SMALLEST_SHARE:
        return "under 0.01%"
    return "over 99.99%" if found > 1 - SMALLEST_SHARE else f"{found:.2%}"


def month(day: dt.date | None) -> str:
    """Write a month."""
    return f"{day:%Y-%m}" if day else "no month"


def render(occasion: Occasion, folder: Path) -> None:
    """Write the page under a folder."""
    from bottleneck_assets.render.report import page

    target = folder / FILE
    helpers = {"number": number, "counted": counted, "share": share, "month": month, "title": title, "LISTED_MONTHS": LISTED_MONTHS}
    target.write_text(page.render("data_quality.html", **helpers, **_figures(occasion)), encoding="utf-8", newline="\n")


def _figures(occasion: Occasion) -> dict[str, Any]:
    warehouse = occasion.warehouse
    names = _exported_names(warehouse)
    (quality,) = warehouse.rows("presentation.export_quality")
    months = warehouse.rows("presentation.month_coverage")
    reading = quality["promo_units"]
    balance = _balance(warehouse, names)
    reasons = _reasons(warehouse, names)
    imputed = _imputed(warehouse, names)
    ledger = _ledger(warehouse, quality, months)
    promotions = _promotions(warehouse, quality)
    coverage = _coverage(warehouse, months)
    fixes = [
        *_fixes_of_rows(reasons, balance),
        *_fixes_of_stock(ledger),
        *_fixes_of_promotions(promotions),
        *_fixes_of_coverage(coverage),
        *_fixes_of_cells(quality, imputed),
    ]
    return {
        "export": shown(occasion.export.name),
        "received": _moment(occasion.received),
        "data_to": wording.last_day(max(row["month"] for row in months)) if months else None,
        "balance": balance,
        "rows": {name: sum(row[name] for row in balance) for name in ("read", "kept", "quarantined", "dropped")},
        "reasons": reasons,
        "worth": _worth(warehouse),
        "unknown_products": warehouse.table("clean.unknown_products").rows,
        "contradictions": warehouse.table("clean.contradictions").rows,
        "left_out": sum(row["rows_left_out"] for row in warehouse.rows("clean.row_accounting")),
        "quarantined": _quarantined(warehouse, names),
        "imputed": imputed,
        "reading": reading,
        "ledger": ledger,
        "promotions": promotions,
        "unlikely": _unlikely(warehouse, quality),
        "coverage": coverage,
        "fixes": {changes: _by_count(fixes, changes_figures=changes) for changes in (True, False)},
        "worst": [*_by_count(fixes, changes_figures=True), *_by_count(fixes, changes_figures=False)][:MOST_WORTH_FIXING],
    }


def _by_count(fixes: Sequence[Fix], *, changes_figures: bool) -> list[Fix]:
    return sorted((fix for fix in fixes if fix.changes_figures is changes_figures), key=lambda fix: (-fix.count, fix.where, fix.wrong))


def _moment(iso: str) -> str:
    return f"{dt.datetime.fromisoformat(iso).astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC" if iso else ""


# --- What the tables hold ----------------------------------------------------------------------------------------------------


def _exported_names(warehouse: Warehouse) -> dict[tuple[str, str], str]:
    """Return the columns that are read, as the shop writes them, by table and column in lower case."""
    rows = (row for row in warehouse.rows("raw.export_columns") if row["is_known"])
    return {(row["table_name"].lower(), row["column_name"].lower()): row["column_name"] for row in rows}


def _where(row: Row, names: Mapping[tuple[str, str], str]) -> dict[str, str]:
    table, name = row["source_table"], row["column_name"]
    return {"table": TABLES[table], "column": names.get((table, name), name)}


def _balance(warehouse: Warehouse, names: Mapping[tuple[str, str], str]) -> list[Row]:
    """Return what became of the rows of each table that the export holds."""
    by_table = {row["source_table"]: row for row in warehouse.rows("clean.row_accounting")}
    held = {table for table, _ in names}
    return [
        {
            "table": written,
            "read": by_table[table]["rows_read"],
            "kept": by_table[table]["rows_kept"],
            "quarantined": by_table[table]["rows_quarantined"],
            "dropped": by_table[table]["duplicates_dropped"],
        }
        for table, written in TABLES.items()
        if table in held
    ]


def _reasons(warehouse: Warehouse, names: Mapping[tuple[str, str], str]) -> Listing:
    listed = [
        {
            **_where(row, names),
            "reason": row["reason"],
            "count": row["row_count"],
            "example": shown(row["example_value"]),
            "remedy": REMEDIES.get(row["reason"], "Correct the cell."),
        }
        for row in warehouse.rows("presentation.quarantine_reasons")
    ]
    return Listing(listed, len(listed))


def _quarantined(warehouse: Warehouse, names: Mapping[tuple[str, str], str]) -> Listing:
    columns = ("source_table", "row_number", "record_key", "column_name", "column_value", "reason")
    listed = [
        {
            **_where(row, names),
            "row_number": row["row_number"],
            "key": shown(row["record_key"], LONGEST_TITLE),
            "value": shown(row["column_value"]),
            "reason": row["reason"],
        }
        for row in warehouse.rows("clean.quarantine", columns=columns, limit=LISTED_ROWS)
    ]
    return Listing(listed, warehouse.table("clean.quarantine").rows)


def _worth(warehouse: Warehouse) -> Row:
    """Return what is in quarantine as units, euros, and rows of which that is not known."""
    tables = warehouse.rows("clean.quarantine_worth")
    return {name: sum(row[name] for row in tables) for name in ("units", "revenue", "rows_of_unknown_worth")}


def _imputed(warehouse: Warehouse, names: Mapping[tuple[str, str], str]) -> list[Row]:
    rows = sorted(
        (row for row in warehouse.rows("clean.imputation") if row["cells_treated"]),
        key=lambda row: (-row["cells_treated"], row["source_table"], row["column_name"], row["treatment"]),
    )
    return [
        {
            **_where(row, names),
            "treatment": row["treatment"],
            "count": row["cells_treated"],
            "rows": row["rows_kept"],
            "remedy": IMPUTED.get((row["source_table"], row["column_name"], row["treatment"]), "Nothing: it is read as what it means."),
        }
        for row in rows
    ]


def _ledger(warehouse: Warehouse, quality: Row, months: Sequence[Row]) -> Ledger:
    rows = warehouse.rows("presentation.unbalanced_stock")
    products: dict[int, list[Row]] = {}
    for row in sorted((row for row in rows if row["product_place"] <= LISTED_PRODUCTS), key=lambda row: row["product_place"]):
        products.setdefault(row["sku"], []).append(row)
    by_product = [
        {
            "sku": sku,
            "title": cells[0]["title"],
            "months_off": len(cells),
            "net": sum(cell["units_off"] for cell in cells),
            "off": {cell["month"]: cell["units_off"] for cell in cells},
        }
        for sku, cells in products.items()
    ]
    return Ledger(
        total=sum(row["ledger_rows"] for row in months),
        products=quality["unbalanced_products"],
        more=quality["units_more"],
        fewer=quality["units_fewer"],
        undelivered=quality["undelivered_rows"],
        largest=Listing(
            [row for row in rows if row["row_place"] <= LISTED_EXCEPTIONS], warehouse.table("clean.stock_ledger_exceptions").rows
        ),
        by_product=Listing(by_product, quality["unbalanced_products"]),
        months=[row["month"] for row in months if row["ledger_rows"]][-LISTED_MONTHS:],
    )


def _promotions(warehouse: Warehouse, quality: Row) -> dict[str, Any]:
    included, excluded = quality["balanced_included"], quality["balanced_excluded"]
    supported = "" if included == excluded else "included" if included > excluded else "excluded"
    ref = "presentation.promotions_beyond_sales"
    return {
        "testable": quality["testable_promotions"],
        "included": included,
        "excluded": excluded,
        "set": quality["promo_units"],
        "supported": supported,
        "total": quality["promotions"],
        "unsold": quality["unsold_promotions"],
        "unsold_units": quality["unsold_units"],
        "excess": quality["excess_units"],
        "exceeding": Listing(warehouse.rows(ref, limit=LISTED_PROMOTIONS), warehouse.table(ref).rows),
    }


def _unlikely(warehouse: Warehouse, quality: Row) -> dict[str, Any]:
    """Return what can be read and used, and yet looks unlikely: early sales, promotions at list price, comments like ratings."""
    early = warehouse.rows("presentation.sold_before_page")
    return {
        "early": Listing(early[:LISTED_PRODUCTS], len(early)),
        "early_units": sum(row["units_before"] for row in early),
        "at_list_price": warehouse.rows("presentation.full_month_promotions"),
        **{name: quality[name] for name in ("pages", "pages_rated", "pages_repeating", "pages_closed")},
    }


def _coverage(warehouse: Warehouse, months: Sequence[Row]) -> dict[str, Any]:
    """Return the months that the export covers, those that the KPIs cover, and what lies beyond: months, products, columns."""
    (period,) = warehouse.rows("clean.reporting_period")
    outside = [row for row in months if not row["is_reported"]]
    orphans = warehouse.rows("presentation.products_without_page")
    unread = sorted((row["table_name"], row["column_name"]) for row in warehouse.rows("raw.export_columns") if not row["is_known"])
    return {
        "period": period,
        "months": [row["month"] for row in months],
        "gaps": _gaps(months),
        "outside": Listing(outside[-LISTED_MONTHS:], len(outside)),
        "revenue_outside": sum(row["revenue"] for row in outside),
        "orphans": Listing(orphans[:LISTED_PRODUCTS], len(orphans)),
        "orphan_rows": sum(row["finance_rows"] for row in orphans),
        "orphans_on_sale": [row["sku"] for row in orphans if row["rows_on_sale"]],
        "orphan_rows_on_sale": sum(row["rows_on_sale"] for row in orphans),
        "unread": Listing([{"table_name": table, "column_name": name} for table, name in unread[:LISTED_COLUMNS]], len(unread)),
    }


def _gaps(rows: Sequence[Row]) -> list[str]:
    """Return the months without a row of Finance or of Sales, between the first month that either has and the last."""
    there = {(row["month"].year * 12 + row["month"].month - 1): row for row in rows if row["finance_rows"] or row["sales_rows"]}
    gaps: list[str] = []
    for ordinal in range(min(there), max(there) + 1) if there else ():
        row = there.get(ordinal)
        missing = [TABLES[table] for table in ("finance", "sales") if row is None or not row[f"{table}_rows"]]
        gaps += [f"{table} {ordinal // 12}-{ordinal % 12 + 1:02}" for table in missing]
    return gaps


# --- What to correct in the shop ---------------------------------------------------------------------------------------------


def _fixes_of_rows(reasons: Listing, balance: Sequence[Row]) -> list[Fix]:
    unusable = [
        Fix(
            count=row["count"],
            unit="row",
            where=f"{row['table']}.{row['column']}",
            wrong=row["reason"],
            effect="left out of every figure",
            remedy=row["remedy"],
            changes_figures=True,
            example=row["example"],
        )
        for row in reasons.rows
    ]
    copies = [
        Fix(
            count=row["dropped"],
            unit="row",
            where=row["table"],
            wrong="repeats earlier rows exactly",
            effect="dropped",
            remedy="Export each row once.",
            changes_figures=False,
        )
        for row in balance
        if row["dropped"]
    ]
    return unusable + copies


def _fixes_of_stock(ledger: Ledger) -> list[Fix]:
    if not ledger.largest.total:
        return []
    worst = ledger.by_product.rows[0]
    return [
        Fix(
            count=ledger.largest.total,
            unit="row",
            where="Sales.Stock",
            wrong="is not what the month before, Orders and Sales leave",
            effect="used as it stands: stock value and turnover may be off",
            remedy="Count the products again that are off most often, and enter the deliveries, returns and breakage that are missing.",
            changes_figures=True,
            aside=f"product {worst['sku']} in {counted(worst['months_off'], 'month')}",
        )
    ]


def _fixes_of_promotions(promotions: Row) -> list[Fix]:
    fixes: list[Fix] = []
    exceeding: Listing = promotions["exceeding"]
    if exceeding.total and promotions["set"] == "included":
        worst = exceeding.rows[0]
        fixes.append(
            Fix(
                count=exceeding.total,
                unit="row",
                where="Promo.Sales_Offer",
                wrong="is more than was sold at all",
                effect=f"{counted(promotions['excess'], 'unit is', 'units are')} not counted",
                remedy="Correct Sales_Offer, or Sales.",
                changes_figures=True,
                aside=f"{month(worst['month'])}, product {worst['sku']}: "
                f"{number(worst['units_offered'])} against {number(worst['units_sold'])}",
            )
        )
    if promotions["unsold"]:
        fixes.append(
            Fix(
                count=promotions["unsold"],
                unit="row",
                where="Promo.Key_Promo",
                wrong="has no row in Sales",
                effect=f"{counted(promotions['unsold_units'], 'unit is', 'units are')} not counted",
                remedy="Enter the product's row of the month in Sales.",
                changes_figures=True,
            )
        )
    return fixes


def _fixes_of_coverage(coverage: Row) -> list[Fix]:
    fixes: list[Fix] = []
    if coverage["gaps"]:
        fixes.append(
            Fix(
                count=len({gap.split()[-1] for gap in coverage["gaps"]}),
                unit="month",
                where="Finance, Sales",
                wrong="lack months between others",
                effect="their sales are in no figure",
                remedy="Export all months.",
                changes_figures=True,
            )
        )
    if coverage["orphan_rows_on_sale"]:
        fixes.append(
            Fix(
                count=coverage["orphan_rows_on_sale"],
                unit="row",
                where="Finance.SKU",
                wrong=f"is on sale without a usable row in Web ({counted(len(coverage['orphans_on_sale']), 'product')})",
                effect="in no figure",
                remedy="Enter the products in Web, or stop pricing them.",
                changes_figures=False,
            )
        )
    return fixes


def _fixes_of_cells(quality: Row, imputed: Sequence[Row]) -> list[Fix]:
    """Return what to fill in. A rating that nobody gave is no fault, and neither is a gift card without a volume."""
    counts = {(row["table"], row["column"].lower(), row["treatment"]): row["count"] for row in imputed}
    found = (
        (
            counts.get(("Sales", "orders", "empty: no supplier order, 0"), 0),
            "Sales.Orders",
            "is empty",
            "read as 0",
            "Enter 0 where none was ordered.",
        ),
        (
            counts.get(("Web", "contenance", "no volume: taken from the title"), 0),
            "Web.Contenance",
            "states no volume",
            "taken from the title",
            "Enter the volume.",
        ),
        (
            quality["products_without_volume"],
            "Web.Contenance",
            "states no volume, and neither does the title",
            "left empty",
            "Enter the volume.",
        ),
        (
            counts.get(("Web", "post_modified", "not a date: null (no figure depends on it)"), 0),
            "Web.Post_modified",
            "is not a date",
            "left empty",
            "Correct the date.",
        ),
    )
    return [
        Fix(count=count, unit="row", where=where, wrong=wrong, effect=effect, remedy=remedy, changes_figures=False)
        for count, where, wrong, effect, remedy in found
        if count
    ]
