"""Every table of the contract, computed a second time: by pandas and exact arithmetic, straight from the SQLite export.

What belongs here is a literal reading of the business rules, one small function a table, so that the
tests can hold the project's own figures against figures that share nothing with them. What never belongs here is an import
from `bottleneck_assets`, a look at its SQL, or a test.

Types: months and dates are `datetime.date`, prices and amounts `decimal.Decimal`, ratios and means `float` (NaN for null), counts
`int64`, or `Int64` where a count may be null. Decimals that may be null hold None.
"""

from __future__ import annotations

import html
import math
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from itertools import pairwise
from statistics import NormalDist, median
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

Parser: TypeAlias = "Callable[[str], Any]"
PromoUnits: TypeAlias = Literal["included", "excluded"]
SalePrices: TypeAlias = Literal["incl_vat", "excl_vat"]
Tables: TypeAlias = dict[str, pd.DataFrame]

SOURCES = {"web": "sku", "finance": "key_finance", "sales": "key_sales", "promo": "key_promo"}
VAT = {
    "Vin": Fraction("0.2"),
    "Spiritueux": Fraction("0.2"),
    "Offres commerciales": Fraction("0.2"),
    "Huile": Fraction("0.055"),
    "Sans Alcool": Fraction("0.055"),
}
UNSTOCKED_SEGMENT = "Offres commerciales"
FEWEST_CONTROLS = 20
YEAR_STARTS_IN = 10
MONTHS_OF_A_YEAR = 12
PRICE_LIMIT = 1_000_000
BEST_RATING = 5
SERVICE_LEVEL = 0.95
LEAST_FREE_CASH = Decimal(500)
LEAST_COVERED = Fraction("0.90")
MOST_COVERED = Fraction("0.99")
CARRYING_COST_RATE = Fraction("0.10")
RATING_GAP = Fraction("0.5")
INTERVAL_LEVEL = Fraction("0.90")
RESAMPLES = 1000
CLUSTERS = 100
SEED = 2022
MOST_DEGREES = 24
FARTHEST = 50
FEWEST_PLACEBOS = 2
FEWEST_RESAMPLED = 10
THIN_TAIL = Fraction("0.005")
BEST_SELLER_SHARE = Fraction("0.2")
FEWEST_MONTHS_OF_A_BAND = 6
MEDIAN_MOVES = 3.14
NARROWEST_BAND = 0.01
FEWEST_MONTHS_OF_A_LEVEL = 3
RATINGS_GO_WITH_SALES = 1.645
HIGH_CONFIDENCE = 2.58
MEDIUM_CONFIDENCE = 1.64
AMOUNT = Decimal("0.0001")
PRECISE = Decimal("0.00000001")
DIGITS = 60
GRAIN = ["month", "sku"]
PRODUCT = ["sku", "title", "product_type", "segment"]
TYPE = ["segment", "product_type"]
CAMPAIGN = [*TYPE, "starts_on", "ends_on"]


# --- Reading the export ------------------------------------------------------------------------------------------------------


def read_source(connection: sqlite3.Connection, name: str) -> pd.DataFrame:
    """One table of the export, verbatim: lower-case columns, every cell as text, in table order."""
    tables = {table.lower(): table for (table,) in connection.execute("select name from sqlite_master where type = 'table'")}
    columns = [row[1] for row in connection.execute(f'pragma table_info("{tables[name]}")')]
    cells = ", ".join(f'cast("{column}" as text)' for column in columns)
    rows = connection.execute(f'select {cells} from "{tables[name]}" order by rowid').fetchall()
    return pd.DataFrame(rows, columns=[column.lower() for column in columns], dtype=object)


