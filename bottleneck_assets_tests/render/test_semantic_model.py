"""The semantic model: valid in both shapes, and whole. What other programs make of it stands in test_semantic_readers.py."""
# ruff: noqa: RUF001 - typographic apostrophes and French spaces are meant

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml

from bottleneck_assets.engine.warehouse import Warehouse
from bottleneck_assets.figures.measures import GRAINS, MEASURES, Words
from bottleneck_assets.figures.portable import DATASETS, left_out, metrics
from bottleneck_assets.figures.tabs import TABS
from bottleneck_assets.models.catalog import models
from bottleneck_assets.models.contract import columns_of, key_of
from bottleneck_assets.release.publishing import published_models
from bottleneck_assets.render.semantic_model import JSON, YAML, said_of, semantic_model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bottleneck_assets_tests.conftest import Refreshed

SCHEMA = Path(__file__).parents[3] / "shared" / "schemas" / "ossie-0.2.0.dev0-list.schema.json"


@pytest.fixture(scope="module")
def model() -> dict[str, Any]:
    return semantic_model(Words("Of a year.", "D’un an."))


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    if not SCHEMA.exists():
        pytest.skip(f"the schema is not at {SCHEMA}")
    return json.loads(SCHEMA.read_text(encoding="utf-8"))


def extension(entry: dict[str, Any]) -> dict[str, Any]:
    (one,) = entry["custom_extensions"]
    return json.loads(one["data"])


def test_the_list_is_valid_by_the_schema_of_its_format(model: dict[str, Any], schema: dict[str, Any]) -> None:
    jsonschema.validate({"version": schema["properties"]["version"]["const"], "semantic_model": [model]}, schema)
    bent = {**model, "metrics": [{"name": "revenue"}]}
    with pytest.raises(jsonschema.ValidationError, match="'expression' is a required property"):
        jsonschema.validate({"version": schema["properties"]["version"]["const"], "semantic_model": [bent]}, schema)


def test_both_files_are_in_the_manifest_and_in_the_dictionary_with_what_they_are(refreshed_sample: Refreshed) -> None:
    with (refreshed_sample.release / "data_dictionary.csv").open(encoding="utf-8", newline="") as file:
        others = {row["table"]: row["description"] for row in csv.DictReader(file) if not row["column"]}
    manifest = json.loads((refreshed_sample.release / "manifest.json").read_text(encoding="utf-8"))
    listed = {file["path"] for file in manifest["files"]}
    assert {YAML, JSON, "data_contract.odcs.yaml"} <= {*others} & listed
    assert "dbt reads" in others[JSON]
    assert others[YAML]
    assert all(others.values())


def test_both_files_of_a_release_hold_one_model_each_in_its_shape(refreshed_sample: Refreshed, schema: dict[str, Any]) -> None:
    flat = yaml.safe_load((refreshed_sample.release / YAML).read_text(encoding="utf-8"))
    listed = json.loads((refreshed_sample.release / JSON).read_text(encoding="utf-8"))
    assert (flat.pop("version"), listed["version"]) == ("0.2.0.dev0", "0.1.1")
    assert listed["semantic_model"] == [flat]
    jsonschema.validate({**listed, "version": schema["properties"]["version"]["const"]}, schema)
    files = {file["path"] for file in json.loads((refreshed_sample.release / "manifest.json").read_text(encoding="utf-8"))["files"]}
    assert {YAML, JSON} <= files
    assert {extension(dataset)["file"] for dataset in flat["datasets"]} <= files


def test_it_says_how_the_settings_read_prices_and_promotions(refreshed_sample: Refreshed, refreshed_excluded_sample: Refreshed) -> None:
    usual, excluded = (said_of(Warehouse(one.data_dir / "warehouse")) for one in (refreshed_sample, refreshed_excluded_sample))
    assert "2022-10 to 2023-09" in usual.en
    assert "read as incl. VAT" in usual.en
    assert "lus TTC" in usual.fr
    assert "vin 0.2" in usual.en
    assert "include those sold on promotion" in usual.en
    assert "leave the promotion units out" in excluded.en


def test_every_measure_is_a_metric_or_said_to_be_left_out(model: dict[str, Any]) -> None:
    named = {metric["name"] for metric in model["metrics"]}
    assert named == {metric.measure.name for metric in metrics()}
    assert [measure.name for measure in left_out()] == list(extension(model)["left_out"]) == []
    assert named == set(MEASURES)


