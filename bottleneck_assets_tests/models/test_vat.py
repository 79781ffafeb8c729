"""VAT in sale prices: left out of margins to the last decimal, and its reading held against what the export shows."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from bottleneck_assets.models import checks
from bottleneck_assets_tests.small_export import GIFT, WINE, built, minimal_rows, rows_of, web_row

if TYPE_CHECKING:
    from pathlib import Path

    from bottleneck_assets.engine.warehouse import Warehouse
    from bottleneck_assets_tests.small_export import Cell, Rows

CHECKED = ["clean.sales", "clean.face_values"]


def shop(**prices: Cell) -> Rows:
    """The minimal export, where a gift card of 25 euros has the prices that are given."""
    rows = minimal_rows()
    rows["Web"] = [row if row["SKU"] != GIFT else {**row, "Post_title": "Bon cadeau de 25 €"} for row in rows["Web"]]
    rows["Finance"] = [row if row["SKU"] != str(GIFT) else {**row, **prices} for row in rows["Finance"]]
    return rows


def verdict(folder: Path, rows: Rows, **settings: Any) -> checks.Verdict:
    return checks.sale_prices_fit_the_evidence(built(folder, rows, CHECKED, **settings))


def test_a_gift_card_that_sells_at_its_value_and_costs_that_less_vat_shows_that_prices_include_vat(tmp_path: Path) -> None:
    card = shop(Price="25", Purchase_Price="20,83")
    assert verdict(tmp_path / "incl", card).passed
    against = verdict(tmp_path / "excl", card, sale_prices="excl_vat")
    assert not against.passed
    assert "Bon cadeau de 25 € sells at 25 and is bought at 20.83" in against.found
    assert "BOTTLENECK_SALE_PRICES=incl_vat" in against.remedy


def test_a_gift_card_that_sells_at_its_value_less_vat_shows_that_prices_leave_it_out(tmp_path: Path) -> None:
    card = shop(Price="20.83", Purchase_Price="20.83")
    assert verdict(tmp_path / "excl", card, sale_prices="excl_vat").passed
    assert not verdict(tmp_path / "incl", card).passed


@pytest.mark.parametrize("prices", [("25", "25"), ("30", "20,83"), ("12,50", "10")], ids=["no VAT at all", "another price", "half price"])
def test_prices_that_show_neither_reading_are_no_evidence_and_the_check_says_so(tmp_path: Path, prices: tuple[str, str]) -> None:
    found = verdict(tmp_path, shop(Price=prices[0], Purchase_Price=prices[1]))
    assert found.passed
    assert found.found == "No product names its value in euros beside prices that show VAT: sale_prices = incl_vat is not tested."


def test_without_a_value_in_any_title_the_check_says_that_nothing_was_tested(tmp_path: Path) -> None:
    assert "is not tested" in verdict(tmp_path, minimal_rows()).found


@pytest.mark.parametrize(
    ("price", "rate", "net"),
    [
        ("0.0003", "0.2", "0.0003"),  # 0.00025 lies half way
        ("0.0009", "0.2", "0.0008"),  # 0.00075
        ("19.9999", "0.2", "16.6666"),  # 16.66658...
        ("10.55", "0.055", "10"),
        ("999999.9999", "0.2", "833333.3333"),
        ("12.34", "0", "12.34"),
    ],
)
def test_revenue_excl_vat_is_rounded_half_up_from_the_exact_quotient(tmp_path: Path, price: str, rate: str, net: str) -> None:
    rows = minimal_rows()
    rows["Finance"] = [{**row, "Price": price, "Purchase_Price": 0} for row in rows["Finance"]]
    rows["Sales"] = [{**row, "Sales": 1} for row in rows["Sales"]]
    rows["Promo"] = [{**row, "Sales_Offer": 0} for row in rows["Promo"]]
    sales = rows_of(built(tmp_path, rows, ["clean.sales"], vat_rates={"vin": rate}), "clean.sales")
    assert {row["gross_margin"] + row["cogs"] for row in sales} == {Decimal(net)}


def segments(warehouse: Warehouse) -> dict[str, tuple[Decimal, bool]]:
    return {row["segment"]: (row["vat_rate"], row["is_assumed"]) for row in rows_of(warehouse, "clean.segment_vat")}


def test_a_segment_without_a_rate_is_named_and_taken_at_the_rate_of_most_products(tmp_path: Path) -> None:
    rows = minimal_rows()
    rows["Web"] += [web_row(sku, Segment="Huile") for sku in (41, 42, 43)]
    warehouse = built(tmp_path, rows, CHECKED, vat_rates={"Vin": "0.2", "Huile": "0.055"})
    found = segments(warehouse)
    assert found["Huile"] == (Decimal("0.055"), False)
    assert found["Vin"] == (Decimal("0.2"), False)
    assert found["Spiritueux"] == (Decimal("0.055"), True)
    verdict = checks.every_segment_has_a_rate_of_vat(warehouse)
    assert not verdict.passed
    assert "Spiritueux (0.055)" in verdict.found
    assert "Vin" not in verdict.found


def test_a_shop_none_of_whose_segments_has_a_rate_is_taken_at_the_commonest_of_the_settings(tmp_path: Path) -> None:
    rows = minimal_rows()
    rows["Web"] = [{**row, "Segment": "Cave"} for row in rows["Web"]]
    assert segments(built(tmp_path, rows, CHECKED)) == {"Cave": (Decimal("0.2"), True)}


def test_with_prices_read_as_excl_vat_a_margin_is_revenue_less_cost(tmp_path: Path) -> None:
    sales = rows_of(built(tmp_path, minimal_rows(), ["clean.sales"], sale_prices="excl_vat"), "clean.sales")
    assert sales
    assert all(row["gross_margin"] == row["revenue"] - row["cogs"] for row in sales)
    assert any(row["sku"] == WINE for row in sales)
