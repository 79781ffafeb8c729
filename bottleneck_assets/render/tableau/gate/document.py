"""Finds what Tableau refuses in a workbook as a document: features not declared, words unknown, parts missing, out of order or twice.

Belongs here: what holds for any element. Never here: what a sheet, a data source or a dashboard means by it (the modules beside this).
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from lxml import etree

from bottleneck_assets.render.tableau.gate.opened import featured, name_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from bottleneck_assets.render.tableau.elements import Element
    from bottleneck_assets.render.tableau.gate.opened import Package

_OBJECT_MODEL = ("ObjectModelEncapsulateLegacy", "ObjectModelTableType", "SchemaViewerObjectModel")


_FEATURES: Mapping[str, Sequence[str]] = {
    ".//object-graph": _OBJECT_MODEL[:1],
    ".//column[@datatype='table']": ("ObjectModelTableType",),
    ".//folders-common": ("SchemaViewerObjectModel",),
    ".//computed-sort": ("SortTagCleanup",),
    ".//manual-sort": ("SortTagCleanup",),
    "actions/edit-parameter-action": ("ParameterAction",),
    "actions/edit-group-action": ("GroupAction",),
    "actions/nav-action": ("NavigationAction",),
    ".//button": ("BasicButtonObject",),
    ".//button[@button-type='text']": ("BasicButtonObjectTextSupport",),
    ".//zone[@type-v2]": ("SetMembershipControl",),
    ".//zone[@friendly-name]": ("ZoneFriendlyName",),
    "worksheets/worksheet/simple-id": ("SheetIdentifierTracking",),
    "dashboards/dashboard/simple-id": ("SheetIdentifierTracking",),
    "windows/window/simple-id": ("WindowsPersistSimpleIdentifiers",),
    "dashboards/dashboard[@enable-sort-zone-taborder]": ("AccessibleZoneTabOrder",),
}
"""What Tableau refuses unless the manifest names its feature."""


_WORDS: Mapping[tuple[str, str], Collection[str]] = {
    ("column", "datatype"): {"unknown", "integer", "real", "string", "datetime", "date", "boolean", "tuple", "spatial", "table"},
    ("column", "role"): {"dimension", "measure", "unknown"},
    ("column", "type"): {"nominal", "ordinal", "quantitative", "unknown"},
    ("column", "param-domain-type"): {"any", "list", "range"},
    ("column-instance", "type"): {"nominal", "ordinal", "quantitative", "unknown"},
    ("column-instance", "pivot"): {"key", "alias"},
    ("calculation", "class"): {"tableau", "passthrough", "bin", "categorical-bin"},
    ("mark", "class"): {
        "Automatic", "Text", "Icon", "Shape", "Rectangle", "Bar", "GanttBar", "Square", "Circle", "Heatmap", "PolyLine", "Line", "Polygon",
        "Area", "Pie", "Multipolygon", "VizExtension",
    },
    ("filter", "class"): {"categorical", "quantitative", "relative-date"},
    ("filter", "included-values"): {"all", "non-null", "null", "in-range", "in-range-or-null"},
    ("groupfilter", "function"): {
        "ancestors", "crossjoin", "descendants", "empty-level", "end", "except", "extract", "filter", "hierarchy-members", "intersection",
        "level-members", "member", "named-set", "order", "range", "relative-date-range", "reference", "reorder-dimensionality", "tuples",
        "union", "visual-totals",
    },
    ("groupfilter", "end"): {"top", "bottom"},
    ("groupfilter", "units"): {"percent", "records", "sample-percent", "sample-records"},
    ("groupfilter", "direction"): {"ASC", "DESC", "BASC", "BDESC"},
    ("computed-sort", "direction"): {"ASC", "DESC"},
    ("manual-sort", "direction"): {"ASC", "DESC"},
    ("relation", "type"): {
        "join", "subquery", "table", "stored-proc", "text", "union", "batch-union", "pivot", "project", "text-transform", "collection",
    },
    ("relation", "join"): {"inner", "left", "right", "full"},
    ("size", "sizing-mode"): {"unspecified", "automatic", "fixed", "range", "vscroll"},
    ("window", "class"): {"worksheet", "dashboard"},
    ("zoom", "type"): {"percent", "entire-view", "fit-width", "fit-height"},
    ("edge", "name"): {"left", "right", "top", "bottom"},
    ("activation", "type"): {"explicit", "on-select", "on-hover"},
    ("encoding", "type"): {
        "diverging", "palette", "interpolated", "shape", "space", "catsize", "cat-highlight", "quantsize", "rangesize", "centersize",
        "text", "custom-interpolated", "color", "size", "highlight",
    },
    ("color-palette", "type"): {"regular", "ordered-diverging", "ordered-sequential"},
    ("table-calc", "ordering-type"): {
        "None", "Table", "TableCol", "Rows", "Columns", "Pane", "PaneCol", "RowInPane", "ColumnInPane", "CellInPane", "Field",
    },
    ("zone", "type-v2"): {
        "layout-basic", "layout-flow", "text", "title", "empty", "filter", "paramctrl", "color", "size", "shape", "bitmap", "web", "map",
        "highlighter", "dashboard-object", "flipboard", "flipboard-nav", "add-in", "page", "currpage",
    },
    ("extract", "units"): {"percent", "records", "sample-percent", "sample-records"},
    ("aliases", "enabled"): {"yes", "no"},
    ("column", "aggregation"): {
        "Attribute", "Avg", "Count", "CountD", "None", "Sum", "User", "Year", "Min", "Max", "Median", "Month", "Day",
    },
    ("card", "type"): {
        "caption", "color", "columns", "currpage", "filter", "filters", "highlighter", "marks", "measures", "pages", "parameter", "rows",
        "shape", "size", "summary", "title", "label", "map", "analytics",
    },
}  # fmt: skip
"""The words that an attribute may hold: with any other, Tableau refuses the file."""


_FLAGS = {"auto-clear", "context", "hidden", "inline", "is-fixed", "maximized", "multi-select", "show-title", "url-escape", "include-null"}


_NUMBERS = {"x", "y", "w", "h", "fixed-size", "id", "pane-specification-id", "tab-order"}


_NEEDED: Mapping[str, Sequence[str]] = {
    "column": ("name", "datatype"),
    "column-instance": ("column", "derivation", "name", "pivot", "type"),
    "filter": ("class", "column"),
    "groupfilter": ("function",),
    "computed-sort": ("column", "direction", "using"),
    "manual-sort": ("column", "direction"),
    "worksheet": ("name",),
    "dashboard": ("name",),
    "window": ("class",),
    "relation": ("type",),
    "named-connection": ("name",),
    "object": ("caption", "id"),
    "param": ("name", "value"),
    "command": ("command",),
    "simple-id": ("uuid",),
    "mark": ("class",),
}
"""The attributes without which an element is refused."""


_HOLDS: Mapping[str, Sequence[str]] = {
    "worksheets/worksheet": ("table",),
    "worksheets/worksheet/table": ("view", "panes", "rows", "cols"),
    "worksheets/worksheet/table/view": ("datasources", "aggregation"),
    "worksheets/worksheet/table/panes": ("pane",),
    "worksheets/worksheet/table/panes/pane": ("view", "mark"),
    "dashboards/dashboard": ("zones",),
    "windows/window[@class='worksheet']": ("cards",),
    "windows/window[@class='dashboard']": ("viewpoints", "active"),
    "windows/window/cards": ("edge",),
    "windows/window/cards/edge": ("strip",),
    "datasources/datasource/extract": ("connection",),
    "datasources/datasource/extract/connection": ("relation",),
    "datasources/datasource/object-graph/objects/object": ("properties",),
    "datasources/datasource/object-graph//properties": ("relation",),
    "datasources/datasource//named-connection": ("connection",),
}
"""The children without which an element is refused, or comes up empty."""


_ORDERS: Mapping[str, Sequence[str]] = {
    "workbook": (
        "document-format-change-manifest", "repository-location", "preferences", "style", "datasources", "datasource-relationships",
        "mapsources", "shared-views", "actions", "worksheets", "dashboards", "windows",
    ),
    "datasource": (
        "repository-location", "connection", "overridable-settings", "aliases", "column", "column-instance", "group", "drill-paths",
        "folders-common", "extract", "layout", "style", "semantic-values", "date-options", "filter", "object-graph",
    ),
    "worksheet": ("layout-options", "table", "simple-id"),
    "worksheet/table": ("view", "style", "panes", "rows", "cols"),
    "pane": ("view", "mark", "encodings", "reference-line", "customized-tooltip", "customized-label", "style"),
    "zone": ("formatted-text", "layout-cache", "zone-style"),
    "zones//zone": ("zone", "layout-cache", "zone-style"),
    "dashboard": ("layout-options", "style", "size", "datasources", "datasource-dependencies", "zones", "devicelayouts", "simple-id"),
    "view": ("datasources", "mapsources", "datasource-dependencies", "slices", "aggregation"),
    "table/view": ("datasource-dependencies", "filter", "slices"),
    "window": ("cards", "viewpoints", "active", "simple-id"),
}  # fmt: skip
"""The order of children, wherever these stand: another one is refused."""


_COLOUR = re.compile(r"#[0-9a-fA-F]{6}(?:[0-9a-fA-F]{2})?")


_SIMPLE_ID = re.compile(r"\{[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\}")


_INTEGER = re.compile(r"-?\d+")


def it_says_that_it_is_xml(package: Package) -> Iterator[str]:
    """A workbook begins with its XML declaration: Desktop opens it without, and a server does not take it."""
    if not re.match(rb"(?:\xef\xbb\xbf)?\s*<\?xml\s", package.workbook):
        yield "the workbook has no XML declaration: it cannot be published"


def features_are_declared(package: Package) -> Iterator[str]:
    """Whatever a newer Tableau brought must be named in the manifest."""
    manifest = package.root.find("document-format-change-manifest")
    declared = {str(feature.tag) for feature in manifest.iter(etree.Element)} if manifest is not None else set[str]()
    if "ManifestByVersion" in declared:
        return
    for path, features in _FEATURES.items():
        if package.root.find(path) is not None and (missing := [feature for feature in features if feature not in declared]):
            yield f"{path.split('/')[-1]} is used, and the manifest lacks {', '.join(missing)}"
    written = etree.fromstring(package.workbook, etree.XMLParser(huge_tree=True))
    manifest = written.find("document-format-change-manifest")
    prefixed = {str(feature.tag) for feature in manifest.iter(etree.Element)} if manifest is not None else set[str]()
    for feature in sorted({name.split(".")[2] for _, name in featured(written)}):
        if not any(tag.endswith(f"...{feature}") or tag == feature for tag in prefixed):
            yield f"_.fcp.{feature} is used, and the manifest lacks it"
    if any(node.get("attr", "").startswith("corner-radius") for node in written.iter("format")):
        yield "corner-radius stands in a plain format: it is written _.fcp.DashboardRoundedCorners.true...format"


def words_are_known(package: Package) -> Iterator[str]:
    """An attribute holds one of Tableau's own words, a flag or a number where it must."""
    for node in package.root.iter(etree.Element):
        tag = str(node.tag)
        for name, value in node.attrib.items():
            if (known := _WORDS.get((tag, str(name)))) is not None and value not in known:
                yield f"{tag} {name_of(node)} has the {name} {value}, which is none of Tableau's"
            if name in _FLAGS and tag not in {"properties", "window"} and value not in {"true", "false"}:
                yield f"{tag} {name_of(node)} has {name}={value}, which is no flag"
        if tag == "zone":
            yield from (
                f"zone {node.get('id')} has {name}={node.get(name)}, which is no number"
                for name in sorted(_NUMBERS.intersection(node.keys()))
                if not _INTEGER.fullmatch(node.get(name, ""))
            )
        for name in _NEEDED.get(tag, ()):
            if not node.get(name) and name != "value" and not (tag == "column" and (name == "datatype" or _is_listed_alone(node))):
                yield f"{tag} {name_of(node)} has no {name}"


