"""What is chosen once holds on every tab: with a segment and months chosen, each figure is that of pandas from the release's CSVs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from bottleneck_assets_tests.render.tableau.test_shelves import Reader

if TYPE_CHECKING:
    from pathlib import Path

    from bottleneck_assets_tests.render.tableau.conftest import Packaged


OVER_THE_MONTHS = "over the months|au fil des mois"


@dataclass(frozen=True)
class Chosen:
    """A segment and months, empty where all are chosen, over the CSVs of a release."""

    release: Path
    segment: str
    months: tuple[str, ...]

    def rows(self, name: str, *, any_segment: bool = False) -> pd.DataFrame:
        """Return the rows of a CSV that are chosen, as far as it has the columns; what carries no month always is."""
        table = pd.read_csv(self.release / f"{name}.csv")
        if "segment" in table and self.segment and not any_segment:
            table = table[table["segment"] == self.segment]
        if "month" in table and self.months:
            table = table[table["month"].isin(self.months) | table["month"].isna()]
        return table

    def share(self, name: str, of: str, over: str) -> float:
        """Return a sum divided by another."""
        table = self.rows(name)
        return float(table[of].sum() / table[over].sum())


@pytest.fixture(params=["segment", "months", "both"])
def chosen(request: pytest.FixtureRequest, packaged: Packaged) -> Chosen:
    """The segment of the second largest revenue, the third to the sixth of the months, or both."""
    overview = pd.read_csv(packaged.release / "overview.csv")
    _, segment, *_ = overview.groupby("segment")["revenue"].sum().sort_values(ascending=False).index
    months = sorted(overview["month"].unique())[2:6]
    return Chosen(packaged.release, "" if request.param == "months" else segment, () if request.param == "segment" else tuple(months))


@pytest.fixture(params=["file", "french", "live"])
def reader(request: pytest.FixtureRequest, packaged: Packaged, chosen: Chosen, process: Any, tmp_path: Path) -> Reader:
    """The sheets of a package, once a reader has chosen."""
    reader = Reader(getattr(packaged, request.param), tmp_path, process)
    segment, since, until = ("Segment", "Du mois", "Au mois") if request.param == "french" else ("Segment", "From month", "To month")
    if chosen.segment:
        reader.choose(segment, f'"{chosen.segment}"')
    if chosen.months:
        reader.choose(since, chosen.months[0][:7].replace("-", ""))
        reader.choose(until, chosen.months[-1][:7].replace("-", ""))
    return reader


def expected_cards(chosen: Chosen) -> dict[tuple[str, int], float]:
    """Return figures by their tab and their place among its cards, each from the CSV of that tab."""
    overview, products, prices = (chosen.rows(name) for name in ("overview", "top_products", "inflation_margin"))
    promotions, ratings, stock = (chosen.rows(name) for name in ("promotions_roi", "customer_preferences", "stock_turnover"))
    findings, segments = chosen.rows("business_recommendations"), chosen.rows("segments")
    measured = promotions[promotions["incremental_margin"].notna()]
    rated = ratings[ratings["average_rating"].notna()]
    return {
        ("overview", 0): overview["revenue"].sum(),
        ("overview", 2): overview["gross_margin"].sum(),
        ("overview", 3): chosen.share("overview", "gross_margin", "revenue_excl_vat"),
        ("overview", 4): overview["units"].sum(),
        ("inflation_margin", 2): chosen.share("inflation_margin", "gross_margin", "revenue_excl_vat"),
        ("inflation_margin", 4): prices["revenue_excl_vat"].sum(),
        ("promotions_roi", 0): measured["incremental_margin"].sum() / measured["discount_cost"].sum(),
        ("promotions_roi", 2): promotions["discount_cost"].sum(),
        ("top_products", 0): products["revenue"].sum(),
        ("top_products", 4): chosen.share("top_products", "gross_margin", "revenue_excl_vat"),
        ("customer_preferences", 0): (rated["average_rating"] * rated["rating_count"]).sum() / rated["rating_count"].sum(),
        ("customer_preferences", 1): ratings["rating_count"].sum(),
        ("segments", 0): segments["revenue"].sum(),
        ("segments", 1): segments["revenue"].sum() / chosen.rows("segments", any_segment=True)["revenue"].sum(),
        ("segments", 3): chosen.share("segments", "units", "units_available"),
        ("segments", 4): segments[segments["month"] == segments["month"].max()]["products_sold"].sum(),
        ("stock_turnover", 2): stock["stock_value_end"].sum(),
        ("stock_turnover", 3): stock["value_above_ceiling"].sum(),
        ("business_recommendations", 0): (findings["verdict"] == "supported").sum(),
        ("business_recommendations", 1): (findings["verdict"] == "contradicted").sum(),
    }


def zones(reader: Reader, tab: str) -> list[str]:
    """Return the names of a tab's cards and charts, in the order in which they are read, without what is said of them."""
    tabs = [
        "overview", "inflation_margin", "promotions_roi", "top_products", "customer_preferences", "segments", "stock_turnover",
        "business_recommendations",
    ]  # fmt: skip
    dashboard = reader.root.findall("dashboards/dashboard")[tabs.index(tab)]
    shown = [str(zone.get("name")) for zone in dashboard.iterfind("zones//zone") if not zone.get("param")]
    aside = ("Data as of", "Données au", "In short", "En bref")
    return [name for name in shown if name in reader.sheets and not name.startswith(aside) and not re.search(OVER_THE_MONTHS, name)]


