"""Runs a SELECT over CSV files, in memory: each is a table, with the columns and types that are given.

Belongs here: reading typed CSV with DuckDB. Never here: which files there are, or what they mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def query_csv(select: str, files: Mapping[str, tuple[Path, Mapping[str, str]]]) -> list[dict[str, Any]]:
    """Return the rows of a SELECT over CSVs, by the names that it knows them by: `database.schema.table`, of one database.

    Each comes with its columns and their SQL types, in the file's order; what is empty is null. Meant for small answers.
    """
    with duckdb.connect(config={"autoload_known_extensions": "false"}) as connection:
        for database in {name.partition(".")[0] for name in files}:
            connection.execute(f"attach ':memory:' as {database}")
        for name, (path, columns) in files.items():
            types = ", ".join(f"'{column}': '{kind}'" for column, kind in columns.items())
            literal = path.as_posix().replace("'", "''")
            options = "header = true, delim = ',', quote = '\"', escape = '\"', auto_detect = false"
            connection.execute(f"create view {name} as from read_csv('{literal}', {options}, columns = {{{types}}})")
        cursor = connection.execute(select)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
