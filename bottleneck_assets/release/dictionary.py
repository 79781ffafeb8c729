"""Writes the data dictionary: one row a column of every published table, from the contracts alone.

Belongs here: `data_dictionary.csv`. Never here: a description of a column; that stands in its contract.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from bottleneck_assets.models.contract import columns_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from bottleneck_assets.models.catalog import Model

HEADER = ("table", "column", "type", "unit", "nullable", "description", "formula", "additive")


def write_dictionary(tables: Iterable[tuple[str, Model]], target: Path) -> int:
    """Write the dictionary of published tables, each given as its CSV's path in the release and its model; return its rows."""
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
        )
        for table, model in tables
        for column in columns_of(model.contract)
    ]
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(rows)
    return len(rows)
