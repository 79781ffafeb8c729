"""Turns what the layers below know of a table into what Dagster shows of it.

Belongs here: metadata of assets and checks. Never here: computing what it shows.
"""

from __future__ import annotations

import datetime as dt
from base64 import b64encode
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import dagster as dg

from bottleneck_assets.figures.described import described

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bottleneck_assets.documents.document import Document
    from bottleneck_assets.engine.warehouse import Table, Warehouse
    from bottleneck_assets.models.catalog import Model
    from bottleneck_assets.models.lineage import ColumnRef

PREVIEW_ROWS = 10
_CELL_LENGTH = 200


def asset_key(ref: str) -> dg.AssetKey:
    """Return the asset key of a table: `layer.name` is the asset `layer/name`."""
    return dg.AssetKey(ref.split("."))


def document_key(document: Document) -> dg.AssetKey:
    """Return the asset key of a document."""
    return dg.AssetKey(["publication", document.name])


def table_metadata(model: Model, table: Table, warehouse: Warehouse, seconds: float) -> dict[str, Any]:
    """Describe a stored table: columns, lineage, rows, bytes, seconds, and its first ten rows."""
    from bottleneck_assets.models.lineage import column_sources

    sources = column_sources(model.ref)
    preview = warehouse.rows(model.ref, limit=PREVIEW_ROWS)
    return {
        "dagster/column_schema": column_schema(model),
        "dagster/column_lineage": _column_lineage(sources),
        "dagster/row_count": table.rows,
        "dagster/table_name": model.ref,
        "dagster/uri": table.path.resolve().as_uri(),
        "bytes": table.bytes,
        "seconds": round(seconds, 3),
        "exports": ", ".join(f"{origin.name} ({origin.version[:8]})" for origin in table.origins if origin.kind == "export"),
        **({"columns_come_from": dg.MetadataValue.md(_lineage_text(sources))} if sources else {}),
        **({"preview": rows_metadata(preview)} if preview else {}),
    }


def column_schema(model: Model) -> dg.TableSchema:
    """Return a model's columns as its contract declares them."""
    key = model.promise.key
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=column.name,
                type=column.type,
                description=_column_text(column.description, column.unit, column.formula),
                constraints=dg.TableColumnConstraints(nullable=column.is_nullable, unique=key == [column.name]),
            )
            for column in described(model)
        ]
    )


def rows_metadata(rows: Sequence[Mapping[str, Any]]) -> dg.TableMetadataValue:
    """Show rows as a table."""
    return dg.MetadataValue.table([dg.TableRecord({name: _cell(value) for name, value in row.items()}) for row in rows])


def picture_metadata(svg: str) -> dg.MarkdownMetadataValue:
    """Show a picture: it is in the record itself, so that it stays as it was and needs no address."""
    return dg.MetadataValue.md(f"![preview](data:image/svg+xml;base64,{b64encode(svg.encode()).decode()})")


def _column_text(description: str, unit: str, formula: str) -> str:
    return " ".join(part for part in (description, f"Unit: {unit}." if unit else "", f"= `{formula}`" if formula else "") if part)


def _column_lineage(sources: Mapping[str, Sequence[ColumnRef]]) -> dg.TableColumnLineage:
    return dg.TableColumnLineage(
        {
            name: [dg.TableColumnDep(asset_key=asset_key(source.table), column_name=source.column) for source in columns]
            for name, columns in sources.items()
        }
    )


def _lineage_text(sources: Mapping[str, Sequence[ColumnRef]]) -> str:
    rows = [f"| `{name}` | `{source.table}.{source.column}` |" for name, columns in sources.items() for source in columns]
    own = [f"| `{name}` | counted or constant |" for name, columns in sources.items() if not columns]
    return "\n".join(("| column | comes from |", "|---|---|", *rows, *own))


def _cell(value: object) -> str | int | float | bool | None:
    match value:
        case None | bool() | int() | float():
            return value
        case Decimal():
            return f"{value:f}"  # as text, a zero of eight decimals would be 0E-8
        case dt.date():
            return str(value)
        case _:
            text = str(value)
            return text if len(text) <= _CELL_LENGTH else f"{text[:_CELL_LENGTH]}…"
