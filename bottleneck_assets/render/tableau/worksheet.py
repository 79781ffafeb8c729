"""Writes sheets as Tableau keeps them: what each depends on, its filters and sorts, its marks and its shelves.

Belongs here: the XML of one sheet, from its declaration and the fields of its data source. Never here: which sheets there are (sheets.py),
or where they stand on a dashboard (dashboard.py).

A level of a filter is the one name that must not be qualified with its data source.
"""
# ruff: noqa: RUF001 - typographic apostrophes and French spaces are meant

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bottleneck_assets.figures.measures import Words
from bottleneck_assets.render.tableau.declaration import NAMES, VALUES, parsed, pills
from bottleneck_assets.render.tableau.elements import USER, Element, element, identifier
from bottleneck_assets.render.tableau.references import (
    MEASURE_NAMES,
    DataSource,
    datasource_refs,
    dependencies,
    fields_of,
    parameter_dependencies,
)
from bottleneck_assets.render.tableau.theme import INK, SOFT, WINE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bottleneck_assets.render.tableau.declaration import Answer, Card, Sheet, Top

_LINE_BREAK = "\u00c6\n"
"""Tableau drops a run of white space alone; this is how it writes a line break itself."""
_NAMED = Words("{}: ", "{}\u00a0: ")
IN_SHORT = Words("In short", "En bref")
_ANSWER = 11
"""How large an answer is written, in points."""
_DATA_AS_OF, _RECEIVED = Words("Data as of ", "Données au "), Words(". File received ", ". Fichier reçu le ")
_IN_LAST_MONTH = Words(" last month", " le dernier mois")
_TO = Words(" to ", " à ")
_CLICK = Words(". Click to refresh the data.", ". Cliquer pour actualiser les données.")
_TO_PORTAL = Words("Opens the portal, where the data is refreshed.", "Ouvre le portail, où les données s’actualisent.")
_AGE = Words("How old the data is, and which months it covers.", "L’âge des données et les mois couverts.")
_LAST_DAY = Words("The last day of the export's last month.", "Le dernier jour du dernier mois de l’export.")


@dataclass(frozen=True)
class Filter:
    """A filter of a sheet: its pill, whether it comes before what spans all rows, and the number that its sheets share.

    One without a number is of a field that says of each row whether it is chosen, and keeps those.
    """

    pill: str
    before: bool
    group: int = 0


def worksheet(sheet: Sheet, source: DataSource, filters: Sequence[Filter]) -> Element:
    """Return a chart or a table."""
    aside = [*([sheet.top.field] if sheet.top else []), *([f"axis({sheet.without_null})"] if sheet.without_null else [])]
    found = [*_measure_names(sheet, source), *_top(sheet, source), *_without_null(sheet, source), *_filters(filters, source)]
    view = _view(source, [*pills(sheet), *aside], filters, found, [*_sorts(sheet, source)], sheet.top)
    title = [run(sheet.title, INK, 11, bold=True), *([run(sheet.reach, SOFT, 9)] if sheet.reach else [])]
    return _sheet(
        sheet.name,
        view,
        _panes(sheet, source),
        (_shelf(sheet.rows, source), _shelf(sheet.cols, source)),
        [] if sheet.is_bare else title,
        sheet.caption,
        rules=_rules(sheet, source),
    )


def _rules(sheet: Sheet, source: DataSource) -> list[Element]:
    """Return what is not as Tableau has it: axes that are not shown, and one over another; that some marks are missing is no warning."""
    if sheet.is_bare:
        axes = [("rows", source.ref(pill)) for pill in sheet.rows] + [("cols", source.ref(pill)) for pill in sheet.cols]
        return [element("style-rule", {"element": "axis"}, *(_without_axis(shelf, ref) for shelf, ref in axes))]
    if not sheet.colour_over:
        return []
    under, over = map(source.ref, sheet.rows)
    told = {"attr": "space", "class": "0", "field-type": "quantitative", "scope": "rows", "type": "space"}
    folded = element("encoding", {**told, "field": over, "fold": "true", "synchronized": "true"})
    without_warning = element("format", {"attr": "show-null-value-warning", "field": under, "value": "false"})
    return [
        element("style-rule", {"element": "axis"}, _without_axis("rows", under), folded),
        element("style-rule", {"element": "table"}, without_warning),
    ]


