"""Proves that what an assistant is told is right, says what it rests on, and is refused where a measure does not allow it.

The client is the SDK's own; it starts `bottleneck mcp` as an assistant does. What is right is worked out by pandas from the CSVs
(once_more.py).
"""
# ruff: noqa: RUF001 - typographic apostrophes and dashes are meant

from __future__ import annotations

import asyncio
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from click.testing import CliRunner

from bottleneck_assets.assistant import server
from bottleneck_assets.cli import main
from bottleneck_assets.figures.combinations import columns_of, parts_of
from bottleneck_assets.figures.measures import GRAINS, MEASURES, PARTS, PRICES, Words
from bottleneck_assets.wording import sentence
from bottleneck_assets_tests.assistant import once_more
from bottleneck_assets_tests.assistant.once_more import Csvs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bottleneck_assets_tests.conftest import Refreshed

BOTTLENECK = Path(sys.executable).with_name("bottleneck")
ALL = {"first": 100}
NOT_IN_A_RELEASE: set[str] = set()
OF_NO_MONTH = "known by product, not by month"

Call = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Told:
    """What a tool has answered: what was found, or why it was refused."""

    found: Any
    refused: str


def told(data_dir: Path, calls: Sequence[Call]) -> list[Told]:
    """Start the server as an assistant does, and ask it one question after the other."""
    from mcp import Client, StdioServerParameters

    async def ask() -> list[Told]:
        asked = StdioServerParameters(command=str(BOTTLENECK), args=["mcp", "--data-dir", str(data_dir)])
        async with Client(asked) as client:
            answers = [await client.call_tool(tool, arguments) for tool, arguments in calls]
            return [Told(one.structured_content, one.content[0].text if one.is_error else "") for one in answers]  # type: ignore[union-attr]

    return asyncio.run(ask())


@pytest.fixture(scope="module", params=["refreshed_real", "refreshed_sample"])
def refreshed(request: pytest.FixtureRequest, needs_mcp: None) -> Refreshed:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def csvs(refreshed: Refreshed) -> Csvs:
    return Csvs(refreshed.release)


# --- Forty questions of a product manager ------------------------------------------------------------------------------------

Q = "query_measures"
YEAR, NOVEMBER, SPRING = "", ("2022-11", "2022-11"), ("2023-03", "2023-05")
QUESTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "What did the shop take in, VAT included?": ("revenue", {}),
    "And without VAT?": ("revenue_excl_vat", {}),
    "What did it earn?": ("gross_margin", {}),
    "What share of its revenue is that?": ("gross_margin_rate", {}),
    "How many bottles did it sell?": ("units", {}),
    "What did the goods cost?": ("cogs", {}),
    "What did each segment take in?": ("revenue", {"by": "segment"}),
    "Which product types earn the best rate?": ("gross_margin_rate", {"by": "product_type"}),
    "How did revenue go month by month?": ("revenue", {"by": "month"}),
    "What did spirits take in each month?": ("revenue", {"by": "month", "segment": "Spiritueux"}),
    "What was sold in November 2022?": ("units", {"months": NOVEMBER}),
    "What did wine earn from March to May 2023?": ("gross_margin", {"segment": "Vin", "months": SPRING}),
    "What rate did each segment earn in spring?": ("gross_margin_rate", {"by": "segment", "months": SPRING}),
    "How much was sold on promotion?": ("units_promo", {"by": "month"}),
    "What share of it was that, by segment?": ("promo_share", {"by": "segment"}),
    "And how much at list price?": ("units_regular", {"by": "segment"}),
    "What part of the revenue is champagne?": ("revenue_share", {"product_type": "Champagne"}),
    "What part of November was each type?": ("revenue_share", {"by": "product_type", "months": NOVEMBER}),
    "How often is the stock turned in a year?": ("stock_turnover", {}),
    "And by segment?": ("stock_turnover", {"by": "segment"}),
    "How long does the stock of each type last?": ("days_of_stock", {"by": "product_type"}),
    "How did turnover build up over the year?": ("turnover_to_date", {"by": "month"}),
    "What was the stock worth each month?": ("stock_value", {"by": "month"}),
    "What is the stock of each segment worth at the end?": ("stock_value_end", {"by": "segment"}),
    "How many months does it cover?": ("months_of_cover", {"by": "product_type"}),
    "How many products must be ordered?": ("below_reorder", {"by": "segment"}),
    "How many lie above their ceiling?": ("above_ceiling", {"by": "product_type"}),
    "Did the promotions pay?": ("promo_incremental_roi", {}),
    "Which month's promotions paid best?": ("promo_incremental_roi", {"by": "month"}),
    "What did discounts cost by type?": ("discount_cost", {"by": "product_type"}),
    "What do the promotions look like on paper?": ("promo_margin_roi", {"by": "segment"}),
    "How much more was sold than would have been?": ("uplift_units", {"by": "month"}),
    "By how much did purchase prices rise?": ("purchase_price_rise", {}),
    "How did purchase prices move by month?": ("purchase_price_index", {"by": "month"}),
    "And the sale prices of wine?": ("price_index", {"by": "month", "segment": "Vin"}),
    "What does a bottle of each type cost us?": ("mean_purchase_price", {"by": "product_type"}),
    "How do customers rate each segment?": ("average_rating", {"by": "segment"}),
    "How often do they comment?": ("comments_per_100_units", {"by": "product_type"}),
    "How many products did nobody rate?": ("unrated", {"by": "segment"}),
    "How many products sell at all?": ("products_sold", {"by": "month"}),
    "How much hangs on the first ten?": ("first_ten_share", {}),
    "How many findings contradict the advice?": ("findings_contradicted", {}),
}


