"""Every table of the contract, computed a second time: by pandas and exact arithmetic, straight from the SQLite export.

What belongs here is a literal reading of `domain.md` and of the project's decisions, one small function a table, so that the
tests can hold the project's own figures against figures that share nothing with them. What never belongs here is an import
from `bottleneck_assets`, a look at its SQL, or a test.

Types: months and dates are `datetime.date`, prices and amounts `decimal.Decimal`, ratios and means `float` (NaN for null), counts
`int64`, or `Int64` where a count may be null. Decimals that may be null hold None.
"""

from __future__ import annotations

import html
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from statistics import NormalDist, median
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

Parser: TypeAlias = "Callable[[str], Any]"
PromoUnits: TypeAlias = Literal["included", "excluded"]
Tables: TypeAlias = dict[str, pd.DataFrame]

SOURCES = {"web": "sku", "finance": "key_finance", "sales": "key_sales", "promo": "key_promo"}
UNSTOCKED_SEGMENT = "Offres commerciales"
FEWEST_CONTROLS = 20
YEAR_STARTS_IN = 10
MONTHS_OF_A_YEAR = 12
PRICE_LIMIT = 1_000_000
BEST_RATING = 5
SERVICE_LEVEL = 0.95
AMOUNT = Decimal("0.0001")
PRECISE = Decimal("0.00000001")
DIGITS = 60
GRAIN = ["month", "sku"]
PRODUCT = ["sku", "title", "product_type", "segment"]


# --- Reading the export ------------------------------------------------------------------------------------------------------


def read_source(connection: sqlite3.Connection, name: str) -> pd.DataFrame:
    """One table of the export, verbatim: lower-case columns, every cell as text, in table order (domain.md, section 1)."""
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
    """Find the volume in `Contenance`, else the last one in the title, else null; `3x 10cl` is 30 (domain.md, section 2)."""
    volume = r"(?<![\d.,])(?:(\d+)\s*x\s*)?(\d+(?:[.,]\d+)?)\s*cl(?![^\W\d_])"
    whole = re.fullmatch(volume, capacity, re.IGNORECASE)
    found = [whole.groups()] if whole else re.findall(volume, title, re.IGNORECASE)
    if not found:
        return float("nan")
    times, each = found[-1]
    return float(int(times or 1) * Decimal(each.replace(",", ".")))


def vintage(title: str) -> int | None:
    """Find the last year of 1900 to 2099 in the title, no digit beside it (domain.md, section 2)."""
    years = re.findall(r"(?<!\d)(?:19|20)[0-9]{2}(?!\d)", title)
    return int(years[-1]) if years else None


# --- Keeping, dropping and quarantining rows (domain.md, section 2, 'Rules') --------------------------------------------------


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
    """Rows read = rows kept + rows quarantined + exact duplicates dropped."""
    return pd.DataFrame(
        [
            {
                "source_table": name,
                "rows_read": len(sources[name]),
                "rows_kept": int(rows[name]["kept"].sum()),
                "rows_quarantined": int((~rows[name]["kept"]).sum()),
                "duplicates_dropped": int(sources[name].duplicated().sum()),
            }
            for name in sorted(SOURCES)
        ]
    )


# --- Arithmetic --------------------------------------------------------------------------------------------------------------


def amount(value: Decimal) -> Decimal:
    """Round an amount half up to four decimals, once, in the row where it arises (domain.md, section 2)."""
    return value.quantize(AMOUNT, ROUND_HALF_UP)


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


def arranged(table: pd.DataFrame, columns: str, grain: Sequence[str]) -> pd.DataFrame:
    """Put a table in the order of its contract: its columns, and its rows by grain."""
    return table.sort_values(list(grain), kind="stable")[columns.split()].reset_index(drop=True)


# --- The cleaned tables (domain.md, section 2) --------------------------------------------------------------------------------


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


def clean_sales(rows: pd.DataFrame, finance: pd.DataFrame, promo: pd.DataFrame, promo_units: PromoUnits) -> pd.DataFrame:
    """`clean/sales`: one row a month and product."""
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
    sales["gross_margin"] = sales["revenue"] - sales["cogs"]
    sales["gross_margin_rate"] = ratio(sales["gross_margin"], sales["revenue"])
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
    facts["stocked_cogs"] = [cogs if stocked else Decimal(0) for cogs, stocked in zip(facts["cogs"], facts["is_stocked"], strict=True)]
    return facts.sort_values(GRAIN, kind="stable").reset_index(drop=True)


# --- The KPI tables (domain.md, section 3) ------------------------------------------------------------------------------------


