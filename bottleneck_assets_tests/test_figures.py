"""Every figure that is published, against a computation that shares nothing with it (independent.py)."""

from __future__ import annotations

import csv
import datetime as dt
import json
import math
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from bottleneck_assets import wording
from bottleneck_assets_tests import independent

if TYPE_CHECKING:
    from pathlib import Path

    from bottleneck_assets_tests.conftest import Refreshed

TABLES = ("web", "finance", "promo", "sales", "ca_par_segment")
KPIS = (
    "headline",
    "revenue",
    "gross_margin",
    "stock_turnover",
    "stock_turnover_by_segment",
    "purchase_price",
    "sales_volume",
    "promo_roi",
    "promo_campaign",
    "customer_rating",
    "comment_rate",
    "control_group",
    "seasonal_index",
    "abc_class",
    "best_seller",
    "stock_season",
    "stock_level",
    "stock_coverage",
    "stock_thresholds",
    "segment_band",
    "promo_uplift",
    "rating_and_sales",
)
ADVICE = (
    "free_cash",
    "protect_best_sellers",
    "promote_low_season",
    "monitor_segments",
    "stock_thresholds",
    "use_feedback",
    "pass_on_costs",
)
RECOMMENDATIONS = (*ADVICE, "summary")
TABS = (
    "overview",
    "inflation_margin",
    "promotions_roi",
    "top_products",
    "customer_preferences",
    "segments",
    "stock_turnover",
    "business_recommendations",
)
PUBLISHED = {
    **{f"clean/{name}": f"tables/{name}.csv" for name in TABLES},
    **{f"kpi/{name}": f"kpis/{name}.csv" for name in KPIS},
    **{f"recommendation/{name}": f"recommendations/{name}.csv" for name in RECOMMENDATIONS},
    **{f"extract/{name}": f"{name}.csv" for name in TABS},
}
SAID = {"evidence", "effect_method", "sentence_en", "sentence_fr", "label", "unit"}
"""Columns of words, which tests of their own hold."""
IN_THE_ORDER_OF_THE_FILE = {
    "kpi/headline": ["kpi"],
    "kpi/promo_uplift": ["scope", "segment", "product_type", "starts_on", "ends_on"],
    "recommendation/summary": ["recommendation"],
    **{f"recommendation/{name}": ["scope"] for name in ADVICE},
}

# the baseline is rounded to 8 decimals from a double here and from an exact fraction there; what is made of it may differ as little;
# likewise the amounts that are shares and multiples of others: a tie of half a unit may fall either way
ROUNDED_FROM_A_DOUBLE = {
    "baseline_units": Decimal("2e-8"),
    "uplift_units": Decimal("2e-8"),
    "incremental_margin": Decimal("0.0002"),
    "yearly_effect": Decimal("0.0002"),
    **dict.fromkeys(("margin_gap", "margin_against_band"), Decimal("0.0001")),
    **dict.fromkeys(("value_above_ceiling", "value_beyond_cover", "one_off_cash", "margin_at_risk"), Decimal("0.001")),
}
RATIOS_OF_THOSE = {
    "incremental_roi": 1e-5,
    **dict.fromkeys(("lift_low", "lift_high", "incremental_roi_low", "incremental_roi_high", "break_even_lift"), 1e-6),
    **dict.fromkeys(("placebo_low", "placebo_high"), 1e-7),
    # of a season that is rounded to 8 decimals before it is averaged and summed
    **dict.fromkeys(("season", "level", "residual_deviation", "deviation_monthly_units", "forecast_units", "cycle_units"), 1e-7),
    **dict.fromkeys(("reorder_point", "stock_ceiling", "reorder_units", "ceiling_units"), 1e-7),
}


READINGS: dict[str, dict[str, Any]] = {
    "real": {},
    "real_excl_vat": {"sale_prices": "excl_vat"},
    "sample": {},
    "excluded_sample": {"promo_units": "excluded"},
}


@pytest.fixture(scope="module", params=READINGS)
def both(request: pytest.FixtureRequest) -> tuple[Refreshed, dict[str, pd.DataFrame]]:
    """A release, and the same tables computed independently from the same export, read in the same way."""
    refreshed = request.getfixturevalue(f"refreshed_{request.param}")
    assert refreshed.why_it_failed() == []
    return refreshed, independent.compute(refreshed.export, **READINGS[request.param])


@pytest.mark.parametrize("table", PUBLISHED)
def test_every_published_cell_is_what_an_independent_computation_gives(table: str, both: tuple[Refreshed, dict[str, pd.DataFrame]]) -> None:
    refreshed, expected = both
    rows = read_csv(refreshed.release / PUBLISHED[table])
    wanted = [dict(zip(expected[table].columns, row, strict=True)) for row in expected[table].itertuples(index=False, name=None)]
    if key := IN_THE_ORDER_OF_THE_FILE.get(table):
        rows, wanted = (sorted(side, key=lambda row: [in_order(row[name]) for name in key]) for side in (rows, wanted))
    assert len(rows) == len(wanted)
    columns = set(header(refreshed.release / PUBLISHED[table]))
    assert (set(expected[table].columns) - columns, columns - set(expected[table].columns) - SAID) == (set(), set())
    differing = [
        (number, name, row[name], value)
        for number, (row, want) in enumerate(zip(rows, wanted, strict=True))
        for name, value in want.items()
        if not (row[name] == "" if plain(value) is None else row[name] != "" and agrees(name, row[name], plain(value)))
    ]
    assert differing == []


