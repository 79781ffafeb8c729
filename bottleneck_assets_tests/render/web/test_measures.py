"""Every measure of the dashboard, under every segment and product type and in parts of the year, as computed from the release's CSVs.

Belongs here: what each measure is, read literally from the business rules by pandas and exact arithmetic. Never here: an import from
`bottleneck_assets.figures`.
"""

from __future__ import annotations

import json
import subprocess
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from bottleneck_assets.render.web.page import FILE
from bottleneck_assets.sample.export import write_sample_export
from bottleneck_assets_tests.conftest import run_refresh
from bottleneck_assets_tests.render.web.conftest import rendered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

pytestmark = pytest.mark.full

SCRIPTS = Path(__file__).parents[3] / "bottleneck_assets/render/web/script"
PERIODS = ((), ("2023-01", "2023-06"), ("2023-05", "2023-05"))
COMPARED = ((), ("2023-01", "2023-03"), ("2023-05", "2023-05"))
AMOUNTS = ("revenue", "cogs", "gross_margin", "price", "purchase_price", "discount_cost", "promo_margin", "incremental_margin")
OF_SALES = {
    *("revenue", "revenue_excl_vat", "cogs", "gross_margin", "gross_margin_rate", "units", "units_promo", "units_regular", "promo_share"),
    *("revenue_share", "conversion_rate", "products_sold", "products_sold_last", "first_ten_share", "stock_turnover", "days_of_stock"),
    "stock_value",
}
"""What is known of months before the reporting period."""
MONTHLY = OF_SALES | {
    *("turnover_to_date", "purchase_price_index", "price_index", "purchase_price_rise", "mean_purchase_price", "mean_price"),
    *("promo_incremental_roi", "promo_margin_roi", "discount_cost", "incremental_margin", "uplift_units", "units_measured"),
    *("baseline_units", "promotions"),
}
"""What is known of each month of the reporting period."""
BEFORE = {("before", month) for month in ("2023-01", "2023-05")}
KNOWN = {12: BEFORE, 6: BEFORE, 1: {("before", None), ("year", None)}}
"""Which comparisons have sales to compare with, by the months that are reported; the real export begins in October 2022."""
State = dict[str, Any]


