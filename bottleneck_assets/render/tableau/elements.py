"""Makes XML as Tableau writes it: attributes in the order of the alphabet, identifiers that depend on nothing but what they identify.

Belongs here: elements, identifiers, and turning a tree into bytes. Never here: what any element means.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Mapping

Element = etree._Element  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - lxml has no other name for it
VERSION = "18.1"
"""Of the format: what Desktop still writes, and what older ones read."""
USER_NAMESPACE = "http://www.tableausoftware.com/xml/user"
USER = f"{{{USER_NAMESPACE}}}"
_OURS = uuid5(NAMESPACE_URL, "https://bottleneck.example/tableau")
# what XML 1.0 has no way to write, not even as an escape
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def element(tag: str, attributes: Mapping[str, str] | None = None, *children: Element, text: str | None = None) -> Element:
    """Return an element. Characters that XML cannot hold are written as the replacement character."""
    made = etree.Element(tag, nsmap={"user": USER_NAMESPACE} if tag == "workbook" else None)
    for name in sorted(attributes or {}):
        made.set(name, legal((attributes or {})[name]))
    made.extend(children)
    if text:
        made.text = legal(text)
    return made


def layout() -> Element:
    """Return how the data pane is sorted."""
    return element("layout", {"dim-ordering": "alphabetic", "measure-ordering": "alphabetic", "show-structure": "true"})


def legal(text: str) -> str:
    """Return a text as XML can hold it."""
    return _ILLEGAL.sub("\ufffd", text)


def identifier(kind: str, name: str) -> str:
    """Return the identifier of a thing, the same every time: in braces and capitals, as Tableau writes it."""
    return f"{{{str(uuid5(_OURS, f'{kind}/{name}')).upper()}}}"


def written(root: Element) -> bytes:
    """Return a tree as a file."""
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
