"""Finds files that a workbook reads and its package lacks, or that hold something else.

Belongs here: paths, tables, columns and rows. Never here: how a package is opened (soundness.py).
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from bottleneck_assets.render.tableau.elements import Element
    from bottleneck_assets.render.tableau.extract import Table
    from bottleneck_assets.render.tableau.gate.opened import Package, Source

_HYPER_TYPES: Mapping[str, Collection[str]] = {
    "string": {"string"}, "integer": {"integer"}, "real": {"real", "integer"}, "date": {"date"}, "datetime": {"datetime", "date"},
    "boolean": {"boolean"}, "spatial": {"spatial"},
}  # fmt: skip


def files_are_in_the_package(package: Package) -> Iterator[str]:
    """A file that is read lies in the package, under a relative path with forward slashes, once, and is not empty."""
    if not package.names:
        return
    strange = [name for name in package.names if re.match(r"/|\w:", name) or "\\" in name or ".." in name.split("/")]
    if strange:
        yield f"paths in the package are not relative with forward slashes: {', '.join(strange)}"
    yield from (f"the package holds {name} twice" for name, times in Counter(package.names).items() if times > 1)
    for connection in package.root.iter("connection"):
        path = None
        if connection.get("class") == "textscan":
            path = f"{connection.get('directory')}/{connection.get('filename')}"
        elif connection.get("class") in {"hyper", "dataengine"}:
            path = connection.get("dbname", "")
        if path is not None and path.startswith("Data/") and path not in package.names:
            yield f"{path} is read, and not in the package"


def tables_hold_the_columns(package: Package) -> Iterator[str]:
    """A CSV or an extract has the table and the columns that the workbook reads, each of the type that it says."""
    for source in package.sources.values():
        relation, connection = source.element.find("connection/relation"), source.element.find("connection//named-connection/connection")
        if relation is not None and connection is not None and connection.get("class") == "textscan":
            columns = [column.get("name") for column in relation.iterfind("columns/column")]
            header = package.headers.get(f"{connection.get('directory')}/{connection.get('filename')}")
            if header is not None and columns and list(header) != columns:
                yield f"{connection.get('filename')} has other columns than {source.name} reads"
            if relation.get("type") == "table" and relation.get("table") != f"[{(relation.get('name') or '').replace('.', '#')}]":
                yield f"the table of {source.name} is called {relation.get('table')}"
        records = "metadata-records/metadata-record[@class='column']"
        for one in source.element.iterfind("extract/connection"):
            yield from _held(package, source, one, one.find("relation"), one.findall(records))
        if connection is not None and connection.get("class") == "hyper":
            yield from _held(package, source, connection, relation, source.element.findall(f"connection/{records}"))


def _held(package: Package, source: Source, connection: Element, relation: Element | None, records: Sequence[Element]) -> Iterator[str]:
    file = connection.get("dbname", "")
    if file not in package.extracts or relation is None:
        return
    tables = package.extracts[file]
    if tables is None:
        yield f"{file} is no extract that can be read"
    elif relation.get("type") == "collection":
        for one in relation.iterfind("relation[@type='table']"):
            of_this = [record for record in records if record.findtext("parent-name") == f"[{one.get('name')}]"]
            yield from _table_held(package, source, file, tables.get(one.get("table", "")), one, of_this)
    elif relation.get("type") == "table":
        yield from _table_held(package, source, file, tables.get(relation.get("table", "")), relation, records)


def _table_held(  # noqa: PLR0913, PLR0917 - what is compared
    package: Package, source: Source, file: str, table: Table | None, relation: Element, records: Sequence[Element]
) -> Iterator[str]:
    if table is None:
        yield f"{file} has no table {relation.get('table')}, which {source.name} reads"
        return
    csv = source.element.find("connection//named-connection/connection[@class='textscan']")
    rows = package.rows.get(f"{csv.get('directory')}/{csv.get('filename')}") if csv is not None else None
    if rows is not None and rows != table.rows:
        yield f"{file} holds {table.rows} rows, and {source.name} has {rows}"
    held = table.columns
    for record in records:
        name, local = record.findtext("remote-name", ""), record.findtext("local-type", "")
        if name not in held:
            yield f"{file} has no column {name}, which {source.name} reads"
        elif held[name] and local in _HYPER_TYPES and held[name] not in _HYPER_TYPES[local]:
            yield f"{name} of {file} is {held[name]}, and {source.name} reads it as {local}"