def test_every_tab_shows_the_figures_of_what_is_chosen(reader: Reader, chosen: Chosen) -> None:
    found, expected = dict[tuple[str, int], float](), expected_cards(chosen)
    for tab, place in expected:
        _, ((value, *_),) = reader.rows(zones(reader, tab)[place])
        found[tab, place] = float(value or 0)
    assert found == pytest.approx({key: float(value) for key, value in expected.items()}, rel=1e-9)


def answers(chosen: Chosen) -> dict[str, list[float]]:
    """Return the figures of each tab's sentence, in their order, each from the CSV of that tab."""
    overview, products, promotions = (chosen.rows(name) for name in ("overview", "top_products", "promotions_roi"))
    ratings, stock, findings = (chosen.rows(name) for name in ("customer_preferences", "stock_turnover", "business_recommendations"))
    measured, rated = promotions[promotions["incremental_margin"].notna()], ratings[ratings["average_rating"].notna()]
    of_verdict = findings["verdict"].value_counts()
    return {
        "overview": [
            overview["revenue"].sum(),
            overview["gross_margin"].sum(),
            chosen.share("overview", "gross_margin", "revenue_excl_vat"),
            overview["units"].sum(),
        ],
        "promotions_roi": [
            promotions["discount_cost"].sum(),
            promotions["incremental_margin"].sum(),
            measured["incremental_margin"].sum() / measured["discount_cost"].sum(),
        ],
        "top_products": [
            products.loc[products["rank"] <= 10, "revenue"].sum() / products["revenue"].sum(),
            (products["abc_class"] == "A").sum(),
            (products["units"] > 0).sum(),
        ],
        "customer_preferences": [
            (rated["average_rating"] * rated["rating_count"]).sum() / rated["rating_count"].sum(),
            ratings["rating_count"].sum(),
            100 * ratings["comment_count"].sum() / ratings["units"].sum(),
            (ratings["comment_count"] > 0).sum() / len(ratings),
        ],
        "segments": [
            chosen.rows("segments")["revenue"].sum(),
            chosen.share("segments", "gross_margin", "revenue_excl_vat"),
            chosen.share("segments", "units", "units_available"),
        ],
        "stock_turnover": [
            (stock["stock_on_date"] > stock["stock_ceiling"]).sum(),
            stock["value_above_ceiling"].sum(),
            (stock["stock_on_date"] < stock["reorder_point"]).sum(),
        ],
        "business_recommendations": [
            *(of_verdict.get(verdict, 0) for verdict in ("supported", "contradicted", "inconclusive")),
            findings["yearly_effect"].max(),
        ],
    }