class Release:
    """The CSVs of a release, amounts as exact decimals."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        read = self.read
        self.web = read("tables/web.csv")
        months = read("overview.csv")["month"].unique()
        sales = read("tables/sales.csv")
        prices = read("tables/finance.csv")[["month", "sku", "price", "purchase_price"]]
        self.prices = self.of_products(prices[prices["month"].isin(months)])
        self.all_sales = self.of_products(sales.merge(prices, on=["month", "sku"]))
        value = self.all_sales["stock_end"] * self.all_sales["purchase_price"] * self.all_sales["is_stocked"].astype(int)
        self.all_sales["revenue_excl_vat"] = self.all_sales["gross_margin"] + self.all_sales["cogs"]
        self.all_sales["stock_value"] = [Decimal(cell).quantize(Decimal("0.0001"), ROUND_HALF_UP) for cell in value]
        self.sales = self.all_sales[self.all_sales["month"].isin(months)]
        self.promotions = read("promotions_roi.csv")
        self.products = read("customer_preferences.csv").merge(read("top_products.csv")[["sku", "rank", "abc_class"]], on="sku", how="left")
        self.stock = read("stock_turnover.csv")
        self.findings = read("business_recommendations.csv").merge(self.web[["sku", "product_type"]], on="sku", how="left")
        self.months = sorted(months)

    def read(self, file: str) -> pd.DataFrame:
        frame = pd.read_csv(self.folder / file, dtype=dict.fromkeys(AMOUNTS, "string"), true_values=["true"], false_values=["false"])
        for name in frame.columns.intersection(AMOUNTS):
            frame[name] = [None if cell is pd.NA else Decimal(cell) for cell in frame[name]]
        return frame

    def of_products(self, rows: pd.DataFrame) -> pd.DataFrame:
        return rows.merge(self.web[["sku", "segment", "product_type", "is_stocked"]], on="sku")

    def states(self, periods: tuple[tuple[str, ...], ...] = PERIODS) -> list[State]:
        within = [months for months in periods if {f"{month}-01" for month in months} <= set(self.months)]
        filters = [
            {},
            *({"segment": name} for name in sorted(self.web["segment"].unique())),
            *({"type": name} for name in sorted(self.web["product_type"].unique())),
        ]
        return [{**dict(zip(("from", "to"), months, strict=False)), **chosen} for months in within for chosen in filters]

    def in_focus(self, rows: pd.DataFrame, _state: State) -> pd.DataFrame:
        """Return the rows that what is in focus leaves: here nothing is."""
        return rows

    def expected(self, state: State) -> dict[str, Any]:
        first, last = f"{state.get('from', self.months[0][:7])}-01", f"{state.get('to', self.months[-1][:7])}-01"

        def filtered(rows: pd.DataFrame) -> pd.DataFrame:
            for name, column in (("segment", "segment"), ("type", "product_type")):
                rows = rows[rows[column] == state[name]] if name in state else rows
            return self.in_focus(rows, state)

        def within(rows: pd.DataFrame) -> pd.DataFrame:
            return rows[rows["month"].isna() | rows["month"].astype("string").between(first, last)]

        sales, whole = within(filtered(self.sales)), within(self.sales)
        until = filtered(self.sales)[lambda rows: rows["month"] <= last]
        promotions, products, stock = within(filtered(self.promotions)), filtered(self.products), filtered(self.stock)
        measured = promotions[promotions["baseline_units"].notna()]
        rated = products[products["average_rating"].notna()]
        findings = within(filtered(self.findings))
        turned = _turnover(sales)
        ten = sales[sales["sku"].isin(self.products.loc[self.products["rank"] <= 10, "sku"])]
        return {
            "revenue": _sum(sales["revenue"]),
            "cogs": _sum(sales["cogs"]),
            "gross_margin": _sum(sales["gross_margin"]),
            "revenue_excl_vat": _sum(sales["revenue_excl_vat"]),
            "gross_margin_rate": _over(_sum(sales["gross_margin"]), _sum(sales["revenue_excl_vat"])),
            "units": _sum(sales["units"]),
            "units_promo": _sum(sales["units_promo"]),
            "units_regular": _sum(sales["units"] - sales["units_promo"]),
            "promo_share": _over(_sum(sales["units_promo"]), _sum(sales["units"])),
            "revenue_share": _over(_sum(sales["revenue"]), _sum(whole["revenue"])),
            "conversion_rate": _over(_sum(sales["units"]), _sum(sales["units"] + sales["stock_end"])),
            "products_sold": sales.loc[sales["units"] > 0, "sku"].nunique(),
            "products_sold_last": _sum(sales.loc[sales["month"] == last, "units"] > 0),
            "first_ten_share": _over(_sum(ten["revenue"]), _sum(sales["revenue"])),
            "stock_turnover": turned,
            "turnover_to_date": _turnover(until),
            "days_of_stock": None if not turned else 365 / turned,
            "stock_value": _sum(sales.loc[sales["month"] == last, "stock_value"]),
            **self._prices(filtered(self.prices), last),
            "promo_incremental_roi": _over(_sum(measured["incremental_margin"]), _sum(measured["discount_cost"])),
            "promo_margin_roi": _over(_sum(promotions["promo_margin"]), _sum(promotions["discount_cost"])),
            "discount_cost": _sum(promotions["discount_cost"]),
            "incremental_margin": _sum(promotions["incremental_margin"]),
            "uplift_units": _sum(promotions["uplift_units"]),
            "units_measured": _sum(measured["units"]),
            "baseline_units": _sum(promotions["baseline_units"]),
            "promotions": len(promotions) or None,
            "average_rating": _over(_sum(rated["average_rating"] * rated["rating_count"]), _sum(rated["rating_count"])),
            "rating_count": _sum(products["rating_count"]),
            "comment_count": _sum(products["comment_count"]),
            "comments_per_100_units": _over(100 * products["comment_count"].sum(), _sum(products["units"])),
            "commented_share": _over((products["comment_count"] > 0).sum(), len(products)),
            "products": len(products),
            "products_in_a": (products["abc_class"] == "A").sum(),
            "unrated": (products["rating_count"] == 0).sum(),
            "stock_value_end": _sum(stock["stock_value_end"]),
            "stock_end": _sum(stock["stock_end"]),
            "months_of_cover": _over(_sum(stock["stock_end"]), _sum(stock["mean_monthly_units"])),
            "stock_on_date": _sum(stock["stock_on_date"]),
            "value_above_ceiling": _sum(stock["value_above_ceiling"]),
            "below_reorder": (stock["stock_on_date"] < stock["reorder_point"]).sum() if len(stock) else None,
            "above_ceiling": (stock["stock_on_date"] > stock["stock_ceiling"]).sum() if len(stock) else None,
            "findings": len(findings) or None,
            **{f"findings_{name}": _sum(findings["verdict"] == name) for name in ("supported", "contradicted", "inconclusive")},
            "yearly_effect": _sum(findings["yearly_effect"]),
            "largest_effect": findings["yearly_effect"].max(),
        }

    def earlier(self, state: State) -> dict[str, Any]:
        """Return the figures of the months that a state compares with: none of what has no month, nor where a month of it is not known."""
        chosen = [pd.Period(month, "M") for month in (state.get("from", self.months[0][:7]), state.get("to", self.months[-1][:7]))]
        back = 12 if state["compare"] == "year" else len(pd.period_range(*chosen, freq="M"))
        shifted = {**state, "from": str(chosen[0] - back), "to": str(chosen[1] - back)}
        known = self.months[0][:7] <= shifted["from"]
        kept = MONTHLY if known else OF_SALES if self.all_sales["month"].min()[:7] <= shifted["from"] else set()
        whole, self.sales = self.sales, self.sales if known else self.all_sales
        found = self.expected(shifted)
        self.sales = whole
        return {name: value if name in kept else None for name, value in found.items()}

    def _prices(self, rows: pd.DataFrame, last: str) -> dict[str, Any]:
        """Return means of the last month, and Lowe indices over the products priced in every month, by the units of the period."""
        everywhere = rows.groupby("sku")["month"].transform("nunique") == len(self.months)
        units = self.sales.groupby("sku")["units"].sum()
        basket = rows[everywhere].assign(weight=lambda kept: kept["sku"].map(units).fillna(0).astype(int))
        now, then = basket[basket["month"] == last], basket[basket["month"] == self.months[0]]

        def index(price: str) -> float | None:
            return _over(100 * sum(now[price] * now["weight"]), sum(then[price] * then["weight"]))

        seen = rows[rows["month"] == last]
        return {
            "purchase_price_index": index("purchase_price"),
            "price_index": index("price"),
            "purchase_price_rise": None if index("purchase_price") is None else index("purchase_price") / 100 - 1,  # type: ignore[operator]
            "mean_purchase_price": _over(_sum(seen["purchase_price"]), len(seen)),
            "mean_price": _over(_sum(seen["price"]), len(seen)),
        }


def _sum(values: pd.Series) -> Any:
    """Return the sum of what is known, none of nothing."""
    known = values.dropna()
    return sum(known) if len(known) else None


def _over(part: Any, whole: Any) -> float | None:
    return None if part is None or not whole else float(part) / float(whole)


def _turnover(sales: pd.DataFrame) -> float | None:
    """Return, for a year, cost of goods sold over the mean, over the months, of the stock's value at their ends: of what is stocked."""
    stocked = sales[sales["is_stocked"]]
    if not len(stocked):
        return None
    months = stocked["month"].nunique()
    return _over(12 / months * float(_sum(stocked["cogs"])), float(_sum(stocked["stock_value"])) / months)


