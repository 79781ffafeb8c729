"""Finds in a packaged workbook what would make Tableau refuse it, crash on it, or show something else without a word.

Belongs here: one check for each trap that is known, most of which Tableau's published schemas do not see. Never here: how a workbook is
made. The checks read the finished package alone, as Tableau does, and know nothing of the declarations behind it.

They run on every package before it takes its place, not in tests alone: nothing unsound is ever published, whichever library wrote it.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from zipfile import ZipFile

from lxml import etree

from bottleneck_assets.render.tableau.elements import USER_NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from bottleneck_assets.render.tableau.elements import Element

GRID = 100_000
_OBJECT_MODEL = ("ObjectModelEncapsulateLegacy", "ObjectModelTableType", "SchemaViewerObjectModel")
_FEATURES: Mapping[str, Sequence[str]] = {
    "object-graph": _OBJECT_MODEL,
    "computed-sort": ("SortTagCleanup",),
    "manual-sort": ("SortTagCleanup",),
    "edit-parameter-action": ("ParameterAction",),
    "button": ("BasicButtonObject", "BasicButtonObjectTextSupport"),
}
"""Elements that Tableau refuses unless the manifest names their feature."""
_ORDERS: Mapping[str, Sequence[str]] = {
    "workbook": (
        "document-format-change-manifest", "preferences", "datasources", "actions", "worksheets", "dashboards", "windows",
    ),
    "datasource": (
        "connection", "aliases", "column", "column-instance", "extract", "layout", "style", "object-graph",
    ),
    "datasource-dependencies": ("column", "column-instance"),
    "view": (
        "datasources", "datasource-dependencies", "filter", "manual-sort", "computed-sort", "slices", "aggregation",
    ),
    "pane": ("view", "mark", "encodings", "customized-tooltip", "customized-label", "style"),
    "zone": ("formatted-text", "zone", "button", "zone-style"),
}  # fmt: skip
"""The order of children, wherever these stand: another one is refused."""
_MARKS = {"Automatic", "Area", "Bar", "Circle", "GanttBar", "Line", "Pie", "Shape", "Square", "Text"}
_ZONES = {"layout-basic", "layout-flow", "text", "title", "empty", "filter", "paramctrl", "color", "bitmap", "dashboard-object"}
_COMMANDS = {"tsc:tsl-filter", "tsc:brush"}
_REMOTE_TYPES: Mapping[str, Collection[str]] = {
    "string": {"129"}, "integer": {"3", "20"}, "real": {"5", "131"}, "date": {"133"}, "datetime": {"135"}, "boolean": {"11"},
}  # fmt: skip
_PREFIXES = {
    "None": "none", "Sum": "sum", "Avg": "avg", "Min": "min", "Max": "max", "Count": "cnt", "CountD": "ctd", "User": "usr",
    "Month-Trunc": "tmn",
}  # fmt: skip
_KINDS = {"nominal": "nk", "ordinal": "ok", "quantitative": "qk"}
_BUILT_IN = {"[:Measure Names]", "[Multiple Values]"}
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_BUILD = re.compile(r"\d{4}\.\d+\.\d+ \(\d{5}\.\d{2}\.\d{4}\.\d{4}\)")
_SIMPLE_ID = re.compile(r"\{[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\}")
_REFERENCE = re.compile(r"\[([^\[\]]+)\]\.\[([^\[\]]+)\]")
_FIELD = re.compile(r"(?<!\.)\[[^\[\]]+\](?!\.)")
_AGGREGATES = re.compile(r"\b(?:SUM|AVG|MIN|MAX|COUNT|COUNTD|RUNNING_SUM)\(")
_LEVEL_OF_DETAIL = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True)
class Package:
    """What is looked at: the workbook, the names of all files, the headers of the CSVs, and whether extracts are read directly."""

    workbook: bytes
    names: Sequence[str]
    headers: Mapping[str, Sequence[str]]
    live: bool

    @cached_property
    def root(self) -> Element:
        """The workbook as a tree."""
        return etree.fromstring(self.workbook)


def findings(package: Path, *, live: bool) -> list[str]:
    """Return what is wrong with a package; nothing, if it is sound."""
    with ZipFile(package) as packed:
        names = packed.namelist()
        workbooks = [name for name in names if name.endswith(".twb")]
        if len(workbooks) != 1 or "/" in workbooks[0]:
            return [f"there is not one workbook at the root, but {', '.join(workbooks) or 'none'}"]
        headers = {name: _header(packed.read(name)) for name in names if name.endswith(".csv")}
        return faults(Package(packed.read(workbooks[0]), names, headers, live))


def faults(package: Package) -> list[str]:
    """Return what is wrong with a workbook in its package."""
    return [fault for check in CHECKS for fault in check(package)]


def _header(content: bytes) -> list[str]:
    return next(csv.reader(io.StringIO(content.decode("utf-8"))), list[str]())


def _name(node: Element) -> str:
    return node.get("name") or node.get("caption") or node.tag


def _sheets(root: Element) -> Iterator[Element]:
    yield from root.iterfind("worksheets/worksheet")


def _dashboards(root: Element) -> Iterator[Element]:
    yield from root.iterfind("dashboards/dashboard")


def _sources(root: Element) -> list[Element]:
    return [source for source in root.iterfind("datasources/datasource") if source.get("name") != "Parameters"]


# --- What Tableau refuses to load -----------------------------------------------------------------------------------------


def _features_are_declared(package: Package) -> Iterator[str]:
    manifest = package.root.find("document-format-change-manifest")
    declared = {feature.tag for feature in manifest} if manifest is not None else set[str]()
    if "ManifestByVersion" in declared:
        yield "the manifest goes by version, which Desktop 2026.1 is said to refuse"
    for tag, features in _FEATURES.items():
        if package.root.find(f".//{tag}") is not None and (missing := [feature for feature in features if feature not in declared]):
            yield f"{tag} is used, and the manifest lacks {', '.join(missing)}"
    if package.root.find(".//zone[@friendly-name]") is not None and "ZoneFriendlyName" not in declared:
        yield "a zone has a friendly name, and the manifest lacks ZoneFriendlyName"


def _children_are_in_order(package: Package) -> Iterator[str]:
    for tag, order in _ORDERS.items():
        place = {child: number for number, child in enumerate(order)}
        for node in package.root.iter(tag):
            children = [place[child.tag] for child in node if child.tag in place]
            if children != sorted(children):
                yield f"the children of {tag} {_name(node)} are out of order"


def _header_is_whole(package: Package) -> Iterator[str]:
    root = package.root
    if root.nsmap.get("user") != USER_NAMESPACE or None in root.nsmap:
        yield "the root does not declare the namespace user, or declares one for all"
    if not _BUILD.fullmatch(root.get("source-build", "")):
        yield f"source-build {root.get('source-build')!r} is not a whole build: the file is read as an older format"
    if root.get("version") != "18.1":
        yield f"version {root.get('version')} shuts older Desktops out"
    for tag in ("devicelayouts", "datagraph"):
        if root.find(f".//{tag}") is not None:
            yield f"{tag} is often refused when it was not written by Tableau"


def _everything_has_its_identifier(package: Package) -> Iterator[str]:
    seen = set[str]()
    for path in ("worksheets/worksheet", "dashboards/dashboard", "windows/window"):
        for node in package.root.iterfind(path):
            identifier = node.find("simple-id")
            uuid = identifier.get("uuid", "") if identifier is not None else ""
            if not _SIMPLE_ID.fullmatch(uuid):
                yield f"{node.tag} {_name(node)} has no simple-id in braces and capitals"
            elif uuid in seen:
                yield f"{node.tag} {_name(node)} has another's simple-id"
            seen.add(uuid)


def _values_are_tableaus_own(package: Package) -> Iterator[str]:
    for column in package.root.iterfind(".//column[@param-domain-type]"):
        if column.get("param-domain-type") not in {"any", "list", "range"}:
            yield f"parameter {_name(column)} has the domain {column.get('param-domain-type')}"
    for mark in package.root.iter("mark"):
        if mark.get("class") not in _MARKS:
            yield f"mark {mark.get('class')} is none of Tableau's"
    colours = [node.get("fontcolor", "") for node in package.root.iterfind(".//*[@fontcolor]")]
    colours += [node.get("value", "") for node in package.root.iter("format") if node.get("attr", "").endswith("color")]
    colours += [node.get("to", "") for node in package.root.iter("map")]
    colours += [node.text or "" for node in package.root.iterfind(".//color-palette/color")]
    yield from (f"colour {colour!r} is not written #RRGGBB" for colour in colours if not _COLOUR.fullmatch(colour))


def _names_are_unique(package: Package) -> Iterator[str]:
    for path in ("worksheets/worksheet", "dashboards/dashboard", "datasources/datasource", "actions/action"):
        names = [node.get("name", "") for node in package.root.iterfind(path)]
        yield from (f"two of {path} are called {name}" for name in sorted({name for name in names if names.count(name) > 1}))


# --- What makes it crash ----------------------------------------------------------------------------------------------------


def _sources_have_their_object_graph(package: Package) -> Iterator[str]:
    for source in _sources(package.root):
        relation = source.find("connection/relation")
        graph = source.find("object-graph")
        if relation is None:
            yield f"{_name(source)} has no relation"
            continue
        if graph is None:
            yield f"{_name(source)} has a relation and no object-graph: Tableau crashes on its page"
            continue
        contexts = {properties.get("context"): properties.find("relation") for properties in graph.iter("properties")}
        repeated = contexts.get("")
        if repeated is None or _canonical(repeated) != _canonical(relation):
            yield f"the object-graph of {_name(source)} does not repeat its relation"
        identifier = next((described.get("id") for described in graph.iterfind("objects/object")), None)
        records = {record.findtext("object-id") for record in source.iter("metadata-record")}
        if records != {f"[{identifier}]"}:
            yield f"the metadata of {_name(source)} belong to another object than its object-graph's"


def _canonical(node: Element) -> str:
    whole = etree.fromstring(etree.tostring(node, with_tail=False), etree.XMLParser(remove_blank_text=True))
    return etree.tostring(whole, method="c14n").decode()


def _windows_and_viewpoints_are_there(package: Package) -> Iterator[str]:
    windows = {(window.get("class"), window.get("name")): window for window in package.root.iterfind("windows/window")}
    sheets = {sheet.get("name") for sheet in _sheets(package.root)}
    yield from (f"worksheet {name} has no window" for name in sheets if ("worksheet", name) not in windows)
    for dashboard in _dashboards(package.root):
        window = windows.get(("dashboard", dashboard.get("name")))
        if window is None:
            yield f"dashboard {_name(dashboard)} has no window"
            continue
        seen = {viewpoint.get("name") for viewpoint in window.iterfind("viewpoints/viewpoint")}
        shown = {zone.get("name") for zone in dashboard.iter("zone") if zone.get("name") and not zone.get("type-v2")}
        yield from (f"{name} is on {_name(dashboard)}, and its window has no viewpoint for it" for name in sorted(shown - seen, key=str))
        yield from (f"{_name(dashboard)} shows {name}, which is no worksheet" for name in sorted(shown - sheets, key=str))


# --- What it drops or computes otherwise without a word ------------------------------------------------------------------------


def _fields(node: Element) -> dict[str, dict[str, Element]]:
    """Return the columns that a sheet or a dashboard depends on, by data source and name."""
    return {
        depends.get("datasource", ""): {column.get("name", ""): column for column in depends.iterfind("column")}
        for depends in node.iter("datasource-dependencies")
    }


def _references(sheet: Element) -> Iterator[str]:
    """Yield every place where a sheet names a field through its data source."""
    yield from (sheet.findtext(f"table/{shelf}") or "" for shelf in ("rows", "cols"))
    yield from (node.text or "" for node in sheet.iterfind(".//slices/column"))
    yield from (node.text or "" for node in sheet.iter("run"))
    for node in sheet.iterfind(".//encodings/*"):
        yield node.get("column", "")
    for tag, names in {
        "filter": ("column",),
        "computed-sort": ("column", "using"),
        "manual-sort": ("column",),
        "pane": ("y-axis-name",),
    }.items():
        yield from (node.get(name, "") for node in sheet.iter(tag) for name in names)
    yield from (node.get("member", "") for node in sheet.iterfind(".//groupfilter[@level='[:Measure Names]']"))


def _what_is_used_is_declared(package: Package) -> Iterator[str]:
    for sheet in _sheets(package.root):
        declared = {
            (depends.get("datasource", ""), instance.get("name", ""))
            for depends in sheet.iter("datasource-dependencies")
            for instance in depends.iterfind("column-instance")
        }
        for reference in dict.fromkeys(_references(sheet)):
            for source, name in _REFERENCE.findall(reference):
                if source != "Parameters" and f"[{name}]" not in _BUILT_IN and (source, f"[{name}]") not in declared:
                    yield f"{_name(sheet)} uses [{source}].[{name}] without declaring it: the field is taken off"
        columns = _fields(sheet)
        for depends in sheet.iter("datasource-dependencies"):
            known = columns[depends.get("datasource", "")]
            for instance in depends.iterfind("column-instance"):
                if instance.get("column") not in known:
                    yield f"{_name(sheet)} uses {instance.get('column')} without its column"
        used = {reference.get("name") for reference in sheet.iterfind("table/view/datasources/datasource")}
        yield from (f"{_name(sheet)} depends on {name}, which is not among its data sources" for name in columns if name not in used)


def _formulas_read_what_there_is(package: Package) -> Iterator[str]:
    parameters = _parameters(package.root)
    for source in _sources(package.root):
        known = {column.get("name", "") for column in source.iterfind("column")}
        for column in source.iterfind("column"):
            for name in _read(column):
                if name in parameters:
                    yield f"the formula of {_name(column)} names {name} without [Parameters]: an error"
                elif name not in known:
                    yield f"the formula of {_name(column)} reads {name}, which {_name(source)} has not"
            unknown = [name for name in _parameters_read(column) if name not in parameters]
            yield from (f"the formula of {_name(column)} reads parameter {name}, which there is not" for name in unknown)


def _what_formulas_read_is_declared(package: Package) -> Iterator[str]:
    for sheet in _sheets(package.root):
        columns = _fields(sheet)
        for source, known in columns.items():
            for column in known.values():
                undeclared = [name for name in _read(column) if name not in known]
                undeclared += [name for name in _parameters_read(column) if name not in columns.get("Parameters", {})]
                yield from (f"{_name(sheet)} computes {_name(column)} from {name} without declaring it in {source}" for name in undeclared)


def _parameters(root: Element) -> set[str]:
    return {column.get("name", "") for column in root.iterfind("datasources/datasource[@name='Parameters']/column")}


def _read(column: Element) -> list[str]:
    """Return the fields that a column's formula reads."""
    return _FIELD.findall(_formula(column))