def test_every_tab_answers_its_question_with_the_figures_of_what_is_chosen(reader: Reader, chosen: Chosen) -> None:
    names = [name for name in reader.sheets if name.startswith(("In short", "En bref"))]
    tabs = [*answers(chosen)]
    tabs.insert(1, "inflation_margin")
    assert len(names) == len(tabs)
    for name, tab in zip(names, tabs, strict=True):
        label = [str(run.text) for run in reader.sheets[name].iterfind(".//customized-label//run")]
        shown = [text.rsplit(".", 1)[-1] for text in label if re.fullmatch(r"\[.+\]\.\[.+\]", text)]
        shelves, (row,) = reader.rows(name)
        figures = dict(zip([*shelves.headers, *shelves.measures], row, strict=True))
        found = [float(figures[one] or 0) for one in shown]
        if tab == "inflation_margin":
            assert found[2] == pytest.approx(chosen.share("inflation_margin", "gross_margin", "revenue_excl_vat"), rel=1e-9)
        else:
            assert found == pytest.approx([float(value) for value in answers(chosen)[tab]], rel=1e-9), tab


def test_the_line_of_a_card_is_its_figure_month_by_month(reader: Reader, chosen: Chosen) -> None:
    overview = chosen.rows("overview").groupby("month")[["revenue", "gross_margin", "revenue_excl_vat"]].sum()
    courses = [name for name in reader.sheets if re.search(OVER_THE_MONTHS, name)]
    assert len(courses) > 10
    by_month = {"revenue": overview["revenue"], "rate": overview["gross_margin"] / overview["revenue_excl_vat"]}
    for place, figure in ((0, "revenue"), (3, "rate")):
        _, rows = reader.rows(courses[place])
        assert {str(month)[:10]: float(value) for month, value in rows} == pytest.approx(by_month[figure].to_dict(), rel=1e-9)


def test_a_line_at_the_rate_of_all_months_weighs_each_by_its_revenue(reader: Reader, chosen: Chosen) -> None:
    (name,) = {"Gross margin rate (excl. VAT) by month", "Taux de marge brute HT par mois"} & reader.sheets.keys()
    shelves, rows = reader.rows(name)
    place = [*shelves.headers, *shelves.measures].index("[usr:period_gross_margin_rate:qk]")
    expected = chosen.share("inflation_margin", "gross_margin", "revenue_excl_vat")
    assert [float(row[place]) for row in rows] == pytest.approx([expected] * len(rows), rel=1e-9)


def test_a_card_says_how_the_last_month_chosen_differs_from_the_one_before(reader: Reader, chosen: Chosen) -> None:
    by_month = chosen.rows("overview").groupby("month")["revenue"].sum().sort_index()
    _, ((_, change),) = reader.rows(zones(reader, "overview")[0])
    assert float(change) == pytest.approx(by_month.iloc[-1] / by_month.iloc[-2] - 1, rel=1e-9)


def test_a_chart_of_another_data_source_on_a_tab_follows_too(reader: Reader, chosen: Chosen) -> None:
    (by_month,) = (name for name in zones(reader, "stock_turnover") if name in {"Stock value by month", "Valeur du stock par mois"})
    _, rows = reader.rows(by_month)
    expected = chosen.rows("overview").groupby("month")["stock_value_end"].sum()
    assert {str(month)[:10]: float(value) for month, value in rows} == pytest.approx(expected.to_dict(), rel=1e-9)


STATES = {"below": ("below", "en dessous"), "within": ("within", "dans la fourchette"), "above": ("above", "au-dessus")}


