"""Says of which elements a workbook is made: for each tag in its parent its attributes, its children, and text.

Belongs here: reading that off workbooks. Never here: what any of it means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from bottleneck_assets.render.tableau.elements import USER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lxml.etree import _Element as Element


def shapes_of(roots: Iterable[Element]) -> Mapping[str, str]:
    """Return the shape of each tag in its parent: `attribute optional? > child optional?`, then `+ text` where it always holds some."""
    met: dict[str, list[tuple[set[str], set[str], bool]]] = {}
    for root in roots:
        for node in root.iter(etree.Element):
            attributes = {str(name).replace(USER, "user:") for name in node.attrib}
            parent = node.getparent()
            place = f"{parent.tag if parent is not None else ''}/{node.tag}"
            met.setdefault(place, []).append((attributes, {str(child.tag) for child in node}, bool((node.text or "").strip())))
    return {tag: _shape(found) for tag, found in sorted(met.items())}


def _shape(found: list[tuple[set[str], set[str], bool]]) -> str:
    attributes, children = (_names([one[part] for one in found]) for part in (0, 1))
    return " ".join([*attributes, *([">", *children] if children else []), *(["+ text"] if all(one[2] for one in found) else [])])


def _names(found: list[set[str]]) -> list[str]:
    always = set[str].intersection(*found)
    return [name if name in always else f"{name}?" for name in sorted(set[str].union(*found))]