def test_the_quarantine_and_the_accounting_are_what_an_independent_reading_gives(both: tuple[Refreshed, dict[str, pd.DataFrame]]) -> None:
    refreshed, expected = both
    quarantined = {(row["source_table"], row["row_number"]) for row in read_csv(refreshed.release / "quality/quarantine.csv")}
    wanted = expected["clean/quarantine"]
    assert quarantined == {(str(table), str(number)) for table, number in zip(wanted["source_table"], wanted["row_number"], strict=True)}
    accounted = {row["source_table"]: row for row in read_csv(refreshed.release / "quality/row_accounting.csv")}
    for row in expected["clean/row_accounting"].to_dict("records"):
        found = accounted[row["source_table"]]
        for name in ("rows_read", "rows_kept", "rows_quarantined", "duplicates_dropped"):
            assert int(found[name]) == row[name]


def test_the_facts_and_the_months_are_what_the_tables_beside_them_say(both: tuple[Refreshed, dict[str, pd.DataFrame]]) -> None:
    release = both[0].release
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))["period"]
    first, last = (f"{manifest[end]}-01" for end in ("period_start", "period_end"))
    web = {row["sku"]: row for row in read_csv(release / "tables" / "web.csv")}
    priced = {(row["month"], row["sku"]): row for row in read_csv(release / "tables" / "finance.csv")}
    sold = {(row["month"], row["sku"]): row for row in read_csv(release / "tables" / "sales.csv") if first <= row["month"] <= last}

    found = read_csv(release / "facts" / "sales_in_period.csv")
    assert {(row["month"], row["sku"]) for row in found} == set(sold)
    for row in found:
        sale, product = sold[row["month"], row["sku"]], web[row["sku"]]
        worth = Decimal(sale["stock_end"]) * Decimal(priced[row["month"], row["sku"]]["purchase_price"])
        assert row == {
            **{name: sale[name] for name in row if name in sale},
            **{name: product[name] for name in ("segment", "product_type", "is_stocked")},
            "stock_value_end": str((worth if product["is_stocked"] == "true" else Decimal(0)).quantize(Decimal("0.0001"), ROUND_HALF_UP)),
            "revenue_excl_vat": str(Decimal(sale["gross_margin"]) + Decimal(sale["cogs"])),
        }

    months = sorted({month for month, _ in priced})
    assert read_csv(release / "tables" / "months.csv") == [
        {
            "month": month,
            "calendar_year": month[:4],
            "shop_year": str(int(month[:4]) + (month[5:7] >= "10")),
            "is_reported": str(first <= month <= last).lower(),
        }
        for month in months
    ]

    units = Counter[str]()
    for (_, sku), sale in sold.items():
        units[sku] += int(sale["units"])
    listed = {key: row for key, row in priced.items() if first <= key[0] <= last and key[1] in web}
    in_all = {sku for sku, times in Counter(sku for _, sku in listed).items() if times == len({month for month, _ in listed})}
    costs: dict[tuple[str, str, str], list[Decimal]] = {}
    for (month, sku), row in listed.items():
        prices = (Decimal(row["purchase_price"]), Decimal(row["price"]))
        basket = [units[sku] * price if sku in in_all else Decimal(0) for price in prices]
        key = (month, web[sku]["segment"], web[sku]["product_type"])
        costs[key] = [sum(pair) for pair in zip(costs.get(key, [Decimal(0)] * 5), (Decimal(1), *prices, *basket), strict=True)]
    names = ("prices", "purchase_prices", "sale_prices", "purchase_cost", "sale_value")
    found = read_csv(release / "facts" / "basket_costs.csv")
    assert {(row["month"], row["segment"], row["product_type"]): [Decimal(row[name] or 0) for name in names] for row in found} == costs


def test_the_real_export_gives_the_shapes_and_the_figures_of_the_contract(refreshed_real: Refreshed) -> None:
    release = refreshed_real.release
    shapes = {name: shape(release / f"tables/{name}.csv") for name in TABLES}
    assert shapes == {"web": (761, 17), "finance": (11_322, 6), "promo": (698, 9), "sales": (9_564, 12), "ca_par_segment": (5, 2)}
    headline = headline_of(release)
    assert headline["revenue"] == Decimal("2195937.24")
    assert round(headline["stock_turnover"], 2) == Decimal("2.37")
    by_segment = {row["segment"]: Decimal(row["revenue"]) for row in read_csv(release / "tables/ca_par_segment.csv")}
    assert by_segment["Spiritueux"] == Decimal("311062.18")
    quarantined = read_csv(release / "quality/quarantine.csv")
    assert [(row["source_table"], row["record_key"], row["column_value"]) for row in quarantined] == [("finance", "2023-6_7087", "4")]


