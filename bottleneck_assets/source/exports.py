"""Finds the shop's SQLite exports, tells them apart, and verifies one before anything is read from it.

Belongs here: opening an export read-only, and every reason to refuse one. Never here: what its values mean, and DuckDB.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import sqlite3
import stat
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bottleneck_assets.errors import ExportError, ExportNotFoundError, one_line
from bottleneck_assets.source.write_ahead_log import flaw_in_log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bottleneck_assets.settings import Settings

SAMPLE_NAME = "sample.db"
EXPORT_SUFFIXES = frozenset({".db", ".db3", ".s3db", ".sl3", ".sqlite", ".sqlite3"})
_SYSTEM_FILES = frozenset({"thumbs.db", "ehthumbs.db", "ehthumbs_vista.db"})
_SYSTEM_PREFIX = "._"
"""What Windows and macOS leave in a shared folder, by name: pictures of its files, and what a file system of another kind cannot hold."""
SQLITE_HEADER = b"SQLite format 3\x00"
_HEADER_BYTES = 100
OPTIONAL_TABLES = frozenset({"ca_par_segment"})
TRIED = 20
"""Exports that are tried, the newest first, for one that can be used."""
MAY_BE_EMPTY = frozenset({"promo"})
"""The tables that may hold no row: a shop's first months have no promotion."""
_CLOCKS_MAY_DIFFER_BY = dt.timedelta(days=1)
_NUMBER = re.compile(rb"\s*-?\d+([.,]\d+)?\s*")
_NEW_EXPORT = "Ask the shop for a new export, or copy it again."
MAX_CELL_BYTES = 16 << 20
"""Bytes of the longest cell that is read: a thousand times the shop's longest text."""
_LISTED_NAMES = 30
_TOLD_APART_NS = 2_000_000_000
"""How far apart any file system tells two changes apart."""
_AROUND_NAMES = re.compile(r"\A[\s\u200b\u2060\ufeff]+|[\s\u200b\u2060\ufeff]+\Z")
_VIRTUAL_GENERATED, _STORED_GENERATED = 2, 3  # as `pragma table_xinfo` tells them


class ExportInUseError(ExportError):
    """An export that another program holds locked; later it will not be."""


class Seen(NamedTuple):
    """A file in the drop folder as a look at it shows it: its name, its bytes, and when it was changed.

    `identity` is another for a file that was put in its place, whatever its time; `is_sqlite` is False if it begins as no SQLite file does,
    `is_special` True if it is a pipe or a device, which nobody opens.
    """

    name: str
    size: int
    changed_ns: int
    identity: tuple[int, ...] = ()
    is_sqlite: bool = True
    is_special: bool = False

    @property
    def is_stranger(self) -> bool:
        """Whether it is a pipe, or what a system has left there, and not what somebody took for an export."""
        return self.is_special or (not self.is_sqlite and (self.name.startswith(_SYSTEM_PREFIX) or self.name.lower() in _SYSTEM_FILES))


@dataclass(frozen=True)
class ExportColumn:
    """One column of the export: its table and name as exported, the type it declares, and whether the contract knows it."""

    table_name: str
    column_name: str
    declared_type: str
    is_known: bool


@dataclass(frozen=True)
class ExportTable:
    """One table that the contract knows: its name as exported, and for each contract column the column as exported.

    `longest_row` is the bytes of its longest row; None where the file is so small that it does not matter.
    """

    name: str
    columns: Mapping[str, str]
    longest_row: int | None = None


@dataclass(frozen=True)
class Export:
    """A verified export: its path, SHA-256, time of change (ISO 8601), stamp, known tables by contract name, and all its columns."""

    path: Path
    sha256: str
    changed_at: str
    stamp: tuple[object, ...]
    tables: Mapping[str, ExportTable]
    columns: Sequence[ExportColumn]


