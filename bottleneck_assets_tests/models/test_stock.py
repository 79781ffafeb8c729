"""Reorder points and ceilings in simulated shops where the demand is known: how often they cover it, and what is said where they do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest

from bottleneck_assets_tests.small_export import built, finance_row, promo_row, rows_of, sales_row, web_row

if TYPE_CHECKING:
    from bottleneck_assets_tests.small_export import Rows

pytestmark = pytest.mark.full

Scenario = Literal["as foretold", "a season that breaks", "half a year"]
YEAR = ("2022-10", "2022-11", "2022-12", *(f"2023-{month:02}" for month in range(1, 10)))
MONTHS = (*YEAR, "2023-10")
SEASON = np.array([0.9, 1.6, 1.9, 0.5, 0.5, 0.5, 0.7, 0.8, 1.1, 1.2, 0.9, 1.4])
TYPES, PRODUCTS = 40, 25
BROKEN = 2.5
"""How much more than foretold is sold in the month after the year where the season breaks."""


def levels(rng: np.random.Generator) -> np.ndarray:
    """Draw what each product sells in a mean month, by type: from rare sales to many."""
    return 12 * rng.gamma(2.0, 1 / 2.0, (TYPES, PRODUCTS))


def units_of(rng: np.random.Generator, scenario: Scenario, level: np.ndarray) -> np.ndarray:
    """Draw the units of every type, product and month: the level times the season, the rest is chance."""
    expected = level[:, :, None] * np.append(SEASON, SEASON[0])
    if scenario == "a season that breaks":
        expected[:, :, -1] *= BROKEN
    return rng.poisson(expected)


@pytest.fixture(scope="module")
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """An export of 40 product types; its thresholds, their tests and what is advised, with the levels that are true."""
    rng = np.random.default_rng(95)
    level = levels(rng)
    rows: Rows = {"Web": [], "Finance": [], "Sales": [], "Promo": []}
    for place, by_product in enumerate(units_of(rng, request.param, level).tolist()):
        for product, by_month in enumerate(by_product):
            sku = 100 * (place + 1) + product
            rows["Web"].append(web_row(sku, Product_type=f"{place:02}"))
            for month, sold in list(zip(MONTHS, by_month, strict=True))[7 if request.param == "half a year" else 0 :]:
                rows["Finance"].append(finance_row(month, sku))
                rows["Sales"].append(sales_row(month, sku, Sales=sold, Stock=60, Orders=30 if month[-2:] in {"06", "09", "12"} else ""))
    rows["Promo"].append(promo_row("2023-06", 100))
    tables = ["kpi.stock_thresholds", "kpi.stock_coverage", "recommendation.stock_thresholds", "extract.business_recommendations"]
    warehouse = built(tmp_path_factory.mktemp("simulated"), rows, tables)
    return {"level": level, **{table: rows_of(warehouse, table) for table in tables}}


def share_of(shop: dict[str, Any], test: str) -> float:
    rows = [row for row in shop["kpi.stock_coverage"] if row["test"] == test]
    return sum(row["products_covered"] for row in rows) / sum(row["products"] for row in rows)


@pytest.mark.parametrize("shop", ["as foretold"], indirect=True)
def test_a_reorder_point_covers_the_next_month_in_about_95_of_100_products_where_the_season_holds(shop: dict[str, Any]) -> None:
    rng = np.random.default_rng(11)
    november = rng.poisson(shop["level"] * SEASON[1])
    points = np.array([row["reorder_point"] for row in shop["kpi.stock_thresholds"]]).reshape(TYPES, PRODUCTS)
    # level and season are read from a year, and November is high: a little less than 95
    assert 0.92 <= np.mean(november <= points) <= 0.98
    assert 0.92 <= share_of(shop, "out of sample") <= 0.98
    assert 0.94 <= share_of(shop, "in sample") <= 0.99


@pytest.mark.parametrize("shop", ["as foretold"], indirect=True)
def test_a_stock_at_its_ceiling_lasts_until_the_next_order_in_about_95_of_100_products(shop: dict[str, Any]) -> None:
    rng = np.random.default_rng(12)
    assert {row["cycle_months"] for row in shop["kpi.stock_thresholds"]} == {4}
    asked = rng.poisson(shop["level"] * SEASON[1:5].sum())
    ceilings = np.array([row["stock_ceiling"] for row in shop["kpi.stock_thresholds"]]).reshape(TYPES, PRODUCTS)
    assert np.mean(asked <= ceilings) >= 0.75  # of a whole cycle it is less: its safety stock is that of the month of lead time
    assert np.mean(asked <= 1.2 * ceilings) >= 0.93


@pytest.mark.parametrize("shop", ["as foretold"], indirect=True)
def test_what_chance_alone_leaves_uncovered_disproves_no_threshold(shop: dict[str, Any]) -> None:
    rows = shop["recommendation.stock_thresholds"]
    assert len([row for row in rows if row["share_covered"] < 0.9]) > 0.1 * TYPES
    assert len([row for row in rows if row["finding"] == "not_covered"]) <= 0.05 * TYPES


@pytest.mark.parametrize("shop", ["a season that breaks"], indirect=True)
def test_where_the_season_breaks_no_threshold_is_advised_and_it_is_said_how_many_were_covered(shop: dict[str, Any]) -> None:
    rows = shop["recommendation.stock_thresholds"]
    assert {row["finding"] for row in rows} == {"not_covered"}
    assert {(row["verdict"], row["confidence"], row["is_off_target"]) for row in rows} == {("inconclusive", "low", True)}
    said = [row["sentence_en"] for row in shop["extract.business_recommendations"] if row["recommendation"] == "stock_thresholds"]
    for row, sentence in zip(sorted(rows, key=lambda row: row["scope"]), sorted(said), strict=True):
        assert f"covered {row['products_covered'] or 'none'} of 25" in sentence.replace("\u00a0", " ")
        assert "no threshold is advised" in sentence
    freed = [row for row in shop["extract.business_recommendations"] if row["recommendation"] == "free_cash"]
    assert [row["finding"] for row in freed] == ["nothing_found"]


@pytest.mark.parametrize("shop", ["half a year"], indirect=True)
def test_half_a_year_is_said_to_be_what_a_season_rests_on(shop: dict[str, Any]) -> None:
    assert {row["season_months"] for row in shop["kpi.stock_thresholds"]} == {6}
    assert {row["confidence"] for row in shop["recommendation.stock_thresholds"]} == {"low"}
    tab = [row for row in shop["extract.business_recommendations"] if row["recommendation"] == "stock_thresholds"]
    assert all("6\u00a0months" in row["sentence_en"] for row in tab)
    # November was never seen: it counts as the mean month
    for row in shop["kpi.stock_thresholds"]:
        assert row["forecast_units"] == pytest.approx(row["level"])


@pytest.mark.parametrize("shop", ["as foretold"], indirect=True)
def test_a_whole_year_is_a_season(shop: dict[str, Any]) -> None:
    assert {row["season_months"] for row in shop["kpi.stock_thresholds"]} == {12}