# --- What an audit of earlier releases found wrong: one test for each row of its table ------------------------------------------


def test_the_gross_margin_leaves_vat_out_and_ten_offers_were_below_cost(refreshed_real: Refreshed) -> None:
    release = refreshed_real.release
    headline = headline_of(release)
    assert round(headline["revenue_excl_vat"], 2) == Decimal("1836999.12")
    assert round(headline["gross_margin"], 2) == Decimal("652767.05")
    assert round(100 * headline["gross_margin_rate"], 2) == Decimal("35.53")
    rows = read_csv(release / "kpis/gross_margin.csv")
    margin, revenue = (by(rows, "segment", column) for column in ("gross_margin", "revenue_excl_vat"))
    rates = {segment: round(100 * margin[segment] / revenue[segment], 2) for segment in margin}
    assert rates == {
        "Vin": Decimal("36.38"),
        "Spiritueux": Decimal("27.91"),
        "Sans Alcool": Decimal("51.46"),
        "Huile": Decimal("32.74"),
        "Offres commerciales": Decimal("0.00"),
    }
    promotions = read_csv(release / "kpis/promo_roi.csv")
    assert sum(row["promo_margin"] not in {"", "0.0000"} and Decimal(row["promo_margin"]) < 0 for row in promotions) == 10


def test_read_as_excl_vat_the_margin_is_that_of_earlier_releases(refreshed_real_excl_vat: Refreshed) -> None:
    headline = headline_of(refreshed_real_excl_vat.release)
    assert headline["revenue"] == headline["revenue_excl_vat"] == Decimal("2195937.24")
    assert round(headline["gross_margin"]) == 1_011_705
    assert round(100 * headline["gross_margin_rate"], 2) == Decimal("46.07")
    assert round(100 * headline["promo_incremental_roi"], 1) == Decimal("-19.5")


def test_champagne_is_judged_apart_from_whisky_cognac_and_gin_and_is_inconclusive(refreshed_real: Refreshed) -> None:
    headline = headline_of(refreshed_real.release)
    assert round(100 * headline["promo_incremental_roi"], 2) == Decimal("-44.13")
    campaigns = [row for row in read_csv(refreshed_real.release / "kpis/promo_uplift.csv") if row["scope"] == "campaign"]
    returned = {
        (row["product_type"], row["starts_on"][:7]): (round(100 * Decimal(row["incremental_roi"])), row["verdict"], row["confidence"])
        for row in campaigns
    }
    assert returned == {
        ("Champagne", "2022-11"): (155, "inconclusive", "low"),
        ("Champagne", "2022-12"): (73, "inconclusive", "low"),
        ("Cognac", "2022-11"): (-111, "inconclusive", "low"),
        ("Cognac", "2022-12"): (-126, "inconclusive", "low"),
        ("Gin", "2022-11"): (-120, "inconclusive", "low"),
        ("Gin", "2022-12"): (-110, "inconclusive", "low"),
        ("Whisky", "2022-11"): (-133, "lost", "medium"),
        ("Whisky", "2022-12"): (-140, "lost", "medium"),
        ("Vin", "2023-09"): (-100, "lost", "high"),
    }
    placebo = {row["product_type"]: (float(row["placebo_low"]), float(row["placebo_high"]), row["control"]) for row in campaigns}
    assert placebo["Champagne"] == (pytest.approx(0.499, abs=5e-4), pytest.approx(1.722, abs=5e-4), "shop")
    assert placebo["Vin"] == (pytest.approx(0.985, abs=5e-4), pytest.approx(1.010, abs=5e-4), "product type")


def test_high_confidence_is_said_of_promotions_only_with_a_control_of_their_own_type(
    both: tuple[Refreshed, dict[str, pd.DataFrame]],
) -> None:
    for row in read_csv(both[0].release / "kpis/promo_uplift.csv"):
        assert row["confidence"] != "high" or (row["control"], row["verdict"] != "inconclusive") == ("product type", True)


def test_whoever_names_products_that_paid_says_of_how_many_it_holds(refreshed_real: Refreshed) -> None:
    tab = read_csv(refreshed_real.release / "business_recommendations.csv")
    scopes = {row["scope"]: row for row in tab if row["recommendation"] == "promote_low_season"}
    uplifts = [row for row in read_csv(refreshed_real.release / "kpis/promo_uplift.csv") if row["scope"] == "campaign"]
    paid = {(row["product_type"], row["starts_on"][:7]): (row["products_paid"], row["products"]) for row in uplifts}
    assert paid["Champagne", "2022-11"] == ("28", "28")
    assert paid["Whisky", "2022-11"] == ("0", "14")
    for row in uplifts:
        evidence = dict(named_figures(scopes[f"{row['product_type']}, {row['starts_on']} to {row['ends_on']}"]["evidence"]))
        assert (evidence["products"], evidence["products_paid"]) == (row["products"], row["products_paid"])