def look(folder: Path) -> list[Seen]:
    """Return what the drop folder shows of its exports, in no order, each with the write-ahead log that may lie beside it.

    What vanishes meanwhile, or cannot be asked for its size, is left out.
    """
    if not folder.is_dir():
        return []
    found: dict[str, os.stat_result] = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                if Path(entry.name.removesuffix("-wal")).suffix.lower() in EXPORT_SUFFIXES and not entry.is_dir():
                    found[entry.name] = entry.stat()
    seen: list[Seen] = []
    for name, file in found.items():
        if Path(name).suffix.lower() in EXPORT_SUFFIXES:
            parts = [found[part] for part in (name, f"{name}-wal") if part in found]
            identity = (*(part.st_ino for part in parts), file.st_ctime_ns)
            is_special = not stat.S_ISREG(file.st_mode)
            is_sqlite = not is_special and _may_be_sqlite(folder / name)
            size, changed_ns = sum(part.st_size for part in parts), max(part.st_mtime_ns for part in parts)
            seen.append(Seen(name, size, changed_ns, identity, is_sqlite, is_special))
    return seen


def is_text(name: str) -> bool:
    """Tell whether a file's name is text, and not bytes of some other encoding than this system's."""
    return name.isascii() or not any("\ud800" <= character <= "\udfff" for character in name)


def newest_first(seen: Iterable[Seen], now: dt.datetime) -> list[Seen]:
    """Order exports by time of change, then by name.

    A file whose name is not text is left out, and so is what Windows and macOS put there. The synthetic `sample.db` comes last: made
    figures never go before the shop's own. Before it comes what does not begin as a SQLite file does, whatever its date; and before that
    a file that is dated more than a day ahead: its clock was wrong, and it would be the newest for ever.
    """
    latest = int((now + _CLOCKS_MAY_DIFFER_BY).timestamp() * 1e9)
    named = [one for one in seen if is_text(one.name) and not one.is_stranger]

    def rank(one: Seen) -> tuple[object, ...]:
        return one.name != SAMPLE_NAME, one.is_sqlite, one.changed_ns <= latest, one.changed_ns, one.name

    return sorted(named, key=rank, reverse=True)


def find_exports(folder: Path, now: dt.datetime) -> list[Path]:
    """Return the exports in the drop folder, newest first."""
    return [folder / one.name for one in newest_first(look(folder), now)]


@dataclass(frozen=True)
class Choice:
    """The export that a refresh reads, and what is said of the files in the drop folder that it passes over for it, a sentence each.

    `in_place_of` is the newest export that cannot be used, where the one that is read is older; else empty.
    """

    path: Path
    passed_over: Sequence[str] = ()
    in_place_of: str = ""


def chosen_export(settings: Settings, now: dt.datetime, refuse: Callable[[Path], object]) -> Choice:
    """Return the export that a refresh reads: the one that is set, else the newest in the drop folder that can be used.

    `refuse` raises ExportError of one that cannot. The synthetic export never stands in for the shop's own. Raises ExportNotFoundError if
    there is none, and what is wrong with the newest if none can be used; of one that is set the refresh itself says what is wrong.
    """
    if settings.export:
        return Choice(settings.export)
    seen = look(settings.exports_dir)
    remarks, first, failed = [not_sqlite(one) for one in seen if is_text(one.name) and not one.is_sqlite], None, list[Seen]()
    for one in newest_first(seen, now)[:TRIED]:
        if first and one.name == SAMPLE_NAME:
            break
        try:
            refuse(settings.exports_dir / one.name)
        except ExportError as error:
            first = first or error
            failed.append(one)
            remarks += [f"{error.problem} The newest export that can be used is read in its place."] if one.is_sqlite else []
        else:
            failed += [other for other in seen if is_text(other.name) and not other.is_sqlite and not other.is_stranger]
            newer = [other for other in failed if other.changed_ns > one.changed_ns]
            in_place_of = max(newer, key=lambda other: other.changed_ns).name if newer else ""
            return Choice(settings.exports_dir / one.name, remarks, in_place_of)
    if first:
        raise first
    problem = f"{settings.exports_dir} holds no export ({', '.join(sorted(EXPORT_SUFFIXES))})."
    raise ExportNotFoundError(problem, "Copy the shop's SQLite export there, or run `bottleneck sample` to make a synthetic one.")


