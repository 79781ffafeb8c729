"""Holds a packaged workbook to what ours keep to, though Tableau would take it otherwise, or others have got away with it.

Belongs here: one check a habit, each of which finds something in workbooks that Tableau saved, whose features we do not use. Never here:
what makes Tableau refuse a file, whoever wrote it (the modules beside this one).

A workbook that no Tableau here can open is safest where it keeps to few constructs, each written in full: these are as binding as
faults.
"""

from __future__ import annotations

import re
from copy import deepcopy
from itertools import combinations
from typing import TYPE_CHECKING

from lxml import etree

from bottleneck_assets.render.tableau.elements import USER_NAMESPACE
from bottleneck_assets.render.tableau.gate.opened import BUILT_IN, OBJECT_ID, name_of, qualified

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from bottleneck_assets.render.tableau.elements import Element
    from bottleneck_assets.render.tableau.gate.opened import Package, Source

GRID = 100_000
_OBJECT_MODEL = ("ObjectModelEncapsulateLegacy", "ObjectModelTableType", "SchemaViewerObjectModel")
_ORDERS: Mapping[str, Sequence[str]] = {
    "datasource-dependencies": ("column", "column-instance"),
    "view": ("datasources", "datasource-dependencies", "filter", "manual-sort", "computed-sort", "slices", "aggregation"),
    "zone": ("formatted-text", "zone", "button", "zone-style"),
}
_REMOTE_TYPES: Mapping[str, Collection[str]] = {
    "string": {"129"}, "integer": {"3", "20"}, "real": {"5", "131"}, "date": {"133"}, "datetime": {"135"}, "boolean": {"11"},
}  # fmt: skip
_SUFFIXES = {"nominal": "nk", "ordinal": "ok", "quantitative": "qk"}
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_BUILD = re.compile(r"\d{4}\.\d+\.\d+ \(\d{5}\.\d{2}\.\d{4}\.\d{4}\)")


def the_manifest_goes_by_feature(package: Package) -> Iterator[str]:
    """Features are named one by one, those of the object model together."""
    manifest = package.root.find("document-format-change-manifest")
    declared = {feature.tag for feature in manifest} if manifest is not None else set[str]()
    if "ManifestByVersion" in declared:
        yield "the manifest goes by version, which Desktop 2026.1 is said to refuse"
    if package.root.find(".//object-graph") is not None and (missing := [one for one in _OBJECT_MODEL if one not in declared]):
        yield f"object-graph is used, and the manifest lacks {', '.join(missing)}"


def the_header_is_whole(package: Package) -> Iterator[str]:
    """The root says its namespace, its version and a whole build; nothing is in it that is hard to write by hand."""
    root = package.root
    if root.nsmap.get("user") != USER_NAMESPACE or None in root.nsmap:
        yield "the root does not declare the namespace user, or declares one for all"
    if not _BUILD.fullmatch(root.get("source-build", "")):
        yield f"source-build {root.get('source-build')!r} is not a whole build: the file is read as an older format"
    if root.get("version") != "18.1":
        yield f"version {root.get('version')} shuts older Desktops out"
    if root.find(".//datagraph") is not None:
        yield "datagraph is often refused when it was not written by Tableau"


def children_are_in_our_order(package: Package) -> Iterator[str]:
    """Sorts follow filters, instances follow columns, and a zone's text comes first."""
    for tag, order in _ORDERS.items():
        place = {child: number for number, child in enumerate(order)}
        for node in package.root.iter(tag):
            children = [place[str(child.tag)] for child in node if child.tag in place]
            if children != sorted(children):
                yield f"the children of {tag} {name_of(node)} are out of order"


def everything_has_its_identifier(package: Package) -> Iterator[str]:
    """Sheets, dashboards and windows have a simple-id."""
    for path in ("worksheets/worksheet", "dashboards/dashboard", "windows/window"):
        for node in package.root.iterfind(path):
            if node.find("simple-id") is None:
                yield f"{node.tag} {name_of(node)} has no simple-id in braces and capitals"


