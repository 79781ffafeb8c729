"""Finds what a sheet names and does not declare, and filters that keep something else than they say.

Belongs here: shelves, encodings, texts, filters, sorts. Never here: formulas (calculations.py).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import etree

from bottleneck_assets.render.tableau.gate.opened import BUILT_IN, OBJECT_ID, PART, name_of, qualified

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from bottleneck_assets.render.tableau.elements import Element
    from bottleneck_assets.render.tableau.gate.opened import Package

MAY_LAG = {"a text", "a measure"}
"""Where Tableau itself leaves the names of fields that are gone."""
_COUNTED_BY = {"count", "value-column", "source-field", "target-parameter", "expression"}
"""The attributes that may name a parameter outside a formula."""


def shelves(sheet: Element) -> Iterator[tuple[str, str]]:
    """Yield every place where a sheet names fields in full, and what it is called."""
    for shelf in ("rows", "cols", "pages"):
        yield f"the shelf {shelf}", sheet.findtext(f"table/{shelf}") or sheet.findtext(f"table/{shelf}/column") or ""
    for column in sheet.iterfind("table/view/slices/column"):
        yield "a slice", column.text or ""
    for encoding in sheet.iterfind(".//encodings/*"):
        yield f"the encoding {encoding.tag}", encoding.get("column", "")
    for tag, names in {
        "filter": ("column",),
        "computed-sort": ("column", "using"),
        "manual-sort": ("column",),
        "shelf-sort-v2": ("dimension-to-sort", "measure-to-sort-by"),
        "pane": ("x-axis-name", "y-axis-name"),
        "reference-line": ("axis-column", "value-column"),
        "table-calc": ("ordering-field",),
    }.items():
        yield from (("a " + tag, node.get(name, "")) for node in sheet.iterfind(f"table//{tag}") for name in names)
    for path in ("table/style/style-rule/format", "table/style/style-rule/encoding", "table/panes/pane/style/style-rule/format"):
        yield from (("a format", node.get("field", "")) for node in sheet.iterfind(path))
    for run in sheet.iterfind(".//run"):
        yield "a text", run.text or ""
    yield from (("a measure", node.get("member", "")) for node in sheet.iterfind(".//groupfilter[@level='[:Measure Names]']"))


def fields_in_texts_are_in_angle_brackets(package: Package) -> Iterator[str]:
    """A field that a label or a tooltip shows stands between < and >: without them its name is printed."""
    for sheet in package.sheets:
        for text in sheet.iter("customized-label", "customized-tooltip"):
            said = "".join(run.text or "" for run in text.iter("run"))
            for found in re.finditer(rf"{PART}\.{PART}", said):
                if not (said[: found.start()].endswith("<") and said[found.end() :].startswith(">")):
                    yield f"{name_of(sheet)} prints the name {found[0]}, which stands in no angle brackets"


def what_a_sheet_shows_is_declared(package: Package) -> Iterator[str]:
    """A field on a sheet is named through its data source, and declared by the sheet."""
    for sheet in package.sheets:
        view = sheet.find("table/view")
        if view is None:
            continue
        used = [reference.get("name", "") for reference in view.iterfind("datasources/datasource")]
        for name in used:
            if f"[{name}]" not in package.sources:
                yield f"{name_of(sheet)} reads {name}, which is no data source"
        declared = {
            (f"[{depends.get('datasource')}]", node.get("name", ""))
            for depends in view.iterfind("datasource-dependencies")
            for node in depends
            if node.tag in {"column-instance", "column"}
        }
        for depends in view.iterfind("datasource-dependencies"):
            if depends.get("datasource") not in {*used, "Parameters"}:
                yield f"{name_of(sheet)} depends on {depends.get('datasource')}, which is not among its data sources"
            columns = {column.get("name", "") for column in depends.iterfind("column")}
            source = package.sources.get(f"[{depends.get('datasource')}]")
            for instance in depends.iterfind("column-instance"):
                name = instance.get("column", "")
                if (
                    name not in columns
                    and (source is None or name not in source.groups)
                    and name not in BUILT_IN | {"[Forecast Indicator]"}
                ):
                    yield f"{name_of(sheet)} uses {name} without its column"
        for what, text in dict.fromkeys(shelves(sheet)):
            yield from _undeclared(package, sheet, what, text, declared)


def _undeclared(  # noqa: C901 - a line a rule
    package: Package, sheet: Element, what: str, text: str, declared: Collection[tuple[str, str]]
) -> Iterator[str]:
    for source, name in qualified(text):
        if source not in package.sources:
            if what != "a text":
                yield f"{what} of {name_of(sheet)} names {source}.{name}, whose data source there is not"
            continue
        known = package.sources[source]
        if source == "[Parameters]":
            if name not in known.columns:
                yield f"{what} of {name_of(sheet)} names the parameter {name}, which there is not"
        elif what not in MAY_LAG and ":" in name and name not in BUILT_IN and (source, name) not in declared and name not in known.groups:
            yield f"{name_of(sheet)} uses {source}.{name} without declaring it: the field is taken off"
    if what not in {"a text", "a table-calc"} and text.strip() and not qualified(text):
        yield f"{what} of {name_of(sheet)} names {text} without its data source"
    if what.startswith("the shelf"):
        bare = re.sub(rf"{PART}\.(?:{re.escape(OBJECT_ID)}\.)?{PART}", "", text)
        if bare.count("(") != bare.count(")"):
            yield f"{what} of {name_of(sheet)} does not close its brackets"
        if re.search(r"[^\s()+*/x]", bare):
            yield f"{what} of {name_of(sheet)} holds {bare.strip()}, which is no field"


def filters_say_what_they_keep(package: Package) -> Iterator[str]:  # noqa: C901, PLR0912 - a line a rule
    """A level is not qualified, a member is quoted as its type asks, a filter has what its kind needs."""
    groups: dict[str, set[str]] = {}
    for sheet in package.sheets:
        columns = {column.get("name", ""): column.get("datatype", "") for column in sheet.iterfind(".//datasource-dependencies/column")}
        sliced = {column.text for column in sheet.iterfind("table/view/slices/column")}
        declared = {one.get("name") for depends in sheet.iter("datasource-dependencies") for one in depends}
        for part in sheet.iterfind("table/view/filter//groupfilter"):
            if (level := part.get("level")) is not None and "].[" not in level and level not in declared and level not in BUILT_IN:
                yield f"a filter of {name_of(sheet)} goes by {level}, which is not declared"
        for part in sheet.iterfind("table/view/filter"):
            column = part.get("column", "")
            if (group := part.get("filter-group")) is not None:
                groups.setdefault(group, set()).add(column)
            if sliced and not qualified(column):
                yield f"a filter of {name_of(sheet)} names {column} without its data source"
            yield from _filtered(sheet, part)
        for part in sheet.iter("groupfilter"):
            level, member = part.get("level", ""), part.get("member")
            if "].[" in level and not level.startswith(OBJECT_ID):
                yield f"a filter of {name_of(sheet)} names the level {level} with its data source: it is dropped"
            if part.get("function") == "member" and (member is None or not level):
                yield f"a filter of {name_of(sheet)} keeps a member that it does not name"
            if member is None:
                continue
            field = re.fullmatch(r"\[(?:\w+:)+([^:]+):\w\w(?::\d+)?\]", level)
            datatype = columns.get(f"[{field[1]}]", "") if field else ""
            is_plain = field is not None and level.startswith(("[none:", "[attr:"))
            quoted = len(member) > 1 and member.startswith('"') and member.endswith('"')
            if is_plain and datatype == "string" and not quoted and member not in {"%null%", "%all%"} and not member.startswith("%"):
                yield f"a filter of {name_of(sheet)} has the member {member}, whose quotes do not fit its type: it is dropped"
            if is_plain and datatype in {"boolean", "integer", "real"} and quoted:
                yield f"a filter of {name_of(sheet)} has the member {member}, whose quotes do not fit its type: it is dropped"
            if level == "[:Measure Names]" and not quoted and qualified(member):
                yield f"a filter of {name_of(sheet)} has the member {member}, whose quotes do not fit its type: it is dropped"
            if level == "[:Measure Names]" and quoted and not qualified(member):
                yield f"a filter of {name_of(sheet)} names the measure {member} without its data source"


def _filtered(sheet: Element, part: Element) -> Iterator[str]:
    column = part.get("column", "")
    if part.get("class") == "categorical" and part.find("groupfilter") is None and ":" in column:  # a set says itself what it keeps
        yield f"the filter {column} of {name_of(sheet)} keeps nothing that it names"
    if part.get("class") == "quantitative":
        if part.get("included-values") is None:
            yield f"the filter {column} of {name_of(sheet)} does not say which values it includes"
        least, most = part.findtext("min"), part.findtext("max")
        try:
            if least is not None and most is not None and float(least) > float(most):
                yield f"the filter {column} of {name_of(sheet)} begins after its end"
        except ValueError:  # dates, which compare as they are written
            if least is not None and most is not None and least > most:
                yield f"the filter {column} of {name_of(sheet)} begins after its end"
    for first in part.iterfind(".//groupfilter[@function='end']"):
        if first.get("count") is None or first.get("end") is None:
            yield f"the filter {column} of {name_of(sheet)} does not say how many it keeps"
        elif not re.fullmatch(rf"\d+|\[Parameters\]\.{PART}", first.get("count", "")):
            yield f"the filter {column} of {name_of(sheet)} keeps {first.get('count')}, which is no number"


def parameters_of_filters_are_there(package: Package) -> Iterator[str]:
    """A filter, a reference line or a set counts by a parameter that there is."""
    parameters = package.sources.get("[Parameters]")
    known: Collection[str] = parameters.columns if parameters is not None else ()
    for node in package.root.iter(etree.Element):
        for text in (str(value) for name, value in node.attrib.items() if name in _COUNTED_BY):
            for source, parameter in qualified(text):
                if source == "[Parameters]" and parameter not in known:
                    yield f"{node.tag} counts by the parameter {parameter}, which there is not"
