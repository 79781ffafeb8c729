"""A measure is one figure, whoever computes it: pandas from the CSV, SQL, the workbook's formula on its extract, a data source's formula.

`EXPECTED` is what each measure is, once more and by other means: a new measure is one entry there.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
import pytest
from lxml import etree

from bottleneck_assets.engine.warehouse import Warehouse
from bottleneck_assets.figures import adding_up, described
from bottleneck_assets.figures.combinations import Ratio, parts_of
from bottleneck_assets.figures.headline import SELECT, headline_select
from bottleneck_assets.figures.measures import GRAINS, HEADLINE, MEASURES, PARTS, Words
from bottleneck_assets.figures.plain import measures_json, tabs_json
from bottleneck_assets.figures.rows import NotInTheseRowsError, rows_of
from bottleneck_assets.figures.sql import Sql
from bottleneck_assets.figures.tabs import COLUMNS, TABS
from bottleneck_assets.models.catalog import models
from bottleneck_assets.models.contract import columns_of
from bottleneck_assets_tests.commands import started
from bottleneck_assets_tests.conftest import run_refresh

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PACKAGE = Path(adding_up.__file__).parents[1]
PERIODS = {
    "year": {},
    "half": {"period_start": "2023-01", "period_end": "2023-06"},
    "month": {"period_start": "2023-05", "period_end": "2023-05"},
}
TABLES = [*(f"extract.{tab.name}" for tab in TABS), "kpi.headline", "kpi.stock_turnover_by_segment"]
CUTS = ("segment", "product_type")


def added(name: str) -> Callable[[pd.DataFrame, pd.DataFrame], Any]:
    return lambda rows, _: rows[name].sum(min_count=1)


def of_last_month(name: str) -> Callable[[pd.DataFrame, pd.DataFrame], Any]:
    return lambda rows, view: rows.loc[rows["month"] == view["month"].max(), name].sum(min_count=1)


def of_one(name: str, key: str) -> Callable[[pd.DataFrame, pd.DataFrame], Any]:
    """What the last row says, if all rows are of one thing."""
    return lambda rows, view: one_value(rows, view, name, key)


def one_value(rows: pd.DataFrame, view: pd.DataFrame, name: str, key: str) -> Any:
    if len(rows[key].unique()) != 1:
        return None
    last = rows[rows["month"] == view["month"].max()] if "month" in rows else rows
    return last[name].iloc[0] if len(last) else None


def index(name: str) -> Callable[[pd.DataFrame, pd.DataFrame], Any]:
    def of(rows: pd.DataFrame, view: pd.DataFrame) -> Any:
        if len(rows["segment"].unique()) == 1:
            return one_value(rows, view, name, "segment")
        return rows.loc[rows["month"] == view["month"].max(), f"{name}_all"].iloc[0]

    return of


def count(condition: Callable[[pd.DataFrame], Any]) -> Callable[[pd.DataFrame, pd.DataFrame], Any]:
    return lambda rows, _: int(condition(rows).sum())


def divided(part: Callable[[pd.DataFrame], Any], whole: Callable[[pd.DataFrame], Any]) -> Callable[[pd.DataFrame, pd.DataFrame], Any]:
    return lambda rows, _: part(rows) / whole(rows) if whole(rows) else None


EXPECTED: dict[str, Callable[[pd.DataFrame, pd.DataFrame], Any]] = {
    **{
        name: added(name)
        for name in (
            "revenue", "revenue_excl_vat", "gross_margin", "units", "cogs", "units_promo", "discount_cost", "incremental_margin",
            "uplift_units", "baseline_units", "rating_count", "comment_count", "stock_value_end", "stock_end", "stock_on_date",
            "value_above_ceiling", "yearly_effect",
        )
    },
    "gross_margin_rate": divided(lambda rows: rows["gross_margin"].sum(), lambda rows: rows["revenue_excl_vat"].sum()),
    "units_regular": lambda rows, _: rows["units"].sum() - rows["units_promo"].sum(),
    "promo_share": divided(lambda rows: rows["units_promo"].sum(), lambda rows: rows["units"].sum()),
    "revenue_share": lambda rows, view: rows["revenue"].sum() / view["revenue"].sum() if view["revenue"].sum() else None,
    "conversion_rate": divided(lambda rows: rows["units"].sum(), lambda rows: rows["units_available"].sum()),
    "products_sold": lambda rows, _: rows.loc[rows["units"] > 0, "sku"].nunique(),
    "products_sold_last": of_last_month("products_sold"),
    "stock_value": of_last_month("stock_value_end"),
    "products_in_a": count(lambda rows: rows["abc_class"] == "A"),
    "first_ten_share": lambda rows, _: rows.loc[rows["rank"] <= 10, "revenue"].sum(min_count=1) / rows["revenue"].sum(),
    "products": lambda rows, _: len(rows),
    "promotions": lambda rows, _: len(rows),
    "promo_incremental_roi": divided(
        lambda rows: rows["incremental_margin"].sum(), lambda rows: rows.loc[rows["incremental_margin"].notna(), "discount_cost"].sum()
    ),
    "promo_margin_roi": divided(lambda rows: rows["promo_margin"].sum(), lambda rows: rows["discount_cost"].sum()),
    "units_measured": lambda rows, _: rows.loc[rows["baseline_units"].notna(), "units"].sum(min_count=1),
    "average_rating": divided(
        lambda rows: (rows["average_rating"] * rows["rating_count"]).sum(),
        lambda rows: rows.loc[rows["average_rating"].notna(), "rating_count"].sum(),
    ),
    "comments_per_100_units": divided(lambda rows: 100 * rows["comment_count"].sum(), lambda rows: rows["units"].sum()),
    "commented_share": divided(lambda rows: (rows["comment_count"] > 0).sum(), len),
    "unrated": count(lambda rows: rows["rating_count"] == 0),
    "months_of_cover": divided(lambda rows: rows["stock_end"].sum(), lambda rows: rows["mean_monthly_units"].sum()),
    "below_reorder": count(lambda rows: rows["stock_on_date"] < rows["reorder_point"]),
    "above_ceiling": count(lambda rows: rows["stock_on_date"] > rows["stock_ceiling"]),
    "purchase_price_index": index("purchase_price_index"),
    "price_index": index("price_index"),
    "purchase_price_rise": lambda rows, view: found / 100 - 1 if (found := index("purchase_price_index")(rows, view)) is not None else None,
    "mean_purchase_price": of_one("mean_purchase_price", "segment"),
    "mean_price": of_one("mean_price", "segment"),
    "turnover_to_date": of_one("turnover_to_date", "segment"),
    "findings": lambda rows, _: len(rows),
    "findings_supported": count(lambda rows: rows["verdict"] == "supported"),
    "findings_contradicted": count(lambda rows: rows["verdict"] == "contradicted"),
    "findings_inconclusive": count(lambda rows: rows["verdict"] == "inconclusive"),
    "largest_effect": lambda rows, _: rows["yearly_effect"].max(),
}  # fmt: skip


def expected(measure: str, table: str, rows: pd.DataFrame, view: pd.DataFrame) -> float | None:
    """Return what a measure is over rows of a table, by pandas; none where nothing is known."""
    if table == "kpi.headline":
        values = rows.set_index("kpi")["value"]
        if measure == "days_of_stock":
            value: Any = 365 / values["stock_turnover"]
        else:
            value = values["purchase_price_index"] / 100 - 1 if measure == "purchase_price_rise" else values.get(measure)
    elif measure in {"stock_turnover", "days_of_stock"}:
        key, column = "segment" if "by_segment" in table else "sku", "turnover" if measure == "stock_turnover" else measure
        value = one_value(rows, view, column, key)
    elif rows.empty:
        value = 0 if measure == "products_sold" else None
    else:
        value = EXPECTED[measure](rows, view)
    return None if value is None or pd.isna(value) else float(value)


@dataclass(frozen=True)
class Made:
    """A release of a period: its folder, and its tables."""

    release: Path
    warehouse: Warehouse

    def rows(self, table: str) -> pd.DataFrame:
        """A table as its CSV holds it."""
        layer, _, name = table.partition(".")
        frame = pd.read_csv(self.release / {"extract": "", "kpi": "kpis"}[layer] / f"{name}.csv", keep_default_na=False, na_values=[""])
        return frame.assign(month=pd.to_datetime(frame["month"])) if "month" in frame else frame


@pytest.fixture(scope="module", params=["real_export", "sample_export"])
def export(request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module", params=PERIODS)
def made(request: pytest.FixtureRequest, export: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("made")
    return Made(run_refresh(export, folder, **PERIODS[request.param]).release, Warehouse(folder / "warehouse"))


def borne(table: str) -> Iterator[tuple[str, str]]:
    """Yield the measures that a table bears, with their SQL."""
    sql = Sql(rows_of(models()[table]), "everything", "everything")
    for measure in MEASURES.values():
        try:
            yield measure.name, sql.measure(measure)
        except NotInTheseRowsError:
            continue


def scopes(rows: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Yield every column and value that a reader filters by: none, each segment, each product type."""
    yield "", ""
    for column in CUTS:
        for value in sorted(rows[column].dropna().unique()) if column in rows else []:
            yield column, value