def call(measure: str, by: str = "", months: tuple[str, str] | None = None, **kept: str) -> Call:
    """Return the call that asks for a measure."""
    names = {"segment": "segments", "product_type": "product_types", "sku": "skus"}
    arguments: dict[str, Any] = {"measures": [measure], "group_by": [by] if by else [], **ALL}
    arguments |= {"month_from": months[0], "month_to": months[1]} if months else {}
    return Q, arguments | {names[column]: [value] for column, value in kept.items()}


def figures(answer: Any, measure: str) -> dict[str, float | None]:
    """Return the figures of an answer by what they are of."""
    return {next(iter(row["of"].values()), ""): row["figures"][measure]["value"] for row in answer["rows"]}


def off(found: dict[str, float | None], wanted: dict[str, float | None]) -> dict[str, tuple[Any, Any]]:
    """Return where figures differ, in more than their ninth digit."""
    both = {key: (found.get(key, "missing"), wanted.get(key, "missing")) for key in {*found, *wanted}}
    return {key: (one, other) for key, (one, other) in both.items() if not same(one, other)}


def same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return one == pytest.approx(other, rel=1e-9, abs=1e-9)
    return one is None and other is None


@pytest.fixture(scope="module")
def answered(refreshed: Refreshed) -> dict[str, Told]:
    return dict(zip(QUESTIONS, told(refreshed.data_dir, [call(measure, **asked) for measure, asked in QUESTIONS.values()]), strict=True))


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_is_answered_as_pandas_answers_it_from_the_csvs(question: str, answered: dict[str, Told], csvs: Csvs) -> None:
    measure, asked = QUESTIONS[question]
    answer = answered[question]
    assert answer.refused == ""
    assert off(figures(answer.found, measure), csvs.figures(measure, **asked)) == {}
    assert answer.found["left_out"] == 0


def test_there_are_as_many_questions_as_the_readme_says() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert f"asks {len(QUESTIONS)} questions" in readme
    assert len(QUESTIONS) >= 40


def test_every_measure_is_right_for_the_shop_and_by_every_dimension_that_it_allows(refreshed: Refreshed, csvs: Csvs) -> None:
    asked = [
        (measure, by)
        for measure, (kind, _) in once_more.MEASURES.items()
        for by in ("", *(dimension for dimension in once_more.DIMENSIONS[kind] if dimension != "sku"))
    ]
    assert set(once_more.MEASURES) == set(MEASURES) - NOT_IN_A_RELEASE
    answers = told(refreshed.data_dir, [call(measure, by) for measure, by in asked])
    wrong = {
        (measure, by): found
        for (measure, by), answer in zip(asked, answers, strict=True)
        if (found := answer.refused or off(figures(answer.found, measure), csvs.figures(measure, by)))
    }
    assert wrong == {}


