"""Turns a CSV of a release into what Excel opens with a double click, in pieces and with flat memory.

Belongs here: 'CSV for French Excel', and .xlsx. Never here: what a column means; its type is the dictionary's.

A CSV holds text that would run as a formula with a leading `'`, and so do these: what was made safe stays so when it is saved again.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, BinaryIO

from bottleneck_assets.errors import BottleneckError
from bottleneck_assets.figures.french import CODED, french_names, french_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from bottleneck_assets.release.dictionary import DescribedColumn

EXCEL_ROWS = 1_048_576
EXCEL_CHARACTERS = 32_767
EXCEL_DIGITS = 15
TABLE_ROWS = 100_000
"""Up to this many rows a sheet is a table of Excel, with its name; XlsxWriter holds such a sheet in memory."""
WIDEST = 60
FIRST_DAY = dt.date(1900, 3, 1)
"""Excel counts a 29 February 1900; days before it would be off by one."""
BYTE_ORDER_MARK = "\ufeff"
_NUMBERS = ("decimal", "double")
_PIECE_CHARACTERS = 1 << 16
_xlsxwriter: Any = import_module("xlsxwriter")  # has no types
_CUT = " (cut: a cell of Excel holds no more)"


_STYLE = "Table Style Light 1"


@dataclass(frozen=True)
class Source:
    """What a workbook is made of: a file's name without its suffix, its rows if known, when it was made, how its prices are read.

    `in_french` is whether it says in French what columns are called, and what they hold as codes.
    """

    name: str
    rows: int | None
    made: dt.datetime
    sale_prices: str
    in_french: bool = False


class TooLongError(BottleneckError):
    """A table with more rows than a sheet of Excel takes."""


def french_csv(file: BinaryIO, columns: Sequence[DescribedColumn], sale_prices: str) -> Iterator[bytes]:
    """Yield a CSV as French Excel reads it: French words, semicolons, decimal commas, UTF-8 with a byte order mark, lines as on Windows.

    A double has the 15 digits that Excel has: 15,45 and not 15,450000000000001.
    """
    kinds = {position: column.type for position, column in enumerate(columns) if column.type.startswith(_NUMBERS)}
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    held = io.StringIO()
    writer = csv.writer(held, delimiter=";", lineterminator="\r\n")
    held.write(BYTE_ORDER_MARK)
    rows = csv.reader(text)
    header = next(rows, list[str]())
    writer.writerow(french_names(header, sale_prices))
    for row in _in_french(header, rows):
        writer.writerow([_with_comma(kinds[position], cell) if position in kinds else cell for position, cell in enumerate(row)])
        if held.tell() >= _PIECE_CHARACTERS:
            yield held.getvalue().encode()
            held.seek(0)
            held.truncate()
    yield held.getvalue().encode()


def _in_french(header: Sequence[str], rows: Iterable[list[str]]) -> Iterator[list[str]]:
    """Yield rows with French words in place of codes."""
    coded = [(position, name) for position, name in enumerate(header) if name in CODED]
    for row in rows:
        for position, name in coded:
            row[position] = french_value(name, row[position])
        yield row


def refuse_too_long(path: str, rows: int | None) -> None:
    """Raise TooLongError if a sheet of Excel cannot take these rows and a header."""
    if rows is not None and rows >= EXCEL_ROWS:
        problem = f"{path} has {rows:,} rows, and a sheet of Excel takes {EXCEL_ROWS - 1:,}."
        raise TooLongError(problem, "Take the CSV: Power Query, Tableau and databases read it whole.")


def _with_comma(kind: str, cell: str) -> str:
    if kind == "double":
        with suppress(ValueError):  # it is empty, or no number
            cell = f"{float(cell):.{EXCEL_DIGITS}g}"
    return cell.replace(".", ",")


def workbook(file: BinaryIO, source: Source, columns: Sequence[DescribedColumn]) -> BinaryIO:
    """Return a CSV as an .xlsx, in a temporary file that goes when it is closed: the rows, and what each column is on a second sheet.

    The rows are a table of Excel, named as the file, which Power Query and formulas find; beyond 100,000 rows they are a plain sheet.
    Numbers are numbers, days are days, and text stays text whatever it looks like.
    """
    target = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    try:
        _write(target, file, source, columns)
    except BaseException:
        target.close()
        raise
    target.seek(0)
    return target


def _write(target: BinaryIO, file: BinaryIO, source: Source, columns: Sequence[DescribedColumn]) -> None:
    is_table = source.rows is not None and 0 < source.rows <= TABLE_ROWS
    options = {"constant_memory": not is_table, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with _xlsxwriter.Workbook(target, options) as book:
        book.set_properties({"title": source.name, "created": source.made.astimezone(dt.UTC).replace(tzinfo=None)})
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet(source.name[:31])
        rows = csv.reader(io.TextIOWrapper(file, encoding="utf-8", newline=""))
        header = next(rows, list[str]())
        described = {column.name: column for column in columns}
        writers = [_writer(book, sheet, position, described.get(column)) for position, column in enumerate(header)]
        titles = french_names(header, source.sale_prices) if source.in_french else header
        cells = _in_french(header, rows) if source.in_french else rows
        sheet.freeze_panes(1, 0)
        widths = [len(column) + 4 for column in titles]  # with room for the arrow of the filter
        for position, column in enumerate(titles):
            sheet.write_string(0, position, column, bold)
        last = 0
        for last, row in enumerate(cells, start=1):
            if last >= EXCEL_ROWS:
                refuse_too_long(source.name, last)
            for position, (write, cell) in enumerate(zip(writers, row, strict=False)):
                if cell:
                    write(last, cell)
                    widths[position] = max(widths[position], len(cell) + 2)
        for position, width in enumerate(widths):
            sheet.set_column(position, position, min(width, WIDEST))
        if header and is_table and last:
            heads = [{"header": column, "header_format": bold} for column in titles]
            sheet.add_table(0, 0, last, len(header) - 1, {"name": _table_name(source.name), "columns": heads, "style": _STYLE})
        elif header:
            sheet.autofilter(0, 0, last, len(header) - 1)
        if columns:
            _explain(book.add_worksheet("columns"), columns, source.sale_prices, bold)


def _table_name(name: str) -> str:
    """Return a name that Excel takes for a table: letters, digits and underscores, and no cell's."""
    return f"t_{re.sub('[^A-Za-z0-9]+', '_', name)}"


