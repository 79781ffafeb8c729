"""Draws whole exports of a few rows with anything in any cell, and writes them as SQLite files.

Belongs here: what a hostile export may hold, and the one flaw for which it must be refused, if any. Never here: running or judging
anything.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from hypothesis import strategies as st

from bottleneck_assets_tests.small_export import COLUMNS, exported_key, finance_row, promo_row, sales_row, web_row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

REQUIRED = ("Web", "Finance", "Sales", "Promo")
LONG = 100_000


@dataclass(frozen=True)
class TextBytes:
    """Bytes that the file calls text, whatever they are."""

    content: bytes


Cell: TypeAlias = "str | int | float | bytes | TextBytes | None"


@dataclass(frozen=True)
class HostileExport:
    """An export: its tables with their columns and rows, the columns' types, its encoding, and what must be refused of it, if anything."""

    tables: Mapping[str, tuple[Sequence[str], Sequence[Sequence[Cell]]]]
    declared: Mapping[tuple[str, str], str]
    encoding: str
    flaw: str

    def write(self, path: Path) -> Path:
        """Write it as a SQLite file."""
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(f"pragma encoding = '{self.encoding}'")
            for table, (columns, rows) in self.tables.items():
                typed = ", ".join(f"{_quoted(name)} {self.declared.get((table, name), '')}" for name in columns)
                connection.execute(f"create table {_quoted(table)} ({typed})")
                for row in rows:
                    marks = ", ".join("cast(? as text)" if isinstance(cell, TextBytes) else "?" for cell in row)
                    cells = [cell.content if isinstance(cell, TextBytes) else cell for cell in row]
                    connection.execute(f"insert into {_quoted(table)} values ({marks})", cells)
        return path


NUMBERS = [
    "21,7", "21.70", "1 234,50", "1.234,50", "1,234.50", "1e5", "1E-7", "0x10", "-0", "-0,00", "+5", "5 €", "½", "١٢", "²", "1_000",
    "NaN", "Infinity", "-inf", "true", "NULL", "999999", "999999,99999999", "1000000", "9999999", "10000000", "0000000000000000000005",
    ",5", "5,", "5..0", "5,0,0", "9223372036854775807", "9223372036854775808", "99999999999999999999999999999999999999999999",
    "0." + "0" * 60 + "1",
]  # fmt: skip
DATES = [
    "2022-10-01", "01-10-2022", "2022-02-30", "30-02-2022", "29-02-2023", "2022/10/01", "01.10.2022", "1-1-2022", "2022-10-01T00:00:00Z",
    "2022-10-01 00:00:00", "0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "-2022-10-01", "44835", "20221001", "oct. 2022",
    "32-10-2022",
]  # fmt: skip
KEYS = [
    "2022-10_10", "2022-10_010", "2022-010_10", "2022-13_10", "2022-0_10", "2022-1_10", "2022-01_10", " 2022-10_10 ", "2022-10_10\n",
    "2022-10_10\u00a0", "2022-10-10", "2022-10_", "_10", "2022-10_99999999999999999999", "2022-10_-10", "2999-12_10", "1000-1_10",
    "2022-10_10_10",
]  # fmt: skip
TEXTS = [
    "", " ", "\t", "\n", "\r\n", "\0", "a\0b", "\ufeff10", "\u202e10\u202c", "\u200b", "\u00a0", "e\u0301", "ﬁ", "ẞ", "\U0001f377",
    "\x1b[31m", "[bold]", "{x}", "%s", "'", '"', '""', '"""', '"a', 'a"', "'; drop table Web; --", "=1+1", "=cmd|' /C calc'!A0", "+1",
    "-1+1", "@SUM(1)", "\t=1", "\r=1", "x'C3'", "x''", "&#0;", "&#x110000;", "&#55296;", "&amp;#38;", "&lt;b&gt;", "<b",
    "<script>alert(1)</script>", "\\", "\\N", "|", "Offres commerciales", "0cl", "99999cl", "3x 10cl", "999x 99999,999 cl", "...-75cl",
    "http://x/?a=1&#038:b", "x" * LONG, "=" * LONG, "é" * LONG, "<" * 5_000, "&" * 5_000,
]  # fmt: skip
BYTES = [
    b"", b"\xff", b"\xc3", b"\xc3\x28", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80", b"2022-10_10", b"10", b"\x00", b"\xfe\xff",
    b"20,5\xa0",
]  # fmt: skip
ODD_NUMBERS = [
    0, -1, 1, 2, 10**7, 10**18, 2**63 - 1, -(2**63), -0.0, 0.1, 1e-7, 1e14, 1e15, 1e17, 1e308, -1e308, 5e-324, float("inf"),
    float("-inf"), float("nan"),
]  # fmt: skip