def test_products_come_with_their_names_the_largest_first_and_say_how_many_are_left_out(refreshed: Refreshed, csvs: Csvs) -> None:
    arguments = {"measures": ["revenue", "stock_turnover"], "group_by": ["sku"], "first": 5}
    (answer,) = told(refreshed.data_dir, [(Q, arguments)])
    revenue = csvs.sales.groupby("sku")["revenue"].sum().sort_values(ascending=False)
    titles = csvs.web.set_index("sku")["title"]
    rows = answer.found["rows"]
    assert [row["of"] for row in rows] == [{"sku": str(sku), "title": titles[sku].lstrip("'")} for sku in revenue.index[:5]]
    assert [row["figures"]["revenue"]["value"] for row in rows] == pytest.approx(list(revenue[:5]), rel=1e-9)
    turnover = csvs.figures("stock_turnover", "sku")
    assert [row["figures"]["stock_turnover"]["value"] for row in rows] == pytest.approx(
        [turnover[row["of"]["sku"]] for row in rows], rel=1e-9
    )
    assert answer.found["left_out"] == len(revenue) - 5


# --- What stands beside every figure -----------------------------------------------------------------------------------------


def test_every_answer_says_unit_months_price_basis_and_release(answered: dict[str, Told], csvs: Csvs, refreshed: Refreshed) -> None:
    for question, (measure, asked) in QUESTIONS.items():
        found = answered[question].found
        (brief,) = found["measures"]
        assert (brief["name"], brief["unit"]) == (measure, MEASURES[measure].unit)
        assert ("incl. VAT" in brief["price_basis"]) == (MEASURES[measure].price_basis == "incl_vat")
        assert ("excl. VAT" in brief["price_basis"]) == (MEASURES[measure].price_basis == "excl_vat")
        assert found["basis"]["release"] == refreshed.release.name
        assert found["basis"]["period"] == "2022-10 to 2023-09"
        months = asked.get("months") or ("2022-10", "2023-09")
        assert found["months"] == f"{months[0]} to {months[1]}"
        assert brief["period"] == csvs.days.get(measure, OF_NO_MONTH if once_more.MEASURES[measure][0] == "products" else found["months"])
        assert "sale prices include VAT" in found["basis"]["sale_prices"]


def test_a_measure_is_of_one_price_basis_and_says_the_one_of_its_label() -> None:
    for measure in MEASURES.values():
        parts = set(parts_of(measure.combination))
        assert len({PRICES[part] for part in parts if part in PRICES}) <= 1, measure.name
        for said, basis in (("(incl. VAT)", "incl_vat"), ("(excl. VAT)", "excl_vat")):
            assert said not in measure.label.en or measure.price_basis == basis, measure.name
        assert (measure.unit != "EUR") or measure.price_basis, measure.name
    for name, part in PARTS.items():
        made_of = {PRICES[column] for column in columns_of(part)[-1:] if column in PRICES}
        assert not made_of or PRICES[name] in made_of, name


def test_what_is_compared_with_the_first_month_of_the_period_names_it_whatever_months_are_asked_for(others: dict[str, Any]) -> None:
    briefs = {brief["name"]: brief for brief in others["late"]["measures"]}
    assert briefs["price_index"]["note"] == "the period’s first month = 100; the first month is 2022-10"
    assert briefs["purchase_price_rise"]["note"] == "since the period’s first month; the first month is 2022-10"
    assert briefs["turnover_to_date"]["note"] == "since the period began; the first month is 2022-10"
    assert {brief["period"] for brief in briefs.values()} == {"2023-03 to 2023-09"}


def test_a_figure_of_the_stock_says_its_day_wherever_it_is_told(others: dict[str, Any], csvs: Csvs) -> None:
    assert csvs.days["stock_on_date"] > csvs.days["stock_end"]
    listed = {measure["name"]: measure["period"] for measure in others["measures"]["measures"]}
    assert {name: listed[name] for name in csvs.days} == csvs.days
    assert others["stock"]["measure"]["period"] == csvs.days["below_reorder"]


