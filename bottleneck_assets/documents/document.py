"""What a document of a release is: files that people read, drawn from stored tables.

Belongs here: what all documents have in common. Never here: any one of them (catalog.py), or how they reach a release (store.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from bottleneck_assets.engine.warehouse import Warehouse
    from bottleneck_assets.render.occasion import Occasion


def _always_available() -> None:
    """Return no reason: nothing is missing."""


@dataclass(frozen=True)
class Document:
    """One document: its name, its catalogue text, its files (paths in the release), the tables it reads, and what draws it.

    `render` writes exactly these files under the folder it is given, where their folders exist already. `unavailable` returns why the
    document cannot be made on this machine, None if it can; a release is then published without it. `kinds` are shown on the asset's
    page. `about` describes single files where the catalogue text does not fit them. `preview` draws a small picture as SVG. A document
    that is `on_request` is made only when somebody asks for it; until then a release holds the last one.
    """

    name: str
    description: str
    files: tuple[str, ...]
    reads: tuple[str, ...]
    render: Callable[[Occasion, Path], None]
    unavailable: Callable[[], str | None] = _always_available
    kinds: frozenset[str] = frozenset({"html"})
    about: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)  # documents stand in sets, and a mapping cannot
    preview: Callable[[Warehouse], str] | None = None
    on_request: bool = False

    def about_file(self, file: str) -> str:
        """Return what one of its files is: its own words, else the first paragraph of the catalogue text."""
        return " ".join(self.about.get(file, self.description).split("\n\n")[0].split())
