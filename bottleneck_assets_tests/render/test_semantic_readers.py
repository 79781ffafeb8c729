"""The semantic model, read by programs that are not ours: installed as anybody would, and asked for every figure of a release.

`EXPECTED` is what each figure is, by pandas from the release's CSVs: a new measure is one entry there.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
import pytest
import yaml

from bottleneck_assets_tests.running import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bottleneck_assets_tests.conftest import Refreshed

    Expected = Callable[[pd.DataFrame, pd.DataFrame], Any]
    Answers = dict[str, dict[str, dict[str, float | None]]]

pytestmark = pytest.mark.full

READERS = ("azem==0.2.0", "duckdb-engine==0.17.0", "duckdb==2.0.1", "lexis-cli==0.6.0", "ossie-guard==0.3.1")
CONVERTER = ("osi-orionbelt==0.6.0",)
DIMENSIONS = ("segment", "product_type", "month")
ASK = """
import json, sys
answers = {}
def ask(name, cut_by, run, dimensions):
    found = answers[name] = {"": {"": run([], [])}}
    for dimension in dimensions:
        if dimension in cut_by:
            found[dimension] = run([cut_by[dimension]], [])
    for value in found.get("segment", {}) if filters else ():
        found[f"only {value}"] = {"": run([], [{"field": cut_by["segment"], "op": "=", "value": value}])}
def plain(rows, field, name):
    return {str(row.get(field, "")): None if row[name] is None else float(row[name]) for row in rows if row.get(field, "") is not None}
"""
ASK_AZEM = f"""{ASK}
from azem import Connection, SemanticModel
filters, model = True, SemanticModel.from_file(sys.argv[1])
with Connection.from_url(f"duckdb:///{{sys.argv[2]}}") as connection:
    attested = model.attest(connection).to_dict()
    for metric in model.metrics:
        def run(dimensions, filters, name=metric.name):
            sql = model.compile({{"metrics": [name], "dimensions": dimensions, "filters": filters}}, connection.dialect)
            found = plain(connection.run(sql), dimensions[0].partition(".")[2] if dimensions else "", name)
            return found if dimensions else found[""]
        ask(metric.name, json.loads(metric.custom_extensions[0].data)["cut_by"], run, {DIMENSIONS!r})
    both = {{"metrics": ["revenue", "discount_cost", "average_rating"], "dimensions": ["products.segment"]}}
    together = connection.run(model.compile(both, connection.dialect))
print(json.dumps({{"attested": attested, "answers": answers, "together": together}}, default=str))
"""
ASK_LEXIS = f"""{ASK}
import duckdb
from lexis.parser import load_ossie_document
from lexis.resolved_model import ResolvedModel
from lexis.transpilers.sql import EMITTERS
filters, model = False, ResolvedModel.build(load_ossie_document(sys.argv[1]))
with duckdb.connect(sys.argv[2], read_only=True) as connection:
    for name, metric in model.metrics.items():
        def run(dimensions, filters, name=name):
            cursor = connection.execute(EMITTERS["duckdb"]().emit_metric_query(model, name, dimensions))
            rows = [dict(zip([column[0] for column in cursor.description], row)) for row in cursor.fetchall()]
            found = plain(rows, dimensions[0].partition(".")[2] if dimensions else "", name)
            return found if dimensions else found[""]
        ask(name, json.loads(metric.custom_extensions[0].data)["cut_by"], run, ("segment", "product_type"))
