"""Finds the releases that the portal shows, and opens their files.

Belongs here: which release `latest` is, what its manifest and its dictionary say, and opening what the manifest lists. Never here: the
warehouse, making a release, and any file that no manifest names.

A release never changes once it has its name, but it may be deleted at any moment: what is opened stays readable, what is not is gone.
"""

from __future__ import annotations

import csv
import datetime as dt
import errno
import io
import os
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, cast

from pydantic import AfterValidator, BaseModel, Field, ValidationError
from pydantic_core import from_json

from bottleneck_assets.errors import BottleneckError
from bottleneck_assets.release.manifest import MANIFEST
from bottleneck_assets.release.publishing import newest_first
from bottleneck_assets.settings import LATEST

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ATTEMPTS = 5
"""How often `latest` is looked up again if its release is deleted in between; each time it is another one."""
DICTIONARY = "data_dictionary.csv"
_MOST_BYTES_OF_A_NAME = 255
csv.field_size_limit((1 << 31) - 1)  # for all of the portal: an export's cell may have more than the 131,072 characters that it is


class GoneError(Exception):
    """A release, or a file of one, that is not there, or not any more."""


class DamagedError(BottleneckError):
    """A folder that should be a release, and cannot be read as one."""

    def __init__(self, name: str, flaw: str) -> None:
        """Take the folder's name and what is wrong with it."""
        shown = os.fsencode(name).decode("utf-8", "replace")
        problem = f"{shown} cannot be read as a release: {flaw}."
        super().__init__(problem, "Put it right or delete it; bottleneck refresh --force makes one anew.")


class ChangedError(BottleneckError):
    """A file that is not what its release published."""

    def __init__(self, release: str, path: str, flaw: str) -> None:
        """Take the release's name, the path of the file in it, and in what it differs."""
        problem = f"{path} of release {release} is not what was published: {flaw}."
        super().__init__(problem, "Somebody has changed it since; bottleneck refresh --force publishes it anew.")


@dataclass(frozen=True)
class Column:
    """A column of a file, as the release's own dictionary describes it."""

    name: str
    type: str
    unit: str
    description: str
    formula: str


@dataclass(frozen=True)
class ReleasedFile:
    """A file of a release, as its manifest lists it: the table that it shows and its rows, if it shows one."""

    path: str
    table: str | None
    rows: int | None
    bytes: int
    sha256: str

    @property
    def name(self) -> str:
        """Its name without folders."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class Release:
    """A release: its folder, and its manifest."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Its name, which is that of its folder."""
        return self.folder.name

    @cached_property
    def files(self) -> Mapping[str, ReleasedFile]:
        """Its files by path, but for the manifest."""
        listed = cast("list[Mapping[str, Any]]", self.manifest["files"])
        return {
            file["path"]: ReleasedFile(file["path"], file.get("table"), file.get("rows"), file["bytes"], file["sha256"]) for file in listed
        }

    @property
    def export(self) -> Mapping[str, str]:
        """The export that it was made from: `name`, `sha256`, `changed_at`."""
        return self.manifest["export"]

    @property
    def published_at(self) -> dt.datetime:
        """When it was published."""
        return dt.datetime.fromisoformat(self.manifest["published_at"])

    @property
    def data_as_of(self) -> dt.datetime:
        """When its export was last changed; when it was published, if that is not known."""
        changed = self.export.get("changed_at")
        return dt.datetime.fromisoformat(changed) if changed else self.published_at

    @property
    def checks(self) -> Sequence[Mapping[str, Any]]:
        """What its checks said."""
        return self.manifest.get("checks", [])

    def open(self, file: ReleasedFile) -> BinaryIO:
        """Open one of its files. Raises GoneError if it is gone, ChangedError if it is not what the manifest says."""
        try:
            opened = (self.folder / file.path).open("rb")
        except (FileNotFoundError, NotADirectoryError) as error:
            raise GoneError(file.path) from error
        if (size := os.fstat(opened.fileno()).st_size) != file.bytes:
            opened.close()
            raise ChangedError(self.name, file.path, f"it has {size:,} bytes, and {file.bytes:,} were")
        return opened

    def manifest_bytes(self) -> bytes:
        """Return its manifest as it lies there. Raises GoneError if it is gone."""
        try:
            return (self.folder / MANIFEST).read_bytes()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise GoneError(MANIFEST) from error

    def rows(self, path: str, at_most: int | None = None) -> list[dict[str, str]]:
        """Return the first rows of one of its CSVs; none if there is no such file. Raises what `open` does."""
        if path not in self.files:
            return []
        with self.open(self.files[path]) as binary, io.TextIOWrapper(binary, encoding="utf-8", newline="") as text:
            try:
                return [row for row, _ in zip(csv.DictReader(text, restval=""), range(at_most or 1_000_000), strict=False)]
            except (UnicodeDecodeError, csv.Error) as error:
                raise ChangedError(self.name, path, str(error)) from error

    @cached_property
    def dictionary(self) -> Mapping[str, Sequence[Column]]:
        """The columns of each of its files, in order."""
        described: dict[str, list[Column]] = {}
        for row in self.rows(DICTIONARY):
            try:
                column = Column(row["column"], row["type"], row["unit"], row["description"], row["formula"])
                described.setdefault(row["table"], []).append(column)
            except KeyError as error:
                raise ChangedError(self.name, DICTIONARY, f"it has no column {error}") from error
        return described