def same(one: float | None, other: float | None) -> bool:
    return one is other if one is None or other is None else one == pytest.approx(other, rel=1e-9, abs=1e-9)


def test_every_measure_is_the_same_in_sql_as_from_the_csv(made: Made) -> None:
    off, compared = [], 0
    for table in (table for table in TABLES if table != "kpi.headline"):
        everything = made.rows(table)  # duckdb finds it by this name
        for column, value in scopes(everything):
            shown = everything[everything[column] == value] if column else everything
            measures = dict(borne(table))
            found = duckdb.sql(f"select {', '.join(measures.values())} from shown").fetchall()[0]
            for measure, given in zip(measures, found, strict=True):
                compared += 1
                wanted = expected(measure, table, shown, everything)
                if not same(given, wanted):
                    off.append((table, column, value, measure, given, wanted))
    assert off == []
    assert compared > 100


@pytest.mark.usefixtures("needs_tableau")
def test_every_measure_is_the_same_by_tableaus_formula_on_the_extract_as_from_the_csv(made: Made, tmp_path: Path) -> None:
    import tableauhyperapi as hyper

    from bottleneck_assets.render.tableau.datasource import data_source
    from bottleneck_assets.render.tableau.extract import extract_table, write_extracts
    from bottleneck_assets.render.tableau.workbook import workbook
    from bottleneck_assets_tests.render.tableau.shelves import formula_reader

    in_workbook = etree.fromstring(workbook())
    write_extracts({tmp_path / f"{table}.hyper": [extract_table(made.warehouse, "Extract", table)] for table in TABLES})
    off, compared = [], 0
    with hyper.HyperProcess(hyper.Telemetry.DO_NOT_SEND_USAGE_DATA_TO_TABLEAU, parameters={"log_config": ""}) as process:
        for table in TABLES:
            everything, name = made.rows(table), table.partition(".")[2]
            sources = [
                etree.fromstring(data_source(models()[table])),
                in_workbook.find(f"datasources/datasource[@name='federated.{name}']"),
            ]
            for source in sources:
                reader = formula_reader(source, in_workbook)
                measures = {column.removeprefix("measure_"): sql for column, sql in reader.items() if column.startswith("measure_")}
                with hyper.Connection(process.endpoint, tmp_path / f"{table}.hyper") as connection:
                    for column, value in scopes(everything) if measures else ():
                        shown = everything[everything[column] == value] if column else everything
                        where = f""" where "{column}" = '{value.replace("'", "''")}'""" if column else ""
                        (found,) = connection.execute_list_query(f'select {", ".join(measures.values())} from "Extract"."Extract"{where}')
                        for measure, given in zip(measures, found, strict=True):
                            compared += 1
                            wanted = expected(measure, table, shown, everything)
                            if not same(None if given is None else float(given), wanted):
                                off.append((table, column, value, measure, given, wanted))
    assert off == []
    assert compared > 100


