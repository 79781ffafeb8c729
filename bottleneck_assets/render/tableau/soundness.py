"""Judges a packaged workbook before it is published: nothing unsound ever takes its place, whichever library wrote it.

Belongs here: opening a package, what cannot be opened, and the list of all checks. Never here: a check (gate/). Those in FAULTS find what
Tableau refuses, crashes on or shows otherwise without a word, and find nothing in workbooks that Tableau itself saved; those of
HOUSE_STYLE hold ours to the few constructs that it keeps to.

Most of it Tableau's published schemas do not see. The checks know nothing of the declarations behind a workbook: they read what Tableau
reads.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

from lxml import etree

from bottleneck_assets.render.tableau.extract import tables_in
from bottleneck_assets.render.tableau.gate import calculations, dashboards, data_sources, document, files, house_style, sheets, vocabulary
from bottleneck_assets.render.tableau.gate.opened import Package, around

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bottleneck_assets.render.tableau.extract import Table

    Tables = Mapping[str, Table]

FAULTS = (
    document.it_says_that_it_is_xml,
    document.features_are_declared,
    document.words_are_known,
    document.colours_are_written_in_full,
    document.nothing_is_missing,
    document.children_are_in_order,
    document.identifiers_are_unique,
    data_sources.relations_reach_their_connections,
    data_sources.objects_hold_the_columns,
    data_sources.columns_are_mapped,
    data_sources.columns_are_what_their_metadata_say,
    data_sources.instances_are_named_for_what_they_are,
    data_sources.values_have_one_colour,
    data_sources.extracts_are_connected,
    data_sources.parameters_hold_their_values,
    calculations.calculations_have_a_formula,
    calculations.formulas_hold,
    calculations.copies_agree,
    calculations.what_formulas_read_is_declared,
    calculations.expressions_hold,
    calculations.aggregates_are_used_as_such,
    sheets.fields_in_texts_are_in_angle_brackets,
    sheets.what_a_sheet_shows_is_declared,
    sheets.filters_say_what_they_keep,
    sheets.parameters_of_filters_are_there,
    dashboards.windows_show_what_there_is,
    dashboards.zones_are_in_place,
    dashboards.controls_have_what_they_control,
    dashboards.actions_begin_and_end,
    dashboards.buttons_lead_somewhere,
    files.files_are_in_the_package,
    files.tables_hold_the_columns,
)
"""Every check of what any workbook must not have: each yields what it finds, in words that say what Tableau does about it."""

HOUSE_STYLE = (*house_style.HOUSE_STYLE, vocabulary.elements_are_of_our_shapes)
"""Every check of what ours keep to."""


def findings(package: Path, *, live: bool, read: dict[int, Tables | None] | None = None) -> list[str]:
    """Return what is wrong with a package; nothing, if it is sound.

    `read` holds the tables of extracts that packages before it held, by their checksums, and gets those of this one.
    """
    known = {} if read is None else read
    try:
        opened = ZipFile(package)
    except BadZipFile:
        return ["it is no package: the archive cannot be opened"]
    with opened as packed:
        names = packed.namelist()
        workbooks = [name for name in names if name.lower().endswith(".twb")]
        if len(workbooks) != 1 or "/" in workbooks[0] or not workbooks[0].endswith(".twb"):
            return [f"there is not one workbook at the root, but {', '.join(workbooks) or 'none'}"]
        if (damaged := packed.testzip()) is not None:
            return [f"{damaged} is damaged"]
        contents = {name: packed.read(name) for name in names if name.endswith(".csv")}
        unread = [f"{name} is not UTF-8" for name, content in contents.items() if not _is_utf_8(content)]
        tables = {name: _table(content) for name, content in contents.items() if _is_utf_8(content)}
        headers, rows = {name: table[0] for name, table in tables.items()}, {name: table[1] for name, table in tables.items()}
        extracts = {name: packed.getinfo(name).CRC for name in names if name.endswith(".hyper")}
        known |= _read(packed, {crc: name for name, crc in extracts.items() if crc not in known})
        whole = Package(packed.read(workbooks[0]), names, headers, live, {name: known[crc] for name, crc in extracts.items()}, rows)
    return [*unread, *judged(whole)]


def findings_in_data_source(described: bytes, extracts: Mapping[str, Tables | None]) -> list[str]:
    """Return what is wrong with a data source of its own (.tds): what Tableau would refuse in a workbook, and what is not as ours are.

    `extracts` are the tables of the .hyper files that it reads, by the paths at which it finds them.
    """
    try:
        source = etree.fromstring(described)
    except etree.XMLSyntaxError as error:
        return [f"the data source is no XML: {error.msg}"]
    if source.tag != "datasource":
        return [f"its root is {source.tag}, and no data source"]
    package = around(source, extracts)
    habits = (house_style.the_manifest_goes_by_feature, house_style.sources_have_their_object_graph)
    return [*faults(package), *(found for check in habits for found in check(package))]


def _read(packed: ZipFile, extracts: Mapping[int, str]) -> dict[int, Tables | None]:
    """Return the tables of extracts in a package, by their checksums."""
    if not extracts:
        return {}
    with TemporaryDirectory(prefix="bottleneck-") as folder:
        paths = {crc: Path(folder) / f"{number}.hyper" for number, crc in enumerate(extracts)}
        for crc, path in paths.items():
            path.write_bytes(packed.read(extracts[crc]))
        held = tables_in(paths.values())
    return {crc: held[path] for crc, path in paths.items()}


def judged(package: Package) -> list[str]:
    """Return what is wrong with a workbook in its package, and what is not as ours are."""
    return unreadable(package) or [*faults(package), *(found for check in HOUSE_STYLE for found in check(package))]


def faults(package: Package) -> list[str]:
    """Return what Tableau refuses or misreads in a workbook."""
    return unreadable(package) or list(dict.fromkeys(found for check in FAULTS for found in check(package)))


def unreadable(package: Package) -> list[str]:
    """Return why a workbook cannot be read at all."""
    content = package.workbook
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content[:100]:
        return ["the workbook is written in UTF-16: Tableau reads UTF-8"]
    declared = re.match(rb"""\s*(?:\xef\xbb\xbf)?<\?xml[^>]*encoding=["']([^"']+)""", content)
    if declared is not None and declared[1].lower() not in {b"utf-8", b"utf8"}:
        return [f"the workbook says that it is written in {declared[1].decode('ascii', 'replace')}: Tableau reads UTF-8"]
    if b"<!DOCTYPE" in content[:2000]:
        return ["the workbook has a DOCTYPE, which Tableau refuses"]
    try:
        root = package.root
    except etree.XMLSyntaxError as error:
        return [f"the workbook is no XML: {error.msg}"]
    return [] if root.tag == "workbook" else [f"its root is {root.tag}, and no workbook"]


def _is_utf_8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _table(content: bytes) -> tuple[list[str], int]:
    """Return the header of a CSV, and how many rows it has."""
    rows = csv.reader(io.StringIO(content.decode("utf-8"), newline=""))
    return next(rows, list[str]()), sum(1 for _ in rows)