def not_sqlite(one: Seen) -> str:
    """Say that a file is no export, whatever its name."""
    return f"{one.name} is {'a pipe or a device' if one.is_special else 'not a SQLite file'}, and is passed over."


def wal_of(path: Path) -> Path:
    """Return where the write-ahead log of an export would lie."""
    return path.with_name(path.name + "-wal")


def log_of(path: Path) -> Path | None:
    """Return the write-ahead log of an export, which SQLite reads as part of the file; None if there is none, or another file's."""
    return wal_of(path) if _log(path) == "" else None


def flaw_of_log(path: Path) -> str | None:
    """Say why what lies in the place of an export's log is not read with it; None if it is read, or nothing is there."""
    flaw = _log(path)
    return f"{wal_of(path)} {flaw}, and was not read with it." if flaw else None


def wait_until_free(path: Path, seconds: float) -> None:
    """Wait while another program holds an export locked. Raises ExportInUseError if it still does after so many seconds."""
    refuse_special(path)
    try:
        with closing(sqlite3.connect(read_only_uri(path), uri=True, timeout=seconds)) as connection:
            connection.execute("select 1 from sqlite_schema").fetchone()
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
            problem = f"{path} is in use: another program has held it locked for {seconds:g} seconds."
            remedy = "Refresh again once it is closed, export with `vacuum into`, or wait longer: BOTTLENECK_EXPORT_WAIT_SECONDS."
            raise ExportInUseError(problem, remedy) from error  # whatever else is wrong with it, `verify` says
    except OSError:
        return


def refuse_special(path: Path) -> None:
    """Raise ExportError if an export, or what SQLite would open beside it, is no file: opening a pipe waits for ever."""
    for part in (path, wal_of(path), path.with_name(path.name + "-shm"), _journal_of(path)):
        try:
            mode = part.stat().st_mode
        except OSError:
            continue
        if not stat.S_ISREG(mode):
            problem = f"{part} is no file, but a {'folder' if stat.S_ISDIR(mode) else 'pipe or a device'}."
            raise ExportError(problem, "Move it away, or name another export.")


