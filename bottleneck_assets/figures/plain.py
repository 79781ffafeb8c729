"""Writes measures as plain data, for whoever evaluates them outside Python: the dashboard's JavaScript reads this.

Belongs here: measures, parts and grains as JSON. Never here: what they are (measures.py), or evaluating them.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from bottleneck_assets.figures import combinations
from bottleneck_assets.figures.measures import GRAINS, MEASURES, PARTS, UNITS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bottleneck_assets.figures.measures import Measure

    Json = dict[str, Any]


def measures_json(measures: Mapping[str, Measure] = MEASURES) -> Json:
    """Return every measure as plain data: `{"grains": {...}, "parts": {...}, "measures": {...}}`, each by its name.

    A **grain** is `{"dimensions": [dimension, ...], "unmoved": {dimension: text}, "undefined": {dimension: text}}`; dimensions are month,
    segment, product_type and sku, and a text is `{"en": ..., "fr": ...}`. Where a dimension in `unmoved` is filtered, the figure stays as
    it is and says the text; where one in `undefined` is, the figure is '-' and says the text.

    A **part** is what stands for it in rows that lack a column of its name:

    - `{"op": "arithmetic", "left": column, "sign": "+" | "-" | "*", "right": column}`: null if either is null;
    - `{"op": "when", "condition": condition, "column": column}`: the column, or 1 where that is "", if the condition holds; else null;
    - `{"op": "one"}`: 1.

    A condition is `{"op": "known", "column": column}`: the column is not null; or `{"op": "compare", "column": column, "sign": "=" | "<" |
    ">" | "<=", "other": constant}`, with `{"op": "column", "name": column}` for a constant: false where either side is null.

    A **measure** is `{"label", "short", "unit", "unit_label", "note", "format", "good", "change", "grain", "combination"}`: `label` and
    `short` texts, `unit_label` and `note` texts or null, `format` one of euros, price, count, rate, change, one and two, `good` 1, 0 or
    -1, `change` how two of its values compare (`points` or `relative`), and `combination` how it follows from rows of its grain:

    - `{"op": "sum", "part": part}`: the sum of what is known; null where nothing is;
    - `{"op": "latest", "part": part}`: the same over the rows of the last month in view alone;
    - `{"op": "largest", "part": part}`: the largest value;
    - `{"op": "distinct", "column": column, "part": part}`: how many values of the column are in the rows where the part is not null;
    - `{"op": "months"}`: how many months are in view, whatever else is filtered;
    - `{"op": "whole", "of": combination}`: the combination over all rows of the months in view, whatever else is filtered;
    - `{"op": "ratio", "of": combination, "over": combination, "times": number}`: times * of / over; null where over is 0 or null;
    - `{"op": "index", "part": part}`: 100 * the sum over the last month in view / the sum over the first month that there is, whether it
      is in view or not; other filters hold in both.
    """
    return {
        "grains": {name: _plain(grain) for name, grain in GRAINS.items()},
        "parts": {name: _plain(part) for name, part in PARTS.items()},
        "measures": {name: _measure(measure) for name, measure in measures.items()},
    }


def _measure(measure: Measure) -> Json:
    return {
        "label": _plain(measure.label),
        "short": _plain(measure.short_label),
        "unit": measure.unit,
        "unit_label": _plain(UNITS.get(measure.unit)),
        "note": _plain(measure.note),
        "format": measure.format,
        "good": measure.good,
        "change": measure.change,
        "grain": measure.grain,
        "combination": _plain(measure.combination),
    }


def _plain(value: Any) -> Any:  # noqa: ANN401 - a declaration, or what one holds
    """Return a declaration as its fields, with its kind as `op` where it is one of combinations.py."""
    if is_dataclass(value):
        kind = {"op": type(value).__name__.lower()} if type(value).__module__ == combinations.__name__ else {}
        return kind | {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {name: _plain(held) for name, held in value.items()}
    return [_plain(held) for held in value] if isinstance(value, tuple) else value
