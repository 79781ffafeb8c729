"""Streams the tables of one export into Arrow, every cell as the bytes of its text.

Belongs here: reading through low-level ADBC (no pandas, no pyarrow). Never here: decoding, typing or judging a value; that is the
cleaned layer's, so that a value that cannot be read becomes a quarantined row.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Protocol

import adbc_driver_manager
import adbc_driver_sqlite

from bottleneck_assets.errors import ExportError, one_line, remedy_for
from bottleneck_assets.source.exports import quoted, read_only_uri, stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from bottleneck_assets.source.exports import Export

BATCH_ROWS = 65_536
BATCH_BYTES = 16 << 20
MARKER = "_marker"


class ArrowStream(Protocol):
    """Anything that hands out an Arrow C stream."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return the stream's capsule."""
        ...


@contextmanager
def open_export(export: Export) -> Generator[Callable[[str], ArrowStream]]:
    """Give a function that streams one table of the export by its contract name; several may be read at once, each by its own thread.

    A stream has the contract's columns, each `binary`, and the column `_marker`: its first row is a marker, not the export's.
    ADBC types a column by its first batch, and one that is NULL throughout it would become int64; the marker row settles the
    type. Rows come in the table's own order.

    Each table is read in a read transaction of its own, so that two cores can read. That all of them see one state of the export
    is made sure of at the end: raises ExportError if it is being written to, or changed since it was verified.
    """
    with ExitStack() as opened:
        opened.enter_context(_readable(export.path))

        def stream(table: str) -> ArrowStream:
            database = opened.enter_context(adbc_driver_sqlite.connect(read_only_uri(export.path)))
            connection = opened.enter_context(adbc_driver_manager.AdbcConnection(database))
            statement = opened.enter_context(adbc_driver_manager.AdbcStatement(connection))
            statement.set_options(**{"adbc.sqlite.query.batch_rows": str(_batch_rows(export.tables[table].longest_row))})
            statement.set_sql_query(_select(export, table))
            return statement.execute_query()[0]

        yield stream
    refuse_changed(export)


def refuse_changed(export: Export) -> None:
    """Raise ExportError if an export has changed since it was verified: what was read of it may be of neither version."""
    if stamp(export.path) != export.stamp:
        problem = f"{export.path} was replaced while it was being read."
        raise ExportError(problem, "Run the refresh again, now that the export is complete.")


@contextmanager
def _readable(path: Path) -> Generator[None]:
    try:
        yield
    except adbc_driver_manager.Error as error:
        problem = f"{path} cannot be read: {one_line(error)}"
        remedy = remedy_for(str(error)) or "Check that nothing is writing to it, and run the refresh again."
        raise ExportError(problem, remedy) from error


def _batch_rows(longest_row: int | None) -> int:
    """Return how many rows are held in memory at a time."""
    return BATCH_ROWS if longest_row is None else min(BATCH_ROWS, max(1, BATCH_BYTES // max(1, longest_row)))


def _select(export: Export, table: str) -> str:
    source = export.tables[table]
    marker = ", ".join(f"x'' as {quoted(name)}" for name in source.columns)
    # text first: a REAL must become its decimal text, not its eight bytes
    cells = ", ".join(f"cast(cast({quoted(column)} as text) as blob)" for column in source.columns.values())
    # an index that holds every column would be read in the table's place: in its own order, and without the rows that it may lack
    return f"select {marker}, x'01' as {MARKER} union all select {cells}, null from {quoted(source.name)} not indexed"
