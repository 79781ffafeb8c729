"""Holds what became of an export's rows against the export itself, read a second time by sqlite3 alone.

Belongs here: counting and reading rows independently of the project, and what it says of them. Never here: making an export, running
anything.

A row is the bytes of its cells as text, None for NULL. What reads a key here is written from the rules, and not from the models.
"""

from __future__ import annotations

import csv
import io
import math
import re
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from bottleneck_assets_tests.small_export import COLUMNS, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from bottleneck_assets.engine.warehouse import Warehouse

Stored: TypeAlias = "bytes | int | float | None"
KEYED = {"web": ("sku",), "finance": ("month", "sku"), "promo": ("month", "sku"), "sales": ("month", "sku")}
_FORMULA = re.compile(r"'[=+\-@\t\r]")
_OUTER = r"[\s\u200b\u2060\ufeff]*"
_MONTH_AND_SKU = re.compile(rf"{_OUTER}([12][0-9]{{3}})-([0-9]{{1,2}})_([0-9]{{1,18}})(?:[.,]0+)?{_OUTER}")
_SKU = re.compile(rf"{_OUTER}([0-9]{{1,18}})(?:[.,]0+)?{_OUTER}")
_PRODUCT_PAGE = re.compile(rf"{_OUTER}(product|product_variation)?{_OUTER}", re.IGNORECASE)

csv.field_size_limit(1 << 30)


@dataclass(frozen=True)
class Told:
    """What the workflow says of an export's rows: its row accounting, its quarantine, and the keys of the rows that it kept."""

    accounting: Mapping[str, tuple[int, int, int, int, int]]
    quarantine: Sequence[Mapping[str, str]]
    kept: Mapping[str, Counter[tuple[str, ...]]]


def told_by_release(release: Path) -> Told:
    """Read a release as anyone does: its CSV files."""
    accounting = {row["source_table"]: _counts(row) for row in _csv_rows(release / "quality" / "row_accounting.csv")}
    kept = {
        table: Counter(tuple(row[name] for name in key) for row in _csv_rows(release / "tables" / f"{table}.csv"))
        for table, key in KEYED.items()
    }
    return Told(accounting, [*_csv_rows(release / "quality" / "quarantine.csv")], kept)


def told_by_warehouse(warehouse: Warehouse) -> Told:
    """Read the stored tables."""
    accounting = {row["source_table"]: _counts(row) for row in rows_of(warehouse, "clean.row_accounting")}
    quarantine = [{name: "" if cell is None else str(cell) for name, cell in row.items()} for row in rows_of(warehouse, "clean.quarantine")]
    kept = {
        table: Counter(tuple(str(row[name]) for name in key) for row in rows_of(warehouse, f"clean.{table}"))
        for table, key in KEYED.items()
    }
    return Told(accounting, quarantine, kept)


def lost_rows(export: Path, told: Told) -> list[str]:
    """Return what is lost of an export's rows, a sentence each."""
    lost: list[str] = []
    for table, (read, kept, quarantined, dropped, left_out) in told.accounting.items():
        rows = stored_rows(export, table)
        in_quarantine = {int(row["row_number"]): row for row in told.quarantine if row["source_table"] == table}
        no_product = {number for number, row in enumerate(rows, 1) if table == "web" and not _is_product_page(row)}
        copies = _exact_copies(rows) - no_product
        if read != len(rows):
            lost.append(f"{table} holds {len(rows)} rows, and {read} are said to be read")
            continue
        if read != kept + quarantined + dropped + left_out:
            lost.append(f"{table}: {read} rows read, but {kept} kept + {quarantined} quarantined + {dropped} dropped + {left_out} left out")
        counted = {"in quarantine": (quarantined, in_quarantine), "dropped": (dropped, copies), "left out": (left_out, no_product)}
        lost += [
            f"{table}: {said} rows are said to be {what}, and {len(are)} are" for what, (said, are) in counted.items() if said != len(are)
        ]
        for number, row in in_quarantine.items():
            stored = rows[number - 1]
            flaws = list(_not_whole(row, stored, table))
            if table not in KEYED:  # its columns are told by what they hold
                flaws = min(flaws, list(_not_whole(row, stored[::-1], table)), key=len)
            lost += [f"{table}, row {number}: {flaw}" for flaw in flaws]
        if table in KEYED:
            used = [row for number, row in enumerate(rows, 1) if number not in in_quarantine.keys() | copies | no_product]
            keys = Counter(_key(table, row) for row in used)
            if keys != told.kept[table]:
                extra, missing = told.kept[table] - keys, keys - told.kept[table]
                lost.append(f"{table}: kept are rows that should not be, {extra}, and not those that should, {missing}")
    return lost