def _is_listed_alone(column: Element) -> bool:
    """Whether a column stands where only its name counts: in slices, in the list of a file, on a shelf."""
    parent = column.getparent()
    return parent is not None and parent.tag not in {"datasource", "datasource-dependencies"}


def colours_are_written_in_full(package: Package) -> Iterator[str]:
    """A colour is #rrggbb, or #rrggbbaa."""
    colours = [node.get("fontcolor", "") for node in package.root.iterfind(".//run[@fontcolor]")]
    colours += [node.get("to", "") for node in package.root.iterfind(".//encoding[@attr='color']/map")]
    colours += [node.text or "" for node in package.root.iterfind(".//color-palette/color")]
    yield from (f"colour {colour!r} is not written #RRGGBB" for colour in colours if not _COLOUR.fullmatch(colour))


def nothing_is_missing(package: Package) -> Iterator[str]:
    """An element has the children without which it is refused."""
    for path, children in _HOLDS.items():
        for node in package.root.iterfind(path):
            yield from (f"{path.split('/')[-1]} {name_of(node)} has no {child}" for child in children if node.find(child) is None)


def children_are_in_order(package: Package) -> Iterator[str]:
    """Children stand in the order of the schema."""
    for tag, order in _ORDERS.items():
        place = {child: number for number, child in enumerate(order)}
        for node in [package.root] if tag == "workbook" else package.root.iterfind(f".//{tag}"):
            children = [place[str(child.tag)] for child in node if child.tag in place]
            if children != sorted(children):
                yield f"the children of {node.tag} {name_of(node)} are out of order"


