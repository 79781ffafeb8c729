"""The page on the quality of the export: what is wrong in it, and what to correct in the shop, in English and in French.

Belongs here: what this page shows, from rows that models/presentation picks. Never here: a text (data_quality.json has them), judging
whether a release may be published (models/checks.py), or a figure that no CSV of the release bears out.

The export is the shop's: whatever it holds is shown as text, shortened, with characters that cannot be seen written out.
"""

from __future__ import annotations

import datetime as dt
import json
import unicodedata
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bottleneck_assets import wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bottleneck_assets.engine.warehouse import Warehouse
    from bottleneck_assets.render.occasion import Occasion
    from bottleneck_assets.render.report.texts import Texts

    Row = Mapping[str, Any]

FILES: Mapping[str, str] = {"en": "report/data_quality.html", "fr": "report/data_quality.fr.html"}
"""The page in each language."""
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


@dataclass(frozen=True)
class Fix:
    """One thing to correct in the shop: how much, and where; what is wrong, to be read after where; what is done now; what to do.

    `affected` is the count with what is counted, in words.
    """

    count: int
    affected: str
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


@cache
def catalogue() -> Mapping[str, Any]:
    """Return every text of the page, in English and in French.

    `texts`: [English, French] by name; `reasons`: [French, remedy in English, remedy in French] by the reason that clean.quarantine
    gives; `treatments`: the same by table.column, or `any`, and the treatment that clean.imputation counts.
    """
    return json.loads(Path(__file__).with_name("data_quality.json").read_text(encoding="utf-8"))


def shown(value: str | None, texts: Texts, longest: int = LONGEST_TEXT) -> Shown:
    """Return a text of the export as a page may show it."""
    if value is None:
        return Shown("", texts.say("is_null"))
    if not value:
        return Shown("", texts.say("is_empty"))
    text = _shortened(value, longest)
    return Shown(text, texts.say("characters", count=len(value)) if len(value) > longest else "")


def title(value: str | None) -> str:
    """Return the name of a product, or of a table or column that is not known, as a page may show it."""
    return _shortened(value or "", LONGEST_TITLE)


def _shortened(value: str, longest: int) -> str:
    # escapes make a text longer, never more than it may be: what is cut off is cut off first
    return "".join(map(_seen, value[:longest])) + ("…" if len(value) > longest else "")


def _seen(character: str) -> str:
    """Write out what cannot be seen or would turn the text around it: controls, formats such as bidirectional marks, separators."""
    if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}:
        return f"\\u{ord(character):04x}"
    return character


def share(part: int, whole: int, texts: Texts) -> str:
    """Write a share in percent, so that neither something reads as nothing nor nearly all as all."""
    if not whole:
        return texts.say("no_rows")
    found = part / whole
    if part in {0, whole}:
        return texts.written(f"{found:.0%}")
    if found < SMALLEST_SHARE:
        return texts.say("share_under", share=texts.written(f"{SMALLEST_SHARE:.2%}"))
    if found > 1 - SMALLEST_SHARE:
        return texts.say("share_over", share=texts.written(f"{1 - SMALLEST_SHARE:.2%}"))
    return texts.written(f"{found:.2%}")


def render(occasion: Occasion, folder: Path) -> None:
    """Write the page under a folder, in every language."""
    from bottleneck_assets.render.report import page
    from bottleneck_assets.render.report.texts import Texts

    for language, file in FILES.items():
        texts = Texts(catalogue()["texts"], language)
        helpers: dict[str, Any] = {
            "language": language,
            "say": texts.say,
            "number": texts.number,
            "signed": texts.signed,
            "written": texts.written,
            "share": partial(share, texts=texts),
            "month": texts.month,
            "day": texts.day,
            "month_in_two": partial(_in_two, texts=texts),
            "title": title,
            "LISTED_MONTHS": LISTED_MONTHS,
        }
        text = page.render("data_quality.html", **helpers, **_figures(occasion, texts))
        (folder / file).write_text(text, encoding="utf-8", newline="\n")