def kpi_revenue(facts: pd.DataFrame) -> pd.DataFrame:
    """`kpi/revenue`: revenue by month and segment, beside the calendar month before."""
    revenue = sums(facts, ["month", "segment"], ["revenue"])
    of_month = {(month, segment): value for month, segment, value in revenue.itertuples(index=False)}
    previous = [of_month.get((month_before(month), segment)) for month, segment in zip(revenue["month"], revenue["segment"], strict=True)]
    return revenue.assign(revenue_previous_month=pd.Series(previous, index=revenue.index, dtype=object))


def kpi_gross_margin(facts: pd.DataFrame) -> pd.DataFrame:
    """`kpi/gross_margin`: margin by month and segment, its rate as sum over sum."""
    margin = sums(facts, ["month", "segment"], ["revenue", "cogs", "gross_margin"])
    return margin.assign(gross_margin_rate=ratio(margin["gross_margin"], margin["revenue"]))


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
    products["turnover"] = ratio(products["cogs"], products["mean_stock_value"])
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
    segments["turnover"] = ratio(segments["cogs"], segments["mean_stock_value"])
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


# --- Promotion ROI against a control group (domain.md, section 3, 'Promotion ROI') --------------------------------------------


def control_products(facts: pd.DataFrame, promoted: set[int], period: Period) -> pd.DataFrame:
    """The sales rows of the control group: stocked SKUs, never promoted in the period, with a row in every month of it."""
    complete = facts.groupby("sku")["month"].transform("size") == len(period.months)
    return facts[facts["is_stocked"] & ~facts["sku"].isin(promoted) & complete]


def seasonal_index(control: pd.DataFrame, segment: str, period: Period) -> dict[date, Fraction]:
    """Control units in the month / their mean over the months: of the segment from 20 products on, else of all segments."""
    own = control[control["segment"] == segment]
    units = (own if own["sku"].nunique() >= FEWEST_CONTROLS else control).groupby("month")["units"].sum()
    mean = Fraction(int(units.sum()), len(period.months))
    return {month: int(units[month]) / mean for month in period.months} if mean else {}


def baselines(facts: pd.DataFrame, promo: pd.DataFrame, period: Period) -> list[Decimal | None]:
    """Compute level * index of each promotion, to eight decimals; level = quiet units / the sum of the index over the quiet months."""
    control = control_products(facts, set(promo["sku"]), period)
    index_of = {segment: seasonal_index(control, segment, period) for segment in sorted(set(promo["segment"]))}
    promotions = set(zip(promo["month"], promo["sku"], strict=True))
    rows = facts[facts["sku"].isin(set(promo["sku"]))]
    quiet: dict[int, list[tuple[date, int]]] = {}
    for month, sku, units in zip(rows["month"], rows["sku"].tolist(), rows["units"].tolist(), strict=True):
        if (month, sku) not in promotions:
            quiet.setdefault(sku, []).append((month, units))
    result = []
    sold = set(zip(facts["month"], facts["sku"], strict=True))
    for month, sku, segment in zip(promo["month"], promo["sku"].tolist(), promo["segment"], strict=True):
        index = index_of[segment]
        season = sum((index[quiet_month] for quiet_month, _ in quiet.get(sku, []) if index), Fraction(0))
        if not season or month not in index or (month, sku) not in sold:
            result.append(None)
            continue
        baseline = sum(units for _, units in quiet[sku]) / season * index[month]
        result.append((Decimal(baseline.numerator) / baseline.denominator).quantize(PRECISE, ROUND_HALF_UP))
    return result


def promotions(clean: Tables, facts: pd.DataFrame, period: Period) -> pd.DataFrame:
    """One row a promotion of the period, with everything that is said of it."""
    promo = period.of(clean["promo"]).drop(columns="units_promo").merge(clean["web"][PRODUCT], on="sku")
    promo = promo.merge(clean["finance"][[*GRAIN, "purchase_price"]], on=GRAIN)
    promo = promo.merge(facts[[*GRAIN, "units", "units_promo", "gross_margin"]], on=GRAIN, how="left")
    promo = promo.sort_values(GRAIN, kind="stable").reset_index(drop=True)
    baseline_units = baselines(facts, promo, period)
    figures = [
        promotion_figures(*row)
        for row in zip(
            [None if pd.isna(units) else int(units) for units in promo["units"]],
            [None if pd.isna(units) else int(units) for units in promo["units_promo"]],
            promo["gross_margin"],
            promo["list_price"],
            promo["offer_price"],
            promo["purchase_price"],
            baseline_units,
            strict=True,
        )
    ]
    columns = ["discount_cost", "promo_margin", "uplift_units", "incremental_margin"]
    promo[columns] = pd.DataFrame(figures, columns=columns, index=promo.index, dtype=object)
    promo["baseline_units"] = pd.Series(baseline_units, index=promo.index, dtype=object)
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
    discount_cost = amount(units_promo * (list_price - offer_price))
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


