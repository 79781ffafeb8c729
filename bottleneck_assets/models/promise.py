"""What a table promises, as plain data: its columns, its key, and how SQL finds a row that may break the promise.

Belongs here: the promise, and whether a stored table surely keeps it. Never here: declaring one; that is a contract (contract.py), which
brings pandas and pandera. They are imported only where a contract has changed, or a table is in doubt (judging.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from bottleneck_assets.engine.warehouse import Candidate

Additive = Literal["yes", "but over months", "no"]
"""Whether the figures of several rows may be summed: all of them, those of one month (what is there at a moment), or none."""


@dataclass(frozen=True)
class Column:
    """One column as the data dictionary shows it."""

    name: str
    type: str
    unit: str
    is_nullable: bool
    description: str
    formula: str
    additive: Additive


@dataclass(frozen=True)
class Promise:
    """A table's columns in order, those that tell its rows apart (its grain), and what it promises of the values of each column.

    `limits` are pandera's checks by their names, each with what it compares with. `doubtful` is a condition in SQL that holds for
    every row that breaks the contract by itself. It may hold for others too.
    """

    columns: tuple[Column, ...]
    key: tuple[str, ...]
    limits: Mapping[str, Mapping[str, Any]]
    doubtful: str

    def is_kept_by(self, candidate: Candidate) -> bool:
        """Tell whether a stored table surely keeps it: its types, its values and the uniqueness of its key."""
        types = [(column.name, column.type) for column in self.columns]
        return candidate.types() == types and not candidate.has_any(self.doubtful, self.key)

    def arrow_table(self, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
        """Return rows as an Arrow table of its types."""
        from bottleneck_assets.engine.arrow_tables import table_of_rows

        return table_of_rows({column.name: column.type for column in self.columns}, rows)