def test_what_is_estimated_says_so_and_where_its_range_and_verdict_are(others: dict[str, Any], csvs: Csvs) -> None:
    notes = {measure["name"]: measure["note"] for measure in others["measures"]["measures"]}
    estimates = {name for name, note in notes.items() if "an estimate" in note}
    assert estimates == {"promo_incremental_roi", "incremental_margin", "uplift_units", "baseline_units"}
    assert all("kpis/promo_uplift.csv" in notes[name] and "promote_low_season" in notes[name] for name in estimates)
    assert {"incremental_roi_low", "incremental_roi_high", "verdict"} <= set(csvs.read("kpis/promo_uplift.csv"))
    assert "promote_low_season" in set(csvs.findings["recommendation"])


def test_rates_of_a_year_and_of_a_month_say_so_and_two_measures_of_stock_are_told_apart() -> None:
    assert {MEASURES[name].unit for name in ("stock_turnover", "turnover_to_date")} == {"turns a year"}
    assert MEASURES["conversion_rate"].note == Words("of a month’s available units", "des unités disponibles")
    assert MEASURES["days_of_stock"].note == Words("that the mean stock lasts", "que dure le stock moyen")
    assert MEASURES["months_of_cover"].note == Words("that the last stock lasts", "que dure le dernier stock")


def test_prices_that_are_read_as_net_are_said_to_be(refreshed_real_excl_vat: Refreshed, needs_mcp: None) -> None:
    (answer,) = told(refreshed_real_excl_vat.data_dir, [call("revenue")])
    assert "without VAT" in answer.found["measures"][0]["price_basis"]
    assert "without VAT" in answer.found["basis"]["sale_prices"]


# --- What is refused ---------------------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[Call, str]] = {
    "ratings by month": ((Q, {"measures": ["average_rating"], "group_by": ["month"]}), OF_NO_MONTH),
    "ratings in a month": ((Q, {"measures": ["average_rating"], "month_from": "2023-01"}), OF_NO_MONTH),
    "class A by month": ((Q, {"measures": ["products_in_a"], "group_by": ["month"]}), OF_NO_MONTH),
    "thresholds by month": ((Q, {"measures": ["below_reorder"], "group_by": ["month"]}), "the export’s latest month-end"),
    "a mean price of one product": ((Q, {"measures": ["mean_price"], "group_by": ["sku"]}), "prices are followed over a basket"),
    "stock at the end by month": ((Q, {"measures": ["stock_end"], "group_by": ["month"]}), "at the end of the period"),
    "an index of one product": ((Q, {"measures": ["price_index"], "group_by": ["sku"]}), "a basket of many products"),
    "findings by product type": ((Q, {"measures": ["findings"], "group_by": ["product_type"]}), "recommendation and scope"),
    "a measure that is misspelled": ((Q, {"measures": ["revnue"]}), "Did you mean revenue"),
    "a segment that there is not": ((Q, {"measures": ["revenue"], "segments": ["Beer"]}), "There are: Huile, Offres commerciales"),
    "a product that there is not": ((Q, {"measures": ["revenue"], "skus": [1]}), "There is no product 1"),
    "a type as a segment": ((Q, {"measures": ["revenue"], "segments": ["champagne"]}), "Champagne is a product type, not a segment"),
    "a segment as a type": ((Q, {"measures": ["revenue"], "product_types": ["Spiritueux"]}), "Keep it with segments"),
    "a month after the period": (
        (Q, {"measures": ["revenue"], "month_from": "2023-10"}),
        "outside the reporting period 2022-10 to 2023-09.\nThe export has it, and tables/sales.csv its rows",
    ),
    "a month that nobody knows": ((Q, {"measures": ["revenue"], "month_from": "2031-10"}), "Its months are 2022-10 to 2023-09"),
    "months from back to front": ((Q, {"measures": ["revenue"], "month_from": "2023-05", "month_to": "2023-01"}), "must not be after"),
    "a dimension that there is not": ((Q, {"measures": ["revenue"], "group_by": ["colour"]}), "Input should be 'month', 'segment'"),
    "a filter that is misspelled": ((Q, {"measures": ["revenue"], "segment": ["Vin"]}), "Extra inputs are not permitted"),
    "SQL": ((Q, {"measures": ["revenue"], "sql": "select 1"}), "Extra inputs are not permitted"),
    "SQL as a measure": ((Q, {"measures": ["sum(revenue) from sales; drop table sales"]}), "There is no figure sum"),
    "no measure": ((Q, {"measures": []}), "at least 1 item"),
    "more rows than there may be": ((Q, {"measures": ["revenue"], "first": 10_000}), "less than or equal to 100"),
    "a recommendation that there is not": (("list_recommendations", {"recommendation": "buy_more"}), "There are: "),
    "a description of no product": (("describe_product", {"sku": 1}), "There is no product 1"),
    "rows before the first": (("find_products", {"text": "domaine", "skip": -1}), "greater than or equal to 0"),
    "an explanation of nothing": (("explain_measure", {"measure": "profit"}), "There is no figure profit"),
}  # fmt: skip