# --- Customers (domain.md, section 3, 'Ratings') ------------------------------------------------------------------------------


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
        "gross_margin": float(facts["gross_margin"].sum()),
        "gross_margin_rate": one_ratio(facts["gross_margin"].sum(), facts["revenue"].sum()),
        "stock_turnover": one_ratio(facts["stocked_cogs"].sum(), mean_stock_value),
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


# --- The tabs (domain.md, section 4) ------------------------------------------------------------------------------------------


def extract_overview(facts: pd.DataFrame) -> pd.DataFrame:
    """`extract/overview`: the figures of a month and segment."""
    columns = ["revenue", "cogs", "gross_margin", "units", "units_promo", "stock_value"]
    return sums(facts, ["month", "segment"], columns).rename(columns={"stock_value": "stock_value_end"})


def extract_inflation_margin(purchase_price: pd.DataFrame, gross_margin: pd.DataFrame) -> pd.DataFrame:
    """`extract/inflation_margin`: the prices of a month and segment beside its margin."""
    table = purchase_price.merge(gross_margin, on=["month", "segment"], how="left")
    amounts = ["revenue", "cogs", "gross_margin"]
    table[amounts] = table[amounts].astype(object).where(table[amounts].notna(), None)
    return table


def extract_promotions_roi(promo: pd.DataFrame) -> pd.DataFrame:
    """`extract/promotions_roi`: one row a promotion."""
    return arranged(promo, f"{PROMO_ROI} product_type list_price offer_price discount_rate", GRAIN)


def extract_top_products(facts: pd.DataFrame) -> pd.DataFrame:
    """`extract/top_products`: products by revenue; A while those above make under 80 %, B under 95 %, else C."""
    products = sums(facts, PRODUCT, ["revenue", "units", "gross_margin"])
    products = products.sort_values(["sku"]).sort_values("revenue", ascending=False, kind="stable").reset_index(drop=True)
    whole = [products["revenue"].sum()] * len(products)
    upto = products["revenue"].cumsum()
    above = ratio(upto - products["revenue"], whole)
    products["rank"] = range(1, len(products) + 1)
    products["revenue_share"] = ratio(products["revenue"], whole)
    products["cumulative_revenue_share"] = ratio(upto, whole)
    products["abc_class"] = ["A" if share < 0.80 else "B" if share < 0.95 else "C" for share in above]
    columns = "rank sku title product_type segment revenue units gross_margin revenue_share cumulative_revenue_share abc_class"
    return arranged(products, columns, ["rank"])


def extract_customer_preferences(web: pd.DataFrame, facts: pd.DataFrame, rating: pd.DataFrame, comments: pd.DataFrame) -> pd.DataFrame:
    """`extract/customer_preferences`: what customers say of a product beside what they buy of it."""
    table = web.merge(rating[["sku", "shrunk_rating"]], on="sku").merge(comments[["sku", "units", "comments_per_100_units"]], on="sku")
    table = table.merge(sums(facts, ["sku"], ["revenue", "gross_margin"]), on="sku", how="left")
    for column in ("revenue", "gross_margin"):
        table[column] = [Decimal(0) if pd.isna(value) else value for value in table[column]]
    columns = (
        "sku title product_type segment vintage volume_cl rating_count average_rating shrunk_rating comment_count "
        "comments_per_100_units revenue units gross_margin"
    )
    return arranged(table, columns, ["sku"])


def extract_segments(facts: pd.DataFrame) -> pd.DataFrame:
    """`extract/segments`: a segment's month, and its turnover from its first month in the period to that one."""
    rows = facts.assign(products_sold=(facts["units"] > 0).astype("int64"), units_available=facts["units"] + facts["stock_end"])
    columns = ["revenue", "units", "gross_margin", "units_available", "products_sold", "stocked_cogs", "stock_value"]
    table = sums(rows, ["month", "segment"], columns)
    table["revenue_share"] = ratio(table["revenue"], table["month"].map(sums(rows, ["month"], ["revenue"]).set_index("month")["revenue"]))
    table["conversion_rate"] = ratio(table["units"], table["units_available"])
    so_far = table.groupby("segment")
    table["cogs_to_date"] = so_far["stocked_cogs"].transform(lambda amounts: amounts.cumsum())
    stock_to_date = so_far["stock_value"].transform(lambda amounts: amounts.cumsum())
    table["mean_stock_value_to_date"] = ratio(stock_to_date, so_far.cumcount() + 1)
    table["turnover_to_date"] = ratio(table["cogs_to_date"], table["mean_stock_value_to_date"])
    order = (
        "month segment revenue revenue_share units gross_margin units_available conversion_rate products_sold cogs_to_date "
        "mean_stock_value_to_date turnover_to_date"
    )
    return arranged(table, order, ["month", "segment"])