def _without_axis(shelf: str, ref: str) -> Element:
    return element("format", {"attr": "display", "class": "0", "field": ref, "scope": shelf, "value": "false"})


def card(name: str, declared: Card, source: DataSource, filters: Sequence[Filter]) -> Element:
    """Return a figure: its label, itself in large, and its note."""
    shown = [declared.value, *([declared.change] if declared.change else [])]
    view = _view(source, shown, filters, _filters(filters, source))
    ref, *change = map(source.ref, shown)
    label = [run(declared.label, SOFT, 9), run(_LINE_BREAK), *_value(ref, WINE, 18, bold=True)]
    label += [run(_LINE_BREAK)] if declared.note or change else []
    label += [run(f"{declared.note}, " if change else declared.note, SOFT, 8)] if declared.note else []
    label += [*_value(change[0], SOFT, 8), run(_IN_LAST_MONTH[source.language], SOFT, 8)] if change else []
    tooltip = [run(_NAMED[source.language].format(declared.label), SOFT, 9), run(f"<{ref}>", INK, 9, bold=True)]
    if change:
        tooltip += [run(_LINE_BREAK), *_line(source, declared.change)]
    if declared.unmoved:
        tooltip += [run(_LINE_BREAK), run(declared.unmoved, SOFT, 9)]
    caption = f"{declared.label}, {declared.note}" if declared.note else declared.label
    caption += f". {declared.unmoved}" if declared.unmoved else ""
    return _sheet(
        name, view, [_pane("Text", [element("text", {"column": one}) for one in (ref, *change)], tooltip, label)], caption=caption
    )


def answer(name: str, declared: Answer, source: DataSource, filters: Sequence[Filter]) -> Element:
    """Return a sentence with figures in it."""
    shown = declared.pills
    view = _view(source, shown, filters, _filters(filters, source))
    label = [part for text, pill in declared.pieces for part in _said(text, source.ref(pill) if pill else "")]
    encodings = [element("text", {"column": source.ref(pill)}) for pill in shown]
    told = [part for pill in shown for part in (run(_LINE_BREAK), *_line(source, pill))][1:]
    told += [run(_LINE_BREAK), run(declared.unmoved, SOFT, 9)] if declared.unmoved else []
    captions = ", ".join(source.instance(pill).caption for pill in shown)
    caption = f"{_NAMED[source.language].format(IN_SHORT[source.language])}{captions}."
    caption += f" {declared.unmoved}" if declared.unmoved else ""
    return _sheet(name, view, [_pane("Text", encodings, told, label)], caption=caption, align="left")


def _said(text: str, ref: str) -> Iterator[Element]:
    yield from [run(text, INK, _ANSWER)] if text else []
    yield from _value(ref, WINE, _ANSWER, bold=True) if ref else []


def as_of(name: str, source: DataSource, portal: str) -> Element:
    """Return the line on the data's age, which a click takes to where the data is made anew, if there is such a place."""
    language = source.language
    shown = ("data_as_of", "received", "period_start", "period_end")
    when, received, start, end = map(source.ref, shown)
    label = [
        run(_DATA_AS_OF[language], INK, 9, bold=True),
        *_value(when, INK, 9, bold=True),
        run(_LINE_BREAK),
        *_value(start, SOFT, 8),
        run(_TO[language], SOFT, 8),
        *_value(end, SOFT, 8),
        run(_RECEIVED[language], SOFT, 8),
        *_value(received, SOFT, 8),
        *([run(_CLICK[language], SOFT, 8)] if portal else []),
    ]
    encodings = [element("text", {"column": when}), *(element("lod", {"column": ref}) for ref in (received, start, end))]
    tooltip = [run((_TO_PORTAL if portal else _LAST_DAY)[language], SOFT, 9)]
    return _sheet(name, _view(source, shown), [_pane("Text", encodings, tooltip, label)], caption=_AGE[language])


