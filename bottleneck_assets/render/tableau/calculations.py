"""Turns measures into what a data source computes: a calculation for each that its rows bear, and the pill that shows it.

Belongs here: the way from a measure to Tableau's field. Never here: a formula (figures/tableau.py), or which sheet shows what (sheets.py).

A measure that is the sum of a column is that column, which Tableau sums by itself. All others are calculations, and a column that holds
one row by row is hidden: its mean over rows would weigh a bottle as much as a thousand.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bottleneck_assets.figures.combinations import Sum
from bottleneck_assets.figures.measures import MEASURES
from bottleneck_assets.figures.rows import NotInTheseRowsError, rows_of
from bottleneck_assets.figures.tableau import Tableau
from bottleneck_assets.figures.tabs import TABS
from bottleneck_assets.render.tableau.declaration import Calculation, Source
from bottleneck_assets.render.tableau.fields import FOLDERS, OTHER_FOLDER
from bottleneck_assets.render.tableau.theme import BAD, CENTS, CHANGE, COUNT, EUROS, GOOD, ONE, RATE, TWO

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from bottleneck_assets.figures.measures import Format, Measure
    from bottleneck_assets.figures.rows import Rows
    from bottleneck_assets.models.catalog import Model
    from bottleneck_assets.render.tableau.fields import Field

FORMATS: dict[Format, str] = {"euros": EUROS, "price": CENTS, "count": COUNT, "rate": RATE, "change": CHANGE, "one": ONE, "two": TWO}


RATES = frozenset({"ratio", "stars of 5"})
"""Units of which a mean over rows is no figure: it would weigh a bottle as much as a thousand."""


def computed(source: Source, model: Model) -> Source:
    """Return a data source with a calculation for each measure that its rows bear, and for what its tab's charts draw of them."""
    rows = rows_with(source, model)
    return replace(source, calculations=(*measures(rows), *_drawn(source, rows), *source.calculations))


def rows_with(source: Source, model: Model) -> Rows:
    """Return the rows of a data source: its table's, with what the workbook computes in each."""
    rows = rows_of(model)
    return replace(rows, columns=rows.columns | {one.name for one in source.calculations if one.over == "row"})


def measures(rows: Rows) -> list[Calculation]:
    """Return a calculation for each measure that rows bear and that is not the sum of a column."""
    return [
        Calculation(
            name_of(measure),
            _caption(measure, rows),
            formula,
            FORMATS[measure.format],
            description=f"{measure.label.en}{f': {measure.note.en}' if measure.note else ''}.",
            folder=FOLDERS.get(measure.unit, OTHER_FOLDER),
        )
        for measure, formula in _borne(rows)
        if not _is_a_column(measure, rows)
    ]


def of_one_row(fields: Sequence[Field], model: Model) -> list[Calculation]:
    """Return a calculation for each rate that no measure computes: what it is on a mark of one row, and nothing on one of many."""
    rates = {column.name for column in model.promise.columns if column.unit in RATES}
    rates -= {column for measure in MEASURES.values() for column in measure.columns}
    one_row = " AND ".join(f"MIN([{column}]) = MAX([{column}])" for column in model.promise.key)
    return [
        Calculation(
            _of_one(field.name),
            f"{field.caption} of one row",
            f"IF {one_row} THEN MAX([{field.name}]) END",
            field.format,
            description=f"{field.description} Nothing where a mark is of several rows.",
            folder=field.folder,
        )
        for field in fields
        if field.name in rates
    ]


def shown(fields: Sequence[Field], rows: Rows, calculations: Sequence[Calculation], *, used: Collection[str] = ()) -> tuple[Field, ...]:
    """Return fields, those hidden that hold row by row what a calculation computes, unless a sheet uses them."""
    names = {one.name for one in calculations}
    replaced = {column for measure in MEASURES.values() if name_of(measure) in names for column in (rows.column_of(measure), measure.whole)}
    replaced |= {field.name for field in fields if _of_one(field.name) in names}
    return tuple(
        replace(field, is_hidden=field.name not in used, caption=f"Row by row: {field.caption}") if field.name in replaced else field
        for field in fields
    )


def pill(measure: Measure, rows: Rows) -> str:
    """Return the pill that shows a measure."""
    return f"sum({measure.combination.part})" if _is_a_column(measure, rows) and isinstance(measure.combination, Sum) else name_of(measure)


def name_of(measure: Measure, drawn: str = "measure") -> str:
    """Return the name of a measure's calculation, or of another that is drawn from it."""
    return f"{drawn}_{measure.name}"


def _of_one(column: str) -> str:
    return f"of_one_row_{column}"


def _borne(rows: Rows) -> Iterator[tuple[Measure, str]]:
    tableau = Tableau(rows)
    for measure in MEASURES.values():
        try:
            yield measure, tableau.measure(measure)
        except NotInTheseRowsError:
            continue


def _is_a_column(measure: Measure, rows: Rows) -> bool:
    return isinstance(measure.combination, Sum) and measure.combination.part in rows.columns


def _drawn(source: Source, rows: Rows) -> Iterator[Calculation]:
    """Yield what charts draw beside a measure: whether it is a loss, and the steps of a waterfall."""
    charts = [chart for tab in TABS if tab.name == source.name for chart in tab.charts]
    for measure, formula in _borne(rows):
        marks = {chart.mark for chart in charts if chart.signed and chart.measures[0] == measure.name}
        if marks:
            sign = f"IF {formula} >= 0 THEN 'earned' ELSE 'lost' END"
            colours = (("earned", GOOD), ("lost", BAD))
            yield Calculation(name_of(measure, "sign"), f"{measure.label.en}: earned or lost", sign, datatype="string", colours=colours)
        if "waterfall" in marks:
            layout = FORMATS[measure.format]
            yield Calculation(name_of(measure, "so_far"), f"{measure.label.en}, summed up", f"RUNNING_SUM({formula})", layout, over="table")
            yield Calculation(name_of(measure, "back"), f"{measure.label.en}, back to where it came from", f"-{formula}", layout)


def _caption(measure: Measure, rows: Rows) -> str:
    """Return the label, and whose figure it is where a field of that label elsewhere is another's."""
    if rows.are_kpis:
        return f"{measure.label.en}, whole shop"
    only_by = ["product" if column == "sku" else column for column in Tableau(rows).only_by(measure)]
    return f"{measure.label.en} of one {' and '.join(only_by)}" if only_by else measure.label.en
