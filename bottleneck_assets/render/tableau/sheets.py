"""Says the eight tabs as Tableau's dashboards: each card, chart and table as a sheet, with what stands on its shelves.

Belongs here: one form for each kind of mark, and from which data source a figure is read. Never here: which tabs and charts there are
(figures/tabs.py), XML (worksheet.py), or a formula (calculations.py).

A figure is read from the tab's own table if that bears it, else from one of a few others, which the tab's filters do not reach: its card
says so. Nothing here is taken from an export: the workbook is the same for all of them.
"""
# ruff: noqa: RUF001 - typographic apostrophes and French spaces are meant

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from string import Formatter
from typing import TYPE_CHECKING

from bottleneck_assets.figures.measures import MEASURES, Words
from bottleneck_assets.figures.rows import NotInTheseRowsError
from bottleneck_assets.figures.tableau import Tableau
from bottleneck_assets.figures.tabs import COLUMNS, MARKS, TABS
from bottleneck_assets.models.catalog import models
from bottleneck_assets.render.tableau.calculations import change_of, level_of, name_of, of_one, pill, rows_with
from bottleneck_assets.render.tableau.choices import CHOSEN, WHATEVER_MONTHS, unmoved
from bottleneck_assets.render.tableau.declaration import NAMES, VALUES, Answer, Card, Dashboard, Sheet, Top
from bottleneck_assets.render.tableau.fields import fields
from bottleneck_assets.render.tableau.sources import sources, top_n
from bottleneck_assets.wording import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from bottleneck_assets.figures.measures import Measure
    from bottleneck_assets.figures.tabs import Band, Chart, Tab
    from bottleneck_assets.render.tableau.declaration import Mark

WIDTH = 1200
_LETTER, _SMALL_LETTER = 7.2, 6.4
"""How wide letters of a card's label and note are, in pixels."""
_WIDEST_ROW = 6
_CHARTS_HIGH, _TABLE_HIGH, _TEXT_HIGH = 11, 9, 14
_WIDTHS = {"narrow": 1, "half": 1, "wide": 2, "full": 1}
_BESIDE = ("stock_turnover_by_segment", "overview", "headline")
"""Where a figure is looked for that the tab's own table does not bear."""
_BY = {"campaign": ("starts_on", "ends_on", "product_type"), "promotion": ("month", "sku", "title"), "finding": ("what",)}
_LONG = frozenset({"campaign", "product", "product_type", "finding"})
_CAPTION = Words("{}: {}, by {}.", "{} : {}, par {}.")
_TABLE = Words("Table: {}, by {}.", "Tableau : {}, par {}.")
_WHOLE_SHOP = Words("whole shop, {}", "toute la boutique, {}")
_WHOLE_PERIOD = Words("whole shop, whole period", "boutique et période entières")
_MEAN_LINE = Words("Mean of the months: <Value>", "Moyenne des mois\u00a0: <Value>")
_LEVELS = {
    "whole": Words("Whole shop: <Value>", "Toute la boutique\u00a0: <Value>"),
    "period": Words("All months shown: <Value>", "Mois affichés ensemble\u00a0: <Value>"),
}
"""What stands at a line across a chart; Tableau writes the figure for the word in brackets."""
_COURSE = Words("{} over the months", "{} au fil des mois")
_COURSE_CAPTION = Words("Line: {}, by month.", "Courbe : {}, par mois.")
_CHANGED = Words("+12.3% last month", "+12,3 % le dernier mois")
"""As long as what a card says of its change."""
_OF_THE_PERIOD = Words("the period’s ", "")
"""What a note on the whole period need not say."""
_VAT = re.compile(r"(?P<label>.+?)(?: \((?P<en>.+)\)|\s(?P<fr>HT|TTC))")
"""A label that ends with VAT."""


_NOTES = {
    "customer_preferences": Words(
        "Ratings, comments and sales are of each product over the whole period.",
        "Notes, commentaires et ventes sont ceux de chaque produit sur toute la période.",
    ),
    "stock_turnover": Words(
        "Final stock, cover and turnover are those of the whole period, at its end; reorder point, ceiling and state are those of the "
        "stock date, the latest month-end of the export, for the demand of the coming months in their season. The months chosen act on "
        "stock value by month. Products of types whose thresholds failed their test are counted here, and in no recommendation.",
        "Stock final, couverture et rotation sont ceux de toute la période, à sa fin ; seuil de commande, plafond et état sont ceux de la "
        "date du stock, dernière fin de mois de l’export, pour la demande des mois à venir selon leur saison. Les mois choisis agissent "
        "sur la valeur du stock par mois. Les produits des types aux seuils non probants sont comptés ici, mais dans aucune "
        "recommandation.",
    ),
}
"""Where a tab has other notes here than on the page, whose rows have months where those of the workbook have none.

The page says on its cards, with figures, what no recommendation counts.
"""