def read_export(export: Path) -> Tables:
    """The four tables that every export has, in one read-only connection."""
    with closing(sqlite3.connect(f"{export.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        connection.execute("begin")
        return {name: read_source(connection, name) for name in SOURCES}


# --- Reading one cell: each function raises ValueError for a cell that cannot be read (decisions, 'Reading rows') ---------------


def matched(pattern: str, cell: str) -> re.Match[str]:
    """Match the whole cell, digits being 0 to 9."""
    match = re.fullmatch(pattern, cell, re.ASCII)
    if match is None:
        raise ValueError(cell)
    return match


def read_decimal(cell: str) -> Decimal:
    """Read a number of zero or more with a comma or a dot, rounded half up to eight decimals."""
    number = Decimal(matched(r"-?\d+([.,]\d+)?", cell).group().replace(",", "."))
    if number < 0:
        raise ValueError(cell)
    return abs(number).quantize(PRECISE, ROUND_HALF_UP)


def read_price(cell: str) -> Decimal:
    """Read a decimal under a million."""
    price = read_decimal(cell)
    if price >= PRICE_LIMIT:
        raise ValueError(cell)
    return price


def read_rating(cell: str) -> float:
    """Read a decimal of 0 to 5; nobody rated is null and not zero."""
    if not cell:
        return float("nan")
    rating = read_decimal(cell)
    if rating > BEST_RATING:
        raise ValueError(cell)
    return float(rating)


def read_count(cell: str) -> int:
    """Read a whole number of zero or more, of seven digits at most."""
    count = int(matched(r"(-?0*\d{1,7})([.,]0+)?", cell).group(1))
    if count < 0:
        raise ValueError(cell)
    return count


def read_orders(cell: str) -> int:
    """Read a count; nothing ordered is 0."""
    return read_count(cell) if cell else 0


def read_sku(cell: str) -> int:
    """Read a product number."""
    return int(matched(r"\d{1,18}", cell).group())


def read_key(cell: str) -> tuple[date, int]:
    """Read `year-month_SKU` into the first day of the month and the SKU."""
    year, month, sku = matched(r"(\d{4})-(\d{1,2})_(\d{1,18})", cell).groups()
    return date(int(year), int(month), 1), int(sku)


def read_date(cell: str) -> date:
    """Read `YYYY-MM-DD` or `DD-MM-YYYY`."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", cell, re.ASCII):
        return date.fromisoformat(cell)
    day, month, year = matched(r"(\d\d)-(\d\d)-(\d{4})", cell).groups()
    return date(int(year), int(month), int(day))


def read_date_or_nothing(cell: str) -> date | None:
    """Read a date that nothing depends on: one that cannot be read is null.

    The contract wants 761 rows in web, and one of them was last modified on '29/02/2022  15:25:02', a day that never was.
    """
    try:
        return read_date(cell)
    except ValueError:
        return None


def one_of(meanings: Mapping[str, bool]) -> Parser:
    """Make a reader of flags: any other value cannot be read."""

    def read(cell: str) -> bool:
        if cell not in meanings:
            raise ValueError(cell)
        return meanings[cell]

    return read


def read_text(cell: str) -> str | None:
    """Read text: CSV quotes, tags, entities and white space cleaned away; nothing left is null."""
    if re.fullmatch(r'"(?:[^"]|"")*"', cell):
        cell = cell[1:-1]
    cell = re.sub(r"<[a-zA-Z/!][^>]*>", "", cell.replace('""', '"'))
    return " ".join(html.unescape(cell).split()) or None


def required(read: Parser) -> Parser:
    """Make a reader that cannot read nothing."""

    def read_something(cell: str) -> str:
        value = read(cell)
        if not value:
            raise ValueError(cell)
        return value

    return read_something


def volume_cl(capacity: str, title: str) -> float:
    """Find the volume in `Contenance`, else the last one in the title, else null; `3x 10cl` is 30."""
    volume = r"(?<![\d.,])(?:(\d+)\s*x\s*)?(\d+(?:[.,]\d+)?)\s*cl(?![^\W\d_])"
    whole = re.fullmatch(volume, capacity, re.IGNORECASE)
    found = [whole.groups()] if whole else re.findall(volume, title, re.IGNORECASE)
    if not found:
        return float("nan")
    times, each = found[-1]
    return float(int(times or 1) * Decimal(each.replace(",", ".")))


def vintage(title: str) -> int | None:
    """Find the last year of 1900 to 2099 in the title, no digit beside it."""
    years = re.findall(r"(?<!\d)(?:19|20)[0-9]{2}(?!\d)", title)
    return int(years[-1]) if years else None


# --- Keeping, dropping and quarantining rows ----------------------------------------------------------------------------------


UNREADABLE = object()

READERS: dict[str, dict[str, tuple[str, Parser]]] = {
    "web": {
        "sku": ("sku", read_sku),
        "title": ("post_title", required(read_text)),
        "product_type": ("product_type", required(str)),
        "segment": ("segment", required(str)),
        "excerpt": ("post_excerpt", read_text),
        "slug": ("post_name", required(str)),
        "url": ("guid", required(lambda cell: html.unescape(cell.replace("&#038:", "&#038;")))),
        "author_id": ("post_author", read_count),
        "created_on": ("post_date", read_date),
        "modified_on": ("post_modified", read_date_or_nothing),
        "status": ("post_status", str),
        "rating_count": ("rating_count", read_count),
        "average_rating": ("average_rating", read_rating),
        "comment_count": ("comment_count", read_count),
        "capacity": ("contenance", str),
        "comment_status": ("comment_status", str),
    },
    "finance": {
        "key": ("key_finance", read_key),
        "date": ("date", read_date),
        "sku_column": ("sku", read_sku),
        "price": ("price", read_price),
        "purchase_price": ("purchase_price", read_price),
        "is_on_sale": ("onsale_web", one_of({"0": False, "1": True})),
        "is_taxable": ("taxe_statut", one_of({"taxable": True, "none": False, "shipping": False})),
    },
    "sales": {
        "key": ("key_sales", read_key),
        "sold": ("sales", read_count),
        "supplier_orders": ("orders", read_orders),
        "stock_end": ("stock", read_count),
    },
    "promo": {
        "key": ("key_promo", read_key),
        "starts_on": ("start_date", read_date),
        "ends_on": ("end_date", read_date),
        "units_promo": ("sales_offer", read_count),
        "offer_price": ("price_offer", read_price),
    },
}


def read_cell(read: Parser, cell: str | None) -> object:
    """Read one cell, trimmed, or say that it cannot be read."""
    try:
        return read((cell or "").strip())
    except ValueError:
        return UNREADABLE


def read_rows(name: str, source: pd.DataFrame) -> pd.DataFrame:
    """Every distinct row of a source, typed, with whether it is kept so far: readable, and the first with its key."""
    distinct = source.loc[~source.duplicated()]
    rows = pd.DataFrame(
        {
            column: pd.Series([read_cell(read, cell) for cell in distinct[cells]], index=distinct.index, dtype=object)
            for column, (cells, read) in READERS[name].items()
        }
    )
    key = rows["sku" if name == "web" else "key"]
    repeated = key.duplicated() & (key != UNREADABLE)
    rows["kept"] = ~rows.isin([UNREADABLE]).any(axis=1) & ~repeated
    if name != "web":
        rows["month"] = [None if key is UNREADABLE else key[0] for key in rows["key"]]
        rows["sku"] = [None if key is UNREADABLE else key[1] for key in rows["key"]]
    return rows


def read_web(source: pd.DataFrame) -> pd.DataFrame:
    """Every distinct row of Web."""
    return read_rows("web", source)


def read_finance(source: pd.DataFrame) -> pd.DataFrame:
    """Every distinct row of Finance: its month must be the month of its date, and its SKU the SKU column."""
    rows = read_rows("finance", source)
    kept = rows[rows["kept"]]
    agrees = (kept["sku"] == kept["sku_column"]) & (kept["month"] == kept["date"].map(lambda day: day.replace(day=1)))
    rows.loc[kept.index, "kept"] = agrees
    return rows


def known(rows: pd.DataFrame, web: pd.DataFrame, finance: pd.DataFrame) -> pd.Series:
    """Whether a Sales or Promo row has its kept Finance row (same month and SKU) and its kept Web row."""
    products = set(web.loc[web["kept"], "sku"])
    prices = set(finance.loc[finance["kept"], "key"])
    return rows["sku"].isin(products) & rows["key"].map(prices.__contains__)


def read_sales(source: pd.DataFrame, web: pd.DataFrame, finance: pd.DataFrame) -> pd.DataFrame:
    """Every distinct row of Sales."""
    rows = read_rows("sales", source)
    rows["kept"] &= known(rows, web, finance)
    return rows


def read_promo(source: pd.DataFrame, web: pd.DataFrame, finance: pd.DataFrame) -> pd.DataFrame:
    """Every distinct row of Promo: it must not end before it starts."""
    rows = read_rows("promo", source)
    rows["kept"] &= known(rows, web, finance)
    kept = rows[rows["kept"]]
    rows.loc[kept.index, "kept"] = kept["ends_on"] >= kept["starts_on"]
    return rows


def quarantine(sources: Tables, rows: Tables) -> pd.DataFrame:
    """The rows that went to quarantine: their table, their place in it from 1 on, their key verbatim."""
    parts = []
    for name in sorted(SOURCES):
        places = rows[name].index[~rows[name]["kept"]]
        keys = sources[name].loc[places, SOURCES[name]]
        parts.append(pd.DataFrame({"source_table": name, "row_number": places + 1, "key": keys}))
    return pd.concat(parts, ignore_index=True).astype({"row_number": "int64"})


def row_accounting(sources: Tables, rows: Tables) -> pd.DataFrame:
    """Rows read = rows kept + rows quarantined + exact duplicates dropped + rows left out."""
    return pd.DataFrame(
        [
            {
                "source_table": name,
                "rows_read": len(sources[name]),
                "rows_kept": int(rows[name]["kept"].sum()),
                "rows_quarantined": int((~rows[name]["kept"]).sum()),
                "duplicates_dropped": int(sources[name].duplicated().sum()),
                "rows_left_out": 0,
            }
            for name in sorted(SOURCES)
        ]
    )


# --- Arithmetic --------------------------------------------------------------------------------------------------------------


def amount(value: Decimal) -> Decimal:
    """Round an amount half up to four decimals, once, in the row where it arises."""
    return value.quantize(AMOUNT, ROUND_HALF_UP)


def fraction_rounded(value: Fraction, places: Decimal) -> Decimal:
    """Round an exact fraction of zero or more half up, to the places of another decimal."""
    return Decimal(math.floor(value / Fraction(places) + Fraction(1, 2))) * places


def ratio(numerators: Iterable[Any], denominators: Iterable[Any], scale: int = 1) -> list[float]:
    """Divide exactly, then round once to a float; null where a side is null or the divisor is 0."""
    return [
        float("nan") if pd.isna(top) or pd.isna(bottom) or bottom == 0 else float(scale * Fraction(top) / Fraction(bottom))
        for top, bottom in zip(numerators, denominators, strict=True)
    ]


def one_ratio(numerator: object, denominator: object, scale: int = 1) -> float:
    """Divide two figures as `ratio` does."""
    return ratio([numerator], [denominator], scale)[0]


def total(values: Iterable[Any]) -> Any:
    """Sum the known values exactly; null where none is known."""
    values = [value for value in values if not pd.isna(value)]
    return sum(values[1:], values[0]) if values else None


def sums(rows: pd.DataFrame, keys: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
    """Sum columns without nulls by group, sorted by the group."""
    return rows.groupby(list(keys), sort=True)[list(columns)].sum().reset_index()


def rounded(value: Fraction | float | None, places: Decimal = AMOUNT) -> Decimal | None:
    """Round a figure half up, once; null stays null."""
    if value is None or pd.isna(value):
        return None
    exact = Fraction(value)
    return (Decimal(exact.numerator) / exact.denominator).quantize(places, ROUND_HALF_UP)


def is_positive(value: object) -> bool:
    """Whether a figure is known and above 0."""
    return not pd.isna(value) and value > 0


def is_negative(value: object) -> bool:
    """Whether a figure is known and below 0."""
    return not pd.isna(value) and value < 0


def arranged(table: pd.DataFrame, columns: str, grain: Sequence[str]) -> pd.DataFrame:
    """Put a table in the order of its contract: its columns, and its rows by grain."""
    return table.sort_values(list(grain), kind="stable")[columns.split()].reset_index(drop=True)


# --- The cleaned tables -------------------------------------------------------------------------------------------------------


def clean_web(rows: pd.DataFrame) -> pd.DataFrame:
    """`clean/web`: one row a product."""
    web = rows[rows["kept"]].copy()
    web["is_published"] = web["status"] == "publish"
    web["is_stocked"] = web["segment"] != UNSTOCKED_SEGMENT
    web["volume_cl"] = [volume_cl(capacity, title) for capacity, title in zip(web["capacity"], web["title"], strict=True)]
    web["vintage"] = pd.array([vintage(title) for title in web["title"]], dtype="Int64")
    counts = dict.fromkeys(("sku", "author_id", "rating_count", "comment_count"), "int64")
    columns = (
        "sku title product_type segment excerpt slug url author_id created_on modified_on is_published rating_count average_rating "
        "comment_count volume_cl vintage is_stocked"
    )
    return arranged(web.astype(counts | {"average_rating": "float64"}), columns, ["sku"])


def clean_finance(rows: pd.DataFrame) -> pd.DataFrame:
    """`clean/finance`: one row a month and product."""
    finance = rows[rows["kept"]].astype({"sku": "int64", "is_on_sale": bool, "is_taxable": bool})
    return arranged(finance, "month sku price purchase_price is_on_sale is_taxable", GRAIN)


def clean_promo(rows: pd.DataFrame, finance: pd.DataFrame) -> pd.DataFrame:
    """`clean/promo`: one row a promotion, that is a month and product; the units as exported."""
    promo = rows[rows["kept"]].astype({"sku": "int64", "units_promo": "int64"}).merge(finance, on=GRAIN)
    promo["list_price"] = promo["price"]
    promo["duration_days"] = [(end - start).days + 1 for start, end in zip(promo["starts_on"], promo["ends_on"], strict=True)]
    promo["discount_rate"] = ratio(promo["list_price"] - promo["offer_price"], promo["list_price"])
    columns = "month sku starts_on ends_on duration_days units_promo offer_price list_price discount_rate"
    return arranged(promo.astype({"duration_days": "int64"}), columns, GRAIN)


def vat_divisors(web: pd.DataFrame, sale_prices: SalePrices) -> dict[int, Fraction]:
    """Map each product to what its sale prices are divided by to leave VAT out."""
    with_vat = sale_prices == "incl_vat"
    return {sku: 1 + VAT[segment] if with_vat else Fraction(1) for sku, segment in zip(web["sku"].tolist(), web["segment"], strict=True)}


def clean_sales(
    rows: pd.DataFrame, finance: pd.DataFrame, promo: pd.DataFrame, promo_units: PromoUnits, divisors: Mapping[int, Fraction]
) -> pd.DataFrame:
    """`clean/sales`: one row a month and product; margins excl. VAT, from the revenue that the row shows."""
    counts = dict.fromkeys(("sku", "sold", "supplier_orders", "stock_end"), "int64")
    sales = rows[rows["kept"]].astype(counts).merge(finance, on=GRAIN)
    sales = sales.merge(promo[[*GRAIN, "units_promo", "offer_price"]], on=GRAIN, how="left")
    offered = sales["units_promo"].fillna(0).astype("int64")
    sales["offer_price"] = [Decimal(0) if pd.isna(price) else price for price in sales["offer_price"]]
    if promo_units == "included":
        sales["units"] = sales["sold"]
        sales["units_promo"] = offered.clip(upper=sales["sold"])
    else:
        sales["units"] = sales["sold"] + offered
        sales["units_promo"] = offered
    sales["units_regular"] = sales["units"] - sales["units_promo"]
    sales["revenue"] = [
        amount(regular * price + promoted * offer)
        for regular, price, promoted, offer in zip(
            sales["units_regular"].tolist(), sales["price"], sales["units_promo"].tolist(), sales["offer_price"], strict=True
        )
    ]
    sales["cogs"] = [amount(units * price) for units, price in zip(sales["units"].tolist(), sales["purchase_price"], strict=True)]
    sales["revenue_excl_vat"] = [
        fraction_rounded(Fraction(revenue) / divisors[sku], AMOUNT)
        for sku, revenue in zip(sales["sku"].tolist(), sales["revenue"], strict=True)
    ]
    sales["gross_margin"] = sales["revenue_excl_vat"] - sales["cogs"]
    sales["gross_margin_rate"] = ratio(sales["gross_margin"], sales["revenue_excl_vat"])
    sales["conversion_rate"] = ratio(sales["units"], sales["units"] + sales["stock_end"])
    columns = (
        "month sku units units_promo units_regular supplier_orders stock_end revenue cogs gross_margin gross_margin_rate conversion_rate"
    )
    return arranged(sales, columns, GRAIN)


def reporting_period(sales: pd.DataFrame, period: tuple[str, str] | None) -> pd.DataFrame:
    """`clean/reporting_period`: the latest October to September year with all its months, else all there is (section 1).

    Both ends are months, that is first days; `months` counts those that have sales.
    """
    present = sorted(set(sales["month"]))
    if period is not None:
        start, end = (date.fromisoformat(f"{month[:7]}-01") for month in period)
    else:
        full = [month for month in present if month.month == YEAR_STARTS_IN and set(year_from(month)) <= set(present)]
        start, end = (full[-1], year_from(full[-1])[-1]) if full else (present[0], present[-1])
    months = [month for month in present if start <= month <= end]
    is_full_year = start.month == YEAR_STARTS_IN and months == year_from(start) and end == months[-1]
    return pd.DataFrame({"period_start": [start], "period_end": [end], "months": [len(months)], "is_full_year": [is_full_year]})


def year_from(start: date) -> list[date]:
    """List the twelve months from one on."""
    months = (start.month - 1 + step for step in range(MONTHS_OF_A_YEAR))
    return [date(start.year + month // MONTHS_OF_A_YEAR, month % MONTHS_OF_A_YEAR + 1, 1) for month in months]


def month_before(month: date) -> date:
    """Find the calendar month before."""
    return date(month.year - 1, 12, 1) if month.month == 1 else month.replace(month=month.month - 1)


def clean_ca_par_segment(facts: pd.DataFrame) -> pd.DataFrame:
    """`clean/ca_par_segment`: revenue of the reporting period by segment, largest first."""
    return sums(facts, ["segment"], ["revenue"]).sort_values("revenue", ascending=False, kind="stable").reset_index(drop=True)


# --- What every KPI is computed from ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Period:
    """The reporting period: its first and last month, and those of its months that have sales."""

    start: date
    end: date
    months: list[date]

    def of(self, table: pd.DataFrame) -> pd.DataFrame:
        """Take the rows of a table whose month lies in the period."""
        return table.loc[[self.start <= month <= self.end for month in table["month"]]].reset_index(drop=True)


def period_facts(clean: Tables, period: Period) -> pd.DataFrame:
    """The sales rows of the period with their product, and their stock value (decisions, 'KPIs'): 0 where nothing is stocked."""
    facts = period.of(clean["sales"]).merge(clean["web"][[*PRODUCT, "is_stocked"]], on="sku")
    facts = facts.merge(clean["finance"][[*GRAIN, "purchase_price"]], on=GRAIN)
    facts["stock_value"] = [
        amount(stock * price) if stocked else Decimal(0)
        for stock, price, stocked in zip(facts["stock_end"].tolist(), facts["purchase_price"], facts["is_stocked"], strict=True)
    ]
    facts["revenue_excl_vat"] = facts["gross_margin"] + facts["cogs"]
    facts["stocked_cogs"] = [cogs if stocked else Decimal(0) for cogs, stocked in zip(facts["cogs"], facts["is_stocked"], strict=True)]
    return facts.sort_values(GRAIN, kind="stable").reset_index(drop=True)


# --- The KPI tables -----------------------------------------------------------------------------------------------------------


def kpi_revenue(facts: pd.DataFrame) -> pd.DataFrame:
    """`kpi/revenue`: revenue by month and segment, beside the calendar month before."""
    revenue = sums(facts, ["month", "segment"], ["revenue"])
    of_month = {(month, segment): value for month, segment, value in revenue.itertuples(index=False)}
    previous = [of_month.get((month_before(month), segment)) for month, segment in zip(revenue["month"], revenue["segment"], strict=True)]
    return revenue.assign(revenue_previous_month=pd.Series(previous, index=revenue.index, dtype=object))


def kpi_gross_margin(facts: pd.DataFrame) -> pd.DataFrame:
    """`kpi/gross_margin`: margin by month and segment, its rate as sum over sum."""
    margin = sums(facts, ["month", "segment"], ["revenue", "revenue_excl_vat", "cogs", "gross_margin"])
    return margin.assign(gross_margin_rate=ratio(margin["gross_margin"], margin["revenue_excl_vat"]))


def yearly(cogs: Iterable[Any], mean_stock_value: Iterable[Any], months: Iterable[int]) -> list[float]:
    """Compute a turnover as a yearly rate: 12 / months * cogs / mean stock value (section 3, 'Stock')."""
    return [
        one_ratio(Fraction(MONTHS_OF_A_YEAR, int(count)) * Fraction(cost), value)
        for cost, value, count in zip(cogs, mean_stock_value, months, strict=True)
    ]


def kpi_stock_turnover(facts: pd.DataFrame) -> pd.DataFrame:
    """`kpi/stock_turnover`: stocked products (section 3, 'Stock'; facts come sorted by month, so the last row is the latest)."""
    stocked = facts[facts["is_stocked"]]
    products = sums(stocked, PRODUCT, ["cogs", "stock_value", "units"])
    rows = products["sku"].map(stocked.groupby("sku").size())
    last = stocked.drop_duplicates("sku", keep="last").set_index("sku")
    products["stock_end"] = products["sku"].map(last["stock_end"])
    products["stock_value_end"] = products["sku"].map(last["stock_value"])
    products["mean_stock_value"] = ratio(products["stock_value"], rows)
    products["mean_monthly_units"] = ratio(products["units"], rows)
    products["turnover"] = yearly(products["cogs"], products["mean_stock_value"], rows)
    products["days_of_stock"] = ratio([365] * len(products), products["turnover"])
    products["months_of_cover"] = ratio(products["stock_end"], products["mean_monthly_units"])
    columns = (
        "sku title product_type segment cogs mean_stock_value stock_end stock_value_end mean_monthly_units turnover days_of_stock "
        "months_of_cover"
    )
    return arranged(products, columns, ["sku"])


def kpi_stock_turnover_by_segment(facts: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    """`kpi/stock_turnover_by_segment`: the mean over its months of the summed stock value, divided into the summed cogs."""
    segments = sums(facts[facts["is_stocked"]], ["segment"], ["cogs", "stock_value"])
    segments = segments.merge(sums(products, ["segment"], ["stock_value_end"]), on="segment")
    months = facts[facts["is_stocked"]].groupby("segment")["month"].nunique()
    segments["mean_stock_value"] = ratio(segments["stock_value"], segments["segment"].map(months))
    segments["turnover"] = yearly(segments["cogs"], segments["mean_stock_value"], segments["segment"].map(months))
    segments["days_of_stock"] = ratio([365] * len(segments), segments["turnover"])
    return arranged(segments, "segment cogs mean_stock_value stock_value_end turnover days_of_stock", ["segment"])


def lowe_index(prices: pd.DataFrame, column: str, keys: list[str]) -> pd.DataFrame:
    """Compute a Lowe index by month and `keys`: 100 * sum(p(month) * q) / sum(p(first month) * q) (section 3, 'Prices').

    Over the SKUs priced in every month, q being the SKU's units over the period.
    """
    steady = prices[prices.groupby("sku")["month"].transform("size") == prices["month"].nunique()]
    basket = steady.assign(cost=[price * units for price, units in zip(steady[column], steady["q"].tolist(), strict=True)])
    costs = sums(basket, ["month", *keys], ["cost"])
    first = costs[costs["month"] == prices["month"].min()].drop(columns="month")
    costs = costs.merge(first, on=keys, suffixes=("", "_first")) if keys else costs.merge(first, how="cross", suffixes=("", "_first"))
    return costs.assign(index=ratio(costs["cost"], costs["cost_first"], 100))[["month", *keys, "index"]]


def kpi_purchase_price(clean: Tables, facts: pd.DataFrame, period: Period) -> pd.DataFrame:
    """`kpi/purchase_price`: mean prices and price indices by month and segment, and of the whole catalogue."""
    prices = period.of(clean["finance"]).merge(clean["web"][["sku", "segment"]], on="sku")
    prices["q"] = prices["sku"].map(facts.groupby("sku")["units"].sum()).fillna(0).astype("int64")
    table = sums(prices, ["month", "segment"], ["purchase_price", "price"])
    rows = prices.groupby(["month", "segment"]).size().to_numpy()
    table["mean_purchase_price"] = ratio(table["purchase_price"], rows)
    table["mean_price"] = ratio(table["price"], rows)
    for column in ("purchase_price", "price"):
        for keys, suffix in ((["segment"], ""), ([], "_all")):
            index = lowe_index(prices, column, keys).rename(columns={"index": f"{column}_index{suffix}"})
            table = table.merge(index, on=["month", *keys], how="left")
    columns = "month segment mean_purchase_price mean_price purchase_price_index price_index purchase_price_index_all price_index_all"
    return arranged(table, columns, ["month", "segment"])


def kpi_sales_volume(facts: pd.DataFrame) -> pd.DataFrame:
    """`kpi/sales_volume`: units by month and segment, on promotion and not."""
    return sums(facts, ["month", "segment"], ["units", "units_promo", "units_regular"])


# --- Promotion ROI against a control group ------------------------------------------------------------------------------------


def control_products(facts: pd.DataFrame, promoted: set[int], period: Period) -> pd.DataFrame:
    """The sales rows of the control group: stocked SKUs, never promoted in the period, with a row in every month of it."""
    complete = facts.groupby("sku")["month"].transform("size") == len(period.months)
    return facts[facts["is_stocked"] & ~facts["sku"].isin(promoted) & complete]


def control_of(control: pd.DataFrame, segment: str, product_type: str) -> tuple[str, pd.DataFrame]:
    """Take the control that a product type uses: its own from 20 products on, else that of its segment, else that of all."""
    for kind, column, value in (("product type", "product_type", product_type), ("segment", "segment", segment)):
        own = control[control[column] == value]
        if own["sku"].nunique() >= FEWEST_CONTROLS:
            return kind, own
    return "shop", control


def control_units(used: pd.DataFrame, period: Period) -> dict[date, int]:
    """Sum what control products sold, by month."""
    units = used.groupby("month")["units"].sum()
    return {month: int(units.get(month, 0)) for month in period.months}


def seasonal_index(used: pd.DataFrame, period: Period) -> dict[date, Fraction]:
    """Control units in the month / their mean over the months."""
    units = control_units(used, period)
    mean = Fraction(sum(units.values()), len(period.months))
    return {month: sold / mean for month, sold in units.items()} if mean else {}


def quiet_months(facts: pd.DataFrame, promo: pd.DataFrame) -> dict[int, list[tuple[date, int]]]:
    """Every promoted SKU's months with a sales row and without a promotion of it, and its units in them."""
    promotions = set(zip(promo["month"], promo["sku"], strict=True))
    rows = facts[facts["sku"].isin(set(promo["sku"]))]
    quiet: dict[int, list[tuple[date, int]]] = {}
    for month, sku, units in zip(rows["month"], rows["sku"].tolist(), rows["units"].tolist(), strict=True):
        if (month, sku) not in promotions:
            quiet.setdefault(sku, []).append((month, units))
    return quiet


def baselines(facts: pd.DataFrame, promo: pd.DataFrame, period: Period) -> list[Decimal | None]:
    """Compute level * index of each promotion, to eight decimals; level = quiet units / the sum of the index over the quiet months."""
    control = control_products(facts, set(promo["sku"]), period)
    index_of = {own: seasonal_index(control_of(control, *own)[1], period) for own in set(promo[TYPE].itertuples(index=False, name=None))}
    quiet = quiet_months(facts, promo)
    result = []
    sold = set(zip(facts["month"], facts["sku"], strict=True))
    for month, sku, segment, product_type in promo[["month", "sku", *TYPE]].itertuples(index=False, name=None):
        index = index_of[segment, product_type]
        season = sum((index[quiet_month] for quiet_month, _ in quiet.get(sku, []) if index), Fraction(0))
        if not season or month not in index or (month, sku) not in sold:
            result.append(None)
            continue
        baseline = sum(units for _, units in quiet[sku]) / season * index[month]
        result.append((Decimal(baseline.numerator) / baseline.denominator).quantize(PRECISE, ROUND_HALF_UP))
    return result


def promotions(clean: Tables, facts: pd.DataFrame, period: Period, divisors: Mapping[int, Fraction]) -> pd.DataFrame:
    """One row a promotion of the period, with everything that is said of it; margins and discounts excl. VAT, from prices of 8 decimals."""
    promo = period.of(clean["promo"]).drop(columns="units_promo").merge(clean["web"][PRODUCT], on="sku")
    promo = promo.merge(clean["finance"][[*GRAIN, "purchase_price"]], on=GRAIN)
    promo = promo.merge(facts[[*GRAIN, "units", "units_promo", "gross_margin"]], on=GRAIN, how="left")
    promo = promo.sort_values(GRAIN, kind="stable").reset_index(drop=True)
    baseline_units = baselines(facts, promo, period)
    net_list, net_offer = (
        [
            fraction_rounded(Fraction(price) / divisors[sku], PRECISE)
            for sku, price in zip(promo["sku"].tolist(), promo[column], strict=True)
        ]
        for column in ("list_price", "offer_price")
    )
    figures = [
        promotion_figures(*row)
        for row in zip(
            [None if pd.isna(units) else int(units) for units in promo["units"]],
            [None if pd.isna(units) else int(units) for units in promo["units_promo"]],
            promo["gross_margin"],
            net_list,
            net_offer,
            promo["purchase_price"],
            baseline_units,
            strict=True,
        )
    ]
    columns = ["discount_cost", "promo_margin", "uplift_units", "incremental_margin"]
    promo[columns] = pd.DataFrame(figures, columns=columns, index=promo.index, dtype=object)
    promo["baseline_units"] = pd.Series(baseline_units, index=promo.index, dtype=object)
    promo["unit_margin"] = pd.Series(net_list, index=promo.index, dtype=object) - promo["purchase_price"]
    promo["gross_margin"] = pd.Series([None if pd.isna(margin) else margin for margin in promo["gross_margin"]], dtype=object)
    promo["margin_roi"] = ratio(promo["promo_margin"], promo["discount_cost"])
    promo["incremental_roi"] = ratio(promo["incremental_margin"], promo["discount_cost"])
    return promo.astype({"units": "Int64", "units_promo": "Int64"})


def promotion_figures(
    units: int | None,
    units_promo: int | None,
    gross_margin: Decimal,
    list_price: Decimal,
    offer_price: Decimal,
    purchase_price: Decimal,
    baseline: Decimal | None,
) -> tuple[Decimal | None, Decimal | None, Decimal | None, Decimal | None]:
    """Compute discount_cost, promo_margin, uplift_units, incremental_margin; null without a sales row, the last two without a baseline."""
    if units is None or units_promo is None:
        return None, None, None, None
    discount_cost = amount(units_promo * max(list_price - offer_price, Decimal(0)))
    promo_margin = amount(units_promo * (offer_price - purchase_price))
    if baseline is None:
        return discount_cost, promo_margin, None, None
    return discount_cost, promo_margin, units - baseline, amount(gross_margin - baseline * (list_price - purchase_price))


PROMO_ROI = (
    "month sku title segment starts_on ends_on units units_promo baseline_units uplift_units discount_cost promo_margin gross_margin "
    "incremental_margin margin_roi incremental_roi"
)


def kpi_promo_roi(promo: pd.DataFrame) -> pd.DataFrame:
    """`kpi/promo_roi`: one row a promotion."""
    return arranged(promo, PROMO_ROI, GRAIN)


def measured(promo: pd.DataFrame) -> pd.Series:
    """The discount of the promotions that have a baseline."""
    return promo["discount_cost"][promo["baseline_units"].notna()]


def kpi_promo_campaign(promo: pd.DataFrame) -> pd.DataFrame:
    """`kpi/promo_campaign`: the promotions that run on the same days, by segment; sums over known values."""
    campaigns = []
    for (starts_on, ends_on, segment), rows in promo.groupby(["starts_on", "ends_on", "segment"], sort=True):
        campaign = {
            "starts_on": starts_on,
            "ends_on": ends_on,
            "segment": segment,
            "products": len(rows),
            "products_without_baseline": int(rows["baseline_units"].isna().sum()),
            "units": total(rows["units"]),
            "units_promo": total(rows["units_promo"]),
            "baseline_units": total(rows["baseline_units"]),
            "uplift_units": total(rows["uplift_units"]),
            "discount_cost": total(rows["discount_cost"]),
            "discount_cost_measured": total(measured(rows)),
            "promo_margin": total(rows["promo_margin"]),
            "gross_margin": total(rows["gross_margin"]),
            "incremental_margin": total(rows["incremental_margin"]),
        }
        campaign["margin_roi"] = one_ratio(campaign["promo_margin"], campaign["discount_cost"])
        campaign["incremental_roi"] = one_ratio(campaign["incremental_margin"], campaign["discount_cost_measured"])
        campaigns.append(campaign)
    columns = (
        "starts_on ends_on segment products products_without_baseline units units_promo baseline_units uplift_units discount_cost "
        "discount_cost_measured promo_margin gross_margin incremental_margin margin_roi incremental_roi"
    )
    return pd.DataFrame(campaigns, columns=columns.split())


# --- Customers ----------------------------------------------------------------------------------------------------------------


def rating_sums(web: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Each product's sum and number of ratings: both 0 where nobody rated."""
    rated = web["average_rating"].notna() & (web["rating_count"] > 0)
    return (web["average_rating"] * web["rating_count"]).where(rated, 0.0), web["rating_count"].where(rated, 0)


def shop_rating(web: pd.DataFrame) -> float:
    """Compute the shop's average rating, weighted by rating count."""
    given, count = rating_sums(web)
    return float(given.sum() / count.sum()) if count.sum() else float("nan")


def kpi_customer_rating(web: pd.DataFrame) -> pd.DataFrame:
    """`kpi/customer_rating`: shrunk_rating = (k * m + sum) / (k + n), k the median positive count, m the shop's average."""
    given, count = rating_sums(web)
    positive = web["rating_count"][web["rating_count"] > 0]
    k = float(median(positive)) if len(positive) else float("nan")
    ratings = web.assign(shrunk_rating=(k * shop_rating(web) + given) / (k + count))
    return arranged(ratings, "sku title product_type segment rating_count average_rating shrunk_rating", ["sku"])


def kpi_comment_rate(web: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """`kpi/comment_rate`: comments per 100 units of the period, of every product of Web."""
    rates = web[["sku", "title", "segment", "comment_count"]].copy()
    rates["units"] = rates["sku"].map(facts.groupby("sku")["units"].sum()).fillna(0).astype("int64")
    rates["comments_per_100_units"] = ratio(rates["comment_count"], rates["units"], 100)
    return arranged(rates, "sku title segment comment_count units comments_per_100_units", ["sku"])


def kpi_headline(web: pd.DataFrame, facts: pd.DataFrame, tables: Tables, promo: pd.DataFrame, period: Period) -> pd.DataFrame:
    """`kpi/headline`: the KPIs of the whole shop, one row each."""
    prices = tables["kpi/purchase_price"]
    stock_by_month = sums(facts, ["month"], ["stock_value"])["stock_value"]
    mean_stock_value = Fraction(stock_by_month.sum()) / len(period.months)
    values = {
        "revenue": float(facts["revenue"].sum()),
        "revenue_excl_vat": float(facts["revenue_excl_vat"].sum()),
        "gross_margin": float(facts["gross_margin"].sum()),
        "gross_margin_rate": one_ratio(facts["gross_margin"].sum(), facts["revenue_excl_vat"].sum()),
        "stock_turnover": yearly([facts["stocked_cogs"].sum()], [mean_stock_value], [len(period.months)])[0],
        "purchase_price_index": prices["purchase_price_index_all"][prices["month"] == prices["month"].max()].iloc[0],
        "units": float(facts["units"].sum()),
        "promo_incremental_roi": one_ratio(total(promo["incremental_margin"]), total(measured(promo))),
        "promo_margin_roi": one_ratio(total(promo["promo_margin"]), total(promo["discount_cost"])),
        "average_rating": shop_rating(web),
        "comments_per_100_units": one_ratio(web["comment_count"].sum(), facts["units"].sum(), 100),
        "commented_share": one_ratio((web["comment_count"] > 0).sum(), len(web)),
    }
    headline = pd.DataFrame({"kpi": values.keys(), "value": values.values(), "period_start": period.start, "period_end": period.end})
    return arranged(headline, "kpi value period_start period_end", ["kpi"])


# --- The KPI tables that the recommendations are drawn from -------------------------------------------------------------------


def kpi_control_group(control: pd.DataFrame) -> pd.DataFrame:
    """`kpi/control_group`: one row a control product."""
    return arranged(control.drop_duplicates("sku"), "sku segment product_type", ["sku"])


def kpi_seasonal_index(facts: pd.DataFrame, control: pd.DataFrame, period: Period) -> pd.DataFrame:
    """`kpi/seasonal_index`: the season by month and product type, and what it is read from."""
    rows = []
    for segment, product_type in sorted(set(facts[TYPE].itertuples(index=False, name=None))):
        kind, used = control_of(control, segment, product_type)
        units, index = control_units(used, period), seasonal_index(used, period)
        rows += [
            {
                "month": month,
                "segment": segment,
                "product_type": product_type,
                "control": kind,
                "control_products": used["sku"].nunique(),
                "control_units": units[month],
                "seasonal_index": float(index[month]) if index else float("nan"),
            }
            for month in period.months
        ]
    columns = "month segment product_type control control_products control_units seasonal_index"
    return arranged(pd.DataFrame(rows, columns=columns.split()), columns, ["month", *TYPE])


def kpi_best_seller(facts: pd.DataFrame) -> pd.DataFrame:
    """`kpi/best_seller`: the top fifth of a product type's stocked products by revenue, rounded up."""
    sold = sums(facts[facts["is_stocked"]], ["sku", *TYPE], ["revenue"])
    sold = sold.sort_values("revenue", ascending=False, kind="stable")
    own = sold.groupby(TYPE)["sku"]
    sold["rank_in_type"], sold["products_of_type"] = own.cumcount() + 1, own.transform("size")
    chosen_ranks = [math.ceil(BEST_SELLER_SHARE * products) for products in sold["products_of_type"].tolist()]
    best = sold[(sold["rank_in_type"] <= chosen_ranks) & (sold["revenue"] > 0)]
    return arranged(best, "sku segment product_type revenue rank_in_type products_of_type", ["sku"])


def kpi_abc_class(facts: pd.DataFrame) -> pd.DataFrame:
    """`kpi/abc_class`: the classes of the tab top_products, one row a product sold in the period."""
    return arranged(
        extract_top_products(facts), "rank sku title segment revenue revenue_share cumulative_revenue_share abc_class", ["rank"]
    )


def stock_state(stock_end: int, reorder_point: float, stock_ceiling: float) -> str | None:
    """Say where a stock stands; null where there is no threshold."""
    if pd.isna(reorder_point):
        return None
    if stock_end < reorder_point:
        return "below reorder point"
    return "above ceiling" if stock_end > stock_ceiling else "within"


@dataclass(frozen=True)
class Demand:
    """What is known of demand as of a month: the season of each type by month of the year, and each product's level and deviation."""

    as_of: date
    season: Mapping[tuple[str, str], Mapping[int, float]]
    rows: pd.DataFrame
    season_rows: pd.DataFrame
    levels: pd.DataFrame

    def season_of(self, kind: tuple[str, str], month: date) -> float:
        """Find the season of a month; a month of the year that was never seen is the mean month."""
        return self.season[kind].get(month.month, 1.0)


def last_day(month: date) -> date:
    """Find the last day of a month."""
    return date.fromordinal(month_after(month).toordinal() - 1)


def month_after(month: date) -> date:
    """Find the calendar month after."""
    return date(month.year + 1, 1, 1) if month.month == MONTHS_OF_A_YEAR else month.replace(month=month.month + 1)


def stock_history(clean: Tables, unknown: set[int]) -> pd.DataFrame:
    """The sales rows of stocked products of which nothing is in quarantine, over the whole export, and whether each was promoted."""
    products = clean["web"][clean["web"]["is_stocked"]]
    rows = clean["sales"][["month", "sku", "units"]].merge(products[["sku", *TYPE]], on="sku")
    promoted = set(zip(clean["promo"]["month"], clean["promo"]["sku"], strict=True))
    rows["is_promoted"] = [key in promoted for key in zip(rows["month"], rows["sku"], strict=True)]
    return rows[~rows["sku"].isin(unknown)]


def demand(history: pd.DataFrame, as_of: date) -> Demand:
    """Read season, level and deviation from the months up to one.

    A month of the year in which no product of a type was ever without promotion counts as it was.
    """
    rows = history[history["month"] <= as_of].copy()
    rows["year_month"] = [month.month for month in rows["month"]]
    only_promoted = rows.groupby([*TYPE, "year_month"])["is_promoted"].transform("all")
    rows = rows[only_promoted | ~rows["is_promoted"]]
    mean_units = rows.groupby("sku")["units"].mean()
    rows["usual"] = rows["sku"].map(mean_units)
    rows["kind"] = list(zip(rows["segment"], rows["product_type"], strict=True))
    season, told = {}, []
    for kind, own in rows.groupby("kind", sort=True):
        relative = {
            month: one["units"].sum() / one["usual"].sum() if one["usual"].sum() else None for month, one in own.groupby("year_month")
        }
        known = [value for value in relative.values() if value is not None]
        mean = sum(known) / len(known) if known else 0
        season[kind] = {month: value / mean if value is not None and mean else 1.0 for month, value in relative.items()}
        for month, one in own.groupby("year_month"):
            told.append(
                {
                    "as_of": last_day(as_of),
                    "segment": kind[0],
                    "product_type": kind[1],
                    "calendar_month": month,
                    "months": one["month"].nunique(),
                    "season_months": len(relative),
                    "units": int(one["units"].sum()),
                    "usual_units": float(one["usual"].sum()),
                    "is_promoted": bool(one["is_promoted"].all()),
                    "season": season[kind][month],
                }
            )
    rows["season"] = [season[kind][month] for kind, month in zip(rows["kind"], rows["year_month"], strict=True)]
    levels = rows.groupby(["sku", *TYPE], as_index=False).agg(months=("month", "size"), units=("units", "sum"), seasons=("season", "sum"))
    levels["level"] = [units / seasons if seasons else 0.0 for units, seasons in zip(levels["units"], levels["seasons"], strict=True)]
    rows["level"] = rows["sku"].map(levels.set_index("sku")["level"])
    squares = ((rows["units"] - rows["level"] * rows["season"]) ** 2).groupby(rows["sku"]).sum()
    levels["residual_deviation"] = [
        (squares[sku] / (months - 1)) ** 0.5 if months > 1 else float("nan")
        for sku, months in zip(levels["sku"], levels["months"], strict=True)
    ]
    levels["as_of"] = last_day(as_of)
    return Demand(as_of, season, rows, pd.DataFrame(told), levels.drop(columns="seasons"))


def demands(history: pd.DataFrame, period: Period) -> tuple[Demand, Demand | None]:
    """What is known as of the latest month, and as of the period's end, where a month follows that."""
    months = set(history["month"])
    before = demand(history, period.end) if month_after(period.end) in months else None
    return demand(history, max(months)), before


def covered(test: str, known: Demand, rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Hold the reorder points of what is known against the units of some rows, by type and month."""
    z = NormalDist().inv_cdf(SERVICE_LEVEL)
    level, spread = (known.levels.set_index("sku")[name].to_dict() for name in ("level", "residual_deviation"))
    found: dict[tuple[str, str, date], list[tuple[bool, int, float]]] = {}
    for month, sku, units, segment, product_type in rows[["month", "sku", "units", *TYPE]].itertuples(index=False, name=None):
        if sku in level and not math.isnan(spread[sku]):
            forecast = level[sku] * known.season_of((segment, product_type), month)
            point = forecast + z * max(spread[sku], forecast**0.5)
            found.setdefault((segment, product_type, month), []).append((units <= point, units, forecast))
    return [
        {
            "test": test, "as_of": last_day(known.as_of), "segment": segment, "product_type": product_type, "month": month,
            "products": len(own), "products_covered": sum(held for held, _, _ in own),
            "share_covered": sum(held for held, _, _ in own) / len(own),
            "units": sum(units for _, units, _ in own), "forecast_units": round(math.fsum(forecast for _, _, forecast in own), 4),
        }
        for (segment, product_type, month), own in found.items()
    ]  # fmt: skip


def kpi_stock_coverage(now: Demand, before: Demand | None) -> pd.DataFrame:
    """`kpi/stock_coverage`: in sample, each month used; out of sample, the month after the period, as foretold at its end."""
    rows = covered("in sample", now, now.rows)
    if before:
        rows += covered("out of sample", before, now.rows[now.rows["month"] == month_after(before.as_of)])
    columns = "test as_of segment product_type month products products_covered share_covered units forecast_units"
    return arranged(pd.DataFrame(rows, columns=columns.split()), columns, ["test", *TYPE, "month"])


def kpi_stock_season(now: Demand, before: Demand | None) -> pd.DataFrame:
    """`kpi/stock_season`."""
    told = pd.concat([known.season_rows for known in (before, now) if known])
    columns = "as_of segment product_type calendar_month months season_months units usual_units is_promoted season"
    return arranged(told, columns, ["as_of", *TYPE, "calendar_month"])


def kpi_stock_level(now: Demand, before: Demand | None) -> pd.DataFrame:
    """`kpi/stock_level`."""
    told = pd.concat([known.levels for known in (before, now) if known])
    return arranged(told, "as_of sku segment product_type months units level residual_deviation", ["as_of", "sku"])


def ordering_cycles(clean: Tables, period: Period) -> dict[tuple[str, str], int]:
    """Whole months between orders, by type: 12 / the mean of its products' months with an order a year, rounded up, 12 at most."""
    rows = period.of(clean["sales"]).merge(clean["web"][["sku", *TYPE, "is_stocked"]], on="sku")
    rows = rows[rows["is_stocked"]].assign(ordered=lambda rows: rows["supplier_orders"] > 0)
    found = {}
    for kind, own in rows.groupby(TYPE):
        rates = [Fraction(MONTHS_OF_A_YEAR * int(one["ordered"].sum()), len(one)) for _, one in own.groupby("sku")]
        mean = sum(rates, Fraction(0)) / len(rates)
        found[kind] = min(math.ceil(round(float(MONTHS_OF_A_YEAR / mean), 4)), MONTHS_OF_A_YEAR) if mean else MONTHS_OF_A_YEAR
    return found


def disproved(products: int, held: int) -> bool:
    """Whether fewer than 90 % were covered, and fewer than 95 % by 2.58 standard deviations of chance, half a product allowed for."""
    short = SERVICE_LEVEL * products - held - 0.5
    return held / products < LEAST_COVERED and short > HIGH_CONFIDENCE * (products * SERVICE_LEVEL * (1 - SERVICE_LEVEL)) ** 0.5


def kpi_stock_thresholds(clean: Tables, now: Demand, coverage: pd.DataFrame, period: Period) -> pd.DataFrame:
    """`kpi/stock_thresholds`: one row a product with stock at the latest month-end, for a lead time of one month and 95 % service."""
    z, latest = NormalDist().inv_cdf(SERVICE_LEVEL), max(clean["sales"]["month"])
    stock = clean["sales"][clean["sales"]["month"] == latest].merge(clean["web"][[*PRODUCT, "is_stocked"]], on="sku")
    stock = stock[stock["is_stocked"]].merge(clean["finance"][[*GRAIN, "purchase_price"]], on=GRAIN)
    ahead = [month_after(latest)]
    while len(ahead) < MONTHS_OF_A_YEAR:
        ahead.append(month_after(ahead[-1]))
    cycles, known = ordering_cycles(clean, period), now.levels.set_index("sku").to_dict("index")
    promoted = {(*kind, month): flag for *kind, month, flag in now.season_rows[[*TYPE, "calendar_month", "is_promoted"]].to_numpy()}
    tested = sums(coverage[coverage["test"] == "out of sample"], TYPE, ["products", "products_covered"]).set_index(TYPE).to_dict("index")
    rows = []
    for product in stock.to_dict("records"):
        kind = (product["segment"], product["product_type"])
        cycle, level = cycles.get(kind, MONTHS_OF_A_YEAR), known.get(product["sku"])
        seasons = [now.season_of(kind, month) for month in ahead[:cycle]] if kind in now.season else [1.0] * cycle
        forecast, asked = (level["level"] * sum(some) if level else float("nan") for some in (seasons[:1], seasons))
        residual = level["residual_deviation"] if level else float("nan")
        deviation = float("nan") if math.isnan(residual) else max(residual, forecast**0.5)
        point, ceiling = forecast + z * deviation, asked + z * deviation
        on_date, value = product["stock_end"], amount(product["stock_end"] * product["purchase_price"])
        state = stock_state(on_date, point, ceiling)
        test = tested.get(kind)
        rows.append(
            product
            | {
                "stock_date": last_day(latest),
                "stock_on_date": on_date,
                "stock_value_on_date": value,
                "is_known": level is not None,
                "months": level["months"] if level else 0,
                "season_months": len(now.season[kind]) if kind in now.season else None,
                "is_season_promoted": any(promoted.get((*kind, month.month), False) for month in ahead[:cycle]),
                "level": level["level"] if level else float("nan"),
                "forecast_units": forecast,
                "deviation_monthly_units": deviation,
                "cycle_months": cycle,
                "cycle_units": asked,
                "reorder_point": point,
                "stock_ceiling": ceiling,
                "state": state,
                "value_above_ceiling": rounded(Fraction(value) * (1 - Fraction(ceiling) / on_date))
                if state == "above ceiling"
                else Decimal(0),
                "share_covered": test["products_covered"] / test["products"] if test else float("nan"),
                "is_disproved": bool(test) and disproved(test["products"], test["products_covered"]),
            }
        )
    columns = (
        "sku title product_type segment stock_date stock_on_date stock_value_on_date is_known months season_months is_season_promoted "
        "level forecast_units deviation_monthly_units cycle_months cycle_units reorder_point stock_ceiling state value_above_ceiling "
        "share_covered is_disproved"
    )
    return arranged(pd.DataFrame(rows), columns, ["sku"])


@dataclass(frozen=True)
class Band:
    """What the quiet months of a segment let expect: a level, or two of them with the month in which it steps, and half the width."""

    level: float
    half: float
    steps_on: date | None = None
    level_after: float = float("nan")

    def expected(self, month: date) -> float:
        """Return the level of a month."""
        return self.level if self.steps_on is None or month < self.steps_on else self.level_after

    def state(self, month: date, rate: float) -> str | None:
        """Say on which side of the band a rate lies; null is nowhere."""
        if pd.isna(rate):
            return None
        expected = self.expected(month)
        return "below" if rate < expected - self.half else "above" if rate > expected + self.half else "within"


def band(quiet: Sequence[tuple[date, float]]) -> Band | None:
    """Draw the band of the months without a campaign, in their order; none from fewer than six of them.

    Median, give or take 3.14 median moves; one step, where the medians before and after it differ by more than that and lie nearest
    to the months.
    """
    if len(quiet) < FEWEST_MONTHS_OF_A_BAND:
        return None
    rates = [rate for _, rate in quiet]
    level = median(rates)
    half = max(MEDIAN_MOVES * median(abs(after - before) for before, after in pairwise(rates)), NARROWEST_BAND * abs(level))
    steps = []
    for place in range(FEWEST_MONTHS_OF_A_LEVEL, len(rates) - FEWEST_MONTHS_OF_A_LEVEL + 1):
        before, after = median(rates[:place]), median(rates[place:])
        if abs(after - before) > half:
            distance = sum(round(abs(rate - before), 8) for rate in rates[:place]) + sum(
                round(abs(rate - after), 8) for rate in rates[place:]
            )
            steps.append((round(distance, 8), place, before, after))
    if not steps:
        return Band(level, half)
    _, place, before, after = min(steps)
    return Band(before, half, quiet[place][0], after)


def band_of(month: date, rate: float, revenue: Decimal, expected: Band | None) -> dict[str, Any]:
    """Hold a month's margin rate against the band of its segment."""
    if expected is None:
        nothing = dict.fromkeys(("expected_margin_rate", "margin_rate_low", "margin_rate_high", "margin_rate_before"), float("nan"))
        return {**nothing, "margin_state": None, "margin_gap": None, "is_step": False}
    level, is_step = expected.expected(month), month == expected.steps_on
    return {
        "expected_margin_rate": level,
        "margin_rate_low": level - expected.half,
        "margin_rate_high": level + expected.half,
        "margin_state": expected.state(month, rate),
        "margin_gap": None if pd.isna(rate) else rounded((rate - level) * float(revenue)),
        "is_step": is_step,
        "margin_rate_before": expected.level if is_step else float("nan"),
    }


def kpi_segment_band(facts: pd.DataFrame) -> pd.DataFrame:
    """`kpi/segment_band`: the margin rate of a segment's months with stock, against what its months without a campaign let expect."""
    table = sums(facts[facts["is_stocked"]], ["month", "segment"], ["revenue_excl_vat", "gross_margin", "units_promo"])
    table["gross_margin_rate"] = ratio(table["gross_margin"], table["revenue_excl_vat"])
    table["has_campaign"] = table["units_promo"] > 0
    rows = []
    for _, months in table.groupby("segment", sort=True):
        quiet = months[~months["has_campaign"] & months["gross_margin_rate"].notna()]
        expected = band(list(zip(quiet["month"], quiet["gross_margin_rate"], strict=True)))
        rows += [
            row | band_of(row["month"], row["gross_margin_rate"], row["revenue_excl_vat"], expected) for row in months.to_dict("records")
        ]
    columns = (
        "month segment revenue_excl_vat gross_margin gross_margin_rate has_campaign expected_margin_rate margin_rate_low margin_rate_high "
        "margin_state margin_gap is_step margin_rate_before"
    )
    return arranged(pd.DataFrame(rows, columns=columns.split()), columns, ["month", "segment"])


def resampling_weights() -> tuple[np.ndarray, np.ndarray]:
    """Draw how often each cluster of promoted and of control products is in each resample: a row a resample, a column a cluster."""
    generator = np.random.Generator(np.random.PCG64(SEED))
    promoted = generator.poisson(1.0, (RESAMPLES, CLUSTERS))
    return promoted, generator.poisson(1.0, (RESAMPLES, CLUSTERS))


def placebo_draws() -> np.ndarray:
    """Draw Student's t once a resample and degrees of freedom: a row a resample, a column for one degree, two, and so on."""
    generator = np.random.Generator(np.random.PCG64(SEED + 1))
    return generator.standard_t(np.arange(1, MOST_DEGREES + 1), (RESAMPLES, MOST_DEGREES))


def cluster_of(skus: Iterable[int]) -> dict[int, int]:
    """Number the distinct SKUs in order, from 0 on, modulo the number of clusters."""
    return {sku: place % CLUSTERS for place, sku in enumerate(sorted(set(skus)))}


def resampled_control(used: pd.DataFrame, weights: np.ndarray, period: Period) -> np.ndarray:
    """Sum the control's weighted units: a row a resample, a column a month."""
    cluster = cluster_of(used["sku"])
    units = np.zeros((CLUSTERS, len(period.months)), dtype="int64")
    for month, sku, sold in zip(used["month"], used["sku"], used["units"], strict=True):
        units[cluster[sku], period.months.index(month)] += sold
    return weights @ units


def resampled_baselines(
    rows: pd.DataFrame, quiet: Mapping[int, list[tuple[date, int]]], control: np.ndarray, months: list[date]
) -> np.ndarray:
    """Compute each promotion's baseline in each resample; null where the control sold nothing in its quiet months."""
    columns = []
    for month, sku in zip(rows["month"], rows["sku"], strict=True):
        quiet_units = sum(units for _, units in quiet[sku])
        in_quiet_months = control[:, [months.index(quiet_month) for quiet_month, _ in quiet[sku]]].sum(axis=1)
        undefined = np.full(len(control), np.nan)
        columns.append(np.divide(quiet_units * control[:, months.index(month)], in_quiet_months, out=undefined, where=in_quiet_months != 0))
    return np.column_stack(columns)


def interval(values: np.ndarray, tail: Fraction) -> tuple[float, float]:
    """Take the r-th smallest and the r-th largest of the resamples that have a value, r being a share of them."""
    ordered = np.sort(values[~np.isnan(values)])
    place = math.floor(len(ordered) * tail + Fraction(1, 2))
    return (float(ordered[place - 1]), float(ordered[-place])) if place else (float("nan"), float("nan"))


@dataclass(frozen=True)
class Ranges:
    """What the ranges of every group of promotions are made with."""

    promoted: np.ndarray
    control: np.ndarray
    placebo: np.ndarray
    quiet: dict[int, list[tuple[date, int]]]
    period: Period

    def placebos(self, rows: pd.DataFrame, used: pd.DataFrame) -> list[float]:
        """Compute the lift of each quiet month, which is left out in turn: what the method sees where there was nothing to lift."""
        control = control_units(used, self.period)
        sold, foretold = dict.fromkeys(self.period.months, 0), dict.fromkeys(self.period.months, Fraction(0))
        for sku in set(rows["sku"]):
            months = self.quiet[sku]
            of_control, of_product = sum(control[month] for month, _ in months), sum(units for _, units in months)
            for month, units in months:
                sold[month] += units
                if of_control > control[month]:
                    foretold[month] += Fraction((of_product - units) * control[month], of_control - control[month])
        return [max(sold[month], 0.5) / float(foretold[month]) for month in self.period.months if foretold[month] > 0]

    def strays(self, placebos: Sequence[float]) -> np.ndarray | None:
        """Draw how far the control may lead astray in each resample; none of fewer than two placebos."""
        if len(placebos) < FEWEST_PLACEBOS:
            return None
        spread = math.sqrt(sum(math.log(lift) ** 2 for lift in placebos) / len(placebos))
        drawn = self.placebo[:, min(len(placebos) - 1, MOST_DEGREES) - 1]
        return np.exp(np.clip(spread * drawn, -FARTHEST, FARTHEST))

    def drawn(self, rows: pd.DataFrame, used: pd.DataFrame, strays: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Compute the lift and the return of one group of promotions in each resample."""
        cluster = cluster_of(rows["sku"])
        weights = self.promoted[:, [cluster[sku] for sku in rows["sku"]]]
        baseline = resampled_baselines(rows, self.quiet, resampled_control(used, self.control, self.period), self.period.months)
        unit_margin, units, margin, discount = (
            rows[column].astype("float64").to_numpy() for column in ("unit_margin", "units", "gross_margin", "discount_cost")
        )
        foretold = (weights * baseline).sum(axis=1) / strays
        earned = (weights * margin).sum(axis=1) - (weights * baseline * unit_margin).sum(axis=1) / strays
        given = (weights * discount).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            lift = np.where(foretold > 0, (weights * units).sum(axis=1) / foretold, np.nan)
            return lift, np.where(given > 0, earned / given, np.nan)


def judged(figures: Mapping[str, Any], wide: tuple[float, float]) -> tuple[str, str]:
    """Judge a group of promotions by the range of its lift, and say how sure that is: by the wide range, and by the control."""
    low, high, even = figures["lift_low"], figures["lift_high"], figures["break_even_lift"]
    if pd.isna(low) or figures["discount_cost"] <= 0:
        return "inconclusive", "low"
    never = pd.isna(even)
    verdict = "lost" if never or high < even else "paid" if low > even else "inconclusive"
    if verdict == "inconclusive":
        return verdict, "low"
    is_clear = never or wide[0] > even or wide[1] < even
    return verdict, "high" if is_clear and figures["control"] == "product type" else "medium"


def uplift(rows: pd.DataFrame, control: tuple[str, pd.DataFrame], ranges: Ranges) -> dict[str, Any]:
    """Sum up one group of promotions that have a baseline, and say how sure its lift and its return are."""
    kind, used = control
    summed = ("units", "units_promo", "baseline_units", "discount_cost", "gross_margin", "incremental_margin")
    figures: dict[str, Any] = {column: total(rows[column]) for column in summed}
    placebos = ranges.placebos(rows, used)
    by_product = sums(rows, ["sku"], ["incremental_margin"])["incremental_margin"]
    gives = figures["discount_cost"] > 0
    figures |= {
        "products": len(by_product),
        "products_paid": int((by_product > 0).sum()),
        "control": kind,
        "control_products": used["sku"].nunique(),
        "quiet_months": len(placebos),
        "placebo_low": min(placebos, default=float("nan")),
        "placebo_high": max(placebos, default=float("nan")),
        "lift": one_ratio(figures["units"], figures["baseline_units"]),
        "incremental_roi": one_ratio(figures["incremental_margin"], figures["discount_cost"]) if gives else float("nan"),
        "break_even_lift": float("nan"),
    }
    if figures["gross_margin"] > 0:
        baseline_margin = one_ratio(figures["gross_margin"] - figures["incremental_margin"], figures["baseline_units"])
        figures["break_even_lift"] = baseline_margin / one_ratio(figures["gross_margin"], figures["units"])
    strays, wide = ranges.strays(placebos), (float("nan"), float("nan"))
    ends = dict.fromkeys(("lift_low", "lift_high", "incremental_roi_low", "incremental_roi_high"), float("nan"))
    if strays is not None and min(figures["products"], figures["control_products"]) >= FEWEST_RESAMPLED:
        lifts, returns = ranges.drawn(rows, used, strays)
        tail = (1 - INTERVAL_LEVEL) / 2
        ends["lift_low"], ends["lift_high"] = interval(lifts, tail)
        wide = interval(lifts, THIN_TAIL)
        if gives:
            ends["incremental_roi_low"], ends["incremental_roi_high"] = interval(returns, tail)
    figures |= ends
    figures["verdict"], figures["confidence"] = judged(figures, wide)
    return figures


def kpi_promo_uplift(facts: pd.DataFrame, promo: pd.DataFrame, control: pd.DataFrame, best: pd.DataFrame, period: Period) -> pd.DataFrame:
    """`kpi/promo_uplift`: each campaign and product type, its best-sellers, and its other products, with ranges and a verdict."""
    ranges = Ranges(*resampling_weights(), placebo_draws(), quiet_months(facts, promo), period)
    with_baseline = promo[promo["baseline_units"].notna()]
    is_best = with_baseline["sku"].isin(set(best["sku"]))
    scopes = {"best-sellers": with_baseline[is_best], "campaign": with_baseline, "other products": with_baseline[~is_best]}
    columns = (
        "scope segment product_type starts_on ends_on products products_paid control control_products quiet_months placebo_low "
        "placebo_high units units_promo baseline_units lift lift_low lift_high break_even_lift discount_cost incremental_margin "
        "incremental_roi incremental_roi_low incremental_roi_high verdict confidence"
    )
    rows_of = [
        {"scope": scope, **dict(zip(CAMPAIGN, key, strict=True))} | uplift(rows, control_of(control, key[0], key[1]), ranges)
        for scope, promoted in scopes.items()
        for key, rows in promoted.groupby(CAMPAIGN, sort=True)
    ]
    return pd.DataFrame(rows_of, columns=columns.split(), dtype=object)


def rated_and_sold(web: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """The rated products that have a sales row in the period: their units, and the medians of their segment."""
    sold = sums(facts, ["sku"], ["units"])
    rated = web.loc[(web["rating_count"] > 0) & web["average_rating"].notna(), ["sku", "segment", "average_rating"]].merge(sold, on="sku")
    medians = rated.groupby("segment")[["average_rating", "units"]].transform("median")
    return rated.assign(median_rating=medians["average_rating"], median_units=medians["units"])


def kpi_rating_and_sales(web: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """`kpi/rating_and_sales`: whether the better rated products of a segment are those that sell more."""
    rated = rated_and_sold(web, facts)
    better, more = rated["average_rating"] > rated["median_rating"], rated["units"] > rated["median_units"]
    counted = rated[["segment"]].assign(
        rated_products=1,
        better_rated=better.astype("int64"),
        better_rated_selling_more=(better & more).astype("int64"),
        others=(~better).astype("int64"),
        others_selling_more=(~better & more).astype("int64"),
    )
    return sums(counted, ["segment"], ["rated_products", "better_rated", "better_rated_selling_more", "others", "others_selling_more"])


# --- The tabs -----------------------------------------------------------------------------------------------------------------


def extract_overview(facts: pd.DataFrame) -> pd.DataFrame:
    """`extract/overview`: the figures of a month and segment."""
    columns = ["revenue", "revenue_excl_vat", "cogs", "gross_margin", "units", "units_promo", "stock_value"]
    return sums(facts, ["month", "segment"], columns).rename(columns={"stock_value": "stock_value_end"})


def extract_inflation_margin(purchase_price: pd.DataFrame, gross_margin: pd.DataFrame) -> pd.DataFrame:
    """`extract/inflation_margin`: the prices of a month and segment beside its margin."""
    table = purchase_price.merge(gross_margin, on=["month", "segment"], how="left")
    amounts = ["revenue", "revenue_excl_vat", "cogs", "gross_margin"]
    table[amounts] = table[amounts].astype(object).where(table[amounts].notna(), None)
    return table


def extract_promotions_roi(promo: pd.DataFrame) -> pd.DataFrame:
    """`extract/promotions_roi`: one row a promotion."""
    return arranged(promo, f"{PROMO_ROI} product_type list_price offer_price discount_rate", GRAIN)


def extract_top_products(facts: pd.DataFrame) -> pd.DataFrame:
    """`extract/top_products`: products by revenue; A while those above make under 80 %, B under 95 %, else C."""
    products = sums(facts, PRODUCT, ["revenue", "revenue_excl_vat", "units", "gross_margin"])
    products = products.sort_values(["sku"]).sort_values("revenue", ascending=False, kind="stable").reset_index(drop=True)
    whole = [products["revenue"].sum()] * len(products)
    upto = products["revenue"].cumsum()
    above = ratio(upto - products["revenue"], whole)
    products["rank"] = range(1, len(products) + 1)
    products["revenue_share"] = ratio(products["revenue"], whole)
    products["cumulative_revenue_share"] = ratio(upto, whole)
    products["abc_class"] = ["A" if share < 0.80 else "B" if share < 0.95 else "C" for share in above]
    columns = (
        "rank sku title product_type segment revenue revenue_excl_vat units gross_margin revenue_share cumulative_revenue_share abc_class"
    )
    return arranged(products, columns, ["rank"])


def extract_customer_preferences(web: pd.DataFrame, facts: pd.DataFrame, rating: pd.DataFrame, comments: pd.DataFrame) -> pd.DataFrame:
    """`extract/customer_preferences`: what customers say of a product beside what they buy of it."""
    table = web.merge(rating[["sku", "shrunk_rating"]], on="sku").merge(comments[["sku", "units", "comments_per_100_units"]], on="sku")
    table = table.merge(sums(facts, ["sku"], ["revenue", "revenue_excl_vat", "gross_margin"]), on="sku", how="left")
    for column in ("revenue", "revenue_excl_vat", "gross_margin"):
        table[column] = [Decimal(0) if pd.isna(value) else value for value in table[column]]
    columns = (
        "sku title product_type segment vintage volume_cl rating_count average_rating shrunk_rating comment_count "
        "comments_per_100_units revenue revenue_excl_vat units gross_margin"
    )
    return arranged(table, columns, ["sku"])


def extract_segments(facts: pd.DataFrame) -> pd.DataFrame:
    """`extract/segments`: a segment's month, and its turnover from its first month in the period to that one."""
    rows = facts.assign(products_sold=(facts["units"] > 0).astype("int64"), units_available=facts["units"] + facts["stock_end"])
    columns = ["revenue", "revenue_excl_vat", "units", "gross_margin", "units_available", "products_sold", "stocked_cogs", "stock_value"]
    table = sums(rows, ["month", "segment"], columns)
    table["revenue_share"] = ratio(table["revenue"], table["month"].map(sums(rows, ["month"], ["revenue"]).set_index("month")["revenue"]))
    table["conversion_rate"] = ratio(table["units"], table["units_available"])
    so_far = table.groupby("segment")
    table["cogs_to_date"] = so_far["stocked_cogs"].transform(lambda amounts: amounts.cumsum())
    stock_to_date = so_far["stock_value"].transform(lambda amounts: amounts.cumsum())
    table["mean_stock_value_to_date"] = ratio(stock_to_date, so_far.cumcount() + 1)
    table["turnover_to_date"] = yearly(table["cogs_to_date"], table["mean_stock_value_to_date"], so_far.cumcount() + 1)
    order = (
        "month segment revenue revenue_excl_vat revenue_share units gross_margin units_available conversion_rate products_sold "
        "cogs_to_date mean_stock_value_to_date turnover_to_date"
    )
    return arranged(table, order, ["month", "segment"])


def extract_stock_turnover(products: pd.DataFrame, thresholds: pd.DataFrame) -> pd.DataFrame:
    """`extract/stock_turnover`: the KPI table, and what the stock should be on the latest month-end."""
    columns = (
        "sku stock_date stock_on_date stock_value_on_date forecast_units deviation_monthly_units cycle_months reorder_point stock_ceiling "
        "value_above_ceiling"
    )
    return products.merge(thresholds[columns.split()], on="sku", how="left")


# --- The recommendations ------------------------------------------------------------------------------------------------------


AUDIENCES = {
    "free_cash": "CEO",
    "protect_best_sellers": "Head of Sales",
    "promote_low_season": "CEO",
    "monitor_segments": "Head of Sales",
    "stock_thresholds": "Product managers",
    "use_feedback": "Product managers",
    "pass_on_costs": "Product managers",
}
ADVICE = "scope_kind scope sku segment month finding verdict yearly_effect confidence"
EVEN = "lift lift_low lift_high break_even_lift"
ROI = "discount_cost incremental_margin incremental_roi incremental_roi_low incremental_roi_high"


def advice(rows: Sequence[Mapping[str, Any]], evidence: str) -> pd.DataFrame:
    """Put rows into a recommendation table: the columns that all have, then its evidence, by scope; what a row lacks is null."""
    columns = [*ADVICE.split(), *evidence.split()]
    return arranged(
        pd.DataFrame([dict.fromkeys(columns) | dict(row) for row in rows], columns=columns, dtype=object), " ".join(columns), ["scope"]
    )


def confidence(verdict: str, errors: float | None) -> str:
    """Say how sure a finding is, by how many standard errors it is away from none."""
    if verdict == "inconclusive" or errors is None or pd.isna(errors) or errors < MEDIUM_CONFIDENCE:
        return "low"
    return "high" if errors >= HIGH_CONFIDENCE else "medium"


def recommend_free_cash(kpis: Tables) -> pd.DataFrame:
    """`recommendation/free_cash`: the products with 500 euros or more above their ceiling, and one row for those with less.

    Types whose reorder points failed out of sample are left out.
    """
    thresholds = kpis["kpi/stock_thresholds"]
    products = thresholds[~thresholds["is_disproved"].astype(bool) & (thresholds["value_above_ceiling"] > 0)].rename(
        columns={"value_above_ceiling": "value_beyond_cover"}
    )
    rows, small = [], []
    for product in products.to_dict("records"):
        if product["value_beyond_cover"] < LEAST_FREE_CASH:
            small.append(product)
            continue
        error = max(product["deviation_monthly_units"], 1) * product["cycle_months"] ** 0.5
        sure = product["season_months"] == MONTHS_OF_A_YEAR and not product["is_season_promoted"]
        rows.append(
            product
            | {
                "scope_kind": "product",
                "scope": f"{product['title']} ({product['sku']})",
                "finding": "slow" if product["level"] else "unsold",
                "confidence": confidence("supported", (product["stock_on_date"] - product["cycle_units"]) / error) if sure else "low",
                "products": 1,
                "units_enough": math.ceil(product["stock_ceiling"]),
            }
        )
    if small:
        summed = ("stock_on_date", "stock_value_on_date", "stock_ceiling", "value_beyond_cover")
        rows.append(
            {name: total(product[name] for product in small) for name in summed}
            | {"scope_kind": "products", "scope": "other products", "sku": None, "segment": None, "finding": "small", "confidence": "low"}
            | {"products": len(small), "stock_date": small[0]["stock_date"]}
            | {"units_enough": math.ceil(total(product["stock_ceiling"] for product in small))}
        )
    for row in rows:
        row |= {"verdict": "supported", "yearly_effect": rounded(CARRYING_COST_RATE * Fraction(row["value_beyond_cover"]))}
        row["least_free_cash"] = LEAST_FREE_CASH
    evidence = (
        "products stock_date stock_on_date stock_value_on_date cycle_months stock_ceiling units_enough value_beyond_cover least_free_cash"
    )
    return advice(only(rows, evidence), evidence)


def only(rows: Sequence[Mapping[str, Any]], evidence: str) -> list[dict[str, Any]]:
    """Take the columns of a recommendation table out of rows that have more."""
    columns = [*ADVICE.split(), *evidence.split()]
    return [{column: row[column] for column in columns if column in row} for row in rows]


def recommend_protect_best_sellers(kpis: Tables) -> pd.DataFrame:
    """`recommendation/protect_best_sellers`: what discounts on best-sellers brought beside those on others; no euro claimed."""
    uplifts = {(row["scope"], *(row[column] for column in CAMPAIGN)): row for row in kpis["kpi/promo_uplift"].to_dict("records")}
    findings = {
        "lost": ("discount_lost", "supported"),
        "paid": ("discount_paid", "contradicted"),
        "inconclusive": ("unclear", "inconclusive"),
    }
    rows = []
    for (segment, product_type), own in kpis["kpi/best_seller"].groupby(TYPE, sort=True):
        of_type = {"segment": segment, "product_type": product_type, "best_sellers": len(own)}
        campaigns = [key[1:] for key in uplifts if key[:3] == ("best-sellers", segment, product_type)]
        for campaign in campaigns:
            uplifted, others = uplifts["best-sellers", *campaign], uplifts.get(("other products", *campaign), {"lift": float("nan")})
            finding, verdict = findings[uplifted["verdict"]]
            rows.append(
                of_type
                | {column: uplifted[column] for column in f"starts_on ends_on products_paid {EVEN} {ROI} confidence".split()}
                | {
                    "scope_kind": "product type, campaign",
                    "scope": campaign_scope(uplifted),
                    "month": uplifted["starts_on"].replace(day=1),
                    "finding": finding,
                    "verdict": verdict,
                    "products_promoted": uplifted["products"],
                    "lift_of_others": others["lift"],
                }
            )
        if not campaigns:
            rows.append(of_type | without_campaign(product_type, "not_promoted"))
    return advice(rows, f"product_type starts_on ends_on best_sellers products_promoted products_paid {EVEN} lift_of_others {ROI}")


def campaign_scope(campaign: Mapping[str, Any]) -> str:
    """Name the scope of a product type's campaign."""
    return f"{campaign['product_type']}, {campaign['starts_on']:%Y-%m-%d} to {campaign['ends_on']:%Y-%m-%d}"


def without_campaign(product_type: str, finding: str) -> dict[str, str]:
    """Name the scope of a product type without a campaign, of which nothing is said."""
    nothing = {"finding": finding, "verdict": "inconclusive", "confidence": "low"}
    return {"scope_kind": "product type", "scope": product_type, "product_type": product_type, **nothing}


def season_finding(season: float, verdict: str) -> tuple[str, str]:
    """Read a campaign's season and what was judged of it."""
    if pd.isna(season) or verdict == "inconclusive":
        return "unclear", "inconclusive"
    if season >= 1:
        return ("high_lost", "supported") if verdict == "lost" else ("high_paid", "contradicted")
    return ("low_paid", "supported") if verdict == "paid" else ("low_lost", "contradicted")


def recommend_promote_low_season(facts: pd.DataFrame, promo: pd.DataFrame, kpis: Tables, year_factor: Fraction) -> pd.DataFrame:
    """`recommendation/promote_low_season`: each campaign and product type, its season and what it brought; each type without one."""
    given = promo.merge(kpis["kpi/seasonal_index"][["month", *TYPE, "seasonal_index"]], on=["month", *TYPE])
    given = given[given["discount_cost"].notna()]
    campaigns = [row for row in kpis["kpi/promo_uplift"].to_dict("records") if row["scope"] == "campaign"]
    rows = []
    for segment, product_type in sorted(set(facts.loc[facts["is_stocked"], TYPE].itertuples(index=False, name=None))):
        of_type = given[(given["segment"] == segment) & (given["product_type"] == product_type)]
        low_season = sum(of_type["discount_cost"][of_type["seasonal_index"] < 1], Decimal(0))
        own = [row for row in campaigns if (row["segment"], row["product_type"]) == (segment, product_type)]
        for campaign in own:
            days = (of_type["starts_on"] == campaign["starts_on"]) & (of_type["ends_on"] == campaign["ends_on"])
            measured_rows = of_type[days & of_type["baseline_units"].notna()]
            weighted = [
                Fraction(cost) * Fraction(index)
                for cost, index in zip(measured_rows["discount_cost"], measured_rows["seasonal_index"], strict=True)
            ]
            season = one_ratio(sum(weighted, Fraction(0)), campaign["discount_cost"])
            finding, verdict = season_finding(season, campaign["verdict"])
            sign = {"high_lost": -1, "high_paid": -1, "low_paid": 1, "low_lost": 1}.get(finding)
            rows.append(
                {column: campaign[column] for column in LOW_SEASON.split() if column in campaign}
                | {
                    "scope_kind": "product type, campaign",
                    "scope": campaign_scope(campaign),
                    "segment": segment,
                    "month": min(measured_rows["month"]),
                    "finding": finding,
                    "verdict": verdict,
                    "yearly_effect": sign and rounded(sign * Fraction(campaign["incremental_margin"]) * year_factor),
                    "confidence": campaign["confidence"],
                    "season": season,
                    "units_at_list_price": campaign["units"] - campaign["units_promo"],
                    "low_season_discount": low_season,
                }
            )
        if not own:
            rows.append({"segment": segment, "low_season_discount": low_season, **without_campaign(product_type, "no_promotion")})
    return advice(rows, LOW_SEASON)


LOW_SEASON = (
    "product_type starts_on ends_on season control products products_paid units units_at_list_price "
    f"{EVEN} placebo_low placebo_high {ROI} low_season_discount"
)
BAND = "gross_margin_rate expected_margin_rate margin_rate_low margin_rate_high margin_rate_before"


def month_finding(row: Mapping[str, Any]) -> str | None:
    """Say what a month has that needs a cause: a step before all else, then a campaign."""
    if row["is_step"]:
        return "margin_stepped_down" if row["expected_margin_rate"] < row["margin_rate_before"] else "margin_stepped_up"
    if row["margin_state"] == "below":
        return "campaign_cut_margin" if row["has_campaign"] else "margin_fell"
    return "margin_rose" if row["margin_state"] == "above" else None


def price_moves(purchase_price: pd.DataFrame) -> dict[tuple[date, str], tuple[float, float]]:
    """Compute how the two price indices of a segment moved against the month before."""
    moves = {}
    for segment, own in purchase_price.groupby("segment"):
        rows = own.sort_values("month")[["month", "purchase_price_index", "price_index"]].to_dict("records")
        for before, after in pairwise(rows):
            cost, price = (one_ratio(after[column], before[column]) - 1 for column in ("purchase_price_index", "price_index"))
            moves[after["month"], segment] = (cost, price)
    return moves


def recommend_monitor_segments(kpis: Tables) -> pd.DataFrame:
    """`recommendation/monitor_segments`: the months whose margin rate left its band or stepped; each segment that has none."""
    moves, rows = price_moves(kpis["kpi/purchase_price"]), []
    for segment, table in kpis["kpi/segment_band"].groupby("segment", sort=True):
        months = table.to_dict("records")
        found = [(row, finding) for row in months if (finding := month_finding(row))]
        for row, finding in found:
            margin = row["margin_gap"]
            if row["is_step"]:
                since = sum((later["revenue_excl_vat"] for later in months if later["month"] >= row["month"]), Decimal(0))
                margin = rounded((row["expected_margin_rate"] - row["margin_rate_before"]) * float(since))
            cost_move, price_move = moves.get((row["month"], segment), (float("nan"), float("nan")))
            rows.append(
                {column: row[column] for column in ("segment", "month", *BAND.split())}
                | {
                    "scope_kind": "segment, month",
                    "scope": f"{segment}, {row['month']:%Y-%m}",
                    "finding": finding,
                    "verdict": "supported",
                    "months": len(months),
                    "margin_against_band": margin,
                    "cost_move": cost_move,
                    "price_move": price_move,
                }
            )
        if not found:
            steady = "steady" if table["margin_state"].notna().any() else "too_short"
            nothing = {"scope_kind": "segment", "scope": segment, "segment": segment, "verdict": "inconclusive"}
            rows.append(nothing | {"finding": steady, "months": len(months)})
    return advice(rows, f"months {BAND} margin_against_band cost_move price_move")


def recommend_stock_thresholds(facts: pd.DataFrame, kpis: Tables) -> pd.DataFrame:
    """`recommendation/stock_thresholds`: how many of a type's products are out of bounds, against how many should be; and the tests."""
    sold = sums(facts, ["sku"], ["units", "gross_margin"])
    products = kpis["kpi/stock_thresholds"].merge(sold, on="sku", how="left")
    products["margin_at_risk"] = [
        rounded(max(Fraction(forecast) - stock, Fraction(0)) * max(Fraction(margin), Fraction(0)) / Fraction(units))
        if state == "below reorder point" and units > 0
        else Decimal(0)
        for state, forecast, stock, margin, units in zip(
            products["state"],
            products["forecast_units"],
            products["stock_on_date"].tolist(),
            products["gross_margin"],
            products["units"],
            strict=True,
        )
    ]
    names = products.drop_duplicates(TYPE)["product_type"].value_counts()
    rows = []
    for (segment, product_type), own in products.groupby(TYPE, sort=True):
        below, above = (int((own["state"] == state).sum()) for state in ("below reorder point", "above ceiling"))
        counted, out = int(own["state"].notna().sum()), below + above
        expected = (1 - SERVICE_LEVEL) * counted
        tests = tests_of(kpis["kpi/stock_coverage"], segment, product_type)
        share, in_sample = tests["share_covered"], tests["share_covered_in_sample"]
        last = in_sample if share is None else share
        if not counted:
            finding = "too_short"
        elif own["is_disproved"].any():
            finding = "not_covered"
        else:
            finding = "out_of_bounds" if out > expected else "within_bounds"
        verdict = {"out_of_bounds": "supported", "within_bounds": "contradicted"}.get(finding, "inconclusive")
        sure = own["season_months"].max() == MONTHS_OF_A_YEAR and not own["is_season_promoted"].any()
        rows.append(
            tests
            | {
                "scope_kind": "product type",
                "scope": product_type if names[product_type] == 1 else f"{product_type} ({segment})",
                "segment": segment,
                "product_type": product_type,
                "finding": finding,
                "verdict": verdict,
                "confidence": None if sure and verdict != "inconclusive" else "low",
                "stock_date": own["stock_date"].iloc[0],
                "products": len(own),
                "products_unknown": int((~own["is_known"].astype(bool)).sum()),
                "products_below": below,
                "products_above": above,
                "stock_units": int(own["stock_on_date"].sum()),
                "reorder_units": own["reorder_point"].sum(min_count=1),
                "ceiling_units": own["stock_ceiling"].sum(min_count=1),
                "stock_value_on_date": total(own["stock_value_on_date"]),
                "value_above_ceiling": total(own["value_above_ceiling"]),
                "margin_at_risk": total(own["margin_at_risk"]),
                "cycle_months": own["cycle_months"].iloc[0],
                "season_months": own["season_months"].max(),
                "is_season_promoted": bool(own["is_season_promoted"].any()),
                "is_off_target": last is not None and not LEAST_COVERED <= last <= MOST_COVERED,
            }
        )
    evidence = (
        "product_type stock_date products products_unknown products_below products_above stock_units reorder_units ceiling_units "
        "stock_value_on_date value_above_ceiling margin_at_risk cycle_months season_months is_season_promoted tested_in products_tested "
        "products_covered units_tested forecast_tested share_covered share_covered_in_sample is_off_target"
    )
    return advice(rows, evidence)


def tests_of(coverage: pd.DataFrame, segment: str, product_type: str) -> dict[str, Any]:
    """Sum up how the reorder points of a type fared in their tests; a share is None where there was none."""
    own = coverage[(coverage["segment"] == segment) & (coverage["product_type"] == product_type)]
    found = {}
    for test in ("in sample", "out of sample"):
        of_test = own[own["test"] == test]
        products, held = int(of_test["products"].sum()), int(of_test["products_covered"].sum())
        found[test] = (products, held, held / products if products else None, of_test["month"].max() if products else None)
    products, held, share, month = found["out of sample"]
    outside = own[own["test"] == "out of sample"]
    return {
        "tested_in": month,
        "products_tested": products,
        "products_covered": held,
        "units_tested": int(outside["units"].sum()),
        "forecast_tested": float(outside["forecast_units"].sum()),
        "share_covered": share,
        "share_covered_in_sample": found["in sample"][2],
    }


def rating_link(rating_and_sales: pd.DataFrame) -> dict[str, float]:
    """Test whether better rated products are more often among those that sell more: two shares and the z of their difference."""
    counted = rating_and_sales.drop(columns="segment").sum()
    better, others = int(counted["better_rated"]), int(counted["others"])
    better_more, others_more = int(counted["better_rated_selling_more"]), int(counted["others_selling_more"])
    share_better, share_others = one_ratio(better_more, better), one_ratio(others_more, others)
    link = float("nan")
    if better and others:
        pooled = Fraction(better_more + others_more, better + others)
        link = one_ratio(share_better - share_others, float(pooled * (1 - pooled) * (Fraction(1, better) + Fraction(1, others))) ** 0.5)
    return {"share_better": share_better, "share_others": share_others, "rating_link": link}


@dataclass(frozen=True)
class Shop:
    """What a product's ratings are held against: the shop's mean, the median count, and the spread."""

    mean: float
    median_count: float
    spread: float

    @classmethod
    def of(cls, web: pd.DataFrame, kpis: Tables) -> Shop:
        """Read all products of Web."""
        headline = kpis["kpi/headline"].set_index("kpi")["value"]
        mean = float(headline["average_rating"])
        rated = web[web["rating_count"] > 0]
        squares = float((rated["rating_count"] * (rated["average_rating"] - mean) ** 2).sum())
        spread = one_ratio(squares, len(rated) - 1) ** 0.5
        median_count = float(median(rated["rating_count"])) if len(rated) else float("nan")
        return cls(mean, median_count, spread)

    def finding(self, product: Mapping[str, Any]) -> str | None:
        """Say what a product's sales and ratings have to do with each other, if anything."""
        if not product["rating_count"]:
            return "unrated" if product["is_best"] else None
        if product["sells_little"] and product["shrunk_rating"] >= self.mean + float(RATING_GAP):
            return "hidden_gem"
        return "disliked" if product["is_best"] and product["shrunk_rating"] <= self.mean - float(RATING_GAP) else None

    def standard_errors(self, product: Mapping[str, Any]) -> float:
        """Count the standard errors of the distance beyond the gap."""
        beyond = abs(product["shrunk_rating"] - self.mean) - float(RATING_GAP)
        return one_ratio(beyond, self.spread / (self.median_count + product["rating_count"]) ** 0.5)


def feedback_verdict(finding: str, link: float) -> str:
    """Judge advice on rated products by whether ratings and sales go together at all."""
    if finding == "unrated" or link >= RATINGS_GO_WITH_SALES:
        return "supported"
    return "contradicted" if link <= -RATINGS_GO_WITH_SALES else "inconclusive"


def feedback_effect(product: Mapping[str, Any], finding: str, verdict: str) -> Decimal | None:
    """Value the units a month between a product and the median of the rated products of its type, over a year."""
    if finding == "unrated" or verdict != "supported" or not product["units"]:
        return None
    missing = Fraction(product["type_median"]) - Fraction(product["units"], product["months_on_sale"])
    units = MONTHS_OF_A_YEAR * max(missing if finding == "hidden_gem" else -missing, Fraction(0))
    return rounded(units * max(Fraction(product["gross_margin"]), Fraction(0)) / product["units"])


def sold_by_month_on_sale(facts: pd.DataFrame, kpis: Tables) -> pd.DataFrame:
    """The stocked products: their units per month on sale, and whether a third of their type sells as little or less."""
    products = sums(facts[facts["is_stocked"]], ["sku", *TYPE], ["units", "revenue_excl_vat", "gross_margin"])
    products["months_on_sale"] = products["sku"].map(facts.groupby("sku").size())
    pace = [Fraction(units, months) for units, months in zip(products["units"].tolist(), products["months_on_sale"].tolist(), strict=True)]
    products["pace"], products["units_per_month"] = pace, [float(each) for each in pace]
    products["sells_little"] = [
        3 * (sum(other < each for other in of_type) + 1) <= len(of_type)
        for each, of_type in zip(pace, products.groupby(TYPE)["pace"].transform(lambda own: [list(own)] * len(own)), strict=True)
    ]
    products["is_best"] = products["sku"].isin(kpis["kpi/best_seller"]["sku"])
    return products


def recommend_use_feedback(web: pd.DataFrame, facts: pd.DataFrame, kpis: Tables, closed: int) -> pd.DataFrame:
    """`recommendation/use_feedback`: best-sellers nobody rated, liked ones that sell little, disliked best-sellers, closed comments."""
    ratings = kpis["kpi/customer_rating"][["sku", "title", "rating_count", "average_rating", "shrunk_rating"]]
    products = sold_by_month_on_sale(facts, kpis).merge(ratings, on="sku")
    rated = products[(products["rating_count"] > 0) & products["average_rating"].notna()]
    medians = {key: median(own["pace"]) for key, own in rated.groupby(TYPE)}
    products["type_median"] = [float(medians.get(key, float("nan"))) for key in zip(*(products[name] for name in TYPE), strict=True)]
    link, shop = rating_link(kpis["kpi/rating_and_sales"]), Shop.of(web, kpis)
    rows = []
    for product in products.to_dict("records"):
        finding = shop.finding(product)
        if finding is None:
            continue
        verdict = feedback_verdict(finding, link["rating_link"])
        rows.append(
            product
            | link
            | {
                "scope_kind": "product",
                "scope": f"{product['title']} ({product['sku']})",
                "finding": finding,
                "verdict": verdict,
                "yearly_effect": feedback_effect(product, finding, verdict),
                "confidence": None if finding == "unrated" else confidence(verdict, shop.standard_errors(product)),
                "shop_rating": shop.mean,
            }
        )
    if closed:
        shut = {"scope_kind": "shop", "scope": "shop", "finding": "comments_closed", "verdict": "supported"}
        rows.append(shut | link | {"pages": len(web), "pages_closed": closed})
    evidence = (
        "rating_count average_rating shrunk_rating shop_rating units months_on_sale units_per_month type_median revenue_excl_vat "
        "gross_margin share_better share_others rating_link pages pages_closed"
    )
    return advice(only(rows, evidence), evidence)


def recommend_pass_on_costs(clean: Tables, facts: pd.DataFrame, period: Period, divisors: Mapping[int, Fraction]) -> pd.DataFrame:
    """`recommendation/pass_on_costs`: what the period's units cost and bring at the prices of its last month, against its first."""
    stocked = facts[facts["is_stocked"]]
    units = stocked.groupby("sku")["units"].sum()
    prices = {(row["month"], row["sku"]): row for row in period.of(clean["finance"]).to_dict("records")}
    months = sorted({month for month, sku in prices if sku in units.index})
    rows = []
    for (segment, product_type), own in stocked.groupby(TYPE, sort=True):
        skus = [sku for sku in own["sku"].unique().tolist() if units[sku] and all((month, sku) in prices for month in period.months)]
        changes = [price_change(prices[months[0], sku], prices[months[-1], sku], int(units[sku]), divisors[sku]) for sku in skus]
        judged = passed_on(changes if len(months) > 1 else [], Fraction(MONTHS_OF_A_YEAR, len(period.months)))
        rows.append(
            {"scope_kind": "product type", "scope": product_type, "segment": segment, "product_type": product_type}
            | judged
            | ({"first_month": months[0], "last_month": months[-1]} if judged["products"] else {})
        )
    return advice(
        rows,
        "product_type first_month last_month products cost_rise price_rise price_rise_excl_vat margin_change cost_move price_move "
        "products_squeezed further_rise further_rise_for_rate",
    )


def price_change(first: Mapping[str, Any], last: Mapping[str, Any], units: int, divisor: Fraction) -> dict[str, Decimal]:
    """Compute what so many units of a product cost and bring more in the last month than in the first."""
    net = [rounded(Fraction(row["price"]) / divisor, PRECISE) or Decimal(0) for row in (first, last)]
    change = {
        "cost": units * first["purchase_price"],
        "price": units * first["price"],
        "last_cost": units * last["purchase_price"],
        "last_price": units * last["price"],
        "last_price_excl_vat": units * net[1],
        "cost_rise": units * (last["purchase_price"] - first["purchase_price"]),
        "price_rise": units * (last["price"] - first["price"]),
        "price_rise_excl_vat": units * (net[1] - net[0]),
    }
    exact = {name: rounded(Fraction(value)) or Decimal(0) for name, value in change.items()}
    return exact | {"margin_change": exact["price_rise_excl_vat"] - exact["cost_rise"]}


def passed_on(changes: Sequence[Mapping[str, Decimal]], year_factor: Fraction) -> dict[str, Any]:
    """Judge what the products of a type cost and bring more: whether the rise of cost was passed on, and what would do it."""
    summed = {name: sum((change[name] for change in changes), Decimal(0)) for name in (changes[0] if changes else {})}
    if not all(summed.get(name) for name in ("cost", "price", "last_price", "last_price_excl_vat")):
        return {"finding": "not_comparable", "verdict": "inconclusive", "confidence": None, "products": 0}
    margin = summed["margin_change"]
    finding = "not_risen" if summed["cost_rise"] <= 0 else "not_passed_on" if margin < 0 else "passed_on"
    verdict = {"not_risen": "inconclusive", "not_passed_on": "supported", "passed_on": "contradicted"}[finding]
    return {
        **summed,
        "finding": finding,
        "verdict": verdict,
        "yearly_effect": rounded(-Fraction(margin) * year_factor) if finding == "not_passed_on" else None,
        "confidence": None,
        "products": len(changes),
        "cost_move": one_ratio(summed["cost_rise"], summed["cost"]),
        "price_move": one_ratio(summed["price_rise"], summed["price"]),
        "products_squeezed": sum(change["margin_change"] < 0 for change in changes),
        "further_rise": one_ratio(-margin, summed["last_price_excl_vat"]),
        "further_rise_for_rate": one_ratio(summed["last_cost"] * summed["price"], summed["cost"] * summed["last_price"]) - 1,
    }


def effect_of(table: pd.DataFrame, verdict: str) -> Decimal:
    """Sum the yearly effects of a verdict; 0 where none is claimed."""
    return total(table["yearly_effect"][table["verdict"] == verdict]) or Decimal(0)


def recommendation_summary(tables: Tables) -> pd.DataFrame:
    """`recommendation/summary`: one row a recommendation."""
    rows = []
    for name, table in tables.items():
        counts = {verdict: int((table["verdict"] == verdict).sum()) for verdict in ("supported", "contradicted", "inconclusive")}
        finding = "found" if counts["supported"] else "opposed" if counts["contradicted"] else "nothing"
        rows.append(
            {"recommendation": name, "audience": AUDIENCES[name], "scopes": len(table), **counts}
            | {"yearly_effect": effect_of(table, "supported"), "opposed_effect": effect_of(table, "contradicted"), "finding": finding}
        )
    columns = "recommendation audience scopes supported contradicted inconclusive yearly_effect opposed_effect finding"
    return arranged(pd.DataFrame(rows, columns=columns.split()), columns, ["recommendation"])


def chosen(table: pd.DataFrame, column: str, value: str, figure: str) -> Decimal:
    """Sum a figure over the rows with a verdict or a finding; 0 where there are none."""
    return total(table[figure][table[column] == value]) or Decimal(0)


def summary_evidence(tables: Tables, kpis: Tables) -> pd.DataFrame:
    """The evidence of `recommendation/summary`, in its order: one row a recommendation and named figure."""
    cash, best, season, bands, stock, feedback, costs = (tables[name] for name in AUDIENCES)
    of_types = season.drop_duplicates(TYPE)
    out = bands[bands["scope_kind"] == "segment, month"]
    held = stock[stock["finding"] != "not_covered"]
    link = rating_link(kpis["kpi/rating_and_sales"])
    figures: dict[str, dict[str, Any]] = {
        "free_cash": {
            "supported": len(cash),
            "stock_date": kpis["kpi/stock_thresholds"]["stock_date"].max(),
            "stock_value": total(kpis["kpi/stock_thresholds"]["stock_value_on_date"]) or Decimal(0),
            "slow_products": int(cash["products"].sum()),
            "value_beyond_cover": total(cash["value_beyond_cover"]) or Decimal(0),
            "value_sure": chosen(cash, "confidence", "high", "value_beyond_cover"),
            "carrying_cost_rate": float(CARRYING_COST_RATE),
            "yearly_effect": effect_of(cash, "supported"),
        },
        "protect_best_sellers": {
            "supported": int((best["verdict"] == "supported").sum()),
            "contradicted": int((best["verdict"] == "contradicted").sum()),
            "discount_lost": chosen(best, "verdict", "supported", "discount_cost"),
            "loss": -chosen(best, "verdict", "supported", "incremental_margin"),
            "discount_paid": chosen(best, "verdict", "contradicted", "discount_cost"),
            "gain": chosen(best, "verdict", "contradicted", "incremental_margin"),
        },
        "promote_low_season": {
            "supported": int((season["verdict"] == "supported").sum()),
            "contradicted": int((season["verdict"] == "contradicted").sum()),
            "loss": -chosen(season, "finding", "high_lost", "incremental_margin"),
            "gain": chosen(season, "finding", "high_paid", "incremental_margin"),
            "campaigns": int(season["incremental_margin"].notna().sum()),
            "campaign_margin": total(season["incremental_margin"]) or Decimal(0),
            "low_season_discount": total(of_types["low_season_discount"]) or Decimal(0),
        },
        "monitor_segments": {
            "months_outside": len(out),
            "segments": out["segment"].nunique(),
            **{f"segments_{found}": int((bands["finding"] == found).sum()) for found in ("steady", "too_short")},
            "yearly_effect": effect_of(bands, "supported"),
        },
        "stock_thresholds": {
            "stock_date": stock["stock_date"].max(),
            "products": int(stock["products"].sum()),
            **{column: int(held[column].sum()) for column in ("products_below", "products_above")},
            "tested_in": max((month for month in stock["tested_in"] if month), default=None),
            **{column: int(stock[column].sum()) for column in ("products_tested", "products_covered")},
            "sales_to_forecast": one_ratio(stock["units_tested"].sum(), stock["forecast_tested"].sum()),
            **{column: total(held[column]) or Decimal(0) for column in ("value_above_ceiling", "margin_at_risk")},
            "yearly_effect": effect_of(stock, "supported"),
        },
        "use_feedback": {
            "unrated": int((feedback["finding"] == "unrated").sum()),
            "unrated_revenue": chosen(feedback, "finding", "unrated", "revenue_excl_vat"),
            "hidden_gems": int((feedback["finding"] == "hidden_gem").sum()),
            "disliked": int((feedback["finding"] == "disliked").sum()),
            **link,
            "pages_closed": int(feedback["pages_closed"].max()) if feedback["pages_closed"].notna().any() else 0,
        },
        "pass_on_costs": {
            "supported": int((costs["verdict"] == "supported").sum()),
            **{name: chosen(costs, "verdict", "supported", name) for name in ("cost_rise", "price_rise", "price_rise_excl_vat")},
            "margin_lost": -chosen(costs, "verdict", "supported", "margin_change"),
            "yearly_effect": effect_of(costs, "supported"),
        },
    }
    rows = [(recommendation, name, value) for recommendation, named in figures.items() for name, value in named.items()]
    return pd.DataFrame(rows, columns=["recommendation", "name", "value"], dtype=object)


def extract_business_recommendations(tables: Tables) -> pd.DataFrame:
    """`extract/business_recommendations`: every recommendation and scope, the largest effect first; one that found nothing has one row."""
    nothing = dict.fromkeys(ADVICE.split()) | {"scope_kind": "shop", "scope": "shop", "finding": "nothing_found"}
    nothing |= {"verdict": "inconclusive", "confidence": "low"}
    rows = [
        {column: row[column] for column in ADVICE.split()}
        | {"recommendation": name, "audience": AUDIENCES[name]}
        | {"one_off_cash": row["value_beyond_cover"] if name == "free_cash" and table is not None and len(table) else None}
        for name, table in tables.items()
        for row in (table.to_dict("records") or [nothing])
    ]
    rows.sort(key=lambda row: (row["yearly_effect"] is None, -abs(row["yearly_effect"] or 0), row["recommendation"], row["scope"]))
    columns = "rank recommendation audience scope_kind scope sku segment month finding verdict yearly_effect one_off_cash confidence"
    return pd.DataFrame([{"rank": rank, **row} for rank, row in enumerate(rows, 1)], columns=columns.split(), dtype=object)


# --- All of it ---------------------------------------------------------------------------------------------------------------


def read_all(sources: Tables) -> Tables:
    """Every distinct row of the four sources, typed, with whether it is kept."""
    web, finance = read_web(sources["web"]), read_finance(sources["finance"])
    sales, promo = (read(sources[name], web, finance) for name, read in (("sales", read_sales), ("promo", read_promo)))
    return {"web": web, "finance": finance, "sales": sales, "promo": promo}


def unknown_products(rows: Tables) -> set[int]:
    """List the products with a sale, price or promotion in quarantine: nothing is advised of them."""
    bad = [rows[name].loc[~rows[name]["kept"], "sku"] for name in ("sales", "finance", "promo")]
    return {sku for skus in bad for sku in skus if isinstance(sku, int)}


def clean_all(rows: Tables, promo_units: PromoUnits, sale_prices: SalePrices = "incl_vat") -> Tables:
    """The four cleaned tables."""
    web, finance = clean_web(rows["web"]), clean_finance(rows["finance"])
    promo = clean_promo(rows["promo"], finance)
    sales = clean_sales(rows["sales"], finance, promo, promo_units, vat_divisors(web, sale_prices))
    return {"web": web, "finance": finance, "promo": promo, "sales": sales}


def kpi_all(clean: Tables, facts: pd.DataFrame, promo: pd.DataFrame, period: Period, unknown: set[int]) -> Tables:
    """The tables of section 3, and those that the recommendations are drawn from."""
    web = clean["web"]
    control = control_products(facts, set(promo["sku"]), period)
    products, best = kpi_stock_turnover(facts), kpi_best_seller(facts)
    now, before = demands(stock_history(clean, unknown), period)
    coverage = kpi_stock_coverage(now, before)
    tables = {
        "kpi/revenue": kpi_revenue(facts),
        "kpi/gross_margin": kpi_gross_margin(facts),
        "kpi/stock_turnover": products,
        "kpi/stock_turnover_by_segment": kpi_stock_turnover_by_segment(facts, products),
        "kpi/purchase_price": kpi_purchase_price(clean, facts, period),
        "kpi/sales_volume": kpi_sales_volume(facts),
        "kpi/promo_roi": kpi_promo_roi(promo),
        "kpi/promo_campaign": kpi_promo_campaign(promo),
        "kpi/customer_rating": kpi_customer_rating(web),
        "kpi/comment_rate": kpi_comment_rate(web, facts),
        "kpi/control_group": kpi_control_group(control),
        "kpi/seasonal_index": kpi_seasonal_index(facts, control, period),
        "kpi/abc_class": kpi_abc_class(facts),
        "kpi/best_seller": best,
        "kpi/stock_season": kpi_stock_season(now, before),
        "kpi/stock_level": kpi_stock_level(now, before),
        "kpi/stock_coverage": coverage,
        "kpi/stock_thresholds": kpi_stock_thresholds(clean, now, coverage, period),
        "kpi/segment_band": kpi_segment_band(facts),
        "kpi/promo_uplift": kpi_promo_uplift(facts, promo, control, best, period),
        "kpi/rating_and_sales": kpi_rating_and_sales(web, facts),
    }
    return {"kpi/headline": kpi_headline(web, facts, tables, promo, period), **tables}


def recommendation_all(
    clean: Tables, facts: pd.DataFrame, promo: pd.DataFrame, kpis: Tables, period: Period, *, divisors: Mapping[int, Fraction], closed: int
) -> Tables:
    """The seven tables of section 5, in the order of its page. `closed` is how many pages of Web take no comments."""
    year_factor = Fraction(MONTHS_OF_A_YEAR, len(period.months))
    return {
        "free_cash": recommend_free_cash(kpis),
        "protect_best_sellers": recommend_protect_best_sellers(kpis),
        "promote_low_season": recommend_promote_low_season(facts, promo, kpis, year_factor),
        "monitor_segments": recommend_monitor_segments(kpis),
        "stock_thresholds": recommend_stock_thresholds(facts, kpis),
        "use_feedback": recommend_use_feedback(clean["web"], facts, kpis, closed),
        "pass_on_costs": recommend_pass_on_costs(clean, facts, period, divisors),
    }


def extract_all(clean: Tables, facts: pd.DataFrame, promo: pd.DataFrame, kpis: Tables) -> Tables:
    """The tabs of section 4, but for the recommendations."""
    ratings, comments = kpis["kpi/customer_rating"], kpis["kpi/comment_rate"]
    return {
        "extract/overview": extract_overview(facts),
        "extract/inflation_margin": extract_inflation_margin(kpis["kpi/purchase_price"], kpis["kpi/gross_margin"]),
        "extract/promotions_roi": extract_promotions_roi(promo),
        "extract/top_products": extract_top_products(facts),
        "extract/customer_preferences": extract_customer_preferences(clean["web"], facts, ratings, comments),
        "extract/segments": extract_segments(facts),
        "extract/stock_turnover": extract_stock_turnover(kpis["kpi/stock_turnover"], kpis["kpi/stock_thresholds"]),
    }


def compute(
    export: Path,
    *,
    promo_units: PromoUnits = "included",
    sale_prices: SalePrices = "incl_vat",
    period: tuple[str, str] | None = None,
) -> Tables:
    """Every table of the contract, computed by pandas alone. Keys such as 'clean/web', 'kpi/revenue', 'extract/overview'."""
    with localcontext(prec=DIGITS):
        sources = read_export(export)
        rows = read_all(sources)
        clean = clean_all(rows, promo_units, sale_prices)
        reported = reporting_period(clean["sales"], period)
        start, end = reported["period_start"].iloc[0], reported["period_end"].iloc[0]
        span = Period(start, end, [month for month in sorted(set(clean["sales"]["month"])) if start <= month <= end])
        facts = period_facts(clean, span)
        divisors = vat_divisors(clean["web"], sale_prices)
        promo = promotions(clean, facts, span, divisors)
        kpis = kpi_all(clean, facts, promo, span, unknown_products(rows))
        closed = int((rows["web"]["kept"] & (rows["web"]["comment_status"].str.lower() == "closed")).sum())
        recommendations = recommendation_all(clean, facts, promo, kpis, span, divisors=divisors, closed=closed)
        return {
            **{f"clean/{name}": table for name, table in clean.items()},
            "clean/ca_par_segment": clean_ca_par_segment(facts),
            "clean/quarantine": quarantine(sources, rows),
            "clean/row_accounting": row_accounting(sources, rows),
            "clean/reporting_period": reported,
            **kpis,
            **extract_all(clean, facts, promo, kpis),
            **{f"recommendation/{name}": table for name, table in recommendations.items()},
            "recommendation/summary": recommendation_summary(recommendations),
            "recommendation/summary_evidence": summary_evidence(recommendations, kpis),
            "extract/business_recommendations": extract_business_recommendations(recommendations),
        }


def ledger_readings(export: Path) -> tuple[int, int, int]:
    """Count the promotion rows with a month before, those that balance with promotion units included, and those with them on top.

    Balance: stock of the month before + supplier orders - units sold = stock.
    """
    clean = clean_all(read_all(read_export(export)), "included")
    stock = clean["sales"][[*GRAIN, "stock_end"]].rename(columns={"month": "previous", "stock_end": "stock_before"})
    rows = clean["promo"][[*GRAIN, "units_promo"]].rename(columns={"units_promo": "offered"}).merge(clean["sales"], on=GRAIN)
    rows = rows.assign(previous=rows["month"].map(month_before)).merge(stock, on=["previous", "sku"])
    sold = rows["stock_before"] + rows["supplier_orders"] - rows["stock_end"]
    return len(rows), int((sold == rows["units"]).sum()), int((sold == rows["units"] + rows["offered"]).sum())