def test_to_monitor_segments_earns_nothing_and_a_step_of_the_oil_margin_is_one_event(refreshed_real: Refreshed) -> None:
    found = read_csv(refreshed_real.release / "recommendations/monitor_segments.csv")
    assert {row["yearly_effect"] for row in found} == {""}
    oil = [row for row in found if row["segment"] == "Huile"]
    assert [(row["month"], row["finding"]) for row in oil] == [("2023-02-01", "margin_stepped_down")]
    assert round(100 * Decimal(oil[0]["margin_rate_before"]), 1) == Decimal("34.5")
    assert round(100 * Decimal(oil[0]["expected_margin_rate"]), 1) == Decimal("32.1")
    assert Decimal(oil[0]["cost_move"]) > Decimal(oil[0]["price_move"]) > 0
    campaigns = [(row["segment"], row["month"][:7]) for row in found if row["finding"] == "campaign_cut_margin"]
    assert campaigns == [("Spiritueux", "2022-11"), ("Spiritueux", "2022-12"), ("Vin", "2023-09")]


def test_the_stock_of_drinks_without_alcohol_lasts_40_days(refreshed_real: Refreshed) -> None:
    segments = {row["segment"]: row for row in read_csv(refreshed_real.release / "kpis/stock_turnover_by_segment.csv")}
    assert round(Decimal(segments["Sans Alcool"]["turnover"]), 2) == Decimal("9.15")
    assert round(Decimal(segments["Sans Alcool"]["days_of_stock"]), 1) == Decimal("39.9")
    for row in (*segments.values(), *read_csv(refreshed_real.release / "stock_turnover.csv")):
        if row["days_of_stock"]:
            assert float(row["days_of_stock"]) == pytest.approx(365 / float(row["turnover"]))


def test_the_sum_of_effects_has_each_euro_once(both: tuple[Refreshed, dict[str, pd.DataFrame]]) -> None:
    refreshed, expected = both
    months, tab = int(expected["clean/reporting_period"]["months"].iloc[0]), read_csv(refreshed.release / "business_recommendations.csv")
    products = {int(row["sku"]): row["product_type"] for row in read_csv(refreshed.release / "tables/web.csv")}
    claims = {row["scope"]: row for row in tab if row["recommendation"] == "promote_low_season"}
    owned: dict[str, Decimal] = dict.fromkeys(claims, Decimal(0))
    # every promotion has one owner: the row of its campaign and product type
    for row in read_csv(refreshed.release / "kpis/promo_roi.csv"):
        if row["incremental_margin"]:
            owned[f"{products[int(row['sku'])]}, {row['starts_on']} to {row['ends_on']}"] += Decimal(row["incremental_margin"])
    for scope, row in claims.items():
        wanted = -owned[scope] if row["finding"].startswith("high_") else owned[scope]
        assert row["yearly_effect"] == "" if row["verdict"] == "inconclusive" else close(row["yearly_effect"], wanted * 12 / months)
    # others that touch it name it and claim nothing
    touching = [row for row in tab if row["recommendation"] in {"protect_best_sellers", "monitor_segments", "stock_thresholds"}]
    assert touching
    assert {row["yearly_effect"] for row in touching} == {""}
    owners = {
        "promote_low_season": sum((Decimal(row["yearly_effect"] or 0) for row in claims.values()), Decimal(0)),
        "free_cash": sum((Decimal(row["value_beyond_cover"]) for row in advice_of(refreshed, "free_cash")), Decimal(0)) / 10,
        "use_feedback": sum((Decimal(row["yearly_effect"] or 0) for row in advice_of(refreshed, "use_feedback")), Decimal(0)),
        "pass_on_costs": sum((-loss for loss in margins_at_same_volumes(refreshed.release).values() if loss < 0), Decimal(0)) * 12 / months,
    }
    claimed = sum((Decimal(row["yearly_effect"] or 0) for row in tab), Decimal(0))
    assert close(str(claimed), sum(owners.values()), places=Decimal("0.05"))


def test_cash_is_freed_once_and_stands_apart_from_what_a_year_brings(both: tuple[Refreshed, dict[str, pd.DataFrame]]) -> None:
    tab = read_csv(both[0].release / "business_recommendations.csv")
    freed = {row["scope"]: Decimal(row["one_off_cash"]) for row in tab if row["one_off_cash"]}
    assert {row["recommendation"] for row in tab if row["one_off_cash"]} <= {"free_cash"}
    assert freed == {row["scope"]: Decimal(row["value_beyond_cover"]) for row in advice_of(both[0], "free_cash")}
    # what is a yearly flow of it is the cost of holding it
    held = {row["scope"]: row["yearly_effect"] for row in tab if row["one_off_cash"]}
    assert all(close(held[scope], cash / 10) for scope, cash in freed.items())