class _Reader:
    """Finds a tab's figures: in its own table, or in one beside it."""

    def __init__(self, tab: Tab, source: str) -> None:
        self.tab = tab
        self.source = source
        declared = next(one for one in sources("en") if one.name == source)
        model = models()[declared.table]
        self.rows = rows_with(declared, model)
        self._headers = {field.name for field in fields(model) if field.role == "dimension"}
        self._additive = {field.name for field in fields(model) if field.aggregation == "Sum"}
        self._headers |= {one.name for one in declared.calculations if one.datatype == "string"}

    @property
    def beside(self) -> str:
        """The source where it is not the tab's own."""
        return "" if self.source == self.tab.name else self.source

    def pill(self, name: str) -> str:
        """Return the pill of a measure or a column."""
        if self.tab.is_measure(name):
            return pill(MEASURES[name], self.rows)
        if self.is_header(name):
            return "what" if name == "finding" else name
        return f"sum({name})" if name in self._additive else f"max({name})"

    def is_header(self, name: str) -> bool:
        """Whether a name is that of a column that tells rows apart, and measures nothing."""
        return not self.tab.is_measure(name) and name in self._headers

    def shows(self, measure: Measure, by: Sequence[str]) -> bool:
        """Whether the rows bear a measure, cut by these columns."""
        if self.source != "headline" and not self.rows.columns.issuperset(by):
            return False
        try:
            only_by = Tableau(self.rows).only_by(measure)
        except NotInTheseRowsError:
            return False
        return {"product" if column == "sku" else column for column in only_by} <= {*by}


@cache
def _reader(tab: Tab, measure: str, by: tuple[str, ...]) -> _Reader:
    """Return where a measure is read from. Raises NotInTheseRowsError if no table bears it."""
    columns = tuple(column for name in by for column in _BY.get(name, (name,)))
    for source in (tab.name, *_BESIDE):
        reader = _Reader(tab, source)
        if tab.is_measure(measure) and reader.shows(MEASURES[measure], columns):
            return reader
    message = f"{measure} by {', '.join(by)} on {tab.name}"
    raise NotInTheseRowsError(message)


def _dashboard(tab: Tab, language: str) -> Dashboard:
    top = any(chart.first for chart in tab.charts)
    table = (_TEXT_HIGH if "sentence" in tab.table.shows else _TABLE_HIGH, (_table(tab, language),))
    charts = (*((_CHARTS_HIGH, row) for row in _rows(tab, language)), table)
    chosen = tuple(name for name in CHOSEN if any(name in _columns(sheet.source or tab.name) for _, row in charts for sheet in row))
    return Dashboard(
        name=tab.title[language],
        language=language,
        source=tab.name,
        about=tab.question[language],
        answer=_answer(tab, language),
        filters=tuple(name for name in tab.filters if name not in CHOSEN),
        before=tab.filters if top else ("month",),
        parameters=(top_n(language),) if top else (),
        note=_NOTES[tab.name][language] if tab.name in _NOTES else " ".join(note[language] for note in tab.notes),
        cards=_cards(tab, language),
        charts=tuple((height, tuple(_reached(sheet, tab, chosen, language) for sheet in row)) for height, row in charts),
        chosen=chosen,
    )


def _answer(tab: Tab, language: str) -> Answer:
    """Return a tab's answer. Raises NotInTheseRowsError if its own table does not bear one of the measures."""
    reader = _Reader(tab, tab.name)
    pieces = [(text, name or "") for text, name, *_ in Formatter().parse(tab.answer[language])]
    if missing := [name for _, name in pieces if name and not reader.shows(MEASURES[name], ())]:
        message = f"the answer of {tab.name}: {', '.join(missing)}"
        raise NotInTheseRowsError(message)
    return Answer(tuple((text, reader.pill(name) if name else "") for text, name in pieces), unmoved(_columns(tab.name), language))


def _reached(sheet: Sheet, tab: Tab, chosen: Collection[str], language: str) -> Sheet:
    """Return a sheet that says which of the choices do not act on it: to who hears it, and in its title where their control is near."""
    columns = _columns(sheet.source or tab.name)
    said = unmoved(columns, language)
    beside_it = "month" in chosen and "month" not in columns
    return replace(sheet, caption=" ".join(filter(None, (sheet.caption, said))), reach=WHATEVER_MONTHS[language] if beside_it else "")


@cache
def _columns(source: str) -> frozenset[str]:
    """Return the columns of a data source."""
    table = next(one.table for one in sources("en") if one.name == source)
    return frozenset(column.name for column in models()[table].promise.columns)


def _cards(tab: Tab, language: str) -> tuple[tuple[Card, ...], ...]:
    half = len(tab.cards) if len(tab.cards) <= _WIDEST_ROW else (len(tab.cards) + 1) // 2
    rows = [tab.cards[start : start + half] for start in range(0, len(tab.cards), half)]
    return tuple(tuple(_card(tab, name, half, language) for name in row) for row in rows)


