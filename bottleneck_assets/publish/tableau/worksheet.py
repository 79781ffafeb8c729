"""Writes sheets as Tableau keeps them: what each depends on, its filters and sorts, its marks and its shelves.

Belongs here: the XML of one sheet, from its declaration and the fields of its data source. Never here: which sheets there are (sheets.py),
or where they stand on a dashboard (dashboard.py).

Every reference goes through a column instance, `[<derivation>:<field>:<kind>]`, which the sheet must declare, or Tableau takes the field
off it. A level of a filter is the one name that must not be qualified with its data source.
"""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bottleneck_assets.publish.tableau.declaration import NAMES, VALUES, Calculation, parsed, pills
from bottleneck_assets.publish.tableau.elements import USER, Element, element, identifier
from bottleneck_assets.publish.tableau.sheets import INK, PARAMETERS, SOFT, WINE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bottleneck_assets.publish.tableau.declaration import Card, Parameter, Sheet, Source, Top
    from bottleneck_assets.publish.tableau.fields import Field

MEASURE_NAMES = "[:Measure Names]"
_MULTIPLE_VALUES = "[Multiple Values]"
_DERIVATIONS = {
    "sum": "Sum",
    "avg": "Avg",
    "min": "Min",
    "max": "Max",
    "count": "Count",
    "countd": "CountD",
    "month": "Month-Trunc",
    "axis": "None",
}
_PREFIXES = {"count": "cnt", "countd": "ctd", "month": "tmn", "axis": "none"}
_KINDS = {"nominal": "nk", "ordinal": "ok", "quantitative": "qk"}
_LINE_BREAK = "\u00c6\n"
"""Tableau drops a run of white space alone; this is how it writes a line break itself."""


@dataclass(frozen=True)
class Instance:
    """One use of a field on a sheet."""

    column: str
    derivation: str
    name: str
    type: str
    caption: str
    over_table: bool = False


@dataclass(frozen=True)
class QuickFilter:
    """A filter that a dashboard shows: its pill, the number its sheets share, and whether it comes before what spans all rows."""

    pill: str
    group: int
    before: bool