def colours_have_no_shade(package: Package) -> Iterator[str]:
    """Colours of formats are #rrggbb."""
    colours = [node.get("value", "") for node in package.root.iter("format") if node.get("attr", "").endswith("color")]
    yield from (f"colour {colour!r} is not written #RRGGBB" for colour in colours if not _COLOUR.fullmatch(colour))


def sources_have_their_object_graph(package: Package) -> Iterator[str]:
    """Each data source has one relation, and an object-graph that repeats it, to which its metadata belong."""
    for source in package.sources.values():
        if source.is_parameters:
            continue
        relation, graph = source.element.find("connection/relation"), source.element.find("object-graph")
        if relation is None:
            yield f"{source.name} has no relation"
            continue
        if graph is None:
            yield f"{source.name} has a relation and no object-graph: Tableau crashes on its page"
            continue
        if relation.get("type") == "collection":
            yield from _tables_stand_in_one_order(source, relation, graph)
            continue
        contexts = {properties.get("context"): properties.find("relation") for properties in graph.iter("properties")}
        repeated = contexts.get("")
        if repeated is None or _canonical(repeated) != _canonical(relation):
            yield f"the object-graph of {source.name} does not repeat its relation"
        identifier = next((described.get("id") for described in graph.iterfind("objects/object")), None)
        records = {record.findtext("object-id") for record in source.element.iter("metadata-record")}
        if records != {f"[{identifier}]"}:
            yield f"the metadata of {source.name} belong to another object than its object-graph's"


def _tables_stand_in_one_order(source: Source, relation: Element, graph: Element) -> Iterator[str]:
    """Several tables stand in the order of their names everywhere: it is told that Tableau pairs objects and tables by their places."""
    tables = list(relation)
    objects = graph.findall("objects/object")
    of_columns = dict.fromkeys(one.get("value", "").split("].[")[0].strip("[") for one in source.element.iterfind("connection/cols/map"))
    names = [table.get("name", "") for table in tables]
    identifiers = [one.get("id", "") for one in objects]
    if not sorted(names) == names == list(of_columns) or sorted(identifiers) != identifiers:
        yield f"the tables of {source.name} stand in several orders"
    repeated = [one.find("properties[@context='']/relation") for one in objects]
    if [None if one is None else _canonical(one) for one in repeated] != [_canonical(one) for one in tables]:
        yield f"the object-graph of {source.name} does not repeat its relations"


def _canonical(node: Element) -> str:
    whole = etree.fromstring(etree.tostring(node, with_tail=False), etree.XMLParser(remove_blank_text=True))
    return etree.tostring(whole, method="c14n").decode()


def sheets_declare_all_they_name(package: Package) -> Iterator[str]:
    """Whatever a sheet names, in a text too, it declares, and what it declares is there."""
    for sheet in package.sheets:
        dependencies = {f"[{one.get('datasource')}]": one for one in sheet.iterfind("table/view/datasource-dependencies")}
        declared = {(source, one.get("name", "")) for source, depends in dependencies.items() for one in depends}
        used = {reference.get("name") for reference in sheet.iterfind("table/view/datasources/datasource")}
        yield from (
            f"{name_of(sheet)} depends on {one}, which is not among its data sources" for one in dependencies if one[1:-1] not in used
        )
        texts = [*(run.text or "" for run in sheet.iter("run")), *(part.get("member", "") for part in sheet.iter("groupfilter"))]
        for source, name in dict.fromkeys(found for text in texts for found in qualified(text)):
            if source != "[Parameters]" and name not in BUILT_IN and (source, name) not in declared:
                yield f"{name_of(sheet)} uses {source}.{name} without declaring it: the field is taken off"
        for key, depends in dependencies.items():
            source = package.sources.get(key)
            for column in depends.iterfind("column"):
                if source is not None and column.get("name", "") not in source.known:
                    yield f"{name_of(sheet)} depends on {column.get('name')}, which {source.name} has not"


