"""Turns measures into what a data source computes: a calculation for each that its rows bear, and the pill that shows it.

Belongs here: the way from a measure to Tableau's field. Never here: a formula (figures/tableau.py), or which sheet shows what (sheets.py).

A measure that is the sum of a column is that column, which Tableau sums by itself. All others are calculations, and a column that holds
one row by row is hidden: its mean over rows would weigh a bottle as much as a thousand.
"""
# ruff: noqa: RUF001 - typographic apostrophes and French spaces are meant

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, get_args

from bottleneck_assets.figures.combinations import Ratio, Sum
from bottleneck_assets.figures.measures import MEASURES, Words
from bottleneck_assets.figures.rows import NotInTheseRowsError, rows_of
from bottleneck_assets.figures.tableau import Tableau
from bottleneck_assets.figures.tabs import COLUMNS, TABS
from bottleneck_assets.render.tableau.declaration import Calculation, Source
from bottleneck_assets.render.tableau.fields import FOLDERS, OTHER_FOLDER
from bottleneck_assets.render.tableau.theme import BAD, CENTS, CHANGE, COUNT, EUROS, GOOD, ONE, POINTS, RATE, TWO

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from bottleneck_assets.figures.measures import Format, Measure
    from bottleneck_assets.figures.rows import Rows
    from bottleneck_assets.figures.tabs import Chart
    from bottleneck_assets.models.catalog import Model
    from bottleneck_assets.render.tableau.fields import Field

FORMATS: dict[Format, Words] = {"euros": EUROS, "price": CENTS, "count": COUNT, "rate": RATE, "change": CHANGE, "one": ONE, "two": TWO}
_EARNED, _LOST = Words("earned", "gain"), Words("lost", "perte")
_OF = {
    "sign": Words("{}: earned or lost", "{} : gain ou perte"),
    "so_far": Words("{}, summed up", "{}, cumul"),
    "change": Words("{}, last month on the one before", "{}, dernier mois sur le précédent"),
    "back": Words("{}, back to where it came from", "{}, retour au départ"),
    "whole": Words("{}, all together", "{}, ensemble"),
    "period": Words("{}, all months shown", "{}, mois affichés ensemble"),
}
"""What is drawn of a measure, by what its name begins with."""
_WHOLE_SHOP = Words("{}, whole shop", "{}, toute la boutique")
_OF_ONE, _AND = Words("{} of one {}", "{} d’un seul {}"), Words(" and ", " et ")
_ROW_BY_ROW = Words("Row by row: {}", "Ligne à ligne : {}")
_OF_ONE_ROW = Words("{} of one row", "{} d’une seule ligne")
_NOT_OF_SEVERAL = Words("Nothing where a mark is of several rows.", "Vide si un repère couvre plusieurs lignes.")
_NOTED = Words("{}: {}.", "{} : {}.")


Level = Literal["whole", "period"]
"""A line across a chart of a ratio: the whole shop's beside bars by segment or type, that of all months together beside each month's."""
LEVELS: tuple[Level, ...] = get_args(Level)
RATES = frozenset({"ratio", "stars of 5"})
"""Units of which a mean over rows is no figure: it would weigh a bottle as much as a thousand."""


def computed(source: Source, model: Model) -> Source:
    """Return a data source with a calculation for each measure that its rows bear, and for what its tab's charts draw of them."""
    rows = rows_with(source, model)
    return replace(source, calculations=(*measures(rows, source.language), *_drawn(source, rows), *source.calculations))


def rows_with(source: Source, model: Model) -> Rows:
    """Return the rows of a data source: its table's, with what the workbook computes in each."""
    rows = rows_of(model)
    return replace(rows, columns=rows.columns | {one.name for one in source.calculations if one.over == "row"})


def measures(rows: Rows, language: str) -> list[Calculation]:
    """Return a calculation for each measure that rows bear and that is not the sum of a column."""
    return [
        Calculation(
            name_of(measure),
            _caption(measure, rows, language),
            formula,
            FORMATS[measure.format][language],
            description=_description(measure, language),
            folder=FOLDERS.get(measure.unit, OTHER_FOLDER)[language],
        )
        for measure, formula in _borne(rows)
        if not _is_a_column(measure, rows)
    ]


def of_one_row(fields: Sequence[Field], model: Model, language: str) -> list[Calculation]:
    """Return a calculation for each rate that no measure computes: what it is on a mark of one row, and nothing on one of many."""
    rates = {column.name for column in model.promise.columns if column.unit in RATES}
    rates -= {column for measure in MEASURES.values() for column in measure.columns}
    one_row = " AND ".join(f"MIN([{column}]) = MAX([{column}])" for column in model.promise.key)
    return [
        Calculation(
            of_one(field.name),
            _OF_ONE_ROW[language].format(field.caption),
            f"IF {one_row} THEN MAX([{field.name}]) END",
            field.format,
            description=f"{field.description} {_NOT_OF_SEVERAL[language]}",
            folder=field.folder,
        )
        for field in fields
        if field.name in rates
    ]