def is_complete(path: Path) -> bool:
    """Tell whether a file looks as if nothing more will be written to it: no journal beside it, and as many bytes as its header says.

    What is not SQLite, or cannot be read, is as complete as it will ever be.
    """
    if _journal_of(path).exists():
        return False
    try:
        if not path.is_file():
            return True
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
        size = path.stat().st_size
    except OSError:
        return True
    if not SQLITE_HEADER.startswith(header[: len(SQLITE_HEADER)]):
        return True
    if len(header) < _HEADER_BYTES:
        return False
    page_size, pages = int.from_bytes(header[16:18]), int.from_bytes(header[28:32])
    counts_pages = header[24:28] == header[92:96]  # else it was last written by a SQLite that left the count alone
    return _has_log(path) or not counts_pages or size == (page_size if page_size != 1 else 1 << 16) * pages


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of an export's content: the file, and its write-ahead log if it has one.

    A file is read once: while its identity, size and times stay what they were, so does its fingerprint. One that was changed a moment
    ago is read again, since file systems do not tell two changes apart that lie close together.
    """
    refuse_special(path)
    seen = tuple(_identity(part) for part in (path, log_of(path)) if part and part.exists())
    last_changed = max((max(changed) for _, _, *changed in seen), default=0)
    return _content_hash(path) if last_changed > time.time_ns() - _TOLD_APART_NS else _known_hash(path, seen)


def _identity(part: Path) -> tuple[int, ...]:
    found = part.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


@lru_cache(maxsize=16)
def _known_hash(path: Path, _seen: tuple[tuple[int, ...], ...]) -> str:
    return _content_hash(path)


def _content_hash(path: Path) -> str:
    digest, log = hashlib.sha256(), log_of(path)
    for part in (path, *([log] if log else [])):
        try:
            with part.open("rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
        except FileNotFoundError:
            if part == path:
                raise _not_found(path) from None
        except OSError as error:
            problem = f"{part} cannot be read: {error.strerror}."
            raise ExportError(problem, "Check that it is a file which this user may read.") from error
    return digest.hexdigest()


def stamp(path: Path) -> tuple[object, ...]:
    """Return what changes when an export is replaced or written to: identity, size and time of the file and of its log."""
    if not path.exists():
        return ()
    parts = [path.stat(), *([wal_of(path).stat()] if _has_log(path) else [])]
    # of the log not the time of its inode: SQLite gives it to the file's owner, where it is read by root
    return (*((part.st_ino, part.st_size, part.st_mtime_ns) for part in parts), parts[0].st_ctime_ns)


def verify(path: Path, expected: Mapping[str, Sequence[str]], wait_seconds: float = 0) -> Export:
    """Check that a file is a whole SQLite export with the expected tables and columns, and return what it holds.

    `expected` maps each table of the contract to its columns. Names are compared without regard to case. Tables and columns
    that the contract does not know are listed in the answer, not refused. Views, triggers and virtual tables are left alone.

    Raises ExportError, which names the file, the table or column, and the remedy: for a missing file, one that is not SQLite, a
    damaged one, a missing table or column, an empty table (but for one that MAY_BE_EMPTY names), a cell above MAX_CELL_BYTES, and for
    a column that the file computes: nothing in it is ever run. Raises ExportInUseError if another program holds it locked for longer than
    `wait_seconds`.
    """
    if path.is_file():
        wait_until_free(path, wait_seconds)
    seen = stamp(path)
    sha256 = fingerprint(path)
    changed_at = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC).isoformat(timespec="seconds")
    with path.open("rb") as file:
        header = file.read(len(SQLITE_HEADER))
    if not header:
        raise _refused(path, "is empty")
    if header != SQLITE_HEADER:
        raise _refused(path, "is not a SQLite file")
    try:
        with closing(sqlite3.connect(read_only_uri(path), uri=True)) as connection:
            connection.execute("pragma trusted_schema = off")
            connection.execute("pragma ignore_check_constraints = on")  # quick_check would compute them
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_CELL_BYTES)  # a longer cell is refused before there is room made for it
            return Export(path, sha256, changed_at, seen, *_contents(connection, path, expected))
    except sqlite3.Error as error:
        if _has_log(path):
            problem = f"{path} has a write-ahead log beside it and cannot be read with it ({one_line(error)})."
            raise ExportError(problem, "Put both in a folder that this user may write to, or export with `vacuum into`.") from error
        if _journal_of(path).exists():
            problem = f"{path} has a journal beside it: writing it was broken off ({one_line(error)})."
            raise ExportError(
                problem, "Export it again, or open both once with SQLite, which then undoes what was not finished."
            ) from error
        raise _refused(path, f"cannot be read as a SQLite file ({one_line(error)})") from error


def read_only_uri(path: Path) -> str:
    """Return the address under which SQLite opens a file for reading only.

    A file in WAL mode without a log is opened as immutable: else SQLite would make an empty log beside it. So is a file beside the log of
    another: else SQLite would replay it. With a log of its own, SQLite makes the index of the log (`-shm`) beside it if there is none,
    and may leave it there.
    """
    with path.open("rb") as file:
        in_wal_mode = file.read(19)[18:] == b"\x02"
    alone = not _has_log(path) and (in_wal_mode or wal_of(path).exists())
    return f"{path.resolve().as_uri()}?mode=ro{'&immutable=1' if alone else ''}"


def quoted(identifier: str) -> str:
    """Return a name as a SQL identifier, whatever characters it holds."""
    return '"' + identifier.replace('"', '""') + '"'


def _journal_of(path: Path) -> Path:
    return path.with_name(path.name + "-journal")


def _has_log(path: Path) -> bool:
    return log_of(path) is not None


def _log(path: Path) -> str | None:
    """Say what is wrong with the log beside an export: nothing if it is its own, None if there is none."""
    try:
        file, log = path.stat(), wal_of(path).stat()
        if not (stat.S_ISREG(file.st_mode) and stat.S_ISREG(log.st_mode) and log.st_size):
            return None
        return _judged_log(path, *((part.st_ino, part.st_size, part.st_mtime_ns) for part in (file, log)))
    except OSError:
        return None


@lru_cache(maxsize=64)
def _judged_log(path: Path, *_seen: tuple[int, ...]) -> str:
    return flaw_in_log(path, wal_of(path)) or ""


def _may_be_sqlite(path: Path) -> bool:
    """Tell whether a file begins as a SQLite file does, or may do so once more of it is there. One that cannot be opened may be one."""
    try:
        with path.open("rb") as file:
            return SQLITE_HEADER.startswith(file.read(len(SQLITE_HEADER)))
    except OSError:
        return True


def _contents(
    connection: sqlite3.Connection, path: Path, expected: Mapping[str, Sequence[str]]
) -> tuple[dict[str, ExportTable], list[ExportColumn]]:
    if (encoding := connection.execute("pragma encoding").fetchone()[0]) != "UTF-8":
        problem = f"{path} stores its text as {encoding}."
        raise ExportError(problem, "Export it as UTF-8 (pragma encoding = 'UTF-8').")
    found = _tables(connection, path)
    if (flaw := connection.execute("pragma quick_check(1)").fetchone()[0]) != "ok":
        raise _refused(path, f"is damaged ({one_line(' '.join(flaw.split()))})")
    tables: dict[str, ExportTable] = {}
    for name, columns in expected.items():
        exported = _named(path, "table", name, found)
        if exported is None:
            if name in OPTIONAL_TABLES:
                continue
            raise _no_table(connection, path, name, found)
        exported_as = _columns(connection, path, exported, columns, found[exported])
        tables[name] = ExportTable(exported, exported_as, _longest_row(connection, path, exported, list(exported_as.values())))
    known = {(table.name, column) for table in tables.values() for column in table.columns.values()}
    return tables, [
        ExportColumn(table, column, declared, (table, column) in known)
        for table, typed in sorted(found.items())
        for column, declared in typed.items()
    ]


def _tables(connection: sqlite3.Connection, path: Path) -> dict[str, dict[str, str]]:
    """Return the plain tables (no views, no virtual tables) with their columns and declared types."""
    names = [
        name
        for (name,) in connection.execute(
            "select name from sqlite_schema where type = 'table' and substr(name, 1, 7) <> 'sqlite_' and sql not like 'create virtual%'"
        )
    ]
    tables = dict[str, dict[str, str]]()
    for name in names:
        columns = connection.execute(f"pragma table_xinfo({quoted(name)})").fetchall()
        for _, column, *_, hidden in columns:
            if hidden in {_VIRTUAL_GENERATED, _STORED_GENERATED}:
                problem = f"{path}: table {one_line(name)} computes its column {one_line(column)}, and nothing in an export is run."
                raise ExportError(problem, "Export the table with plain columns (create table ... as select ...).")
        tables[name] = {column: declared for _, column, declared, *_ in columns}
    return tables


def _no_table(connection: sqlite3.Connection, path: Path, name: str, found: Iterable[str]) -> ExportError:
    kinds = {exported.lower(): kind for kind, exported in connection.execute("select type, name from sqlite_schema where type <> 'index'")}
    kind = {"view": "view", "table": "virtual table"}.get(kinds.get(name, ""))
    if kind:
        problem = f"{path} has no table {name!r}, but a {kind} of that name, and nothing in an export is run."
        return ExportError(problem, "Export its rows as a plain table (create table ... as select ...).")
    return ExportError(f"{path} has no table {name!r} (it has: {_listed(sorted(found))}).", _NEW_EXPORT)


def _longest_row(connection: sqlite3.Connection, path: Path, table: str, columns: Sequence[str]) -> int | None:
    """Return the bytes of a table's longest row, None if the whole file has no more than a cell may. Refuses a cell that has more."""
    if sum(part.stat().st_size for part in (path, wal_of(path)) if part.exists()) <= MAX_CELL_BYTES:
        return None
    lengths = [f"coalesce(length(cast({quoted(column)} as blob)), 0)" for column in columns]
    try:
        return connection.execute(f"select max({' + '.join(lengths)}) from {quoted(table)} not indexed").fetchone()[0]
    except sqlite3.DataError:
        column = next(column for column, length in zip(columns, lengths, strict=True) if _is_too_long(connection, length, table))
    problem = f"{path}: table {table} has a cell of more than {MAX_CELL_BYTES >> 20} MB in its column {column}."
    raise ExportError(problem, "Shorten it at the source, and export again.")


