"""The words in which the workbook is declared: data sources, calculations, sheets, dashboards.

Belongs here: what each of them may say. Never here: which there are (sheets.py), or any XML (workbook.py).

A pill, what stands on a shelf, is a text: the name of a field as it is, or a function over it, such as `sum(revenue)`. Two names stand
for several measures at once: `values` for their values, `names` for their names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bottleneck_assets.render.tableau.fields import DataType

Mark = Literal["Automatic", "Bar", "Line", "Area", "Circle", "GanttBar", "Text"]

VALUES = "values"
NAMES = "names"
FUNCTIONS = ("sum", "avg", "min", "max", "count", "countd", "month", "axis")
"""What may stand before a field: an aggregation, the month of a date, or a place on a continuous axis."""

_PILL = re.compile(rf"(?:({'|'.join(FUNCTIONS)})\()?(\w+)\)?")


@dataclass(frozen=True)
class _Set:
    """What the reader sets; formulas name it in full."""

    name: str
    caption: str

    @property
    def ref(self) -> str:
        """Return the parameter as formulas name it."""
        return f"[Parameters].[{self.name}]"


@dataclass(frozen=True)
class Parameter(_Set):
    """A number within limits that the reader sets."""

    default: int
    least: int
    most: int
    step: int

    @property
    def ref(self) -> str:
        """Return the parameter as formulas and filters name it."""
        return f"[Parameters].[{self.name}]"


@dataclass(frozen=True)
class Listed(_Set):
    """One of several values that the reader picks, each with what stands for it, empty where it says itself what it is."""

    values: tuple[tuple[str | int, str], ...]
    default: str | int


@dataclass(frozen=True)
class Calculation:
    """A field that Tableau computes: by row, over the rows of a mark, or along the marks of a table.

    `order` is the order of its values, where it has few and the alphabet's is wrong; `colours` gives them theirs. `folder` is where it
    stands in the data pane, if it has a place there.
    """

    name: str
    caption: str
    formula: str
    format: str = ""
    datatype: DataType = "real"
    over: Literal["row", "mark", "table"] = "mark"
    order: tuple[str, ...] = ()
    colours: tuple[tuple[str, str], ...] = ()
    description: str = ""
    folder: str = ""


@dataclass(frozen=True)
class Source:
    """A data source: a table of the release, and what is computed from it.

    `colours` says how the values of a field are coloured that can take few values only, `aliases` what readers see in place of values.
    `language` is that of all that readers see.
    """

    table: str
    caption: str
    calculations: tuple[Calculation, ...] = ()
    colours: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict[str, tuple[tuple[str, str], ...]])
    aliases: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, "Mapping[str, str]"])
    language: str = "en"

    @property
    def name(self) -> str:
        """Return the name of the table, which is that of its CSV."""
        return self.table.split(".")[1]


@dataclass(frozen=True)
class Top:
    """The first of a field's values by an expression, as many as a parameter says."""

    field: str
    by: str
    parameter: Parameter


@dataclass(frozen=True)
class Card:
    """One figure: its name, where it comes from, a note on what it is, how it changed in the last month, and what does not act on it.

    `course` is the sheet of how it went over the months, if it has months.
    """

    label: str
    value: str
    note: str = ""
    source: str = ""
    change: str = ""
    unmoved: str = ""
    course: Sheet | None = None


@dataclass(frozen=True)
class Sheet:
    """One chart or table, under its title. Its name is the title's beginning: Tableau lists names in actions, parted by commas.

    `source` is empty where it is the dashboard's own. `second_mark` draws the second measure of two on a shelf: below the first, or, in
    the colours of `colour_over`, over it and on its scale. `largest_first` sorts a field by a measure. `clicks` lets a click on a mark
    filter the rest of its dashboard. `is_long` says that the data, or the reader, decides how many rows there are. `base` is a line to
    compare the measure on the rows with, `level` one at the mean of a pill, which is on the sheet, with its words. `caption` says what it
    shows to who hears it.
    `reach`, behind the title, says what of the controls beside it does not act on it. `is_bare` leaves out title and axes.
    """

    title: str
    mark: Mark
    rows: tuple[str, ...] = ()
    cols: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    colour: str = ""
    size: str = ""
    text: str = ""
    detail: tuple[str, ...] = ()
    tooltip: tuple[str, ...] = ()
    second_mark: Mark | None = None
    colour_over: str = ""
    largest_first: tuple[str, str] | None = None
    top: Top | None = None
    without_null: str = ""
    legend: bool = False
    clicks: bool = False
    is_long: bool = False
    source: str = ""
    width: int = 1
    base: float | None = None
    level: tuple[str, str] | None = None
    caption: str = ""
    reach: str = ""
    is_bare: bool = False

    @property
    def name(self) -> str:
        """The name of the sheet in the workbook."""
        return re.split("[,;:]", self.title)[0].strip()

    @property
    def scrolls(self) -> bool:
        """Whether it keeps the height of its rows: a table always does."""
        return self.is_long or self.mark == "Text"


@dataclass(frozen=True)
class Answer:
    """A sentence with figures, and what does not act on it.

    `pieces` are texts, each with the pill whose figure follows it, empty after the last.
    """

    pieces: tuple[tuple[str, str], ...]
    unmoved: str = ""

    @property
    def pills(self) -> tuple[str, ...]:
        """The pills of its figures, each once."""
        return tuple(dict.fromkeys(pill for _, pill in self.pieces if pill))


@dataclass(frozen=True)
class Dashboard:
    """One tab: its figures and charts, row by row from the top, and what the reader can set.

    `answer` answers what it is `about`. `chosen` are the columns by which readers choose for the whole workbook, as far as a sheet here
    has them; `filters` act on every sheet of the dashboard's own source. Those in `before` also act on what is computed over all rows.
    `note` stands below the charts. `language` is that of all that readers see.
    """

    name: str
    language: str
    source: str
    about: str
    answer: Answer
    filters: tuple[str, ...]
    cards: tuple[tuple[Card, ...], ...]
    charts: tuple[tuple[int, tuple[Sheet, ...]], ...]
    chosen: tuple[str, ...]
    before: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    note: str = ""


def parsed(pill: str) -> tuple[str, str]:
    """Return the function of a pill, empty if it has none, and its field."""
    found = _PILL.fullmatch(pill)
    if found is None or (found[1] is None) == pill.endswith(")"):
        message = f"{pill!r} is no pill"
        raise ValueError(message)
    return found[1] or "", found[2]


def pills(sheet: Sheet) -> Iterator[str]:
    """Yield everything that stands on a sheet, the measures behind `values` among it, each once."""
    sorted_by = sheet.largest_first or ()
    encoded = (sheet.colour, sheet.colour_over, sheet.size, sheet.text, *sheet.detail, *sheet.tooltip)
    found = (*sheet.rows, *sheet.cols, *sheet.values, *encoded, *sorted_by)
    yield from dict.fromkeys(pill for pill in found if pill and pill not in {VALUES, NAMES})
