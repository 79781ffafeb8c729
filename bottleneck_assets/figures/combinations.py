"""What a figure can be: the few ways in which rows become a figure, each a frozen dataclass without behaviour.

Belongs here: the closed set of combinations, of the row-wise parts that they combine, and of the conditions in parts. Never here: a
figure (measures.py), or how one is written in a language (sql.py, tableau.py, plain.py).

A combination names its parts. A part is a column of the rows that it is given or, where they lack it, what `PARTS` says it is, computed
in each row. All parts add up, so a figure of a group is computed from sums over the group's rows, whatever filter chose them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

# ---- within a row


@dataclass(frozen=True)
class Column:
    """A column of the row."""

    name: str


@dataclass(frozen=True)
class Known:
    """Whether the row has a value in a column."""

    column: str


@dataclass(frozen=True)
class Compare:
    """Whether a column of the row compares with another one, or with a constant; false where either is unknown."""

    column: str
    sign: Literal["=", "<", ">", "<="]
    other: Column | int | str | bool


@dataclass(frozen=True)
class Arithmetic:
    """Two columns of the row, added, subtracted or multiplied; unknown where either is."""

    left: str
    sign: Literal["+", "-", "*"]
    right: str


@dataclass(frozen=True)
class When:
    """A column of the row if a condition holds; else unknown."""

    condition: Known | Compare
    column: str


@dataclass(frozen=True)
class Counted:
    """1 for the thing that a column of the row names, if a condition on the row holds; else 0. Only rows of one such thing each count."""

    column: str
    condition: Known | Compare | None = None


Condition: TypeAlias = Known | Compare
Part: TypeAlias = Arithmetic | When | Counted

# ---- over rows


@dataclass(frozen=True)
class Sum:
    """The sum of a part."""

    part: str


@dataclass(frozen=True)
class Latest:
    """The sum of a part over the rows of the last month in view: of what is there at a moment, such as stock."""

    part: str


@dataclass(frozen=True)
class Largest:
    """The largest value of a part."""

    part: str


@dataclass(frozen=True)
class Distinct:
    """The number of different values of a column, in the rows where a part is known and, if it counts, not 0."""

    column: str
    part: str


@dataclass(frozen=True)
class Constant:
    """A number, whatever is filtered."""

    value: int


@dataclass(frozen=True)
class Whole:
    """A combination over all rows of the months in view, whatever else is filtered."""

    of: Combination


@dataclass(frozen=True)
class Ratio:
    """`times` * one combination / another; unknown where the divisor is 0 or unknown."""

    of: Combination
    over: Combination
    times: float = 1


@dataclass(frozen=True)
class Index:
    """A Lowe index: 100 * the part's sum in the last month in view / its sum in the first month of the reporting period.

    The part is the cost of a basket: the same quantities in every month, at the month's prices.
    """

    part: str


@dataclass(frozen=True)
class Rise:
    """How far an index has risen: the index / 100 - 1."""

    of: Combination


@dataclass(frozen=True)
class ToDate:
    """A combination over all months from the first of the reporting period to the last in view."""

    of: Combination


Combination: TypeAlias = "Sum | Latest | Largest | Distinct | Constant | Whole | Ratio | Index | Rise | ToDate"


def weighted_mean(sum_of_weighted: str, weight: str) -> Ratio:
    """Return the mean whose weighted values and weights are parts."""
    return Ratio(Sum(sum_of_weighted), Sum(weight))


def mean_over_months(part: str) -> Ratio:
    """Return the mean, over the months in which a part is known, of its sums over products."""
    return Ratio(Sum(part), Distinct("month", part))


def parts_of(combination: Combination) -> tuple[str, ...]:
    """Return the parts of a combination, each once."""
    match combination:
        case Sum(part) | Latest(part) | Largest(part) | Index(part):
            found: tuple[str, ...] = (part,)
        case Distinct(_, part):
            found = (part,)
        case Whole(of) | Rise(of) | ToDate(of):
            found = parts_of(of)
        case Ratio(of, over, _):
            found = (*parts_of(of), *parts_of(over))
        case Constant():
            found = ()
    return tuple(dict.fromkeys(found))


def columns_of(part: Part) -> tuple[str, ...]:
    """Return the columns that a part is computed from."""
    match part:
        case Arithmetic(left, _, right):
            return left, right
        case When(condition, column):
            return *_tested(condition), column
        case Counted(column, condition):
            return column, *(_tested(condition) if condition else ())


def is_linear(part: Part) -> bool:
    """Whether a part of summed rows is the sum of their parts; what is counted says itself of which rows."""
    return isinstance(part, Counted) or (isinstance(part, Arithmetic) and part.sign != "*")


def _tested(condition: Condition) -> tuple[str, ...]:
    match condition:
        case Known(column):
            return (column,)
        case Compare(column, _, Column(other)):
            return column, other
        case Compare(column):
            return (column,)
