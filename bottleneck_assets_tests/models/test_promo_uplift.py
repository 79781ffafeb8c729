"""The range and the verdict given for a promotion: how often they hold the truth, in simulated shops where it is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest

from bottleneck_assets_tests.small_export import built, finance_row, promo_row, rows_of, sales_row, web_row

if TYPE_CHECKING:
    from bottleneck_assets_tests.small_export import Rows

pytestmark = pytest.mark.full

Scenario = Literal["one season for all", "a season of their own", "two quiet months", "a control promoted in secret"]
SCENARIOS: tuple[Scenario, ...] = ("one season for all", "a season of their own", "two quiet months", "a control promoted in secret")
YEAR = ("2022-10", "2022-11", "2022-12", *(f"2023-{month:02}" for month in range(1, 10)))
SEASON = np.array([0.9, 1.6, 1.9, 0.5, 0.5, 0.5, 0.7, 0.8, 1.1, 1.2, 0.9, 1.4])
PROMOTED_IN = YEAR.index("2023-03")
LIST_PRICE, OFFER_PRICE, PURCHASE_PRICE = 24, 19.2, 12
"""Sale prices incl. VAT of 20 %, the purchase price without: a unit earns 8 at list price, 4 on offer; twice the baseline breaks even."""
BREAK_EVEN = 2.0
LIFTS = (1.0, 1.5, 2.5)
SHOPS = 300
SIZES = ((20, 12), (24, 24), (40, 40))
"""Control and promoted products."""


def true_return(lift: float) -> float:
    """What a euro of discount brings where all units of the month are sold on promotion, and it sells `lift` times the baseline."""
    return (4 * lift - 8) / (4 * lift)


def lift_of(shop: int) -> float:
    return LIFTS[shop % len(LIFTS)]


def size_of(shop: int) -> tuple[int, int]:
    return SIZES[shop // len(LIFTS) % len(SIZES)]


def months_of(scenario: Scenario) -> tuple[str, ...]:
    """Name the months of the export: the year, or the month of the campaign between two others."""
    return YEAR[PROMOTED_IN - 1 : PROMOTED_IN + 2] if scenario == "two quiet months" else YEAR


def units_of(rng: np.random.Generator, shop: int, scenario: Scenario) -> np.ndarray:
    """Draw the units of a shop's controls, then of its promoted products, by month of the year.

    Every product has a level, every group a season, the rest is chance. In secret, all controls sell 1.2 to 2 times as much in a month
    or two of the year, any of them.
    """
    controls, promoted = size_of(shop)
    expected = 12 * rng.gamma(5.0, 1 / 5.0, controls + promoted)[:, None] * np.tile(SEASON, (controls + promoted, 1))
    if scenario == "a season of their own":
        expected[controls:] *= np.exp(rng.normal(0, 0.35, 12))
    if scenario == "a control promoted in secret":
        for month in rng.choice(12, rng.integers(1, 3), replace=False):
            expected[:controls, month] *= rng.uniform(1.2, 2)
    expected[controls:, PROMOTED_IN] *= lift_of(shop)
    return rng.poisson(expected)


@pytest.fixture(scope="module", params=SCENARIOS)
def judged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[int, dict[str, Any]]:
    """Three hundred shops in one export, each a product type with a campaign; what is said of each campaign, by shop."""
    rng = np.random.default_rng(90)
    rows: Rows = {"Web": [], "Finance": [], "Sales": [], "Promo": []}
    for shop in range(SHOPS):
        for place, by_month in enumerate(units_of(rng, shop, request.param).tolist()):
            sku = 1000 * (shop + 1) + place
            rows["Web"].append(web_row(sku, Product_type=f"{shop:03}"))
            for month in months_of(request.param):
                sold = by_month[YEAR.index(month)]
                rows["Finance"].append(finance_row(month, sku, Price=LIST_PRICE, Purchase_Price=PURCHASE_PRICE))
                rows["Sales"].append(sales_row(month, sku, Sales=sold))
                if month == YEAR[PROMOTED_IN] and place >= size_of(shop)[0]:
                    rows["Promo"].append(promo_row(month, sku, Sales_Offer=sold, Price_Offer=OFFER_PRICE))
    warehouse = built(tmp_path_factory.mktemp("simulated"), rows, ["kpi.promo_uplift"])
    return {int(row["product_type"]): row for row in rows_of(warehouse, "kpi.promo_uplift") if row["scope"] == "campaign"}


def test_a_range_of_90_percent_holds_the_truth_in_at_least_85_of_100_shops(judged: dict[int, dict[str, Any]]) -> None:
    assert len(judged) == SHOPS
    assert {row["control"] for row in judged.values()} == {"product type"}
    lifts = [row["lift_low"] <= lift_of(shop) <= row["lift_high"] for shop, row in judged.items()]
    returns = [row["incremental_roi_low"] <= true_return(lift_of(shop)) <= row["incremental_roi_high"] for shop, row in judged.items()]
    assert np.mean(lifts) >= 0.85
    assert np.mean(returns) >= 0.85


def test_paid_and_lost_are_wrong_in_at_most_7_of_100_shops_and_high_confidence_in_at_most_1(judged: dict[int, dict[str, Any]]) -> None:
    truth = {shop: "paid" if lift_of(shop) > BREAK_EVEN else "lost" for shop in judged}
    wrong = [shop for shop, row in judged.items() if row["verdict"] not in {"inconclusive", truth[shop]}]
    assert len(wrong) <= 0.07 * SHOPS
    assert len([shop for shop in wrong if judged[shop]["confidence"] == "high"]) <= 0.01 * SHOPS


def test_where_the_control_has_the_season_of_the_promoted_products_the_range_tells_something(judged: dict[int, dict[str, Any]]) -> None:
    width = np.median([(row["lift_high"] - row["lift_low"]) / row["lift"] for row in judged.values()])
    spread = np.median([row["placebo_high"] / row["placebo_low"] for row in judged.values()])
    decided = np.mean([row["verdict"] != "inconclusive" for row in judged.values()])
    quiet = min(row["quiet_months"] for row in judged.values())
    # a placebo of many months that strays little leaves a narrow range and a verdict; one that strays, or of two months, seldom does
    assert (width < 0.6 and decided > 0.6) if spread < 1.6 and quiet > 2 else (width > 0.6 and decided < 0.6)


def test_the_lift_that_breaks_even_is_the_one_at_which_the_margin_is_that_of_the_baseline(judged: dict[int, dict[str, Any]]) -> None:
    for row in judged.values():
        assert row["break_even_lift"] == pytest.approx(BREAK_EVEN, rel=1e-6)