def _card(tab: Tab, name: str, beside_it: int, language: str) -> Card:
    """Return a card, with its change where there is room for that in every language."""
    measure, reader, room = MEASURES[name], _reader(tab, name, ()), WIDTH / beside_it - 12
    said = {each: _said(measure, reader, room, each) for each in LANGUAGES}
    fits = all(len(f"{note}, {_CHANGED[each]}") * _SMALL_LETTER <= room for each, (_, note) in said.items())
    label, note = said[language]
    change = change_of(measure, reader.rows) if fits and not reader.beside else ""
    course = _course(tab, measure, reader, language)
    return Card(label, reader.pill(name), note, reader.beside, change, unmoved(_columns(reader.source), language), course)


def _course(tab: Tab, measure: Measure, reader: _Reader, language: str) -> Sheet | None:
    """Return the line of a card over the months; None where it has none, or is of what not every month has."""
    if reader.beside or measure.grain not in {"sale", "price"} or not reader.shows(measure, ("month",)):
        return None
    title = f"{_COURSE[language].format(measure.label[language])} ({tab.title[language]})"
    caption = _COURSE_CAPTION[language].format(measure.label[language])
    return Sheet(title, "Line", cols=("month(month)",), rows=(reader.pill(measure.name),), caption=caption, is_bare=True)


def _said(measure: Measure, reader: _Reader, room: float, language: str) -> tuple[str, str]:
    """Return what there is room for: the label or the short one, the note or where the figure is of; VAT in either."""
    label = measure.label[language] if len(measure.label[language]) * _LETTER <= room else measure.short_label[language]
    note = measure.note[language] if measure.note else ""
    if reader.source == "headline":  # of the whole period: its first month is that of the period
        note = note and _WHOLE_SHOP[language].format(note.removeprefix(_OF_THE_PERIOD[language]))
        note = note if note and len(note) * _SMALL_LETTER <= room else _WHOLE_PERIOD[language]
    if len(label) * _LETTER > room and (found := _VAT.fullmatch(label)):
        label, note = found["label"], ", ".join(filter(None, (found["en"] or found["fr"], note)))
    return label, note


def _rows(tab: Tab, language: str) -> list[tuple[Sheet, ...]]:
    """Return the charts row by row: two of half the width or a wide and a narrow one, or one of the full width."""
    rows, waiting = list[tuple[Sheet, ...]](), list[Sheet]()
    for chart in tab.charts:
        waiting.append(_chart(tab, chart, language))
        if chart.size == "full" or len(waiting) == 2:  # noqa: PLR2004 - as said
            rows.append(tuple(waiting))
            waiting = []
    return rows


def _chart(tab: Tab, chart: Chart, language: str) -> Sheet:  # noqa: PLR0911 - a form for each mark
    if chart.band:
        return _banded(tab, chart, chart.band, language)
    reader = _reader(tab, chart.measures[0], tuple(dict.fromkeys((*chart.by, *([chart.series] if chart.series else [])))))
    measure, pills = MEASURES[chart.measures[0]], tuple(map(reader.pill, chart.measures))
    headers = tuple(header for name in chart.by for header in _BY.get(name, (name,)))
    sheet = Sheet(
        title=chart.title[language],
        mark="Bar",
        source=reader.beside,
        width=_WIDTHS[chart.size],
        clicks=chart.selects,
        base=chart.base,
        colour=name_of(measure, "sign") if chart.signed else chart.series,
        tooltip=tuple(map(reader.pill, chart.tips)),
        caption=_caption(chart, language),
        without_null=reader.rows.column_of(measure) if measure.grain == "product" else "",
    )
    sheet = _with_level(sheet, chart, pills, reader, language)
    if chart.by == ("month",):
        return _over_months(sheet, "Line" if chart.mark == "line" else "Bar", pills)
    match chart.mark:
        case "bar":
            size = f"ABS({Tableau(reader.rows).measure(measure)})"
            return _bars(sheet, chart, headers, pills[0], Top(headers[0], size, top_n(language)) if chart.first else None)
        case "stack":
            return replace(sheet, rows=headers, cols=pills, legend=True)
        case "column":
            return replace(sheet, cols=headers, rows=pills, without_null=headers[0])
        case "bullet":
            return replace(sheet, rows=(*headers, NAMES), cols=(VALUES,), values=pills, colour=NAMES, is_long=True)
        case "waterfall":
            so_far, back = name_of(measure, "so_far"), name_of(measure, "back")
            return replace(sheet, mark="GanttBar", cols=headers, rows=(so_far,), size=back, tooltip=(*pills, *sheet.tooltip))
        case "dot":
            return replace(sheet, mark="Circle", cols=pills[:1], rows=pills[1:2], size="".join(pills[2:]), detail=headers, legend=True)
        case "pareto":
            return replace(sheet, second_mark="Line", cols=("axis(rank)",), rows=pills, detail=headers, legend=True)
        case _:
            message = f"{chart.mark} by {', '.join(chart.by)} is not drawn"
            raise ValueError(message)


