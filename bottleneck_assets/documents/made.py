"""What lies beside a stored document: what it was drawn from, and when.

Belongs here: `.made.json`, written and read. Never here: drawing or taking documents (store.py); and no heavy import, since a refresh that
has nothing to do should be over at once.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping  # noqa: TC003 - pydantic reads the annotations
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from bottleneck_assets.engine import durable
from bottleneck_assets.release.manifest import Measured, sha256_of

if TYPE_CHECKING:
    from pathlib import Path

    from bottleneck_assets.settings import Settings

ACCESS_REPORT = "access_report"
_MADE = ".made.json"


@dataclass(frozen=True)
class Made:
    """A stored document: the version of what it was drawn from, its files, each with its SHA-256, when, and from which export."""

    version: str
    files: Mapping[str, str]
    measured: Measured


def write_made(folder: Path, made: Made) -> None:
    """Write it into a document's folder."""
    text = json.dumps({**asdict(made), **durable.UNSEALED}, default=dt.datetime.isoformat)
    (folder / _MADE).write_text(text, encoding="utf-8")
    durable.seal(folder / _MADE)


def read_made(folder: Path) -> Made | None:
    """Return what a document's folder says of it, None if the document is not there whole: with the very bytes that were drawn."""
    try:
        made = TypeAdapter(Made).validate_json((folder / _MADE).read_bytes(), strict=True)
        if durable.flaw_in(folder / _MADE):
            return None
        return made if all(sha256_of(folder / file) == sha256 for file, sha256 in made.files.items()) else None
    except (OSError, ValidationError):  # one that is missing, or a bad sector
        return None


def awaited_report(settings: Settings) -> Measured | None:
    """Return when the data-access report was measured that a release made now would hold; None if it would hold none."""
    made = read_made(settings.documents_dir / ACCESS_REPORT) if settings.reports else None
    return made.measured if made else None
