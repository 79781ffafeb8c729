"""The data dictionary: one row per column of every published table, from the contracts, and from the measures where a column holds one.

A file that is no table has one row, without a column.

Belongs here: `data_dictionary.csv`, written and read. Never here: a description of a column; that stands in its contract.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bottleneck_assets.figures.described import described

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from bottleneck_assets.models.catalog import Model

DICTIONARY = "data_dictionary.csv"
PARQUET = "parquet"
"""The folder of the Parquet files, which lie in it as the CSVs lie in the release."""
HEADER = ("table", "column", "type", "unit", "nullable", "description", "formula", "additive", "parquet")


@dataclass(frozen=True)
class DescribedColumn:
    """A column of a published table, as the release's own dictionary describes it."""

    name: str
    type: str
    unit: str
    description: str
    formula: str


def parquet_of(csv: str) -> str:
    """Return the path of the Parquet file with the same table as a CSV, both in the release."""
    return f"{PARQUET}/{csv.removesuffix('.csv')}.parquet"


def write_dictionary(tables: Iterable[tuple[str, Model]], others: Mapping[str, str], target: Path) -> int:
    """Write the dictionary; return its rows.

    Tables are given as the path of their CSV in the release and their model, other files as their path and what they are.
    """
    rows = [
        (
            table,
            column.name,
            column.type,
            column.unit,
            str(column.is_nullable).lower(),
            column.description,
            column.formula,
            column.additive if column.unit else "",
            parquet_of(table),
        )
        for table, model in tables
        for column in described(model)
    ]
    rows += [(path, "", "", "", "", about, "", "", "") for path, about in others.items()]
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(rows)
    return len(rows)


def described_columns(rows: Iterable[Mapping[str, str]]) -> dict[str, list[DescribedColumn]]:
    """Return the columns of each published table, in order, from the rows of a dictionary. Raises KeyError if a row lacks a cell."""
    described: dict[str, list[DescribedColumn]] = {}
    for row in (row for row in rows if row["column"]):
        column = DescribedColumn(row["column"], row["type"], row["unit"], row["description"], row["formula"])
        described.setdefault(row["table"], []).append(column)
    return described