def sheets_name_their_data_source_first(package: Package) -> Iterator[str]:
    """A sheet names the parameters behind its data source, a dashboard before: so does Tableau, and Cloud is said to refuse others."""
    for place, first in (*((sheet, False) for sheet in package.sheets), *((dashboard, True) for dashboard in package.dashboards)):
        names = [one.get("name", "") for one in place.iterfind(".//datasources/datasource")]
        if "Parameters" in names and (names[0] == "Parameters") != first:
            yield f"{name_of(place)} names the parameters {'behind' if first else 'before'} its data sources"


def copies_are_whole(package: Package) -> Iterator[str]:
    """What sheets and dashboards repeat of a data source is the same to the letter, but for what a field means, and a sheet's for lists."""
    originals: dict[tuple[Element, tuple[str, ...]], str] = {}
    for place in (*package.sheets, *package.dashboards):
        for reference in place.iterfind(".//datasources/datasource"):
            source = package.sources.get(f"[{reference.get('name')}]")
            if source is not None and reference.get("caption") != source.element.get("caption"):
                yield f"{name_of(place)} calls {source.name} {reference.get('caption')}"
        for depends in place.iter("datasource-dependencies"):
            source = package.sources.get(f"[{depends.get('datasource')}]")
            columns = source.columns if source is not None else {}
            for column in depends.iterfind("column"):
                original = columns.get(column.get("name", ""))
                left_out = ("desc", "members") if place.tag == "worksheet" else ("desc",)
                if original is None:
                    continue
                if (original, left_out) not in originals:
                    originals[original, left_out] = _without(original, left_out)
                if _without(column, left_out) != originals[original, left_out]:
                    yield f"{name_of(place)} repeats {column.get('name')} of {depends.get('datasource')} otherwise"


def _without(column: Element, left_out: Iterable[str]) -> str:
    copy = deepcopy(column)
    for part in [part for tag in left_out for part in copy.findall(tag)]:
        copy.remove(part)
    if len(copy) == 0:
        copy.text = None
    return _canonical(copy)


def extracts_say_one_table(package: Package) -> Iterator[str]:
    """An extract, its relation, its metadata and the object-graph speak of one table."""
    for source in package.sources.values():
        extract = source.element.find("extract/connection")
        repeated = source.element.find("object-graph//properties[@context='extract']/relation")
        relation = extract.find("relation") if extract is not None else None
        if extract is None or relation is None:
            continue
        if repeated is None or _canonical(relation) != _canonical(repeated):
            yield f"the object-graph of {source.name} does not repeat the relation of its extract"
        if relation.get("table") != f"[{extract.get('schema')}].[{extract.get('tablename')}]":
            yield f"the extract of {source.name} reads {relation.get('table')}, and says another table"
        if {record.findtext("parent-name") for record in extract.iter("metadata-record")} != {f"[{relation.get('name')}]"}:
            yield f"the metadata of the extract of {source.name} are of another table"


def measures_are_named_in_full(package: Package) -> Iterator[str]:
    """Aliases, sorts and colours of measures side by side name each with its data source, as an instance that is declared."""
    instances = {
        (f"[{depends.get('datasource')}]", instance.get("name", ""))
        for depends in package.root.iter("datasource-dependencies")
        for instance in depends.iterfind("column-instance")
    }
    told = [alias.get("key", "") for alias in package.root.iterfind(".//column[@name='[:Measure Names]']/aliases/alias")]
    told += [bucket.text or "" for bucket in package.root.iterfind(".//encoding[@field='[:Measure Names]']/map/bucket")]
    for sort in package.root.iter("manual-sort"):
        told += [bucket.text or "" for bucket in sort.iter("bucket") if sort.get("column", "").endswith(".[:Measure Names]")]
    for name in dict.fromkeys(told):
        if not set(qualified(name)) & instances:
            yield f"{name} is named as a measure, and is none"