@pytest.fixture(scope="module")
def refusals(refreshed_sample: Refreshed, needs_mcp: None) -> dict[str, Told]:
    return dict(zip(REFUSED, told(refreshed_sample.data_dir, [asked for asked, _ in REFUSED.values()]), strict=True))


@pytest.mark.parametrize("question", REFUSED)
def test_what_a_measure_does_not_allow_is_refused_with_the_reason(question: str, refusals: dict[str, Told]) -> None:
    assert REFUSED[question][1] in refusals[question].refused
    assert refusals[question].found is None


def test_no_tool_writes_and_none_takes_more_than_it_names(needs_mcp: None, tmp_path: Path) -> None:
    made = asyncio.run(server.server(tmp_path).list_tools())
    assert [tool.name for tool in made] == [name for name in vars(server.Tools) if not name.startswith("_")]
    for tool in made:
        assert tool.annotations
        assert (tool.annotations.read_only_hint, tool.annotations.destructive_hint) == (True, False)
        assert tool.input_schema["additionalProperties"] is False
        assert "description" not in tool.input_schema
        assert all(argument["description"] for argument in tool.input_schema["properties"].values()), tool.name
        assert tool.output_schema
        assert tool.description


def test_without_a_release_every_tool_says_how_to_make_one(needs_mcp: None, tmp_path: Path) -> None:
    (answer,) = told(tmp_path, [("list_measures", {})])
    assert "There is no release" in answer.refused
    assert "bottleneck refresh makes one" in answer.refused


def test_without_the_package_the_command_says_how_to_have_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(server, "find_spec", lambda _: None)
    done = CliRunner().invoke(main, ["mcp", "--data-dir", str(tmp_path)])
    assert done.exit_code == 1
    assert done.stdout == ""
    assert "uv sync --extra mcp" in done.stderr


# --- The other tools ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def others(refreshed: Refreshed, csvs: Csvs) -> dict[str, Any]:
    calls: dict[str, Call] = {
        "measures": ("list_measures", {}),
        "late": (
            Q,
            {"measures": ["price_index", "purchase_price_rise", "turnover_to_date"], "month_from": "2023-03", "month_to": "2023-09"},
        ),
        "cut": (Q, {"measures": ["units"], "group_by": ["sku", "month"], "skip": 2, "first": 3}),
        "least": (Q, {"measures": ["units"], "group_by": ["segment", "month"], "largest_first": False, **ALL}),
        "rate": ("explain_measure", {"measure": "Taux de marge brute HT"}),
        "revenue": ("explain_measure", {"measure": "revenue_excl_vat"}),
        "class": ("explain_measure", {"measure": "products_in_a"}),
        "rating": ("explain_measure", {"measure": "average_rating"}),
        "stock": ("explain_measure", {"measure": "below_reorder"}),
        "advice": ("list_recommendations", {"first": 100}),
        "one": ("list_recommendations", {"recommendation": "free_cash", "first": 3, "language": "fr"}),
        "others": ("list_recommendations", {"skip": 2, "first": 3}),
        "wine": ("find_products", {"text": "20 domaine", "first": 3}),
        "more": ("find_products", {"text": "20 domaine", "skip": 3, "first": 3}),
        "plain": ("find_products", {"text": "CHATEAU", **ALL}),
        "number": ("find_products", {"text": str(csvs.best), **ALL}),
        "best": ("describe_product", {"sku": csvs.best, "language": "fr"}),
        "gift": ("describe_product", {"sku": csvs.gift_card}),
    }
    return {name: answer.found for name, answer in zip(calls, told(refreshed.data_dir, list(calls.values())), strict=True)}