print(json.dumps({{"answers": answers}}))
"""


def total(column: str) -> Expected:
    return lambda rows, _: rows[column].sum(min_count=1)


def count(condition: Callable[[pd.DataFrame], Any]) -> Expected:
    return lambda rows, _: int(condition(rows).sum())


def share(part: Expected, whole: Expected, times: float = 1) -> Expected:
    def of(rows: pd.DataFrame, everything: pd.DataFrame) -> Any:
        above, below = part(rows, everything), whole(rows, everything)
        return times * above / below if below and not pd.isna(below) else None

    return of


def at_month(which: str, what: Expected) -> Expected:
    return lambda rows, everything: what(rows[rows["month"] == getattr(everything["month"], which)()], everything)


def where(condition: Callable[[pd.DataFrame], Any], what: Expected) -> Expected:
    return lambda rows, everything: what(rows[condition(rows)], everything)


def stocked(column: str) -> Expected:
    return where(lambda rows: rows["is_stocked"], total(column))


def known(column: str, what: Expected) -> Expected:
    return where(lambda rows: rows[column].notna(), what)


SALES, PROMOTIONS, RATINGS = "facts/sales_in_period.csv", "promotions_roi.csv", "customer_preferences.csv"
RANKING, STOCK, PRICES, FINDINGS = "top_products.csv", "stock_turnover.csv", "facts/basket_costs.csv", "business_recommendations.csv"
TURNOVER = share(stocked("cogs"), stocked("stock_value_end"), 12)


def index(column: str) -> Expected:
    return share(at_month("max", total(column)), at_month("min", total(column)), 100)


EXPECTED: dict[str, tuple[str, Expected]] = {
    **{
        name: (SALES, total(name))
        for name in ("revenue", "revenue_excl_vat", "gross_margin", "units", "cogs", "units_promo", "units_regular")
    },
    "gross_margin_rate": (SALES, share(total("gross_margin"), total("revenue_excl_vat"))),
    "stock_turnover": (SALES, TURNOVER),
    "turnover_to_date": (SALES, TURNOVER),
    "days_of_stock": (SALES, lambda rows, everything: 365 / turned if (turned := TURNOVER(rows, everything)) else None),
    "promo_share": (SALES, share(total("units_promo"), total("units"))),
    "revenue_share": (SALES, share(total("revenue"), lambda _, everything: everything["revenue"].sum())),
    "conversion_rate": (SALES, share(total("units"), lambda rows, _: rows["units"].sum() + rows["stock_end"].sum())),
    "products_sold": (SALES, lambda rows, _: rows.loc[rows["units"] > 0, "sku"].nunique()),
    "products_sold_last": (SALES, at_month("max", lambda rows, _: int((rows["units"] > 0).sum()) if len(rows) else None)),
    "stock_value": (SALES, at_month("max", total("stock_value_end"))),
    **{
        name: (PROMOTIONS, total(name))
        for name in ("discount_cost", "incremental_margin", "uplift_units", "baseline_units")
    },
    "promo_incremental_roi": (PROMOTIONS, share(total("incremental_margin"), known("incremental_margin", total("discount_cost")))),
    "promo_margin_roi": (PROMOTIONS, share(total("promo_margin"), total("discount_cost"))),
    "units_measured": (PROMOTIONS, known("baseline_units", total("units"))),
    "promotions": (PROMOTIONS, lambda rows, _: len(rows)),
    "average_rating": (
        RATINGS,
        share(lambda rows, _: (rows["average_rating"] * rows["rating_count"]).sum(), known("average_rating", total("rating_count"))),
    ),
    "comments_per_100_units": (RATINGS, share(total("comment_count"), total("units"), 100)),
    "commented_share": (RATINGS, lambda rows, _: (rows["comment_count"] > 0).mean()),
    "rating_count": (RATINGS, total("rating_count")),
    "comment_count": (RATINGS, total("comment_count")),
    "products": (RATINGS, lambda rows, _: len(rows)),
    "unrated": (RATINGS, count(lambda rows: rows["rating_count"] == 0)),
    "products_in_a": (RANKING, count(lambda rows: rows["abc_class"] == "A")),
    "first_ten_share": (RANKING, share(where(lambda rows: rows["rank"] <= 10, total("revenue")), total("revenue"))),
    "stock_value_end": (STOCK, total("stock_value_end")),
    "stock_end": (STOCK, total("stock_end")),
    "stock_on_date": (STOCK, total("stock_on_date")),
    "value_above_ceiling": (STOCK, total("value_above_ceiling")),
    "months_of_cover": (STOCK, share(total("stock_end"), total("mean_monthly_units"))),
    "below_reorder": (STOCK, count(lambda rows: rows["stock_on_date"] < rows["reorder_point"])),
    "above_ceiling": (STOCK, count(lambda rows: rows["stock_on_date"] > rows["stock_ceiling"])),
    "purchase_price_index": (PRICES, index("purchase_cost")),
    "price_index": (PRICES, index("sale_value")),
    "purchase_price_rise": (PRICES, lambda rows, everything: index("purchase_cost")(rows, everything) / 100 - 1),
    "mean_purchase_price": (PRICES, at_month("max", share(total("purchase_prices"), total("prices")))),
    "mean_price": (PRICES, at_month("max", share(total("sale_prices"), total("prices")))),
    "findings": (FINDINGS, lambda rows, _: len(rows)),
    **{
        f"findings_{verdict}": (FINDINGS, count(lambda rows, verdict=verdict: rows["verdict"] == verdict))
        for verdict in ("supported", "contradicted", "inconclusive")
    },
    "yearly_effect": (FINDINGS, total("yearly_effect")),
    "largest_effect": (FINDINGS, lambda rows, _: rows["yearly_effect"].max()),
}  # fmt: skip


def uv() -> str:
    """Return the program that installs, which runs the tests too."""
    found = os.environ.get("UV") or shutil.which("uv")
    if not found:
        pytest.skip("There is no uv to install other programs with.")
    return found


def installed(folder: Path, packages: tuple[str, ...], python: str) -> Path:
    """Install packages into an environment of their own, and return its programs."""
    for command in (["venv", "--quiet", "--python", python, folder], ["pip", "install", "--quiet", "--python", folder, *packages]):
        subprocess.run([uv(), *map(str, command)], check=True, timeout=PATIENCE)
    return folder / ("Scripts" if sys.platform == "win32" else "bin")


@pytest.fixture(scope="module")
def readers(made_once: Callable[..., Path]) -> Path:
    """The programs, installed from the index."""
    return made_once("readers", lambda folder: installed(folder / "venv", READERS, sys.executable))


def newer_python() -> str:
    """Return a Python 3.12 or newer that is on this machine, empty if there is none; also one of pyenv's, whose shims may lead nowhere."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    of_pyenv = [str(path) for path in sorted(versions.glob("3.1[2-9].*/bin/python"))]
    return next(iter([*of_pyenv, *filter(None, (shutil.which(f"python3.{minor}") for minor in (12, 13, 14)))]), "")


