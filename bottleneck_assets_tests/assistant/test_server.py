"""Proves that what an assistant is told is right, says what it rests on, and is refused where a measure does not allow it.

The client is the SDK's own; it starts `bottleneck mcp` as an assistant does. What is right is worked out by pandas from the CSVs
(once_more.py).
"""

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
from bottleneck_assets.figures.measures import GRAINS, MEASURES, PARTS, PRICES
from bottleneck_assets_tests.assistant import once_more
from bottleneck_assets_tests.assistant.once_more import Csvs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bottleneck_assets_tests.conftest import Refreshed

BOTTLENECK = Path(sys.executable).with_name("bottleneck")
ALL = {"first": 100}
NOT_IN_A_RELEASE: set[str] = set()

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


def test_every_answer_says_unit_months_price_basis_and_release(answered: dict[str, Told], refreshed: Refreshed) -> None:
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
        of_no_month = GRAINS[MEASURES[measure].grain].unmoved.get("month")
        assert brief["period"] == (of_no_month.en if of_no_month else found["months"])
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


def test_prices_that_are_read_as_net_are_said_to_be(refreshed_real_excl_vat: Refreshed, needs_mcp: None) -> None:
    (answer,) = told(refreshed_real_excl_vat.data_dir, [call("revenue")])
    assert "without VAT" in answer.found["measures"][0]["price_basis"]
    assert "without VAT" in answer.found["basis"]["sale_prices"]


# --- What is refused ---------------------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[Call, str]] = {
    "ratings by month": ((Q, {"measures": ["average_rating"], "group_by": ["month"]}), "the export gives no month"),
    "ratings in a month": ((Q, {"measures": ["average_rating"], "month_from": "2023-01"}), "the export gives no month"),
    "stock at the end by month": ((Q, {"measures": ["stock_end"], "group_by": ["month"]}), "at the end of the period"),
    "an index of one product": ((Q, {"measures": ["price_index"], "group_by": ["sku"]}), "a basket of many products"),
    "findings by product type": ((Q, {"measures": ["findings"], "group_by": ["product_type"]}), "recommendation and scope"),
    "a measure that is misspelled": ((Q, {"measures": ["revnue"]}), "Did you mean revenue"),
    "a segment that there is not": ((Q, {"measures": ["revenue"], "segments": ["Beer"]}), "There are: Huile, Offres commerciales"),
    "a product that there is not": ((Q, {"measures": ["revenue"], "skus": [1]}), "There is no product 1"),
    "a month outside the period": ((Q, {"measures": ["revenue"], "month_from": "2023-10"}), "Its months are 2022-10 to 2023-09"),
    "months from back to front": ((Q, {"measures": ["revenue"], "month_from": "2023-05", "month_to": "2023-01"}), "must not be after"),
    "a dimension that there is not": ((Q, {"measures": ["revenue"], "group_by": ["colour"]}), "Input should be 'month', 'segment'"),
    "a filter that is misspelled": ((Q, {"measures": ["revenue"], "segment": ["Vin"]}), "Extra inputs are not permitted"),
    "SQL": ((Q, {"measures": ["revenue"], "sql": "select 1"}), "Extra inputs are not permitted"),
    "SQL as a measure": ((Q, {"measures": ["sum(revenue) from sales; drop table sales"]}), "There is no figure sum"),
    "no measure": ((Q, {"measures": []}), "at least 1 item"),
    "more rows than there may be": ((Q, {"measures": ["revenue"], "first": 10_000}), "less than or equal to 100"),
    "a recommendation that there is not": (("list_recommendations", {"recommendation": "buy_more"}), "There are: "),
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
    assert [tool.name for tool in made] == ["list_measures", "explain_measure", Q, "find_products", "list_recommendations"]
    for tool in made:
        assert tool.annotations
        assert (tool.annotations.read_only_hint, tool.annotations.destructive_hint) == (True, False)
        assert tool.input_schema["additionalProperties"] is False
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
def others(refreshed: Refreshed) -> dict[str, Any]:
    calls: dict[str, Call] = {
        "measures": ("list_measures", {}),
        "rate": ("explain_measure", {"measure": "Taux de marge brute HT"}),
        "advice": ("list_recommendations", {"first": 100}),
        "one": ("list_recommendations", {"recommendation": "free_cash", "first": 3, "language": "fr"}),
        "wine": ("find_products", {"text": "20 domaine", "first": 3}),
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
    assert {"finance.price", "finance.purchase_price", "sales.sales"} <= set(rate["parts"][0]["comes_from"])
    assert rate["one_row_is"] == GRAINS["sale"].row
    assert any("sums over the group" in caveat for caveat in rate["caveats"])
    assert "Overview" in rate["shown_on_tabs"]


def test_recommendations_come_with_their_evidence_as_the_csvs_have_them(others: dict[str, Any], csvs: Csvs) -> None:
    rows, summary = csvs.findings, csvs.read("recommendations/summary.csv")
    shown = others["advice"]["findings"]
    assert [(one["recommendation"], one["scope"]) for one in shown] == [
        (name, scope.lstrip("'")) for name, scope in rows[["recommendation", "scope"]].head(100).itertuples(index=False)
    ]
    for one, (_, row) in zip(shown, rows.head(100).iterrows(), strict=True):
        assert "; ".join(f"{name}={value}" for name, value in one["evidence"].items()) == row["evidence"].lstrip("'")
        assert (one["verdict"], one["sentence"]) == (row["verdict"], row["sentence_en"].lstrip("'"))
        assert one["yearly_effect_eur_excl_vat"] == (None if pd.isna(row["yearly_effect"]) else pytest.approx(row["yearly_effect"]))
    assert others["advice"]["left_out"] == max(0, len(rows) - 100)
    wanted = summary.set_index("recommendation")["yearly_effect"]
    assert {one["recommendation"]: one["yearly_effect_eur_excl_vat"] for one in others["advice"]["summary"]} == pytest.approx(dict(wanted))
    cash = rows[rows["recommendation"] == "free_cash"].head(3)
    assert [one["sentence"] for one in others["one"]["findings"]] == [sentence.lstrip("'") for sentence in cash["sentence_fr"]]


def test_products_are_found_by_words_of_their_names(others: dict[str, Any], csvs: Csvs) -> None:
    is_meant = csvs.web["title"].str.casefold().map(lambda title: "20" in title and "domaine" in title)
    wanted = csvs.web[is_meant].sort_values(["title", "sku"])
    assert [product["sku"] for product in others["wine"]["products"]] == list(wanted["sku"].head(3))
    assert others["wine"]["left_out"] == max(0, len(wanted) - 3)


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
