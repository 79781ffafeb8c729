"""The range that is given for a promotion's lift and return: how often it holds the truth, where the truth is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from bottleneck_assets_tests.small_export import built, finance_row, promo_row, rows_of, sales_row, web_row

if TYPE_CHECKING:
    from bottleneck_assets.engine.warehouse import Warehouse
    from bottleneck_assets_tests.small_export import Rows

YEAR = ("2022-10", "2022-11", "2022-12", *(f"2023-{month:02}" for month in range(1, 10)))
SEASON = np.array([0.9, 1.6, 1.9, 0.5, 0.5, 0.5, 0.7, 0.8, 1.1, 1.2, 0.9, 1.4])
PROMOTED_IN = "2023-03"
LIST_PRICE, OFFER_PRICE, PURCHASE_PRICE = 20, 16, 12
LIFTS = (1.0, 1.5, 2.5)
SAMPLES = 300
SIZES = ((20, 12), (24, 24), (40, 40))
"""Control and promoted products."""


def true_return(lift: float) -> float:
    """What a euro of discount brings where all units of the month are sold on promotion, and it sells `lift` times the baseline."""
    earned, forgone = lift * (OFFER_PRICE - PURCHASE_PRICE), LIST_PRICE - PURCHASE_PRICE
    return (earned - forgone) / (lift * (LIST_PRICE - OFFER_PRICE))


def lift_of(sample: int) -> float:
    return LIFTS[sample % len(LIFTS)]


def size_of(sample: int) -> tuple[int, int]:
    return SIZES[sample // len(LIFTS) % len(SIZES)]


def units_of(rng: np.random.Generator, sample: int) -> np.ndarray:
    """Draw the units of controls, then of promoted products, by month: a level each, a season for all, chance."""
    controls, promoted = size_of(sample)
    expected = 12 * rng.gamma(5.0, 1 / 5.0, controls + promoted)[:, None] * SEASON
    expected[controls:, YEAR.index(PROMOTED_IN)] *= lift_of(sample)
    return rng.poisson(expected)


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Three hundred shops in one export: each a segment with a season of its own products, and one campaign."""
    rng = np.random.default_rng(90)
    rows: Rows = {"Web": [], "Finance": [], "Sales": [], "Promo": []}
    for sample in range(SAMPLES):
        for place, by_month in enumerate(units_of(rng, sample).tolist()):
            sku = 1000 * (sample + 1) + place
            rows["Web"].append(web_row(sku, Segment=f"{sample:03}"))
            for month, units in zip(YEAR, by_month, strict=True):
                rows["Finance"].append(finance_row(month, sku, Price=LIST_PRICE, Purchase_Price=PURCHASE_PRICE))
                rows["Sales"].append(sales_row(month, sku, Sales=units))
                if month == PROMOTED_IN and place >= size_of(sample)[0]:
                    rows["Promo"].append(promo_row(month, sku, Sales_Offer=units, Price_Offer=OFFER_PRICE))
    return built(tmp_path_factory.mktemp("simulated"), rows, ["kpi.promo_uplift"])


def test_a_range_of_90_percent_holds_the_true_lift_and_return_in_85_to_95_of_100_samples(simulated: Warehouse) -> None:
    campaigns = {int(row["segment"]): row for row in rows_of(simulated, "kpi.promo_uplift") if row["scope"] == "campaign"}
    assert len(campaigns) == SAMPLES
    lifts = [row["lift_low"] <= lift_of(sample) <= row["lift_high"] for sample, row in campaigns.items()]
    returns = [
        row["incremental_roi_low"] <= true_return(lift_of(sample)) <= row["incremental_roi_high"] for sample, row in campaigns.items()
    ]
    assert 0.85 <= np.mean(lifts) <= 0.95
    assert 0.85 <= np.mean(returns) <= 0.95
    # and it is a range that tells something
    assert np.median([(row["lift_high"] - row["lift_low"]) / row["lift"] for row in campaigns.values()]) < 0.4