@dataclass(frozen=True)
class Loaded:
    """A release, and a DuckDB file with the tables that its semantic model names."""

    release: Path
    database: Path

    @property
    def model(self) -> Path:
        return self.release / "semantic_model.ossie.yaml"

    def rows(self, path: str) -> pd.DataFrame:
        """A CSV of the release, with each product's type where only its number stands."""
        frame = pd.read_csv(self.release / path, keep_default_na=False, na_values=[""])
        if "product_type" in frame:
            return frame
        types = pd.read_csv(self.release / "tables" / "web.csv", keep_default_na=False)[["sku", "product_type"]]
        return frame.merge(types, on="sku", how="left")


def loaded(release: Path, folder: Path) -> Loaded:
    """Load the CSVs that the semantic model names into a DuckDB file, with the types of the data dictionary."""
    dictionary = pd.read_csv(release / "data_dictionary.csv", keep_default_na=False)
    database = folder / "bottleneck.duckdb"
    with duckdb.connect(database) as connection:
        for dataset in yaml.safe_load((release / "semantic_model.ossie.yaml").read_text(encoding="utf-8"))["datasets"]:
            path = json.loads(dataset["custom_extensions"][0]["data"])["file"]
            columns = dictionary[dictionary["table"] == path]
            types = dict(zip(columns["column"], columns["type"], strict=True))
            connection.execute(f"create table {dataset['source']} as from read_csv('{release / path}', header = true, columns = {types})")
    return Loaded(release, database)


@pytest.fixture(scope="module", params=["refreshed_sample", "refreshed_real"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    refreshed: Refreshed = request.getfixturevalue(request.param)
    return loaded(refreshed.release, tmp_path_factory.mktemp("loaded"))


def asked(program: Path, script: str, made: Loaded) -> dict[str, Any]:
    """Run a script in the environment of the programs, and return what it printed."""
    command = [program / "python", "-c", script, made.model, made.database]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE).stdout)