def _view(  # noqa: PLR0913, PLR0917 - what Tableau keeps of a view
    source: DataSource,
    uses: Sequence[str],
    filters: Sequence[Filter] = (),
    filtering: Sequence[Element] = (),
    sorting: Sequence[Element] = (),
    top: Top | None = None,
) -> Element:
    """Return what a sheet depends on, and its filters and sorts."""
    instances = [source.instance(pill) for pill in (*uses, *(one.pill for one in filters))]
    read = source.closure([*(instance.column.strip("[]") for instance in instances), *(fields_of(top.by) if top else ())])
    formulas = "\n".join([*source.formulas(read), top.parameter.ref if top else ""])
    parameters = [parameter for parameter in source.parameters if parameter.ref in formulas]
    sliced = [element("column", text=filtered.get("column")) for filtered in filtering]
    return element(
        "view",
        {},
        datasource_refs([source], parameters, on_sheet=True),
        *parameter_dependencies(parameters, on_sheet=True),
        dependencies(source, instances, read),
        *filtering,
        *sorting,
        *([element("slices", {}, *sliced)] if sliced else []),
        element("aggregation", {"value": "true"}),
    )


def _sheet(  # noqa: PLR0913, PLR0917 - what Tableau keeps of a sheet
    name: str,
    view: Element,
    panes: Sequence[Element],
    shelves: tuple[str, str] = ("", ""),
    title: Sequence[Element] = (),
    caption: str = "",
    *,
    align: str = "",
    rules: Sequence[Element] = (),
) -> Element:
    said = {"title": title, "caption": [run(caption)] if caption else []}
    options = [element(tag, {}, formatted(runs)) for tag, runs in said.items() if runs]
    titled = [element("layout-options", {}, *options)] if options else []
    style = element(
        "style",
        {},
        *rules,
        element(
            "style-rule",
            {"element": "cell"},
            element("format", {"attr": "text-align", "value": align or ("left" if title else "center")}),
        ),
        element(
            "style-rule",
            {"element": "worksheet"},
            element("format", {"attr": "display-field-labels", "scope": "cols", "value": "false"}),
            element("format", {"attr": "display-field-labels", "scope": "rows", "value": "false"}),
        ),
    )
    table = element(
        "table", {}, view, style, element("panes", {}, *panes), element("rows", text=shelves[0]), element("cols", text=shelves[1])
    )
    return element("worksheet", {"name": name}, *titled, table, element("simple-id", {"uuid": identifier("worksheet", name)}))


def _measure_names(sheet: Sheet, source: DataSource) -> list[Element]:
    if not sheet.values:
        return []
    members = [
        element("groupfilter", {"function": "member", "level": MEASURE_NAMES, "member": f'"{source.ref(pill)}"'}) for pill in sheet.values
    ]
    union = element("groupfilter", {"function": "union", f"{USER}op": "manual"}, *members)
    return [element("filter", {"class": "categorical", "column": source.qualified(MEASURE_NAMES)}, union)]


def _top(sheet: Sheet, source: DataSource) -> list[Element]:
    if sheet.top is None:
        return []
    everything = _everything(source.instance(sheet.top.field).name)
    ordered = element(
        "groupfilter", {"direction": "DESC", "expression": sheet.top.by, "function": "order", f"{USER}ui-marker": "order"}, everything
    )
    first = element(
        "groupfilter",
        {
            "count": sheet.top.parameter.ref,
            "end": "top",
            "function": "end",
            "units": "records",
            f"{USER}ui-marker": "end",
            f"{USER}ui-top-by-field": "true",
        },
        ordered,
    )
    return [element("filter", {"class": "categorical", "column": source.ref(sheet.top.field)}, first)]


def _without_null(sheet: Sheet, source: DataSource) -> list[Element]:
    if not sheet.without_null:
        return []
    column = source.ref(f"axis({sheet.without_null})")
    return [element("filter", {"class": "quantitative", "column": column, "included-values": "non-null"})]


def _filters(filters: Sequence[Filter], source: DataSource) -> list[Element]:
    return [
        element(
            "filter",
            {
                "class": "categorical",
                "column": source.ref(one.pill),
                **({"filter-group": str(one.group)} if one.group else {}),
                **({"context": "true"} if one.before else {}),
            },
            (_everything if one.group else _what_is_true)(source.instance(one.pill).name),
        )
        for one in filters
    ]


