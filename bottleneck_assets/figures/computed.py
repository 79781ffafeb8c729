"""Computes measures from rows in memory, for whoever asks a release for a figure.

Belongs here: what each combination, part and condition means in Python, as plain.py describes them. Never here: a measure (measures.py), or
which rows a question chooses.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from functools import cached_property
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bottleneck_assets.figures.combinations import Combination, Condition, Part
    from bottleneck_assets.figures.measures import Measure
    from bottleneck_assets.figures.rows import Rows

    Row = Mapping[str, Any]

_DIGITS = 60
"""More than any sum of amounts has."""
_SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, other: one == other,
    "<": lambda one, other: one < other,
    ">": lambda one, other: one > other,
    "<=": lambda one, other: one <= other,
}
_ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
}


@dataclass(frozen=True)
class Scope:
    """The rows of one grain that a question chooses.

    `everything` are all rows there are, `kept` those that all filters but that on months leave, and `months` the months in view; without
    months every row is in view, also one that is of no month.
    """

    rows: Rows
    everything: Sequence[Row]
    kept: Sequence[Row]
    months: frozenset[dt.date] | None = None

    @cached_property
    def shown(self) -> Sequence[Row]:
        """What all filters leave."""
        return self._in_view(self.kept)

    @cached_property
    def in_view(self) -> Sequence[Row]:
        """All rows of the months in view."""
        return self._in_view(self.everything)

    @cached_property
    def last_month(self) -> dt.date | None:
        """The last month in view."""
        return max(_months(self.in_view), default=None)

    @cached_property
    def first_month(self) -> dt.date | None:
        """The first month that there is, in view or not."""
        return min(_months(self.everything), default=None)

    @property
    def whole(self) -> Scope:
        """The same months without any other filter."""
        return replace(self, kept=self.everything)

    def until(self, month: dt.date | None) -> Scope:
        """All months up to one, under the same filters."""
        return replace(self, months=frozenset(found for found in _months(self.everything) if month and found <= month))

    def _in_view(self, rows: Sequence[Row]) -> Sequence[Row]:
        return rows if self.months is None else [row for row in rows if row["month"] in self.months]


def figure(measure: Measure, scope: Scope) -> float | None:
    """Return a measure over a scope, None if it is not known. Raises NotInTheseRowsError if the rows do not bear it or lack a part."""
    scope.rows.must_bear(measure)
    return _combined(measure.combination, scope)


def _combined(combination: Combination, scope: Scope) -> float | None:  # noqa: C901, PLR0911 - a form for each
    match combination:
        case Sum(part):
            return _total(_values(part, scope, scope.shown))
        case Latest(part):
            return _total(_values(part, scope, _of_month(scope.shown, scope.last_month)))
        case Largest(part):
            return max((float(value) for value in _values(part, scope, scope.shown)), default=None)
        case Distinct(column, part):
            value_of = _reader(scope.rows.part(part))
            return float(len({row[column] for row in scope.shown if value_of(row)}))
        case Constant(value):
            return float(value)
        case Whole(of):
            return _combined(of, scope.whole)
        case Ratio(of, over, times):
            return _ratio(_combined(of, scope), _combined(over, scope), times)
        case Index(part):
            now = _total(_values(part, scope, _of_month(scope.shown, scope.last_month)))
            return _ratio(now, _total(_values(part, scope, _of_month(scope.kept, scope.first_month))), 100)
        case Rise(of):
            index = _combined(of, scope)
            return None if index is None else index / 100 - 1
        case ToDate(of):
            return _combined(of, scope.until(scope.last_month))


def _ratio(of: float | None, over: float | None, times: float) -> float | None:
    return None if of is None or not over else times * of / over


def _values(part: str, scope: Scope, rows: Iterable[Row]) -> list[Any]:
    """Return what is known of a part."""
    value_of = _reader(scope.rows.part(part))
    return [value for row in rows if (value := value_of(row)) is not None]


def _reader(part: str | Part) -> Callable[[Row], Any]:
    """Return the way from a row to the value of a part, None where it is not known."""
    match part:
        case str(column):
            return lambda row: row[column]
        case Arithmetic(left, sign, right):
            return lambda row: None if row[left] is None or row[right] is None else _ARITHMETIC[sign](row[left], row[right])
        case When(condition, column):
            return lambda row: row[column] if _holds(condition, row) else None
        case Counted(_, condition):
            return lambda row: int(condition is None or _holds(condition, row))


def _holds(condition: Condition, row: Row) -> bool:
    match condition:
        case Known(column):
            return row[column] is not None
        case Compare(column, sign, other):
            one, with_what = row[column], row[other.name] if isinstance(other, Column) else other
            return one is not None and with_what is not None and _SIGNS[sign](one, with_what)


def _total(values: Sequence[Any]) -> float | None:
    """Return a sum, exact before it becomes a double; None of nothing."""
    if not values:
        return None
    if any(isinstance(value, float) for value in values):
        return math.fsum(values)
    with localcontext() as context:
        context.prec = _DIGITS
        return float(sum(values, Decimal(0)))


def _of_month(rows: Iterable[Row], month: dt.date | None) -> list[Row]:
    return [row for row in rows if row["month"] == month]


def _months(rows: Iterable[Row]) -> set[dt.date]:
    return {row["month"] for row in rows if row.get("month")}