@pytest.fixture(scope="module")
def azem(readers: Path, made: Loaded) -> dict[str, Any]:
    return asked(readers, ASK_AZEM, made)


def wanted(measure: str, made: Loaded, dimensions: set[str]) -> Iterator[tuple[str, str, float | None]]:
    """Yield what a measure is for the whole shop and by dimensions: the dimension, its value, and the figure."""
    file, of = EXPECTED[measure]
    everything = made.rows(file)
    groups = [("", "", everything)]
    for dimension in sorted(dimensions - {""}):
        if dimension.startswith("only "):
            groups.append((dimension, "", everything[everything["segment"] == dimension.removeprefix("only ")]))
        else:
            groups.extend((dimension, str(value), rows) for value, rows in everything.groupby(dimension))
    for dimension, value, rows in groups:
        found = of(rows, everything)
        yield dimension, value, None if found is None or pd.isna(found) else float(found)


def differing(answers: Answers, made: Loaded) -> tuple[list[Any], int]:
    """Return the answers that are not what they should be, and how many there are."""
    off: list[Any] = []
    compared = 0
    for measure, found in answers.items():
        expected = {(dimension, value): figure for dimension, value, figure in wanted(measure, made, set(found))}
        given = {(dimension, value): figure for dimension, figures in found.items() for value, figure in figures.items()}
        compared += len(given)
        off += [(measure, *at, given.get(at), figure) for at, figure in expected.items() if not same(given.get(at), figure)]
        off += [(measure, *at, "not expected") for at in given if at not in expected]
    return off, compared


def same(one: float | None, other: float | None) -> bool:
    """Tell whether two figures are the same to nine digits."""
    return one is other if one is None or other is None else math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


# --- azem --------------------------------------------------------------------------------------------------------------------------