def test_every_kpi_of_the_headline_is_the_tabs_own(made: Made) -> None:
    for tab in adding_up.HELD_AGAINST_THE_HEADLINE:
        verdict = adding_up.tab_adds_up(made.warehouse, tab.name)
        assert verdict.passed, verdict.found


def test_the_stock_lasts_as_long_in_every_table_whatever_the_period(made: Made) -> None:
    products, segments = made.rows("extract.stock_turnover"), made.rows("kpi.stock_turnover_by_segment")
    for rows in (products, segments):
        turned = rows[rows["turnover"] > 0]
        assert (turned["days_of_stock"] - 365 / turned["turnover"]).abs().max() < 1e-6


# --- One entry is enough ---------------------------------------------------------------------------------------------------------


def test_the_headline_is_what_the_measures_say() -> None:
    written = SELECT.read_text(encoding="utf-8")
    assert written == headline_select(), "run: python -m bottleneck_assets.figures.headline"


def metric_of(model: dict[str, Any], name: str) -> dict[str, str]:
    """Return the expressions of a metric of the semantic model, by their dialects."""
    (metric,) = (metric for metric in model["metrics"] if metric["name"] == name)
    return {one["dialect"]: one["expression"] for one in metric["expression"]["dialects"]}


def test_a_fault_in_one_measure_is_in_every_output_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    from bottleneck_assets.figures.described import formula_of
    from bottleneck_assets.render.semantic_model import semantic_model
    from bottleneck_assets.render.tableau.datasource import data_source
    from bottleneck_assets.render.tableau.workbook import workbook

    overview = models()["extract.overview"]
    margin = models()["extract.inflation_margin"]

    def outputs() -> dict[str, str]:
        rate = MEASURES["gross_margin_rate"]
        return {
            "headline": headline_select([rate if kpi.name == rate.name else kpi for kpi in HEADLINE]),
            "sql": Sql(rows_of(overview), "t", "t").measure(rate),
            "check": adding_up.expressions_of("overview")[0]["gross_margin_rate"],
            "dictionary": next(column.formula for column in described.described(margin) if column.name == "gross_margin_rate"),
            "data source": data_source(overview).decode(),
            "workbook": workbook().decode(),
            **{f"metric in {dialect}": expression for dialect, expression in metric_of(semantic_model(Words("", "")), rate.name).items()},
            "explanation": formula_of(rate.combination),
            "dashboard": str(measures_json()["measures"]["gross_margin_rate"]["combination"]),
        }

    before = outputs()
    measure = MEASURES["gross_margin_rate"]
    assert isinstance(measure.combination, Ratio)
    wrong = replace(measure, combination=replace(measure.combination, times=3))
    monkeypatch.setitem(MEASURES, measure.name, wrong)  # type: ignore[arg-type]
    monkeypatch.setattr(adding_up, "HEADLINE", tuple(wrong if kpi is measure else kpi for kpi in HEADLINE))
    after = outputs()
    assert [name for name in before if before[name] == after[name]] == []
    assert all("3 * " in after[name] for name in after if name != "dashboard")
    assert "'times': 3" in after["dashboard"]


