"""A release that is there: found, and read as its manifest and its dictionary describe it.

Belongs here: which release `latest` is, and opening what a manifest lists. Never here: the warehouse, making a release (publishing.py),
and any file that no manifest names.

A release never changes once it has its name, but it may be deleted at any moment: a file that is open stays readable, any other is gone.
"""

from __future__ import annotations

import csv
import datetime as dt
import errno
import io
import os
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from bottleneck_assets.errors import BottleneckError
from bottleneck_assets.release.dictionary import DICTIONARY, described_columns, parquet_of
from bottleneck_assets.release.manifest import MANIFEST, DamagedError, GoneError, Manifest, ReleasedFile, read_manifest
from bottleneck_assets.settings import LATEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bottleneck_assets.release.dictionary import DescribedColumn

ATTEMPTS = 5
"""How often `latest` is looked up again if its release is deleted in between; each time it is another one."""
MOMENT = "%Y-%m-%dT%H-%M-%S-%fZ"
"""The time in a release's name."""
_MOST_BYTES_OF_A_NAME = 255
_NOT_THERE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EINVAL}
csv.field_size_limit((1 << 31) - 1)  # for the whole process: a cell of an export may have more than the 131,072 characters that it is


class ChangedError(BottleneckError):
    """A file that is not what its release published."""

    def __init__(self, release: str, path: str, flaw: str) -> None:
        """Take the release's name, the path of the file in it, and in what it differs."""
        problem = f"{path} of release {release} is not what was published: {flaw}."
        super().__init__(problem, "Somebody has changed it since; bottleneck refresh --force publishes it anew.")


class OlderReleaseError(BottleneckError):
    """A release of an older version, which lacks a file that newer ones hold."""

    def __init__(self, name: str, path: str) -> None:
        """Take the names of the release and of the file."""
        problem = f"Release {name} does not hold {path}."
        super().__init__(problem, "It was made by an older version: run bottleneck refresh.")


@dataclass(frozen=True)
class Release:
    """A release: its folder, and its manifest."""

    folder: Path
    manifest: Manifest

    @property
    def name(self) -> str:
        """Its name, which is that of its folder."""
        return self.folder.name

    @cached_property
    def files(self) -> Mapping[str, ReleasedFile]:
        """Its files by path, without the manifest, which lists them."""
        return {file.path: file for file in self.manifest.files}

    @property
    def data_as_of(self) -> dt.date | None:
        """The last day of its export's last month; None of a release that does not say."""
        return self.manifest.data_as_of

    @property
    def received_at(self) -> dt.datetime:
        """When its export was last changed, and so received; when it was published, if that is not known."""
        return self.manifest.export.changed_at or self.manifest.published_at

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

    def parquet(self, path: str) -> ReleasedFile:
        """Return the Parquet file of a table, given as the path of its CSV. Raises OlderReleaseError if there is none."""
        try:
            return self.files[parquet_of(path)]
        except KeyError as error:
            raise OlderReleaseError(self.name, parquet_of(path)) from error

    def typed_rows(self, path: str, **equal: object) -> list[dict[str, Any]]:
        """Return the rows of one of its tables, given as the path of its CSV, with their types: from the Parquet file of that table.

        With `equal`, those alone that have these values. Raises OlderReleaseError if it has no such file, and what `open` does.
        """
        from pyarrow import parquet  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

        file, wanted = self.parquet(path), [(name, "=", value) for name, value in equal.items()] or None
        with self.open(file) as binary:
            try:
                return cast("list[dict[str, Any]]", parquet.read_table(binary, filters=wanted).to_pylist())  # pyright: ignore[reportUnknownMemberType]
            except (ValueError, OSError) as error:
                raise ChangedError(self.name, file.path, str(error)) from error

    @cached_property
    def dictionary(self) -> Mapping[str, Sequence[DescribedColumn]]:
        """The columns of each of its files, in order. Raises what `open` does."""
        try:
            return described_columns(self.rows(DICTIONARY))
        except KeyError as error:
            raise ChangedError(self.name, DICTIONARY, f"it has no column {error}") from error


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
                folder = extracts / read_manifest(folder).release
            if folder.parent == Path(os.path.realpath(extracts)) or folder.parent == extracts:
                return named(extracts, folder.name)
        except GoneError:
            continue
    raise DamagedError(LATEST, "it leads to none")


def current(extracts: Path) -> Release | None:
    """Return the release that `latest` points at, None if there is none that can be read: a refresh then makes one anew."""
    if not (extracts / LATEST).exists():
        return None
    try:
        return newest(extracts)
    except (GoneError, DamagedError):
        return None


def names(extracts: Path) -> list[str]:
    """Return the names of the releases, newest first."""
    try:
        with os.scandir(extracts) as entries:
            found = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False) and _may_be_release(entry.name)]
    except FileNotFoundError:
        return []
    return newest_first(found, dt.datetime.now(dt.UTC))


def newest_first(found: Iterable[str], now: dt.datetime) -> list[str]:
    """Sort names of releases.

    One that is dated ahead comes last: the clock was wrong when it was made, and it would be the newest until then.
    """
    return sorted(found, key=lambda name: (name.partition("_")[0] <= f"{now:{MOMENT}}", name), reverse=True)


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
    return next((release for release in released(extracts) if release.manifest.run_id == run_id), None)


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
    manifest = read_manifest(folder)
    if manifest.release != folder.name:
        raise DamagedError(folder.name, f"its manifest is that of {manifest.release}")
    return Release(folder, manifest)