def test_a_product_has_a_row_of_its_own_from_500_euros_and_the_others_have_one(refreshed_real: Refreshed) -> None:
    rows = advice_of(refreshed_real, "free_cash")
    own, (others,) = [row for row in rows if row["sku"]], [row for row in rows if not row["sku"]]
    assert all(Decimal(row["value_beyond_cover"]) >= 500 for row in own)
    assert (len(own), others["scope"], others["products"]) == (92, "other products", "375")
    too_much = {row["sku"]: Decimal(row["value_above_ceiling"]) for row in read_csv(refreshed_real.release / "kpis/stock_thresholds.csv")}
    oil = {row["sku"] for row in read_csv(refreshed_real.release / "tables/web.csv") if row["segment"] == "Huile"}
    small = [value for sku, value in too_much.items() if 0 < value < 500 and sku not in oil]
    assert (len(small), sum(small)) == (375, Decimal(others["value_beyond_cover"]))
    assert sum(value for sku, value in too_much.items() if sku not in oil) == sum(Decimal(row["value_beyond_cover"]) for row in rows)


def test_76_products_below_and_567_above_their_thresholds_are_gone(refreshed_real: Refreshed) -> None:
    # by the mean of the year and two months of it, whatever the month and however seldom a type is ordered
    rows = read_csv(refreshed_real.release / "kpis/stock_thresholds.csv")
    states = [row["state"] for row in rows]
    assert (states.count("below reorder point"), states.count("above ceiling")) == (58, 470)
    assert {row["product_type"]: row["cycle_months"] for row in rows} == {
        "Champagne": "4", "Cognac": "6", "Gin": "6", "Huile d'olive": "6", "Sans Alcool": "2", "Vin": "4", "Whisky": "6",
    }  # fmt: skip
    assert round(sum(Decimal(row["value_above_ceiling"]) for row in rows)) == 192_246
    assert {row["season_months"] for row in rows if row["product_type"] == "Sans Alcool"} == {"6"}


def test_order_now_is_gone_and_each_sentence_on_stock_names_its_date(both: tuple[Refreshed, dict[str, pd.DataFrame]]) -> None:
    refreshed, expected = both
    last = max(expected["clean/sales"]["month"])
    day = {"en": wording.date(independent.last_day(last), "en"), "fr": wording.date(independent.last_day(last), "fr")}
    tab = read_csv(refreshed.release / "business_recommendations.csv")
    on_stock = [row for row in tab if row["recommendation"] in {"free_cash", "stock_thresholds"} and row["finding"] != "nothing_found"]
    assert on_stock
    for row in on_stock:
        assert f"at {day['en']}" in row["sentence_en"].replace("At ", "at ")
        assert f"au {day['fr']}" in row["sentence_fr"].replace("Au ", "au ")
        assert " now" not in row["sentence_en"]
        assert "maintenant" not in row["sentence_fr"]


def test_thresholds_of_30_september_covered_99_percent_in_october_and_no_oil(refreshed_real: Refreshed) -> None:
    rows = [row for row in read_csv(refreshed_real.release / "kpis/stock_coverage.csv") if row["test"] == "out of sample"]
    assert {(row["as_of"], row["month"]) for row in rows} == {("2023-09-30", "2023-10-01")}
    held = {row["product_type"]: (int(row["products_covered"]), int(row["products"])) for row in rows}
    assert held.pop("Huile d'olive") == (0, 3)
    assert held == {
        "Champagne": (28, 28), "Cognac": (8, 8), "Gin": (2, 2), "Sans Alcool": (47, 47), "Vin": (655, 658), "Whisky": (14, 14),
    }  # fmt: skip
    (oil,) = [row for row in advice_of(refreshed_real, "stock_thresholds") if row["product_type"] == "Huile d'olive"]
    assert (oil["finding"], oil["verdict"], oil["confidence"], oil["is_off_target"]) == ("not_covered", "inconclusive", "low", "true")
    report = (refreshed_real.release / "report/recommendations.html").read_text(encoding="utf-8")
    assert "90% to 99% of products should be covered" in report
    assert "Vin 655 of 658, Sans Alcool 47 of 47, Champagne 28 of 28" in report
    assert "olive none of 3" in report


def test_the_reorder_points_cover_every_month_of_the_year_and_not_3_percent_in_december(refreshed_real: Refreshed) -> None:
    rows = [row for row in read_csv(refreshed_real.release / "kpis/stock_coverage.csv") if row["test"] == "in sample"]
    held, products = by(rows, "month", "products_covered"), by(rows, "month", "products")
    assert len(held) == 13
    assert min(held[month] / products[month] for month in held) > Decimal("0.98")
    assert held["2022-12-01"] / products["2022-12-01"] == pytest.approx(Decimal("0.9972"), abs=Decimal("0.0001"))


