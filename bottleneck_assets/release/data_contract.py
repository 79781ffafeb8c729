"""The data contract of a release: what its tables promise, as one file of the Open Data Contract Standard (ODCS) 3.1.

Belongs here: `data_contract.odcs.yaml`, written from the contracts of the models. Never here: a promise; that stands in a contract.

A table is named by the path of its CSV without `.csv`, which is that of its Parquet file under `parquet/` too: so one name finds both.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from bottleneck_assets.release.dictionary import PARQUET

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from bottleneck_assets.models.catalog import Model
    from bottleneck_assets.models.promise import Column
    from bottleneck_assets.release.manifest import Period

    Json = dict[str, Any]

DATA_CONTRACT = "data_contract.odcs.yaml"
ABOUT_DATA_CONTRACT = "What the tables promise, for programs that hold data to it: Open Data Contract Standard 3.1."
OWNER = "analytics"
"""The team that answers for a release."""
_LOGICAL = {"varchar": "string", "date": "date", "boolean": "boolean", "bigint": "integer", "double": "number"}
_OPTIONS = {
    "greater_than_or_equal_to": "minimum",
    "less_than_or_equal_to": "maximum",
    "greater_than": "exclusiveMinimum",
    "less_than": "exclusiveMaximum",
    "str_length": "minLength",
}
"""Pandera's checks, and what ODCS calls them."""
_PURPOSE = "The figures of BottleNeck, a wine shop, and the tables behind them: made from one export of the shop, checked, then published."
_USAGE = (
    "CSV and Parquet hold the same rows; Parquet has the exact types. Figures of a group are sums over sums, never means of ratios. "
    "`additive` says whether a column may be summed."
)
_TERMS = "For use inside BottleNeck. The rows are the shop's own, and not to be passed on."


@dataclass(frozen=True)
class Terms:
    """What a release promises of itself as a whole: the settings behind its figures, its period, and after how many hours it is late."""

    parameters: Mapping[str, Any]
    period: Period
    late_after_hours: float


def write_data_contract(tables: Iterable[tuple[str, Model]], terms: Terms, target: Path) -> None:
    """Write the contract of published tables, each given as its CSV's path in the release and its model."""
    target.write_text(as_yaml(data_contract(tables, terms)), encoding="utf-8", newline="\n")


def as_yaml(value: Json) -> str:
    """Return a value as YAML that people can read, its keys in their order."""
    import yaml

    in_c = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # the same text in a sixth of the time
    return yaml.dump(value, Dumper=in_c, sort_keys=False, allow_unicode=True, width=140)


def data_contract(tables: Iterable[tuple[str, Model]], terms: Terms) -> Json:
    """Return the contract of published tables as plain data."""
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "bottleneck-release",
        "name": "BottleNeck: figures and tables",
        "version": version("bottleneck-assets"),
        "status": "active",
        "domain": "sales",
        "dataProduct": "bottleneck-assets",
        "description": {"purpose": _PURPOSE, "usage": _USAGE, "limitations": f"{_TERMS} {_reading(terms)}"},
        "team": {"name": OWNER, "description": "Answers for the figures, and for what is wrong in them."},
        "servers": [
            _server("csv", "{model}.csv", "csv", "UTF-8, comma, a header, ISO dates, dot decimals, empty for null."),
            _server(PARQUET, f"{PARQUET}/{{model}}.parquet", "parquet", "The same rows with their exact types."),
        ],
        "slaProperties": [
            {
                "property": "latency",
                "value": terms.late_after_hours,
                "unit": "h",
                "description": "A release older than this is late: one is due every night, and with every new export.",
            }
        ],
        "customProperties": _properties({"settings": dict(terms.parameters)}),
        "schema": [_table(path, model) for path, model in tables],
    }


def _reading(terms: Terms) -> str:
    prices = "include VAT" if terms.parameters.get("sale_prices") == "incl_vat" else "are read as without VAT"
    period = f"{terms.period.period_start} to {terms.period.period_end}"
    return f"Figures cover {period}. Sale prices {prices}; margins, costs and effects never do."


def _server(name: str, path: str, form: str, description: str) -> Json:
    return {"server": name, "type": "local", "path": path, "format": form, "description": description}


def _table(path: str, model: Model) -> Json:
    from bottleneck_assets.figures.described import described

    columns, key, limits = described(model), model.promise.key, model.promise.limits
    is_primary = not any(column.is_nullable for column in columns if column.name in key)
    properties = [_column(column, key if is_primary else (), limits[column.name]) for column in columns]
    return {
        "name": path.removesuffix(".csv"),
        "physicalType": "table",
        "description": " ".join(model.description.split()),
        "dataGranularityDescription": f"One row: {', '.join(key)}",
        "properties": properties,
        **({"quality": [_unique(key)]} if key and not is_primary else {}),
    }


def _unique(key: Sequence[str]) -> Json:
    """Say that the rows differ in their key, where a part of it may be null: no primary key allows that."""
    rule = {"metric": "duplicateValues", "mustBe": 0, "arguments": {"properties": list(key)}}
    return {"description": f"No two rows have the same {', '.join(key)}.", "dimension": "uniqueness", **rule}


def _column(column: Column, key: Sequence[str], limits: Mapping[str, Any]) -> Json:
    options = {_OPTIONS[check]: limit for check, limit in limits.items() if check in _OPTIONS}
    said = {"unit": column.unit, "formula": column.formula, "additive": column.additive if column.unit else ""}
    return {
        "name": column.name,
        "logicalType": _LOGICAL.get(column.type, "number"),
        "physicalType": column.type,
        "description": column.description,
        # a CSV cannot tell an empty text from none
        "required": not column.is_nullable and (column.type != "varchar" or bool(limits)),
        **({"primaryKey": True, "primaryKeyPosition": key.index(column.name) + 1} if column.name in key else {}),
        **({"logicalTypeOptions": options} if options else {}),
        **({"customProperties": _properties(said)} if any(said.values()) else {}),
        **({"quality": [_one_of(sorted(limits["isin"]))]} if "isin" in limits else {}),
    }


def _one_of(values: Sequence[str]) -> Json:
    rule = {"metric": "invalidValues", "mustBe": 0, "arguments": {"validValues": list(values)}}
    return {"description": f"One of: {', '.join(values)}.", "dimension": "conformity", **rule}


def _properties(said: Mapping[str, Any]) -> list[Json]:
    return [{"property": name, "value": value} for name, value in said.items() if value]
