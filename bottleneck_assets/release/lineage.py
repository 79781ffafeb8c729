"""Where the tables and columns of a release come from: `lineage.json`, written and read.

Belongs here: the file, and what stands in for it in a release that has none. Never here: reading SQL (models/lineage.py), and drawing.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from bottleneck_assets.models.catalog import models
from bottleneck_assets.models.lineage import ColumnRef, column_sources
from bottleneck_assets.release.release import ChangedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bottleneck_assets.release.release import Release

LINEAGE = "lineage.json"
ABOUT_LINEAGE = "Where each table and each column comes from: what its SELECT reads, step by step back to the export."


@dataclass(frozen=True)
class TracedColumn:
    """A column: its name, type, unit, description and formula, and the columns of other tables that it is computed from."""

    name: str
    type: str
    unit: str
    description: str
    formula: str
    sources: tuple[ColumnRef, ...]


@dataclass(frozen=True)
class TracedTable:
    """A table: its name (`layer.name`), its catalogue text, the tables that it is made from, and its columns."""

    ref: str
    description: str
    reads: tuple[str, ...]
    columns: tuple[TracedColumn, ...]

    @property
    def layer(self) -> str:
        """Its layer."""
        return self.ref.partition(".")[0]

    @property
    def name(self) -> str:
        """Its name in its layer."""
        return self.ref.partition(".")[2]


@cache
def installed() -> Mapping[str, TracedTable]:
    """Return the tables of the installed code by name."""
    found = dict[str, TracedTable]()
    for ref, model in models().items():
        sources = column_sources(ref)
        columns = tuple(
            TracedColumn(column.name, column.type, column.unit, column.description, column.formula, sources.get(column.name, ()))
            for column in model.promise.columns
        )
        found[ref] = TracedTable(ref, model.description, model.reads, columns)
    return found


def write_lineage(target: Path) -> None:
    """Write the tables of the installed code."""
    text = json.dumps([asdict(table) for table in installed().values()], ensure_ascii=False, indent=1)
    target.write_text(text + "\n", encoding="utf-8", newline="\n")


def read_lineage(release: Release) -> Mapping[str, TracedTable] | None:
    """Return the tables of a release by name, None if it was made before releases said so. Raises what `Release.open` does."""
    if LINEAGE not in release.files:
        return None
    with release.open(release.files[LINEAGE]) as file:
        try:
            tables = _tables().validate_json(file.read(), strict=True)
        except ValidationError as error:
            raise ChangedError(release.name, LINEAGE, "it is no lineage") from error
    return {table.ref: table for table in tables}


@cache
def _tables() -> TypeAdapter[list[TracedTable]]:
    return TypeAdapter(list[TracedTable])
