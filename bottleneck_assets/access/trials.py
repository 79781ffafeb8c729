"""Puts one way to the test, in a process of its own: type fidelity, locks, a commit between two tables, damage, the decimal comma.

Belongs here: what each trial does and how its outcome is told. Never here: starting the process, and judging the outcome.

Every trial works on a copy of the export.
"""

from __future__ import annotations

import json
import math
import shutil
import sqlite3
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bottleneck_assets.access import fidelity, ways
from bottleneck_assets.access.questions import TABLES, Answers, Asked
from bottleneck_assets.access.writing import ADDED, PATIENCE_SECONDS, STATES, commit
from bottleneck_assets.errors import ExportError
from bottleneck_assets.source.exports import verify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

READ, REFUSED = "read", "refused"
NOTICED, WRONG, RIGHT, BLOCKED = "noticed", "wrong", "right", "blocked"
"""What a trial showed: an error says so; wrong figures without a word; right figures; right ones, but the shop could not write."""
AGREEMENT = 1e-6
"""Two figures agree if they differ by less than this share."""
_SUMS = ("select sum(sales) from sales", "select sum(sales_offer) from promo")
_TYPED = {
    "web": {"sku": "sku", "rating_count": "rating_count", "average_rating": "average_rating"},
    "finance": {"price": "price", "purchase_price": "purchase_price", "onsale_web": "is_on_sale"},
    "promo": {"sales_offer": "units_promo", "price_offer": "offer_price"},
    "sales": {"sales": "units_sold", "orders": "supplier_orders", "stock": "stock_end"},
}
"""The columns of the export that are numbers, and the columns of the workflow's typed tables that hold them."""


def agree(found: float, expected: float) -> bool:
    """Tell whether two figures are the same for all that a reader sees."""
    if math.isnan(expected):  # its divisor is 0
        return math.isnan(found)
    return abs(found - expected) <= AGREEMENT * max(abs(expected), 1e-9)


def main(given: dict[str, Any]) -> None:
    """Run the trials of one way, and print their outcomes."""
    way, folder, copies = given["way"], Path(given["folder"]), {name: Path(path) for name, path in given["copies"].items()}
    if way == ways.WORKFLOW:
        outcomes = _workflow(copies, given["tables"], given["expected"])
    else:
        outcomes = _reader(way, folder, copies, Asked(**given["asked"]))
    print(json.dumps(outcomes))  # noqa: T201 - to the parent


def _reader(way: str, folder: Path, copies: Mapping[str, Path], asked: Asked) -> dict[str, Any]:
    """Put a direct reader, or one by way of CSV files, to the test."""
    answer = partial(ways.answers, way, folder=folder, asked=asked)
    right = answer(export=copies["whole"])
    outcomes: dict[str, Any] = {
        "fidelity": _counted(copies["whole"], partial(ways.rows, way, copies["whole"], folder)),
        "comma": _outcome(right, partial(answer, export=copies["whole"], minded=False)),
    }
    for state in STATES:
        if way in ways.DIRECT:
            outcomes[state] = _attempt(partial(ways.select, way, copies[state], _SUMS))
        else:  # the files of the last extraction are no database: nobody locks them
            outcomes[state] = _attempt(lambda: list(ways.rows(way, copies[state], folder, "promo")))  # noqa: B023 - called at once
    outcomes["between"] = _between(way, folder, copies)
    for damage in ("page", "truncated"):
        outcomes[damage] = _outcome(right, partial(answer, export=copies[damage]))
    return outcomes


def _between(way: str, folder: Path, copies: Mapping[str, Path]) -> str:
    """Read one table, let the shop commit, read another: are both of one state?"""
    copy = Path(shutil.copy(copies["whole"], folder / "between.db"))
    let_in: list[bool] = []

    def write() -> None:
        let_in.append(commit(copy))

    if way in ways.DIRECT:
        sold, offered = (int(rows[0][0]) for rows in ways.select(way, copy, _SUMS, write))
    else:
        ways.extract(copy, folder, write)
        sold, offered = (_sum_of_csv(folder / name, column) for name, column in (("sales.csv", 1), ("promo.csv", 3)))
    if not all(let_in):
        return BLOCKED
    return WRONG if (sold < ADDED) != (offered < ADDED) else RIGHT


