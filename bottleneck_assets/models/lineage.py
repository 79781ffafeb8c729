"""Says where each column of a model comes from, column by column, read from its SELECT.

Belongs here: column lineage from SQL, one step up or all the way to the export. Never here: Dagster's classes, drawing.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bottleneck_assets.engine.remembered import remembered
from bottleneck_assets.models.catalog import Model, models

if TYPE_CHECKING:
    from sqlglot.lineage import Node

NOTATIONS = "clean.notations"
"""How columns are read: no value comes from there."""


class ColumnRef(NamedTuple):
    """One column of one table (`layer.name`)."""

    table: str
    column: str


@cache
def column_sources(ref: str) -> dict[str, tuple[ColumnRef, ...]]:
    """Return, for each column of a model in order, the columns of other tables that it is computed from."""
    model = models()[ref]
    if model.sql is None:
        return {}
    versions = [made_of.code_version for made_of in (model, *(models()[read] for read in model.reads))]
    traced = remembered(f"{ref}.lineage", lambda: _traced(model), of=[*versions, Path(__file__)], by="sqlglot")
    return {name: tuple(ColumnRef(*source) for source in sources) for name, sources in traced.items()}


@cache
def origins(ref: str, column: str) -> tuple[ColumnRef, ...]:
    """Return the columns of the raw layer that a column comes from, however many steps away."""
    above = column_sources(ref).get(column, ())
    if not above and models()[ref].sql is None:
        return (ColumnRef(ref, column),)
    return tuple(sorted({origin for source in above for origin in origins(*source)}))


def _traced(model: Model) -> dict[str, list[ColumnRef]]:
    from sqlglot.lineage import lineage

    from bottleneck_assets.engine.macros import DIALECT

    schema: dict[str, dict[str, dict[str, str]]] = {}
    for source in (models()[read] for read in model.reads):
        schema.setdefault(source.layer, {})[source.name] = {column.name: column.type for column in source.promise.columns}
    # untrimmed: trimming copies the whole SELECT for every column, which took ten times as long
    nodes = lineage(None, model.parsed, schema=schema, dialect=DIALECT, trim_selects=False)
    return {name: _leaves(node) for name, node in nodes.items()}


def _leaves(node: Node) -> list[ColumnRef]:
    from sqlglot import exp

    tables = [(leaf.expression, leaf.name) for leaf in node.walk() if isinstance(leaf.expression, exp.Table)]
    found = {ColumnRef(f"{table.db}.{table.name}", name.rpartition(".")[2]) for table, name in tables}
    return sorted(ref for ref in found if ref.table != NOTATIONS)