def _explain(sheet: Any, columns: Sequence[DescribedColumn], sale_prices: str, bold: Any) -> None:  # noqa: ANN401
    titles = (("column", 28), ("en français", 36), ("type", 14), ("unit", 12), ("description", 80), ("formula", 60))
    for position, (title, width) in enumerate(titles):
        sheet.set_column(position, position, width)
        sheet.write_string(0, position, title, bold)
    french = french_names([column.name for column in columns], sale_prices)
    for row, (column, name) in enumerate(zip(columns, french, strict=True), start=1):
        for position, text in enumerate((column.name, name, column.type, column.unit, column.description, column.formula)):
            sheet.write_string(row, position, text[:EXCEL_CHARACTERS])


def _format(column: DescribedColumn) -> str:
    """Return how Excel shows a column; it puts the reader's own decimal and thousands marks."""
    match column.unit, column.type:
        case "EUR", _:
            return '#,##0.00 "€"'
        case "ratio", _:
            return "0.00%"
        case "units", "bigint":
            return "#,##0"
        case "units", _:
            return "#,##0.0"
        case _, "date":
            return "yyyy-mm-dd"
        case _:
            return "General"


def _writer(
    book: Any,  # noqa: ANN401
    sheet: Any,  # noqa: ANN401
    position: int,
    column: DescribedColumn | None,
) -> Callable[[int, str], Any]:
    """Return the way to write a cell of a column; an empty cell is left empty."""
    kind = column.type if column else "varchar"
    shown_as = book.add_format({"num_format": _format(column)}) if column else None

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
            sheet.write_datetime(row, position, date, shown_as)

    def flag(row: int, cell: str) -> None:
        sheet.write_boolean(row, position, cell == "true")

    ways = {"bigint": whole_number, "date": day, "boolean": flag}
    return number if kind.startswith(_NUMBERS) else ways.get(kind, text)
