"""Turns a CSV of a release into what Excel opens with a double click, in pieces and with flat memory.

Belongs here: 'CSV for French Excel', and .xlsx. Never here: what a column means; its type is the dictionary's.

A CSV holds text that would run as a formula with a leading `'`, and so do these: what was made safe stays so when it is saved again.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
from importlib import import_module
from typing import TYPE_CHECKING, Any, BinaryIO

from bottleneck_assets.errors import BottleneckError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bottleneck_assets.release.dictionary import DescribedColumn

EXCEL_ROWS = 1_048_576
EXCEL_CHARACTERS = 32_767
EXCEL_DIGITS = 15
FIRST_DAY = dt.date(1900, 3, 1)
"""Excel counts a 29 February 1900; days before it would be off by one."""
BYTE_ORDER_MARK = "\ufeff"
_NUMBERS = ("decimal", "double")
_PIECE_CHARACTERS = 1 << 16
_xlsxwriter: Any = import_module("xlsxwriter")  # has no types
_CUT = " (cut: a cell of Excel holds no more)"


class TooLongError(BottleneckError):
    """A table with more rows than a sheet of Excel takes."""


def french_csv(file: BinaryIO, columns: Sequence[DescribedColumn]) -> Iterator[bytes]:
    """Yield a CSV as French Excel reads it: semicolons, decimal commas, UTF-8 with a byte order mark, lines as on Windows."""
    with_comma = {position for position, column in enumerate(columns) if column.type.startswith(_NUMBERS)}
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    held = io.StringIO()
    writer = csv.writer(held, delimiter=";", lineterminator="\r\n")
    held.write(BYTE_ORDER_MARK)
    rows = csv.reader(text)
    writer.writerow(next(rows, list[str]()))
    for row in rows:
        writer.writerow([cell.replace(".", ",") if position in with_comma else cell for position, cell in enumerate(row)])
        if held.tell() >= _PIECE_CHARACTERS:
            yield held.getvalue().encode()
            held.seek(0)
            held.truncate()
    yield held.getvalue().encode()


def refuse_too_long(path: str, rows: int | None) -> None:
    """Raise TooLongError if a sheet of Excel cannot take these rows and a header."""
    if rows is not None and rows >= EXCEL_ROWS:
        problem = f"{path} has {rows:,} rows, and a sheet of Excel takes {EXCEL_ROWS - 1:,}."
        raise TooLongError(problem, "Take the CSV: Power Query, Tableau and databases read it whole.")


def workbook(file: BinaryIO, name: str, columns: Sequence[DescribedColumn], made: dt.datetime) -> BinaryIO:
    """Return a CSV as an .xlsx, in a temporary file that goes when it is closed: the rows, and what each column is on a second sheet.

    Numbers are numbers, days are days, and text stays text whatever it looks like.
    """
    target = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    try:
        _write(target, file, name, columns, made)
    except BaseException:
        target.close()
        raise
    target.seek(0)
    return target


def _write(target: BinaryIO, file: BinaryIO, name: str, columns: Sequence[DescribedColumn], made: dt.datetime) -> None:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with _xlsxwriter.Workbook(target, options) as book:
        book.set_properties({"title": name, "created": made.astimezone(dt.UTC).replace(tzinfo=None)})
        bold = book.add_format({"bold": True})
        formats = {"date": book.add_format({"num_format": "yyyy-mm-dd"}), "ratio": book.add_format({"num_format": "0.00%"})}
        sheet = book.add_worksheet(name[:31])
        rows = csv.reader(io.TextIOWrapper(file, encoding="utf-8", newline=""))
        header = next(rows, list[str]())
        described = {column.name: column for column in columns}
        writers = [_writer(sheet, position, described.get(column), formats) for position, column in enumerate(header)]
        sheet.freeze_panes(1, 0)
        for position, column in enumerate(header):
            sheet.set_column(position, position, min(max(len(column) + 2, 12), 40))
            sheet.write_string(0, position, column, bold)
        last = 0
        for last, row in enumerate(rows, start=1):
            if last >= EXCEL_ROWS:
                refuse_too_long(name, last)
            for write, cell in zip(writers, row, strict=False):
                if cell:
                    write(last, cell)
        if header:
            sheet.autofilter(0, 0, last, len(header) - 1)
        if columns:
            _explain(book.add_worksheet("columns"), columns, bold)


def _explain(sheet: Any, columns: Sequence[DescribedColumn], bold: Any) -> None:  # noqa: ANN401
    for position, (title, width) in enumerate((("column", 28), ("type", 14), ("unit", 12), ("description", 80), ("formula", 60))):
        sheet.set_column(position, position, width)
        sheet.write_string(0, position, title, bold)
    for row, column in enumerate(columns, start=1):
        for position, text in enumerate((column.name, column.type, column.unit, column.description, column.formula)):
            sheet.write_string(row, position, text[:EXCEL_CHARACTERS])


def _writer(
    sheet: Any,  # noqa: ANN401
    position: int,
    column: DescribedColumn | None,
    formats: Mapping[str, Any],
) -> Callable[[int, str], Any]:
    """Return the way to write a cell of a column; an empty cell is left empty."""
    kind = column.type if column else "varchar"
    shown_as = formats["ratio"] if column and column.unit == "ratio" else None

    def text(row: int, cell: str) -> None:
        sheet.write_string(row, position, cell if len(cell) <= EXCEL_CHARACTERS else cell[: EXCEL_CHARACTERS - len(_CUT)] + _CUT)

    def whole_number(row: int, cell: str) -> None:
        if len(cell.lstrip("-")) > EXCEL_DIGITS:  # Excel would round it
            text(row, cell)
        else:
            number(row, cell)

    def number(row: int, cell: str) -> None:
        try:
            sheet.write_number(row, position, float(cell), shown_as)
        except (TypeError, ValueError):  # it is none, or one that Excel has not: NaN, infinity
            text(row, cell)

    def day(row: int, cell: str) -> None:
        try:
            date = dt.date.fromisoformat(cell)
        except ValueError:
            date = dt.date.min
        if date < FIRST_DAY:
            text(row, cell)
        else:
            sheet.write_datetime(row, position, date, formats["date"])

    def flag(row: int, cell: str) -> None:
        sheet.write_boolean(row, position, cell == "true")

    ways = {"bigint": whole_number, "date": day, "boolean": flag}
    return number if kind.startswith(_NUMBERS) else ways.get(kind, text)
