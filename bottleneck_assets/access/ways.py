"""The ways to read the export that can be measured here: what they are called, and how each opens it.

Belongs here: opening the export directly or by way of CSV files, and nothing kept open. Never here: what is asked, or what it costs.

Each way reads as it does by default: no option is set that its user would have to know of, but for the wait on a lock.
"""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from bottleneck_assets.access.questions import TABLES, Answers, folded, statements, with_pandas
from bottleneck_assets.access.writing import PATIENCE_SECONDS
from bottleneck_assets.source.exports import quoted, read_only_uri

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import duckdb

    from bottleneck_assets.access.questions import Asked

SQLITE3, ADBC, PANDAS, DUCKDB, WORKFLOW = "sqlite3", "adbc", "csv_pandas", "csv_duckdb", "workflow"
DIRECT = (SQLITE3, ADBC)
BY_CSV = (PANDAS, DUCKDB)


def select(way: str, export: Path, queries: Sequence[str], between: Callable[[], None] | None = None) -> list[Sequence[Sequence[Any]]]:
    """Run SELECTs over one direct connection to the export; something may be made to happen after the first."""
    if way == SQLITE3:
        with closing(sqlite3.connect(read_only_uri(export), uri=True, timeout=PATIENCE_SECONDS)) as connection:
            return _each(lambda query: [*connection.execute(query)], queries, between)
    from adbc_driver_sqlite import dbapi

    with dbapi.connect(read_only_uri(export)) as connection, connection.cursor() as cursor:

        def fetch(query: str) -> Sequence[Sequence[Any]]:
            cursor.execute(query)
            return cursor.fetchall()

        fetch(f"pragma busy_timeout = {PATIENCE_SECONDS * 1000:.0f}")
        return _each(fetch, queries, between)


def extract(export: Path, folder: Path, between: Callable[[], None] | None = None) -> None:
    """Write the four tables as CSV, as the sqlite3 shell does: a header, every cell as text, nothing for null."""
    with closing(sqlite3.connect(read_only_uri(export), uri=True, timeout=PATIENCE_SECONDS)) as connection:
        for number, name in enumerate(sorted(TABLES, key=lambda name: name != "sales")):
            if number == 1 and between:
                between()
            rows = connection.execute(f"select * from {quoted(name)}")
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow([column for column, *_ in rows.description])
                writer.writerows(rows)


def answers(way: str, export: Path, folder: Path, asked: Asked, *, minded: bool = True) -> Answers:
    """Answer the eight questions: directly from the export, or from CSV files that are extracted into a folder first."""
    if way in DIRECT:
        return folded(select(way, export, statements(asked, minded=minded)), asked)
    extract(export, folder)
    if way == PANDAS:
        import pandas as pd

        return with_pandas({name: pd.read_csv(folder / f"{name}.csv") for name in TABLES}, asked, minded=minded)
    with closing(_opened(folder, TABLES)) as connection:
        return folded([connection.execute(query).fetchall() for query in statements(asked, minded=minded)], asked)


def rows(way: str, export: Path, folder: Path, table: str) -> Iterator[Sequence[Any]]:
    """Yield the rows of one table as they arrive, in its order."""
    if way in DIRECT:
        yield from select(way, export, [f"select * from {quoted(table)}"])[0]
    elif way == PANDAS:
        import pandas as pd

        frame = pd.read_csv(folder / f"{table}.csv")
        yield from zip(*(frame[column].tolist() for column in frame.columns), strict=True)
    else:
        with closing(_opened(folder, [table])) as connection:
            yield from connection.execute(f"select * from {table}").fetchall()


def _each(
    fetch: Callable[[str], Sequence[Sequence[Any]]], queries: Sequence[str], between: Callable[[], None] | None
) -> list[Sequence[Sequence[Any]]]:
    found: list[Sequence[Sequence[Any]]] = []
    for query in queries:
        if found and between:
            between()
        found.append(fetch(query))
    return found


def _opened(folder: Path, tables: Sequence[str]) -> duckdb.DuckDBPyConnection:
    import duckdb

    connection = duckdb.connect()
    for name in tables:
        path = str(folder / f"{name}.csv").replace("'", "''")
        connection.execute(f"create table {name} as select * from read_csv('{path}')")
    return connection
