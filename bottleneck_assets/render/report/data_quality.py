"""The page on the quality of the export: what is wrong in it, and what to correct in the shop.

Belongs here: what this page says, each figure a small SELECT over stored tables that a release shows as CSV. Never here: judging whether
a release may be published (models/checks.py), or a figure that no CSV of the release bears out.

The export is the shop's: whatever it holds is shown as text, shortened, with characters that cannot be seen written out.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bottleneck_assets.engine.warehouse import Warehouse
    from bottleneck_assets.render.occasion import Occasion

    Row = Mapping[str, Any]

FILE = "report/data_quality.html"
READS = (
    "raw.export_columns",
    "raw.parameters",
    "clean.web",
    "clean.finance",
    "clean.sales",
    "clean.promo",
    "clean.quarantine",
    "clean.row_accounting",
    "clean.imputation",
    "clean.stock_ledger",
    "clean.stock_ledger_exceptions",
    "clean.reporting_period",
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
    "is not UTF-8 text": "Type the text again, or export as UTF-8.",
    "is not a date such as 18-04-2022": "Enter a date that the calendar has, day first.",
    "is not a date such as 2023-01-01": "Enter a date that the calendar has, year first.",
    "is not a month and a product such as 2023-1_15325": "Write the key as year-month_SKU.",
    "is not a number": "Enter a number.",
    "is not a price under 1,000,000": "Enter the price in euros, digits only.",
    "is not a product number": "Enter the SKU, digits only.",
    "is not a tax status": "Enter taxable, shipping or none.",
    "is not a whole number": "Enter a whole number.",
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
    (parameters,) = warehouse.query("select promo_units from raw.parameters", reads=["raw.parameters"])
    reading = str(parameters["promo_units"])
    balance = _balance(warehouse, names)
    reasons = _reasons(warehouse, names)
    imputed = _imputed(warehouse, names)
    ledger = _ledger(warehouse, reading)
    promotions = _promotions(warehouse, reading)
    coverage = _coverage(warehouse)
    fixes = [
        *_fixes_of_rows(reasons, balance),
        *_fixes_of_stock(ledger),
        *_fixes_of_promotions(promotions),
        *_fixes_of_coverage(coverage),
        *_fixes_of_cells(warehouse, imputed),
    ]
    return {
        "export": shown(occasion.export.name),
        "data_as_of": _moment(occasion.data_as_of),
        "balance": balance,
        "rows": {name: sum(row[name] for row in balance) for name in ("read", "kept", "quarantined", "dropped")},
        "reasons": reasons,
        "quarantined": _quarantined(warehouse, names),
        "imputed": imputed,
        "reading": reading,
        "ledger": ledger,
        "promotions": promotions,
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
    rows = warehouse.query("select table_name, column_name from raw.export_columns where is_known", reads=["raw.export_columns"])
    return {(row["table_name"].lower(), row["column_name"].lower()): row["column_name"] for row in rows}


def _where(row: Row, names: Mapping[tuple[str, str], str]) -> dict[str, str]:
    table, name = row["source_table"], row["column_name"]
    return {"table": TABLES[table], "column": names.get((table, name), name)}


def _balance(warehouse: Warehouse, names: Mapping[tuple[str, str], str]) -> list[Row]:
    """Return what became of the rows of each table that the export holds."""
    accounts = warehouse.query("select * from clean.row_accounting", reads=["clean.row_accounting"])
    by_table = {row["source_table"]: row for row in accounts}
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
    rows = warehouse.query(
        """
        select source_table, column_name, reason, count(*) as row_count, first(left(column_value, 200) order by row_number) as example,
            first(length(column_value) order by row_number) as example_length
        from clean.quarantine group by source_table, column_name, reason order by row_count desc, source_table, column_name, reason
        """,
        reads=["clean.quarantine"],
    )
    listed = [
        {
            **_where(row, names),
            "reason": row["reason"],
            "count": row["row_count"],
            "example": _cut(row["example"], row["example_length"]),
            "remedy": REMEDIES.get(row["reason"], "Correct the cell."),
        }
        for row in rows
    ]
    return Listing(listed, len(listed))


def _quarantined(warehouse: Warehouse, names: Mapping[tuple[str, str], str]) -> Listing:
    rows = warehouse.query(
        f"""
        select source_table, row_number, column_name, reason, left(record_key, 200) as record_key, length(record_key) as key_length,
            left(column_value, 200) as column_value, length(column_value) as value_length
        from clean.quarantine order by source_table, row_number limit {LISTED_ROWS}
        """,
        reads=["clean.quarantine"],
    )
    listed = [
        {
            **_where(row, names),
            "row_number": row["row_number"],
            "key": _cut(row["record_key"], row["key_length"], LONGEST_TITLE),
            "value": _cut(row["column_value"], row["value_length"]),
            "reason": row["reason"],
        }
        for row in rows
    ]
    return Listing(listed, warehouse.table("clean.quarantine").rows)


def _cut(value: str | None, length: int | None, longest: int = LONGEST_TEXT) -> Shown:
    """Show a text of which only the beginning was fetched: a cell may hold megabytes."""
    begun = shown(value, longest)
    return Shown(begun.text, f"{number(length)} characters") if value and length and length > longest else begun


def _imputed(warehouse: Warehouse, names: Mapping[tuple[str, str], str]) -> list[Row]:
    rows = warehouse.query(
        "select * from clean.imputation where cells_treated > 0 order by cells_treated desc, source_table, column_name, treatment",
        reads=["clean.imputation"],
    )
    return [
        {
            **_where(row, names),
            "treatment": row["treatment"],
            "count": row["cells_treated"],
            "rows": row["rows_kept"],
            "remedy": IMPUTED.get((row["source_table"], row["column_name"], row["treatment"]), "Fill the cell in."),
        }
        for row in rows
    ]


def _ledger(warehouse: Warehouse, reading: str) -> Ledger:
    """Return the ledger. Units off are what was counted less what was expected: the tables' difference with its sign turned round."""
    reads = ["clean.stock_ledger_exceptions", "clean.web"]
    off = f"""
        (select exceptions.*, -difference_{reading} as units_off, left(web.title, 200) as title
        from clean.stock_ledger_exceptions as exceptions left join clean.web as web on exceptions.sku = web.sku)
    """
    (sums,) = warehouse.query(
        f"""
        select count(distinct sku) as products, coalesce(sum(units_off) filter (where units_off > 0), 0) as more,
            coalesce(-sum(units_off) filter (where units_off < 0), 0) as fewer,
            count(*) filter (where units_off < 0 and units_off = -supplier_orders) as undelivered
        from {off}
        """,
        reads=reads,
    )
    largest = warehouse.query(f"select * from {off} order by abs(units_off) desc, month, sku limit {LISTED_EXCEPTIONS}", reads=reads)
    products = warehouse.query(
        f"""
        select sku, min(title) as title, count(*) as months_off, sum(units_off) as net from {off}
        group by sku order by months_off desc, sum(abs(units_off)) desc, sku limit {LISTED_PRODUCTS}
        """,
        reads=reads,
    )
    months = warehouse.query(
        f"select distinct month from clean.stock_ledger order by month desc limit {LISTED_MONTHS}", reads=["clean.stock_ledger"]
    )
    listed = ", ".join(str(product["sku"]) for product in products) or "null"
    cells = warehouse.query(f"select month, sku, units_off from {off} where sku in ({listed})", reads=reads)
    by_product = [
        {**product, "off": {cell["month"]: cell["units_off"] for cell in cells if cell["sku"] == product["sku"]}} for product in products
    ]
    return Ledger(
        total=warehouse.table("clean.stock_ledger").rows,
        products=sums["products"],
        more=int(sums["more"]),
        fewer=int(sums["fewer"]),
        undelivered=sums["undelivered"],
        largest=Listing(largest, warehouse.table("clean.stock_ledger_exceptions").rows),
        by_product=Listing(by_product, sums["products"]),
        months=sorted(row["month"] for row in months),
    )