def instances_have_plain_names(package: Package) -> Iterator[str]:
    """An instance is named for its kind: nothing nominal is called ordinal."""
    for instance in package.root.iter("column-instance"):
        suffix = _SUFFIXES.get(instance.get("type", ""), "")
        if not instance.get("name", "").endswith(f":{suffix}]"):
            yield f"instance {instance.get('name')} should be called as a {instance.get('type')} one, with {suffix}"


def axes_over_others_share_their_scale(package: Package) -> Iterator[str]:
    """An axis over another is that of the last measure of its shelf, has the scale of the other, and marks of its own."""
    for sheet in package.sheets:
        drawn = {pane.get("y-axis-name") for pane in sheet.iterfind("table/panes/pane")}
        for axis in sheet.iterfind("table/style/style-rule/encoding[@fold='true']"):
            what = f"the axis of {axis.get('field')} over another on {name_of(sheet)}"
            if axis.get("synchronized") != "true":
                yield f"{what} has a scale of its own"
            if axis.get("field") not in drawn:
                yield f"{what} has no marks of its own"
            if not (sheet.findtext("table/rows") or "").rstrip(")").endswith(axis.get("field", "")):
                yield f"{what} is not the last on its shelf"


def filters_are_sliced_and_shared(package: Package) -> Iterator[str]:
    """What is filtered is among the slices, and a filter that sheets share is of one field."""
    groups: dict[str, set[str]] = {}
    for sheet in package.sheets:
        sliced = {column.text for column in sheet.iterfind(".//slices/column")}
        for part in sheet.iterfind("table/view/filter"):
            if part.get("column") not in sliced:
                yield f"{name_of(sheet)} filters by {part.get('column')}, which is not among its slices"
            if (group := part.get("filter-group")) is not None:
                groups.setdefault(group, set()).add(part.get("column", ""))
    yield from (
        f"the filters {' and '.join(sorted(columns))} share the group {group}" for group, columns in groups.items() if len(columns) > 1
    )


def colours_are_kept(package: Package) -> Iterator[str]:
    """Colours of a data source are not ignored: their field has an instance, aliases and metadata, their palette is there."""
    palettes = {palette.get("name") for palette in package.root.iterfind("preferences/color-palette")}
    for source in package.sources.values():
        aliases = source.element.find("aliases")
        for encoding in source.element.iterfind("style/style-rule/encoding[@attr='color']"):
            field = encoding.get("field", "")
            known = field in source.instances or field in BUILT_IN
            if not known or aliases is None or aliases.get("enabled") != "yes" or not source.records:
                yield f"the colours of {field} in {source.name} are ignored: no instance, aliases or metadata"
            if (palette := encoding.get("palette")) is not None and palette not in palettes:
                yield f"{field} in {source.name} takes its colours from {palette}, which there is not"


def types_are_said_alike(package: Package) -> Iterator[str]:
    """A column is what its metadata say, of a remote type that text files and extracts have, and its name has no sign of references."""
    for source in package.sources.values():
        for record in source.element.iter("metadata-record"):
            name, local = record.findtext("local-name", ""), record.findtext("local-type", "")
            if record.findtext("remote-type") not in _REMOTE_TYPES.get(local, ()):
                yield f"{name} of {source.name} is {local} of remote type {record.findtext('remote-type')}"
            if name not in source.columns or source.columns[name].get("datatype") != local:
                yield f"{name} of {source.name} is {local} in its metadata and another thing as a column"
        for name in source.columns:
            if not name.startswith(OBJECT_ID) and name not in BUILT_IN and re.search(r'[\[\].:"]', name[1:-1]):
                yield f"field {name} of {source.name} has a character in its name that references part by"


