"""Holds a workbook to the elements that ours is made of: their attributes, their children, and which of them hold text.

Belongs here: the check, and its list (vocabulary.txt), which a test keeps equal to what the workbook uses. Never here: what it means.

It finds what is misspelt, left out or brought in, whatever that is, without knowing what Tableau would make of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from bottleneck_assets.render.tableau.elements import USER
from bottleneck_assets.render.tableau.gate.opened import name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bottleneck_assets.render.tableau.elements import Element
    from bottleneck_assets.render.tableau.gate.opened import Package


@cache
def shapes() -> Mapping[str, str]:
    """Return for each tag in its parent `attribute optional?=word|word > child optional?`, then `+ text` where it always holds some."""
    lines = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    return {tag: shape.strip() for tag, _, shape in (line.partition(":") for line in lines)}


@dataclass(frozen=True)
class _Names:
    """Names of attributes or children: those that are always there, and all that ever are."""

    always: frozenset[str]
    ever: frozenset[str]

    @staticmethod
    def of(names: Iterable[str]) -> _Names:
        """Read them: with ?, one is not always there."""
        listed = [*names]
        return _Names(frozenset(name for name in listed if not name.endswith("?")), frozenset(name.rstrip("?") for name in listed))

    def unlike(self, node: Element, found: set[str], what: str) -> Iterator[str]:
        """Yield what an element lacks, and what it has beyond them."""
        if self.always <= found <= self.ever:
            return
        yield from (f"{node.tag} {name_of(node)} lacks {what} {name}" for name in sorted(self.always - found))
        yield from (f"{node.tag} {name_of(node)} has {what} {name}" for name in sorted(found - self.ever))


@dataclass(frozen=True)
class _Shape:
    """What a tag is like in its parent: its attributes, the words that some of these keep to, its children, and the text that it holds."""

    attributes: _Names
    words: Mapping[str, frozenset[str]]
    children: _Names
    holds_text: bool
    texts: frozenset[str]

    @staticmethod
    def of(shape: str) -> _Shape:
        """Read a line of the list, behind its tag."""
        elements, _, text = shape.partition("+")
        attributes, _, children = elements.partition(">")
        named = [one.partition("=") for one in attributes.split()]
        texts = frozenset(text.partition("=")[2].split("|")) - {""}
        words = {name.rstrip("?"): frozenset(said.split("|")) for name, equals, said in named if equals}
        return _Shape(_Names.of(name for name, *_ in named), words, _Names.of(children.split()), bool(text), texts)


@cache
def _shapes() -> Mapping[str, _Shape]:
    return {tag: _Shape.of(shape) for tag, shape in shapes().items()}


def elements_are_of_our_shapes(package: Package) -> Iterator[str]:
    """An element has the attributes and children that ours always have, and none that ours never have."""
    known = _shapes()
    for node in package.root.iter(etree.Element):
        parent = node.getparent()
        shape = known.get(f"{parent.tag if parent is not None else ''}/{node.tag}")
        if shape is None:  # said of its parent
            continue
        given = {str(name).replace(USER, "user:"): str(value) for name, value in node.attrib.items()}
        yield from shape.attributes.unlike(node, set(given), "the attribute")
        for name, words in shape.words.items():
            if name in given and given[name] not in words:
                yield f"{node.tag} {name_of(node)} has the {name} {given[name]}, which ours never has"
        yield from shape.children.unlike(node, {str(child.tag) for child in node}, "the element")
        held = (node.text or "").strip()
        if shape.holds_text and not held:
            yield f"{node.tag} {name_of(node)} holds no text"
        elif shape.texts and held not in shape.texts:
            yield f"{node.tag} {name_of(node)} holds {held}, which ours never does"