def _parameters_read(column: Element) -> list[str]:
    return re.findall(r"\[Parameters\]\.(\[[^\[\]]+\])", _formula(column))


def _formula(column: Element) -> str:
    calculation = column.find("calculation")
    return calculation.get("formula", "") if calculation is not None else ""


def _instances_say_what_they_are(package: Package) -> Iterator[str]:
    for depends in [*package.root.iter("datasource-dependencies"), *_sources(package.root)]:
        columns = {column.get("name", ""): column for column in depends.iterfind("column")}
        for instance in depends.iterfind("column-instance"):
            name, derivation = instance.get("column", ""), instance.get("derivation", "")
            column = columns.get(name)
            if column is None:
                continue
            expected = f"[{_PREFIXES.get(derivation, derivation)}:{name.strip('[]')}:{_KINDS.get(instance.get('type', ''), '')}]"
            if instance.get("name") != expected:
                yield f"instance {instance.get('name')} of {name} should be called {expected}"
            aggregates = _sums_up(column, columns)
            if aggregates != (derivation == "User"):
                yield f"{name} has the derivation {derivation}: what its formula sums up is summed up again, or not at all"
            along = column.find("calculation/table-calc")
            if (along is None) != (instance.find("table-calc") is None):
                yield f"instance {instance.get('name')} does not say along what its table calculation runs"


