"""Writes the data source beside a CSV: opened in Tableau instead of it, every column has its type, name, format, folder and meaning.

Belongs here: the `.tds` of a tab. Never here: what Tableau should know of a column (fields.py), or how it is connected (connection.py).

It finds the CSV in its own folder, and depends on the contract, and on the setting `sale_prices`: the same bytes in every release.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bottleneck_assets.figures.measures import as_read
from bottleneck_assets.render.tableau.calculations import measures, of_one_row, rows_with, shown
from bottleneck_assets.render.tableau.connection import csv_connection, csv_relation, object_column, object_graph
from bottleneck_assets.render.tableau.declaration import Source
from bottleneck_assets.render.tableau.elements import VERSION, Element, element, layout, written
from bottleneck_assets.render.tableau.fields import fields
from bottleneck_assets.render.tableau.references import calculated, field_column, folders, meaning

if TYPE_CHECKING:
    from bottleneck_assets.models.catalog import Model
    from bottleneck_assets.render.tableau.fields import Field

_FEATURES = ("ObjectModelEncapsulateLegacy", "ObjectModelTableType", "SchemaViewerObjectModel")
"""What the file makes use of: without these, Tableau refuses the object graph, and without that it crashes."""


def data_source(model: Model, sale_prices: str = "incl_vat") -> bytes:
    """Return the data source of a tab, to lie beside `<tab>.csv`, with labels as sale prices are read."""
    source = Source(model.ref, model.name)
    rows = rows_with(source, model)
    figures = [*measures(rows, source.language), *of_one_row(fields(model), model, source.language)]
    described = shown(fields(model), rows, figures, source.language)
    root = element(
        "datasource",
        {"formatted-name": f"federated.{model.name}", "inline": "true", "version": VERSION},
        element("document-format-change-manifest", {}, *(element(feature) for feature in _FEATURES)),
        csv_connection(model.name, ".", described),
        element("aliases", {"enabled": "yes"}),
        *map(_column, described),
        *(calculated(figure, meaning(figure.description)) for figure in figures),
        object_column(model.name, f"{model.name}.csv"),
        folders([*described, *figures]),
        layout(),
        object_graph(model.name, csv_relation(model.name, described)),
    )
    return as_read(written(root).decode(), sale_prices).encode()


def _column(field: Field) -> Element:
    is_number = field.datatype in {"integer", "real"}  # Tableau's own aggregation is right for all others
    return field_column(field, meaning(field.description), aggregation=field.aggregation if is_number else "")