def test_champagne_was_1401_bottles_short_of_christmas_on_30_september_and_has_enough_a_month_later(refreshed_real: Refreshed) -> None:
    levels = [
        row
        for row in read_csv(refreshed_real.release / "kpis/stock_level.csv")
        if (row["product_type"], row["as_of"]) == ("Champagne", "2023-09-30")
    ]
    season = {
        row["calendar_month"]: float(row["season"])
        for row in read_csv(refreshed_real.release / "kpis/stock_season.csv")
        if (row["product_type"], row["as_of"]) == ("Champagne", "2023-09-30")
    }
    asked = sum(float(row["level"]) for row in levels) * sum(season[month] for month in ("10", "11", "12"))
    champagne = {row["sku"] for row in levels}
    sales = read_csv(refreshed_real.release / "tables/sales.csv")
    stock = {
        month: sum(int(row["stock_end"]) for row in sales if row["sku"] in champagne and row["month"] == month)
        for month in ("2023-09-01", "2023-10-01")
    }
    assert round(asked - stock["2023-09-01"]) == 1401
    (row,) = [row for row in advice_of(refreshed_real, "stock_thresholds") if row["product_type"] == "Champagne"]
    assert (int(row["stock_units"]), row["products_below"], row["products_above"]) == (stock["2023-10-01"], "0", "24")
    # all that is known of its November and December was sold on promotion, which it says
    assert row["is_season_promoted"] == "true"
    assert row["confidence"] == "low"


def test_each_euro_that_prices_did_not_pass_on_is_owned_by_the_row_of_its_product_type(
    both: tuple[Refreshed, dict[str, pd.DataFrame]],
) -> None:
    refreshed, expected = both
    months = int(expected["clean/reporting_period"]["months"].iloc[0])
    lost = {name: margin for name, margin in margins_at_same_volumes(refreshed.release).items() if margin < 0}
    tab = read_csv(refreshed.release / "business_recommendations.csv")
    claims = {row["scope"]: row["yearly_effect"] for row in tab if row["recommendation"] == "pass_on_costs" and row["yearly_effect"]}
    assert claims.keys() == lost.keys()
    assert [name for name, margin in lost.items() if not close(claims[name], -margin * 12 / months, places=Decimal("0.01"))] == []


def test_at_the_same_volumes_costs_rose_by_75_thousand_and_prices_by_72_and_the_margin_lost_15(refreshed_real: Refreshed) -> None:
    rows = [row for row in advice_of(refreshed_real, "pass_on_costs") if row["verdict"] == "supported"]
    summed = {name: sum(Decimal(row[name]) for row in rows) for name in ("cost_rise", "price_rise", "margin_change")}
    assert {name: round(value, 2) for name, value in summed.items()} == {
        "cost_rise": Decimal("74995.12"),
        "price_rise": Decimal("72129.60"),
        "margin_change": Decimal("-14849.08"),
    }
    assert {row["product_type"]: round(Decimal(row["margin_change"])) for row in rows} == {
        "Vin": -11_631,
        "Champagne": -2_707,
        "Cognac": -219,
        "Whisky": -162,
        "Huile d'olive": -95,
        "Gin": -35,
    }


def test_the_comments_that_repeat_the_ratings_are_closed_on_every_product_and_one_row_says_so(refreshed_real: Refreshed) -> None:
    (closed,) = [row for row in advice_of(refreshed_real, "use_feedback") if row["finding"] == "comments_closed"]
    assert (closed["scope"], closed["pages"], closed["pages_closed"], closed["confidence"]) == ("shop", "761", "761", "")


def test_a_campaign_to_try_costs_411_euros_and_says_how_to_read_it(refreshed_real: Refreshed) -> None:
    release = refreshed_real.release
    (row,) = read_csv(release / "recommendations/test_campaign.csv")
    sales = {(sale["month"], sale["sku"]): sale for sale in read_csv(release / "tables/sales.csv") if sale["month"] < "2023-10-01"}
    wines = {product["sku"] for product in read_csv(release / "tables/web.csv") if product["product_type"] == "Vin"}
    lowest = min(
        (index for index in read_csv(release / "kpis/seasonal_index.csv") if index["product_type"] == "Vin"),
        key=lambda index: float(index["seasonal_index"]),
    )
    in_it = [sale for (month, sku), sale in sales.items() if month == lowest["month"] and sku in wines]
    net = sum(float(sale["gross_margin"]) + float(sale["cogs"]) for sale in in_it)
    promoted = [promo for promo in read_csv(release / "tables/promo.csv") if promo["sku"] in wines and promo["month"] < "2023-10-01"]
    given = sum(int(promo["units_promo"]) * (float(promo["list_price"]) - float(promo["offer_price"])) for promo in promoted)
    rate = given / sum(int(promo["units_promo"]) * float(promo["list_price"]) for promo in promoted)
    margin = sum(float(sale["gross_margin"]) for sale in in_it) / net
    means = {sku: np.mean([int(sale["units"]) for (_, other), sale in sales.items() if other == sku]) for sku in wines}
    strayed = [int(sale["units"]) - means[sale["sku"]] * float(lowest["seasonal_index"]) for sale in in_it]
    expected_units = 20 * float(np.mean([int(sale["units"]) for sale in in_it]))
    assert (row["scope"], row["low_month"], row["products"]) == ("Vin", "2023-02-01", "20")
    assert float(row["discount_rate"]) == pytest.approx(rate)
    assert float(row["cost"]) == pytest.approx(20 * net / len(in_it) * rate, abs=0.001)
    assert round(float(row["cost"])) == 411
    assert float(row["break_even_lift"]) == pytest.approx(margin / (margin - rate))
    assert float(row["chance_high"]) == pytest.approx(
        1 + 1.645 * max(20**0.5 * np.sqrt(np.mean(np.square(strayed))), expected_units**0.5) / expected_units  # Poisson's at least
    )


