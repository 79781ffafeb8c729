"""Writes measures as SQL, for DuckDB and any engine that reads the standard.

Belongs here: one form for each combination and part. Never here: a measure's own formula; that follows from its entry in measures.py.

A measure is written over three relations of one shape: `shown`, the rows that all filters leave; `in_view`, the rows of the months in
view; `over_period`, the rows that all filters but that on months leave. Without filters, all three are the table itself.
"""

from __future__ import annotations

from dataclasses import dataclass
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
from bottleneck_assets.figures.rows import NotInTheseRowsError

if TYPE_CHECKING:
    from bottleneck_assets.figures.combinations import Combination, Condition, Part
    from bottleneck_assets.figures.measures import Measure
    from bottleneck_assets.figures.rows import Rows


@dataclass(frozen=True)
class Sql:
    """The way to write measures over the rows of a table, an aggregate over `shown` each."""

    rows: Rows
    in_view: str
    over_period: str

    def measure(self, measure: Measure) -> str:
        """Return a measure as a double. Raises NotInTheseRowsError if the rows neither bear it nor hold it row by row."""
        self.rows.must_bear(measure)
        return self.figure(measure.combination)

    def figure(self, combination: Combination) -> str:
        """Return a combination as a double. Raises NotInTheseRowsError as `measure` does."""
        try:
            return self._computed(combination)
        except NotInTheseRowsError:
            return self._read(combination)

    def _computed(self, combination: Combination) -> str:  # noqa: C901, PLR0911 - a form for each
        match combination:
            case Sum(part):
                return f"cast(sum({self._part(part)}) as double)"
            case Latest(part):
                return f"cast(sum({self._in_last_month(self._part(part))}) as double)"
            case Largest(part):
                return f"cast(max({self._part(part)}) as double)"
            case Distinct(column, part):
                return f"cast(count(distinct case when {self._known(part)} then {self.rows.column(column)} end) as double)"
            case Constant(value):
                return f"cast({value} as double)"
            case Whole(of):
                return f"(select {self._computed(of)} from {self.in_view})"
            case Ratio(of, over, times):
                scaled = f"{times!r} * " if times != 1 else ""
                return f"{scaled}{self.figure(of)} / nullif({self.figure(over)}, 0)"
            case Index(part):
                first = f"case when month = (select min(month) from {self.over_period}) then {self._part(part)} end"
                base = f"(select cast(sum({first}) as double) from {self.over_period})"
                return f"100 * ({self._computed(Latest(part))} / nullif({base}, 0))"
            case Rise(of):
                return f"{self.figure(of)} / 100 - 1"
            case ToDate(of):
                return f"(select {self._computed(of)} from {self.over_period} where month <= {self._last_month})"

    def _read(self, combination: Combination) -> str:
        """Return what a column holds of one row, or of the whole shop where the rows are all of them; of many rows, nothing."""
        measure, names = self.rows.published(combination), self.rows.told_apart_by
        one = " and ".join(f"min({name}) = max({name})" for name in names)
        choices = f"when {one} then {self._value(self.rows.column_of(measure))}"
        if measure.whole in self.rows.columns:
            (name,) = names
            choices += (
                f" when count(distinct {name}) = (select count(distinct {name}) from {self.in_view}) then {self._value(measure.whole)}"
            )
        return f"case {choices} end"

    def whole(self, measure: Measure) -> str:
        """Return a measure over a whole table as a double: as `measure`, or from the column that repeats it in every row."""
        return self._value(measure.whole) if measure.whole in self.rows.columns else self.measure(measure)

    def _value(self, column: str) -> str:
        return f"cast(max({self._in_last_month(column) if 'month' in self.rows.key else column}) as double)"

    def _in_last_month(self, value: str) -> str:
        return f"case when {self.rows.column('month')} = {self._last_month} then {value} end"

    @property
    def _last_month(self) -> str:
        return f"(select max(in_view.month) from {self.in_view} as in_view)"

    def _part(self, name: str) -> str:
        part = self.rows.part(name)
        return part if isinstance(part, str) else _written(part)

    def _known(self, name: str) -> str:
        match self.rows.part(name):
            case Counted(_, condition) if condition:
                return _condition(condition)
            case When(condition, column):
                return f"{_condition(condition)} and {column} is not null"
            case _:
                return f"{self._part(name)} is not null"


def _written(part: Part) -> str:
    match part:
        case Arithmetic(left, "*", right):  # exact, so that the sum does not depend on the order of the rows
            return f"cast(cast({left} as decimal(10, 8)) * cast({right} as decimal(10, 0)) as decimal(18, 8))"
        case Arithmetic(left, sign, right):
            return f"{left} {sign} {right}"
        case When(condition, column):
            return f"case when {_condition(condition)} then {column} end"
        case Counted(_, condition):
            return f"case when {_condition(condition)} then 1 else 0 end" if condition else "1"


def _condition(condition: Condition) -> str:
    match condition:
        case Known(column):
            return f"{column} is not null"
        case Compare(column, "=", bool(value)):
            return column if value else f"not {column}"
        case Compare(column, sign, Column(other)):
            return f"{column} {sign} {other}"
        case Compare(column, sign, str(value)):
            return f"{column} {sign} '{value}'"
        case Compare(column, sign, value):
            return f"{column} {sign} {value}"
