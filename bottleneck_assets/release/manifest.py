"""The manifest of a release, typed: what was published, from which export, by which software, and what the checks found.

Belongs here: `manifest.json`, written and read. Never here: making or comparing releases; and no heavy import, since a refresh that has
nothing to do should be over at once.

A manifest may have more fields than this version knows, and those with a default may be missing from an older one. Anything else is no
manifest of ours: reading it says which field is wrong.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Mapping  # noqa: TC003 - pydantic reads the annotations
from dataclasses import asdict, dataclass, field
from functools import cache
from operator import methodcaller
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, cast

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError

from bottleneck_assets.engine import durable
from bottleneck_assets.errors import BottleneckError, ReleaseError

MANIFEST = "manifest.json"
FORMAT = 1
"""How the data folder is written. It goes up whenever an older version of this package would misread, or spoil, what a newer one wrote."""


class GoneError(Exception):
    """A release, or a file of one, that is not there, or not any more."""


class DamagedError(BottleneckError):
    """A folder that should be a release, and cannot be read as one."""

    def __init__(self, name: str, flaw: str) -> None:
        """Take the folder's name and what is wrong with it."""
        shown = os.fsencode(name).decode("utf-8", "replace")
        problem = f"{shown} cannot be read as a release: {flaw}."
        super().__init__(problem, "Put it right or delete it; bottleneck refresh --force makes one anew.")


def _with_zone(time: dt.datetime) -> dt.datetime:
    if time.tzinfo is None or not 1970 <= time.year < 9999:  # noqa: PLR2004 - what every zone can show
        message = "not a time with its zone"
        raise ValueError(message)
    return time


def _time_or_none(given: object) -> object:
    """Take an empty text for no time, as older releases wrote it; what a validator hands on must be of its type by then."""
    return dt.datetime.fromisoformat(given) if isinstance(given, str) and given else given or None


def _inside(path: str) -> str:
    parts = PurePosixPath(path).parts
    if not parts or path != "/".join(parts) or ".." in parts or set(path) & set("\\:\0"):
        message = "not a path inside the release"
        raise ValueError(message)
    return path


Time = Annotated[dt.datetime, AfterValidator(_with_zone)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


@dataclass(frozen=True)
class ReleasedExport:
    """The export that a release was made from: its name then, its SHA-256, and when it was last changed, None if that is not known.

    `with_log` says whether a write-ahead log beside it was read as a part of it, `in_place_of` which newer export could not be used, if one
    could not.
    """

    name: str
    sha256: str = ""
    changed_at: Annotated[Time | None, BeforeValidator(_time_or_none)] = None
    with_log: bool = False
    in_place_of: str = ""


@dataclass(frozen=True)
class Period:
    """The reporting period: its first and last month (`2022-10`), its months with sales, and whether it is a full year of the shop."""

    period_start: str
    period_end: str
    months: int
    is_full_year: bool


@dataclass(frozen=True)
class Measured:
    """When the data-access report was measured, and the name and SHA-256 of the export it was measured on."""

    at: Time
    export: str
    sha256: str


@dataclass(frozen=True)
class ReleasedFile:
    """One file of a release: its path in the release, the table it shows and its rows (if it shows one), its bytes and SHA-256."""

    path: Annotated[str, AfterValidator(_inside)]
    bytes: Annotated[int, Field(ge=0)]
    sha256: Sha256
    table: str | None = None
    rows: int | None = None

    @property
    def name(self) -> str:
        """Its name without folders."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class CheckResult:
    """The result of one check: asset, check, whether it passed, its severity (WARN or ERROR), what it found, and the remedy."""

    asset: str
    check: str
    passed: bool
    severity: str
    found: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a release says of itself.

    `data_as_of` is the last day of the export's last month, None where that is not known. `parameters` are the settings that figures
    depend on, `software` the versions and hashes of the code that made it, `reports` whether it was to hold documents, `late_after_hours`
    how old it may become, `format` how the data folder was written (FORMAT; 0 is before it was counted), and `data_access` when the
    data-access report in it was measured, None if there is none.
    """

    release: str
    published_at: Time
    run_id: str = ""
    export: ReleasedExport
    data_as_of: dt.date | None = None
    data_age_hours: float | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    period: Period | None = None
    max_quarantined_share: float | None = None
    max_quarantined_revenue_share: float | None = None
    reports: bool = False
    late_after_hours: float | None = None
    data_access: Measured | None = None
    software: Mapping[str, str] = field(default_factory=dict[str, str])
    format: int = 0
    files: tuple[ReleasedFile, ...]
    checks: tuple[CheckResult, ...] = ()


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a published file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest of a release, sealed with the SHA-256 of its bytes."""
    text = json.dumps({**asdict(manifest), **durable.UNSEALED}, indent=2, ensure_ascii=False, default=methodcaller("isoformat"))
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
    durable.seal(folder / MANIFEST)


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest in a folder.

    Raises GoneError if there is none, and DamagedError if it is no manifest of a release (it names the field), or not as it was written.
    """
    try:
        manifest = _manifests().validate_json((folder / MANIFEST).read_bytes(), strict=True)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise GoneError(folder.name) from error
    except OSError as error:
        raise DamagedError(folder.name, str(error.strerror)) from error
    except ValidationError as error:
        flaw = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in flaw["loc"])
        raise DamagedError(folder.name, ": ".join(part for part in (MANIFEST, where, flaw["msg"]) if part)) from error
    if manifest.format and (broken := durable.flaw_in(folder / MANIFEST)):
        raise DamagedError(folder.name, f"{MANIFEST} {broken}")
    return manifest


def refuse_newer(release: Path) -> None:
    """Raise ReleaseError if a release was made by a version that writes the data folder in a way which this one does not know."""
    try:
        found: Any = json.loads((release / MANIFEST).read_bytes())
    except (OSError, ValueError):  # none, or one that says nothing
        return
    written = cast("dict[str, Any]", found).get("format") if isinstance(found, dict) else None
    if isinstance(written, int) and written > FORMAT:
        problem = f"{release.parent.parent} was written by a newer version of bottleneck-assets (format {written}; this one has {FORMAT})."
        raise ReleaseError(problem, "Use that version, or a data folder of its own for this one: --data-dir, or BOTTLENECK_DATA_DIR.")


@cache
def _manifests() -> TypeAdapter[Manifest]:
    return TypeAdapter(Manifest)