@pytest.mark.full
def test_a_fault_in_one_measure_is_in_the_csv_the_terminal_the_reports_and_the_dashboard_of_a_refresh(
    published: Path, tmp_path: Path
) -> None:
    package = tmp_path / "code" / PACKAGE.name
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    measures = package / "figures" / "measures.py"
    sound, wrong = ('Ratio(Sum("gross_margin"), Sum("revenue_excl_vat")' + end for end in (")", ", times=0.5)"))
    before = measures.read_text(encoding="utf-8")
    assert before.count(sound) == 1
    measures.write_text(before.replace(sound, wrong), encoding="utf-8")
    settings = {"PYTHONPATH": str(package.parent), "BOTTLENECK_REPORTS": "true"}
    written_anew = [sys.executable, "-m", "bottleneck_assets.figures.headline"]
    subprocess.run(written_anew, cwd=tmp_path, env={**os.environ, **settings}, check=True)

    done = started("refresh", "--export", published / "exports" / "sample.db", "--data-dir", tmp_path / "data", **settings)

    assert done.returncode == 0, done.stderr
    release = tmp_path / "data" / "extracts" / "latest"
    overview = pd.read_csv(release / "overview.csv")
    rate = overview["gross_margin"].sum() / overview["revenue_excl_vat"].sum() / 2
    headline = pd.read_csv(release / "kpis" / "headline.csv").set_index("kpi")["value"]
    assert headline["gross_margin_rate"] == pytest.approx(rate, rel=1e-9)
    assert re.search(rf"Gross margin rate \(excl. VAT\) +│ +{rate:.2%} │", done.stdout)
    for report, shown in (("recommendations.html", f"{rate:.1%}"), ("recommendations.fr.html", f"{100 * rate:.1f}".replace(".", ","))):
        page = (release / "report" / report).read_text(encoding="utf-8")
        assert re.search(rf"(Gross margin rate \(excl. VAT\)|Taux de marge brute HT)</dt><dd>{shown}", page)
    assert '"times":0.5}' in (release / "dashboard" / "index.html").read_text(encoding="utf-8")