def _is_too_long(connection: sqlite3.Connection, length: str, table: str) -> bool:
    try:
        connection.execute(f"select max({length}) from {quoted(table)} not indexed").fetchone()
    except sqlite3.DataError:
        return True
    return False


def _columns(connection: sqlite3.Connection, path: Path, table: str, expected: Sequence[str], found: Mapping[str, str]) -> dict[str, str]:
    if _folded(table) in OPTIONAL_TABLES:
        columns = _segment_and_revenue(connection, path, table, list(found))
    else:
        columns = {name: _named(path, f"{table}: column", name, found) for name in expected}
        if missing := [name for name, column in columns.items() if column is None]:
            problem = f"{path}: table {table} lacks {', '.join(missing)} (it has: {_listed(found)})."
            raise ExportError(problem, _NEW_EXPORT)
        if (
            _folded(table) not in MAY_BE_EMPTY
            and connection.execute(f"select 1 from {quoted(table)} not indexed limit 1").fetchone() is None
        ):
            problem = f"{path}: table {table} is empty."
            raise ExportError(problem, _NEW_EXPORT)
    return {name: column for name, column in columns.items() if column is not None}


def _segment_and_revenue(connection: sqlite3.Connection, path: Path, table: str, found: Sequence[str]) -> dict[str, str | None]:
    """Recognise the optional table's columns by what they hold: the revenue is the one with more numbers; by name if that does not tell."""
    named = {_folded(name): name for name in found}
    if len(found) != 2:  # noqa: PLR2004 - segment and revenue
        if {"segment", "revenue"} <= named.keys():
            return {"segment": named["segment"], "revenue": named["revenue"]}
        problem = f"{path}: table {table} should have two columns, segment and revenue (it has: {_listed(found)})."
        raise ExportError(problem, f"Give it those two columns, or drop it: {table} is optional.")
    _longest_row(connection, path, table, found)
    numbers = [
        sum(
            _reads_as_number(value)
            for (value,) in connection.execute(f"select cast({quoted(column)} as blob) from {quoted(table)} not indexed")
        )
        for column in found
    ]
    revenue = 0 if numbers[0] > numbers[1] or (numbers[0] == numbers[1] and _folded(found[0]) == "revenue") else 1
    return {"segment": found[1 - revenue], "revenue": found[revenue]}


