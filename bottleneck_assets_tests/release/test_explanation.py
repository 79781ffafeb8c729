"""A figure, explained from a release: its value, formula and parts are right, and it says where they come from and what they lack."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from bottleneck_assets.engine.parquet_files import query_parquet
from bottleneck_assets.figures.combinations import Ratio, Sum
from bottleneck_assets.figures.measures import HEADLINE, MEASURES
from bottleneck_assets.release.explanation import UnknownFigureError, explanation_of, measure_called
from bottleneck_assets.release.release import OlderReleaseError, Release, newest
from bottleneck_assets_tests.commands import bottleneck

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def release(published: Path) -> Release:
    return newest(published / "extracts")


def sales(release: Release) -> pd.DataFrame:
    return pd.read_csv(release.folder / "facts" / "sales_in_period.csv")


def test_a_headline_figure_is_worth_what_the_release_says_and_its_parts_add_up_to_it(release: Release) -> None:
    explained = explanation_of(release, MEASURES["gross_margin_rate"])
    published = pd.read_csv(release.folder / "kpis" / "headline.csv").set_index("kpi")["value"]
    rows = sales(release)
    assert explained.value == published["gross_margin_rate"]
    assert {part.name: part.total for part in explained.parts} == pytest.approx(
        {"gross_margin": rows["gross_margin"].sum(), "revenue_excl_vat": rows["revenue_excl_vat"].sum()}
    )
    assert explained.formula == "sum(gross_margin) / sum(revenue_excl_vat)"
    assert explained.tableau == "SUM([gross_margin]) / SUM([revenue_excl_vat])"
    assert explained.file == "facts/sales_in_period.csv"
    assert explained.covers == "month and product of Sales, in the reporting period"


def test_a_figure_that_is_no_kpi_is_computed_from_the_releases_rows(release: Release) -> None:
    rows = sales(release)
    assert explanation_of(release, MEASURES["promo_share"]).value == pytest.approx(rows["units_promo"].sum() / rows["units"].sum())
    last = rows[rows["month"] == rows["month"].max()]
    assert explanation_of(release, MEASURES["stock_value"]).value == pytest.approx(last["stock_value_end"].sum())


@pytest.mark.parametrize("measure", MEASURES.values(), ids=lambda one: one.name)
def test_every_figure_can_be_explained(measure: object, release: Release) -> None:
    explained = explanation_of(release, measure)  # type: ignore[arg-type]
    assert explained.value is not None
    assert explained.formula
    assert explained.selects
    assert explained.exported
    if measure in HEADLINE:
        published = pd.read_csv(release.folder / "kpis" / "headline.csv").set_index("kpi")["value"]
        assert explained.value == published[explained.measure.name]


def test_an_explanation_names_the_columns_of_the_export_the_selects_and_the_settings_behind_a_figure(release: Release) -> None:
    explained = explanation_of(release, MEASURES["revenue_excl_vat"])
    assert set(explained.exported) == {"Finance.Price", "Finance.Purchase_Price", "Promo.Price_Offer", "Promo.Sales_Offer", "Sales.Sales"}
    assert explained.selects[0] == "models/clean/sales_in_period.sql"
    assert "models/clean/sales.sql" in explained.selects
    assert set(explained.settings) == {"promo_units", "vat_rates"}
    assert explanation_of(release, MEASURES["revenue"]).settings == ["promo_units"]


def test_an_explanation_says_what_is_left_out_and_what_a_figure_cannot_be_cut_by(release: Release) -> None:
    turnover = explanation_of(release, MEASURES["stock_turnover"])
    assert "rows where this does not hold: is_stocked = True (in cogs_stocked)" in turnover.left_out
    quarantined = pd.read_csv(release.folder / "quality" / "row_accounting.csv").set_index("source_table")["rows_quarantined"]
    behind = {table: rows for table, rows in quarantined.items() if rows and table in {"finance", "promo", "sales", "web"}}
    said = {line.split()[-4].rstrip(","): int(line.split()[0]) for line in turnover.left_out if "in quarantine" in line}
    assert behind
    assert said == behind
    index = explanation_of(release, MEASURES["purchase_price_index"])
    assert index.not_by["month"].en == "a comparison of the last month with the first"
    assert "month" not in index.cut_by


def test_an_explanation_of_what_rests_on_a_baseline_says_how_many_products_have_none_for_their_quarantine(release: Release) -> None:
    said = "what rests on a baseline, of 3 products with rows in quarantine (quality/unknown_products.csv)"
    files = [replace(file, rows=3) if file.path == "quality/unknown_products.csv" else file for file in release.manifest.files]
    lacking = replace(release, manifest=replace(release.manifest, files=tuple(files)))

    assert said in explanation_of(lacking, MEASURES["promo_incremental_roi"]).left_out
    assert said not in explanation_of(lacking, MEASURES["revenue"]).left_out
    assert not any("unknown_products" in line for line in explanation_of(release, MEASURES["promo_incremental_roi"]).left_out)


def test_one_changed_measure_is_explained_as_changed(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    measure = MEASURES["gross_margin_rate"]
    assert isinstance(measure.combination, Ratio)
    monkeypatch.setitem(MEASURES, measure.name, replace(measure, combination=replace(measure.combination, times=3), headline=""))  # type: ignore[arg-type]
    before, after = explanation_of(release, measure), explanation_of(release, measure_called("gross_margin_rate"))
    assert (after.formula, after.tableau) == (f"3 * {before.formula}", f"3 * {before.tableau}")
    assert after.sql == f"3 * {before.sql}"
    assert before.value is not None
    assert after.value == pytest.approx(3 * before.value)


@pytest.mark.parametrize("name", ["gross_margin_rate", "Gross margin rate (excl. VAT)", "TAUX DE MARGE BRUTE HT"])
def test_a_figure_is_found_by_its_name_and_by_its_label_in_either_language(name: str) -> None:
    assert measure_called(name) is MEASURES["gross_margin_rate"]


def test_a_figure_that_there_is_none_of_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(UnknownFigureError) as refused:
        measure_called("gross margin")
    assert refused.value.problem == "There is no figure gross margin."
    assert "gross_margin" in refused.value.remedy


def test_a_figure_that_no_file_of_a_release_can_give_is_refused(release: Release) -> None:
    with pytest.raises(UnknownFigureError, match="cannot be computed from the files of a release"):
        explanation_of(release, replace(MEASURES["revenue"], combination=Sum("no_such_part")))


def test_the_command_prints_the_value_the_formula_and_where_it_comes_from(published: Path, release: Release) -> None:
    done = bottleneck("explain", "taux de marge brute ht", "--data-dir", published)
    assert (done.returncode, done.stderr) == (0, "")
    value = pd.read_csv(release.folder / "kpis" / "headline.csv").set_index("kpi")["value"]["gross_margin_rate"]
    lines = dict(line.split(maxsplit=1) for line in reversed(done.stdout.splitlines()[1:]))
    assert done.stdout.startswith("Gross margin rate (excl. VAT) · Taux de marge brute HT (gross_margin_rate)\n")
    assert lines["Value"].startswith(f"{value:.2%} (unit: ratio); the whole shop, 2022-10 to 2023-09; release {release.name}")
    assert lines["Formula"] == "sum(gross_margin) / sum(revenue_excl_vat)"
    assert "models/clean/sales.sql" in lines["SELECTs"]
    assert "Finance.Purchase_Price" in lines["Export"]


@pytest.mark.parametrize("name", ["below_reorder", "months_of_cover"])
def test_a_figure_of_the_stock_is_of_its_day_and_no_month(name: str, published: Path, release: Release) -> None:
    on_date = pd.read_csv(release.folder / "stock_turnover.csv")["stock_date"].max()
    day = {"below_reorder": on_date, "months_of_cover": "2023-09-30"}[name]
    assert on_date > "2023-09-30"
    assert str(explanation_of(release, MEASURES[name]).day) == day
    assert f"; the whole shop, {day}; release" in bottleneck("explain", name, "--data-dir", published).stdout


def test_the_command_says_in_two_lines_what_it_cannot_explain(published: Path, tmp_path: Path) -> None:
    unknown, nothing = bottleneck("explain", "profit", "--data-dir", published), bottleneck("explain", "revenue", "--data-dir", tmp_path)
    assert [(done.returncode, len(done.stderr.splitlines())) for done in (unknown, nothing)] == [(1, 2), (1, 2)]
    assert "There is no figure profit." in unknown.stderr
    assert "There is no release" in nothing.stderr


def test_a_release_of_an_older_version_is_named_with_the_file_that_it_lacks(release: Release) -> None:
    kept = tuple(file for file in release.manifest.files if file.path != "parquet/facts/sales_in_period.parquet")
    older = Release(release.folder, replace(release.manifest, files=kept))
    with pytest.raises(OlderReleaseError, match=r"does not hold parquet/facts/sales_in_period\.parquet") as refused:
        explanation_of(older, MEASURES["cogs"])
    assert "run bottleneck refresh" in refused.value.remedy


def test_parquet_is_read_with_its_own_types_and_null_stays_null(tmp_path: Path) -> None:
    columns = {"name": ['a "b", c', None], "price": pa.array([Decimal("0.10"), None], pa.decimal128(18, 2))}
    parquet.write_table(pa.table(columns), tmp_path / "it's.parquet")
    rows = query_parquet(
        "select name, cast(price as varchar) as price from shop.main.prices", {"shop.main.prices": tmp_path / "it's.parquet"}
    )
    assert rows == [{"name": 'a "b", c', "price": "0.10"}, {"name": None, "price": None}]
