"""The data source beside a tab's CSV says of every column what its contract says. No Tableau has opened these files."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

from bottleneck_assets.models.catalog import Model, of_layer
from bottleneck_assets.models.contract import columns_of
from bottleneck_assets.render.tableau.datasource import data_source
from bottleneck_assets.render.tableau.soundness import findings_in_data_source
from bottleneck_assets_tests.render.tableau.schemas import VERSIONS, tableau_schema

if TYPE_CHECKING:
    from pathlib import Path

    from bottleneck_assets.engine.warehouse import Warehouse

TABS = of_layer("extract")
DATATYPES = {
    "varchar": "string", "bigint": "integer", "double": "real", "date": "date", "decimal(18,4)": "real", "decimal(18,8)": "real",
}  # fmt: skip
PARTS = [
    "document-format-change-manifest", "connection", "aliases", "column", "folders-common", "layout", "object-graph",
]  # fmt: skip
"""What a data source consists of, in the order in which Tableau takes it."""
MEASURED = {
    ("customer_preferences", "average_rating"): "sum(average_rating * rating_count) / sum(rating_count where average_rating is known)",
    ("customer_preferences", "comments_per_100_units"): "100 * sum(comment_count) / sum(units)",
    ("inflation_margin", "gross_margin_rate"): "sum(gross_margin) / sum(revenue_excl_vat)",
    ("promotions_roi", "incremental_roi"): "sum(incremental_margin) / sum(discount_cost where incremental_margin is known)",
    ("promotions_roi", "margin_roi"): "sum(promo_margin) / sum(discount_cost)",
    ("segments", "conversion_rate"): "sum(units) / sum(units_available)",
    ("segments", "revenue_share"): "sum(revenue) / sum(revenue) of all rows",
    ("stock_turnover", "months_of_cover"): "sum(stock_end) / sum(mean_monthly_units)",
    ("top_products", "revenue_share"): "sum(revenue) / sum(revenue) of all rows",
}
"""The formula of a column that holds a measure row by row: that of the measure, for any group of rows."""


OF_ONE_ROW = {
    "customer_preferences": {"of_one_row_shrunk_rating": "IF MIN([sku]) = MAX([sku]) THEN MAX([shrunk_rating]) END"},
    "promotions_roi": {
        "of_one_row_discount_rate": "IF MIN([month]) = MAX([month]) AND MIN([sku]) = MAX([sku]) THEN MAX([discount_rate]) END",
    },
    "top_products": {"of_one_row_cumulative_revenue_share": "IF MIN([sku]) = MAX([sku]) THEN MAX([cumulative_revenue_share]) END"},
}


@pytest.fixture(params=TABS, ids=lambda model: model.name)
def tab(request: pytest.FixtureRequest) -> Model:
    return request.param


@pytest.fixture
def root(tab: Model) -> etree._Element:
    return etree.fromstring(data_source(tab))


def names(found: list[etree._Element]) -> list[str]:
    return [str(one.get("name")).strip("[]") for one in found]


def test_the_csv_beside_it_is_read_the_same_on_every_machine(tab: Model, root: etree._Element) -> None:
    (connection,) = root.iterfind(".//named-connection/connection")
    assert dict(connection.attrib) == {
        "class": "textscan", "directory": ".", "filename": f"{tab.name}.csv", "password": "", "server": "",
    }  # fmt: skip
    for relation in root.iter("relation"):
        assert relation.get("table") == f"[{tab.name}#csv]"
        (columns,) = relation
        assert dict(columns.attrib) == {"character-set": "UTF-8", "header": "yes", "locale": "en_US", "separator": ","}


def test_every_column_is_that_of_the_contract_in_its_order_with_its_type(tab: Model, root: etree._Element) -> None:
    expected = [(column.name, DATATYPES[column.type]) for column in columns_of(tab.contract)]
    for columns in root.iter("columns"):
        assert [(column.get("name"), column.get("datatype")) for column in columns] == expected
        assert [column.get("ordinal") for column in columns] == [str(place) for place in range(len(expected))]
    records = [(record.findtext("remote-name"), record.findtext("local-type")) for record in root.iter("metadata-record")]
    assert records == expected
    *described, rows = root.findall("column")
    of_the_csv = [column for column in described if column.find("calculation") is None]
    assert described[: len(of_the_csv)] == of_the_csv
    assert [(name, column.get("datatype")) for name, column in zip(names(of_the_csv), of_the_csv, strict=True)] == expected
    assert rows.get("datatype") == "table"


def test_every_column_has_a_caption_with_its_unit_its_meaning_and_a_folder(tab: Model, root: etree._Element) -> None:
    described = {str(column.get("name")).strip("[]"): column for column in root.findall("column")[:-1]}
    for column in columns_of(tab.contract):
        shown = described[column.name]
        caption = str(shown.get("caption"))
        assert caption[0].isupper() or caption[0] == "("
        assert shown.findtext("desc/formatted-text/run", "").startswith(column.description)
        if column.unit == "EUR":
            assert caption.endswith((" (EUR incl VAT)", " (EUR excl VAT)"))
            assert "€" in str(shown.get("default-format"))
        if column.unit == "ratio":
            assert caption.endswith(" (%)")
            assert shown.get("default-format") == "p0.0%"
        if formula := MEASURED.get((tab.name, column.name), column.formula):
            assert shown.findtext("desc/formatted-text/run", "") == f"{column.description} = {formula}"
    folders = [str(item.get("name")).strip("[]") for item in root.iterfind("folders-common/folder/folder-item")]
    assert sorted(folders) == sorted(described)


def test_what_does_not_add_up_is_not_summed(tab: Model, root: etree._Element) -> None:
    summed = {
        name
        for name, column in zip(names(root.findall("column")), root.findall("column"), strict=True)
        if column.get("aggregation") == "Sum"
    }
    additive = {column.name for column in columns_of(tab.contract) if column.additive == "yes"}
    levels = {column.name for column in columns_of(tab.contract) if column.additive == "but over months"}
    has_months = "month" in {column.name for column in columns_of(tab.contract)}
    assert summed == additive | (set() if has_months else levels)


def test_no_mean_of_rates_is_offered_and_a_rate_without_a_measure_is_told_of_one_row_alone(tab: Model, root: etree._Element) -> None:
    described = {str(column.get("name")).strip("[]"): column for column in root.findall("column")}
    for column in columns_of(tab.contract):
        if column.unit in {"ratio", "stars of 5"}:
            assert described[column.name].get("hidden") == "true"
    of_one = {name: str(one.find("calculation").get("formula")) for name, one in described.items() if name.startswith("of_one_row_")}  # type: ignore[union-attr]
    assert of_one == OF_ONE_ROW.get(tab.name, {})


def test_the_gate_finds_no_fault_in_it(tab: Model) -> None:
    assert findings_in_data_source(data_source(tab), {}) == []


def test_its_parts_stand_in_the_order_that_tableau_demands_and_point_at_one_table(root: etree._Element) -> None:
    tags = [str(child.tag) for child in root]
    assert list(dict.fromkeys(tags)) == PARTS
    (described,) = root.iter("object")
    assert {record.findtext("object-id") for record in root.iter("metadata-record")} == {f"[{described.get('id')}]"}
    assert re.fullmatch(r"\w+\.csv_[0-9A-F]{32}", str(described.get("id")))
    assert root.findall("column")[-1].get("name") == f"[__tableau_internal_object_id__].[{described.get('id')}]"


def test_the_same_contract_gives_the_same_bytes(tab: Model) -> None:
    assert data_source(tab) == data_source(tab)


def test_its_columns_are_the_header_of_the_csv(tab: Model, root: etree._Element, shop: Warehouse, tmp_path: Path) -> None:
    columns = [column.name for column in columns_of(tab.contract)]
    shop.export_csv(tab.ref, tmp_path / "tab.csv", columns=columns, text_columns=[])
    with (tmp_path / "tab.csv").open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    assert names(root.findall("connection/relation/columns/column")) == header


@pytest.mark.filterwarnings("ignore:distutils Version classes are deprecated:DeprecationWarning")  # its own
def test_the_document_api_which_is_tableau_s_own_reads_it(tab: Model, tmp_path: Path) -> None:
    from tableaudocumentapi import Datasource

    file = tmp_path / f"{tab.name}.tds"
    file.write_bytes(data_source(tab))
    read: Any = Datasource.from_file(str(file))
    (connection,) = read.connections
    assert (connection.dbclass, read.version) == ("textscan", "18.1")
    fields = {field.id.strip("[]"): field for field in read.fields.values()}
    for column in columns_of(tab.contract):
        field = fields[column.name]
        assert field.datatype == DATATYPES[column.type]
        assert column.description in (field.description or "")
        assert field.default_aggregation in {"Sum", "Avg", "Count", "Year"}
    assert fields["segment"].role == "dimension"


@pytest.mark.parametrize("version", VERSIONS)
def test_tableau_s_published_schema_accepts_every_data_source(version: str, tmp_path: Path) -> None:
    schema = tableau_schema(version, tmp_path)
    found = {}
    for model in TABS:
        schema.validate(etree.fromstring(data_source(model)))
        found[model.name] = [error.message for error in schema.error_log]
    assert found == {model.name: [] for model in TABS}
