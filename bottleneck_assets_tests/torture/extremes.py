"""Puts the largest, smallest and longest values that validation accepts into pairs of columns, and builds every table over them.

Belongs here: which extremes a column has. Never here: values that are none (hostile_exports.py), or another spelling of one (spellings.py).

A value is accepted with the typed table: from there on it leads to every table, whatever stands beside it, and to no error of the engine.
"""

from __future__ import annotations

import random
import shutil
from contextlib import closing
from typing import TYPE_CHECKING

from bottleneck_assets.models.catalog import models
from bottleneck_assets_tests.small_export import built, minimal_rows
from bottleneck_assets_tests.torture.trials import Outcome, Scope, Trial

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from bottleneck_assets_tests.small_export import Cell, Rows

Column = tuple[str, str]

EXTREMES: Mapping[Column, Sequence[Cell]] = {
    ("Finance", "Price"): ("0", "0,00000001", "999999,99999999"),
    ("Finance", "Purchase_Price"): ("0", "0,00000001", "999999,99999999"),
    ("Sales", "Sales"): (0, 1, 9999999),
    ("Sales", "Orders"): ("", 0, 9999999),
    ("Sales", "Stock"): (0, 1, 9999999),
    ("Promo", "Sales_Offer"): (0, 1, 9999999),
    ("Promo", "Price_Offer"): ("0", "0,00000001", "999999,99999999"),
    ("Promo", "Start_Date"): ("1000-01-01", "2022-11-14"),
    ("Promo", "End_Date"): ("2022-11-05", "2999-12-31"),
    ("Web", "Rating_count"): (0, 1, 9999999),
    ("Web", "Average_rating"): ("0", "0,000000001", "5"),
    ("Web", "Comment_count"): (0, 1, 9999999),
    ("Web", "Post_author"): ("0", "9999999"),
    ("Web", "Post_date"): ("01-01-1000", "31-12-2999"),
    ("Web", "Post_modified"): ("01-01-1000", "31-12-2999"),
    ("Web", "Contenance"): ("0,001cl", "999x 99999,999cl"),
    ("Web", "Post_title"): ("1900 " * 5_000, "\u2028x\u202e", "<b>" * 5_000 + "x"),
    ("Web", "Segment"): ("y" * 5_000, "\u2028y"),
    ("Web", "Product_type"): ("z" * 5_000, "\u2028z"),
}


def put(rows: Rows, column: Column, value: Cell, drawn: random.Random) -> None:
    """Put a value into a column: into one row, or into all."""
    table, name = column
    for row in drawn.choice(([drawn.choice(rows[table])], rows[table])):
        row[name] = value


def failure(rows: Rows, folder: Path) -> str:
    """Build every table of an export that holds some rows; return what failed, or nothing."""
    try:
        with closing(built(folder, rows, [ref for ref, model in models().items() if model.sql is not None])):
            return ""
    except Exception as error:  # noqa: BLE001 - any at all is what is looked for
        return f"{type(error).__name__}: {error}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def held(scope: Scope) -> Iterable[Outcome]:
    """Draw two columns, or take all, and an extreme of each, and build every table."""
    drawn = random.Random(scope.in_full)  # noqa: S311 - any will do
    for fault, columns, times in (
        ("extremes that are accepted, in two columns: every table", 2, scope.times(10, 1000)),
        ("extremes that are accepted, in every column: every table", len(EXTREMES), scope.times(2, 100)),
    ):
        losses = list[str]()
        for number in range(times):
            if number % 50 == 0:
                scope.told(f"{columns} columns, {number + 1} of {times}")
            rows, put_in = with_extremes(drawn, columns)
            if failed := failure(rows, scope.folder / "built"):
                told = " and ".join(f"{table}.{name} = {value!r:.40}" for (table, name), value in put_in.items())
                losses.append(f"{told}: {failed:.300}")
        yield Outcome(fault, times, losses)


def with_extremes(drawn: random.Random, columns: int = len(EXTREMES)) -> tuple[Rows, Mapping[Column, Cell]]:
    """Return the minimal export with an extreme in so many of the columns that have one, in one row or in all, and which it is."""
    rows, put_in = minimal_rows(), {column: drawn.choice(EXTREMES[column]) for column in drawn.sample(list(EXTREMES), columns)}
    for column, value in put_in.items():
        put(rows, column, value, drawn)
    return rows, put_in


TRIALS = (Trial("extreme-pairs", "What validation accepts leads to every table, whatever stands beside it.", held),)