def _sums_up(column: Element, columns: Mapping[str, Element]) -> bool:
    """Whether a column's formula sums up the rows of a mark, by itself or through another; what is FIXED does not."""
    outside = _LEVEL_OF_DETAIL.sub("", _formula(column))
    return bool(_AGGREGATES.search(outside)) or any(_sums_up(columns[name], columns) for name in _FIELD.findall(outside) if name in columns)


def _filters_are_kept(package: Package) -> Iterator[str]:
    for sheet in _sheets(package.root):
        columns = {name: column for known in _fields(sheet).values() for name, column in known.items()}
        for part in sheet.iter("groupfilter"):
            level, member = part.get("level", ""), part.get("member")
            if "].[" in level:
                yield f"a filter of {_name(sheet)} names the level {level} with its data source: it is dropped"
            if member is None:
                continue
            field = f"[{level.strip('[]').split(':')[1]}]" if level.count(":") > 1 else level
            datatype = "string" if level == "[:Measure Names]" else columns[field].get("datatype") if field in columns else "string"
            quoted = member.startswith('"') and member.endswith('"')
            if quoted != (datatype == "string"):
                yield f"a filter of {_name(sheet)} has the member {member}, whose quotes do not fit its type: it is dropped"
            if level == "[:Measure Names]" and not _REFERENCE.fullmatch(member.strip('"')):
                yield f"a filter of {_name(sheet)} names the measure {member} without its data source"


