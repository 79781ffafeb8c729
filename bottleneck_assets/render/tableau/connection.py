"""Writes what connects Tableau to a table: a CSV, with or without an extract of it, or an extract alone.

Belongs here: connections, relations, metadata records and object graphs. Never here: what is computed from the fields or shown of them
(worksheet.py), or the files themselves (package.py, extract.py).

Paths are relative, to the file that holds the connection or to the root of the package, with forward slashes. The object graph repeats
the relation: without it, Tableau crashes on the page of the data source.
"""

from __future__ import annotations

import datetime as dt
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
    given = {
        "authentication": "auth-none",
        "author-locale": LOCALE,
        "class": "hyper",
        "dbname": path,
        "default-settings": "yes",
        "schema": "Extract",
        "sslmode": "",
        "username": _USER,
    }
    records = [_record(field, place, "Extract", object_id(name), field.extract_remote_type) for place, field in enumerate(fields)]
    return _federated(name, connection, element("connection", given), extract_relation(connection), records)


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
    attributes = {
        "caption": caption,
        "datatype": "table",
        "name": f"[__tableau_internal_object_id__].[{object_id(name)}]",
        "role": "measure",
        "type": "quantitative",
    }
    return element("column", attributes)


def object_id(name: str) -> str:
    """Return the identifier of a logical table: its name, and 32 digits."""
    return f"{name}.csv_{identifier('object', name).strip('{}').replace('-', '')}"


def _federated(caption: str, name: str, connection: Element, relation: Element, records: Sequence[Element]) -> Element:
    named = element("named-connection", {"caption": caption, "name": name}, connection)
    return element(
        "connection",
        {"class": "federated"},
        element("named-connections", {}, named),
        relation,
        element("metadata-records", {}, *records),
    )


def _record(field: Field, place: int, parent: str, object_id: str, remote_type: int, family: str = "") -> Element:  # noqa: PLR0913, PLR0917 - what Tableau keeps of a column
    told = {
        "remote-name": field.name,
        "remote-type": str(remote_type),
        "local-name": f"[{field.name}]",
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