def test_every_dataset_is_a_published_table_with_its_key_and_all_of_its_columns(model: dict[str, Any]) -> None:
    published = published_models()
    for declared, dataset in zip(DATASETS, model["datasets"], strict=True):
        contract = models()[declared.ref].contract
        assert published[extension(dataset)["file"]].contract is contract
        assert dataset["primary_key"] == key_of(contract)
        assert [field["name"] for field in dataset["fields"]] == [column.name for column in columns_of(contract)]
        assert dataset["source"] == f"bottleneck.main.{Path(extension(dataset)['file']).stem}"


def fields(model: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for dataset in model["datasets"]:
        for field in dataset["fields"]:
            yield f"{dataset['name']}.{field['name']}", field


@pytest.mark.parametrize(
    ("field", "datatype", "unit", "is_time"),
    [
        ("sales.month", "Date", None, True),
        ("sales.revenue", "Decimal", "EUR", None),
        ("sales.units", "Integer", "units", None),
        ("products.is_stocked", "Boolean", None, False),
        ("promotions.incremental_roi", "Float", "ratio", None),
        ("findings.sentence_fr", "String", None, False),
    ],
)
def test_a_field_has_the_type_the_unit_and_the_role_of_its_column(
    field: str, datatype: str, unit: str | None, is_time: bool | None, model: dict[str, Any]
) -> None:
    found = dict(fields(model))[field]
    assert found["datatype"] == datatype
    assert (extension(found)["unit"] if "custom_extensions" in found else None) == unit
    assert (found["dimension"]["is_time"] if "dimension" in found else None) == is_time


def test_every_relationship_leads_to_the_key_of_a_dataset(model: dict[str, Any]) -> None:
    keys = {dataset["name"]: dataset["primary_key"] for dataset in model["datasets"]}
    known = {name for name, _ in fields(model)}
    assert model["relationships"]
    for one in model["relationships"]:
        assert keys[one["to"]] == one["to_columns"]
        assert {f"{one['from']}.{column}" for column in one["from_columns"]} <= known


def test_every_metric_has_its_names_its_unit_and_what_it_may_and_may_not_be_cut_by(model: dict[str, Any]) -> None:
    known = {name for name, _ in fields(model)}
    for metric in model["metrics"]:
        measure, said = MEASURES[metric["name"]], extension(metric)
        assert said["label"] == {"en": measure.label.en, "fr": measure.label.fr}
        assert said["unit"] == measure.unit
        assert {measure.label.en, measure.label.fr} <= set(metric["ai_context"]["synonyms"])
        assert set(said["cut_by"].values()) <= known
        assert sorted([*said["cut_by"], *said["not_by"]]) == ["month", "product_type", "segment", "sku"]
        assert {*GRAINS[measure.grain].unmoved, *GRAINS[measure.grain].undefined} <= set(said["not_by"])


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("stock_value", "a value of the last month"),
        ("purchase_price_index", "a comparison of the last month with the first"),
        ("revenue_share", "a share of the whole period"),
        ("turnover_to_date", "a value at the end of the period"),
        ("average_rating", "known by product, not by month"),
        ("below_reorder", "on the stock date, the export’s latest month-end"),
        ("stock_end", "at the end of the period"),
        ("first_ten_share", "a row is of all of them"),
    ],
)
def test_a_figure_that_no_single_month_has_says_why(name: str, why: str, model: dict[str, Any]) -> None:
    (metric,) = (metric for metric in model["metrics"] if metric["name"] == name)
    assert extension(metric)["not_by"]["month"]["en"] == why
    assert f"Not by month: {why}." in metric["ai_context"]["instructions"]


def test_a_metric_names_the_tabs_that_show_it(model: dict[str, Any]) -> None:
    shown = {metric["name"]: extension(metric)["tabs"] for metric in model["metrics"]}
    assert shown["average_rating"] == ["overview", "customer_preferences"]
    for tab in TABS:
        assert all(tab.name in shown[card] for card in tab.cards if card in shown)


def test_the_types_of_metrics_are_those_of_what_they_sum(model: dict[str, Any]) -> None:
    types = {metric["name"]: metric["datatype"] for metric in model["metrics"]}
    assert {name: types[name] for name in ("revenue", "units", "products_sold", "products", "baseline_units", "gross_margin_rate")} == {
        "revenue": "Decimal",
        "units": "Integer",
        "products_sold": "Integer",
        "products": "Integer",
        "baseline_units": "Decimal",
        "gross_margin_rate": "Float",
    }
