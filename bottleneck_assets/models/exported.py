"""What the contracts of the raw layer share: every cell of the export as text, beside the number of its row.

Belongs here: the two columns that reading adds, and how a column of the export is declared. Never here: any one table's columns.
"""

from __future__ import annotations

from typing import Any

from bottleneck_assets.models.contract import Contract, Count, Text, column


class ExportedTable(Contract):
    """A table of the export. Its columns carry the export's names in lower case."""

    row_number: Count = column("Number of the row in the export's table, from 1.", ge=1)
    undecodable_column: Text = column(
        "First column whose bytes are not UTF-8 text, or hold a zero byte; null in a good row.", nullable=True
    )

    class Config(Contract.Config):
        """Rows are told apart by their number."""

        unique = ["row_number"]  # noqa: RUF012 - pandera's way


def exported(description: str) -> Any:
    """Declare a column of the export."""
    return column(description, nullable=True)