def _what_is_true(level: str) -> Element:
    shown = {f"{USER}ui-domain": "database", f"{USER}ui-enumeration": "inclusive", f"{USER}ui-marker": "enumerate"}
    return element("groupfilter", {"function": "member", "level": level, "member": "true", **shown})


def _everything(level: str) -> Element:
    attributes = {"function": "level-members", "level": level, f"{USER}ui-enumeration": "all", f"{USER}ui-marker": "enumerate"}
    return element("groupfilter", attributes)


def _sorts(sheet: Sheet, source: DataSource) -> Iterator[Element]:
    if sheet.values:
        yield _manual(source.qualified(MEASURE_NAMES), map(source.ref, sheet.values))
    for pill in (*sheet.rows, *sheet.cols):
        if pill not in {NAMES, VALUES} and (order := source.order(parsed(pill)[1])):
            yield _manual(source.ref(pill), order)
    if sheet.largest_first:
        column, using = map(source.ref, sheet.largest_first)
        yield element("computed-sort", {"column": column, "direction": "DESC", "using": using})


def _manual(column: str, values: Iterable[str]) -> Element:
    buckets = [element("bucket", text=f'"{value}"') for value in values]
    return element("manual-sort", {"column": column, "direction": "ASC"}, element("dictionary", {}, *buckets))


def _panes(sheet: Sheet, source: DataSource) -> list[Element]:
    if sheet.second_mark is None:
        base = _base(sheet, source, sheet.base) if sheet.base is not None else _level(sheet, source)
        told = _encodings(sheet, source), [*_tooltip(sheet, source)]
        return [_pane(sheet.mark, *told, coloured=bool(sheet.colour), labelled=bool(sheet.text), base=base)]
    measures = [pill for pill in sheet.rows if pill not in {NAMES, VALUES} and source.instance(pill).type == "quantitative"]
    second = replace(sheet, mark=sheet.second_mark)
    if sheet.colour_over:  # a line over bars is not as thick as these are long
        second = replace(second, colour=sheet.colour_over, size="")
    drawn = [
        _pane(one.mark, _encodings(one, source), [*_tooltip(sheet, source)], axis=source.ref(measure), number=number)
        for number, (one, measure) in enumerate(zip((sheet, second), measures, strict=True), start=1)
    ]
    return [_pane("Automatic", [] if sheet.colour_over else _encodings(sheet, source), [*_tooltip(sheet, source)]), *drawn]


def _encodings(sheet: Sheet, source: DataSource) -> list[Element]:
    return [
        *([element("color", {"column": source.ref(sheet.colour)})] if sheet.colour else []),
        *([element("size", {"column": source.ref(sheet.size)})] if sheet.size else []),
        *([element("text", {"column": source.ref(sheet.text)})] if sheet.text else []),
        *(element("lod", {"column": source.ref(pill)}) for pill in sheet.detail),
        *(element("tooltip", {"column": source.ref(pill)}) for pill in sheet.tooltip),
    ]


def _base(sheet: Sheet, source: DataSource, value: float) -> Element:
    """Return a line at a value of the axis on the rows; where several measures share that, Tableau names the first as well."""
    axis, measure = source.ref(sheet.rows[-1]), source.ref((*sheet.values, sheet.rows[-1])[0])
    told = {"axis-column": axis, "enable-instant-analytics": "true", "formula": "constant", "id": "refline0", "label-type": "none"}
    return element("reference-line", {**told, "scope": "per-table", "value": f"{value:.1f}", "value-column": measure, "z-order": "1"})


def _level(sheet: Sheet, source: DataSource) -> Element | None:
    """Return a line at the mean of what a pill is on the marks, across the one axis of the sheet."""
    if sheet.level is None:
        return None
    pill, words = sheet.level
    (axis,) = (
        shown for shown in (*sheet.rows, *sheet.cols) if source.instance(shown).type == "quantitative" and not shown.startswith("month(")
    )
    told = {"enable-instant-analytics": "true", "formula": "average", "id": "refline0", "label": words, "label-type": "custom"}
    where = {"axis-column": source.ref(axis), "probability": "95", "scope": "per-pane", "value-column": source.ref(pill), "z-order": "1"}
    return element("reference-line", {**told, **where})