def test_the_list_has_every_measure_with_what_it_allows_and_every_value_to_choose_from(others: dict[str, Any], csvs: Csvs) -> None:
    found = others["measures"]
    assert {measure["name"] for measure in found["measures"]} == set(MEASURES) - NOT_IN_A_RELEASE
    for measure in found["measures"]:
        assert tuple(measure["dimensions"]) == once_more.DIMENSIONS[once_more.MEASURES[measure["name"]][0]]
    assert found["segments"] == sorted(csvs.web["segment"].unique())
    assert found["product_types"] == sorted(csvs.web["product_type"].unique())
    assert found["months"] == sorted(month[:7] for month in csvs.sales["month"].unique())


def test_an_explanation_names_formula_parts_and_the_columns_of_the_export(others: dict[str, Any]) -> None:
    rate = others["rate"]
    assert rate["measure"]["name"] == "gross_margin_rate"
    assert rate["formula"] == "sum(gross_margin) / sum(revenue_excl_vat)"
    assert [part["name"] for part in rate["parts"]] == ["gross_margin", "revenue_excl_vat"]
    assert {"Finance.Price", "Finance.Purchase_Price", "Sales.Sales"} <= set(rate["parts"][0]["comes_from"])
    assert {one for one in others["revenue"]["parts"][0]["comes_from"] if "." not in one} == {"setting promo_units", "setting vat_rates"}
    assert "abc_class: A: the first 80 %" in others["class"]["parts"][0]["description"]
    assert "Sales.Sales" in others["class"]["parts"][0]["comes_from"]
    assert rate["one_row_is"] == GRAINS["sale"].row
    assert any("sums over the group" in caveat for caveat in rate["caveats"])
    assert "Overview" in rate["shown_on_tabs"]


def test_caveats_are_of_the_tables_behind_the_measure_alone(others: dict[str, Any], csvs: Csvs) -> None:
    quarantined = csvs.read("quality/row_accounting.csv").set_index("source_table")["rows_quarantined"]

    def told_of(name: str) -> set[str]:
        return {table for table in quarantined.index for caveat in others[name]["caveats"] if f"rows of {table}, in quarantine" in caveat}

    lacking = {table for table, rows in quarantined.items() if rows}
    assert lacking
    assert told_of("rate") == lacking & {"finance", "promo", "sales", "web"}
    assert told_of("rating") == lacking & {"web"}
    failed = {check["found"] for check in csvs.manifest["checks"] if not check["passed"] and check["asset"] == "clean/quarantine"}
    assert failed.isdisjoint(others["rating"]["caveats"])


def test_recommendations_come_with_their_evidence_as_the_csvs_have_them(others: dict[str, Any], csvs: Csvs) -> None:
    rows = csvs.findings
    shown = others["advice"]["findings"]
    assert [(one["recommendation"], one["scope"]) for one in shown] == [
        (name, scope.lstrip("'")) for name, scope in rows[["recommendation", "scope"]].head(100).itertuples(index=False)
    ]
    for one, (_, row) in zip(shown, rows.head(100).iterrows(), strict=True):
        assert "; ".join(f"{name}={value}" for name, value in one["evidence"].items()) == row["evidence"].lstrip("'")
        assert (one["verdict"], one["sentence"]) == (row["verdict"], row["sentence_en"].lstrip("'"))
        assert one["yearly_effect_eur_excl_vat"] == (None if pd.isna(row["yearly_effect"]) else pytest.approx(row["yearly_effect"]))
        assert one["effect_method"] == row["effect_method"]
    assert others["advice"]["left_out"] == max(0, len(rows) - 100)
    cash = rows[rows["recommendation"] == "free_cash"].head(3)
    assert [one["sentence"] for one in others["one"]["findings"]] == [sentence.lstrip("'") for sentence in cash["sentence_fr"]]
    assert others["one"]["findings"][0]["effect_method"] == sentence("fr", "free_cash", "method", "", "")
    assert others["others"]["findings"] == shown[2:5]
    assert others["others"]["left_out"] == len(rows) - 5