def test_azem_finds_the_model_valid(readers: Path, made: Loaded) -> None:
    done = subprocess.run([readers / "azem", "validate", made.model], capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert (done.returncode, done.stdout.strip()) == (0, f"Validation PASSED: {made.model.name} (bottleneck)")


def test_azem_attests_every_table_key_reference_and_metric_against_the_release(azem: dict[str, Any], made: Loaded) -> None:
    report = azem["attested"]["attestation"]
    model = yaml.safe_load(made.model.read_text(encoding="utf-8"))
    assert report["result"] == "passed"
    checks = {check["name"] for check in report["checks"] if check["status"] == "passed"}
    assert checks == {
        *(f"{dataset['name']}.{check}" for dataset in model["datasets"] for check in ("table_exists", "fields_run", "primary_key_unique")),
        *(f"{one['name']}.{check}" for one in model["relationships"] for check in ("no_orphans", "one_side_unique")),
        *(f"{metric['name']}.runs" for metric in model["metrics"]),
    }


def test_azem_does_not_attest_a_release_whose_keys_are_bent(readers: Path, made: Loaded, tmp_path: Path) -> None:
    bent = tmp_path / "bottleneck.duckdb"
    shutil.copyfile(made.database, bent)
    with duckdb.connect(bent) as connection:
        connection.execute("delete from web where sku = (select min(sku) from sales_in_period)")
    command = [readers / "azem", "attest", made.model, "--db", f"duckdb:///{bent}", "--out", tmp_path / "report.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    report = yaml.safe_load((tmp_path / "report.yaml").read_text(encoding="utf-8"))["attestation"]
    assert done.returncode == 1
    assert "sales_products.no_orphans" in {check["name"] for check in report["checks"] if check["status"] == "failed"}


def test_azem_gives_every_figure_for_the_shop_each_segment_product_type_and_month(azem: dict[str, Any], made: Loaded) -> None:
    assert set(azem["answers"]) == set(EXPECTED)
    off, compared = differing(azem["answers"], made)
    assert off == []
    assert compared > 600


def test_azem_gives_the_headline(azem: dict[str, Any], made: Loaded) -> None:
    headline = pd.read_csv(made.release / "kpis" / "headline.csv").set_index("kpi")["value"]
    assert len(headline) == 12
    off = {kpi: (azem["answers"][kpi][""][""], value) for kpi, value in headline.items() if not same(azem["answers"][kpi][""][""], value)}
    assert off == {}


@pytest.mark.parametrize(
    ("file", "columns"),
    [
        ("kpis/stock_turnover_by_segment.csv", {"stock_turnover": "turnover", "days_of_stock": "days_of_stock"}),
        (
            "inflation_margin.csv",
            {"purchase_price_index": "purchase_price_index", "price_index": "price_index", "mean_price": "mean_price"},
        ),
        ("segments.csv", {"turnover_to_date": "turnover_to_date"}),
    ],
)
def test_azem_gives_what_the_release_publishes_of_each_segment(
    file: str, columns: dict[str, str], azem: dict[str, Any], made: Loaded
) -> None:
    rows = pd.read_csv(made.release / file)
    rows = rows[rows["month"] == rows["month"].max()] if "month" in rows else rows
    published = {
        (metric, row["segment"]): row[column] for metric, column in columns.items() for _, row in rows.iterrows() if pd.notna(row[column])
    }
    found = {(metric, segment): azem["answers"][metric]["segment"][segment] for metric, segment in published}
    assert published
    assert found == pytest.approx(published, rel=1e-9)


def test_azem_puts_figures_of_several_tables_side_by_side(azem: dict[str, Any], made: Loaded) -> None:
    found = {
        row["segment"]: {name: float(row[name]) for name in row if name != "segment" and row[name] is not None} for row in azem["together"]
    }
    for name, cut in (("revenue", "segment"), ("discount_cost", "segment"), ("average_rating", "segment")):
        alone = {segment: figure for segment, figure in azem["answers"][name][cut].items() if figure is not None}
        assert {segment: figures[name] for segment, figures in found.items() if name in figures} == pytest.approx(alone, rel=1e-9)


# --- Others ------------------------------------------------------------------------------------------------------------------------


def test_lexis_gives_every_figure_for_the_shop_each_segment_and_product_type(readers: Path, made: Loaded) -> None:
    answers = asked(readers, ASK_LEXIS, made)["answers"]
    assert set(answers) == set(EXPECTED)
    off, compared = differing(answers, made)
    assert off == []
    assert compared > 300


@pytest.mark.parametrize("file", ["semantic_model.ossie.yaml", "semantic_model.ossie.json"])
def test_the_linter_finds_nothing_in_either_file_and_something_in_a_bent_one(
    file: str, readers: Path, made: Loaded, tmp_path: Path
) -> None:
    text = (made.release / file).read_text(encoding="utf-8")
    (tmp_path / "bent.yaml").write_text(text.replace("SUM(sales.revenue)", "SUM(sales.revenue) * RANDOM()"), encoding="utf-8")
    found = [
        subprocess.run(
            [readers / "ossie-guard", "--fail-level", "note", path], capture_output=True, text=True, check=False, timeout=PATIENCE
        )
        for path in (made.release / file, tmp_path / "bent.yaml")
    ]
    assert [done.returncode for done in found] == [0, 1]
    assert "NONDETERMINISTIC" in found[1].stdout


@pytest.mark.parametrize("file", ["semantic_model.ossie.yaml", "semantic_model.ossie.json"])
def test_orionbelt_converts_either_file(file: str, made: Loaded, made_once: Callable[..., Path], tmp_path: Path) -> None:
    if not (python := newer_python()):
        pytest.skip("OrionBelt's converter needs Python 3.12, which is not on this machine.")
    converter = made_once("converter", lambda folder: installed(folder / "venv", CONVERTER, python)) / "osi-orionbelt"
    command = [converter, "osi-to-obml", "--input", made.release / file, "--output", tmp_path / "model.obml.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    lost = {line.split("'")[1] for line in done.stderr.splitlines() if "LOSSY" in line}
    assert lost == {
        "purchase_price_index", "price_index", "purchase_price_rise", "mean_purchase_price", "mean_price", "revenue_share",
        "products_sold_last", "stock_value",
    }  # fmt: skip
    converted = yaml.safe_load((tmp_path / "model.obml.yaml").read_text(encoding="utf-8"))
    assert {"revenue", "gross_margin_rate"} <= {*converted.get("measures", {}), *converted.get("metrics", {})}
