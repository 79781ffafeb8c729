"""Holds a workbook to the elements that ours is made of: their attributes, their children, and which of them hold text.

Belongs here: the check, and its list (vocabulary.txt), which a test keeps equal to what the workbook uses. Never here: what it means.

It finds what is misspelt, left out or brought in, whatever that is, without knowing what Tableau would make of it.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from bottleneck_assets.render.tableau.elements import USER
from bottleneck_assets.render.tableau.gate.opened import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bottleneck_assets.render.tableau.elements import Element
    from bottleneck_assets.render.tableau.gate.opened import Package


@cache
def shapes() -> Mapping[str, str]:
    """Return for each tag in its parent `attribute optional?=word|word > child optional?`, then `+ text` where it always holds some."""
    lines = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    return {tag: shape.strip() for tag, _, shape in (line.partition(":") for line in lines)}


def elements_are_of_our_shapes(package: Package) -> Iterator[str]:
    """An element has the attributes and children that ours always have, and none that ours never have."""
    for node in package.root.iter(etree.Element):
        parent = node.getparent()
        shape = shapes().get(f"{parent.tag if parent is not None else ''}/{node.tag}")
        if shape is None:  # said of its parent
            continue
        shape, _, text = shape.partition("+")
        attributes, _, children = shape.partition(">")
        given = {str(name).replace(USER, "user:"): str(value) for name, value in node.attrib.items()}
        words = {name.rstrip("?"): said.split("|") for name, equals, said in (one.partition("=") for one in attributes.split()) if equals}
        yield from _unlike(node, set(given), re.sub(r"=\S*", "", attributes), "the attribute")
        for name, said in words.items():
            if name in given and given[name] not in said:
                yield f"{node.tag} {name_of(node)} has the {name} {given[name]}, which ours never has"
        yield from _unlike(node, {str(child.tag) for child in node}, children, "the element")
        held, known = (node.text or "").strip(), text.partition("=")[2].split("|")
        if text and not held:
            yield f"{node.tag} {name_of(node)} holds no text"
        elif known != [""] and held not in known:
            yield f"{node.tag} {name_of(node)} holds {held}, which ours never does"


def _unlike(node: Element, found: set[str], shape: str, what: str) -> Iterator[str]:
    names = set(shape.split())
    yield from (f"{node.tag} {name_of(node)} lacks {what} {name}" for name in sorted(names - found) if not name.endswith("?"))
    yield from (f"{node.tag} {name_of(node)} has {what} {name}" for name in sorted(found) if not {name, f"{name}?"} & names)
