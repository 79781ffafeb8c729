"""Finds the releases that the portal shows, and opens their files.

Belongs here: which release `latest` is, what its manifest and its dictionary say, and opening what the manifest lists. Never here: the
warehouse, making a release, and any file that no manifest names.

A release never changes once it has its name, but it may be deleted at any moment: what is opened stays readable, what is not is gone.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from bottleneck_assets.publish.manifest import MANIFEST, read_manifest
from bottleneck_assets.settings import LATEST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ATTEMPTS = 5
"""How often `latest` is looked up again if its release is deleted in between; each time it is another one."""
DICTIONARY = "data_dictionary.csv"


class GoneError(Exception):
    """A release, or a file of one, that is not there, or not any more."""


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
        """Open one of its files. Raises GoneError if it is gone, or is not what the manifest says."""
        try:
            opened = (self.folder / file.path).open("rb")
        except OSError as error:
            raise GoneError(file.path) from error
        if os.fstat(opened.fileno()).st_size != file.bytes:
            opened.close()
            raise GoneError(file.path)
        return opened

    def manifest_bytes(self) -> bytes:
        """Return its manifest as it lies there. Raises GoneError if it is gone."""
        try:
            return (self.folder / MANIFEST).read_bytes()
        except OSError as error:
            raise GoneError(MANIFEST) from error

    def rows(self, path: str, at_most: int | None = None) -> list[dict[str, str]]:
        """Return the first rows of one of its CSVs; none if there is no such file. Raises GoneError if it is gone."""
        if path not in self.files:
            return []
        with self.open(self.files[path]) as binary, io.TextIOWrapper(binary, encoding="utf-8", newline="") as text:
            return [row for row, _ in zip(csv.DictReader(text), range(at_most or 1_000_000), strict=False)]

    @cached_property
    def dictionary(self) -> Mapping[str, Sequence[Column]]:
        """The columns of each of its files, in order."""
        described: dict[str, list[Column]] = {}
        for row in self.rows(DICTIONARY):
            column = Column(row["column"], row["type"], row["unit"], row["description"], row["formula"])
            described.setdefault(row["table"], []).append(column)
        return described


def newest(extracts: Path) -> Release:
    """Return the release that `latest` points at now. Raises GoneError if there is none.

    Whoever answers a request asks once, so that all of the answer is of one release.
    """
    for _ in range(ATTEMPTS):
        folder = Path(os.path.realpath(extracts / LATEST))
        if folder.name == LATEST:  # a copy, where links are not allowed: the release itself lies beside it
            folder = extracts / str((read_manifest(folder) or {}).get("release", LATEST))
        if folder.parent == Path(os.path.realpath(extracts)) or folder.parent == extracts:
            try:
                return named(extracts, folder.name)
            except GoneError:
                continue
    for name in names(extracts):  # for an instant, where `latest` is a copy, there is none
        try:
            return named(extracts, name)
        except GoneError:
            continue
    raise GoneError(LATEST)


def names(extracts: Path) -> list[str]:
    """Return the names of the releases, newest first."""
    try:
        with os.scandir(extracts) as entries:
            found = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False) and _may_be_release(entry.name)]
    except OSError:
        return []
    return sorted(found, reverse=True)


def named(extracts: Path, name: str) -> Release:
    """Return a release by its name. Raises GoneError if there is none of that name."""
    if not _may_be_release(name):
        raise GoneError(name)
    folder = extracts / name
    try:
        seen = (folder / MANIFEST).stat()
    except (OSError, ValueError) as error:  # a name may hold what no path can
        raise GoneError(name) from error
    release = _read(folder, seen.st_ino, seen.st_mtime_ns)
    if release is None:
        raise GoneError(name)
    return release


def released(extracts: Path) -> list[Release]:
    """Return the releases that can be read, newest first."""
    found: list[Release] = []
    for name in names(extracts):
        try:
            found.append(named(extracts, name))
        except GoneError:
            continue
    return found


def of_run(extracts: Path, run_id: str) -> Release | None:
    """Return the release that a run has made, None if it has made none."""
    return next((release for release in released(extracts) if release.manifest.get("run_id") == run_id), None)


def _may_be_release(name: str) -> bool:
    return not name.startswith(".") and name != LATEST and not set(name) & set("/\\:\0")


@lru_cache(maxsize=128)
def _read(folder: Path, _inode: int, _changed_ns: int) -> Release | None:
    manifest = read_manifest(folder)
    return Release(folder, manifest) if manifest and manifest.get("release") == folder.name else None
