"""Runs a SELECT over Parquet files, in memory: each is a table, with the types that it holds.

Belongs here: reading published Parquet with DuckDB. Never here: which files there are, or what they mean.
"""

from __future__ import annotations

import errno
import os
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import duckdb

from bottleneck_assets.engine.warehouse import CSV, literal
from bottleneck_assets.errors import MORE_MEMORY, BottleneckError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


class TooLittleMemoryError(BottleneckError):
    """A question that takes more memory than DuckDB may use."""

    def __init__(self, memory_limit: str) -> None:
        """Name the limit, and say how it is raised."""
        super().__init__(f"This takes more memory than DuckDB may use ({memory_limit}).", MORE_MEMORY)


def query_parquet(
    select: str, files: Mapping[str, Path], memory_limit: str = "2GB", parameters: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Return the rows of a SELECT over files, by the names that it knows them by: `database.schema.table`. Meant for small answers.

    A name behind a dollar sign in it is one of the parameters. Raises OSError if a file is gone or cannot be read,
    and TooLittleMemoryError.
    """
    with _over(files, memory_limit) as connection:
        cursor = connection.execute(select, dict(parameters or {}))
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def copy_parquet(select: str, files: Mapping[str, Path], target: Path, memory_limit: str = "2GB") -> None:
    """Write the rows of such a SELECT as CSV, however many there are: what memory does not hold goes to disk meanwhile."""
    with _over(files, memory_limit) as connection:
        connection.execute(f"copy ({select}) to {literal(target)} ({CSV})")


@contextmanager
def _over(files: Mapping[str, Path], memory_limit: str) -> Iterator[duckdb.DuckDBPyConnection]:
    with tempfile.TemporaryDirectory() as spilled:
        config: dict[str, Any] = {"autoload_known_extensions": "false", "memory_limit": memory_limit, "temp_directory": spilled}
        with duckdb.connect(config=config) as connection:
            for database in {name.partition(".")[0] for name in files}:
                connection.execute(f"attach ':memory:' as {database}")
            try:
                for name, path in files.items():
                    connection.execute(f"create view {name} as from read_parquet({literal(path)})")
                yield connection
            except duckdb.OutOfMemoryException as error:
                raise TooLittleMemoryError(memory_limit) from error
            except (duckdb.IOException, duckdb.InvalidInputException) as error:
                if gone := [path for path in files.values() if not path.exists()]:
                    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(gone[0])) from error
                raise OSError(str(error)) from error
