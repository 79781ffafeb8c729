"""The seven recommendations on shops made for one question each: what the same code advises where the data is the other way round.

The figures on the real export and on the sample are held against an independent computation in test_figures.py.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from bottleneck_assets.models.recommended import RECOMMENDATIONS
from bottleneck_assets.wording import sentence
from bottleneck_assets_tests.small_export import GIFT, built, finance_row, minimal_rows, promo_row, rows_of, sales_row, web_row

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bottleneck_assets_tests.small_export import Rows

YEAR = ("2022-10", "2022-11", "2022-12", *(f"2023-{month:02}" for month in range(1, 10)))
SEASON = dict(zip(YEAR, (0.9, 1.6, 1.9, 0.5, 0.5, 0.5, 0.7, 0.8, 1.1, 1.2, 0.9, 1.4), strict=True))
KEYS = {"Finance": "Key_Finance", "Sales": "Key_Sales", "Promo": "Key_Promo"}
ORDERED_IN = YEAR[::3]
DECEMBER, MARCH = "2022-12", "2023-03"
TAB = "extract.business_recommendations"


def shop(promoted_in: str | None = None, lift: float = 1.0, *, stock: int = 40) -> Rows:
    """Return a year of a shop: 30 wines that are never promoted and 15 that may be; 20 units a month and wine, times the season.

    A wine costs 12 and sells at 24, 20 without VAT; on promotion all units of the month are sold at 19.20, 16 without VAT. Wines are
    ordered every three months. A promotion in the month before the year, which no figure covers, is there because an export without any
    is refused.
    """
    rows: Rows = {"Web": [], "Finance": [], "Sales": [], "Promo": []}
    for sku in range(100, 145):
        rows["Web"].append(web_row(sku))
        for month in YEAR:
            is_promoted = month == promoted_in and sku >= 130
            units = round(20 * SEASON[month] * (lift if is_promoted else 1)) + (sku % 3)
            rows["Finance"].append(finance_row(month, sku, Price="24"))
            rows["Sales"].append(sales_row(month, sku, Sales=units, Stock=stock, Orders=60 if month in ORDERED_IN else ""))
            if is_promoted:
                rows["Promo"].append(promo_row(month, sku, Sales_Offer=units, Price_Offer="19,20"))
    rows["Finance"].append(finance_row("2022-09", 100))
    rows["Sales"].append(sales_row("2022-09", 100))
    rows["Promo"].append(promo_row("2022-09", 100))
    return rows


def sold_in(month: str, sku: int) -> int:
    """Return what a wine without promotion sells in a month of the year."""
    return round(20 * SEASON[month]) + sku % 3


def ceiling_of(sku: int) -> float:
    """Return the ceiling of a wine's stock at the year's end: what the three months to the next order ask for, and the safety stock."""
    wines = range(100, 145)
    season = {month: 12 * sum(sold_in(month, one) for one in wines) / sum(sold_in(m, one) for m in YEAR for one in wines) for month in YEAR}
    level = sum(sold_in(month, sku) for month in YEAR) / 12
    residual = (sum((sold_in(month, sku) - level * season[month]) ** 2 for month in YEAR) / 11) ** 0.5
    return level * sum(season[month] for month in YEAR[:3]) + 1.6448536269514722 * max(residual, (level * season[YEAR[0]]) ** 0.5)


def sku_of(row: Mapping[str, Any]) -> int:
    """Return the product of a row of Finance or Sales."""
    return int(str(row.get("Key_Sales") or row["Key_Finance"]).rsplit("_", 1)[-1])


def advised(folder: Path, rows: Rows, recommendation: str, **given: Any) -> list[dict[str, Any]]:
    """Return what is recommended under one name, with settings that are given."""
    return [row for row in rows_of(built(folder, rows, [TAB], **given), TAB) if row["recommendation"] == recommendation]


@pytest.mark.parametrize(
    ("promoted_in", "lift", "finding", "verdict"),
    [
        (DECEMBER, 1.0, "high_lost", "supported"),
        (DECEMBER, 4.0, "high_paid", "contradicted"),
        (MARCH, 1.0, "low_lost", "contradicted"),
        (MARCH, 4.0, "low_paid", "supported"),
    ],
)
def test_the_advice_on_seasons_turns_with_what_promotions_lift(
    promoted_in: str, lift: float, finding: str, verdict: str, tmp_path: Path
) -> None:
    (row,) = advised(tmp_path, shop(promoted_in, lift), "promote_low_season")
    assert (row["finding"], row["verdict"], row["confidence"]) == (finding, verdict, "high")
    assert (row["yearly_effect"] > 0) == (verdict == "supported")


def test_where_high_season_promotions_lift_and_low_season_has_none_the_advice_is_the_opposite(tmp_path: Path) -> None:
    (lost,) = advised(tmp_path / "lost", shop(DECEMBER, 1.0), "promote_low_season")
    (paid,) = advised(tmp_path / "paid", shop(DECEMBER, 4.0), "promote_low_season")
    for row in (lost, paid):
        assert "low_season_discount=0.0000" in row["evidence"]
    assert (lost["verdict"], paid["verdict"]) == ("supported", "contradicted")
    assert lost["yearly_effect"] > 0 > paid["yearly_effect"]
    assert lost["sentence_en"] != paid["sentence_en"]
    assert lost["sentence_fr"] != paid["sentence_fr"]


def test_discounts_on_best_sellers_are_advised_against_only_where_they_lost(tmp_path: Path) -> None:
    # of all wines: a fifth of them would be too few for a range
    (lost,) = advised(tmp_path / "lost", shop(DECEMBER, 1.0), "protect_best_sellers", best_seller_share=1)
    (paid,) = advised(tmp_path / "paid", shop(DECEMBER, 4.0), "protect_best_sellers", best_seller_share=1)
    (none,) = advised(tmp_path / "none", shop(), "protect_best_sellers", best_seller_share=1)
    assert [row["finding"] for row in (lost, paid, none)] == ["discount_lost", "discount_paid", "not_promoted"]
    assert [row["verdict"] for row in (lost, paid, none)] == ["supported", "contradicted", "inconclusive"]
    assert [row["yearly_effect"] for row in (lost, paid, none)] == [None] * 3  # the campaign's euros are claimed by its season


def test_of_fewer_than_ten_best_sellers_on_promotion_nothing_is_said(tmp_path: Path) -> None:
    (row,) = advised(tmp_path, shop(DECEMBER, 4.0), "protect_best_sellers")
    assert "best_sellers=9; products_promoted=9" in row["evidence"]
    assert (row["finding"], row["verdict"], row["confidence"]) == ("unclear", "inconclusive", "low")


def test_a_fifth_of_a_product_type_s_stocked_products_are_its_best_sellers_rounded_up(tmp_path: Path) -> None:
    rows = shop()
    for row in rows["Web"]:
        row["Product_type"] = "Rouge" if int(str(row["SKU"])) < 106 else "Blanc"
    best = rows_of(built(tmp_path, rows, ["kpi.best_seller"]), "kpi.best_seller")
    # two of six, the dearer place to the lower number where revenue is the same; eight of 39
    assert [row["sku"] for row in best if row["product_type"] == "Rouge"] == [101, 104]
    assert len([row for row in best if row["product_type"] == "Blanc"]) == 8


def test_stock_is_cash_tied_up_beyond_what_is_asked_for_until_the_next_order_and_costs_a_tenth_a_year(tmp_path: Path) -> None:
    rows = advised(tmp_path / "much", shop(stock=200), "free_cash")
    beyond = {sku: (200 - ceiling_of(sku)) * 12 for sku in range(100, 145)}
    assert {row["sku"]: float(row["one_off_cash"]) for row in rows} == pytest.approx(beyond, rel=1e-6)
    assert {row["sku"]: float(row["yearly_effect"]) for row in rows} == pytest.approx(
        {sku: cash / 10 for sku, cash in beyond.items()}, rel=1e-6
    )
    assert {row["sentence_en"].partition(" in stock at ")[2][:17] for row in rows} == {"30 September 2023"}
    (nothing,) = advised(tmp_path / "little", shop(stock=40), "free_cash")
    assert (nothing["scope_kind"], nothing["finding"], nothing["verdict"]) == ("shop", "nothing_found", "inconclusive")


def test_products_with_little_too_much_have_one_row_together(tmp_path: Path) -> None:
    (row,) = advised(tmp_path, shop(stock=110), "free_cash")
    beyond = sum(max(110 - ceiling_of(sku), 0) * 12 for sku in range(100, 145))
    assert (row["scope_kind"], row["scope"], row["finding"], row["confidence"]) == ("products", "other products", "small", "low")
    assert float(row["one_off_cash"]) == pytest.approx(beyond, rel=1e-6)
    assert len(advised(tmp_path / "all", shop(stock=110), "free_cash", least_free_cash=0)) > 30


def test_stock_that_nobody_buys_is_tied_up_whole(tmp_path: Path) -> None:
    rows = shop()
    for row in rows["Sales"]:
        if str(row["Key_Sales"]).endswith("_100"):
            row["Sales"] = 0
    (row,) = advised(tmp_path, rows, "free_cash", least_free_cash=400)
    assert row["finding"] == "unsold"
    assert (row["one_off_cash"], row["yearly_effect"]) == (Decimal(40 * 12), Decimal(40 * 12) / 10)


def test_a_product_with_a_row_in_quarantine_gets_no_advice_on_its_stock_and_is_counted(tmp_path: Path) -> None:
    rows = shop(stock=200)
    for row in rows["Finance"]:
        if row["Key_Finance"] == "2023-3_100":
            row["Price"] = "about 20"
    assert 100 not in {row["sku"] for row in advised(tmp_path, rows, "free_cash")}
    (row,) = advised(tmp_path / "again", rows, "stock_thresholds")
    assert "products=45; products_unknown=1; products_below=0; products_above=44" in row["evidence"]


def test_a_month_that_leaves_its_band_is_found_and_the_others_are_not(tmp_path: Path) -> None:
    (steady,) = advised(tmp_path / "steady", shop(), "monitor_segments")
    assert (steady["scope"], steady["finding"]) == ("Vin", "steady")
    rows = shop()
    for row in rows["Finance"]:
        if str(row["Key_Finance"]).startswith("2023-6_"):
            row["Purchase_Price"] = "17"
    (fell,) = advised(tmp_path / "fell", rows, "monitor_segments")
    assert (fell["scope"], fell["finding"], fell["confidence"]) == ("Vin, 2023-06", "margin_fell", None)
    assert fell["yearly_effect"] is None  # to look at it earns nothing


def test_segments_with_too_few_months_for_a_band_are_not_said_to_have_kept_to_one(tmp_path: Path) -> None:
    def said(folder: str, rows: Rows, **given: Any) -> list[str]:
        (row,) = [
            row
            for row in rows_of(built(tmp_path / folder, rows, ["recommendation.summary"], **given), "recommendation.summary")
            if row["recommendation"] == "monitor_segments"
        ]
        return [sentence(language, "monitor_segments", "summary_nothing", "", row["evidence"]) for language in ("en", "fr")]

    assert said("year", shop())[0].startswith("No month of any segment left its expected band")
    english, french = said("quarter", shop(), period=("2023-07", "2023-09"))
    assert english.startswith("No segment has enough months to say what margin rate to expect of it")
    assert french.startswith("Aucun segment n’a assez de mois pour dire quel taux de marge en attendre")  # noqa: RUF001
    late = shop()
    late["Web"].append(web_row(200, Segment="Spiritueux"))
    for month in YEAR[-3:]:
        late["Finance"].append(finance_row(month, 200, Price="24"))
        late["Sales"].append(sales_row(month, 200, Sales=20, Stock=40, Orders=""))
    assert "1 other has too few months" in said("both", late)[0].replace("\u00a0", " ")


def test_a_margin_rate_that_falls_to_stay_there_is_one_event_and_the_months_after_it_are_none(tmp_path: Path) -> None:
    rows = shop()
    for row in rows["Finance"]:
        if str(row["Key_Finance"]).partition("_")[0] >= "2023-2":
            row["Purchase_Price"] = "13"
    (step,) = advised(tmp_path, rows, "monitor_segments")
    assert (step["scope"], step["finding"]) == ("Vin, 2023-02", "margin_stepped_down")
    assert "expected_margin_rate=0.3500" in step["evidence"]
    assert "margin_rate_before=0.4000" in step["evidence"]


def test_a_month_whose_margin_a_campaign_cut_is_said_to_be_the_campaign_s(tmp_path: Path) -> None:
    (cut,) = advised(tmp_path, shop(DECEMBER, 1.0), "monitor_segments")
    assert (cut["scope"], cut["finding"], cut["yearly_effect"]) == ("Vin, 2022-12", "campaign_cut_margin", None)


def test_stock_within_its_bounds_contradicts_the_advice_on_thresholds(tmp_path: Path) -> None:
    (within,) = advised(tmp_path / "within", shop(stock=45), "stock_thresholds")
    (above,) = advised(tmp_path / "above", shop(stock=500), "stock_thresholds")
    (below,) = advised(tmp_path / "below", shop(stock=3), "stock_thresholds")
    assert [row["verdict"] for row in (within, above, below)] == ["contradicted", "supported", "supported"]
    assert "products_above=45" in above["evidence"]
    assert "products_below=45" in below["evidence"]
    assert {row["yearly_effect"] for row in (within, above, below)} == {None}  # what an empty shelf loses in a year is not known


def test_feedback_is_said_to_sell_only_where_better_rated_products_do_sell_more(tmp_path: Path) -> None:
    def rated(*, liked_sell_more: bool) -> Rows:
        rows = shop()
        for row in rows["Web"]:
            row["Average_rating"] = "5" if int(str(row["SKU"])) % 2 else "2"
            row["Rating_count"] = 50
        for row in rows["Sales"]:
            is_liked, is_odd_one_out = sku_of(row) % 2, sku_of(row) in {140, 141}
            row["Sales"] = int(str(row["Sales"])) + (12 if (is_liked == liked_sell_more) != is_odd_one_out else 0)
        return rows

    by_link = {
        name: advised(tmp_path / name, rated(liked_sell_more=liked), "use_feedback") for name, liked in (("more", True), ("less", False))
    }
    rated_findings = {"hidden_gem", "disliked"}
    assert {row["verdict"] for row in by_link["more"] if row["finding"] in rated_findings} == {"supported"}
    assert {row["verdict"] for row in by_link["less"] if row["finding"] in rated_findings} == {"contradicted"}


def open_to_comments(rows: Rows) -> Rows:
    for row in rows["Web"]:
        row["Comment_status"] = "open"
    return rows


def test_a_best_seller_that_nobody_rated_is_a_fact_and_has_no_confidence(tmp_path: Path) -> None:
    rows = open_to_comments(shop())
    for row in rows["Web"]:
        row["Rating_count"], row["Average_rating"] = 0, ""
    found = advised(tmp_path, rows, "use_feedback")
    assert {(row["finding"], row["verdict"], row["confidence"], row["yearly_effect"]) for row in found} == {
        ("unrated", "supported", None, None)
    }
    assert len(found) == 9  # a fifth of 45 wines


def test_a_well_rated_product_sells_little_for_its_months_on_sale_and_not_for_being_new(tmp_path: Path) -> None:
    rows = open_to_comments(shop())
    new, slow = 101, 102  # the first sells as the others do, in three months; the second half as much, in twelve
    for row in rows["Web"]:
        row["Rating_count"], row["Average_rating"] = 50, "5" if row["SKU"] in {new, slow} else "2"
    rows["Sales"] = [
        row | ({"Sales": int(str(row["Sales"])) // 2} if sku_of(row) == slow else {})
        for row in rows["Sales"]
        if sku_of(row) != new or row["Key_Sales"] in {f"2022-{month}_{new}" for month in (10, 11, 12)}
    ]
    found = advised(tmp_path, rows, "use_feedback")
    assert [row["sku"] for row in found if row["finding"] == "hidden_gem"] == [slow]


def test_sales_are_little_within_the_product_type_and_not_within_the_shop(tmp_path: Path) -> None:
    rows = open_to_comments(shop())
    for row in rows["Web"]:
        is_rare = int(str(row["SKU"])) >= 139  # six products of a type that sells a tenth
        row |= {
            "Product_type": "Rare" if is_rare else "Vin",
            "Rating_count": 50,
            "Average_rating": "5" if row["SKU"] in {139, 144} else "2",
        }
    for row in rows["Sales"]:
        if sku_of(row) >= 139:
            row["Sales"] = sku_of(row) - 138
    found = advised(tmp_path, rows, "use_feedback")
    assert [row["sku"] for row in found if row["finding"] == "hidden_gem"] == [139]


def test_pages_that_take_no_comments_are_one_row_and_a_shop_whose_pages_do_has_none(tmp_path: Path) -> None:
    rows = shop()
    rows["Web"][0]["Comment_status"] = "open"
    found = advised(tmp_path / "closed", rows, "use_feedback")
    (closed,) = [row for row in found if row["finding"] == "comments_closed"]
    assert (closed["scope"], closed["scope_kind"], closed["confidence"]) == ("shop", "shop", None)
    assert "pages=45; pages_closed=44" in closed["evidence"]
    opened = advised(tmp_path / "open", open_to_comments(shop()), "use_feedback")
    assert "comments_closed" not in {row["finding"] for row in opened}


def risen(cost: str, price: str) -> Rows:
    """Return the shop with these prices in its last month: a wine cost 12 in the others and was sold at 24, 20 without VAT."""
    rows = shop()
    for row in rows["Finance"]:
        if str(row["Key_Finance"]).startswith("2023-9_"):
            row |= {"Purchase_Price": cost, "Price": price}
    return rows


@pytest.mark.parametrize(
    ("cost", "price", "finding", "verdict", "lost_a_unit"),
    [
        ("13", "25", "not_passed_on", "supported", Decimal(1) - Decimal(1) / Decimal("1.2")),  # a euro of cost, a euro with VAT of price
        ("13", "25.2", "passed_on", "contradicted", None),
        ("12", "23", "not_risen", "inconclusive", None),
    ],
)
def test_a_rise_of_cost_that_is_passed_on_in_euros_loses_the_vat_in_them(
    cost: str, price: str, finding: str, verdict: str, lost_a_unit: Decimal | None, tmp_path: Path
) -> None:
    (row,) = advised(tmp_path, risen(cost, price), "pass_on_costs")
    assert (row["finding"], row["verdict"]) == (finding, verdict)
    units = sum(int(str(sale["Sales"])) for sale in shop()["Sales"] if not str(sale["Key_Sales"]).startswith("2022-9_"))
    assert row["yearly_effect"] == (lost_a_unit and pytest.approx(units * lost_a_unit, abs=Decimal("0.01")))


def test_of_one_month_no_rise_of_prices_is_told(tmp_path: Path) -> None:
    (row,) = advised(tmp_path, risen("13", "25"), "pass_on_costs", period=("2023-09", "2023-09"))
    assert (row["finding"], row["verdict"], row["confidence"]) == ("not_comparable", "inconclusive", None)


def test_what_cost_nothing_or_lists_for_nothing_at_one_end_has_no_rise(tmp_path: Path) -> None:
    free = shop()
    for row in free["Finance"]:
        if str(row["Key_Finance"]).startswith("2022-10_"):
            row["Purchase_Price"] = "0,00000001"
    for name, rows in {"cost": free, "price": risen("13", "0")}.items():
        (row,) = advised(tmp_path / name, rows, "pass_on_costs")
        assert (row["finding"], row["yearly_effect"], row["evidence"]) == ("not_comparable", None, "products=0"), name


def test_a_rise_says_for_how_many_products_margin_fell_and_what_would_win_it_back(tmp_path: Path) -> None:
    (row,) = advised(tmp_path, risen("13", "25"), "pass_on_costs")
    figures = dict(part.split("=") for part in row["evidence"].split("; "))
    # a bottle that cost 12 and sold at 24 costs 13 and sells at 25, 20.8333 without VAT: 1 more cost, 0.8333 more price
    assert row["confidence"] is None
    assert figures["products_squeezed"] == figures["products"]
    assert float(figures["further_rise"]) == pytest.approx((1 - 1 / 1.2) / (25 / 1.2), abs=5e-5)
    assert float(figures["further_rise_for_rate"]) == pytest.approx((13 / 12) / (25 / 24) - 1, abs=5e-5)


def test_a_product_of_which_something_is_in_quarantine_gets_no_advice_and_a_gift_card_none(tmp_path: Path) -> None:
    def unrated(rows: Rows) -> Rows:
        for row in rows["Web"]:
            row["Rating_count"], row["Average_rating"] = 0, ""
        return open_to_comments(rows)

    rows = unrated(risen("13", "25"))
    best = 101
    assert best in {row["sku"] for row in advised(tmp_path / "whole", rows, "use_feedback")}
    whole = rows_of(built(tmp_path / "whole_costs", rows, ["recommendation.pass_on_costs"]), "recommendation.pass_on_costs")
    rows["Promo"].append(promo_row(MARCH, best, Price_Offer="cher"))
    rows["Web"].append(web_row(GIFT, Segment="Offres commerciales", Product_type="Carte", Rating_count=0, Average_rating=""))
    for month in YEAR:
        rows["Finance"].append(finance_row(month, GIFT, Purchase_Price="13" if month == "2023-09" else "12"))
        rows["Sales"].append(sales_row(month, GIFT, Sales=500, Stock=0))
    warehouse = built(tmp_path / "quarantined", rows, [TAB, "recommendation.pass_on_costs", "clean.unknown_products"])
    assert [row["sku"] for row in rows_of(warehouse, "clean.unknown_products")] == [best]
    feedback = [row for row in rows_of(warehouse, TAB) if row["recommendation"] == "use_feedback"]
    assert not {best, GIFT} & {row["sku"] for row in feedback}
    assert [row["products"] for row in rows_of(warehouse, "recommendation.pass_on_costs")] == [whole[0]["products"] - 1]


@pytest.mark.parametrize(
    ("key", "unknown", "left_out"),
    [("2023-3_101", [101], 1), ("2023-13_101", [101], 1), ("2022-9_101", [], 0)],
    ids=["a month of the period", "a month that cannot be read", "the month before the period"],
)
def test_a_promotion_in_quarantine_makes_its_product_unknown_where_it_may_be_of_the_period(
    tmp_path: Path, key: str, unknown: list[int], left_out: int
) -> None:
    rows = risen("13", "25")
    ref = "recommendation.pass_on_costs"
    (whole,) = rows_of(built(tmp_path / "whole", rows, [ref]), ref)
    rows["Promo"].append({**promo_row(MARCH, 101, Price_Offer="cher"), "Key_Promo": key})
    warehouse = built(tmp_path / "quarantined", rows, [ref, "clean.unknown_products"])
    assert [row["sku"] for row in rows_of(warehouse, "clean.unknown_products")] == unknown
    (row,) = rows_of(warehouse, ref)
    assert row["products"] == whole["products"] - left_out


def test_a_test_campaign_is_planned_only_where_a_season_of_its_own_and_forty_products_are(tmp_path: Path) -> None:
    ref = "recommendation.test_campaign"
    (row,) = rows_of(built(tmp_path / "enough", shop(DECEMBER, 1.0), [ref]), ref)
    # 24 a bottle with VAT, 19.20 on promotion: a fifth; 20 wines in a month of half the usual 20 units
    assert (row["scope"], row["products"], row["low_month"].isoformat()) == ("Vin", 20, "2023-01-01")
    assert row["discount_rate"] == pytest.approx(0.2)
    units = [round(20 * SEASON["2023-01"]) + sku % 3 for sku in range(100, 145)]
    assert row["cost"] == pytest.approx(Decimal(20 * sum(units) / 45 * 20 * 0.2), abs=Decimal("0.01"))
    assert row["break_even_lift"] == pytest.approx(0.4 / (0.4 - 0.2))
    few = shop(DECEMBER, 1.0)
    for product in few["Web"]:
        if int(str(product["SKU"])) < 110:
            product["Product_type"] = "Rare"
    assert rows_of(built(tmp_path / "few", few, [ref]), ref) == []


def test_a_shop_of_three_products_gets_all_seven_recommendations_and_no_claim_that_it_cannot_bear(tmp_path: Path) -> None:
    rows = rows_of(built(tmp_path, minimal_rows(), [TAB]), TAB)
    assert {row["recommendation"] for row in rows} == set(RECOMMENDATIONS)
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    (campaign,) = [row for row in rows if row["scope_kind"] == "product type, campaign" and row["recommendation"] == "promote_low_season"]
    assert (campaign["finding"], campaign["verdict"], campaign["confidence"], campaign["yearly_effect"]) == (
        "unclear",
        "inconclusive",
        "low",
        None,
    )


def test_offers_above_the_list_price_are_no_discount_and_are_not_said_to_have_lost(tmp_path: Path) -> None:
    rows = shop(DECEMBER, 4.0)
    for row in rows["Promo"]:
        row["Price_Offer"] = "30"
    tab = rows_of(built(tmp_path, rows, [TAB]), TAB)
    about_promotions = [row for row in tab if row["recommendation"] in {"promote_low_season", "protect_best_sellers"}]
    assert {(row["finding"], row["verdict"], row["yearly_effect"]) for row in about_promotions} == {("unclear", "inconclusive", None)}


def test_of_one_month_no_threshold_is_said_to_be_kept(tmp_path: Path) -> None:
    rows = {name: [row for row in table if name == "Web" or "2023-9_" in str(row[KEYS[name]])] for name, table in shop("2023-09").items()}
    (row,) = advised(tmp_path, rows, "stock_thresholds")
    assert (row["finding"], row["verdict"], row["yearly_effect"]) == ("too_short", "inconclusive", None)


def test_discounts_in_low_months_count_also_where_no_baseline_tells_what_they_brought(tmp_path: Path) -> None:
    rows = shop(DECEMBER, 1.0)
    for month in YEAR:
        if month != DECEMBER:
            rows["Promo"] += [promo_row(month, sku, Sales_Offer=1, Price_Offer="19,20") for sku in range(140, 145)]
    warehouse = built(tmp_path, rows, [TAB])
    campaigns = rows_of(warehouse, "recommendation.promote_low_season")
    low_months = sum(season < 1 for season in SEASON.values())
    assert {row["low_season_discount"] for row in campaigns} == {Decimal(4 * 5 * low_months)}
    (best_sellers,) = rows_of(warehouse, "recommendation.protect_best_sellers")
    assert best_sellers["finding"] == "not_promoted"  # of none is a loss told


def test_goods_sold_at_a_loss_are_no_margin_at_risk(tmp_path: Path) -> None:
    rows = shop(stock=1)
    for row in rows["Finance"]:
        row["Price"] = "10"
    (row,) = advised(tmp_path, rows, "stock_thresholds")
    assert "products_below=45" in row["evidence"]
    assert "margin_at_risk=0.0000" in row["evidence"]


def test_a_shop_whose_ratings_are_all_alike_is_not_said_to_have_too_few(tmp_path: Path) -> None:
    rows = open_to_comments(shop())
    for row in rows["Web"]:
        row["Average_rating"], row["Rating_count"] = f"4.{int(str(row['SKU'])) % 5}", 20
    (row,) = advised(tmp_path, rows, "use_feedback")
    assert row["finding"] == "nothing_found"
    summary = {
        row["recommendation"]: row for row in rows_of(built(tmp_path / "again", rows, ["recommendation.summary"]), "recommendation.summary")
    }
    said = sentence("en", "use_feedback", "summary_nothing", "", summary["use_feedback"]["evidence"])
    assert said.startswith("Every best-seller has ratings")
