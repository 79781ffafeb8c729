"""Says of which elements a workbook is made: for each tag in its parent its attributes, its children, and text.

Belongs here: reading that off workbooks. Never here: what any of it means.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import etree

from bottleneck_assets.render.tableau.elements import USER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lxml.etree import _Element as Element


FREE = {"name", "caption", "value", "filename", "update-time", "column", "worksheet", "dashboard", "datasource", "expression"}
"""Attributes in which names stand."""


def shapes_of(roots: Iterable[Element]) -> Mapping[str, str]:
    """Return the shape of each tag in its parent: `attribute optional?=word|word > child optional?`, `+ text` if it always holds some."""
    met: dict[str, list[tuple[set[str], set[str], bool]]] = {}
    values = dict[tuple[str, str], set[str]]()
    for root in roots:
        for node in root.iter(etree.Element):
            for name, value in [*node.attrib.items(), ("text", (node.text or "").strip())]:
                values.setdefault((place_of(node), str(name).replace(USER, "user:")), set()).add(str(value))
            attributes = {str(name).replace(USER, "user:") for name in node.attrib}
            met.setdefault(place_of(node), []).append((attributes, {str(child.tag) for child in node}, bool((node.text or "").strip())))
    words = {key: _words(key[1], found) for key, found in values.items()}
    return {tag: _shape(tag, found, words) for tag, found in sorted(met.items())}


def place_of(node: Element) -> str:
    """Return the tag of an element, behind that of its parent."""
    parent = node.getparent()
    return f"{parent.tag if parent is not None else ''}/{node.tag}"


def _shape(tag: str, found: list[tuple[set[str], set[str], bool]], words: Mapping[tuple[str, str], str]) -> str:
    attributes, children = (_names([one[part] for one in found]) for part in (0, 1))
    attributes = [name + words[tag, name.rstrip("?")] for name in attributes]
    text = [f"+ text{words[tag, 'text']}"] if all(one[2] for one in found) else []
    return " ".join([*attributes, *([">", *children] if children else []), *text])


def _words(name: str, found: set[str]) -> str:
    """Return the words that stand in a place, where they are few and are not what people call things."""
    is_free = name in FREE or len(found) > 12 or not all(re.fullmatch(r"[A-Za-z][\w.-]*|-1|", word) for word in found)
    return "" if is_free else f"={'|'.join(sorted(found))}"


def _names(found: list[set[str]]) -> list[str]:
    always = set[str].intersection(*found)
    return [name if name in always else f"{name}?" for name in sorted(set[str].union(*found))]