def newest(extracts: Path) -> Release:
    """Return the release that `latest` points at now. Raises GoneError if there is none.

    Raises DamagedError if it cannot be read: no older one stands in for it. Whoever answers a request asks once, so that all of the answer
    is of one release.
    """
    for _ in range(ATTEMPTS):
        try:
            os.lstat(extracts / LATEST)
        except FileNotFoundError:  # for an instant, where `latest` is a copy, there is none
            if release := next(_readable(extracts), None):
                return release
            raise GoneError(LATEST) from None
        folder = Path(os.path.realpath(extracts / LATEST))
        try:
            if folder.name == LATEST:  # a copy, where links are not allowed: the release itself lies beside it
                folder = extracts / _manifest(folder)["release"]
            if folder.parent == Path(os.path.realpath(extracts)) or folder.parent == extracts:
                return named(extracts, folder.name)
        except GoneError:
            continue
    raise DamagedError(LATEST, "it leads to none")


def names(extracts: Path) -> list[str]:
    """Return the names of the releases, newest first."""
    try:
        with os.scandir(extracts) as entries:
            found = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False) and _may_be_release(entry.name)]
    except FileNotFoundError:
        return []
    return newest_first(found, dt.datetime.now(dt.UTC))


def named(extracts: Path, name: str) -> Release:
    """Return a release by its name. Raises GoneError if there is none of that name, DamagedError if it cannot be read."""
    if not _may_be_release(name):
        raise GoneError(name)
    folder = extracts / name
    try:
        seen = (folder / MANIFEST).stat()
    except OSError as error:
        if error.errno not in _NOT_THERE:
            raise DamagedError(name, str(error.strerror)) from error
        raise GoneError(name) from error
    return _read(folder, seen.st_ino, seen.st_mtime_ns)


def released(extracts: Path) -> list[Release]:
    """Return the releases that can be read, newest first."""
    return list(_readable(extracts))


def damaged(extracts: Path) -> list[DamagedError]:
    """Return what is wrong with those that cannot be read."""
    found: list[DamagedError] = []
    for name in names(extracts):
        try:
            named(extracts, name)
        except GoneError:
            continue
        except DamagedError as error:
            found.append(error)
    return found


def of_run(extracts: Path, run_id: str) -> Release | None:
    """Return the release that a run has made, None if it has made none."""
    return next((release for release in released(extracts) if release.manifest.get("run_id") == run_id), None)


def _may_be_release(name: str) -> bool:
    fits = len(name.encode("utf-8", "replace")) <= _MOST_BYTES_OF_A_NAME
    return fits and not name.startswith(".") and name != LATEST and not set(name) & set("/\\:\0")


def _readable(extracts: Path) -> Iterator[Release]:
    for name in names(extracts):
        try:
            yield named(extracts, name)
        except (GoneError, DamagedError):
            continue


@lru_cache(maxsize=128)
def _read(folder: Path, _inode: int, _changed_ns: int) -> Release:
    """Return a release. Whatever it raises is not kept: what could not be read once may be readable the next time."""
    manifest = _manifest(folder)
    if manifest["release"] != folder.name:
        raise DamagedError(folder.name, f"its manifest is that of {manifest['release']}")
    return Release(folder, manifest)


def _manifest(folder: Path) -> Mapping[str, Any]:
    try:
        found = from_json((folder / MANIFEST).read_bytes())
        _Manifest.model_validate(found, strict=True)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise GoneError(folder.name) from error
    except OSError as error:
        raise DamagedError(folder.name, str(error.strerror)) from error
    except ValidationError as error:
        flaw = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in flaw["loc"])
        raise DamagedError(folder.name, f"{MANIFEST}: {where}: {flaw['msg']}") from error
    except ValueError as error:
        raise DamagedError(folder.name, f"{MANIFEST}: {error}") from error
    return found


def _is_time(text: str) -> str:
    time = dt.datetime.fromisoformat(text)
    if time.tzinfo is None or not 1970 <= time.year < 9999:  # noqa: PLR2004 - what every zone can show
        message = "not a time with its zone"
        raise ValueError(message)
    return text


def _is_inside(path: str) -> str:
    parts = PurePosixPath(path).parts
    if not parts or path != "/".join(parts) or ".." in parts or set(path) & set("\\:\0"):
        message = "not a path inside the release"
        raise ValueError(message)
    return path


_Time = Annotated[str, AfterValidator(_is_time)]


class _Export(BaseModel):
    name: str
    changed_at: _Time | Annotated[str, Field(max_length=0)] | None = None


class _File(BaseModel):
    path: Annotated[str, AfterValidator(_is_inside)]
    bytes: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    table: str | None = None
    rows: int | None = None


class _Check(BaseModel):
    asset: str
    check: str
    passed: bool
    severity: str
    found: str
    remedy: str


class _Manifest(BaseModel):
    """What the portal reads of a manifest; there may be more."""

    release: str
    published_at: _Time
    export: _Export
    files: list[_File]
    checks: list[_Check] = []


_NOT_THERE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EINVAL}