def _promotions(warehouse: Warehouse, reading: str) -> dict[str, Any]:
    (evidence,) = warehouse.query(
        """
        select count(*) as testable, count(*) filter (where difference_included = 0) as included,
            count(*) filter (where difference_excluded = 0) as excluded
        from clean.stock_ledger where has_promotion
        """,
        reads=["clean.stock_ledger"],
    )
    sold = "units" if reading == "included" else "units_regular"  # of clean.sales, what the export's Sales gives
    sales = f"clean.promo as promo left join (select month, sku, {sold} as sold from clean.sales) as sales using (month, sku)"
    (found,) = warehouse.query(
        f"""
        select count(*) as total, count(*) filter (where sold is null) as unsold,
            count(*) filter (where promo.units_promo > sold) as exceeding,
            coalesce(sum(promo.units_promo) filter (where sold is null), 0) as unsold_units,
            coalesce(sum(promo.units_promo - sold) filter (where promo.units_promo > sold), 0) as excess
        from {sales}
        """,
        reads=["clean.promo", "clean.sales"],
    )
    listed = warehouse.query(
        f"""
        select month, sku, left(title, 200) as title, sold, promo.units_promo as offered, promo.units_promo - sold as excess
        from {sales} left join (select sku, title from clean.web) as web using (sku)
        where promo.units_promo > sold order by excess desc, month, sku limit {LISTED_PROMOTIONS}
        """,
        reads=["clean.promo", "clean.sales", "clean.web"],
    )
    supported = ""
    if evidence["included"] != evidence["excluded"]:
        supported = "included" if evidence["included"] > evidence["excluded"] else "excluded"
    return {
        **evidence,
        "set": reading,
        "supported": supported,
        "total": found["total"],
        "unsold": found["unsold"],
        "unsold_units": int(found["unsold_units"]),
        "excess": int(found["excess"]),
        "exceeding": Listing(listed, found["exceeding"]),
    }