@pytest.fixture(scope="module", params=["the real year", "half of it", "its October", "a sample"])
def release(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Release:
    if request.param == "the real year":
        return Release(request.getfixturevalue("real_release"))
    if request.param == "a sample":
        return Release(rendered(run_refresh(request.getfixturevalue("sample_export"), tmp_path_factory.mktemp("sample"))))
    first, last = {"half of it": ("2023-01", "2023-06"), "its October": ("2023-10", "2023-10")}[request.param]
    part = {"period_start": first, "period_end": last}
    return Release(rendered(run_refresh(request.getfixturevalue("real_export"), tmp_path_factory.mktemp("part"), **part)))


@pytest.fixture(scope="module")
def evaluate(node: str) -> Callable[[Release, Iterable[State]], list[dict[str, float | None]]]:
    """Return a function that evaluates every measure of a release's page under each state."""

    def evaluated(release: Release, states: Iterable[State]) -> list[dict[str, float | None]]:
        script = Path(__file__).with_name("evaluate.mjs")
        command = [node, "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", script, SCRIPTS, release.folder / FILE]
        done = subprocess.run(command, input=json.dumps(list(states)), capture_output=True, text=True, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return evaluated


def told_apart(found: dict[str, float | None], expected: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return what differs in the first nine digits."""
    wanted = {name: None if value is None or value != value else float(value) for name, value in expected.items()}  # noqa: PLR0124 - not a number
    return {
        name: (found[name], value)
        for name, value in wanted.items()
        if (found[name] is None) != (value is None) or (value is not None and found[name] != pytest.approx(value, rel=1e-9, abs=1e-9))
    }


def test_every_measure_is_that_of_the_csvs_under_every_filter(release: Release, evaluate: Callable[..., list[dict[str, Any]]]) -> None:
    states = release.states()
    found = evaluate(release, states)
    expected = [release.expected(state) for state in states]
    assert set(found[0]) == set(expected[0]), "a measure without an expected figure, or an expected figure without its measure"
    apart = [(state, told_apart(*pair)) for state, *pair in zip(states, found, expected, strict=True)]
    assert [entry for entry in apart if entry[1]] == []
    assert any(any(value for value in figures.values()) for figures in found)


def test_what_is_compared_with_is_that_of_the_csvs_over_the_earlier_months(
    release: Release, evaluate: Callable[..., list[dict[str, Any]]]
) -> None:
    states = [{**state, "compare": compare} for state in release.states(COMPARED) if "type" not in state for compare in ("before", "year")]
    expected = [release.earlier(state) for state in states]
    apart = [(state, told_apart(*pair)) for state, *pair in zip(states, evaluate(release, states), expected, strict=True)]
    assert [entry for entry in apart if entry[1]] == []
    is_known = {(state["compare"], state.get("from")) for state, figures in zip(states, expected, strict=True) if figures["revenue"]}
    assert is_known == KNOWN[len(release.months)]


def test_ranks_of_a_large_shop_are_those_of_its_sales_and_no_group_lacks_its_first_ones(tmp_path: Path) -> None:
    write_sample_export(tmp_path / "large.db", scale=4, seed=20)
    large = Release(rendered(run_refresh(tmp_path / "large.db", tmp_path / "data")))
    page = (large.folder / FILE).read_text(encoding="utf-8").partition('id="figures">')[2].partition("</script>")[0]
    shown = pd.DataFrame({name: _cells(column) for name, column in json.loads(page)["products"].items()})
    kept, pooled = shown[shown["sku"].notna()].set_index("sku"), shown[shown["sku"].isna()]
    assert len(large.web) == len(kept) + pooled["products"].sum()
    assert len(pooled) > 0
    sold = large.sales.groupby("sku")["revenue"].sum().rename("revenue").reset_index()
    sold = sold[sold["revenue"] > 0].sort_values(["revenue", "sku"], ascending=[False, True], ignore_index=True)
    sold = sold.assign(rank=sold.index + 1).merge(large.web[["sku", "segment", "product_type"]], on="sku").set_index("sku")
    ranks = kept["rank"].dropna()
    assert ranks.astype(int).to_dict() == sold.loc[ranks.index, "rank"].to_dict()
    for kind in ("segment", "product_type"):
        first = sold.groupby(kind).head(15).index
        assert set(first) <= set(kept.index), kind
    cut = sold[~sold.index.isin(kept.index)]
    groups = cut.groupby(["segment", "product_type"])["rank"].min()
    assert pooled.groupby(["segment", "product_type"])["rank"].min().dropna().astype(int).to_dict() == groups.to_dict()


def _cells(column: Any) -> list[Any]:
    """Return a column as the page holds it: its cells, or the places of each cell's text among its texts."""
    return column if isinstance(column, list) else [None if place < 0 else column["values"][place] for place in column["places"]]
