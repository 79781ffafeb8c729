"""Counts how many cells of the export arrive as the value that is in the file.

Belongs here: what counts as the same value, and why a cell is lost. Never here: how a way reads (ways.py).

A cell arrives if a number arrives as that number, an empty text as an empty text, null as null, and any other text as that text. A number
is what SQLite stores as one, and a text such as 21,7 in a column that the shop declares as numeric.
"""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
from collections import Counter
from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bottleneck_assets.source.exports import quoted, read_only_uri

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

ARRIVED, REJECTED = "arrived", "rejected"
COMMA, MIXED, EMPTY, OTHER = "comma", "mixed", "empty", "other"
"""Why a cell is lost: a decimal with a comma that is text there; any other number that is; an empty text that became null; the rest."""
IN_QUARANTINE = object()
"""Stands for each cell of a row that was put aside whole and verbatim, with the reason."""
_NUMBER = re.compile(r"-?\d+([.,]\d+)?")


def count(export: Path, tables: Iterable[str], rows_of: Callable[[str], Iterable[Sequence[Any]]]) -> Counter[str]:
    """Count the cells of some tables by what became of them, given the rows of each as they arrived, in the table's order."""
    found: Counter[str] = Counter()
    with closing(sqlite3.connect(read_only_uri(export), uri=True)) as connection:
        for table in tables:
            columns = connection.execute(f"pragma table_info({quoted(table)})").fetchall()
            numeric = [_is_numeric(declared) for _, _, declared, *_ in columns]
            cells = ", ".join(f"typeof({quoted(name)}), cast({quoted(name)} as text)" for _, name, *_ in columns)
            stored = connection.execute(f"select {cells} from {quoted(table)}")
            for row, values in zip(stored, rows_of(table), strict=True):
                found.update(
                    _fate(kind, text, value, numeric=is_numeric)
                    for kind, text, value, is_numeric in zip(row[::2], row[1::2], values, numeric, strict=True)
                )
    return found


def _is_numeric(declared: str) -> bool:
    """Tell whether SQLite would store numbers in a column that is declared so (its type affinity)."""
    upper = declared.upper()
    return bool(upper) and ("INT" in upper or not any(word in upper for word in ("CHAR", "CLOB", "TEXT", "BLOB")))


def _fate(kind: str, text: str | None, value: object, *, numeric: bool) -> str:
    if value is IN_QUARANTINE:
        return REJECTED
    if text is None:
        return ARRIVED if _is_null(value) else OTHER
    if not text:
        return ARRIVED if value == "" else EMPTY if _is_null(value) else OTHER
    if kind in {"integer", "real"} or (numeric and _NUMBER.fullmatch(text)):
        if isinstance(value, (int, float, Decimal)):
            return ARRIVED if float(value) == float(text.replace(",", ".")) else OTHER
        return COMMA if "," in text else MIXED
    return ARRIVED if text in _texts(value) else OTHER


def _is_null(value: object) -> bool:
    return value is None or value != value  # noqa: PLR0124 - NaN and NaT are the nulls of pandas, and not equal to themselves


def _texts(value: object) -> tuple[str, ...]:
    """Return the texts that a value stands for: a date may be written in the export's two ways."""
    if isinstance(value, dt.date):
        return (f"{value:%Y-%m-%d}", f"{value:%d-%m-%Y}")
    return (str(value),)