def test_the_summary_says_what_is_advised_and_found_and_claims_no_effect_that_no_finding_claims(others: dict[str, Any], csvs: Csvs) -> None:
    summary = csvs.read("recommendations/summary.csv").set_index("recommendation")
    claimed = csvs.findings.dropna(subset=["yearly_effect"]).groupby("recommendation").size()
    assert [one["recommendation"] for one in others["advice"]["summary"]] == list(summary.index)
    effects = {one["recommendation"]: one["yearly_effect_eur_excl_vat"] for one in others["advice"]["summary"]}
    assert {name for name, effect in effects.items() if effect is not None} == set(claimed.index) < set(summary.index)
    for language, given in (("en", "advice"), ("fr", "one")):
        for one in others[given]["summary"]:
            name, row = one["recommendation"], summary.loc[one["recommendation"]]
            assert one["advice"] == sentence(language, name, "advice", "", "")
            assert one["sentence"] == sentence(language, name, f"summary_{row['finding']}", "", row["evidence"])
            assert effects[name] is None or effects[name] == pytest.approx(row["yearly_effect"])
            told_above = {"supported", "contradicted", "yearly_effect"}
            figures = {figure.partition("=")[0]: figure.partition("=")[2] for figure in row["evidence"].split("; ")}
            assert {key: figure["value"] for key, figure in one["evidence"].items()} == {
                key: value for key, value in figures.items() if key not in told_above
            }
            assert all(figure["description"] for figure in one["evidence"].values())
    (season,) = (one for one in others["advice"]["summary"] if one["recommendation"] == "promote_low_season")
    assert "Margin lost by campaigns in high season" in season["evidence"]["loss"]["description"]


def test_the_evidence_of_findings_has_unit_and_meaning_once_as_the_dictionary_has_them(others: dict[str, Any], csvs: Csvs) -> None:
    dictionary = csvs.read("data_dictionary.csv")
    for one in others["advice"]["summary"]:
        name = one["recommendation"]
        given = csvs.findings.loc[csvs.findings["recommendation"] == name, "evidence"].fillna("")
        columns = {figure.partition("=")[0].lstrip("'") for row in given for figure in row.split("; ") if figure}
        described = dictionary[dictionary["table"] == f"recommendations/{name}.csv"].fillna("").set_index("column")
        wanted = {column: (described.loc[column, "unit"], described.loc[column, "description"]) for column in columns}
        assert one["evidence_columns"] == {column: f"{unit}: {said}" if unit else said for column, (unit, said) in wanted.items()}


def test_what_to_try_comes_with_the_advice_on_the_low_season(others: dict[str, Any], csvs: Csvs) -> None:
    tests = csvs.read("recommendations/test_campaign.csv")
    assert len(others["advice"]["to_try"]) == len(tests) == 1
    for one, (_, row) in zip(others["advice"]["to_try"], tests.iterrows(), strict=True):
        parts = [sentence("en", "test_campaign", part, row["scope"], row["evidence"]) for part in ("try", "read")]
        assert (one["scope"], one["sentence"]) == (row["scope"], " ".join(parts))
        assert "; ".join(f"{name}={figure['value']}" for name, figure in one["evidence"].items()) == row["evidence"]
        assert one["evidence"]["cost"]["unit"] == "EUR"
    assert others["one"]["to_try"] == []


def test_products_are_found_by_words_of_their_names_without_accents_and_by_their_numbers(others: dict[str, Any], csvs: Csvs) -> None:
    titles = csvs.web["title"].str.lower()
    wanted = csvs.web[titles.str.contains("20") & titles.str.contains("domaine")].sort_values(["title", "sku"])
    assert [product["sku"] for product in others["wine"]["products"]] == list(wanted["sku"].head(3))
    assert others["wine"]["left_out"] == max(0, len(wanted) - 3)
    assert [product["sku"] for product in others["more"]["products"]] == list(wanted["sku"][3:6])
    chateaux = csvs.web.loc[titles.str.contains("ch[aâ]teau"), "title"]
    assert chateaux.str.contains("â").any()
    assert len(others["plain"]["products"]) + others["plain"]["left_out"] == len(chateaux)
    assert csvs.best in {product["sku"] for product in others["number"]["products"]}