def _sorts_and_slices_are_whole(package: Package) -> Iterator[str]:
    for sheet in _sheets(package.root):
        sliced = {column.text for column in sheet.iterfind(".//slices/column")}
        for part in sheet.iterfind("table/view/filter"):
            if part.get("column") not in sliced:
                yield f"{_name(sheet)} filters by {part.get('column')}, which is not among its slices"
        for part in [*sheet.iter("computed-sort"), *sheet.iter("manual-sort")]:
            for name in ("column", "using"):
                if (reference := part.get(name)) is not None and not _REFERENCE.fullmatch(reference):
                    yield f"a sort of {_name(sheet)} names {reference} without its data source"


def _colours_are_kept(package: Package) -> Iterator[str]:
    for source in _sources(package.root):
        instances = {instance.get("name") for instance in source.iterfind("column-instance")}
        aliases = source.find("aliases")
        has_records = source.find("connection/metadata-records/metadata-record") is not None
        for encoding in source.iterfind("style/style-rule/encoding[@attr='color']"):
            if encoding.get("field") not in instances | _BUILT_IN or aliases is None or aliases.get("enabled") != "yes" or not has_records:
                yield f"the colours of {encoding.get('field')} in {_name(source)} are ignored: no instance, aliases or metadata"


def _types_fit(package: Package) -> Iterator[str]:
    for source in _sources(package.root):
        columns = {column.get("name"): column for column in source.iterfind("column")}
        for record in source.iter("metadata-record"):
            name, local = record.findtext("local-name", ""), record.findtext("local-type", "")
            if record.findtext("remote-type") not in _REMOTE_TYPES.get(local, ()):
                yield f"{name} of {_name(source)} is {local} of remote type {record.findtext('remote-type')}"
            if name not in columns or columns[name].get("datatype") != local:
                yield f"{name} of {_name(source)} is {local} in its metadata and another thing as a column"
        for column in columns.values():
            name = (column.get("name") or "")[1:-1]
            if column.get("datatype") != "table" and column.get("name") not in _BUILT_IN and re.search(r'[\[\].:"]', name):
                yield f"field {name} of {_name(source)} has a character in its name that references part by"


