"""Writes measures as plain data, for whoever evaluates them outside Python: the dashboard's JavaScript reads this.

Belongs here: measures, parts and grains as JSON. Never here: what they are (measures.py), or evaluating them.
"""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, cast

from bottleneck_assets.figures import combinations
from bottleneck_assets.figures.measures import GRAINS, MEASURES, PARTS, UNITS, as_read
from bottleneck_assets.figures.tabs import COLUMNS, PRICE_RISE, TABS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bottleneck_assets.figures.measures import Measure
    from bottleneck_assets.figures.tabs import Chart, Tab

    Json = dict[str, Any]


def measures_json(measures: Mapping[str, Measure] = MEASURES) -> Json:
    """Return every measure as plain data: `{"grains": {...}, "parts": {...}, "measures": {...}}`, each by its name.

    A **grain** is `{"dimensions": [dimension, ...], "unmoved": {dimension: text}, "undefined": {dimension: text}}`; dimensions are month,
    segment, product_type and sku, and a text is `{"en": ..., "fr": ...}`. Where a dimension in `unmoved` is filtered, the figure stays as
    it is and says the text; where one in `undefined` is, the figure is '-' and says the text.

    A **part** is what stands for it in rows that lack a column of its name:

    - `{"op": "arithmetic", "left": column, "sign": "+" | "-" | "*", "right": column}`: null if either is null;
    - `{"op": "when", "condition": condition, "column": column}`: the column if the condition holds; else null;
    - `{"op": "counted", "column": column, "condition": condition}`: 1 if the condition holds or is null; else 0.

    A condition is `{"op": "known", "column": column}`: the column is not null; or `{"op": "compare", "column": column, "sign": "=" | "<" |
    ">" | "<=", "other": constant}`, with `{"op": "column", "name": column}` for a constant: false where either side is null.

    A **measure** is `{"label", "short", "unit", "unit_label", "note", "moment", "is_beyond_bounds", "format", "good", "change", "grain",
    "combination"}`: `label` and `short` texts, `unit_label` and `note` texts or null, `moment` the day that its stock is of (`period_end`,
    `stock_date` or empty), `is_beyond_bounds` whether it counts what lies below reorder points or above ceilings, `format` one of euros,
    price, count, rate, change, one and two, `good` 1, 0 or -1, `change` how two of its values compare (`points` or `relative`), and
    `combination` how it follows from rows of its grain:

    - `{"op": "sum", "part": part}`: the sum of what is known; null where nothing is;
    - `{"op": "latest", "part": part}`: the same over the rows of the last month in view alone;
    - `{"op": "largest", "part": part}`: the largest value;
    - `{"op": "distinct", "column": column, "part": part}`: how many values the column has in rows where the part is neither null nor 0;
    - `{"op": "constant", "value": number}`: that number;
    - `{"op": "whole", "of": combination}`: the combination over all rows of the months in view, whatever else is filtered;
    - `{"op": "ratio", "of": combination, "over": combination, "times": number}`: times * of / over; null where over is 0 or null;
    - `{"op": "index", "part": part}`: 100 * the sum over the last month in view / the sum over the first month that there is, whether it
      is in view or not; other filters hold in both;
    - `{"op": "rise", "of": combination}`: an index / 100 - 1;
    - `{"op": "todate", "of": combination}`: the combination over all months up to the last in view; other filters hold.
    """
    return {
        "grains": {name: _plain(grain) for name, grain in GRAINS.items()},
        "parts": {name: _plain(part) for name, part in PARTS.items()},
        "measures": {name: _measure(measure) for name, measure in measures.items()},
    }


def labels_as_read(plain: Any, sale_prices: str) -> Any:  # noqa: ANN401 - whatever JSON can say
    """Return plain data with every label in it as sale prices are read (measures.py)."""
    return json.loads(as_read(json.dumps(plain, ensure_ascii=False), sale_prices))


def tabs_json() -> Json:
    """Return the eight tabs as plain data: `{"columns": {...}, "price_rise": number, "tabs": [...]}`.

    A **column**, by its name, is `{"label": text, "format": ...}`, the format one of a measure's, or text, month, year or day.

    A **tab** is `{"name", "title", "question", "answer", "filters", "cards", "charts", "table", "notes"}`: `title`, `question`, `answer`
    and each of `notes` texts, `filters` names of columns, `cards` names of measures. Those in braces in `answer` are measures too.

    A **chart** is `{"id", "title", "mark", "by", "measures", "series", "tips", "first", "in_order", "signed", "base", "events", "selects",
    "size", "rows", "band"}` and a **table** `{"id", "title", "by", "shows", "sorted_by", "ascending"}`, as `Chart` and `Table` in tabs.py
    say. `by` and `series` name columns; `measures`, `tips` and `shows` hold `{"measure": name}` or `{"column": name}`; a column that is
    not among those above is called and written as the measure of its name. `band` is null, or `Band` of tabs.py.
    """
    return {
        "columns": {name: _plain(column) for name, column in COLUMNS.items()},
        "price_rise": PRICE_RISE,
        "tabs": [_tab(tab) for tab in TABS],
    }


def _tab(tab: Tab) -> Json:
    def named(names: Sequence[str], of: Chart | None = None) -> list[Json]:
        are_columns = of is not None and of.rows
        return [{"column" if are_columns or not tab.is_measure(name) else "measure": name} for name in names]

    charts = [_plain(chart) | {"measures": named(chart.measures, chart), "tips": named(chart.tips, chart)} for chart in tab.charts]
    table = _plain(tab.table) | {"shows": named(tab.table.shows)}
    return {name: held for name, held in _plain(tab).items() if name != "grains"} | {"charts": charts, "table": table}


def _measure(measure: Measure) -> Json:
    return {
        "label": _plain(measure.label),
        "short": _plain(measure.short_label),
        "unit": measure.unit,
        "unit_label": _plain(UNITS.get(measure.unit)),
        "note": _plain(measure.note),
        "moment": measure.moment,
        "is_beyond_bounds": measure.is_beyond_bounds,
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
        return {name: _plain(held) for name, held in cast("Json", value).items()}
    return [_plain(held) for held in cast("tuple[Any, ...]", value)] if isinstance(value, tuple) else value