def _pane(  # noqa: PLR0913 - what Tableau keeps of a pane
    mark: str,
    encodings: Sequence[Element],
    tooltip: Sequence[Element],
    label: Sequence[Element] = (),
    *,
    coloured: bool = True,
    labelled: bool = False,
    axis: str = "",
    number: int = 0,
    base: Element | None = None,
) -> Element:
    formats: Mapping[str, str] = {
        **({} if coloured else {"mark-color": WINE}),
        **({"mark-labels-show": "true", "mark-labels-cull": "true"} if labelled or label else {}),
    }
    style = [
        element(
            "style",
            {},
            element("style-rule", {"element": "mark"}, *(element("format", {"attr": key, "value": formats[key]}) for key in formats)),
        )
    ]
    return element(
        "pane",
        {"selection-relaxation-option": "selection-relaxation-allow", **({"id": str(number), "y-axis-name": axis} if axis else {})},
        element("view", {}, element("breakdown", {"value": "auto"})),
        element("mark", {"class": mark}),
        *([element("encodings", {}, *encodings)] if encodings else []),
        *([base] if base is not None else []),
        element("customized-tooltip", {}, formatted(tooltip)),
        *([element("customized-label", {}, formatted(label))] if label else []),
        *(style if formats else []),
    )


def _tooltip(sheet: Sheet, source: DataSource) -> Iterator[Element]:
    """Yield a line for everything on the sheet: its name, and its value in bold; where marks lie over others, for what both have."""
    found = dict.fromkeys([*sheet.cols, *sheet.tooltip]) if sheet.colour_over else pills(sheet)
    shown = [pill for pill in found if pill not in sheet.values] + ([NAMES, VALUES] if sheet.values else [])
    for place, pill in enumerate(shown):
        if place:
            yield run(_LINE_BREAK)
        if pill == VALUES:
            yield run(f"<{source.ref(VALUES)}>", INK, 9, bold=True)
        elif pill == NAMES:
            yield run(f"<{source.ref(NAMES)}>", SOFT, 9)
        else:
            yield from _line(source, pill)


def _line(source: DataSource, pill: str) -> Iterator[Element]:
    """Yield a line of a tooltip: a name, and its value in bold."""
    yield run(_NAMED[source.language].format(source.instance(pill).caption), SOFT, 9)
    yield run(f"<{source.ref(pill)}>", INK, 9, bold=True)


def run(text: str, colour: str = "", size: int = 0, *, bold: bool = False) -> Element:
    """Return a piece of text in one style."""
    attributes = {
        **({"bold": "true"} if bold else {}),
        **({"fontcolor": colour} if colour else {}),
        **({"fontsize": str(size)} if size else {}),
    }
    return element("run", attributes, text=text)


def _value(ref: str, colour: str, size: int, *, bold: bool = False) -> list[Element]:
    """Return a field's value in a label, in the three pieces that Tableau itself writes it in."""
    return [run(piece, colour, size, bold=bold) for piece in ("<", ref, ">")]


def formatted(runs: Sequence[Element]) -> Element:
    """Return text in pieces of different styles."""
    return element("formatted-text", {}, *runs)


def _shelf(shelf: Sequence[str], source: DataSource) -> str:
    """Return a shelf: what tells headers apart nested into each other, measures side by side, and these under each header."""
    measured = [pill == VALUES or (pill != NAMES and source.instance(pill).type == "quantitative") for pill in shelf]
    if measured != sorted(measured):
        message = f"a shelf holds measures behind its headers: {', '.join(shelf)}"
        raise ValueError(message)
    refs = [source.ref(pill) for pill in shelf]
    headers = refs[: measured.count(False)]
    return _joined(" * ", filter(None, (_joined(" / ", headers), _joined(" + ", refs[len(headers) :]))))


def _joined(sign: str, refs: Iterable[str]) -> str:
    *first, last = [*refs] or [""]
    for ref in reversed(first):
        last = f"({ref}{sign}{last})"
    return last
