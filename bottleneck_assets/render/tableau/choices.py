"""What readers choose once for the whole workbook: a segment, and months from the first to the last; as parameters and as filters.

Belongs here: the parameters, the calculation in a data source that says whether a row is chosen, and what is said where none can say so.
Never here: XML (references.py, worksheet.py), or which tab shows which control (sheets.py, dashboard.py).

Data sources share no filter, but each reads the same parameters: what is chosen on one tab holds on all. Every row is chosen at first,
whatever the data are: the values for that are not those of an export.
"""
# ruff: noqa: RUF001 - typographic apostrophes and French spaces are meant

from __future__ import annotations

from typing import TYPE_CHECKING

from bottleneck_assets.figures.measures import Words
from bottleneck_assets.render.tableau.declaration import Calculation, Listed
from bottleneck_assets.render.tableau.fields import DIMENSIONS
from bottleneck_assets.wording import month

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from bottleneck_assets.render.tableau.fields import Field

CHOSEN = ("segment", "month")
"""The columns by which readers choose for the whole workbook."""
EVERY_SEGMENT, FIRST_MONTH, LAST_MONTH = "*", 0, 999999
"""What is chosen at first: no segment is called so, and no month lies beyond."""
_SEGMENT, _FROM, _TO = "Parameter 2", "Parameter 3", "Parameter 4"
_NAMES = {
    _SEGMENT: (Words("Segment", "Segment"), Words("All segments", "Tous les segments")),
    _FROM: (Words("From month", "Du mois"), Words("First month", "Premier mois")),
    _TO: (Words("To month", "Au mois"), Words("Last month", "Dernier mois")),
}
"""What each is called, and what stands for its first value."""
_IN = {"segment": Words("In the segment chosen", "Dans le segment choisi"), "month": Words("In the months chosen", "Dans les mois choisis")}
_MEANS = {
    "segment": Words("Whether a row is of the segment chosen.", "Si une ligne est du segment choisi."),
    "month": Words(
        "Whether a row is of the months chosen; what carries no month always is.",
        "Si une ligne est des mois choisis ; ce qui n’a pas de mois l’est toujours.",
    ),
}
_UNMOVED: Mapping[tuple[str, ...], Words] = {
    ("month",): Words("The months chosen do not act on it.", "Les mois choisis n’agissent pas dessus."),
    CHOSEN: Words("Neither the segment nor the months chosen act on it.", "Ni le segment ni les mois choisis n’agissent dessus."),
}
WHATEVER_MONTHS = Words(" · whatever the months", " · quels que soient les mois")
"""Behind the title of a chart that months do not reach, on a tab where they reach another."""
NO_MONTHS_HERE = Words(
    "All of this tab is of the whole period: the months chosen on other tabs do not act here.",
    "Tout cet onglet porte sur toute la période : les mois choisis sur d’autres onglets n’agissent pas ici.",
)
"""In place of the months on a tab where they reach nothing."""


def parameters(language: str, segments: Iterable[str], months: Sequence[dt.date]) -> dict[str, tuple[Listed, ...]]:
    """Return the parameters by the column that each chooses from, with the segments and months of an export."""
    numbered = tuple((_number(day), month(day, language)) for day in months)
    first = (FIRST_MONTH, _NAMES[_FROM][1][language])
    last = (LAST_MONTH, _NAMES[_TO][1][language])
    everything = (EVERY_SEGMENT, _NAMES[_SEGMENT][1][language])
    called = {name: words[language] for name, (words, _) in _NAMES.items()}
    return {
        "segment": (Listed(_SEGMENT, called[_SEGMENT], (everything, *((segment, "") for segment in segments)), EVERY_SEGMENT),),
        "month": (
            Listed(_FROM, called[_FROM], (first, *numbered), FIRST_MONTH),
            Listed(_TO, called[_TO], (*numbered, last), LAST_MONTH),
        ),
    }


def calculations(fields: Iterable[Field], language: str) -> tuple[Calculation, ...]:
    """Return for each column to choose by that is among the fields whether a row is chosen."""
    names = {field.name for field in fields}
    return tuple(
        Calculation(
            name_of(column),
            _IN[column][language],
            _formula(column),
            datatype="boolean",
            over="row",
            description=_MEANS[column][language],
            folder=DIMENSIONS[language],
        )
        for column in CHOSEN
        if column in names
    )


def name_of(column: str) -> str:
    """Return the name of the calculation that says whether a row is chosen."""
    return f"in_{column}"


def unmoved(columns: Iterable[str], language: str) -> str:
    """Say what does not act on a sheet whose data source has these columns; nothing if all of it does."""
    missing = tuple(column for column in CHOSEN if column not in {*columns})
    return _UNMOVED[missing][language] if missing else ""


def _formula(column: str) -> str:
    if column == "segment":
        return f"[Parameters].[{_SEGMENT}] = '{EVERY_SEGMENT}' OR [segment] = [Parameters].[{_SEGMENT}]"
    number = "YEAR([month]) * 100 + MONTH([month])"
    return f"ISNULL([month]) OR ({number} >= [Parameters].[{_FROM}] AND {number} <= [Parameters].[{_TO}])"


def _number(day: dt.date) -> int:
    return day.year * 100 + day.month