def test_no_two_rows_claim_the_effect_of_the_same_product(both: tuple[Refreshed, dict[str, pd.DataFrame]]) -> None:
    tab = read_csv(both[0].release / "business_recommendations.csv")
    claimed = [(row["recommendation"], row["scope"], row["sku"]) for row in tab if row["yearly_effect"]]
    assert len(claimed) == len(set(claimed))
    assert not {row["scope"] for row in tab if row["segment"] == "Offres commerciales"}


def test_findings_are_ordered_by_the_size_of_their_effect_gain_or_loss_alike(both: tuple[Refreshed, dict[str, pd.DataFrame]]) -> None:
    tab = read_csv(both[0].release / "business_recommendations.csv")
    assert [int(row["rank"]) for row in tab] == list(range(1, len(tab) + 1))
    sizes = [abs(Decimal(row["yearly_effect"])) if row["yearly_effect"] else Decimal(-1) for row in tab]
    assert sizes == sorted(sizes, reverse=True)


def test_a_sentence_of_the_tab_has_at_most_240_characters(both: tuple[Refreshed, dict[str, pd.DataFrame]]) -> None:
    tab = read_csv(both[0].release / "business_recommendations.csv")
    assert [row[column] for row in tab for column in ("sentence_en", "sentence_fr") if len(row[column].removeprefix("'")) > 240] == []


def test_half_of_the_bottles_of_september_2023_were_sold_at_list_price(refreshed_real: Refreshed) -> None:
    (wine,) = [row for row in advice_of(refreshed_real, "promote_low_season") if row["product_type"] == "Vin"]
    assert (wine["units"], wine["units_at_list_price"]) == ("8026", "4014")


def test_the_ledger_supports_the_included_reading_on_696_of_698_promotion_rows(refreshed_real: Refreshed, real_export: Path) -> None:
    assert independent.ledger_readings(real_export) == (698, 696, 0)
    check = refreshed_real.check("clean/stock_ledger", "promo_units_reading_agrees_with_the_ledger")
    assert check.passed
    assert check.metadata["balanced_included"].value == 696
    assert check.metadata["balanced_excluded"].value == 0


def test_evidence_repeats_the_named_figures_of_its_row(both: tuple[Refreshed, dict[str, pd.DataFrame]]) -> None:
    release = both[0].release
    for name in ADVICE:
        path = release / f"recommendations/{name}.csv"
        columns = header(path)
        columns = columns[columns.index("confidence") + 1 : columns.index("evidence")]
        columns = [column for column in columns if column != "product_type"]  # the scope names it
        for row in read_csv(path):
            assert [said for said, _ in named_figures(row["evidence"])] == [column for column in columns if row[column] != ""]
            assert [pair for pair in named_figures(row["evidence"]) if not repeats(pair[1], row[pair[0]])] == []


def test_the_evidence_of_the_summary_is_what_an_independent_computation_gives(both: tuple[Refreshed, dict[str, pd.DataFrame]]) -> None:
    refreshed, expected = both
    wanted: dict[str, dict[str, Any]] = {name: {} for name in ADVICE}
    for recommendation, name, value in expected["recommendation/summary_evidence"].itertuples(index=False, name=None):
        if plain(value) is not None:
            wanted[recommendation][name] = plain(value)
    for row in read_csv(refreshed.release / "recommendations/summary.csv"):
        said, figures = dict(named_figures(row["evidence"])), wanted[row["recommendation"]]
        assert figures.keys() <= said.keys()
        assert [(name, said[name], value) for name, value in figures.items() if not says(name, said[name], value)] == []
        # a figure beyond those is one of the row's own
        assert {name: said[name] for name in said.keys() - figures.keys()} == {name: row[name] for name in said.keys() - figures.keys()}


def test_the_tab_repeats_the_evidence_of_each_recommendation(both: tuple[Refreshed, dict[str, pd.DataFrame]]) -> None:
    release = both[0].release
    tab = {(row["recommendation"], row["scope"]): row["evidence"] for row in read_csv(release / "business_recommendations.csv")}
    for name in ADVICE:
        for row in read_csv(release / f"recommendations/{name}.csv"):
            assert tab[name, row["scope"]] == row["evidence"]