def _sum_of_csv(path: Path, column: int) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    return sum(int(line.split(",")[column]) for line in lines)


def _workflow(copies: Mapping[str, Path], tables: Mapping[str, Mapping[str, str]], expected: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Put the workflow's own verification and reading to the test, and count the cells in the tables of its run."""
    from bottleneck_assets.source.reading import open_export

    # the source waits as long as sqlite3 does by default, which is too long for a report
    sqlite3.connect = partial(sqlite3.connect, timeout=PATIENCE_SECONDS)  # type: ignore[assignment]
    outcomes: dict[str, Any] = {"fidelity": _counted(copies["whole"], partial(_typed_rows, tables))}
    for state in STATES:
        outcomes[state] = _attempt(partial(verify, copies[state], expected))
    for damage in ("page", "truncated"):
        try:
            verify(copies[damage], expected)
        except ExportError:
            outcomes[damage] = {"outcome": NOTICED}
        else:
            outcomes[damage] = {"outcome": RIGHT}
    copy = Path(shutil.copy(copies["whole"], copies["whole"].with_name("between-workflow.db")))
    try:
        with open_export(verify(copy, expected)) as stream:
            stream("sales")
            commit(copy)
            stream("promo")
    except ExportError:
        outcomes["between"] = NOTICED
    else:
        outcomes["between"] = WRONG
    return outcomes


def _typed_rows(tables: Mapping[str, Mapping[str, str]], table: str) -> Iterator[Sequence[Any]]:
    """Yield the rows of a table as the run has stored them: numbers from its typed table, texts as they were read."""
    import duckdb

    raw, typed = (f"read_parquet('{tables[table][kind].replace(chr(39), chr(39) * 2)}')" for kind in ("raw", "typed"))
    with duckdb.connect() as connection:
        names = [row[0] for row in connection.execute(f"describe select * from {raw}").fetchall()]
        exported = [name for name in names if name not in {"row_number", "undecodable_column"}]
        numbers = [f"typed.{_TYPED[table][name]}" if name in _TYPED[table] else "null" for name in exported]
        cells = ", ".join([*(f"raw.{name}" for name in exported), *numbers])
        found = connection.execute(
            f"select defect is null, {cells} from {raw} as raw inner join {typed} as typed using (row_number) order by row_number"
        )
        width = len(exported)
        for is_kept, *row in found.fetchall():
            if is_kept:
                yield [text if number is None or not text else number for text, number in zip(row[:width], row[width:], strict=True)]
            else:
                yield [fidelity.IN_QUARANTINE] * width


def _errors() -> tuple[type[Exception], ...]:
    """Return the errors by which a reader is told that something is wrong, those of the libraries that are loaded among them."""
    errors: list[type[Exception]] = [sqlite3.Error, ExportError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError]
    errors.extend(sys.modules[library].Error for library in ("adbc_driver_manager", "duckdb") if library in sys.modules)
    return tuple(errors)


def _counted(export: Path, rows_of: Callable[[str], Iterator[Sequence[Any]]]) -> dict[str, int]:
    return dict(fidelity.count(export, TABLES, rows_of))


def _attempt(read: Callable[[], object]) -> dict[str, Any]:
    """Read, and tell whether that was possible, and after how many seconds that was known."""
    started = time.perf_counter()
    try:
        read()
    except _errors():
        return {"outcome": REFUSED, "seconds": time.perf_counter() - started}
    return {"outcome": READ, "seconds": time.perf_counter() - started}


def _outcome(right: Answers, answer: Callable[[], Answers]) -> dict[str, Any]:
    """Answer, and tell whether what was wrong was noticed, did not matter, or led to wrong figures without a word."""
    try:
        answered = answer()
    except _errors():
        return {"outcome": NOTICED}
    wrong = [name for name, figure in right.figures.items() if not agree(answered.figures[name], figure)]
    revenue = answered.figures["revenue"] / right.figures["revenue"] - 1 if right.figures["revenue"] else 0.0
    return {"outcome": WRONG if wrong else RIGHT, "wrong": len(wrong), "revenue": revenue}


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