def actions_stay_on_their_dashboard(package: Package) -> Iterator[str]:
    """An action starts from a sheet that its dashboard shows, reaches a dashboard, and leaves out what stands there."""
    shown = {dashboard.get("name"): {zone.get("name") for zone in dashboard.iter("zone")} for dashboard in package.dashboards}
    for action in package.root.iterfind("actions/action"):
        what, source = f"action {action.get('caption', action.get('name'))}", action.find("source")
        if source is None or source.get("worksheet") not in shown.get(source.get("dashboard"), ()):
            yield f"{what} starts from a sheet that its dashboard does not show"
        told = {param.get("name"): param.get("value", "") for param in action.iterfind("command/param")}
        if told and told.get("target") not in shown:
            yield f"{what} has the target {told.get('target')}, which is no dashboard"
        elif unknown := [name for name in told.get("exclude", "").split(",") if name and name not in shown[told["target"]]]:
            yield f"{what} leaves out {', '.join(unknown)}, which {told['target']} does not show"
        for expression in (link.get("expression", "") for link in action.iterfind("link")):
            if not re.match(r"https?://|tsl:", expression):
                yield f"{what} leads to {expression!r}"
            for token in re.findall(r"<[^>]*>", expression):
                if not re.fullmatch(r"<\[[^\[\]]+\]\.\[[a-z]+:[^\[\]]+:[noq]k\]~na>", token):
                    yield f"{what} hands over {token}, which is no field as links write it"


def buttons_open_a_dashboard(package: Package) -> Iterator[str]:
    """A button opens a window, and does nothing else."""
    windows = {identifier.get("uuid") for identifier in package.root.iterfind("windows/window/simple-id")}
    for button in package.root.iter("button"):
        found = re.fullmatch(r'tabdoc:goto-sheet window-id="(\{[^"]+\})"', button.get("action", ""))
        if found is None or found[1] not in windows:
            yield f"button {button.findtext('.//caption')} leads to no window"


def zones_fill_the_screen(package: Package) -> Iterator[str]:
    """A zone lies in what holds it, has a size, and covers no other."""
    for screen in (zones for dashboard in package.dashboards for zones in dashboard.iter("zones")):
        dashboard = next(screen.iterancestors("dashboard"))
        zones = list(screen.iter("zone"))
        for zone in zones:
            if zone.get("type") is not None:
                yield f"zone {zone.get('id')} of {name_of(dashboard)} is of no kind that is newer than {zone.get('type')}"
            x, y, w, h = _rectangle(zone)
            parent = zone.getparent()
            px, py, pw, ph = _rectangle(parent) if parent is not None and parent.tag == "zone" else (0, 0, GRID, GRID)
            if w <= 0 or h <= 0 or x < px or y < py or x + w > px + pw or y + h > py + ph:
                yield f"zone {zone.get('id')} of {name_of(dashboard)} does not lie in what holds it"
            if (zone.get("is-fixed") == "true") != (zone.get("fixed-size") is not None):
                yield f"zone {zone.get('id')} of {name_of(dashboard)} is fixed to no size"
        leaves = [(zone.get("id"), _rectangle(zone)) for zone in zones if zone.find("zone") is None]
        yield from (
            f"zones {number} and {another} of {name_of(dashboard)} overlap"
            for (number, one), (another, other) in combinations(leaves, 2)
            if _overlap(one, other)
        )


def phones_show_the_same_zones(package: Package) -> Iterator[str]:
    """Every dashboard has a layout for phones, of zones that it has itself, by their numbers."""
    for dashboard in package.dashboards:
        own = {zone.get("id"): (zone.get("name"), zone.get("param"), zone.get("type-v2")) for zone in dashboard.iterfind("zones//zone")}
        layout = dashboard.find("devicelayouts/devicelayout[@name='Phone']")
        if layout is None:
            yield f"{name_of(dashboard)} has no layout for phones"
            continue
        for zone in layout.iter("zone"):
            shown = (zone.get("name"), zone.get("param"), zone.get("type-v2"))
            if zone.find("zone") is None and own.get(zone.get("id")) != shown:
                yield f"zone {zone.get('id')} of {name_of(dashboard)} is another on phones"