# --- Actions, dashboards, navigation ------------------------------------------------------------------------------------------


def _actions_do_something(package: Package) -> Iterator[str]:
    shown = {dashboard.get("name"): {zone.get("name") for zone in dashboard.iter("zone")} for dashboard in _dashboards(package.root)}
    for action in package.root.iterfind("actions/action"):
        source, command, link = action.find("source"), action.find("command"), action.find("link")
        if source is None or source.get("worksheet") not in shown.get(source.get("dashboard"), ()):
            yield f"action {_name(action)} starts from a sheet that its dashboard does not show"
        # a filter that hands over chosen fields has both: the link is then one within Tableau
        if (link is None and command is None) or (link is not None and (command is None) == link.get("expression", "").startswith("tsl:")):
            yield f"action {_name(action)} is neither a command nor a link"
        if command is not None:
            if command.get("command") not in _COMMANDS:
                yield f"action {_name(action)} has the command {command.get('command')}"
            told = {param.get("name"): param.get("value", "") for param in command.iterfind("param")}
            if told.get("target") not in shown:
                yield f"action {_name(action)} has the target {told.get('target')}, which is no dashboard"
            elif unknown := [name for name in told.get("exclude", "").split(",") if name and name not in shown[told["target"]]]:
                yield f"action {_name(action)} leaves out {', '.join(unknown)}, which {told['target']} does not show"


