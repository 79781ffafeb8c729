"""Runs a SELECT over Parquet files, in memory: each is a table, with the types that it holds.

Belongs here: reading published Parquet with DuckDB. Never here: which files there are, or what they mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def query_parquet(select: str, files: Mapping[str, Path]) -> list[dict[str, Any]]:
    """Return the rows of a SELECT over files, by the names that it knows them by: `database.schema.table`. Meant for small answers."""
    with duckdb.connect(config={"autoload_known_extensions": "false"}) as connection:
        for database in {name.partition(".")[0] for name in files}:
            connection.execute(f"attach ':memory:' as {database}")
        for name, path in files.items():
            literal = path.as_posix().replace("'", "''")
            connection.execute(f"create view {name} as from read_parquet('{literal}')")
        cursor = connection.execute(select)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