def stored_rows(export: Path, table: str) -> list[tuple[Stored, ...]]:
    """Return the rows of a table of the export in its order, in the contract's columns; none if it has no such table."""
    with closing(sqlite3.connect(f"{export.as_uri()}?mode=ro", uri=True)) as connection:
        names = [name for (name,) in connection.execute("select name from sqlite_schema where type = 'table'") if name.lower() == table]
        if not names:
            return []
        (name,) = names
        found = {column.lower(): column for _, column, *_ in connection.execute(f"pragma table_xinfo({_quoted(name)})")}
        columns = next(columns for known, columns in COLUMNS.items() if known.lower() == table)
        exported = [found[column.lower()] for column in columns if column.lower() in found] or list(found.values())
        connection.text_factory = bytes
        return connection.execute(f"select {', '.join(map(_quoted, exported))} from {_quoted(name)} not indexed").fetchall()


def same_cell(stored: Stored, text: bytes | None) -> bool:
    """Tell whether a text is what SQLite stores; reals are compared as numbers: two versions of SQLite write their last digit otherwise."""
    if isinstance(stored, float):
        try:
            return text is not None and math.isclose(float(text), stored, rel_tol=1e-14)
        except ValueError:
            return False
    return (str(stored).encode() if isinstance(stored, int) else stored) == text


def _not_whole(row: Mapping[str, str], stored: Sequence[Stored], table: str) -> Iterator[str]:
    (cells,) = csv.reader(io.StringIO(row["exported_row"], newline=""), strict=True)
    if len(cells) != len(stored):
        yield f"its {len(stored)} cells are {len(cells)} in quarantine"
        return
    for name, cell, given in zip(_names(table), cells, stored, strict=True):
        if not same_cell(*_comparable(given, cell)):
            yield f"{name} is {given!r:.100}, and {cell!r:.100} in quarantine"
        shown = row["column_value"][1:] if _FORMULA.match(row["column_value"]) else row["column_value"]
        if name == row["column_name"] and shown != cell and cell[:1] != "'":
            yield f"{name} is {cell!r:.100}, and its column_value {shown!r:.100}"


def _comparable(stored: Stored, cell: str) -> tuple[Stored, bytes]:
    """Return a stored cell and a quarantined one as what can be compared.

    In CSV, NULL is empty, and bytes that are no text, or hold a zero byte, stand as SQLite would write them.
    """
    if isinstance(stored, bytes) and not _is_text(stored):
        return f"x'{stored.hex().upper()}'".encode(), cell.encode()
    return b"" if stored is None else stored, cell.encode()


def _is_text(stored: bytes) -> bool:
    try:
        return "\0" not in stored.decode()
    except UnicodeDecodeError:
        return False


def _is_product_page(row: Sequence[Stored]) -> bool:
    given = row[_names("web").index("post_type")]
    text = "" if given is None else given.decode(errors="replace") if isinstance(given, bytes) else str(given)
    return _PRODUCT_PAGE.fullmatch(text) is not None


def _names(table: str) -> list[str]:
    return next([column.lower() for column in columns] for known, columns in COLUMNS.items() if known.lower() == table)


def _exact_copies(rows: Sequence[tuple[Stored, ...]]) -> set[int]:
    """Return the numbers of the rows whose every cell, as text, stands in an earlier row."""
    seen: set[tuple[Any, ...]] = set()
    copies: set[int] = set()
    for number, row in enumerate(rows, 1):
        cells = tuple(cell if cell is None or isinstance(cell, bytes) else str(cell).encode() for cell in row)
        if cells in seen:
            copies.add(number)
        seen.add(cells)
    return copies


def _key(table: str, row: Sequence[Stored]) -> tuple[str, ...]:
    """Return the key of a row that can be used, as text."""
    given = row[0]
    text = given.decode(errors="replace") if isinstance(given, bytes) else str(given)
    if table == "web":
        found = _SKU.fullmatch(text)
        return (str(int(found[1])),) if found else (f"no key: {text!r}",)
    found = _MONTH_AND_SKU.fullmatch(text)
    return (f"{found[1]}-{int(found[2]):02}-01", str(int(found[3]))) if found else (f"no key: {text!r}",)


def _counts(row: Mapping[str, Any]) -> tuple[int, int, int, int, int]:
    read, kept, quarantined = int(row["rows_read"]), int(row["rows_kept"]), int(row["rows_quarantined"])
    return read, kept, quarantined, int(row["duplicates_dropped"]), int(row["rows_left_out"])


def _csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
