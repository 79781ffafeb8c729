"""Opens a packaged workbook as Tableau does, for whoever judges it: its tree, its data sources and their fields, its files.

Belongs here: reading, and what stands where. Never here: whether any of it is right (the modules beside this one).

For older versions Tableau writes a thing twice, as `_.fcp.<feature>.true...<tag>` and as it was before: the tree has the newer alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lxml import etree

from bottleneck_assets.render.tableau.formulas import FormulaError, parsed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bottleneck_assets.render.tableau.elements import Element
    from bottleneck_assets.render.tableau.extract import Table
    from bottleneck_assets.render.tableau.formulas import Formula

_FEATURED = re.compile(r"_\.fcp\.\w+\.(true|false)\.\.\.(.+)")
PART = r"\[(?:[^\]]|\]\])*\]"
"""A name in brackets, in which a closing bracket is doubled."""
OBJECT_ID = "[__tableau_internal_object_id__]"
BUILT_IN = {"[:Measure Names]", "[Measure Names]", "[Multiple Values]", "[:Measure Values]"}
_QUALIFIED = re.compile(rf"({PART})\.((?:{re.escape(OBJECT_ID)}\.)?{PART})")


@dataclass(frozen=True)
class Package:
    """What is looked at: the workbook, the names of all files, the headers of the CSVs, and whether extracts are read directly.

    `extracts` are the tables of each .hyper; None for one that cannot be read. `rows` are those of the CSVs. What is in neither was not
    looked into.
    """

    workbook: bytes
    names: Sequence[str]
    headers: Mapping[str, Sequence[str]]
    live: bool
    extracts: Mapping[str, Mapping[str, Table] | None] = field(default_factory=dict[str, "Mapping[str, Table] | None"])
    rows: Mapping[str, int] = field(default_factory=dict[str, int])

    @cached_property
    def root(self) -> Element:
        """The workbook as a tree."""
        return newer(etree.fromstring(self.workbook, etree.XMLParser(huge_tree=True, resolve_entities=False)))

    @cached_property
    def sources(self) -> dict[str, Source]:
        """The data sources by their names in brackets, the parameters among them."""
        found = [Source(element) for element in self.root.iterfind("datasources/datasource")]
        return {f"[{source.name}]": source for source in found}

    @property
    def sheets(self) -> list[Element]:
        """The worksheets."""
        return self.root.findall("worksheets/worksheet")

    @property
    def dashboards(self) -> list[Element]:
        """The dashboards, stories among them."""
        return self.root.findall("dashboards/dashboard")


def around(source: Element, extracts: Mapping[str, Mapping[str, Table] | None]) -> Package:
    """Return a package around a data source of its own (.tds), as if a workbook held it, over extracts by their paths."""
    source.set("name", source.attrib.pop("formatted-name", ""))
    root = etree.Element("workbook")
    root.extend([*source.iterfind("document-format-change-manifest"), etree.Element("datasources")])
    root[-1].append(source)
    return Package(etree.tostring(root, xml_declaration=True, encoding="utf-8"), list(extracts), {}, live=True, extracts=extracts)


class Source:
    """A data source: what it is connected to, and its fields."""

    def __init__(self, element: Element) -> None:
        """Read it."""
        self.element = element
        self.name = element.get("name", "")
        self.columns = {column.get("name", ""): column for column in element.iterfind("column")}
        self.records = {
            record.findtext("local-name", ""): record
            for record in element.iterfind("connection//metadata-record")
            if record.get("class") in {"column", "measure"}
        }
        self.instances = {instance.get("name", ""): instance for instance in element.iterfind("column-instance")}
        self.groups = {group.get("name", ""): group for group in element.iterfind("group")}
        self.formulas = dict(formulas_of(self.columns.values()))

    @property
    def is_parameters(self) -> bool:
        """Whether it holds the parameters."""
        return self.name == "Parameters"

    @property
    def is_whole(self) -> bool:
        """Whether all its fields are said here: those of what a server publishes, and of a cube, are not."""
        kinds = {connection.get("class") for connection in self.element.iter("connection")}
        return bool(self.records) and not kinds & {"sqlproxy", "msolap", "essbase", "sapbw", "publishedConnection"}

    @cached_property
    def known(self) -> set[str]:
        """The names of all its fields."""
        mapped = {mapping.get("key", "") for mapping in self.element.iterfind("connection/cols/map")}
        listed = {f"[{column.get('name')}]" for column in self.element.iterfind("connection/relation//columns/column")}
        return {*self.columns, *self.records, *self.groups, *mapped, *listed, "[Number of Records]", "[Geometry]"} | BUILT_IN

    def datatype(self, name: str) -> str:
        """Return the type of a field, empty if it is not said."""
        column, record = self.columns.get(name), self.records.get(name)
        if column is not None:
            return column.get("datatype", "")
        return record.findtext("local-type", "") if record is not None else ""


def formulas_of(columns: Iterable[Element]) -> Iterator[tuple[str, Formula | FormulaError]]:
    """Yield the names of calculated fields with their formulas, or with why these cannot be read."""
    for column in columns:
        if (text := formula_of(column)) is not None:
            try:
                yield column.get("name", ""), parsed(text)
            except FormulaError as error:
                yield column.get("name", ""), error


def formula_of(column: Element) -> str | None:
    """Return the formula of a calculated field, None for any other."""
    calculation = column.find("calculation")
    return calculation.get("formula") if calculation is not None and calculation.get("class") == "tableau" else None


def newer(root: Element) -> Element:
    """Return a tree without what stands in it for older versions."""
    for node, name in featured(root):
        found, parent = _FEATURED.fullmatch(name), node.getparent()
        if found is None:
            continue
        if name in node.attrib:
            value = node.attrib.pop(name)
            if found[1] == "true":
                node.set(found[2], value)
        elif found[1] == "true":
            node.tag = found[2]
        elif parent is not None:
            parent.remove(node)
    return root


def featured(root: Element) -> list[tuple[Element, str]]:
    """Return the names of elements and attributes that are written for a feature, each with its element."""
    named = "[starts-with(name(), '_.fcp.')]"
    found: Any = root.xpath(f"descendant-or-self::*{named} | descendant-or-self::*/@*{named}")
    return [(one, str(one.tag)) if etree.iselement(one) else (one.getparent(), str(one.attrname)) for one in found]


def qualified(text: str) -> list[tuple[str, str]]:
    """Return the data source and the name of every field that a text names in full, both in brackets."""
    return _QUALIFIED.findall(text)


def name_of(node: Element) -> str:
    """Return what to call an element in a sentence."""
    return node.get("name") or node.get("caption") or str(node.tag)