CELLS: st.SearchStrategy[Cell] = st.one_of(
    st.none(),
    st.sampled_from(NUMBERS),
    st.sampled_from(DATES),
    st.sampled_from(KEYS),
    st.sampled_from(TEXTS),
    st.sampled_from(ODD_NUMBERS),
    st.sampled_from(BYTES),
    st.sampled_from(BYTES).map(TextBytes),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.text(st.sampled_from("0123456789-_,. \"'|&<>;x\0\u00a0cl"), max_size=12),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.binary(max_size=6),
    st.binary(max_size=6).map(TextBytes),
)
CHANGES = [*["none"] * 6, "case", "order", "extra column", "extra table", "column gone", "table gone", "empty", "encoding"]
NAMES = st.sampled_from(
    [
        '"',
        "a\nb",
        "select",
        " SKU",
        "row_number",
        "undecodable_column",
        "_marker",
        "sku_bytes",
        "'",
        ";",
        "\x1b[31m",
        "é",
        "x" * 300,
        "[a]",
        "%",
        "Web ",
    ]
)


@st.composite
def hostile_exports(draw: st.DrawFn) -> HostileExport:
    """Draw an export: a few products over a few months, and then anything done to its cells, rows, columns and tables."""
    rows = draw(_plain_rows())
    cells = {table: [[row[name] for name in COLUMNS[table]] for row in given] for table, given in rows.items()}
    columns = {table: list(COLUMNS[table]) for table in rows}
    for _ in range(draw(st.integers(0, 12))):
        table = draw(st.sampled_from(sorted(cells)))
        row = draw(st.integers(0, len(cells[table]) - 1))
        cells[table][row][draw(st.integers(0, len(columns[table]) - 1))] = draw(CELLS)
    for _ in range(draw(st.integers(0, 4))):
        table = draw(st.sampled_from(sorted(cells)))
        copy = list(cells[table][draw(st.integers(0, len(cells[table]) - 1))])
        if draw(st.booleans()):
            copy[draw(st.integers(0, len(copy) - 1))] = draw(CELLS)
        cells[table].insert(draw(st.integers(0, len(cells[table]))), copy)
    declared = {(draw_table, name): "" for draw_table in columns for name in columns[draw_table]}
    if draw(st.booleans()):
        names = sorted(declared)
        declared.update(
            {draw(st.sampled_from(names)): draw(st.sampled_from(["integer", "real", "text", "numeric", "blob", "date"])) for _ in range(6)}
        )
    return _rearranged(draw, cells, columns, declared)


@st.composite
def _plain_rows(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    skus = range(10, 10 + draw(st.integers(1, 4)))
    first = draw(st.sampled_from([(2022, 10), (2022, 1), (1999, 12), (2098, 11)]))
    months = [
        f"{first[0] + (first[1] - 1 + ahead) // 12}-{(first[1] - 1 + ahead) % 12 + 1:02}"
        for ahead in range(draw(st.sampled_from([1, 2, 3, 13])))
    ]
    segments = ("Vin", "Spiritueux", "Offres commerciales", "Huile")
    rows = {
        "Web": [web_row(sku, Segment=segments[sku % 4]) for sku in skus],
        "Finance": [finance_row(month, sku) for month in months for sku in skus],
        "Sales": [sales_row(month, sku, Stock=200 - 10 * at) for at, month in enumerate(months) for sku in skus],
        "Promo": [promo_row(months[-1], skus[0], Key_Promo=exported_key(months[-1], skus[0]))],
    }
    if draw(st.booleans()):
        rows["ca_par_segment"] = [{"segment": segment, "revenue": draw(CELLS)} for segment in segments]
    return rows


def _rearranged(
    draw: st.DrawFn, cells: dict[str, list[list[Cell]]], columns: dict[str, list[str]], declared: dict[tuple[str, str], str]
) -> HostileExport:
    """Change at most one thing about the tables; what is missing then is the flaw."""
    change, table = draw(st.sampled_from(CHANGES)), draw(st.sampled_from(REQUIRED))
    at = draw(st.integers(0, len(columns[table]) - 1))
    encoding = draw(st.sampled_from(["UTF-16le", "UTF-16be"])) if change == "encoding" else "UTF-8"
    empty = "" if table == "Promo" else table  # a shop may have no promotions
    flaws = {"column gone": columns[table][at].lower(), "table gone": table.lower(), "empty": empty, "encoding": encoding}
    match change:
        case "column gone":
            del columns[table][at]
            cells[table] = [[*row[:at], *row[at + 1 :]] for row in cells[table]]
        case "table gone":
            del cells[table], columns[table]
        case "empty":
            cells[table].clear()
        case "order":
            order = draw(st.permutations(range(len(columns[table]))))
            columns[table] = [columns[table][n] for n in order]
            cells[table] = [[row[n] for n in order] for row in cells[table]]
        case "extra column":
            columns[table].insert(at, draw(NAMES))
            cells[table] = [[*row[:at], draw(CELLS), *row[at:]] for row in cells[table]]
        case "extra table":
            name = draw(NAMES)
            columns[name], cells[name] = ["a", 'b"\n'], [[draw(CELLS), draw(CELLS)]]
    case = str.swapcase if change == "case" else str
    tables = {case(name): ([case(column) for column in columns[name]], cells[name]) for name in columns}
    typed = {(case(table), case(column)): kind for (table, column), kind in declared.items()}
    return HostileExport(tables, typed, encoding, flaws.get(change, ""))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