class DataSource:
    """A data source that sheets read: its name in the workbook, its fields and calculations, and the ways to refer to them."""

    def __init__(self, source: Source, fields: Sequence[Field]) -> None:
        """Take a declared source and the fields of its table."""
        self.source = source
        self.fields = tuple(fields)
        self.name = f"federated.{source.name}"
        self._fields = {field.name: field for field in fields}
        self._calculations = {calculation.name: calculation for calculation in source.calculations}
        if both := self._fields.keys() & self._calculations.keys():
            message = f"{source.table} has columns that calculations hide: {', '.join(sorted(both))}"
            raise ValueError(message)

    def qualified(self, name: str) -> str:
        """Return a name in brackets with the data source before it."""
        return f"[{self.name}].{name}"

    def instance(self, pill: str) -> Instance:
        """Return what a pill stands for. Raises KeyError if the data source has no such field."""
        function, name = parsed(pill)
        calculation = self._calculations.get(name)
        caption = calculation.caption if calculation else self._fields[name].caption
        if calculation and calculation.over != "row":
            kind = "nominal" if calculation.datatype == "string" else "quantitative"
            return Instance(f"[{name}]", "User", f"[usr:{name}:{_KINDS[kind]}]", kind, caption, calculation.over == "table")
        if not function:
            kind = "nominal" if calculation else self._fields[name].type
            if kind == "quantitative":
                message = f"{pill} of {self.source.table} is a measure: say how it is summed up"
                raise ValueError(message)
            return Instance(f"[{name}]", "None", f"[none:{name}:{_KINDS[kind]}]", kind, caption)
        return Instance(f"[{name}]", _DERIVATIONS[function], f"[{_PREFIXES.get(function, function)}:{name}:qk]", "quantitative", caption)

    def ref(self, pill: str) -> str:
        """Return a pill as shelves, filters and encodings name it."""
        fixed = {NAMES: MEASURE_NAMES, VALUES: _MULTIPLE_VALUES}
        return self.qualified(fixed.get(pill) or self.instance(pill).name)

    def column(self, name: str) -> Element:
        """Return the definition of a field, as data source and sheets repeat it."""
        if (calculation := self._calculations.get(name)) is not None:
            return _calculated(calculation)
        field = self._fields[name]
        attributes = {
            "caption": field.caption,
            "datatype": field.datatype,
            "name": f"[{name}]",
            "role": field.role,
            "type": field.type,
            **({"default-format": field.format} if field.format else {}),
            **({"aggregation": field.aggregation} if field.role == "measure" and field.aggregation != "Sum" else {}),
        }
        return element("column", attributes)

    def closure(self, names: Iterable[str]) -> list[str]:
        """Return fields and all that their formulas read, in the order of the alphabet."""
        found, waiting = set[str](), list(names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(fields_of(self._calculations[name].formula) if name in self._calculations else ())
        return sorted(found)

    def formulas(self, names: Iterable[str]) -> Iterator[str]:
        """Yield the formulas among fields."""
        yield from (self._calculations[name].formula for name in names if name in self._calculations)

    def order(self, name: str) -> tuple[str, ...]:
        """Return the order of a field's values, if it has one of its own."""
        return self._calculations[name].order if name in self._calculations else ()


def fields_of(formula: str) -> list[str]:
    """Return the fields that a formula reads, parameters left out."""
    return re.findall(r"(?<!\.)\[(\w+)\](?!\.)", formula)


def _calculated(calculation: Calculation) -> Element:
    measure = calculation.datatype != "string" or calculation.over != "row"
    attributes = {
        "caption": calculation.caption,
        "datatype": calculation.datatype,
        "name": f"[{calculation.name}]",
        "role": "measure" if measure else "dimension",
        "type": "nominal" if calculation.datatype == "string" else "quantitative",
        **({"default-format": calculation.format} if calculation.format else {}),
    }
    along = [element("table-calc", {"ordering-type": "Rows"})] if calculation.over == "table" else []
    return element("column", attributes, element("calculation", {"class": "tableau", "formula": calculation.formula}, *along))


def instance_element(instance: Instance) -> Element:
    """Return a column instance, as sheets and dashboards declare what they use."""
    told = {"column": instance.column, "derivation": instance.derivation, "name": instance.name, "type": instance.type}
    along = [element("table-calc", {"ordering-type": "Rows"})] if instance.over_table else []
    return element("column-instance", {**told, "pivot": "key"}, *along)


def parameter_column(parameter: Parameter) -> Element:
    """Return the definition of a parameter."""
    return element(
        "column",
        {
            "caption": parameter.caption,
            "datatype": "integer",
            "name": f"[{parameter.name}]",
            "param-domain-type": "range",
            "role": "measure",
            "type": "quantitative",
            "value": str(parameter.default),
        },
        element("calculation", {"class": "tableau", "formula": str(parameter.default)}),
        element("range", {"granularity": str(parameter.step), "max": str(parameter.most), "min": str(parameter.least)}),
    )


def dependencies(source: DataSource, used: Iterable[Instance], read: Iterable[str] = ()) -> Element:
    """Return what is used of a data source: its columns, all that their formulas read, and then their instances."""
    instances = sorted(set(used), key=lambda instance: instance.name)
    columns = source.closure([*(instance.column.strip("[]") for instance in instances), *read])
    return element(
        "datasource-dependencies",
        {"datasource": source.name},
        *map(source.column, columns),
        *map(instance_element, instances),
    )


def parameter_dependencies(parameters: Sequence[Parameter]) -> list[Element]:
    """Return the parameters that are used, if any."""
    if not parameters:
        return []
    return [element("datasource-dependencies", {"datasource": "Parameters"}, *map(parameter_column, parameters))]


def datasource_refs(sources: Iterable[DataSource], parameters: Sequence[Parameter]) -> Element:
    """Return the list of data sources that a sheet or a dashboard reads."""
    given = [element("datasource", {"name": "Parameters"})] if parameters else []
    return element(
        "datasources", {}, *given, *(element("datasource", {"caption": source.source.caption, "name": source.name}) for source in sources)
    )


def worksheet(sheet: Sheet, source: DataSource, filters: Sequence[QuickFilter]) -> Element:
    """Return a chart or a table."""
    aside = [*([sheet.top.field] if sheet.top else []), *([f"axis({sheet.without_null})"] if sheet.without_null else [])]
    found = [*_measure_names(sheet, source), *_top(sheet, source), *_without_null(sheet, source), *_quick(filters, source)]
    view = _view(source, [*pills(sheet), *aside], filters, found, [*_sorts(sheet, source)], sheet.top)
    return _sheet(sheet.name, view, _panes(sheet, source), (_shelf(sheet.rows, source), _shelf(sheet.cols, source)), sheet.name)


def card(name: str, declared: Card, source: DataSource, filters: Sequence[QuickFilter]) -> Element:
    """Return a figure: its label, itself in large, and its note."""
    view = _view(source, [declared.value], filters, _quick(filters, source))
    ref = source.ref(declared.value)
    label = [run(declared.label, SOFT, 9), run(_LINE_BREAK), *_value(ref, WINE, 18, bold=True)]
    label += [run(_LINE_BREAK), run(declared.note, SOFT, 8)] if declared.note else []
    tooltip = [run(f"{declared.label}: ", SOFT, 9), run(f"<{ref}>", INK, 9, bold=True)]
    return _sheet(name, view, [_pane("Text", [element("text", {"column": ref})], tooltip, label)])


def as_of(name: str, source: DataSource) -> Element:
    """Return the line on the data's age, which a click takes to where the data is made anew."""
    when, period = source.ref("data_as_of"), source.ref("period")
    label = [
        run("Data as of ", INK, 9, bold=True),
        *_value(when, INK, 9, bold=True),
        run(_LINE_BREAK),
        *_value(period, SOFT, 8),
        run(". Click to refresh the data.", SOFT, 8),
    ]
    encodings = [element("text", {"column": when}), element("lod", {"column": period})]
    tooltip = [run("Opens the portal, where the data is refreshed.", SOFT, 9)]
    return _sheet(name, _view(source, ["data_as_of", "period"]), [_pane("Text", encodings, tooltip, label)])


def _view(  # noqa: PLR0913, PLR0917 - what Tableau keeps of a view
    source: DataSource,
    uses: Sequence[str],
    filters: Sequence[QuickFilter] = (),
    filtering: Sequence[Element] = (),
    sorting: Sequence[Element] = (),
    top: Top | None = None,
) -> Element:
    """Return what a sheet depends on, and its filters and sorts."""
    instances = [source.instance(pill) for pill in (*uses, *(quick.pill for quick in filters))]
    read = source.closure([*(instance.column.strip("[]") for instance in instances), *(fields_of(top.by) if top else ())])
    formulas = "\n".join([*source.formulas(read), top.parameter.ref if top else ""])
    parameters = [parameter for parameter in PARAMETERS if parameter.ref in formulas]
    sliced = [element("column", text=filtered.get("column")) for filtered in filtering]
    return element(
        "view",
        {},
        datasource_refs([source], parameters),
        *parameter_dependencies(parameters),
        dependencies(source, instances, read),
        *filtering,
        *sorting,
        *([element("slices", {}, *sliced)] if sliced else []),
        element("aggregation", {"value": "true"}),
    )


def _sheet(name: str, view: Element, panes: Sequence[Element], shelves: tuple[str, str] = ("", ""), title: str = "") -> Element:
    titled = [element("layout-options", {}, element("title", {}, formatted([run(title, INK, 11, bold=True)])))] if title else []
    style = element(
        "style",
        {},
        element("style-rule", {"element": "cell"}, element("format", {"attr": "text-align", "value": "left" if title else "center"})),
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


def _quick(filters: Sequence[QuickFilter], source: DataSource) -> list[Element]:
    return [
        element(
            "filter",
            {
                "class": "categorical",
                "column": source.ref(quick.pill),
                "filter-group": str(quick.group),
                **({"context": "true"} if quick.before else {}),
            },
            _everything(source.instance(quick.pill).name),
        )
        for quick in filters
    ]


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
    encodings = [
        *([element("color", {"column": source.ref(sheet.colour)})] if sheet.colour else []),
        *([element("size", {"column": source.ref(sheet.size)})] if sheet.size else []),
        *([element("text", {"column": source.ref(sheet.text)})] if sheet.text else []),
        *(element("lod", {"column": source.ref(pill)}) for pill in sheet.detail),
        *(element("tooltip", {"column": source.ref(pill)}) for pill in sheet.tooltip),
    ]
    tooltip = list(_tooltip(sheet, source))
    if sheet.second_mark is None:
        return [_pane(sheet.mark, encodings, tooltip, coloured=bool(sheet.colour), labelled=bool(sheet.text))]
    measures = [pill for pill in sheet.rows if pill not in {NAMES, VALUES} and source.instance(pill).type == "quantitative"]
    marks = (sheet.mark, sheet.second_mark)
    drawn = [
        _pane(mark, deepcopy(encodings), deepcopy(tooltip), axis=source.ref(measure), number=number)
        for number, (mark, measure) in enumerate(zip(marks, measures, strict=True), start=1)
    ]
    return [_pane("Automatic", encodings, tooltip), *drawn]


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
        element("customized-tooltip", {}, formatted(tooltip)),
        *([element("customized-label", {}, formatted(label))] if label else []),
        *(style if formats else []),
    )


def _tooltip(sheet: Sheet, source: DataSource) -> Iterator[Element]:
    """Yield a line for everything on the sheet: its name, and its value in bold."""
    shown = [pill for pill in pills(sheet) if pill not in sheet.values] + ([NAMES, VALUES] if sheet.values else [])
    for place, pill in enumerate(shown):
        if place:
            yield run(_LINE_BREAK)
        if pill == VALUES:
            yield run(f"<{source.ref(VALUES)}>", INK, 9, bold=True)
        elif pill == NAMES:
            yield run(f"<{source.ref(NAMES)}>", SOFT, 9)
        else:
            yield run(f"{source.instance(pill).caption}: ", SOFT, 9)
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
    """Return a shelf: what tells headers apart nested into each other, measures side by side."""
    refs = [source.ref(pill) for pill in shelf]
    measures = [pill == VALUES or (pill != NAMES and source.instance(pill).type == "quantitative") for pill in shelf]
    if any(measures) and not all(measures):
        message = f"a shelf holds headers or measures: {', '.join(shelf)}"
        raise ValueError(message)
    if not refs:
        return ""
    sign = " + " if all(measures) else " / "
    joined = refs[-1]
    for ref in reversed(refs[:-1]):
        joined = f"({ref}{sign}{joined})"
    return joined
