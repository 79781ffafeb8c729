"""The French workbook: the English one, with no English word left in what readers see, and the same sheets, formulas and figures."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

from bottleneck_assets.render.tableau.workbook import workbook
from bottleneck_assets_tests.render.tableau.schemas import VERSIONS, tableau_schema
from bottleneck_assets_tests.render.tableau.test_shelves import Reader

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lxml.etree import _Element as Element

    from bottleneck_assets_tests.render.tableau.conftest import Packaged
    from bottleneck_assets_tests.render.tableau.shelves import Shelves

PORTAL = "https://portal.example"
IN_BOTH = {
    "Segment",
    "Segments",
    "SKU",
    "Verdict",
    "Promotions",
    "Promotions.",
    "Volume (cl)",
    "Dimensions",
    "Dates",
}
"""What is the same in both languages; names of files are no texts."""
ENGLISH = re.compile(
    r"\b(?:the|of|and|by|in|with|what|how|is|are|was|were|per|from|each|not|no|beyond|shop|units?|months?|price)\b", re.IGNORECASE
)
_SHOWN = re.compile(r"(?<=THEN )'[^']*'|(?<=ELSE )'[^']*'")
"""What a formula says, not what it compares with."""
_OF_READERS = {
    "caption", "default-format", "locale", "uuid", "x", "y", "w", "h", "fixed-size", "maxheight", "minheight", "to",
    "action", "alias", "label",
}  # fmt: skip
"""Attributes that hold a text, or follow from one: how wide a button is, the identifier of a sheet."""


@pytest.fixture(scope="module")
def both() -> tuple[Element, Element]:
    """The workbook in English and in French."""
    english, french = (etree.fromstring(workbook(PORTAL, segments={"Vin": "#7b1e3b"}, language=language)) for language in ("en", "fr"))
    return english, french


def visible(root: Element) -> set[str]:
    """Return every text that a reader may see."""
    found = set[str]()
    for node in root.iter(etree.Element):
        if node.tag not in {"named-connection", "object"}:  # called as the file
            found.add(node.get("caption", ""))
        if node.tag in {"worksheet", "dashboard", "folder"}:
            found.add(node.get("name", ""))
        if node.tag == "alias":
            found.add(node.get("value", ""))
        if node.tag == "reference-line":
            found.add(node.get("label", ""))
        if node.tag in {"run", "caption"}:
            found.add((node.text or "").strip())
        found.update(literal.strip("'") for literal in _SHOWN.findall(node.get("formula", "")))
    return {text for text in found if re.search(r"[^\W\d_]", text) and not re.search(r"\[federated\.|^\u00c6$", text)}


def bare(workbook: Element) -> str:
    """Return a workbook without what readers see and what follows from that: sheets by their numbers, no texts, no sizes."""
    root = deepcopy(workbook)
    names = [str(sheet.get("name")) for path in ("worksheets/worksheet", "dashboards/dashboard") for sheet in root.iterfind(path)]
    number = {name: f"#{place}" for place, name in enumerate(names)}
    for texts in root.iter("formatted-text"):
        for run in [run for run in texts if "[federated." not in (run.text or "")]:
            texts.remove(run)
    for aliases in root.findall(".//column[@role='dimension']/aliases"):
        if "[federated." not in str(aliases[0].get("key")):
            aliases.getparent().remove(aliases)
    for node in root.iter(etree.Element):
        for name, value in node.attrib.items():
            node.set(name, _without_texts(node, str(name), str(value), number))
        is_text = node.tag in {"bucket", "caption"} and "[federated." not in (node.text or "")
        node.text = "" if is_text else (node.text or "").strip().replace("sentence_fr", "sentence_en")
        node.tail = None
    return etree.tostring(root, method="c14n").decode()


def _without_texts(node: Element, name: str, value: str, number: Mapping[str, str]) -> str:
    if name in _OF_READERS or (node.tag, name) in {("alias", "value"), ("folder", "name")}:
        return ""
    if name == "formula":
        return _SHOWN.sub("", value)
    return (number.get(value) or ",".join(number.get(part, part) for part in value.split(","))).replace("sentence_fr", "sentence_en")


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize("version", VERSIONS)
def test_it_is_valid_to_tableaus_schema(version: str, tmp_path: Path, *, live: bool) -> None:
    schema = tableau_schema(version, tmp_path)
    schema.validate(etree.fromstring(workbook(PORTAL, live=live, language="fr")))
    assert [f"{error.line}: {error.message}" for error in schema.error_log] == []


def test_no_text_of_the_english_workbook_is_left(both: tuple[Element, Element]) -> None:
    english, french = map(visible, both)
    assert len(english) > 500
    assert english & french == IN_BOTH
    assert {text: found for text in french if (found := ENGLISH.findall(text))} == {}


def test_it_has_the_same_sheets_filters_formulas_and_clicks(both: tuple[Element, Element]) -> None:
    english, french = map(bare, both)
    assert french.split("<") == english.split("<")


def test_its_numbers_and_dates_are_written_as_in_french(both: tuple[Element, Element]) -> None:
    _, french = both
    assert french.get("locale") == "fr_FR"
    formats = {str(column.get("default-format")) for column in french.iter("column") if column.get("default-format")}
    assert not [look for look in formats if re.search(r'"€"#|\d%|yyyy-mm', look)]
    assert {'c#,##0"\u00a0€";-#,##0"\u00a0€"', "*0.0\u00a0%;-0.0\u00a0%", "*dd/mm/yyyy", "*mmmm yyyy"} <= formats


def figures(shelves: Shelves, rows: list[list[Any]]) -> list[str]:
    """Return what a sheet measures, to nine digits, mark by mark; texts, such as whether a mark is a loss, left out."""
    marks = [[value for value in row[len(shelves.headers) :] if not isinstance(value, str)] for row in rows]
    return sorted(" ".join("-" if value is None else f"{float(value):.9g}" for value in mark) for mark in marks)


def test_it_shows_the_same_figures(packaged: Packaged, process: Any, tmp_path: Path) -> None:
    english, french = (Reader(package, tmp_path / package.stem, process) for package in (packaged.file, packaged.french))
    for one, other in zip(english.sheets, french.sheets, strict=True):
        assert figures(*french.rows(other)) == figures(*english.rows(one)), other