def shown(
    fields: Sequence[Field], rows: Rows, calculations: Sequence[Calculation], language: str, *, used: Collection[str] = ()
) -> tuple[Field, ...]:
    """Return fields, those hidden that hold row by row what a calculation computes, unless a sheet uses them."""
    names = {one.name for one in calculations}
    replaced = {column for measure in MEASURES.values() if name_of(measure) in names for column in (rows.column_of(measure), measure.whole)}
    replaced |= {field.name for field in fields if of_one(field.name) in names}
    return tuple(
        replace(one, is_hidden=one.name not in used, caption=_ROW_BY_ROW[language].format(one.caption)) if one.name in replaced else one
        for one in fields
    )


def change_of(measure: Measure, rows: Rows) -> str:
    """Return the pill of how a measure's last month differs from the one before; empty if the rows cannot say."""
    return name_of(measure, "change") if _change(measure, rows) else ""


def level_of(measure: Measure, chart: Chart, rows: Rows) -> tuple[Level, str] | None:
    """Return which line a chart of a ratio has across it, and its pill; None where there is none."""
    kind = _level(measure, chart)
    return (kind, name_of(measure, kind)) if kind and _level_formula(kind, measure, rows) else None


def _level(measure: Measure, chart: Chart) -> Level | None:
    """Return which line would say something; none beside a sum, which is of another size than its parts."""
    if not isinstance(measure.combination, Ratio):
        return None
    if chart.mark == "bar" and set(chart.by) & {"segment", "product_type"}:
        return "whole"
    return "period" if chart.mark == "line" and chart.by == ("month",) and not chart.series and len(chart.measures) == 1 else None


def _level_formula(kind: Level, measure: Measure, rows: Rows) -> str:
    """Return the formula of a line; empty of what is not made of its parts."""
    try:
        return Tableau(rows).whole(measure) if kind == "whole" else Tableau(rows).over_marks(measure)
    except NotInTheseRowsError:
        return ""


def _change(measure: Measure, rows: Rows) -> str:
    """Return the formula of a change; empty of what is no flow of sales: a month without a promotion says nothing of the next."""
    try:
        return Tableau(rows).change(measure) if measure.grain == "sale" else ""
    except NotInTheseRowsError:
        return ""


def pill(measure: Measure, rows: Rows) -> str:
    """Return the pill that shows a measure."""
    return f"sum({measure.combination.part})" if _is_a_column(measure, rows) and isinstance(measure.combination, Sum) else name_of(measure)


def name_of(measure: Measure, drawn: str = "measure") -> str:
    """Return the name of a measure's calculation, or of another that is drawn from it."""
    return f"{drawn}_{measure.name}"


def of_one(column: str) -> str:
    """Return the name of the calculation of what a column holds on a mark of one row."""
    return f"of_one_row_{column}"


def _description(measure: Measure, language: str) -> str:
    label = measure.label[language]
    return _NOTED[language].format(label, measure.note[language]) if measure.note else f"{label}."


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
    """Yield what stands beside a measure: how it changed on cards, on charts whether it is a loss, and the steps of a waterfall."""
    charts, language = [chart for tab in TABS if tab.name == source.name for chart in tab.charts], source.language
    cards = {name for tab in TABS if tab.name == source.name for name in tab.cards}
    for measure, formula in _borne(rows):

        def drawn(kind: str, formula: str, measure: Measure = measure) -> Calculation:
            return Calculation(name_of(measure, kind), _OF[kind][language].format(measure.label[language]), formula)

        if measure.name in cards and (change := _change(measure, rows)):
            yield replace(drawn("change", change), format=(POINTS if measure.change == "points" else CHANGE)[language])
        lines = {_level(measure, chart) for chart in charts if chart.measures[0] == measure.name}
        for line in filter(lines.__contains__, LEVELS):
            if level := _level_formula(line, measure, rows):
                over = "mark" if line == "whole" else "table"
                yield replace(drawn(line, level), format=FORMATS[measure.format][language], over=over)
        marks = {chart.mark for chart in charts if chart.signed and chart.measures[0] == measure.name}
        if marks:
            earned, lost = _EARNED[language], _LOST[language]
            sign = f"IF {formula} >= 0 THEN '{earned}' ELSE '{lost}' END"
            yield replace(drawn("sign", sign), datatype="string", colours=((earned, GOOD), (lost, BAD)))
        if "waterfall" in marks:
            layout = FORMATS[measure.format][language]
            yield replace(drawn("so_far", f"RUNNING_SUM({formula})"), format=layout, over="table")
            yield replace(drawn("back", f"-{formula}"), format=layout)


def _caption(measure: Measure, rows: Rows, language: str) -> str:
    """Return the label, and whose figure it is where a field of that label elsewhere is another's."""
    label = measure.label[language]
    if rows.are_kpis:
        return _WHOLE_SHOP[language].format(label)
    only_by = [COLUMNS["product" if column == "sku" else column].label[language].lower() for column in Tableau(rows).only_by(measure)]
    return _OF_ONE[language].format(label, _AND[language].join(only_by)) if only_by else label