def extract_stock_turnover(products: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """`extract/stock_turnover`: the KPI table with thresholds for a lead time and a review period of one month each, 95 % service."""
    z = NormalDist().inv_cdf(SERVICE_LEVEL)
    deviation = products["sku"].map(facts.groupby("sku")["units"].std(ddof=1))
    return products.assign(
        deviation_monthly_units=deviation,
        reorder_point=products["mean_monthly_units"] + z * deviation,
        stock_ceiling=2 * products["mean_monthly_units"] + z * deviation * 2**0.5,
    )


# --- All of it ---------------------------------------------------------------------------------------------------------------


def read_all(sources: Tables) -> Tables:
    """Every distinct row of the four sources, typed, with whether it is kept."""
    web, finance = read_web(sources["web"]), read_finance(sources["finance"])
    sales, promo = (read(sources[name], web, finance) for name, read in (("sales", read_sales), ("promo", read_promo)))
    return {"web": web, "finance": finance, "sales": sales, "promo": promo}


def clean_all(rows: Tables, promo_units: PromoUnits) -> Tables:
    """The four cleaned tables."""
    web, finance = clean_web(rows["web"]), clean_finance(rows["finance"])
    promo = clean_promo(rows["promo"], finance)
    return {"web": web, "finance": finance, "promo": promo, "sales": clean_sales(rows["sales"], finance, promo, promo_units)}


def kpi_all(clean: Tables, facts: pd.DataFrame, promo: pd.DataFrame, period: Period) -> Tables:
    """The tables of section 3."""
    web = clean["web"]
    products = kpi_stock_turnover(facts)
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
    }
    return {"kpi/headline": kpi_headline(web, facts, tables, promo, period), **tables}


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
        "extract/stock_turnover": extract_stock_turnover(kpis["kpi/stock_turnover"], facts),
    }


def compute(export: Path, *, promo_units: PromoUnits = "included", period: tuple[str, str] | None = None) -> Tables:
    """Every table of the contract, computed by pandas alone. Keys such as 'clean/web', 'kpi/revenue', 'extract/overview'."""
    with localcontext(prec=DIGITS):
        sources = read_export(export)
        rows = read_all(sources)
        clean = clean_all(rows, promo_units)
        reported = reporting_period(clean["sales"], period)
        start, end = reported["period_start"].iloc[0], reported["period_end"].iloc[0]
        span = Period(start, end, [month for month in sorted(set(clean["sales"]["month"])) if start <= month <= end])
        facts = period_facts(clean, span)
        promo = promotions(clean, facts, span)
        kpis = kpi_all(clean, facts, promo, span)
        return {
            **{f"clean/{name}": table for name, table in clean.items()},
            "clean/ca_par_segment": clean_ca_par_segment(facts),
            "clean/quarantine": quarantine(sources, rows),
            "clean/row_accounting": row_accounting(sources, rows),
            "clean/reporting_period": reported,
            **kpis,
            **extract_all(clean, facts, promo, kpis),
        }


def ledger_readings(export: Path) -> tuple[int, int, int]:
    """Count the promotion rows with a month before, those that balance with promotion units included, and those with them on top.

    Balance: stock of the month before + supplier orders - units sold = stock (domain.md, section 1).
    """
    clean = clean_all(read_all(read_export(export)), "included")
    stock = clean["sales"][[*GRAIN, "stock_end"]].rename(columns={"month": "previous", "stock_end": "stock_before"})
    rows = clean["promo"][[*GRAIN, "units_promo"]].rename(columns={"units_promo": "offered"}).merge(clean["sales"], on=GRAIN)
    rows = rows.assign(previous=rows["month"].map(month_before)).merge(stock, on=["previous", "sku"])
    sold = rows["stock_before"] + rows["supplier_orders"] - rows["stock_end"]
    return len(rows), int((sold == rows["units"]).sum()), int((sold == rows["units"] + rows["offered"]).sum())
