"""Describes the columns of tables, those that hold a measure by the measure: its formula over any rows, from the table's own columns.

Belongs here: a contract's columns with what the measures say of them, for dictionary, catalogue and data sources alike, and
the words for a measure itself. Never here: a column's own description or formula; those stand in its contract.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bottleneck_assets.figures.combinations import (
    Arithmetic,
    Column,
    Compare,
    Constant,
    Counted,
    Distinct,
    Index,
    Known,
    Largest,
    Latest,
    Ratio,
    Rise,
    Sum,
    ToDate,
    When,
    Whole,
)
from bottleneck_assets.figures.measures import MEASURES
from bottleneck_assets.figures.rows import NotInTheseRowsError, rows_of

if TYPE_CHECKING:
    from bottleneck_assets.figures.combinations import Combination, Condition
    from bottleneck_assets.figures.rows import Rows
    from bottleneck_assets.models import promise
    from bottleneck_assets.models.catalog import Model


def described(model: Model) -> list[promise.Column]:
    """Return a table's columns in order. Where one holds a measure and others its parts, its formula is that of any group of rows."""
    rows = rows_of(model)
    return [replace(column, formula=_formula(column, rows) or column.formula) for column in model.promise.columns]


def formula_of(combination: Combination) -> str:  # noqa: C901, PLR0911 - a form for each
    """Return a combination in words, each part by its name."""
    match combination:
        case Sum(part):
            return f"sum({part})"
        case Latest(part):
            return f"sum({part}) in the last month in view"
        case Largest(part):
            return f"max({part})"
        case Distinct(column, part):
            return f"number of different {column} with {part}"
        case Constant(value):
            return str(value)
        case Whole(of):
            return f"{formula_of(of)} of the whole shop in the same months"
        case Ratio(of, over, times):
            divisor = f"({formula_of(over)})" if isinstance(over, Ratio) else formula_of(over)
            return f"{f'{times} * ' if times != 1 else ''}{formula_of(of)} / {divisor}"
        case Index(part):
            return f"100 * sum({part}) in the last month in view / sum({part}) in the first month of the period"
        case Rise(of):
            return f"({formula_of(of)}) / 100 - 1"
        case ToDate(of):
            return f"{formula_of(of)}, over all months up to the last in view"


def _formula(column: promise.Column, rows: Rows) -> str:
    measure = next((measure for measure in MEASURES.values() if column.name in measure.columns), None)
    if measure is None or not column.unit:
        return ""
    try:
        return _said(measure.combination, rows)
    except NotInTheseRowsError:
        return ""


def _said(combination: Combination, rows: Rows) -> str:
    match combination:
        case Sum(part):
            return f"sum({part_of(part, rows)})"
        case Largest(part):
            return f"max({part_of(part, rows)})"
        case Whole(of):
            return f"{_said(of, rows)} of all rows"
        case Constant(value):
            return str(value)
        case Ratio(of, over, times):
            divisor = f"({_said(over, rows)})" if isinstance(over, Ratio) else _said(over, rows)
            return f"{f'{times} * ' if times != 1 else ''}{_said(of, rows)} / {divisor}"
        case _:
            raise NotInTheseRowsError(combination)


def part_of(name: str, rows: Rows) -> str:
    """Return what a part is in each row, in words. Raises NotInTheseRowsError if the rows lack it."""
    match rows.part(name):
        case str(column):
            return column
        case Arithmetic(left, sign, right):
            return f"{left} {sign} {right}"
        case When(condition, column):
            return f"{column} where {_condition(condition)}"
        case Counted(_, condition):
            return f"1 where {_condition(condition)}" if condition else "1"


def _condition(condition: Condition) -> str:
    match condition:
        case Known(column):
            return f"{column} is known"
        case Compare(column, sign, Column(other)):
            return f"{column} {sign} {other}"
        case Compare(column, sign, value):
            return f"{column} {sign} {value}"