def _links_are_written_right(package: Package) -> Iterator[str]:
    for action in package.root.iterfind("actions/action[link]"):
        for expression in (link.get("expression", "") for link in action.iterfind("link")):
            if not re.match(r"https?://|tsl:", expression):
                yield f"action {_name(action)} leads to {expression!r}"
            for token in re.findall(r"<[^>]*>", expression):
                if not re.fullmatch(r"<\[[^\[\]]+\]\.\[[a-z]+:[^\[\]]+:[noq]k\]~na>", token):
                    yield f"action {_name(action)} hands over {token}, which is no field as links write it"


def _buttons_lead_somewhere(package: Package) -> Iterator[str]:
    windows = {identifier.get("uuid") for identifier in package.root.iterfind("windows/window/simple-id")}
    for button in package.root.iter("button"):
        found = re.fullmatch(r'tabdoc:goto-sheet window-id="(\{[^"]+\})"', button.get("action", ""))
        if found is None or found[1] not in windows:
            yield f"button {button.findtext('.//caption')} leads to no window"


def _zones_are_in_place(package: Package) -> Iterator[str]:
    for dashboard in _dashboards(package.root):
        zones = list(dashboard.iter("zone"))
        identifiers = [zone.get("id") for zone in zones]
        yield from (
            f"{_name(dashboard)} has two zones {one}" for one in sorted({one or "" for one in identifiers if identifiers.count(one) > 1})
        )
        for zone in zones:
            kind = zone.get("type-v2")
            if zone.get("type") is not None or (kind is not None and kind not in _ZONES) or (kind is None and not zone.get("name")):
                yield f"zone {zone.get('id')} of {_name(dashboard)} is of no kind: {zone.get('type') or kind}"
            x, y, w, h = _rectangle(zone)
            parent = zone.getparent()
            px, py, pw, ph = _rectangle(parent) if parent is not None and parent.tag == "zone" else (0, 0, GRID, GRID)
            if w <= 0 or h <= 0 or x < px or y < py or x + w > px + pw or y + h > py + ph:
                yield f"zone {zone.get('id')} of {_name(dashboard)} does not lie in what holds it"
        leaves = [zone for zone in zones if zone.find("zone") is None]
        for place, one in enumerate(leaves):
            yield from (
                f"zones {one.get('id')} and {other.get('id')} of {_name(dashboard)} overlap"
                for other in leaves[place + 1 :]
                if _overlap(one, other)
            )


def _rectangle(zone: Element) -> tuple[int, int, int, int]:
    x, y, w, h = (int(zone.get(name, "0")) for name in "xywh")
    return x, y, w, h


def _overlap(one: Element, other: Element) -> bool:
    (x, y, w, h), (ox, oy, ow, oh) = _rectangle(one), _rectangle(other)
    return x < ox + ow and ox < x + w and y < oy + oh and oy < y + h


