"""Writes measures as Tableau's calculations.

Belongs here: one form for each combination and part. Never here: a measure's own formula, which follows from its entry in measures.py;
captions, or the XML around a formula (render/tableau).

A filter on months must be a context filter: what spans all rows of the months in view is FIXED, and FIXED comes before other filters.
A figure of the last month, or of the whole shop, is on a mark of one month that month's: so a line over months shows each month's own.
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
    Known,
    Largest,
    Latest,
    Ratio,
    Rise,
    Sum,
    When,
    Whole,
)
from bottleneck_assets.figures.measures import HEADLINE
from bottleneck_assets.figures.rows import NotInTheseRowsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bottleneck_assets.figures.combinations import Combination, Condition, Part
    from bottleneck_assets.figures.measures import Measure
    from bottleneck_assets.figures.rows import Rows

_LAST_MONTH = "[month] = {FIXED : MAX([month])}"
_MONTH_BEFORE = "[month] = DATE(DATEADD('month', -1, {FIXED : MAX([month])}))"
_ONE_MONTH = "MIN([month]) = MAX([month])"


@dataclass(frozen=True)
class Tableau:
    """The way to write measures over the rows of a table, an aggregate each."""

    rows: Rows

    def measure(self, measure: Measure) -> str:
        """Return a measure's formula. Raises NotInTheseRowsError if the rows neither bear it nor hold it row by row."""
        self.rows.must_bear(measure)
        return self.figure(measure.combination)

    def whole(self, measure: Measure) -> str:
        """Return a measure over all rows of the months of a mark. Raises NotInTheseRowsError if it is not made of its parts."""
        self.rows.must_bear(measure)
        return self._of_all(self._computed(measure.combination))

    def over_marks(self, measure: Measure) -> str:
        """Return a ratio of sums over all marks in view, as one: what the mean of its marks would weigh wrongly.

        Raises NotInTheseRowsError if it is not made of sums.
        """
        self.rows.must_bear(measure)
        return self._of_sums(measure.combination, lambda part: f"WINDOW_SUM(SUM({part}))")

    def change(self, measure: Measure) -> str:
        """Return the formula of how the last month in view differs from the one before: in points, or as a share of that.

        Raises NotInTheseRowsError if the rows have no months, or it is not made of sums.
        """
        self.rows.must_bear(measure)
        self.rows.column("month")
        now, before = (
            self._of_sums(measure.combination, lambda part, month=month: f"SUM(IF {month} THEN {part} END)")
            for month in (_LAST_MONTH, _MONTH_BEFORE)
        )
        return f"100 * ({now} - {before})" if measure.change == "points" else f"{now} / ({before}) - 1"

    def _of_sums(self, combination: Combination, total: Callable[[str], str]) -> str:
        """Return a sum, or a ratio of sums, with each total written so. Raises NotInTheseRowsError if it is made of anything else."""
        match combination:
            case Sum(part):
                return total(self._part(part))
            case Ratio(of, over, times):
                return f"{f'{times!r} * ' if times != 1 else ''}{self._of_sums(of, total)} / {self._of_sums(over, total)}"
            case _:
                raise NotInTheseRowsError(combination)

    def only_by(self, measure: Measure) -> tuple[str, ...]:
        """Return the columns by which rows must be told apart for a measure to have a value: none where it is computed from its parts.

        Raises NotInTheseRowsError as `measure` does.
        """
        self.measure(measure)
        if not self._is_read(measure.combination) or measure.whole in self.rows.columns or self.rows.are_kpis:
            return ()
        return self.rows.told_apart_by

    def figure(self, combination: Combination) -> str:
        """Return a combination's formula. Raises NotInTheseRowsError as `measure` does."""
        try:
            return self._computed(combination)
        except NotInTheseRowsError:
            return self._read(combination)

    def _computed(self, combination: Combination) -> str:  # noqa: PLR0911 - a form for each
        match combination:
            case Sum(part):
                return f"SUM({self._part(part)})"
            case Latest(part):
                return self._latest("SUM", self._part(part))
            case Largest(part):
                return f"MAX({self._part(part)})"
            case Distinct(column, part):
                return f"COUNTD(IF {self._known(part)} THEN [{self.rows.column(column)}] END)"
            case Constant(value):
                return str(value)
            case Whole(of) if not self.rows.are_kpis:
                return self._of_all(self.figure(of))
            case Ratio(of, over, times):
                scaled = f"{times!r} * " if times != 1 else ""
                divisor = self.figure(over)
                return f"{scaled}{self.figure(of)} / {divisor if isinstance(over, Sum) else f'({divisor})'}"
            case Rise(of):
                return f"({self.figure(of)}) / 100 - 1"
            case _:  # a context filter on months hides the first month from any formula
                raise NotInTheseRowsError(combination)

    def _is_read(self, combination: Combination) -> bool:
        """Whether a combination, or one that it divides, is not computed from its parts."""
        if isinstance(combination, Ratio):
            return self._is_read(combination.of) or self._is_read(combination.over)
        try:
            self._computed(combination)
        except NotInTheseRowsError:
            return True
        return False

    def _read(self, combination: Combination) -> str:
        """Return what a column holds of one row, or of the whole shop where the rows are all of them; of many rows, nothing."""
        if self.rows.are_kpis:
            return _headline(combination)
        measure, (name, *_) = self.rows.published(combination), self.rows.told_apart_by
        choices = f"IF MIN([{name}]) = MAX([{name}]) THEN {self._value(self.rows.column_of(measure))}"
        if measure.whole in self.rows.columns:
            choices += f" ELSEIF COUNTD([{name}]) = ({self._of_all(f'COUNTD([{name}])')}) THEN {self._value(measure.whole)}"
        return f"{choices} END"

    def _of_all(self, aggregate: str) -> str:
        """Return an aggregate over all rows of the months of a mark."""
        whole = f"MIN({{FIXED : {aggregate}}})"
        return f"IF {_ONE_MONTH} THEN MIN({{FIXED [month] : {aggregate}}}) ELSE {whole} END" if "month" in self.rows.key else whole

    def _latest(self, aggregate: str, value: str) -> str:
        self.rows.column("month")
        return f"IF {_ONE_MONTH} THEN {aggregate}({value}) ELSE {aggregate}(IF {_LAST_MONTH} THEN {value} END) END"

    def _value(self, column: str) -> str:
        return self._latest("MAX", f"[{column}]") if "month" in self.rows.key else f"MAX([{column}])"

    def _part(self, name: str) -> str:
        part = self.rows.part(name)
        return f"[{part}]" if isinstance(part, str) else _written(part)

    def _known(self, name: str) -> str:
        match self.rows.part(name):
            case Counted(_, condition) if condition:
                return _condition(condition)
            case When(condition, column):
                return f"{_condition(condition)} AND NOT ISNULL([{column}])"
            case _:
                return f"NOT ISNULL({self._part(name)})"


def _headline(combination: Combination) -> str:
    """Return a figure of the whole shop from the table of KPIs, a row each."""
    for measure in HEADLINE:
        if measure.combination == combination:
            return f"MAX(IF [kpi] = '{measure.name}' THEN [value] END)"
    message = f"{combination} is no KPI"
    raise NotInTheseRowsError(message)


def _written(part: Part) -> str:
    match part:
        case Arithmetic(left, sign, right):
            return f"[{left}] {sign} [{right}]"
        case When(condition, column):
            return f"IF {_condition(condition)} THEN [{column}] END"
        case Counted(_, condition):
            return f"IF {_condition(condition)} THEN 1 ELSE 0 END" if condition else "1"


def _condition(condition: Condition) -> str:
    match condition:
        case Known(column):
            return f"NOT ISNULL([{column}])"
        case Compare(column, "=", bool(value)):
            return f"[{column}]" if value else f"NOT [{column}]"
        case Compare(column, sign, Column(other)):
            return f"[{column}] {sign} [{other}]"
        case Compare(column, sign, str(value)):
            return f"[{column}] {sign} '{value}'"
        case Compare(column, sign, value):
            return f"[{column}] {sign} {value}"