def _in_two(month: dt.date, texts: Texts) -> tuple[str, str]:
    """Return a month on two lines: 2023, 10; oct., 2023."""
    year = str(month.year)
    return (year, f"{month:%m}") if texts.language == "en" else (wording.short_month(month, texts.language), year)


def _figures(occasion: Occasion, texts: Texts) -> dict[str, Any]:
    warehouse = occasion.warehouse
    names = _exported_names(warehouse)
    (quality,) = warehouse.rows("presentation.export_quality")
    months = warehouse.rows("presentation.month_coverage")
    reading = quality["promo_units"]
    balance = _balance(warehouse, names)
    reasons = _reasons(warehouse, names, texts)
    imputed = _imputed(warehouse, names, texts)
    ledger = _ledger(warehouse, quality, months)
    promotions = _promotions(warehouse, quality)
    coverage = _coverage(warehouse, months, texts)
    fixes = [
        *_fixes_of_rows(reasons, balance, texts),
        *_fixes_of_stock(ledger, texts),
        *_fixes_of_promotions(promotions, texts),
        *_fixes_of_coverage(coverage, texts),
        *_fixes_of_cells(quality, imputed, texts),
    ]
    return {
        "export": shown(occasion.export.name, texts),
        "received": texts.moment(dt.datetime.fromisoformat(occasion.received).astimezone(dt.UTC)) if occasion.received else "",
        "data_to": texts.day(wording.last_day(max(row["month"] for row in months))) if months else None,
        "balance": balance,
        "rows": {name: sum(row[name] for row in balance) for name in ("read", "kept", "quarantined", "dropped")},
        "reasons": reasons,
        "worth": _worth(warehouse),
        "unknown_products": warehouse.table("clean.unknown_products").rows,
        "contradictions": warehouse.table("clean.contradictions").rows,
        "left_out": sum(row["rows_left_out"] for row in warehouse.rows("clean.row_accounting")),
        "quarantined": _quarantined(warehouse, names, texts),
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
    return sorted((fix for fix in fixes if fix.changes_figures is changes_figures), key=lambda fix: (-fix.count, fix.where))


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


def _reason(reason: str, texts: Texts) -> tuple[str, str]:
    """Return a reason for quarantine, and what to do about it."""
    if reason not in catalogue()["reasons"]:
        return reason, texts.say("correct_the_cell")
    french, *remedy = catalogue()["reasons"][reason]
    return texts.chosen(reason, french), texts.chosen(*remedy)


def _reasons(warehouse: Warehouse, names: Mapping[tuple[str, str], str], texts: Texts) -> Listing:
    listed = [
        {
            **_where(row, names),
            "reason": _reason(row["reason"], texts)[0],
            "count": row["row_count"],
            "example": shown(row["example_value"], texts),
            "remedy": _reason(row["reason"], texts)[1],
        }
        for row in warehouse.rows("presentation.quarantine_reasons")
    ]
    return Listing(listed, len(listed))


def _quarantined(warehouse: Warehouse, names: Mapping[tuple[str, str], str], texts: Texts) -> Listing:
    columns = ("source_table", "row_number", "record_key", "column_name", "column_value", "reason")
    listed = [
        {
            **_where(row, names),
            "row_number": row["row_number"],
            "key": shown(row["record_key"], texts, LONGEST_TITLE),
            "value": shown(row["column_value"], texts),
            "reason": _reason(row["reason"], texts)[0],
        }
        for row in warehouse.rows("clean.quarantine", columns=columns, limit=LISTED_ROWS)
    ]
    return Listing(listed, warehouse.table("clean.quarantine").rows)


def _worth(warehouse: Warehouse) -> Row:
    """Return what is in quarantine as units, euros, and rows of which that is not known."""
    tables = warehouse.rows("clean.quarantine_worth")
    return {name: sum(row[name] for row in tables) for name in ("units", "revenue", "rows_of_unknown_worth")}


def _imputed(warehouse: Warehouse, names: Mapping[tuple[str, str], str], texts: Texts) -> list[Row]:
    rows = sorted(
        (row for row in warehouse.rows("clean.imputation") if row["cells_treated"]),
        key=lambda row: (-row["cells_treated"], row["source_table"], row["column_name"], row["treatment"]),
    )
    found: list[Row] = []
    for row in rows:
        known = catalogue()["treatments"]
        of_column = known["any"] | known.get(f"{row['source_table']}.{row['column_name']}", {})
        french, *remedy = of_column[row["treatment"]]
        found.append(
            {
                **_where(row, names),
                "treatment": row["treatment"],
                "said": texts.chosen(row["treatment"], french),
                "count": row["cells_treated"],
                "rows": row["rows_kept"],
                "remedy": texts.chosen(*remedy),
            }
        )
    return found


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


def _coverage(warehouse: Warehouse, months: Sequence[Row], texts: Texts) -> dict[str, Any]:
    """Return the months that the export covers, those that the KPIs cover, and what lies beyond: months, products, columns."""
    (period,) = warehouse.rows("clean.reporting_period")
    outside = [row for row in months if not row["is_reported"]]
    orphans = warehouse.rows("presentation.products_without_page")
    unread = sorted((row["table_name"], row["column_name"]) for row in warehouse.rows("raw.export_columns") if not row["is_known"])
    return {
        "period": period,
        "months": [row["month"] for row in months],
        "gaps": (gaps := _gaps(months)),
        "gaps_listed": [texts.say("gap", table=table, month=texts.month(month)) for table, month in gaps[:LISTED_MONTHS]],
        "outside": Listing(outside[-LISTED_MONTHS:], len(outside)),
        "revenue_outside": sum(row["revenue"] for row in outside),
        "orphans": Listing(orphans[:LISTED_PRODUCTS], len(orphans)),
        "orphan_rows": sum(row["finance_rows"] for row in orphans),
        "orphans_on_sale": [row["sku"] for row in orphans if row["rows_on_sale"]],
        "orphan_rows_on_sale": sum(row["rows_on_sale"] for row in orphans),
        "unread": Listing([{"table_name": table, "column_name": name} for table, name in unread[:LISTED_COLUMNS]], len(unread)),
    }


def _gaps(rows: Sequence[Row]) -> list[tuple[str, dt.date]]:
    """Return the tables and months without a row of Finance or of Sales, between the first month that either has and the last."""
    there = {(row["month"].year * 12 + row["month"].month - 1): row for row in rows if row["finance_rows"] or row["sales_rows"]}
    gaps: list[tuple[str, dt.date]] = []
    for ordinal in range(min(there), max(there) + 1) if there else ():
        row = there.get(ordinal)
        missing = [TABLES[table] for table in ("finance", "sales") if row is None or not row[f"{table}_rows"]]
        gaps += [(table, dt.date(ordinal // 12, ordinal % 12 + 1, 1)) for table in missing]
    return gaps


# --- What to correct in the shop ---------------------------------------------------------------------------------------------


def _fix(texts: Texts, unit: str = "row_count", **parts: Any) -> Fix:  # noqa: ANN401 - those of a Fix
    """Return one thing to correct, its count in words."""
    return Fix(affected=texts.say(unit, count=parts["count"]), **parts)


def _fixes_of_rows(reasons: Listing, balance: Sequence[Row], texts: Texts) -> list[Fix]:
    unusable = [
        _fix(
            texts,
            count=row["count"],
            where=f"{row['table']}.{row['column']}",
            wrong=row["reason"],
            effect=texts.say("unusable_now"),
            remedy=row["remedy"],
            changes_figures=True,
            example=row["example"],
        )
        for row in reasons.rows
    ]
    copies = [
        _fix(
            texts,
            count=row["dropped"],
            where=row["table"],
            wrong=texts.say("copies_wrong"),
            effect=texts.say("copies_now"),
            remedy=texts.say("copies_remedy"),
            changes_figures=False,
        )
        for row in balance
        if row["dropped"]
    ]
    return unusable + copies


def _fixes_of_stock(ledger: Ledger, texts: Texts) -> list[Fix]:
    if not ledger.largest.total:
        return []
    worst = ledger.by_product.rows[0]
    return [
        _fix(
            texts,
            count=ledger.largest.total,
            where="Sales.Stock",
            wrong=texts.say("stock_wrong"),
            effect=texts.say("stock_now"),
            remedy=texts.say("stock_remedy"),
            changes_figures=True,
            aside=texts.say("stock_aside", sku=str(worst["sku"]), months=worst["months_off"]),
        )
    ]


def _fixes_of_promotions(promotions: Row, texts: Texts) -> list[Fix]:
    fixes: list[Fix] = []
    exceeding: Listing = promotions["exceeding"]
    if exceeding.total and promotions["set"] == "included":
        worst = exceeding.rows[0]
        aside = {
            "month": texts.month(worst["month"]),
            "sku": str(worst["sku"]),
            "offered": worst["units_offered"],
            "sold": worst["units_sold"],
        }
        fixes.append(
            _fix(
                texts,
                count=exceeding.total,
                where="Promo.Sales_Offer",
                wrong=texts.say("excess_wrong"),
                effect=texts.say("units_not_counted", units=promotions["excess"]),
                remedy=texts.say("excess_remedy"),
                changes_figures=True,
                aside=texts.say("excess_aside", **aside),
            )
        )
    if promotions["unsold"]:
        fixes.append(
            _fix(
                texts,
                count=promotions["unsold"],
                where="Promo.Key_Promo",
                wrong=texts.say("unsold_wrong"),
                effect=texts.say("units_not_counted", units=promotions["unsold_units"]),
                remedy=texts.say("unsold_remedy"),
                changes_figures=True,
            )
        )
    return fixes


def _fixes_of_coverage(coverage: Row, texts: Texts) -> list[Fix]:
    fixes: list[Fix] = []
    if coverage["gaps"]:
        fixes.append(
            _fix(
                texts,
                "month_count",
                count=len({month for _, month in coverage["gaps"]}),
                where="Finance, Sales",
                wrong=texts.say("gaps_wrong"),
                effect=texts.say("gaps_now"),
                remedy=texts.say("gaps_remedy"),
                changes_figures=True,
            )
        )
    if coverage["orphan_rows_on_sale"]:
        fixes.append(
            _fix(
                texts,
                count=coverage["orphan_rows_on_sale"],
                where="Finance.SKU",
                wrong=texts.say("orphans_wrong", products=len(coverage["orphans_on_sale"])),
                effect=texts.say("orphans_now"),
                remedy=texts.say("orphans_remedy"),
                changes_figures=False,
            )
        )
    return fixes


def _fixes_of_cells(quality: Row, imputed: Sequence[Row], texts: Texts) -> list[Fix]:
    """Return what to fill in. A rating that nobody gave is no fault, and neither is a gift card without a volume."""
    counts = {(row["table"], row["column"].lower(), row["treatment"]): row["count"] for row in imputed}
    found = (
        (counts.get(("Sales", "orders", "empty: no supplier order, 0"), 0), "Sales.Orders", "orders_wrong", "orders_now", "orders_remedy"),
        (
            counts.get(("Web", "contenance", "no volume: taken from the title"), 0),
            "Web.Contenance",
            "volume_wrong",
            "volume_now",
            "volume_remedy",
        ),
        (quality["products_without_volume"], "Web.Contenance", "no_volume_wrong", "left_empty", "volume_remedy"),
        (
            counts.get(("Web", "post_modified", "not a date: null (no figure depends on it)"), 0),
            "Web.Post_modified",
            "date_wrong",
            "left_empty",
            "date_remedy",
        ),
    )
    return [
        _fix(
            texts,
            count=count,
            where=where,
            wrong=texts.say(wrong),
            effect=texts.say(effect),
            remedy=texts.say(remedy),
            changes_figures=False,
        )
        for count, where, wrong, effect, remedy in found
        if count
    ]