def _controls_belong_to_sheets(package: Package) -> Iterator[str]:
    sheets = {sheet.get("name"): sheet for sheet in _sheets(package.root)}
    parameters = _parameters(package.root)
    for dashboard in _dashboards(package.root):
        declared = {
            f"[{depends.get('datasource')}].{instance.get('name')}"
            for depends in dashboard.iterfind("datasource-dependencies")
            for instance in depends.iterfind("column-instance")
        }
        for zone in dashboard.iter("zone"):
            kind, param, sheet = zone.get("type-v2"), zone.get("param", ""), sheets.get(zone.get("name"))
            if kind == "paramctrl" and param.removeprefix("[Parameters].") not in parameters:
                yield f"{_name(dashboard)} offers the parameter {param}, which there is not"
            if kind in {"filter", "color"} and sheet is None:
                yield f"{_name(dashboard)} offers {param} of {zone.get('name')}, which is no sheet"
            elif kind == "filter" and sheet is not None and sheet.find(f".//filter[@column='{param}']") is None:
                yield f"{_name(dashboard)} offers the filter {param}, which {_name(sheet)} has not"
            elif kind == "color" and sheet is not None and sheet.find(f".//encodings/color[@column='{param}']") is None:
                yield f"{_name(dashboard)} offers the legend {param}, which {_name(sheet)} has not"
            if kind in {"filter", "color"} and param not in declared and not param.endswith("[:Measure Names]"):
                yield f"{_name(dashboard)} offers {param} without declaring it"
            if kind is None and sheet is not None and zone.get("show-title") != "false" and sheet.find("layout-options/title") is None:
                yield f"{_name(sheet)} says its own name, and {_name(dashboard)} would say it twice"


# --- The package --------------------------------------------------------------------------------------------------------------


def _files_are_where_they_are_said_to_be(package: Package) -> Iterator[str]:
    if strange := [
        name for name in package.names if "\\" in name or name.startswith("/") or ".." in name.split("/") or re.match(r"\w:", name)
    ]:
        yield f"paths in the package are not relative with forward slashes: {', '.join(strange)}"
    for connection in package.root.iter("connection"):
        kind = connection.get("class")
        if kind not in {"textscan", "hyper"}:
            continue
        path = f"{connection.get('directory')}/{connection.get('filename')}" if kind == "textscan" else connection.get("dbname", "")
        if not path.startswith("Data/") or path not in package.names:
            yield f"{path} is read, and not in the package"
    for source in _sources(package.root):
        relation, connection = source.find("connection/relation"), source.find("connection/named-connections/named-connection/connection")
        if relation is None or connection is None or connection.get("class") != "textscan":
            continue
        columns = [column.get("name") for column in relation.iterfind("columns/column")]
        header = package.headers.get(f"{connection.get('directory')}/{connection.get('filename')}")
        if header is not None and list(header) != columns:
            yield f"{connection.get('filename')} has other columns than {_name(source)} reads"
        if relation.get("table") != f"[{(relation.get('name') or '').replace('.', '#')}]":
            yield f"the table of {_name(source)} is called {relation.get('table')}"


def _public_takes_it(package: Package) -> Iterator[str]:
    for source in _sources(package.root):
        extract = source.find("extract")
        if not package.live and (extract is None or extract.get("enabled") != "true" or extract.find("connection[@class='hyper']") is None):
            yield f"{_name(source)} has no active extract: Tableau Public refuses it"
        if extract is not None and source.find("object-graph//properties[@context='extract']") is None:
            yield f"the object-graph of {_name(source)} does not know its extract"


CHECKS = (
    _features_are_declared,
    _children_are_in_order,
    _header_is_whole,
    _everything_has_its_identifier,
    _values_are_tableaus_own,
    _names_are_unique,
    _sources_have_their_object_graph,
    _windows_and_viewpoints_are_there,
    _what_is_used_is_declared,
    _formulas_read_what_there_is,
    _what_formulas_read_is_declared,
    _instances_say_what_they_are,
    _filters_are_kept,
    _sorts_and_slices_are_whole,
    _colours_are_kept,
    _types_fit,
    _actions_do_something,
    _links_are_written_right,
    _buttons_lead_somewhere,
    _zones_are_in_place,
    _controls_belong_to_sheets,
    _files_are_where_they_are_said_to_be,
    _public_takes_it,
)
"""Every check: each yields what it finds, in words that say what Tableau does about it."""
