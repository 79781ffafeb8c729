"""Proves that a release's data contract is one, says what the tables promise, and that an outside program holds a release to it."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from bottleneck_assets.release.data_contract import DATA_CONTRACT
from bottleneck_assets.release.manifest import read_manifest
from bottleneck_assets_tests.outside import environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from bottleneck_assets_tests.conftest import Refreshed

SCHEMA = Path(__file__).parents[3] / "shared" / "schemas" / "odcs-3.1.0.schema.json"
PINNED = Path(__file__).parent / "datacontract.txt"


@pytest.fixture(scope="module")
def release(refreshed_sample: Refreshed) -> Path:
    return refreshed_sample.release


@pytest.fixture(scope="module")
def contract(release: Path) -> dict[str, Any]:
    return yaml.safe_load((release / DATA_CONTRACT).read_text(encoding="utf-8"))


def tables(contract: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {table["name"]: table for table in contract["schema"]}


def columns(contract: dict[str, Any], table: str) -> dict[str, dict[str, Any]]:
    return {column["name"]: column for column in tables(contract)[table]["properties"]}


def custom(column: dict[str, Any]) -> dict[str, Any]:
    return {one["property"]: one["value"] for one in column.get("customProperties", [])}


# --- What it says ------------------------------------------------------------------------------------------------------------


def test_the_contract_is_valid_by_the_standards_own_schema(contract: dict[str, Any]) -> None:
    if not SCHEMA.exists():
        pytest.skip(f"the standard's schema is not at {SCHEMA}")
    checker = jsonschema.Draft201909Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert [error.message for error in checker.iter_errors(contract)] == []
    assert list(checker.iter_errors(contract | {"status": None}))


def test_every_column_of_every_csv_is_in_the_contract_in_its_order_with_the_type_of_the_dictionary(
    release: Path, contract: dict[str, Any]
) -> None:
    with (release / "data_dictionary.csv").open(encoding="utf-8", newline="") as file:
        described = [row for row in csv.DictReader(file) if row["column"]]
    said = {
        (name, column["name"]): (column["physicalType"], column["description"], custom(column).get("unit", ""))
        for name, table in tables(contract).items()
        for column in table["properties"]
    }
    wanted = {(row["table"].removesuffix(".csv"), row["column"]): (row["type"], row["description"], row["unit"]) for row in described}
    assert list(said.items()) == list(wanted.items())
    csvs = {path.relative_to(release).as_posix() for path in release.rglob("*.csv")} - {"data_dictionary.csv"}
    assert set(tables(contract)) == {
        path.removesuffix(".csv") for path in csvs if (release / "parquet" / path).with_suffix(".parquet").exists()
    }


def test_keys_limits_and_words_of_a_column_are_its_contracts_own(contract: dict[str, Any]) -> None:
    sales, web = columns(contract, "tables/sales"), columns(contract, "tables/web")
    assert [(name, column["primaryKeyPosition"]) for name, column in sales.items() if column.get("primaryKey")] == [
        ("month", 1),
        ("sku", 2),
    ]
    assert sales["units"]["logicalTypeOptions"] == {"minimum": 0}
    assert (web["average_rating"]["required"], web["average_rating"]["logicalTypeOptions"]) == (False, {"minimum": 0, "maximum": 5})
    assert web["title"]["logicalTypeOptions"] == {"minLength": 1}
    (verdicts,) = columns(contract, "business_recommendations")["verdict"]["quality"]
    assert verdicts["arguments"]["validValues"] == ["contradicted", "inconclusive", "supported"]
    assert custom(sales["stock_end"])["additive"] == "but over months"


def test_owner_terms_freshness_and_the_reading_of_prices_are_said(release: Path, contract: dict[str, Any]) -> None:
    manifest = read_manifest(release)
    (latency,) = contract["slaProperties"]
    assert contract["team"]["name"] == "analytics"
    assert (latency["value"], latency["unit"]) == (26, "h") == (manifest.late_after_hours, "h")
    assert "not to be passed on" in contract["description"]["limitations"]
    assert "Sale prices include VAT" in contract["description"]["limitations"]
    assert custom(contract)["settings"] == manifest.parameters


# --- What a program that is not ours makes of it -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Checker:
    """datacontract-cli, in an environment of its own."""

    program: Path

    def __call__(self, release: Path, server: str, table: str = "all") -> dict[str, Any]:
        """Test a release, or one table of it; return what the program says."""
        found = release.parent / "found.json"
        command = [
            self.program,
            "test",
            DATA_CONTRACT,
            "--server",
            server,
            "--schema-name",
            table,
            "--output",
            found,
            "--output-format",
            "json",
        ]
        subprocess.run(command, cwd=release, capture_output=True, check=False)
        return json.loads(found.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def checker(made_once: Callable[..., Path]) -> Checker:
    return Checker(made_once("datacontract", lambda folder: environment(folder, PINNED)) / "datacontract")


@pytest.fixture
def own(release: Path, tmp_path: Path) -> Path:
    """Copy the release, for a test that bends it."""
    return shutil.copytree(release, tmp_path / "release")


@pytest.mark.full
@pytest.mark.parametrize("server", ["csv", "parquet"])
def test_datacontract_cli_finds_nothing_wrong_with_a_release(server: str, checker: Checker, own: Path, contract: dict[str, Any]) -> None:
    found = checker(own, server)
    checks = [(check["model"], check["field"], check["result"]) for check in found["checks"]]
    assert [check for check in checks if check[2] not in {"passed", "warning"}] == []
    assert {(model, field) for model, field, _ in checks} >= {
        (name, column["name"]) for name, table in tables(contract).items() for column in table["properties"]
    }
    # it casts what it reads to the contract's types, and so cannot tell those of a file; ours are held against the dictionary elsewhere
    assert {check["type"] for check in found["checks"] if check["result"] == "warning"} <= {"field_type"}


def with_cell(table: str, column: str, value: str) -> Callable[[Path], object]:
    """Write another value into a cell of a CSV."""

    def bend(release: Path) -> None:
        header, *rows = read(release / f"{table}.csv")
        rows[2][header.index(column)] = value
        write(release / f"{table}.csv", [header, *rows])

    return bend


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def without_column(release: Path) -> None:
    header, *rows = read(release / "tables" / "promo.csv")
    place = header.index("offer_price")
    write(release / "tables" / "promo.csv", [row[:place] + row[place + 1 :] for row in (header, *rows)])


def with_a_row_twice(release: Path) -> None:
    rows = read(release / "tables" / "sales.csv")
    write(release / "tables" / "sales.csv", [*rows, rows[5]])


def with_negative_units(release: Path) -> None:
    path = release / "parquet" / "tables" / "sales.parquet"
    rows = pq.read_table(path)
    units = pa.array([-1, *rows["units"].to_pylist()[1:]], pa.int64())
    pq.write_table(rows.set_column(rows.schema.get_field_index("units"), "units", units), path)


@pytest.mark.full
@pytest.mark.parametrize(
    ("bend", "server", "table", "column"),
    [
        (with_cell("tables/finance", "price", "-1"), "csv", "tables/finance", "price"),
        (with_cell("tables/web", "sku", ""), "csv", "tables/web", "sku"),
        (with_cell("business_recommendations", "verdict", "perhaps"), "csv", "business_recommendations", "verdict"),
        (without_column, "csv", "tables/promo", "offer_price"),
        (with_a_row_twice, "csv", "tables/sales", None),  # the key is that of the whole row
        (with_negative_units, "parquet", "tables/sales", "units"),
    ],
)
def test_datacontract_cli_names_the_column_of_a_release_that_was_bent(
    bend: Callable[[Path], object], server: str, table: str, column: str | None, checker: Checker, own: Path
) -> None:
    bend(own)
    found = checker(own, server, table)
    failed = [check for check in found["checks"] if check["result"] in {"failed", "error"}]
    assert failed
    assert {(check["model"], check["field"]) for check in failed} == {(table, column)}
    assert found["result"] == "failed"
    if column is None:
        assert "month, sku" in failed[0]["name"]