def _rectangle(zone: Element) -> tuple[int, int, int, int]:
    x, y, w, h = (int(value) if re.fullmatch(r"-?\d+", value := zone.get(name, "")) else 0 for name in "xywh")
    return x, y, w, h


def _overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    (x, y, w, h), (ox, oy, ow, oh) = one, other
    return x < ox + ow and ox < x + w and y < oy + oh and oy < y + h


def controls_belong_to_their_sheets(package: Package) -> Iterator[str]:
    """A dashboard declares what its filters and legends name, its sheets have it, and no title is said twice."""
    sheets = {sheet.get("name"): sheet for sheet in package.sheets}
    for dashboard in package.dashboards:
        declared = {
            f"[{depends.get('datasource')}].{instance.get('name')}"
            for depends in dashboard.iterfind("datasource-dependencies")
            for instance in depends.iterfind("column-instance")
        }
        used = {f"[{one.get('name')}]" for one in dashboard.iterfind("datasources/datasource")}
        yield from (f"{name_of(dashboard)} reads {one}, which is no data source" for one in sorted(used - package.sources.keys()))
        for zone in dashboard.iter("zone"):
            kind, param, sheet = zone.get("type-v2"), zone.get("param", ""), sheets.get(zone.get("name"))
            if kind == "filter" and sheet is not None and sheet.find(f".//filter[@column='{param}']") is None:
                yield f"{name_of(dashboard)} offers the filter {param}, which {name_of(sheet)} has not"
            elif kind == "color" and sheet is not None and sheet.find(f".//encodings/color[@column='{param}']") is None:
                yield f"{name_of(dashboard)} offers the legend {param}, which {name_of(sheet)} has not"
            if kind in {"filter", "color"} and param not in declared and not param.endswith("[:Measure Names]"):
                yield f"{name_of(dashboard)} offers {param} without declaring it"
            if kind is None and sheet is not None and zone.get("show-title") != "false" and sheet.find("layout-options/title") is None:
                yield f"{name_of(sheet)} says its own name, and {name_of(dashboard)} would say it twice"


def files_lie_in_the_package(package: Package) -> Iterator[str]:
    """Every file that is read lies under Data/ in the package."""
    for connection in package.root.iter("connection"):
        kind = connection.get("class")
        if kind not in {"textscan", "hyper"}:
            continue
        path = f"{connection.get('directory')}/{connection.get('filename')}" if kind == "textscan" else connection.get("dbname", "")
        if not path.startswith("Data/") or path not in package.names:
            yield f"{path} is read, and not in the package"


def public_takes_it(package: Package) -> Iterator[str]:
    """Every data source has an active extract, or is one."""
    for source in package.sources.values():
        if source.is_parameters:
            continue
        extract = source.element.find("extract")
        if not package.live and (extract is None or extract.get("enabled") != "true" or extract.find("connection[@class='hyper']") is None):
            yield f"{source.name} has no active extract: Tableau Public refuses it"
        if extract is not None and source.element.find("object-graph//properties[@context='extract']") is None:
            yield f"the object-graph of {source.name} does not know its extract"


HOUSE_STYLE = (
    the_manifest_goes_by_feature,
    the_header_is_whole,
    children_are_in_our_order,
    everything_has_its_identifier,
    colours_have_no_shade,
    sources_have_their_object_graph,
    sheets_declare_all_they_name,
    sheets_name_their_data_source_first,
    copies_are_whole,
    extracts_say_one_table,
    measures_are_named_in_full,
    instances_have_plain_names,
    axes_over_others_share_their_scale,
    filters_are_sliced_and_shared,
    colours_are_kept,
    types_are_said_alike,
    actions_stay_on_their_dashboard,
    buttons_open_a_dashboard,
    zones_fill_the_screen,
    phones_show_the_same_zones,
    controls_belong_to_their_sheets,
    files_lie_in_the_package,
    public_takes_it,
)
"""Every check: each yields what it finds, in words that say what it is for."""
