"""Sees every verdict pass and fail, over small exports and crafted tables, with the words that name what is wrong."""

import datetime as dt
import shutil
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bottleneck_assets.engine.warehouse import Origin, Warehouse
from bottleneck_assets.figures.adding_up import tab_adds_up
from bottleneck_assets.models import checks
from bottleneck_assets.models.catalog import models, of_layer
from bottleneck_assets.models.from_settings import parameters_row
from bottleneck_assets.models.functions import FUNCTIONS
from bottleneck_assets.models.judging import failures
from bottleneck_assets.settings import Settings
from bottleneck_assets_tests.small_export import (
    COLUMNS,
    SPIRIT,
    WINE,
    Rows,
    built,
    finance_row,
    minimal_rows,
    promo_row,
    rows_of,
    sales_row,
    web_row,
)

ORIGIN = Origin("export", "crafted.db", "1")
ADDS_UP = {
    "overview": ["revenue", "revenue_excl_vat", "gross_margin", "gross_margin_rate", "units"],
    "inflation_margin": ["revenue", "revenue_excl_vat", "gross_margin", "gross_margin_rate", "purchase_price_index"],
    "promotions_roi": ["promo_incremental_roi", "promo_margin_roi"],
    "top_products": ["revenue", "revenue_excl_vat", "gross_margin", "gross_margin_rate", "units"],
    "customer_preferences": [
        "revenue", "revenue_excl_vat", "gross_margin", "gross_margin_rate", "units", "average_rating", "comments_per_100_units",
        "commented_share",
    ],
    "segments": ["revenue", "revenue_excl_vat", "gross_margin", "gross_margin_rate", "units"],
    "stock_turnover": ["stock_turnover"],
}  # fmt: skip
"""For each tab, the figures of the headline that its rows bear."""
OCTOBER, NOVEMBER, DECEMBER = (dt.date(2022, month, 1) for month in (10, 11, 12))


