"""What lies beside a stored document: what it was drawn from, and when.

Belongs here: `.made.json`, written and read. Never here: drawing or taking documents (store.py); and no heavy import, since a refresh that
has nothing to do should be over at once.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from bottleneck_assets.release.manifest import Measured  # noqa: TC001 - pydantic reads the annotations

if TYPE_CHECKING:
    from pathlib import Path

    from bottleneck_assets.settings import Settings

ACCESS_REPORT = "access_report"
_MADE = ".made.json"


@dataclass(frozen=True)
class Made:
    """A stored document: the version of the tables and the code that it was drawn from, its files, when, and from which export."""

    version: str
    files: tuple[str, ...]
    measured: Measured


def write_made(folder: Path, made: Made) -> None:
    """Write it into a document's folder."""
    (folder / _MADE).write_text(json.dumps(asdict(made), default=dt.datetime.isoformat), encoding="utf-8")


def read_made(folder: Path) -> Made | None:
    """Return what a document's folder says of it, None if the document is not there whole."""
    try:
        made = TypeAdapter(Made).validate_json((folder / _MADE).read_bytes(), strict=True)
    except (FileNotFoundError, ValidationError):
        return None
    return made if all((folder / file).is_file() for file in made.files) else None


def awaited_report(settings: Settings) -> Measured | None:
    """Return when the data-access report was measured that a release made now would hold; None if it would hold none."""
    made = read_made(settings.documents_dir / ACCESS_REPORT) if settings.reports else None
    return made.measured if made else None
