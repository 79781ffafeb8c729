"""What Tableau should know of a column: its name for readers, its types, how it is summed up, how it looks, where it stands.

Belongs here: the one way from a contract to a field, for data sources, extracts and workbooks alike. Never here: XML, Hyper, or anything
about a column that its contract does not say.

Names of columns are those of the CSV and never change: sheets hang on them. What a reader sees is the caption.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bottleneck_assets.figures.described import described
from bottleneck_assets.figures.french import french_description, french_name
from bottleneck_assets.figures.measures import Words
from bottleneck_assets.render.tableau.theme import CENTS, COUNT, DAY, EUROS, MONTH, NUMBER, RATE, TWO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bottleneck_assets.models.catalog import Model
    from bottleneck_assets.models.promise import Column

DataType = Literal["string", "integer", "real", "date", "boolean"]
Aggregation = Literal["Sum", "Avg", "Count", "Year"]

_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")
_DATATYPES: Mapping[str, DataType] = {"varchar": "string", "bigint": "integer", "double": "real", "date": "date", "boolean": "boolean"}
_REMOTE_TYPES: Mapping[DataType, int] = {"string": 129, "integer": 20, "real": 5, "date": 133, "boolean": 11}
_REMOTE_NUMERIC = 131
_MOST_DIGITS = 18
"""Of a decimal in an extract that older Tableaus read; one with more is a double there."""
_HYPER_TYPES = {"varchar": "TEXT", "bigint": "BIGINT", "double": "DOUBLE PRECISION", "date": "DATE", "boolean": "BOOL"}

_WORDS = {
    "abc": "ABC",
    "cl": "(cl)",
    "cogs": "Cost of Goods Sold",
    "en": "in English",
    "fr": "in French",
    "kpi": "KPI",
    "roi": "ROI",
    "sku": "SKU",
    "url": "URL",
}
_SMALL_WORDS = {"at", "by", "of", "on", "per", "to"}
_UNITS = {"ratio": "%", "index, first month = 100": "first month = 100"}
"""Units as they stand in captions, where that is not as they stand in contracts."""
_NAMING_UNITS = {"", "year"}
"""Units of whole numbers that name a thing (a product, a place, a vintage) and measure nothing."""
_AS_CUSTOMERS_PAY = {"revenue", "revenue_previous_month", "price", "price_rise", "list_price", "offer_price", "mean_price"}
"""Columns in euros that are as customers pay: incl. VAT, unless the setting sale_prices says otherwise. All others are excl. VAT."""
FOLDERS = {"EUR": Words("Money", "Montants"), "units": Words("Units", "Unités"), "ratio": Words("Ratios", "Taux")}
OTHER_FOLDER = Words("Other Measures", "Autres mesures")
DATES, DIMENSIONS = Words("Dates", "Dates"), Words("Dimensions", "Dimensions")


@dataclass(frozen=True)
class Field:
    """One column of a table as Tableau takes it.

    `aggregation` is the default one: the sum only of what adds up at the grain of its table. `format` is empty where Tableau's own will do.
    `remote_type` is the type's number in a text file, `extract_remote_type` that in an extract, `hyper_type` its name in SQL.
    """

    name: str
    caption: str
    datatype: DataType
    role: Literal["dimension", "measure"]
    type: Literal["nominal", "ordinal", "quantitative"]
    aggregation: Aggregation
    format: str
    folder: str
    description: str
    remote_type: int
    extract_remote_type: int
    hyper_type: str
    is_nullable: bool
    is_key: bool
    is_hidden: bool = False


def fields(model: Model, language: str = "en") -> tuple[Field, ...]:
    """Return the fields of a table, in the order of its columns, with what readers see of them in a language."""
    key = model.promise.key
    return tuple(_field(column, key, language) for column in described(model))


def _field(column: Column, key: tuple[str, ...], language: str) -> Field:
    decimal = _DECIMAL.fullmatch(column.type)
    datatype: DataType = "real" if decimal else _DATATYPES[column.type]
    is_exact = decimal is not None and int(decimal[1]) <= _MOST_DIGITS
    measures = datatype == "real" or (datatype == "integer" and column.unit not in _NAMING_UNITS)
    return Field(
        name=column.name,
        caption=_caption(column) if language == "en" else french_name(column.name),
        datatype=datatype,
        role="measure" if measures else "dimension",
        type="quantitative" if measures else "nominal" if datatype in {"string", "boolean"} else "ordinal",
        aggregation=_aggregation(column, datatype, key) if measures else "Year" if datatype == "date" else "Count",
        format=said[language] if (said := _format(column, datatype, measures=measures)) else "",
        folder=_folder(column, datatype, measures=measures)[language],
        description=_description(column) if language == "en" else french_description(column.description),
        remote_type=_REMOTE_TYPES[datatype],
        extract_remote_type=_REMOTE_NUMERIC if is_exact else _REMOTE_TYPES[datatype],
        hyper_type=f"NUMERIC({decimal[1]}, {decimal[2]})" if decimal and is_exact else _HYPER_TYPES["double" if decimal else column.type],
        is_nullable=column.is_nullable,
        is_key=column.name in key,
    )


def _caption(column: Column) -> str:
    """Return the name in title case, with the unit behind it unless a word of it is in the name already."""
    *before, last = column.name.removesuffix("_excl_vat").split("_")
    words = [
        *(_WORDS.get(word) or (word if word in _SMALL_WORDS else word.capitalize()) for word in before),
        _WORDS.get(last, last.capitalize()),
    ]
    label = " ".join(words)
    unit = _UNITS.get(column.unit, column.unit)
    if unit == "EUR":
        return f"{label} (EUR {'incl' if column.name in _AS_CUSTOMERS_PAY else 'excl'} VAT)"  # a field's caption has no dot
    named = {word.strip("()").lower() for word in words} - _SMALL_WORDS
    return f"{label} ({unit})" if unit and not named & set(unit.split()) else label


def _description(column: Column) -> str:
    return f"{column.description} = {column.formula}" if column.formula else column.description


def _aggregation(column: Column, datatype: DataType, key: tuple[str, ...]) -> Aggregation:
    """Sum what adds up; what is there at a moment adds up only where a table has no months."""
    adds_up = column.additive == "yes" or (column.additive == "but over months" and "month" not in key)
    return "Sum" if adds_up and datatype in {"integer", "real"} else "Avg"


def _format(column: Column, datatype: DataType, *, measures: bool) -> Words | None:
    """Return the default format: names without separators, amounts in whole euros, prices in cents, ratios as percentages."""
    if datatype == "date":
        return MONTH if column.name == "month" else DAY
    if not measures:
        return NUMBER if datatype == "integer" else None
    if column.unit == "ratio":
        return RATE
    whole, parts = (EUROS, CENTS) if column.unit == "EUR" else (COUNT, TWO)
    return whole if datatype == "integer" or column.type == "decimal(18,4)" else parts


def _folder(column: Column, datatype: DataType, *, measures: bool) -> Words:
    """Return where the field stands in the data pane: dates, dimensions, and the measures by their unit."""
    if measures:
        return FOLDERS.get(column.unit, OTHER_FOLDER)
    return DATES if datatype == "date" else DIMENSIONS
