"""Writes the value of a measure as text for readers: in its format, with a language's signs.

Belongs here: the way from a measure's format to wording. Never here: a table's cell for machines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bottleneck_assets import wording

if TYPE_CHECKING:
    from bottleneck_assets.figures.measures import Measure

UNKNOWN = "–"  # noqa: RUF001 - what stands in a table where there is no figure
_WAYS = {"euros": wording.euros, "rate": wording.rate, "change": wording.percent}
_DECIMALS = {"price": 2, "two": 2, "one": 1, "count": 0}


def written(measure: Measure, value: object, language: str) -> str:
    """Return a value in the format of its measure; a dash for none."""
    if value is None:
        return UNKNOWN
    way = _WAYS.get(measure.format)
    return way(value, language) if way else wording.fixed(value, language, _DECIMALS[measure.format])