def _coverage(warehouse: Warehouse) -> dict[str, Any]:
    """Return the months that the export covers, those that the KPIs cover, and what lies beyond: months, products, columns."""
    (period,) = warehouse.query("select * from clean.reporting_period", reads=["clean.reporting_period"])
    rows = warehouse.query(
        """
        select month, coalesce(finance_rows, 0) as finance_rows, coalesce(sales_rows, 0) as sales_rows,
            coalesce(promo_rows, 0) as promo_rows, coalesce(units, 0) as units, coalesce(revenue, 0) as revenue
        from (select month, count(*) as finance_rows from clean.finance group by month) as finance
        full join (
            select month, count(*) as sales_rows, sum(units) as units, sum(revenue) as revenue from clean.sales group by month
        ) as sales using (month)
        full join (select month, count(*) as promo_rows from clean.promo group by month) as promo using (month)
        order by month
        """,
        reads=["clean.finance", "clean.sales", "clean.promo"],
    )
    outside = [row for row in rows if not (period["period_start"] and period["period_start"] <= row["month"] <= period["period_end"])]
    orphans = warehouse.query(
        "select sku, count(*) as row_count from clean.finance where sku not in (select sku from clean.web) group by sku order by sku",
        reads=["clean.finance", "clean.web"],
    )
    unread = warehouse.query(
        f"""
        select left(table_name, 200) as table_name, left(column_name, 200) as column_name
        from raw.export_columns where not is_known order by all limit {LISTED_COLUMNS}
        """,
        reads=["raw.export_columns"],
    )
    (all_unread,) = warehouse.query("select count(*) as columns from raw.export_columns where not is_known", reads=["raw.export_columns"])
    return {
        "period": period,
        "months": [row["month"] for row in rows],
        "gaps": _gaps(rows),
        "outside": Listing(outside[-LISTED_MONTHS:], len(outside)),
        "revenue_outside": sum(row["revenue"] for row in outside),
        "orphans": Listing(orphans[:LISTED_PRODUCTS], len(orphans)),
        "orphan_rows": sum(row["row_count"] for row in orphans),
        "unread": Listing(unread, all_unread["columns"]),
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
                aside=f"{month(worst['month'])}, product {worst['sku']}: {number(worst['offered'])} against {number(worst['sold'])}",
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
    if coverage["orphan_rows"]:
        fixes.append(
            Fix(
                count=coverage["orphan_rows"],
                unit="row",
                where="Finance.SKU",
                wrong=f"has no usable row in Web ({counted(coverage['orphans'].total, 'product')})",
                effect="in no figure",
                remedy="Enter the products in Web, or stop pricing them.",
                changes_figures=False,
            )
        )
    return fixes


def _fixes_of_cells(warehouse: Warehouse, imputed: Sequence[Row]) -> list[Fix]:
    """Return what to fill in. A rating that nobody gave is no fault, and neither is a gift card without a volume."""
    counts = {(row["table"], row["column"].lower(), row["treatment"]): row["count"] for row in imputed}
    (bottles,) = warehouse.query("select count(*) as bottles from clean.web where volume_cl is null and is_stocked", reads=["clean.web"])
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
        (bottles["bottles"], "Web.Contenance", "states no volume, and neither does the title", "left empty", "Enter the volume."),
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