def _banded(tab: Tab, chart: Chart, band: Band, language: str) -> Sheet:
    """Return a line for each of a series over its band: bars from low to high, of another colour where the line lies outside."""
    reader = _Reader(tab, chart.rows.split(".")[1])
    return Sheet(
        title=chart.title[language],
        mark="GanttBar",
        second_mark="Line",
        source=reader.beside,
        width=_WIDTHS[chart.size],
        rows=(reader.pill(band.low), reader.pill(chart.measures[0])),
        cols=(chart.series, "month(month)"),
        size="band_width",
        colour=of_one(band.state),
        colour_over=chart.series,
        tooltip=tuple(of_one(name) if reader.is_header(name) else reader.pill(name) for name in (*chart.measures, *chart.tips)),
        legend=True,
        caption=_caption(chart, language),
    )


def _with_level(sheet: Sheet, chart: Chart, pills: Sequence[str], reader: _Reader, language: str) -> Sheet:
    """Return a sheet with a line across it, if one says something: a ratio of all that is drawn, or the mean of the months' amounts."""
    measure = MEASURES[chart.measures[0]]
    if found := level_of(measure, chart, reader.rows):
        kind, level = found
        return replace(sheet, level=(level, _LEVELS[kind][language]), detail=(level,))
    if chart.by == ("month",) and chart.mark == "line" and len(pills) == 1 and not chart.series and measure.unit == "EUR":
        return replace(sheet, level=(pills[0], _MEAN_LINE[language]))
    return sheet


def _caption(chart: Chart, language: str) -> str:
    """Return what a chart shows, for readers who hear it: its form, its measures, and by what they are cut."""
    measures = ", ".join(MEASURES[name].label[language] if name in MEASURES else COLUMNS[name].label[language] for name in chart.measures)
    by = ", ".join(COLUMNS[name].label[language].lower() for name in dict.fromkeys([*chart.by, *filter(None, [chart.series])]))
    return _CAPTION[language].format(MARKS[chart.mark][language], measures, by)


def _over_months(sheet: Sheet, mark: Mark, pills: tuple[str, ...]) -> Sheet:
    if len(pills) == 1:
        return replace(sheet, mark=mark, cols=("month(month)",), rows=pills, legend=bool(sheet.colour))
    return replace(sheet, mark=mark, cols=("month(month)",), rows=(VALUES,), values=pills, colour=NAMES, legend=True)


def _bars(sheet: Sheet, chart: Chart, headers: tuple[str, ...], measure: str, top: Top | None) -> Sheet:
    first, *nested = headers
    return replace(
        sheet,
        rows=headers,
        cols=(measure,),
        text=measure,
        is_long=not _LONG.isdisjoint(chart.by),
        largest_first=None if chart.in_order or nested else (first, measure),
        top=top,
        legend=bool(chart.first),
    )


def _table(tab: Tab, language: str) -> Sheet:
    table, title = tab.table, tab.table.title[language]
    reader = _Reader(tab, tab.name)
    by: list[str] = [header for name in table.by for header in _BY.get(name, (name,))]
    headers = [*by, *(name for name in table.shows if reader.is_header(name))]
    if table.sorted_by in headers:  # what rows are sorted by comes first
        headers = [table.sorted_by, *(name for name in headers if name != table.sorted_by)]
    measures = tuple(reader.pill(name) for name in table.shows if not reader.is_header(name) and name != "sentence")
    shown = [MEASURES[name].short_label if tab.is_measure(name) else COLUMNS[name].label for name in table.shows]
    said, of = (", ".join(label[language] for label in labels) for labels in (shown, [COLUMNS[name].label for name in table.by]))
    caption = _TABLE[language].format(said, of.lower())
    if "sentence" in table.shows:
        rows = ("rank", "audience", "verdict", "confidence")
        return Sheet(title, "Text", caption=caption, rows=rows, text=f"sentence_{language}", tooltip=(*measures, "effect_method"))
    largest_first = (by[0], reader.pill(table.sorted_by)) if len(by) == 1 and table.sorted_by not in headers else None
    return Sheet(
        title, "Text", caption=caption, rows=tuple(headers), cols=(NAMES,), text=VALUES, values=measures, largest_first=largest_first
    )


@cache
def dashboards(language: str) -> tuple[Dashboard, ...]:
    """Return the dashboards in a language, in the order of the tabs."""
    return tuple(_dashboard(tab, language) for tab in TABS)