def _reads_as_number(value: bytes | None) -> bool:
    return value is not None and _NUMBER.fullmatch(value) is not None


def _named(path: Path, what: str, name: str, found: Mapping[str, object]) -> str | None:
    matches = [candidate for candidate in found if _folded(candidate) == _folded(name)]
    if len(matches) > 1:
        problem = f"{path}: {what} {name} stands there more than once ({_listed(matches)})."
        raise ExportError(problem, _NEW_EXPORT)
    return matches[0] if matches else None


def _folded(name: str) -> str:
    """Return a name without regard to case, and to the byte order mark and white space that imports of CSV files leave around it."""
    return _AROUND_NAMES.sub("", name).lower()


def _listed(names: Iterable[str]) -> str:
    """Return names in one line, the first of them if there are many."""
    shown = [one_line(name) for name in names]
    more = [f"and {len(shown) - _LISTED_NAMES:,} more"] if len(shown) > _LISTED_NAMES else []
    return ", ".join([*shown[:_LISTED_NAMES], *more]) or "none"


def _not_found(path: Path) -> ExportNotFoundError:
    return ExportNotFoundError(f"{path} does not exist.", "Check the path, or copy the export into the drop folder.")


def _refused(path: Path, reason: str) -> ExportError:
    return ExportError(f"{path} {reason}.", _NEW_EXPORT)