def test_the_band_of_a_margin_rate_is_that_of_the_release(reader: Reader, chosen: Chosen) -> None:
    (name,) = (one for one in reader.sheets if reader.sheets[one].find(".//datasource[@name='federated.segment_band']") is not None)
    shelves, rows = reader.rows(name)
    columns = [column.split(":")[1] for column in (*shelves.headers, *shelves.measures)]
    found = pd.DataFrame(rows, columns=columns).assign(month=lambda table: table["month"].astype(str).str[:10])
    found = found.set_index(["segment", "month"]).sort_index()
    expected = chosen.rows("kpis/segment_band").set_index(["segment", "month"]).sort_index()
    assert [*found.index] == [*expected.index]
    assert len(found) > 3
    for column, figures in {
        "measure_gross_margin_rate": expected["gross_margin"] / expected["revenue_excl_vat"],
        "expected_margin_rate": expected["expected_margin_rate"],
        "margin_rate_low": expected["margin_rate_low"],
        "margin_rate_high": expected["margin_rate_high"],
        "band_width": expected["margin_rate_high"] - expected["margin_rate_low"],
    }.items():
        assert found[column].astype(float).to_list() == pytest.approx(figures.to_list(), rel=1e-9, nan_ok=True), column
    in_french = reader.root.get("locale") == "fr_FR"
    yes_or_no = {True: "oui", False: "non"} if in_french else {True: "yes", False: "no"}
    states = {state: said[in_french] for state, said in STATES.items()}
    for column, words in {"margin_state": states, "has_campaign": yes_or_no, "is_step": yes_or_no}.items():
        meant = [words.get(value) for value in expected[column]]
        assert [None if pd.isna(value) else value for value in found[f"of_one_row_{column}"]] == meant, column


def test_a_list_of_the_first_ones_is_of_the_segment_chosen(reader: Reader, chosen: Chosen) -> None:
    first = {"The products with the most revenue (incl. VAT)", "Les produits au plus grand CA TTC"}
    (name,) = first & {*zones(reader, "top_products")}
    shelves, rows = reader.rows(name)
    revenue = [*shelves.headers, *shelves.measures].index("[sum:revenue:qk]")
    expected = chosen.rows("top_products")["revenue"].nlargest(15)
    assert sorted(float(row[revenue]) for row in rows) == pytest.approx(sorted(expected), rel=1e-9)


def test_a_line_at_the_whole_shops_figure_is_of_all_segments_in_the_months_chosen(reader: Reader, chosen: Chosen) -> None:
    segments, ratings = chosen.rows("segments", any_segment=True), pd.read_csv(chosen.release / "customer_preferences.csv")
    rated = ratings[ratings["average_rating"].notna()]
    expected = {
        "whole_gross_margin_rate": segments["gross_margin"].sum() / segments["revenue_excl_vat"].sum(),
        "whole_average_rating": (rated["average_rating"] * rated["rating_count"]).sum() / rated["rating_count"].sum(),
    }
    for name in reader.sheets:
        for line in reader.sheets[name].iterfind(".//reference-line[@formula='average']"):
            (field,) = (part.split(":")[1] for part in str(line.get("value-column")).split(".") if part.startswith("[usr:"))
            if field in expected:
                shelves, rows = reader.rows(name)
                place = [*shelves.headers, *shelves.measures].index(f"[usr:{field}:qk]")
                assert [float(row[place]) for row in rows] == pytest.approx([expected.pop(field)] * len(rows), rel=1e-9)
    assert not expected


def test_what_is_of_the_whole_shop_stays(reader: Reader, chosen: Chosen) -> None:
    headline = pd.read_csv(chosen.release / "kpis" / "headline.csv").set_index("kpi")["value"]
    for tab, place, kpi in (("overview", 5, "stock_turnover"), ("segments", 5, "stock_turnover"), ("overview", 8, "average_rating")):
        assert reader.figure(zones(reader, tab)[place]) == pytest.approx(headline[kpi], rel=1e-9)
