"""What a document of a release is: files that people read, rendered from stored tables.

Belongs here: what every document has in common. Never here: any one document (render/report), or how it gets into a release
(documents/waiting.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from bottleneck_assets.engine.warehouse import Warehouse
    from bottleneck_assets.release.publishing import CheckResult

PORTAL = "http://127.0.0.1:3002"


@dataclass(frozen=True)
class Occasion:
    """What a document is made from, and when: the tables, the export behind them, when the run that made them began, and the time now.

    `portal` is the address to which a document leads those who want newer data.

    The start is None where the tables are those of an earlier run; the results of the checks are None where nobody has asked for them.
    """

    warehouse: Warehouse
    export: Path
    data_as_of: str
    run_started: dt.datetime | None
    now: dt.datetime
    checks: Sequence[CheckResult] | None = None
    portal: str = PORTAL


def _never() -> None:
    """Say that nothing is in the way."""


@dataclass(frozen=True)
class Document:
    """One document: its name, its catalogue text, its files (paths in the release), the tables it shows, and how it is rendered.

    `about` says what a file is where the catalogue text does not: that of the others is the document's. `render` writes exactly these files
    under the folder that it is given; what lies above them is there already. `unavailable` says why the document cannot be made on this
    machine, None where it can: a release is then published without it. `kinds` are what the asset's page shows. `preview`, if there is one,
    draws a small picture of the document from the tables, as SVG. Heavy libraries are imported where these are called: definitions load
    without them.
    """

    name: str
    description: str
    files: tuple[str, ...]
    reads: tuple[str, ...]
    render: Callable[[Occasion, Path], None]
    unavailable: Callable[[], str | None] = _never
    kinds: frozenset[str] = frozenset({"html"})
    about: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)  # documents stand in sets, and a mapping cannot
    preview: Callable[[Warehouse], str] | None = None