def put(warehouse: Warehouse, ref: str, rows: Sequence[dict[str, Any]]) -> Warehouse:
    model = models()[ref]
    warehouse.put(ref, model.promise.arrow_table(rows), origin=ORIGIN, code_version="1", check=partial(failures, model))
    return warehouse


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path / "warehouse", functions=FUNCTIONS)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Build everything over the minimal export."""
    return built(tmp_path_factory.mktemp("whole"), minimal_rows(), models())


# --- known_columns_only --------------------------------------------------------------------------------------------------------


def export_columns(warehouse: Warehouse, *unknown: str) -> Warehouse:
    rows = [{"table_name": "Sales", "column_name": "Stock", "declared_type": "INTEGER", "is_known": True}]
    rows += [{"table_name": "Visits", "column_name": name, "declared_type": "", "is_known": False} for name in unknown]
    return put(warehouse, "raw.export_columns", rows)


def test_known_columns_pass(warehouse: Warehouse) -> None:
    verdict = checks.known_columns_only(export_columns(warehouse))

    assert (verdict.passed, verdict.found) == (True, "Every column of the export is read.")
    assert verdict.figures == {"unknown_columns": 0}


def test_unknown_columns_are_named(warehouse: Warehouse) -> None:
    verdict = checks.known_columns_only(export_columns(warehouse, "Day", "Count"))

    assert not verdict.passed
    assert "Visits.Count, Visits.Day" in verdict.found
    assert verdict.figures == {"unknown_columns": 2}
    assert len(verdict.evidence) == 2


def test_of_many_unknown_columns_some_are_named_and_all_counted(warehouse: Warehouse) -> None:
    verdict = checks.known_columns_only(export_columns(warehouse, *[f"c{number:02}" for number in range(60)]))

    assert verdict.figures == {"unknown_columns": 60}
    assert "Visits.c09, ..." in verdict.found
    assert "c10" not in verdict.found


# --- Rows ------------------------------------------------------------------------------------------------------------------------


def accounting(warehouse: Warehouse, read: int, kept: int, quarantined: int, dropped: int) -> Warehouse:
    rows = [
        {
            "source_table": "ca_par_segment", "rows_read": 0, "rows_kept": 0, "rows_quarantined": 0, "duplicates_dropped": 0,
            "rows_left_out": 0, "quarantined_share": None,
        },
        {
            "source_table": "sales", "rows_read": read, "rows_kept": kept, "rows_quarantined": quarantined, "duplicates_dropped": dropped,
            "rows_left_out": 0, "quarantined_share": quarantined / read,
        },
    ]  # fmt: skip
    return put(warehouse, "clean.row_accounting", rows)


def quarantine(warehouse: Warehouse, *values: str) -> Warehouse:
    rows = [
        {
            "source_table": "sales", "row_number": number, "record_key": f"2022-10_{number}", "column_name": "stock", "column_value": value,
            "reason": "is negative", "exported_row": "",
        }
        for number, value in enumerate(values, start=1)
    ]  # fmt: skip
    worth = {"source_table": "sales", "rows_quarantined": len(rows), "rows_of_unknown_worth": 0, "units": 1234, "revenue_share": 0.5}
    put(warehouse, "clean.quarantine_worth", [{**worth, "revenue": Decimal("40028.5")}])
    return put(warehouse, "clean.quarantine", rows)


def test_rows_that_are_accounted_for_pass(warehouse: Warehouse) -> None:
    verdict = checks.every_row_is_accounted_for(accounting(warehouse, 100, 90, 7, 3))

    assert verdict.passed
    assert verdict.figures == {"rows_read": 100}


@pytest.mark.parametrize("kept", [89, 91])
def test_lost_and_invented_rows_fail_by_their_table(warehouse: Warehouse, kept: int) -> None:
    verdict = checks.every_row_is_accounted_for(accounting(warehouse, 100, kept, 7, 3))

    assert (verdict.passed, verdict.found) == (False, "Rows of sales are not accounted for.")


def test_a_small_quarantine_passes(warehouse: Warehouse) -> None:
    quarantine(accounting(warehouse, 100, 95, 5, 0), "-1", "-2", "-3", "-4", "-5")
    verdict = checks.quarantine_is_small(warehouse, 0.05)

    assert (verdict.passed, verdict.found) == (True, "No table has more than 5% of its rows in quarantine.")
    assert verdict.figures == {"worst_quarantined_share": 0.05}


@pytest.mark.parametrize(("share", "said"), [(0.005, "0.5%"), (0.07, "7%"), (0.125, "12.5%"), (0.0, "0%"), (1.0, "100%")])
def test_a_limit_that_is_no_whole_percent_is_told_as_it_is(warehouse: Warehouse, share: float, said: str) -> None:
    quarantine(accounting(warehouse, 100, 100, 0, 0))

    assert checks.quarantine_is_small(warehouse, share).found == f"No table has more than {said} of its rows in quarantine."


def test_a_large_quarantine_fails_with_table_figures_and_main_reason(warehouse: Warehouse) -> None:
    quarantine(accounting(warehouse, 100, 94, 6, 0), "-1", "-2", "-3", "-4", "-5", "-6")
    verdict = checks.quarantine_is_small(warehouse, 0.05)

    assert not verdict.passed
    assert verdict.found.startswith("More than 5% of the rows are in quarantine: sales (6 of 100 rows")
    assert "stock is negative, such as '-1'" in verdict.found
    assert "MAX_QUARANTINED_SHARE" in verdict.remedy


def test_a_table_over_the_limit_is_named_however_many_reasons_other_tables_have(warehouse: Warehouse) -> None:
    accounting(warehouse, 10, 9, 1, 0)
    row = {"record_key": "k", "column_value": "v", "exported_row": ""}
    common = [
        {**row, "source_table": "web", "row_number": number, "column_name": f"c{number // 2}", "reason": "is bad"}
        for number in range(1, 141)
    ]
    put(
        warehouse,
        "clean.quarantine",
        [*common, {**row, "source_table": "sales", "row_number": 1, "column_name": "stock", "reason": "is negative"}],
    )

    assert "sales (1 of 10 rows" in checks.quarantine_is_small(warehouse, 0.05).found


def test_an_empty_quarantine_passes(warehouse: Warehouse) -> None:
    verdict = checks.nothing_is_quarantined(quarantine(warehouse))

    assert (verdict.passed, verdict.found) == (True, "Every row of the export can be used.")


@pytest.mark.parametrize(("values", "end"), [(["-1"], "is negative."), (["-1", "-2"], "is negative, ...")])
def test_a_quarantined_row_is_told_with_key_column_value_and_reason(warehouse: Warehouse, values: list[str], end: str) -> None:
    verdict = checks.nothing_is_quarantined(quarantine(warehouse, *values))

    assert not verdict.passed
    assert f"sales 2022-10_1, stock '-1' {end}" in verdict.found
    assert verdict.figures == {"rows_quarantined": len(values)}
    assert len(verdict.evidence) == len(values)


@pytest.mark.parametrize("judge", [checks.nothing_is_quarantined, lambda warehouse: checks.quarantine_is_small(warehouse, 0.05)])
def test_a_long_or_unprintable_cell_is_told_in_a_short_line(tmp_path: Path, judge: Callable[[Warehouse], checks.Verdict]) -> None:
    rows = minimal_rows()
    rows["Finance"][0].update({"Key_Finance": "\n\x1b[31m" * 50_000, "Price": "y" * 100_000})
    rows["Sales"][0]["Stock"] = "\n\x1b[31m" * 50_000
    verdict = judge(built(tmp_path, rows, ["clean.row_accounting", "clean.quarantine_worth"]))

    assert not verdict.passed
    assert verdict.found.isprintable()
    assert len(verdict.found) < 2_000


# --- The stock ledger --------------------------------------------------------------------------------------------------------------


def ledger(warehouse: Warehouse, setting: str, promotions: Sequence[tuple[int, int]], *, balanced: int = 0, off: int = 0) -> Warehouse:
    """Put a ledger of promotion rows, each with its two differences, and of rows without a promotion."""
    row = {"month": NOVEMBER, "stock_before": 50, "supplier_orders": 0, "units_sold": 10, "stock_end": 40}
    differences = [*promotions, *[(0, 0)] * balanced, *[(3, 3)] * off]
    rows = [
        {
            **row, "sku": sku, "has_promotion": sku < len(promotions), "units_offered": included - excluded,
            "difference_included": included, "difference_excluded": excluded,
            "is_balanced": (included if setting == "included" else excluded) == 0,
        }
        for sku, (included, excluded) in enumerate(differences)
    ]  # fmt: skip
    put(warehouse, "clean.stock_ledger", rows)
    put(warehouse, "clean.stock_ledger_exceptions", [
        {name: value for name, value in found.items() if name != "is_balanced"} for found in rows if not found["is_balanced"]
    ])  # fmt: skip
    return put(warehouse, "raw.parameters", [parameters_row(Settings(promo_units=setting))])


INCLUDED, EXCLUDED, NEITHER, BOTH = (0, -4), (4, 0), (7, 3), (0, 0)


@pytest.mark.parametrize(("setting", "rows"), [("included", [INCLUDED, INCLUDED, EXCLUDED]), ("excluded", [EXCLUDED, EXCLUDED, NEITHER])])
def test_a_reading_that_the_ledger_supports_passes(warehouse: Warehouse, setting: str, rows: list[tuple[int, int]]) -> None:
    verdict = checks.promo_units_reading_agrees_with_the_ledger(ledger(warehouse, setting, rows))

    assert verdict.passed
    assert f"The ledger supports promo_units = {setting}: of 3 promotion rows" in verdict.found


@pytest.mark.parametrize(("setting", "supported", "row"), [("excluded", "included", INCLUDED), ("included", "excluded", EXCLUDED)])
def test_a_reading_that_the_ledger_contradicts_fails_and_says_which_to_take(
    warehouse: Warehouse, setting: str, supported: str, row: tuple[int, int]
) -> None:
    verdict = checks.promo_units_reading_agrees_with_the_ledger(ledger(warehouse, setting, [row, row, NEITHER]))

    assert not verdict.passed
    assert f"supports promo_units = {supported}" in verdict.found
    assert f"The setting is {setting}." in verdict.found
    assert f"promo_units = {supported}" in verdict.remedy


@pytest.mark.parametrize("rows", [[], [BOTH], [INCLUDED, EXCLUDED], [NEITHER]])
def test_a_ledger_that_cannot_tell_says_so_and_passes(warehouse: Warehouse, rows: list[tuple[int, int]]) -> None:
    verdict = checks.promo_units_reading_agrees_with_the_ledger(ledger(warehouse, "excluded", rows, balanced=2))

    assert verdict.passed
    assert "does not tell the readings apart" in verdict.found


@pytest.mark.parametrize(("balanced", "off", "passed"), [(99, 1, True), (98, 2, False), (100, 0, True), (0, 0, True), (0, 1, False)])
def test_the_ledger_balances_on_nearly_every_row_or_fails(warehouse: Warehouse, balanced: int, off: int, passed: bool) -> None:
    verdict = checks.stock_ledger_balances(ledger(warehouse, "included", [], balanced=balanced, off=off))

    assert verdict.passed == passed
    assert f"{balanced} of {balanced + off} rows of the stock ledger balance" in verdict.found
    assert verdict.figures["rows_off_balance"] == off
    assert len(verdict.evidence) == off


# --- Months and periods -----------------------------------------------------------------------------------------------------------


def monthly(folder: Path, finance: Sequence[str], sales: Sequence[str]) -> Warehouse:
    rows: Rows = {
        "Web": [web_row(WINE), web_row(SPIRIT)],
        "Finance": [finance_row(month, WINE) for month in finance],
        "Sales": [sales_row(month, WINE) for month in sales],
        "Promo": [promo_row(sales[0], WINE)],
    }
    return built(folder, rows, ["clean.finance", "clean.sales"])


def test_months_that_follow_one_another_pass(tmp_path: Path) -> None:
    verdict = checks.months_follow_one_another(monthly(tmp_path, ["2022-11", "2022-12", "2023-01"], ["2022-12", "2023-01", "2022-11"]))

    assert (verdict.passed, verdict.found) == (True, "3 months follow one another.")


def test_a_missing_month_is_named_with_its_table(tmp_path: Path) -> None:
    verdict = checks.months_follow_one_another(monthly(tmp_path, ["2022-11", "2022-12", "2023-02"], ["2022-11", "2023-02"]))

    assert not verdict.passed
    assert verdict.found == "Months are missing: finance 2023-01, sales 2022-12, sales 2023-01."
    assert len(verdict.evidence) == 3


@pytest.mark.parametrize(("months", "passed", "words"), [
    (12, True, "There are sales from 2022-10 to 2023-09."),
    (0, False, "There are no sales from 2022-10 to 2023-09; the export covers 2021-01 to 2021-02."),
])  # fmt: skip
def test_a_period_has_sales_or_is_told_with_the_months_that_have(tmp_path: Path, months: int, passed: bool, words: str) -> None:
    warehouse = monthly(tmp_path, ["2021-01", "2021-02"], ["2021-01", "2021-02"])
    period = {"period_start": OCTOBER, "period_end": dt.date(2023, 9, 1), "months": months, "is_full_year": False}
    verdict = checks.period_has_sales(put(warehouse, "clean.reporting_period", [period]))

    assert (verdict.passed, verdict.found) == (passed, words)


@pytest.mark.parametrize(
    ("is_full_year", "words"), [(True, "2022-10 to 2023-09, a full year."), (False, "12 months with sales; no full year.")]
)
def test_the_period_is_a_full_year_or_said_to_be_none(warehouse: Warehouse, is_full_year: bool, words: str) -> None:
    period = {"period_start": OCTOBER, "period_end": dt.date(2023, 9, 1), "months": 12, "is_full_year": is_full_year}
    verdict = checks.period_is_a_full_year(put(warehouse, "clean.reporting_period", [period]))

    assert verdict.passed == is_full_year
    assert words in verdict.found


# --- Revenue by segment -------------------------------------------------------------------------------------------------------------


def segments(warehouse: Warehouse, ours: dict[str, str], theirs: dict[str, str] | None) -> Warehouse:
    put(warehouse, "clean.ca_par_segment", [{"segment": segment, "revenue": Decimal(revenue)} for segment, revenue in ours.items()])
    typed = [
        {"row_number": number, "segment": segment, "revenue": Decimal(revenue), "is_exact_copy": False, "respelled": "", "defect": None}
        for number, (segment, revenue) in enumerate((theirs or {}).items(), start=1)
    ]
    copy = [{**row, "row_number": 90 + row["row_number"], "is_exact_copy": True} for row in typed]
    put(warehouse, "clean.ca_par_segment_typed", [*typed, *copy])
    column = {"table_name": "CA_par_segment", "column_name": "segment", "declared_type": "", "is_known": True}
    return put(warehouse, "raw.export_columns", [column] if theirs is not None else [])


def test_an_export_without_its_own_revenue_passes_and_says_so(warehouse: Warehouse) -> None:
    verdict = checks.revenue_agrees_with_the_export(segments(warehouse, {"Vin": "600"}, None))

    assert (verdict.passed, verdict.found) == (True, "The export carries no revenue by segment of its own.")


@pytest.mark.parametrize("theirs", ["600", "600.01", "599.9900"])
def test_revenue_that_agrees_to_the_cent_passes(warehouse: Warehouse, theirs: str) -> None:
    verdict = checks.revenue_agrees_with_the_export(segments(warehouse, {"Vin": "600"}, {"Vin": theirs}))

    assert (verdict.passed, verdict.found) == (True, "Revenue by segment is the export's own.")


@pytest.mark.parametrize(
    ("theirs", "words"),
    [
        ({"Vin": "600.0101"}, "Vin: 600.0000 here, 600.0101 in the export"),
        ({"Vin": "600", "Huile": "5"}, "Huile: None here, 5.0000 in the export"),
        ({"Huile": "600"}, "Vin: 600.0000 here, None in the export"),
        ({}, "Vin: 600.0000 here, None in the export"),
    ],
)
def test_revenue_that_differs_is_told_by_segment(warehouse: Warehouse, theirs: dict[str, str], words: str) -> None:
    verdict = checks.revenue_agrees_with_the_export(segments(warehouse, {"Vin": "600"}, theirs))

    assert not verdict.passed
    assert words in verdict.found


def test_a_small_exports_own_revenue_is_held_against_the_sales(tmp_path: Path) -> None:
    rows = minimal_rows()
    rows["ca_par_segment"] = [
        {"segment": "Vin", "revenue": "600,00"}, {"segment": "Spiritueux", "revenue": 580},
        {"segment": "Offres commerciales", "revenue": "601"},
    ]  # fmt: skip
    verdict = checks.revenue_agrees_with_the_export(built(tmp_path, rows, columns=COLUMNS))

    assert verdict.found == "Revenue differs from the export's own: Offres commerciales: 600.0000 here, 601.0000 in the export."


# --- Tabs ------------------------------------------------------------------------------------------------------------------------


def test_every_tab_but_the_recommendations_is_held_against_the_headline() -> None:
    assert set(ADDS_UP) | {"business_recommendations"} == {model.name for model in of_layer("extract")}


def test_the_recommendations_add_up_to_their_summary(whole: Warehouse) -> None:
    verdict = checks.recommendations_add_up(whole)
    assert verdict.passed, verdict.found
    assert len(verdict.evidence) == 7


@pytest.mark.parametrize("change", ["twice", "lost", "other"])
def test_a_recommendation_that_is_lost_repeated_or_changed_in_the_tab_is_named(whole: Warehouse, tmp_path: Path, change: str) -> None:
    changed = Warehouse(shutil.copytree(whole.root, tmp_path / "warehouse"), functions=FUNCTIONS)
    rows = rows_of(changed, "extract.business_recommendations")
    last = next(row for row in rows if row["recommendation"] == "stock_thresholds")
    match change:
        case "twice":
            rows.append({**last, "scope": "again"})
        case "lost":
            rows.remove(last)
        case _:
            last["yearly_effect"] = Decimal(7)
    put(changed, "extract.business_recommendations", rows)
    verdict = checks.recommendations_add_up(changed)
    assert not verdict.passed
    assert verdict.found == "The tab does not add up to its summary: stock_thresholds."


@pytest.mark.parametrize("tab", ADDS_UP)
def test_a_tab_of_a_small_export_adds_up(whole: Warehouse, tab: str) -> None:
    verdict = tab_adds_up(whole, tab)

    assert verdict.passed, verdict.found
    assert verdict.found == f"The tab adds up to the headline: {', '.join(ADDS_UP[tab])}."


@pytest.mark.parametrize(("tab", "kpi"), [(tab, kpi) for tab, measures in ADDS_UP.items() for kpi in measures])
def test_a_tab_that_does_not_add_up_fails_by_its_measure(whole: Warehouse, tmp_path: Path, tab: str, kpi: str) -> None:
    other = Warehouse(tmp_path / "warehouse", functions=FUNCTIONS)
    put(other, f"extract.{tab}", rows_of(whole, f"extract.{tab}"))
    put(other, "extract.overview", rows_of(whole, "extract.overview"))
    changed = [
        {**row, "value": (row["value"] or 0) * 1.000001 + 0.001} if row["kpi"] == kpi else row for row in rows_of(whole, "kpi.headline")
    ]
    put(other, "kpi.headline", changed)
    verdict = tab_adds_up(other, tab)

    assert not verdict.passed
    assert verdict.found.startswith(f"The tab does not add up: {kpi}: ")
    assert "in the headline" in verdict.found


def nothing_sold(rows: Rows) -> None:
    for row in rows["Sales"]:
        row["Sales"] = 0


def nothing_in_stock(rows: Rows) -> None:
    for row in rows["Sales"]:
        row["Stock"] = 0


def nothing_discounted(rows: Rows) -> None:
    rows["Promo"][0]["Price_Offer"] = "20"


def nothing_sold_on_offer(rows: Rows) -> None:
    rows["Promo"][0]["Sales_Offer"] = 0


def nothing_rated(rows: Rows) -> None:
    for row in rows["Web"]:
        row.update({"Rating_count": 0, "Average_rating": ""})


def rated_by_nobody(rows: Rows) -> None:
    for row in rows["Web"]:
        row.update({"Rating_count": 0, "Average_rating": "4"})


@pytest.mark.parametrize(
    "change", [nothing_sold, nothing_in_stock, nothing_discounted, nothing_sold_on_offer, nothing_rated, rated_by_nobody]
)
def test_a_divisor_of_zero_is_no_reason_for_a_tab_not_to_add_up(tmp_path: Path, change: Callable[[Rows], None]) -> None:
    rows = minimal_rows()
    change(rows)
    warehouse = built(tmp_path, rows, ["kpi.headline", *[f"extract.{tab}" for tab in ADDS_UP]])

    assert [verdict.found for tab in ADDS_UP if not (verdict := tab_adds_up(warehouse, tab)).passed] == []
