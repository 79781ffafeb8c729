"""Writes what connects Tableau to tables: a CSV, with or without an extract of it, an extract alone, or several tables of one.

Belongs here: connections, relations, metadata records and object graphs. Never here: what is computed from the fields or shown of them
(worksheet.py), or the files themselves (package.py, extract.py).

Paths are relative, to the file that holds the connection or to the root of the package, with forward slashes. The object graph repeats
the relation: without it, Tableau crashes on the page of the data source.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bottleneck_assets.render.tableau.elements import Element, element, identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bottleneck_assets.render.tableau.fields import Field

LOCALE = "en_US"
"""Dots before decimals and commas between cells, whatever the locale of the machine that opens the file."""
_USER = "tableau_internal_user"


def csv_connection(name: str, directory: str, fields: Sequence[Field]) -> Element:
    """Return the connection to `<directory>/<name>.csv`."""
    file, connection = f"{name}.csv", f"textscan.{name}"
    given = {"class": "textscan", "directory": directory, "filename": file, "password": "", "server": ""}
    records = [_record(field, place, file, object_id(name), field.remote_type) for place, field in enumerate(fields)]
    return _federated(file, connection, element("connection", given), csv_relation(name, fields), records)


def csv_relation(name: str, fields: Sequence[Field]) -> Element:
    """Return the table that a CSV is: its columns and their types, its separator, its locale."""
    columns = [
        element("column", {"datatype": field.datatype, "name": field.name, "ordinal": str(place)}) for place, field in enumerate(fields)
    ]
    return element(
        "relation",
        {"connection": f"textscan.{name}", "name": f"{name}.csv", "table": f"[{name}#csv]", "type": "table"},
        element("columns", {"character-set": "UTF-8", "header": "yes", "locale": LOCALE, "separator": ","}, *columns),
    )


def extract_of_csv(name: str, path: str, fields: Sequence[Field], received: str) -> Element:
    """Return the active extract of a CSV, which Tableau Public asks for; it is as old as the export that was received (ISO 8601)."""
    records = [
        _record(field, place, "Extract", object_id(name), field.extract_remote_type, family=f"{name}.csv")
        for place, field in enumerate(fields)
    ]
    given = {
        "access_mode": "readonly",
        "authentication": "auth-none",
        "author-locale": LOCALE,
        "class": "hyper",
        "dbname": path,
        "default-settings": "hyper",
        "schema": "Extract",
        "sslmode": "",
        "tablename": "Extract",
        **({"update-time": f"{dt.datetime.fromisoformat(received).astimezone(dt.UTC):%m/%d/%Y %I:%M:%S %p}"} if received else {}),
        "username": _USER,
    }
    connection = element("connection", given, extract_relation(), element("metadata-records", {}, *records))
    return element("extract", {"count": "-1", "enabled": "true", "object-id": "", "units": "records"}, connection)


def extract_relation(connection: str = "") -> Element:
    """Return the one table of an extract, by its connection where it is reached through one."""
    named = {"connection": connection} if connection else {}
    return element("relation", {"name": "Extract", "table": "[Extract].[Extract]", "type": "table", **named})


def hyper_connection(name: str, path: str, fields: Sequence[Field]) -> Element:
    """Return the connection to an extract that is read as it is, without a CSV behind it."""
    connection = f"hyper.{name}"
    records = [_record(field, place, "Extract", object_id(name), field.extract_remote_type) for place, field in enumerate(fields)]
    return _federated(name, connection, element("connection", _hyper(path)), extract_relation(connection), records)


def _hyper(path: str) -> dict[str, str]:
    return {
        "authentication": "auth-none",
        "author-locale": LOCALE,
        "class": "hyper",
        "dbname": path,
        "default-settings": "yes",
        "schema": "Extract",
        "sslmode": "",
        "username": _USER,
    }


@dataclass(frozen=True)
class Related:
    """A table of an extract among others: its name here and there, what people call it and its rows, its fields with their names here."""

    name: str
    table: str
    caption: str
    of_rows: str
    fields: Sequence[tuple[str, Field]]

    @property
    def id(self) -> str:
        """The identifier of the logical table."""
        return f"{self.name}_{_digits(self.name)}"

    @property
    def rows(self) -> Element:
        """The column that stands for its rows."""
        return _rows(self.id, self.of_rows)

    def relation(self, connection: str) -> Element:
        """Return the table, by its connection."""
        return element("relation", {"connection": connection, "name": self.name, "table": f"[Extract].[{self.table}]", "type": "table"})


@dataclass(frozen=True)
class Relationship:
    """What rows of two tables have in common: pairs of fields, and the identifiers of the tables."""

    first: str
    second: str
    pairs: Sequence[tuple[str, str]]


def star_connection(name: str, path: str, tables: Sequence[Related]) -> Element:
    """Return the connection to tables of an extract, which are in the order of their names."""
    relations = [table.relation(f"hyper.{name}") for table in tables]
    fields = sorted((local, table.name, field.name) for table in tables for local, field in table.fields)
    cols = [element("map", {"key": f"[{local}]", "value": f"[{table}].[{remote}]"}) for local, table, remote in fields]
    every = [(table, local, field) for table in tables for local, field in table.fields]
    records = [
        _record(field, place, table.name, table.id, field.extract_remote_type, local=local)
        for place, (table, local, field) in enumerate(every)
    ]
    collection = element("relation", {"type": "collection"}, *relations)
    return _federated(name, f"hyper.{name}", element("connection", _hyper(path)), collection, records, element("cols", {}, *cols))


def star_graph(name: str, tables: Sequence[Related], relationships: Sequence[Relationship]) -> Element:
    """Return the logical tables, in the order of the connection's, and their relationships."""
    objects = [element("object", {"caption": table.caption, "id": table.id}, _properties(table, f"hyper.{name}")) for table in tables]
    return element("object-graph", {}, element("objects", {}, *objects), element("relationships", {}, *map(_related, relationships)))