def identifiers_are_unique(package: Package) -> Iterator[str]:
    """What has an identifier or a name has its own."""
    root = package.root
    seen = Counter[str]()
    for path in ("worksheets/worksheet", "dashboards/dashboard", "windows/window"):
        for node in root.iterfind(f"{path}[simple-id]"):
            uuid = node.find("simple-id").get("uuid", "")  # pyright: ignore[reportOptionalMemberAccess] - found above
            seen[uuid] += 1
            if not _SIMPLE_ID.fullmatch(uuid):
                yield f"{node.tag} {name_of(node)} has no simple-id in braces and capitals"
            elif seen[uuid] > 1:
                yield f"{node.tag} {name_of(node)} has another's simple-id"
    groups: dict[str, Iterable[str]] = {
        "sheets or dashboards": [node.get("name", "") for node in (*package.sheets, *package.dashboards)],
        "data sources": [node.get("name", "") for node in root.iterfind("datasources/datasource")],
        "actions": [node.get("name", "") for node in root.iterfind("actions/*[@name]")],
        "windows": [f"{node.get('class')} {node.get('name')}" for node in root.iterfind("windows/window")],
        "palettes": [node.get("name", "") for node in root.iterfind("preferences/color-palette")],
    }
    for source in package.sources.values():
        groups[f"columns of {source.name}"] = [column.get("name", "") for column in source.element.iterfind("column")]
        groups[f"captions of {source.name}"] = [column.get("caption", "") for column in source.element.iterfind("column")]
        groups[f"instances of {source.name}"] = [instance.get("name", "") for instance in source.element.iterfind("column-instance")]
        groups[f"connections of {source.name}"] = [one.get("name", "") for one in source.element.iter("named-connection")]
        groups[f"objects of {source.name}"] = [one.get("id", "") for one in source.element.iterfind("object-graph/objects/object")]
        groups[f"records of {source.name}"] = [
            f"{record.findtext('local-name')} of {record.findtext('parent-name')}"
            for record in source.element.iterfind("connection/metadata-records/metadata-record[@class='column']")
        ]
    for sheet in (*package.sheets, *package.dashboards):
        for depends in sheet.iter("datasource-dependencies"):
            name = f"{depends.get('datasource')} in {name_of(sheet)}"
            groups[f"columns of {name}"] = [column.get("name", "") for column in depends.iterfind("column")]
            groups[f"instances of {name}"] = [instance.get("name", "") for instance in depends.iterfind("column-instance")]
    groups["captions of data sources"] = [source.element.get("caption", "") for source in package.sources.values()]
    for what, names in groups.items():
        yield from (f"two {what} are called {name}" for name, times in Counter(names).items() if times > 1 and name)