def test_every_measure_is_expected_and_of_a_grain_and_made_of_parts() -> None:
    assert set(MEASURES) - set(EXPECTED) <= {"stock_turnover", "days_of_stock"}
    assert {measure.grain for measure in MEASURES.values()} == set(GRAINS)
    for measure in MEASURES.values():
        assert measure.label.en
        assert measure.label.fr
        assert parts_of(measure.combination) or measure.name == "days_of_stock"
    labels = [measure.label.en for measure in MEASURES.values()]
    assert len(set(labels)) == len(labels)
    used = {part for measure in MEASURES.values() for part in parts_of(measure.combination)}
    assert set(PARTS) <= used


def test_a_column_that_holds_a_measure_is_in_its_unit() -> None:
    units = {
        (model.ref, column.name): (column.unit, measure.unit)
        for model in models().values()
        for column in columns_of(model.contract)
        for measure in MEASURES.values()
        if column.name in measure.columns and column.unit
    }
    assert ("extract.segments", "turnover_to_date") in units
    assert {place: both for place, both in units.items() if both[0] != both[1]} == {}


def test_a_figure_of_one_day_and_an_estimate_are_known_by_their_parts() -> None:
    named = {moment: {measure.name for measure in MEASURES.values() if measure.moment == moment} for moment in ("stock_date", "period_end")}
    assert named == {
        "stock_date": {"stock_on_date", "value_above_ceiling", "below_reorder", "above_ceiling"},
        "period_end": {"stock_value_end", "stock_end", "months_of_cover"},
    }
    assert {measure.name for measure in MEASURES.values() if measure.is_beyond_bounds} == {
        *("value_above_ceiling", "below_reorder", "above_ceiling"),
    }
    estimated = {measure.name for measure in MEASURES.values() if measure.is_estimate}
    assert estimated == {"promo_incremental_roi", "incremental_margin", "uplift_units", "baseline_units"}


def test_every_grain_says_what_each_dimension_means_to_it() -> None:
    for grain in GRAINS.values():
        said = [*grain.dimensions, *grain.unmoved, *grain.undefined]
        assert sorted(said) == sorted({"month", "segment", "product_type", "sku"}), grain.name


def test_every_tab_shows_measures_and_columns_that_there_are() -> None:
    plain = tabs_json()
    assert [tab["name"] for tab in plain["tabs"]] == [tab.name for tab in TABS]
    for tab in TABS:
        assert set(tab.cards) <= set(MEASURES)
        shown = [*tab.table.shows, *(name for chart in tab.charts for name in (*chart.measures, *chart.tips))]
        assert {name for name in shown if not tab.is_measure(name)} <= set(COLUMNS)
        by = [*tab.table.by, *(name for chart in tab.charts for name in (*chart.by, *([chart.series] if chart.series else [])))]
        assert set(by) <= set(COLUMNS)
        for chart in (chart for chart in tab.charts if chart.rows):
            assert set(chart.columns) <= {column.name for column in columns_of(models()[chart.rows].contract)}
    ids = [(tab.name, chart.id) for tab in TABS for chart in tab.charts]
    assert len(set(ids)) == len(ids)


# --- Nowhere else ----------------------------------------------------------------------------------------------------------------
A_RATIO_OF_SUMS = re.compile(r"\bsum\([^()]*(?:\([^()]*\)[^()]*)*\)\s*/|\bratio\(\s*sum\(|/\s*(?:nullif\()?sum\(", re.IGNORECASE)


@pytest.mark.parametrize(
    "text", ["SUM([a]) / SUM([b])", "sum(a) / nullif(sum(b), 0)", "ratio(sum(rows, 'a'), sum(rows, 'b'))", "x / sum(b)"]
)
def test_a_ratio_of_sums_is_found(text: str) -> None:
    assert A_RATIO_OF_SUMS.search(text)


def texts(path: Path) -> Iterator[str]:
    """Yield what may hold a formula: a file's text, of Python the texts in it, docstrings left out."""
    content = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        yield content
        return
    tree = ast.parse(content)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield ast.unparse(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value


def test_no_ratio_of_sums_is_written_but_in_figures_and_models() -> None:
    """What makes samples, and what asks whether each way to the data gives the right answer, are not among those who show figures."""
    elsewhere = {"figures", "models", "sample", "access"}
    found = [
        f"{path.relative_to(PACKAGE)}: {met[0]}"
        for path in sorted(PACKAGE.rglob("*"))
        if path.suffix in {".py", ".js", ".mjs", ".sql", ".html"}
        if path.relative_to(PACKAGE).parts[0] not in elsewhere and "vendor" not in path.parts
        for text in texts(path)
        for met in A_RATIO_OF_SUMS.finditer(text)
    ]
    assert found == []
