"""Every measure once more, by pandas from a release's CSVs: what an assistant's answers are held against.

Belongs here: the rows of each grain, put together from the cleaned tables and the tabs, and what each measure is over some of them. Never
here: anything of the package, or a CSV of facts/, which the answers are computed from.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True)
class Rows:
    """The rows that are asked for, all rows of the same months, and the rows under the same filters in all months."""

    asked: pd.DataFrame
    view: pd.DataFrame
    ever: pd.DataFrame
    everything: pd.DataFrame

    @property
    def last(self) -> pd.DataFrame:
        """What is asked for, in the last month in view."""
        return self.asked[self.asked["month"] == self.view["month"].max()]

    @property
    def first(self) -> pd.DataFrame:
        """What is asked for, in the first month that there is."""
        return self.ever[self.ever["month"] == self.everything["month"].min()]

    @property
    def to_date(self) -> pd.DataFrame:
        """What is asked for, up to the last month in view."""
        return self.ever[self.ever["month"] <= self.view["month"].max()]


def added(column: str) -> Callable[[Rows], Any]:
    return lambda rows: rows.asked[column].sum(min_count=1)


def counted(condition: Callable[[pd.DataFrame], Any]) -> Callable[[Rows], Any]:
    return lambda rows: int(condition(rows.asked).sum())


def ratio(above: Any, below: Any) -> Any:
    return None if pd.isna(above) or pd.isna(below) or below == 0 else above / below


def turned(sales: pd.DataFrame) -> Any:
    stocked = sales[sales["is_stocked"]]
    return ratio(12 * stocked["cogs"].sum(min_count=1), stocked["stock_value"].sum(min_count=1))


def index(column: str) -> Callable[[Rows], Any]:
    return lambda rows: ratio(100 * rows.last[column].sum(min_count=1), rows.first[column].sum(min_count=1))


def rise(rows: Rows) -> Any:
    found = index("purchase_cost")(rows)
    return None if found is None else found / 100 - 1


MEASURES: dict[str, tuple[str, Callable[[Rows], Any]]] = {
    **{
        name: ("sales", added(name))
        for name in ("revenue", "revenue_excl_vat", "gross_margin", "units", "cogs", "units_promo", "units_regular")
    },
    "gross_margin_rate": ("sales", lambda rows: ratio(rows.asked["gross_margin"].sum(), rows.asked["revenue_excl_vat"].sum())),
    "stock_turnover": ("sales", lambda rows: turned(rows.asked)),
    "days_of_stock": ("sales", lambda rows: ratio(365, turned(rows.asked) or 0)),
    "turnover_to_date": ("sales", lambda rows: turned(rows.to_date)),
    "promo_share": ("sales", lambda rows: ratio(rows.asked["units_promo"].sum(), rows.asked["units"].sum())),
    "revenue_share": ("sales", lambda rows: ratio(rows.asked["revenue"].sum(), rows.view["revenue"].sum())),
    "conversion_rate": ("sales", lambda rows: ratio(rows.asked["units"].sum(), (rows.asked["units"] + rows.asked["stock_end"]).sum())),
    "products_sold": ("sales", lambda rows: rows.asked.loc[rows.asked["units"] > 0, "sku"].nunique()),
    "products_sold_last": ("sales", lambda rows: (rows.last["units"] > 0).sum() if len(rows.last) else None),
    "first_ten_share": (
        "sales",
        lambda rows: ratio(rows.asked.loc[rows.asked["rank"] <= 10, "revenue"].sum(min_count=1), rows.asked["revenue"].sum()),
    ),
    "stock_value": ("sales", lambda rows: rows.last["stock_value"].sum(min_count=1)),
    "purchase_price_index": ("prices", index("purchase_cost")),
    "price_index": ("prices", index("sale_value")),
    "purchase_price_rise": ("prices", rise),
    "mean_purchase_price": ("prices", lambda rows: rows.last["purchase_price"].mean()),
    "mean_price": ("prices", lambda rows: rows.last["price"].mean()),
    **{name: ("promotions", added(name)) for name in ("discount_cost", "incremental_margin", "uplift_units", "baseline_units")},
    "promotions": ("promotions", lambda rows: len(rows.asked)),
    "units_measured": ("promotions", lambda rows: rows.asked.loc[rows.asked["baseline_units"].notna(), "units"].sum(min_count=1)),
    "promo_incremental_roi": (
        "promotions",
        lambda rows: ratio(
            rows.asked["incremental_margin"].sum(min_count=1),
            rows.asked.loc[rows.asked["incremental_margin"].notna(), "discount_cost"].sum(),
        ),
    ),
    "promo_margin_roi": ("promotions", lambda rows: ratio(rows.asked["promo_margin"].sum(), rows.asked["discount_cost"].sum())),
    **{name: ("products", added(name)) for name in ("rating_count", "comment_count")},
    "average_rating": (
        "products",
        lambda rows: ratio(
            (rows.asked["average_rating"] * rows.asked["rating_count"]).sum(min_count=1),
            rows.asked.loc[rows.asked["average_rating"].notna(), "rating_count"].sum(),
        ),
    ),
    "comments_per_100_units": ("products", lambda rows: ratio(100 * rows.asked["comment_count"].sum(), rows.asked["units"].sum())),
    "commented_share": ("products", lambda rows: (rows.asked["comment_count"] > 0).mean()),
    "products": ("products", lambda rows: len(rows.asked)),
    "unrated": ("products", counted(lambda rows: rows["rating_count"] == 0)),
    "products_in_a": ("products", counted(lambda rows: rows["abc_class"] == "A")),
    **{name: ("stock", added(name)) for name in ("stock_value_end", "stock_end", "stock_on_date", "value_above_ceiling")},
    "months_of_cover": ("stock", lambda rows: ratio(rows.asked["stock_end"].sum(), rows.asked["mean_monthly_units"].sum())),
    "below_reorder": ("stock", counted(lambda rows: rows["stock_on_date"] < rows["reorder_point"])),
    "above_ceiling": ("stock", counted(lambda rows: rows["stock_on_date"] > rows["stock_ceiling"])),
    "findings": ("findings", lambda rows: len(rows.asked)),
    **{
        f"findings_{verdict}": ("findings", counted(lambda rows, verdict=verdict: rows["verdict"] == verdict))
        for verdict in ("supported", "contradicted", "inconclusive")
    },
    "yearly_effect": ("findings", added("yearly_effect")),
    "largest_effect": ("findings", lambda rows: rows.asked["yearly_effect"].max()),
}
"""Each measure: the rows that it is of, and what it is over some of them."""
DIMENSIONS = {
    "sales": ("month", "segment", "product_type", "sku"),
    "prices": ("month", "segment", "product_type"),
    "promotions": ("month", "segment", "product_type", "sku"),
    "products": ("segment", "product_type", "sku"),
    "stock": ("segment", "product_type", "sku"),
    "findings": ("month", "segment", "sku"),
}
"""By what each kind of rows can be cut."""


class Csvs:
    """The CSVs of a release, as tables by their rows."""

    def __init__(self, release: Path) -> None:
        """Read a release."""
        self.release = release
        self.manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
        period = self.manifest["period"]
        self.period = f"{period['period_start']}-01", f"{period['period_end']}-01"

    def read(self, path: str) -> pd.DataFrame:
        """Return a CSV; months as text, which sorts as they do."""
        return pd.read_csv(self.release / path, keep_default_na=False, na_values=[""])

    @cached_property
    def web(self) -> pd.DataFrame:
        """Each product's own columns."""
        ranked = self.read("top_products.csv")[["sku", "rank", "abc_class"]]
        return self.read("tables/web.csv")[["sku", "title", "segment", "product_type", "is_stocked"]].merge(ranked, on="sku", how="left")

    @cached_property
    def sales(self) -> pd.DataFrame:
        """Month and product of the period, with the product's columns and the value of its stock, to the hundredth of a cent."""
        bought = pd.read_csv(self.release / "tables/finance.csv", dtype={"purchase_price": str})[["month", "sku", "purchase_price"]]
        rows = self._in_period(self.read("tables/sales.csv")).merge(self.web, on="sku").merge(bought, on=["month", "sku"])
        values = [
            float((Decimal(units) * Decimal(price)).quantize(Decimal("0.0001"), ROUND_HALF_UP)) if stocked else 0.0
            for units, price, stocked in zip(rows["stock_end"], rows["purchase_price"], rows["is_stocked"], strict=True)
        ]
        return rows.assign(stock_value=values, revenue_excl_vat=rows["gross_margin"] + rows["cogs"])

    @cached_property
    def prices(self) -> pd.DataFrame:
        """Month and product of the price list, with what the period's units of it cost and bring, if it has a price in every month."""
        rows = self._in_period(self.read("tables/finance.csv")).merge(self.web, on="sku")
        is_in_basket = rows.groupby("sku")["month"].transform("nunique") == rows["month"].nunique()
        units = rows["sku"].map(self.sales.groupby("sku")["units"].sum()).fillna(0).where(is_in_basket)
        return rows.assign(purchase_cost=units * rows["purchase_price"], sale_value=units * rows["price"])

    @cached_property
    def promotions(self) -> pd.DataFrame:
        """The promotions."""
        return self.read("promotions_roi.csv")

    @cached_property
    def products(self) -> pd.DataFrame:
        """The products of the shop."""
        return self.read("customer_preferences.csv").merge(self.web[["sku", "abc_class"]], on="sku")

    @cached_property
    def stock(self) -> pd.DataFrame:
        """The stocked products at the end."""
        return self.read("stock_turnover.csv")

    @property
    def best(self) -> int:
        """The product that brings the most revenue."""
        return int(self.read("top_products.csv")["sku"].iloc[0])

    @property
    def gift_card(self) -> int:
        """A product that has no stock."""
        return int(self.web.loc[~self.web["is_stocked"], "sku"].iloc[0])

    @cached_property
    def days(self) -> dict[str, str]:
        """The day of each measure that is of one: the date of the stock, or the last day of the period."""
        last = pd.Timestamp(self.period[1]) + pd.offsets.MonthEnd()
        return {
            **dict.fromkeys(("stock_on_date", "below_reorder", "above_ceiling", "value_above_ceiling"), self.stock["stock_date"].max()),
            **dict.fromkeys(("stock_end", "stock_value_end", "months_of_cover"), f"{last:%Y-%m-%d}"),
        }

    @cached_property
    def findings(self) -> pd.DataFrame:
        """The findings of the recommendations."""
        return self.read("business_recommendations.csv")

    def figures(self, measure: str, by: str = "", *, months: tuple[str, str] | None = None, **kept: Any) -> dict[str, float | None]:
        """Return a measure by the values of a dimension, or of everything under the empty name; months as 2022-10."""
        kind, of = MEASURES[measure]
        everything = getattr(self, kind)
        ever = everything[self._keeping(everything, kept)]
        in_months = (lambda rows: rows[rows["month"].str[:7].between(*months)]) if months else (lambda rows: rows)
        asked, view = in_months(ever), in_months(everything)
        if not by:
            return {"": plain(of(Rows(asked, view, ever, everything)))}
        found: dict[str, float | None] = {}
        for value, part in asked.groupby(by, dropna=False):
            name = "none" if pd.isna(value) else value[:7] if by == "month" else str(int(value) if by == "sku" else value)
            seen = view[view["month"] == value] if by == "month" and name != "none" else view
            found[name] = plain(of(Rows(part, seen, ever if by == "month" else ever[ever[by] == value], everything)))
        return found

    @staticmethod
    def _keeping(rows: pd.DataFrame, kept: dict[str, Any]) -> pd.Series:
        keeping = pd.Series(data=True, index=rows.index)
        for column, value in kept.items():
            keeping &= rows[column] == value
        return keeping

    def _in_period(self, rows: pd.DataFrame) -> pd.DataFrame:
        return rows[rows["month"].between(*self.period)]


def plain(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)