def _properties(table: Related, connection: str) -> Element:
    return element("properties", {"context": ""}, table.relation(connection))


def _related(relationship: Relationship) -> Element:
    equal = [
        element("expression", {"op": "="}, *(element("expression", {"op": f"[{field}]"}) for field in pair)) for pair in relationship.pairs
    ]
    return element(
        "relationship",
        {},
        equal[0] if len(equal) == 1 else element("expression", {"op": "AND"}, *equal),
        element("first-end-point", {"object-id": relationship.first}),
        element("second-end-point", {"object-id": relationship.second}),
    )


def object_graph(name: str, relation: Element, extract: Element | None = None) -> Element:
    """Return the logical table over a relation, and over its extract if it has one."""
    file = relation.get("name", "")
    properties = [element("properties", {"context": ""}, relation)]
    if extract is not None:
        properties.append(element("properties", {"context": "extract"}, extract))
    described = element("object", {"caption": file, "id": object_id(name)}, *properties)
    return element("object-graph", {}, element("objects", {}, described))


def object_column(name: str, caption: str) -> Element:
    """Return the column that stands for the rows of a logical table."""
    return _rows(object_id(name), caption)


def _rows(identifier: str, caption: str) -> Element:
    attributes = {
        "caption": caption,
        "datatype": "table",
        "name": f"[__tableau_internal_object_id__].[{identifier}]",
        "role": "measure",
        "type": "quantitative",
    }
    return element("column", attributes)


def object_id(name: str) -> str:
    """Return the identifier of a logical table: its name, and 32 digits."""
    return f"{name}.csv_{_digits(name)}"


def _digits(name: str) -> str:
    return identifier("object", name).strip("{}").replace("-", "")


def _federated(caption: str, name: str, connection: Element, relation: Element, records: Sequence[Element], *between: Element) -> Element:
    named = element("named-connection", {"caption": caption, "name": name}, connection)
    return element(
        "connection",
        {"class": "federated"},
        element("named-connections", {}, named),
        relation,
        *between,
        element("metadata-records", {}, *records),
    )


def _record(  # noqa: PLR0913, PLR0917 - what Tableau keeps of a column
    field: Field, place: int, parent: str, object_id: str, remote_type: int, family: str = "", *, local: str = ""
) -> Element:
    told = {
        "remote-name": field.name,
        "remote-type": str(remote_type),
        "local-name": f"[{local or field.name}]",
        "parent-name": f"[{parent}]",
        "remote-alias": field.name,
        "ordinal": str(place),
        **({"family": family} if family else {}),
        "local-type": field.datatype,
        "aggregation": field.aggregation,
        "contains-null": "true" if field.is_nullable else "false",
    }
    parts = [element(tag, text=text) for tag, text in told.items()]
    if field.datatype == "string":
        parts.append(element("collation", {"flag": "0", "name": "binary"}))
    parts.append(element("object-id", text=f"[{object_id}]"))
    return element("metadata-record", {"class": "column"}, *parts)
