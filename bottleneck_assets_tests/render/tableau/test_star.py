"""The data source over the release's extract: what is dragged from it is the release's own figure, in both languages.

No Tableau has opened these files: what it would compute of related tables is run as SQL on the packaged extract.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from lxml import etree

from bottleneck_assets.documents.catalog import TABLEAU_EXTRACT
from bottleneck_assets.engine.warehouse import Warehouse
from bottleneck_assets.errors import ReleaseError
from bottleneck_assets.figures.measures import MEASURES
from bottleneck_assets.render.tableau import star, star_package
from bottleneck_assets.render.tableau.extract import FILE as EXTRACT
from bottleneck_assets.render.tableau.extract import IN_PACKAGE, tables_in
from bottleneck_assets.render.tableau.soundness import findings_in_data_source
from bottleneck_assets.render.tableau.star import data_source
from bottleneck_assets.render.tableau.star_package import FILE, FILES, FRENCH_FILE
from bottleneck_assets_tests.render.tableau.conftest import ask, occasion_of
from bottleneck_assets_tests.render.tableau.schemas import VERSIONS, tableau_schema
from bottleneck_assets_tests.render.tableau.shelves import Star
from bottleneck_assets_tests.render.test_semantic_readers import Loaded, same, wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bottleneck_assets_tests.conftest import Refreshed

    Element = etree._Element

pytestmark = pytest.mark.full

FIELDS = {"segment": "[products_segment]", "product_type": "[products_product_type]", "month": "[months_month]"}
"""What a reader cuts by."""
NOT_BY_MONTH = {
    *("purchase_price_index", "price_index", "purchase_price_rise", "mean_purchase_price", "mean_price"),  # by the prices' own month
    *("products_sold_last", "stock_value", "revenue_share", "first_ten_share"),  # in Tableau each month's own, elsewhere the period's
}
LEFT_OUT = {
    *("turnover_to_date", "yearly_effect", "largest_effect"),
    *("findings", "findings_supported", "findings_contradicted", "findings_inconclusive"),
}  # fmt: skip
"""What it does not bear: what is of months so far, and the findings."""


@dataclass(frozen=True)
class Made:
    """A release and the files of the extract beside it."""

    release: Path
    folder: Path

    def source(self, file: str) -> Element:
        """Return the data source in a package."""
        with ZipFile(self.folder / file) as packed:
            return etree.fromstring(packed.read("bottleneck.tds"))


@pytest.fixture(scope="module", params=["refreshed_sample", "refreshed_real"])
def made(needs_tableau: None, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    refreshed: Refreshed = request.getfixturevalue(request.param)
    folder = tmp_path_factory.mktemp("star")
    (folder / FILE).parent.mkdir()
    TABLEAU_EXTRACT.render(occasion_of(Warehouse(refreshed.release.parents[1] / "warehouse")), folder)
    return Made(refreshed.release, folder)


def measure_of(name: str) -> str:
    """Return which measure a field is, empty if it is none: a calculation of its name, or the column that it is the sum of."""
    if name.startswith("measure_"):
        return name.removeprefix("measure_")
    table, _, column = name.partition("_")
    tables = {"sale": "sales", "promotion": "promotions", "product": "ratings", "stock": "stock"}
    return column if column in MEASURES and tables.get(MEASURES[column].grain) == table else ""


def asked(formulas: dict[str, str], made: Made, read: Star) -> Iterator[tuple[str, str, str, float | None, str]]:
    """Yield what each measure should be, for the shop and each segment, type and month, and the SELECT that says what it is."""
    loaded = Loaded(made.release, made.release)
    for name, formula in formulas.items():
        measure = measure_of(name)
        if not measure:
            continue
        by_month = MEASURES[measure].why_not("month") is None and measure not in NOT_BY_MONTH
        dimensions = {"segment", "product_type", *(["month"] if by_month else [])}
        for dimension, value, expected in wanted(measure, loaded, dimensions):
            written = f"DATE '{value}'" if dimension == "month" else "'" + value.replace("'", "''") + "'"
            yield measure, dimension, value, expected, read.select(formula, FIELDS[dimension] if dimension else "", written)


def test_what_is_dragged_is_the_headlines_figure_for_the_shop_and_the_csvs_for_each_segment(made: Made) -> None:
    read = Star(made.source(FILE))
    questions = list(asked(read.dragged(), made, read))
    answers = ask(made.folder / EXTRACT, *(select for *_, select in questions))
    found = [None if answer[0][0] is None else float(answer[0][0]) for answer in answers]
    off = [
        (measure, dimension, value, given, expected)
        for (measure, dimension, value, expected, _), given in zip(questions, found, strict=True)
        if not same(given, expected)
    ]
    assert off == []
    assert {measure for measure, *_ in questions} == set(MEASURES) - LEFT_OUT
    of_shop = {measure: given for (measure, dimension, *_), given in zip(questions, found, strict=True) if not dimension}
    with (made.release / "kpis" / "headline.csv").open(encoding="utf-8", newline="") as file:
        headline = {row["kpi"]: float(row["value"]) for row in csv.DictReader(file)}
    assert {kpi: of_shop[kpi] for kpi in headline} == pytest.approx(headline, rel=1e-9)


def test_an_index_is_that_of_its_csv_in_every_month_by_the_prices_own_month(made: Made) -> None:
    read = Star(made.source(FILE))
    with (made.release / "inflation_margin.csv").open(encoding="utf-8", newline="") as file:
        expected = {row["month"]: float(row["purchase_price_index_all"]) for row in csv.DictReader(file)}
    formula = read.dragged()["measure_purchase_price_index"]
    answers = ask(made.folder / EXTRACT, *(read.select(formula, "[prices_month]", f"DATE '{month}'") for month in expected))
    assert [float(answer[0][0]) for answer in answers] == pytest.approx([*expected.values()], rel=1e-9)


def test_both_languages_compute_the_same_and_say_it_in_their_own_words() -> None:
    english, french = (etree.fromstring(data_source(language)) for language in FILES.values())
    formulas = [[one.get("formula") for one in root.iter("calculation")] for root in (english, french)]
    assert formulas[0] == formulas[1]
    captions = {str(column.get("name")): str(column.get("caption")) for column in french.iterfind("column")}
    assert captions["[measure_gross_margin_rate]"] == "Taux de marge brute HT"
    assert (captions["[products_segment]"], captions["[months_month]"], captions["[sales_revenue]"]) == ("Segment", "Mois", "CA TTC")
    formats = {str(column.get("name")): column.get("default-format") for column in french.iterfind("column")}
    assert formats["[sales_revenue]"] == 'c#,##0"\u00a0€";-#,##0"\u00a0€"'
    assert formats["[measure_gross_margin_rate]"] == "*0.0\u00a0%;-0.0\u00a0%"
    assert formats["[promotions_starts_on]"] == "*dd/mm/yyyy"
    assert {folder.get("name") for folder in french.iter("folder")} == {
        "Dates",
        "Dimensions",
        "Montants",
        "Unités",
        "Taux",
        "Autres mesures",
    }


def test_every_field_that_is_seen_is_described_and_in_a_folder_and_no_mean_of_rates_is_offered() -> None:
    for language in FILES.values():
        root = etree.fromstring(data_source(language))
        seen = [column for column in root.iterfind("column") if column.get("hidden") != "true" and column.get("datatype") != "table"]
        filed = sorted(str(item.get("name")) for item in root.iter("folder-item"))
        assert filed == sorted(str(column.get("name")) for column in seen)
        assert [column.get("name") for column in seen if not column.findtext("desc/formatted-text/run")] == []
        averaged = [column for column in seen if column.get("aggregation") == "Avg" and column.find("calculation") is None]
        assert [column.get("name") for column in averaged if "%" in str(column.get("default-format"))] == []


def test_a_reading_of_prices_without_vat_is_in_every_label() -> None:
    assert "incl. VAT" not in data_source("en", "excl_vat").decode()
    assert "TTC" not in data_source("fr", "excl_vat").decode()


def test_it_holds_the_extract_as_it_lies_beside_it(made: Made) -> None:
    for file in (FILE, FRENCH_FILE):
        with ZipFile(made.folder / file) as packed:
            assert packed.namelist() == ["bottleneck.tds", "Data/Extracts/bottleneck.hyper"]
            assert {entry.compress_type for entry in packed.infolist()} == {ZIP_DEFLATED}
            assert packed.read("Data/Extracts/bottleneck.hyper") == (made.folder / EXTRACT).read_bytes()


@pytest.mark.filterwarnings("ignore:distutils Version classes are deprecated:DeprecationWarning")  # its own
def test_the_document_api_which_is_tableau_s_own_reads_both(made: Made) -> None:
    from tableaudocumentapi import Datasource

    for file, caption in ((FILE, "Gross margin rate (excl. VAT)"), (FRENCH_FILE, "Taux de marge brute HT")):
        read: Any = Datasource.from_file(str(made.folder / file))
        assert [(one.dbclass, one.dbname) for one in read.connections] == [("hyper", IN_PACKAGE)]
        assert read.fields["[measure_gross_margin_rate]"].caption == caption


@pytest.mark.parametrize("version", VERSIONS)
def test_tableau_s_published_schema_accepts_both(version: str, tmp_path: Path) -> None:
    schema = tableau_schema(version, tmp_path)
    for language in FILES.values():
        schema.validate(etree.fromstring(data_source(language)))
        assert [error.message for error in schema.error_log] == []


# --- What the gate finds in it ------------------------------------------------------------------------------------------------


def test_the_gate_finds_nothing_in_either() -> None:
    for language in FILES.values():
        assert findings_in_data_source(data_source(language), {}) == []


def replaced(path: str, attribute: str, value: str) -> Callable[[Element], None]:
    def bend(root: Element) -> None:
        node = root.find(path)
        assert node is not None
        node.set(attribute, value)

    return bend


def turned(path: str) -> Callable[[Element], None]:
    """Put the first of several to the end."""

    def bend(root: Element) -> None:
        node = root.find(path)
        assert node is not None
        node.append(node[0])

    return bend


@pytest.mark.parametrize(
    ("bend", "finding"),
    [
        (replaced(".//first-end-point", "object-id", "sales_0"), "ends at sales_0, which there is not"),
        (replaced(".//relationship/expression/expression", "op", "[sales_bottle]"), "is by [sales_bottle], which it has not"),
        (replaced(".//relationship/expression/expression", "op", "[stock_sku]"), "is by [stock_sku], which is of neither end"),
        (replaced(".//relationship/expression/expression", "op", "[products_sku]"), "which are of one table"),
        (replaced(".//relationship/expression/expression", "op", "[sales_segment]"), "which are of different types"),
        (replaced("connection/cols/map", "value", "[sales].[units]"), "is mapped to [sales].[units]"),
        (turned("connection/relation"), "stand in several orders"),
        (turned("object-graph/objects"), "stand in several orders"),
        (replaced("connection/cols/map", "value", "[stock].[units]"), "stand in several orders"),
        (replaced("object-graph/objects/object/properties/relation", "table", "[Extract].[units]"), "does not repeat its relations"),
        (replaced("column/calculation", "formula", "SUM([sales_bottles])"), "[sales_bottles]"),
        (replaced("connection/relation/relation", "connection", "hyper.other"), "hyper.other, which there is not"),
    ],
)  # fmt: skip
def test_the_gate_finds_a_fault_in_a_bent_copy(bend: Callable[[Element], None], finding: str) -> None:
    root = etree.fromstring(data_source())
    bend(root)
    assert any(finding in found for found in findings_in_data_source(etree.tostring(root), {}))


def test_the_gate_finds_relationships_that_go_in_a_circle() -> None:
    root = etree.fromstring(data_source())
    graph = root.find("object-graph/relationships")
    assert graph is not None
    ids = {str(one.get("caption")): str(one.get("id")) for one in root.iter("object")}
    pair = "<expression op='='><expression op='[promotions_sku]'/><expression op='[products_sku]'/></expression>"
    ends = f"<first-end-point object-id='{ids['Promotions']}'/><second-end-point object-id='{ids['Products']}'/>"
    graph.append(etree.fromstring(f"<relationship>{pair}{ends}</relationship>"))
    assert "the relationships of federated.bottleneck go in a circle" in findings_in_data_source(etree.tostring(root), {})


def test_the_gate_finds_a_column_that_the_extract_lacks(made: Made) -> None:
    held = tables_in([made.folder / EXTRACT])[made.folder / EXTRACT]
    assert findings_in_data_source(data_source(), {IN_PACKAGE: held}) == []
    bent = re.sub(rb"<remote-name>cogs<", b"<remote-name>cost<", data_source())
    found = findings_in_data_source(bent, {IN_PACKAGE: held})
    assert "Data/Extracts/bottleneck.hyper has no column cost, which federated.bottleneck reads" in found
    assert findings_in_data_source(b"<datasource", {}) != []
    assert findings_in_data_source(b"<workbook/>", {}) == ["its root is workbook, and no data source"]


def test_an_unsound_one_is_refused(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(star, "_FEATURES", ("ObjectModelEncapsulateLegacy",))
    held = tables_in([made.folder / EXTRACT])[made.folder / EXTRACT]
    monkeypatch.setattr(star_package.extract, "render", lambda _occasion, _folder: held)
    (tmp_path / FILE).parent.mkdir()
    warehouse: Any = Warehouse(made.release.parents[1] / "warehouse")
    with pytest.raises(ReleaseError, match=r"bottleneck\.tdsx is not sound: .*lacks ObjectModelTableType"):
        star_package.render(occasion_of(warehouse), tmp_path)
    assert not (tmp_path / FILE).exists()
