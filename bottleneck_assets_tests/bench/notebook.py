"""The pandas notebook way: the cleaned tables and plain KPIs from an export, by sqlite3, read_sql, data frames and to_csv, top to bottom.

Belongs here: what an analyst who knows pandas would write, vectorised wherever pandas is. Never here: an import of the workflow,
DuckDB, a trick that a reader of the notebook could not follow; nor what no analyst's notebook has: ranges, bands, thresholds, advice, and
the books of what was quarantined (comparing.NOT_OF_A_NOTEBOOK). Prices are whole hundred-millionths of a euro and amounts whole
ten-thousandths, so that rounding and sums are exact. Its limits are its own: it reads the shop's spellings and no others, text that is not
UTF-8 ends it, and a price exported with more than eight decimals is rounded as a float, so that a half may fall to the other side.

    python notebook.py EXPORT OUT_DIR
"""

from __future__ import annotations

import argparse
import html
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

Tables = dict[str, pd.DataFrame]

TABLES = ("web", "finance", "sales", "promo")
GRAIN = ["month", "sku"]
GROUP = ["month", "segment"]
PRODUCT = ["sku", "title", "product_type", "segment"]
TYPE = ["segment", "product_type"]
VAT = {"Vin": 200, "Spiritueux": 200, "Offres commerciales": 200, "Huile": 55, "Sans Alcool": 55}
"""Thousandths."""

KEY = r"[12]\d{3}-\d{1,2}_\d{1,18}"
COUNT = r"-?0*\d{1,7}(?:[.,]0+)?"
PRICE = r"-?0*\d{1,6}(?:[.,]\d+)?"
VOLUME = re.compile(r"(?<![\d.,])(?:(\d{1,3})\s*x\s*)?(\d{1,5}(?:[.,]\d{1,3})?)\s*cl(?![a-z0-9])", re.IGNORECASE)
VINTAGE = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
QUOTED = re.compile(r'"(?:[^"]|"")*"')
TAG = re.compile(r"<[a-zA-Z/!][^>]*>")

PRICE_UNIT = 100_000_000
AMOUNT_UNIT = 10_000
PRICES = ["price", "purchase_price", "list_price", "offer_price", "baseline_units", "uplift_units"]
AMOUNTS = [
    "revenue", "revenue_previous_month", "cogs", "gross_margin", "stock_value_end", "cogs_to_date", "discount_cost",
    "discount_cost_measured", "promo_margin", "incremental_margin", "revenue_excl_vat",
]  # fmt: skip


class Period(NamedTuple):
    """The reporting period: its first month, its last, and how many months of it have sales."""

    start: pd.Timestamp
    end: pd.Timestamp
    months: int

    def of(self, table: pd.DataFrame) -> pd.DataFrame:
        """Take the rows of the period."""
        return table[table["month"].between(self.start, self.end)]


# --- Reading -----------------------------------------------------------------------------------------------------------------