def test_the_september_wine_campaign_is_the_first_line_that_the_ceo_gets(refreshed_real: Refreshed) -> None:
    tab = read_csv(refreshed_real.release / "business_recommendations.csv")
    assert {row["recommendation"] for row in tab} == set(ADVICE)
    first = next(row for row in tab if row["audience"] == "CEO")
    assert (first["recommendation"], first["scope"]) == ("promote_low_season", "Vin, 2023-09-01 to 2023-09-30")
    assert (first["finding"], first["verdict"], first["confidence"]) == ("high_lost", "supported", "high")
    assert Decimal(first["yearly_effect"]) == pytest.approx(Decimal("20121.74"), abs=Decimal("0.01"))
    wine = next(row for row in advice_of(refreshed_real, "promote_low_season") if row["product_type"] == "Vin")
    assert wine["products"] == "594"
    assert round(Decimal(wine["discount_cost"]), 2) == Decimal("20053.68")
    assert round(float(wine["lift"]), 3) == 1.001
    assert round(float(wine["break_even_lift"]), 3) == 1.471


def margins_at_same_volumes(release: Path) -> dict[str, Decimal]:
    """Compute what prices did to the margin, by product type: the period's units at its last month's prices less at its first's."""
    months = sorted({row["month"] for row in read_csv(release / "kpis/revenue.csv")})
    prices = {(row["month"], row["sku"]): row for row in read_csv(release / "tables/finance.csv")}
    units: dict[str, int] = {}
    for row in read_csv(release / "tables/sales.csv"):
        if months[0] <= row["month"] <= months[-1]:
            units[row["sku"]] = units.get(row["sku"], 0) + int(row["units"])
    headline, margins = headline_of(release), dict[str, Decimal]()
    has_vat = headline["revenue"] != headline["revenue_excl_vat"]
    for product in read_csv(release / "tables/web.csv"):
        if product["is_stocked"] == "true" and all((month, product["sku"]) in prices for month in months):
            first, last = (prices[month, product["sku"]] for month in (months[0], months[-1]))
            rate = independent.VAT[product["segment"]] if has_vat else 0
            rise = (Decimal(last["price"]) - Decimal(first["price"])) / (1 + Decimal(str(float(rate))))
            cost = Decimal(last["purchase_price"]) - Decimal(first["purchase_price"])
            margins[product["product_type"]] = margins.get(product["product_type"], Decimal(0)) + units.get(product["sku"], 0) * (
                rise - cost
            )
    return margins


def headline_of(release: Path) -> dict[str, Decimal]:
    return {row["kpi"]: Decimal(row["value"]) for row in read_csv(release / "kpis/headline.csv")}


def advice_of(refreshed: Refreshed, recommendation: str) -> list[dict[str, str]]:
    return read_csv(refreshed.release / f"recommendations/{recommendation}.csv")


def by(rows: list[dict[str, str]], key: str, figure: str) -> dict[str, Decimal]:
    """Sum a figure by a column."""
    totals: dict[str, Decimal] = {}
    for row in rows:
        totals[row[key]] = totals.get(row[key], Decimal(0)) + Decimal(row[figure])
    return totals


def close(cell: str, value: Decimal | int, places: Decimal = Decimal("0.0002")) -> bool:
    """Tell whether a published amount is an expected one, but for what is rounded once more."""
    return abs(Decimal(cell) - value) <= places


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def header(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


def in_order(value: Any) -> str:
    """Return what both sides of a comparison are sorted by: the text of a cell, nothing being empty."""
    return "" if plain(value) is None else str(value).removeprefix("'")


def named_figures(evidence: str) -> list[tuple[str, str]]:
    """Read `name=value; name=value`."""
    pairs = [pair.partition("=") for pair in evidence.split("; ")] if evidence else []
    return [(name, value) for name, _, value in pairs]


def repeats(said: str, cell: str) -> bool:
    """Tell whether evidence says what a cell holds: the same, or a double rounded to four decimals."""
    return said == cell or ("-" not in said[1:] and abs(Decimal(said) - Decimal(cell)) <= Decimal("0.0000500001"))


def says(name: str, said: str, value: Any) -> bool:
    """Tell whether evidence says an expected figure."""
    return repeats(said, str(value)) if isinstance(value, float) else agrees(name, said, value)


def shape(path: Path) -> tuple[int, int]:
    rows = read_csv(path)
    return len(rows), len(rows[0])


def agrees(name: str, cell: str, value: Any) -> bool:
    """Tell whether a published cell is an expected value: exactly, but for doubles and for what is rounded from one."""
    match value:
        case bool():
            return cell == str(value).lower()
        case Decimal():
            return abs(Decimal(cell) - value) <= ROUNDED_FROM_A_DOUBLE.get(name, Decimal(0))
        case float():
            return math.isclose(float(cell), value, rel_tol=RATIOS_OF_THOSE.get(name, 1e-9), abs_tol=1e-12)
        case dt.date():
            return cell == f"{value:%Y-%m-%d}"
        case str():
            return cell.removeprefix("'") == value.removeprefix("'")
        case _:
            return int(cell) == int(value)


def plain(value: Any) -> Any:
    """Return a cell of a data frame as the Python value that it stands for, None for null."""
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    return value.item() if hasattr(value, "item") else value