def test_a_product_is_described_by_what_the_csvs_have_each_fact_once(others: dict[str, Any], csvs: Csvs) -> None:
    dictionary = csvs.read("data_dictionary.csv").fillna("").set_index(["table", "column"])
    files = ("top_products.csv", "customer_preferences.csv", "stock_turnover.csv", "tables/finance.csv")
    for name, sku in (("best", csvs.best), ("gift", csvs.gift_card)):
        found, wanted = others[name], dict[str, Any]()
        for file in files:
            table = csvs.read(file)
            rows = table[(table["sku"] == sku) & (table["month"].between(*csvs.period) if "month" in table else True)]
            row = rows.iloc[-1] if len(rows) else pd.Series(index=table.columns)
            wanted |= {column: (row[column], file) for column in table if column not in wanted}
        told_apart = {column: wanted.pop(column)[0] for column in ("sku", "title", "segment", "product_type")}
        assert found["product"]["sku"] == sku == told_apart["sku"]
        assert list(found["facts"]) == list(wanted)
        for column, (value, file) in wanted.items():
            fact = found["facts"][column]
            assert fact["file"] == file
            assert (fact["unit"], fact["description"]) == tuple(dictionary.loc[(file, column), ["unit", "description"]])
            if pd.isna(value):
                assert (fact["value"], fact["text"]) == (None, "–")
            else:
                assert fact["value"] == (value if isinstance(value, str | bool) else pytest.approx(value)), column
    assert others["best"]["facts"]["rank"]["value"] == 1
    assert others["gift"]["facts"]["stock_on_date"]["value"] is None
    assert others["best"]["facts"]["is_on_sale"]["text"] in {"oui", "non"}
    assert others["gift"]["facts"]["is_on_sale"]["text"] in {"yes", "no", "–"}
    price = others["best"]["facts"]["price"]
    assert price["text"] == f"{price['value']:,.2f}".replace(",", "\u202f").replace(".", ",")


def test_rows_go_by_month_and_then_by_the_first_measure_and_are_read_on_where_they_were_cut_off(others: dict[str, Any], csvs: Csvs) -> None:
    sales = csvs.sales.assign(month=csvs.sales["month"].str[:7], sku=csvs.sales["sku"].astype(str))
    ordered = sales.sort_values(["month", "units"], ascending=[True, False])
    assert [row["figures"]["units"]["value"] for row in others["cut"]["rows"]] == list(ordered["units"][2:5])
    assert {row["of"]["month"] for row in others["cut"]["rows"]} == {"2022-10"}
    assert others["cut"]["left_out"] == len(sales) - 5
    sums = sales.groupby(["month", "segment"])["units"].sum().reset_index().sort_values(["month", "units"])
    assert [(row["of"]["month"], row["figures"]["units"]["value"]) for row in others["least"]["rows"]] == list(
        sums[["month", "units"]].itertuples(index=False, name=None)
    )


@pytest.mark.usefixtures("posix", "needs_mcp")
def test_each_question_is_answered_from_the_release_that_is_the_newest_then(
    refreshed_sample: Refreshed, refreshed_excluded_sample: Refreshed, tmp_path: Path
) -> None:
    extracts = tmp_path / "extracts"
    tools = server.Tools(extracts)
    for refreshed in (refreshed_sample, refreshed_excluded_sample):
        shutil.copytree(refreshed.release, extracts / refreshed.release.name)
        (extracts / "latest").unlink(missing_ok=True)
        (extracts / "latest").symlink_to(refreshed.release.name)
        answer = tools.query_measures(["revenue"], [], [], [], [])
        assert answer.basis.release == refreshed.release.name
        assert answer.rows[0].figures["revenue"].value == pytest.approx(Csvs(refreshed.release).sales["revenue"].sum())
    shutil.rmtree(extracts)
    with pytest.raises(Exception, match="There is no release"):
        tools.list_measures()