def read_export(export: Path) -> Tables:
    """Read the four tables, every cell as text."""
    with closing(sqlite3.connect(f"{export.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        tables = {}
        for name in TABLES:
            columns = pd.read_sql(f"select name from pragma_table_xinfo('{name}')", connection)["name"]
            cells = ", ".join(f'cast("{column}" as text) as {column.lower()}' for column in columns)
            tables[name] = pd.read_sql(f"select {cells} from {name}", connection)
    return tables


def counts(cells: pd.Series) -> pd.Series:
    """Read whole numbers of at most seven digits; null where the cell is none."""
    cells = cells.str.strip()
    return pd.to_numeric(cells.where(cells.str.fullmatch(COUNT)).str.replace(r"[.,]0+$", "", regex=True))


def prices(cells: pd.Series) -> pd.Series:
    """Read prices, with a comma or a dot, as hundred-millionths; null where the cell is none."""
    cells = cells.str.strip()
    euros = pd.to_numeric(cells.where(cells.str.fullmatch(PRICE)).str.replace(",", ".", regex=False))
    return (euros * PRICE_UNIT).round()


def dates(cells: pd.Series) -> pd.Series:
    """Read 2023-01-31 or 31-01-2023; null where the cell is neither."""
    cells = cells.str.strip()
    iso = pd.to_datetime(cells.where(cells.str.fullmatch(r"[12]\d{3}-\d{2}-\d{2}")), format="%Y-%m-%d", errors="coerce")
    return iso.fillna(pd.to_datetime(cells.where(cells.str.fullmatch(r"\d{2}-\d{2}-[12]\d{3}")), format="%d-%m-%Y", errors="coerce"))


def keyed(cells: pd.Series) -> pd.DataFrame:
    """Split keys such as 2023-1_15325 into month and product; nulls where the key is none."""
    cells = cells.str.strip()
    cells = cells.where(cells.str.fullmatch(KEY))
    month = pd.to_datetime(cells.str.replace(r"_.*", "", regex=True), format="%Y-%m", errors="coerce")
    sku = pd.to_numeric(cells.str.replace(r".*_", "", regex=True).where(month.notna(), "0")).astype("int64")
    return pd.DataFrame({"month": month, "sku": sku})


def text(cell: str) -> str | None:
    """Clean a title or an excerpt of CSV quotes, tags, entities and white space."""
    cell = " ".join(cell.split())
    if QUOTED.fullmatch(cell):
        cell = cell[1:-1]
    return " ".join(html.unescape(TAG.sub("", cell.replace('""', '"'))).split()) or None


def texts(cells: pd.Series) -> pd.Series:
    """Clean a column of titles or excerpts."""
    return pd.Series([text(cell) for cell in cells.fillna("")], index=cells.index, dtype="str")


def volume_cl(stated: str, title: str) -> float:
    """Find the volume as stated, else the last one in the title; 3x 10cl is 30."""
    whole = VOLUME.fullmatch(stated)
    found = [whole.groups()] if whole else VOLUME.findall(title)
    return int(found[-1][0] or 1) * float(found[-1][1].replace(",", ".")) or np.nan if found else np.nan


def vintage(title: str) -> float:
    """Find the last year in the title."""
    found = VINTAGE.findall(title)
    return float(found[-1]) if found else np.nan


# --- Cleaning: each table gets its exact copies dropped, and the rows that fail a check -----------------------------------------


def judged(raw: pd.DataFrame, typed: pd.DataFrame, key: list[str], unreadable: pd.Series, fails: list[pd.Series]) -> pd.DataFrame:
    """Say which rows are kept: those that pass every check, and are neither an exact copy of an earlier row nor another with its key."""
    repeated = typed.duplicated(key, keep=False) | unreadable
    is_copy = pd.Series(data=False, index=raw.index)
    is_copy[repeated] = raw[repeated].duplicated()
    failed = unreadable | is_copy | typed.duplicated(key)
    for one in fails:
        failed |= one.fillna(value=True).astype(bool)
    return typed.assign(is_kept=~failed)


def kept(typed: pd.DataFrame) -> pd.DataFrame:
    """Take the rows that pass every check."""
    return typed[typed["is_kept"]].drop(columns="is_kept")


def no_amount(values: pd.Series) -> pd.Series:
    """Tell which cells hold no number, or one below zero."""
    return values.isna() | (values < 0)


def type_web(raw: pd.DataFrame) -> pd.DataFrame:
    """Type the shop's products."""
    sku, author = raw["sku"].str.strip(), raw["post_author"].str.strip()
    title, rating, guid = texts(raw["post_title"]), raw["average_rating"].str.strip(), raw["guid"].str.strip()
    stated = raw["contenance"].str.strip()
    web = pd.DataFrame(
        {
            "sku": pd.to_numeric(sku.where(sku.str.fullmatch(r"\d{1,18}"), "0")).astype("int64"),
            "title": title,
            "product_type": raw["product_type"].str.strip().replace("", None),
            "segment": raw["segment"].str.strip().replace("", None),
            "excerpt": texts(raw["post_excerpt"]),
            "slug": raw["post_name"].str.replace(r"\s+", " ", regex=True).str.strip().replace("", None),
            "url": pd.Series(
                [html.unescape(address) or None for address in guid.fillna("").str.replace("&#038:", "&", regex=False)], dtype="str"
            ),
            "author_id": pd.to_numeric(author.where(author.str.fullmatch(r"0*\d{1,7}"))).astype("Int64"),
            "created_on": dates(raw["post_date"]),
            "modified_on": dates(raw["post_modified"]),
            "is_published": raw["post_status"].str.strip() == "publish",
            "rating_count": counts(raw["rating_count"]),
            "average_rating": pd.to_numeric(
                rating.where(rating.str.fullmatch(r"-?\d{1,3}(?:[.,]\d+)?")).str.replace(",", ".", regex=False)
            ).astype("float64"),
            "comment_count": counts(raw["comment_count"]),
            "volume_cl": [volume_cl(*cells) for cells in zip(stated.fillna(""), title.fillna(""), strict=True)],
            "vintage": pd.array([vintage(words) for words in title.fillna("")], dtype="Int64"),
        }
    )
    web["is_stocked"] = web["segment"] != "Offres commerciales"
    is_no_rating = ((rating != "") & rating.notna() & web["average_rating"].isna()) | ~web["average_rating"].fillna(0).between(0, 5)
    empty = [web[column].isna() for column in ("title", "product_type", "segment", "slug", "url", "author_id", "created_on")]
    fails = [*empty, is_no_rating, no_amount(web["rating_count"]), no_amount(web["comment_count"])]
    return judged(raw, web, ["sku"], ~sku.str.fullmatch(r"\d{1,18}").astype(bool), fails)


def type_finance(raw: pd.DataFrame) -> pd.DataFrame:
    """Type the price list."""
    finance = keyed(raw["key_finance"])
    priced_on, priced_sku = dates(raw["date"]), raw["sku"].str.strip()
    priced_sku = pd.to_numeric(priced_sku.where(priced_sku.str.fullmatch(r"\d{1,18}")))
    tax, flag = raw["taxe_statut"].str.strip(), raw["onsale_web"].str.strip()
    finance["price"], finance["purchase_price"] = prices(raw["price"]), prices(raw["purchase_price"])
    finance["is_on_sale"], finance["is_taxable"] = flag == "1", tax == "taxable"
    fails = [
        priced_on.dt.to_period("M") != finance["month"].dt.to_period("M"), priced_sku != finance["sku"],
        ~tax.isin(["taxable", "shipping", "none"]), ~flag.isin(["0", "1"]),
        no_amount(finance["price"]), no_amount(finance["purchase_price"]),
    ]  # fmt: skip
    return judged(raw, finance, GRAIN, finance["month"].isna(), fails)


def with_prices(typed: pd.DataFrame, finance: pd.DataFrame) -> pd.DataFrame:
    """Look up the price and purchase price of each row; null where the price list has none."""
    return typed.merge(finance[[*GRAIN, "price", "purchase_price"]], on=GRAIN, how="left")


def type_promo(raw: pd.DataFrame, finance: pd.DataFrame, web: pd.DataFrame) -> pd.DataFrame:
    """Type the promotions."""
    promo = keyed(raw["key_promo"])
    promo["starts_on"], promo["ends_on"] = dates(raw["start_date"]), dates(raw["end_date"])
    promo["units_promo"], promo["offer_price"] = counts(raw["sales_offer"]), prices(raw["price_offer"])
    promo = with_prices(promo, finance)
    fails = [
        promo["starts_on"].isna(), promo["ends_on"].isna(), promo["ends_on"] < promo["starts_on"], no_amount(promo["units_promo"]),
        no_amount(promo["offer_price"]), promo["price"].isna(), ~promo["sku"].isin(web["sku"]),
    ]  # fmt: skip
    return judged(raw, promo, GRAIN, promo["month"].isna(), fails)


def type_sales(raw: pd.DataFrame, finance: pd.DataFrame, web: pd.DataFrame) -> pd.DataFrame:
    """Type the sales ledger."""
    sales = keyed(raw["key_sales"])
    orders = raw["orders"].fillna("").str.strip()
    sales["units_sold"], sales["stock_end"] = counts(raw["sales"]), counts(raw["stock"])
    sales["supplier_orders"] = counts(orders.where(orders != "", "0"))
    sales = with_prices(sales, finance)
    amounts = [no_amount(sales[column]) for column in ("units_sold", "supplier_orders", "stock_end")]
    return judged(raw, sales, GRAIN, sales["month"].isna(), [*amounts, sales["price"].isna(), ~sales["sku"].isin(web["sku"])])


# --- Arithmetic --------------------------------------------------------------------------------------------------------------


def amount(value: pd.Series) -> pd.Series:
    """Round hundred-millionths of a euro to ten-thousandths, halves away from zero."""
    return np.sign(value) * ((abs(value) + PRICE_UNIT // AMOUNT_UNIT // 2) // (PRICE_UNIT // AMOUNT_UNIT))


def less_vat(value: pd.Series, segment: pd.Series) -> pd.Series:
    """Leave VAT out of prices or amounts of zero or more in whole units, halves up."""
    divisor = 1000 + segment.astype("str").map(VAT)
    return (2000 * value + divisor) // (2 * divisor)


def euros(amounts: pd.Series) -> pd.Series:
    """Turn ten-thousandths into euros."""
    return amounts / AMOUNT_UNIT


def ratio(top: pd.Series, bottom: pd.Series) -> pd.Series:
    """Divide; null where the divisor is 0."""
    return top.astype("Float64") / bottom.astype("Float64").replace(0, pd.NA)


def one_ratio(top: float, bottom: float) -> float:
    """Divide; null where the divisor is 0."""
    return top / bottom if bottom else np.nan


def sums(rows: pd.DataFrame, keys: list[str], columns: list[str]) -> pd.DataFrame:
    """Sum columns by group, sorted by the group."""
    return rows.groupby(keys)[columns].sum().reset_index()


# --- The cleaned tables ------------------------------------------------------------------------------------------------------


def clean_finance(typed: pd.DataFrame) -> pd.DataFrame:
    """Keep the price list's good rows: one a month and product."""
    return kept(typed).astype({"price": "int64", "purchase_price": "int64"}).sort_values(GRAIN, ignore_index=True)


def clean_web(typed: pd.DataFrame) -> pd.DataFrame:
    """Keep the shop's good products: one row each."""
    web = kept(typed).astype({"rating_count": "int64", "comment_count": "int64"})
    return web.sort_values("sku", ignore_index=True)


def clean_promo(typed: pd.DataFrame) -> pd.DataFrame:
    """Keep the good promotions: one row a month and product."""
    whole = dict.fromkeys(("units_promo", "offer_price", "price", "purchase_price"), "int64")
    promo = kept(typed).astype(whole).sort_values(GRAIN, ignore_index=True).rename(columns={"price": "list_price"})
    promo["duration_days"] = (promo["ends_on"] - promo["starts_on"]).dt.days + 1
    promo["discount_rate"] = 1 - ratio(promo["offer_price"], promo["list_price"])
    return promo


def clean_sales(typed: pd.DataFrame, promo: pd.DataFrame, web: pd.DataFrame) -> pd.DataFrame:
    """Value the good rows of the sales ledger: one a month and product. Sales includes the units on promotion; sale prices include VAT."""
    whole = dict.fromkeys(("units_sold", "supplier_orders", "stock_end", "price", "purchase_price"), "int64")
    sales = kept(typed).astype(whole).merge(promo[[*GRAIN, "units_promo", "offer_price"]], on=GRAIN, how="left")
    sales = sales.sort_values(GRAIN, ignore_index=True)
    sales["units_offered"] = sales["units_promo"].fillna(0).astype("int64")
    offer_price = sales["offer_price"].fillna(sales["price"]).astype("int64")
    sales["units"] = sales["units_sold"]
    sales["units_promo"] = np.minimum(sales["units_offered"], sales["units"])
    sales["units_regular"] = sales["units"] - sales["units_promo"]
    sales["revenue"] = amount(sales["units_regular"] * sales["price"] + sales["units_promo"] * offer_price)
    sales["cogs"] = amount(sales["units"] * sales["purchase_price"])
    sales["revenue_excl_vat"] = less_vat(sales["revenue"], sales["sku"].map(web.set_index("sku")["segment"]))
    sales["gross_margin"] = sales["revenue_excl_vat"] - sales["cogs"]
    # a division by 0 gives no number, in plain floats; the masked ones of `ratio` would cost more on a table of this size
    sales["gross_margin_rate"] = sales["gross_margin"] / sales["revenue_excl_vat"].where(sales["revenue_excl_vat"] != 0)
    available = sales["units"] + sales["stock_end"]
    sales["conversion_rate"] = sales["units"] / available.where(available != 0)
    return sales


def reporting_period(sales: pd.DataFrame) -> Period:
    """Find the latest October to September with all its months, else all months there are."""
    months = pd.DatetimeIndex(sales["month"].unique()).sort_values()
    for end in reversed(months[months.month == 9]):
        year = pd.date_range(end=end, periods=12, freq="MS")
        if year.isin(months).all():
            return Period(year[0], end, 12)
    return Period(months[0], months[-1], len(months))


MONEY = ["revenue", "revenue_excl_vat", "cogs", "gross_margin"]


def sales_in_period(sales: pd.DataFrame, web: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Put segment and stock value beside the sales of the period."""
    columns = [*GRAIN, "units", "units_promo", "units_regular", "stock_end", *MONEY, "purchase_price"]
    rows = period.of(sales[columns]).merge(web[["sku", *TYPE, "is_stocked"]], on="sku")
    rows = rows.astype(dict.fromkeys(TYPE, "str"))
    rows["stock_value_end"] = amount(rows["stock_end"] * rows["purchase_price"]) * rows["is_stocked"]
    return rows


# --- The KPIs ----------------------------------------------------------------------------------------------------------------


def kpi_revenue(by_month: pd.DataFrame) -> pd.DataFrame:
    """Revenue by month and segment, beside that of the calendar month before."""
    before = by_month[[*GROUP, "revenue"]].rename(columns={"revenue": "revenue_previous_month"})
    before["month"] += pd.DateOffset(months=1)
    return by_month[[*GROUP, "revenue"]].merge(before.astype({"revenue_previous_month": "Int64"}), on=GROUP, how="left")


def kpi_gross_margin(by_month: pd.DataFrame) -> pd.DataFrame:
    """Margin by month and segment, and its rate."""
    margin = by_month[[*GROUP, *MONEY]]
    return margin.assign(gross_margin_rate=ratio(margin["gross_margin"], margin["revenue_excl_vat"]))


def yearly(cogs: pd.Series, mean_stock_value: pd.Series, months: pd.Series) -> pd.Series:
    """Turn the cost of some months into a turnover a year."""
    return ratio(12 * euros(cogs) / months, mean_stock_value)


def kpi_stock_turnover(stocked: pd.DataFrame, web: pd.DataFrame) -> pd.DataFrame:
    """Turnover and cover of each stocked product; the rows come sorted by month, so the last one is the latest."""
    by_product = stocked.groupby("sku").agg(
        rows=("month", "size"), cogs=("cogs", "sum"), stock=("stock_value_end", "sum"), units=("units", "sum"),
        stock_end=("stock_end", "last"), stock_value_end=("stock_value_end", "last"),
    )  # fmt: skip
    table = web[PRODUCT].merge(by_product.reset_index(), on="sku")
    table["mean_stock_value"] = euros(table["stock"]) / table["rows"]
    table["mean_monthly_units"] = table["units"] / table["rows"]
    table["turnover"] = yearly(table["cogs"], table["mean_stock_value"], table["rows"])
    table["days_of_stock"] = 365 / table["turnover"].replace(0, pd.NA)
    table["months_of_cover"] = ratio(table["stock_end"], table["mean_monthly_units"])
    return table


def kpi_stock_turnover_by_segment(stocked: pd.DataFrame) -> pd.DataFrame:
    """Turnover of each segment that stocks anything."""
    table = sums(stocked, ["segment"], ["cogs", "stock_value_end"])
    months = table["segment"].map(stocked.groupby("segment")["month"].nunique())
    table["mean_stock_value"] = euros(table["stock_value_end"]) / months
    latest = stocked.drop_duplicates("sku", keep="last").groupby("segment")["stock_value_end"].sum()
    table["stock_value_end"] = table["segment"].map(latest)
    table["turnover"] = yearly(table["cogs"], table["mean_stock_value"], months)
    table["days_of_stock"] = 365 / table["turnover"].replace(0, pd.NA)
    return table


def lowe_index(basket: pd.DataFrame, price: str) -> pd.DataFrame:
    """Compute what each segment's basket costs in each month, base 100 in the first."""
    costs = (basket["q"] * basket[price]).groupby([basket["segment"], basket["month"]]).sum()
    base = costs.groupby("segment").transform("first").replace(0, np.nan)
    return (100 * (costs / base)).rename(f"{price}_index").reset_index()


def kpi_purchase_price(finance: pd.DataFrame, web: pd.DataFrame, sold: pd.Series, period: Period) -> pd.DataFrame:
    """Mean prices and Lowe indices by month and segment; the basket is what is priced in every month."""
    priced = period.of(finance)[[*GRAIN, "price", "purchase_price"]].merge(web[["sku", "segment"]], on="sku")
    by_month = priced.groupby(GROUP)
    means = by_month[["purchase_price", "price"]].sum().div(PRICE_UNIT).div(by_month.size(), axis=0)
    table = means.add_prefix("mean_").reset_index()
    rows = priced["sku"].map(priced["sku"].value_counts())
    basket = priced[rows == priced["month"].nunique()].copy()
    basket["q"] = basket["sku"].map(sold).fillna(0).astype("int64")
    for price in ("purchase_price", "price"):
        table = table.merge(lowe_index(basket, price), on=GROUP, how="left")
        costs = (basket["q"] * basket[price]).groupby(basket["month"]).sum()
        table[f"{price}_index_all"] = table["month"].map(100 * (costs / (costs.iloc[0] or np.nan)))
    return table


def kpi_control_group(rows: pd.DataFrame, promoted: pd.Series, period: Period) -> pd.DataFrame:
    """Find the stocked products that were never promoted and have sales in every month."""
    control = rows[rows["is_stocked"] & ~rows["sku"].isin(promoted)]
    control = control[control["sku"].map(control["sku"].value_counts()) == period.months]
    return control[["sku", *TYPE]].drop_duplicates().sort_values("sku")


def kpi_seasonal_index(rows: pd.DataFrame, control_group: pd.DataFrame) -> pd.DataFrame:
    """The demand of the control products: of the product type where it has at least 20, else of the segment, else of all."""
    control = rows[rows["sku"].isin(control_group["sku"])]
    types, months = rows[TYPE].drop_duplicates(), rows[["month"]].drop_duplicates()
    table = months.merge(types, how="cross").sort_values(["month", *TYPE], ignore_index=True)
    whose = {"product type": "product_type", "segment": "segment"}
    products = pd.DataFrame({kind: table[column].map(control_group[column].value_counts()) for kind, column in whose.items()}).fillna(0)
    units = {
        kind: table[["month", column]].merge(sums(control, ["month", column], ["units"]), on=["month", column], how="left")["units"]
        for kind, column in whose.items()
    }
    everyone = table["month"].map(control.groupby("month")["units"].sum())
    enough = [products[kind] >= 20 for kind in whose]
    table["control"] = np.select(enough, list(whose), "shop")
    table["control_products"] = np.select(enough, [products[kind] for kind in whose], len(control_group)).astype("int64")
    table["control_units"] = pd.Series(np.select(enough, [units[kind] for kind in whose], everyone)).fillna(0).astype("int64")
    table["seasonal_index"] = ratio(table["control_units"], table.groupby(TYPE)["control_units"].transform("mean"))
    return table


def kpi_promo_roi(promo: pd.DataFrame, rows: pd.DataFrame, season: pd.DataFrame, web: pd.DataFrame) -> pd.DataFrame:
    """Compare each promotion of the period with what it would have sold anyway, excl. VAT."""
    of_month = ["month", *TYPE]
    control = rows[[*GRAIN, *TYPE, "units"]].merge(season[[*of_month, "control_units"]], on=of_month)
    control = control.merge(promo[[*GRAIN, "starts_on"]], on=GRAIN, how="left")
    quiet = control[control["starts_on"].isna()].groupby("sku")[["units", "control_units"]].sum().add_prefix("quiet_")
    table = promo.drop(columns="units_promo").merge(web[PRODUCT], on="sku")
    table = table.merge(rows[[*GRAIN, "units", "units_promo", "gross_margin"]], on=GRAIN, how="left")
    table = table.merge(season[[*of_month, "control_units"]], on=of_month, how="left").merge(quiet, on="sku", how="left")
    table = table.sort_values(GRAIN, ignore_index=True)
    quiet_units = table["quiet_units"].where(table["units"].notna())
    baseline = ratio(quiet_units * table["control_units"], table["quiet_control_units"])
    table["baseline_units"] = np.floor(baseline * PRICE_UNIT + 0.5).astype("Int64")
    whole = ["units", "units_promo", "gross_margin"]
    table[whole] = table[whole].astype("Int64")
    table["uplift_units"] = table["units"] * PRICE_UNIT - table["baseline_units"]
    net_list, net_offer = (less_vat(table[price], table["segment"]) for price in ("list_price", "offer_price"))
    table["discount_cost"] = amount(table["units_promo"] * (net_list - net_offer).clip(lower=0))
    table["promo_margin"] = amount(table["units_promo"] * (net_offer - table["purchase_price"]))
    unit_margin = net_list - table["purchase_price"]
    table["incremental_margin"] = less_product(table["gross_margin"], table["baseline_units"], unit_margin)
    table["margin_roi"] = ratio(table["promo_margin"], table["discount_cost"])
    table["incremental_roi"] = ratio(table["incremental_margin"], table["discount_cost"])
    return table


def less_product(amounts: pd.Series, units: pd.Series, unit_margin: pd.Series) -> pd.Series:
    """Subtract units times a price, both in hundred-millionths, from an amount: exactly, halves away from zero.

    The product has 16 decimals and would not fit 64 bits, so the price is taken in two parts.
    """
    high = units * (unit_margin // 10_000)
    rest = high % 10**8 * 10_000 + units * (unit_margin % 10_000)
    whole, rest = amounts - high // 10**8 - rest // 10**12, rest % 10**12
    return whole - ((2 * rest > 10**12) | ((2 * rest == 10**12) & (whole <= 0))).astype("Int64")


def kpi_promo_campaign(promo_roi: pd.DataFrame) -> pd.DataFrame:
    """Sum promotions by campaign and segment, over known values."""
    known = promo_roi["incremental_margin"].notna()
    rows = promo_roi.assign(
        discount_cost_measured=promo_roi["discount_cost"].where(known), products=1,
        products_without_baseline=promo_roi["baseline_units"].isna().astype("int64"),
    )  # fmt: skip
    columns = [
        "products", "products_without_baseline", "units", "units_promo", "baseline_units", "uplift_units", "discount_cost",
        "discount_cost_measured", "promo_margin", "gross_margin", "incremental_margin",
    ]  # fmt: skip
    table = rows.groupby(["starts_on", "ends_on", "segment"])[columns].sum(min_count=1).reset_index()
    table["margin_roi"] = ratio(table["promo_margin"], table["discount_cost"])
    table["incremental_roi"] = ratio(table["incremental_margin"], table["discount_cost_measured"])
    return table


def rated(web: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Take each product's sum and number of ratings; both 0 where nobody rated."""
    return (web["average_rating"] * web["rating_count"]).fillna(0.0), web["rating_count"].where(web["average_rating"].notna(), 0)


def kpi_customer_rating(web: pd.DataFrame) -> pd.DataFrame:
    """Ratings by product, and one shrunk to the shop's mean by the median count."""
    given, count = rated(web)
    usual = web["rating_count"][web["rating_count"] > 0].median()
    shrunk = (usual * one_ratio(given.sum(), count.sum()) + given) / (usual + count)
    return web[[*PRODUCT, "rating_count", "average_rating"]].assign(shrunk_rating=shrunk)


def kpi_comment_rate(web: pd.DataFrame, sold: pd.Series) -> pd.DataFrame:
    """Comments per 100 units by product."""
    table = web[["sku", "title", "segment", "comment_count"]].copy()
    table["units"] = table["sku"].map(sold).fillna(0).astype("int64")
    table["comments_per_100_units"] = ratio(100 * table["comment_count"], table["units"])
    return table


def kpi_rating_and_sales(web: pd.DataFrame, sold: pd.Series) -> pd.DataFrame:
    """Count the products rated above the segment's median, and the others, and how many of each sell above its median."""
    table = web[(web["rating_count"] > 0) & web["average_rating"].notna() & web["sku"].isin(sold.index)]
    table = table[["sku", "segment", "average_rating"]].assign(units=table["sku"].map(sold))
    medians = table.groupby("segment")[["average_rating", "units"]].transform("median")
    better, more = table["average_rating"] > medians["average_rating"], table["units"] > medians["units"]
    counted = pd.DataFrame(
        {
            "segment": table["segment"].astype("str"), "rated_products": 1, "better_rated": better,
            "better_rated_selling_more": better & more, "others": ~better, "others_selling_more": ~better & more,
        }
    )  # fmt: skip
    return counted.groupby("segment").sum().reset_index()


def kpi_abc_class(sold: pd.DataFrame, web: pd.DataFrame) -> pd.DataFrame:
    """Products by revenue; A while those above make under 80 %, B under 95 %, else C."""
    table = sold[["sku", "revenue"]].sort_values(["revenue", "sku"], ascending=[False, True], ignore_index=True)
    whole, upto = table["revenue"].sum(), table["revenue"].cumsum()
    table["rank"] = table.index + 1
    table["revenue_share"] = table["revenue"] / (whole or np.nan)
    table["cumulative_revenue_share"] = upto / (whole or np.nan)
    above = (upto - table["revenue"]) * 100
    table["abc_class"] = np.select([above < whole * 80, above < whole * 95], ["A", "B"], "C")
    return table.merge(web[["sku", "title", "segment"]], on="sku")


def kpi_headline(web: pd.DataFrame, rows: pd.DataFrame, prices: pd.DataFrame, promo_roi: pd.DataFrame, period: Period) -> pd.DataFrame:
    """The KPIs of the whole shop."""
    revenue, net, margin, units = (int(rows[column].sum()) for column in ("revenue", "revenue_excl_vat", "gross_margin", "units"))
    stocked = rows[rows["is_stocked"]]
    given, count = rated(web)
    known = promo_roi["incremental_margin"].notna()
    incremental = promo_roi["incremental_margin"][known].sum(), promo_roi["discount_cost"][known].sum()
    latest = prices[prices["month"] == prices["month"].max()]
    headline = [
        ("revenue", "Revenue (incl. VAT)", revenue / AMOUNT_UNIT, "EUR"),
        ("revenue_excl_vat", "Revenue (excl. VAT)", net / AMOUNT_UNIT, "EUR"),
        ("gross_margin", "Gross margin (excl. VAT)", margin / AMOUNT_UNIT, "EUR"),
        ("gross_margin_rate", "Gross margin rate (excl. VAT)", one_ratio(margin, net), "ratio"),
        ("stock_turnover", "Stock turnover", one_ratio(12 * stocked["cogs"].sum(), stocked["stock_value_end"].sum()), "turns a year"),
        ("purchase_price_index", "Purchase price index", latest["purchase_price_index_all"].iloc[0], "index, first month = 100"),
        ("units", "Units sold", float(units), "units"),
        ("promo_incremental_roi", "Promotion ROI, incremental", one_ratio(*incremental), "ratio"),
        (
            "promo_margin_roi", "Promotion ROI, margin over discount",
            one_ratio(promo_roi["promo_margin"].sum(), promo_roi["discount_cost"].sum()), "ratio",
        ),
        ("average_rating", "Average customer rating", one_ratio(given.sum(), count.sum()), "stars of 5"),
        ("comments_per_100_units", "Comments per 100 units", one_ratio(100 * web["comment_count"].sum(), units), "comments per 100 units"),
        ("commented_share", "Products with a comment", (web["comment_count"] > 0).mean(), "ratio"),
    ]  # fmt: skip
    return pd.DataFrame(headline, columns=["kpi", "label", "value", "unit"]).assign(period_start=period.start, period_end=period.end)


# --- The tabs ----------------------------------------------------------------------------------------------------------------


def extract_top_products(abc_class: pd.DataFrame, sold: pd.DataFrame, web: pd.DataFrame) -> pd.DataFrame:
    """Products by revenue, with all that is known of their sales."""
    return abc_class.merge(web[["sku", "product_type"]], on="sku").merge(
        sold[["sku", "revenue_excl_vat", "units", "gross_margin"]], on="sku"
    )


def extract_customer_preferences(web: pd.DataFrame, rating: pd.DataFrame, comments: pd.DataFrame, sold: pd.DataFrame) -> pd.DataFrame:
    """What customers say of a product beside what they buy of it."""
    table = web.merge(rating[["sku", "shrunk_rating"]], on="sku").merge(comments[["sku", "units", "comments_per_100_units"]], on="sku")
    money = ["revenue", "revenue_excl_vat", "gross_margin"]
    table = table.merge(sold[["sku", *money]], on="sku", how="left")
    return table.fillna(dict.fromkeys(money, 0))


def extract_segments(rows: pd.DataFrame) -> pd.DataFrame:
    """A segment's month, and its turnover from the first month of the period to that one."""
    rows = rows[[*GROUP, "revenue", "revenue_excl_vat", "units", "gross_margin", "stock_value_end"]].assign(
        units_available=rows["units"] + rows["stock_end"], products_sold=(rows["units"] > 0).astype("int64"),
        cogs_to_date=rows["cogs"] * rows["is_stocked"],
    )  # fmt: skip
    columns = [
        "revenue",
        "revenue_excl_vat",
        "units",
        "gross_margin",
        "units_available",
        "products_sold",
        "cogs_to_date",
        "stock_value_end",
    ]
    table = sums(rows, GROUP, columns)
    table["revenue_share"] = ratio(table["revenue"], table.groupby("month")["revenue"].transform("sum"))
    table["conversion_rate"] = ratio(table["units"], table["units_available"])
    to_date = table.groupby("segment")[["cogs_to_date", "stock_value_end"]].cumsum()
    table["cogs_to_date"] = to_date["cogs_to_date"]
    months = table.groupby("segment").cumcount() + 1
    table["mean_stock_value_to_date"] = euros(to_date["stock_value_end"]) / months
    table["turnover_to_date"] = yearly(table["cogs_to_date"], table["mean_stock_value_to_date"], months)
    return table


# --- All of it ---------------------------------------------------------------------------------------------------------------

COLUMNS = {
    "tables/web": "sku title product_type segment excerpt slug url author_id created_on modified_on is_published rating_count"
    " average_rating comment_count volume_cl vintage is_stocked",
    "tables/finance": "month sku price purchase_price is_on_sale is_taxable",
    "tables/promo": "month sku starts_on ends_on duration_days units_promo offer_price list_price discount_rate",
    "tables/sales": "month sku units units_promo units_regular supplier_orders stock_end revenue cogs gross_margin gross_margin_rate"
    " conversion_rate",
    "tables/ca_par_segment": "segment revenue",
    "kpis/headline": "kpi label value unit period_start period_end",
    "kpis/revenue": "month segment revenue revenue_previous_month",
    "kpis/gross_margin": "month segment revenue revenue_excl_vat cogs gross_margin gross_margin_rate",
    "kpis/stock_turnover": "sku title product_type segment cogs mean_stock_value stock_end stock_value_end mean_monthly_units turnover"
    " days_of_stock months_of_cover",
    "kpis/stock_turnover_by_segment": "segment cogs mean_stock_value stock_value_end turnover days_of_stock",
    "kpis/purchase_price": "month segment mean_purchase_price mean_price purchase_price_index price_index purchase_price_index_all"
    " price_index_all",
    "kpis/sales_volume": "month segment units units_promo units_regular",
    "kpis/control_group": "sku segment product_type",
    "kpis/seasonal_index": "month segment product_type control control_products control_units seasonal_index",
    "kpis/abc_class": "rank sku title segment revenue revenue_share cumulative_revenue_share abc_class",
    "kpis/promo_roi": "month sku title segment starts_on ends_on units units_promo baseline_units uplift_units discount_cost promo_margin"
    " gross_margin incremental_margin margin_roi incremental_roi",
    "kpis/promo_campaign": "starts_on ends_on segment products products_without_baseline units units_promo baseline_units uplift_units"
    " discount_cost discount_cost_measured promo_margin gross_margin incremental_margin margin_roi incremental_roi",
    "kpis/customer_rating": "sku title product_type segment rating_count average_rating shrunk_rating",
    "kpis/comment_rate": "sku title segment comment_count units comments_per_100_units",
    "kpis/rating_and_sales": "segment rated_products better_rated better_rated_selling_more others others_selling_more",
    "overview": "month segment revenue revenue_excl_vat cogs gross_margin units units_promo stock_value_end",
    "inflation_margin": "month segment mean_purchase_price mean_price purchase_price_index price_index purchase_price_index_all"
    " price_index_all revenue revenue_excl_vat cogs gross_margin gross_margin_rate",
    "promotions_roi": "month sku title segment starts_on ends_on units units_promo baseline_units uplift_units discount_cost promo_margin"
    " gross_margin incremental_margin margin_roi incremental_roi product_type list_price offer_price discount_rate",
    "top_products": "rank sku title product_type segment revenue revenue_excl_vat units gross_margin revenue_share"
    " cumulative_revenue_share abc_class",
    "customer_preferences": "sku title product_type segment vintage volume_cl rating_count average_rating shrunk_rating comment_count"
    " comments_per_100_units revenue revenue_excl_vat units gross_margin",
    "segments": "month segment revenue revenue_excl_vat revenue_share units gross_margin units_available conversion_rate products_sold"
    " cogs_to_date mean_stock_value_to_date turnover_to_date",
}


def write(file: Path, table: pd.DataFrame) -> None:
    """Write a table: euros again, and a leading apostrophe before text that a spreadsheet would run as a formula."""
    table = table.copy()
    for column in table.columns.intersection([*PRICES, *AMOUNTS]):
        table[column] = table[column] / (PRICE_UNIT if column in PRICES else AMOUNT_UNIT)
    for column in table.select_dtypes("str"):
        runs = table[column].str.match(r"[=+\-@\t\r]").fillna(value=False).astype(bool)
        table[column] = table[column].mask(runs, "'" + table[column])
    file.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(file, index=False)


def compute(export: Path) -> Tables:
    """Make the tables."""
    raws = read_export(export)
    typed = {}
    typed["web"] = type_web(raws["web"])
    typed["finance"] = type_finance(raws["finance"])
    web, finance = clean_web(typed["web"]), clean_finance(typed["finance"])
    typed["promo"] = type_promo(raws["promo"], finance, web)
    promo = clean_promo(typed["promo"])
    typed["sales"] = type_sales(raws["sales"], finance, web)
    del raws
    sales = clean_sales(typed["sales"], promo, web)

    period = reporting_period(sales)
    rows = sales_in_period(sales, web, period)
    stocked = rows[rows["is_stocked"]]
    units = ["units", "units_promo", "units_regular"]
    by_month = sums(rows, GROUP, [*MONEY, *units, "stock_value_end"])
    sold = sums(rows, ["sku"], ["revenue", "revenue_excl_vat", "units", "gross_margin"])
    units_sold = sold.set_index("sku")["units"]
    in_period = period.of(promo)

    margin = kpi_gross_margin(by_month)
    turnover = kpi_stock_turnover(stocked, web)
    abc_class = kpi_abc_class(sold, web)
    purchase_price = kpi_purchase_price(finance, web, units_sold, period)
    control_group = kpi_control_group(rows, in_period["sku"], period)
    season = kpi_seasonal_index(rows, control_group)
    promo_roi = kpi_promo_roi(in_period, rows, season, web)
    rating, comments = kpi_customer_rating(web), kpi_comment_rate(web, units_sold)
    return {
        "tables/web": web,
        "tables/finance": finance,
        "tables/promo": promo,
        "tables/sales": sales,
        "tables/ca_par_segment": sums(rows, ["segment"], ["revenue"]).sort_values("revenue", ascending=False, kind="stable"),
        "kpis/headline": kpi_headline(web, rows, purchase_price, promo_roi, period),
        "kpis/revenue": kpi_revenue(by_month),
        "kpis/gross_margin": margin,
        "kpis/stock_turnover": turnover,
        "kpis/stock_turnover_by_segment": kpi_stock_turnover_by_segment(stocked),
        "kpis/purchase_price": purchase_price,
        "kpis/sales_volume": by_month,
        "kpis/control_group": control_group,
        "kpis/seasonal_index": season,
        "kpis/abc_class": abc_class,
        "kpis/promo_roi": promo_roi,
        "kpis/promo_campaign": kpi_promo_campaign(promo_roi),
        "kpis/customer_rating": rating,
        "kpis/comment_rate": comments,
        "kpis/rating_and_sales": kpi_rating_and_sales(web, units_sold),
        "overview": by_month,
        "inflation_margin": purchase_price.merge(margin, on=GROUP, how="left"),
        "promotions_roi": promo_roi,
        "top_products": extract_top_products(abc_class, sold, web),
        "customer_preferences": extract_customer_preferences(web, rating, comments, sold),
        "segments": extract_segments(rows),
    }


def main() -> None:
    """Make the CSVs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("export", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    for name, table in compute(given.export).items():
        write(given.out / f"{name}.csv", table[COLUMNS[name].split()])


if __name__ == "__main__":
    main()
