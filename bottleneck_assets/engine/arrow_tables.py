"""Makes Arrow tables of rows and of columns. DuckDB makes them: to read a list or an array, pyarrow would import pandas first.

Belongs here: that one way. Never here: which tables there are, or storing one (warehouse.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import pyarrow as pa


def table_of_rows(types: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Return rows as a table of these columns, by the names of DuckDB's types. What a row lacks is null."""
    cells = [[row.get(name) for name in types] for row in rows]
    with duckdb.connect() as made:
        made.execute(f"create table given ({', '.join(f'{name} {kind}' for name, kind in types.items())})")
        if cells:
            made.executemany(f"insert into given values ({', '.join('?' for _ in types)})", cells)
        return made.sql("from given").to_arrow_table()


def table_of_columns(columns: Mapping[str, np.ndarray]) -> pa.Table:
    """Return NumPy's arrays as the columns of a table."""
    with duckdb.connect() as made:
        made.register("given", dict(columns))
        return made.sql("from given").to_arrow_table()
