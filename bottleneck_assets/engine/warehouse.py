"""Runs SELECTs over Parquet tables and stores each result as a Parquet table: built beside its place, checked, then renamed.

Belongs here: everything that opens DuckDB. Never here: what a table means, SQLite, Dagster, other engines: one that runs the SELECTs
in DuckDB's place is given from outside, and what it makes goes the way of every other table.

A table is one file, `<root>/<layer>/<name>.parquet`, so readers see the old table or the new one and never block a writer. The
file carries its own provenance: the version of its content, the origins (exports, parameters) that it was made from, and the SHA-256
of all its bytes (engine/durable.py), without which nothing is read from it: neither the engine nor Parquet notices a flipped bit.
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from inspect import signature
from pathlib import Path
from tempfile import mkdtemp
from threading import RLock
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from weakref import finalize

import duckdb

from bottleneck_assets.engine import durable
from bottleneck_assets.engine.lock import is_gone
from bottleneck_assets.errors import ContractError, ExportError, remedy_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import pyarrow as pa

_PROVENANCE = "bottleneck"
_READING = ".reading-"
_SPILL = ".spill"
_READING_SECONDS = 24 * 60 * 60
_BATCH_ROWS = 250_000
_NONE: Mapping[str, Callable[..., str | None]] = MappingProxyType({})


class Origin(NamedTuple):
    """Something from outside that a table was made from: an export or a set of parameters; its name, its version, and its time, if any.

    `with_log` says of an export whether a write-ahead log beside it was read as a part of it.
    """

    kind: str
    name: str
    version: str
    as_of: str = ""
    with_log: bool = False


@dataclass(frozen=True)
class Table:
    """A stored table: its reference (`layer.name`), file, rows, bytes, the version of its content, and its origins."""

    ref: str
    path: Path
    rows: int
    bytes: int
    version: str
    origins: tuple[Origin, ...]


@dataclass(frozen=True)
class Failures:
    """Why a table does not keep its contract: how many cases there are, and the first of them."""

    count: int
    cases: Sequence[Mapping[str, Any]]


class BrokenContractError(ContractError):
    """A table that was built and broke its contract. The table before it stays in place."""

    def __init__(self, ref: str, failures: Failures) -> None:
        """Name the table and its first failure case."""
        first = ", ".join(f"{key} {value}" for key, value in failures.cases[0].items())
        super().__init__(
            f"Table {ref} does not keep its contract: {failures.count} failure cases, the first: {first}.",
            f"Correct the export, or the SELECT of {ref}; the last good table stays in place.",
        )
        self.ref = ref
        self.failures = failures


class DamagedTableError(ContractError):
    """A stored table whose bytes are not those that were written: the disk has lost or changed some, or a power cut came before them."""

    def __init__(self, ref: str, path: Path, flaw: str) -> None:
        """Name the table and its file, and say what is wrong with it."""
        problem = f"Table {ref} is not read: {path} {flaw}."
        super().__init__(problem, f"Materialize {ref.replace('.', '/')} again, or run the whole refresh; see that the disk is sound.")
        self.ref = ref


class EngineError(ContractError):
    """A table that the engine could not make. The table before it stays in place."""

    def __init__(self, ref: str, cause: str) -> None:
        """Name the table, and say what the engine says."""
        remedy = remedy_for(cause) or "Free disk space or memory if they are named; else report it with the export."
        super().__init__(f"Table {ref} could not be made: {cause}", f"The last good table stays in place. {remedy}")
        self.ref = ref
        self.cause = cause


class Engine(Protocol):
    """What can run SELECTs in place of the warehouse's own DuckDB."""

    def run(self, ref: str, select: str, files: Mapping[str, Path], folder: Path) -> Sequence[Path]:
        """Run a SELECT over the Parquet files of the tables it reads, and write its rows as Parquet files into a new folder.

        Returns those files in the order of the rows. Raises EngineError with what went wrong.
        """
        ...

    def close(self) -> None:
        """Let go of whatever it holds. It may be asked to run again."""
        ...


class _Stamp(NamedTuple):
    """What changes when a table is replaced."""

    inode: int
    bytes: int
    changed_ns: int


class Candidate:
    """A table that has been written but not yet taken: what a contract looks at."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        """Look at one Parquet file over one connection."""
        self._connection = connection
        self._path = path

    def fields(self) -> pa.Schema:
        """Return the columns and their types."""
        return self._connection.sql(f"from {_file(self._path)} limit 0").to_arrow_reader().schema

    def batches(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        """Yield some columns of the rows in batches, so that memory stays flat however large the table. No batch, if it is empty."""
        import pyarrow as pa

        for batch in self._connection.sql(f"select {', '.join(columns)} from {_file(self._path)}").to_arrow_reader(_BATCH_ROWS):
            yield pa.Table.from_batches([batch])

    def types(self) -> list[tuple[str, str]]:
        """Return the columns and their types, as the engine names them, in lower case."""
        described = self._connection.execute(f"describe from {_file(self._path)}").fetchall()
        return [(name, kind.lower()) for name, kind, *_ in described]

    def has_any(self, condition: str, key: Sequence[str]) -> bool:
        """Return whether a condition holds in any row, or a key stands in more than one."""
        repeated = f"or exists (select 1 from {_file(self._path)} group by {', '.join(key)} having count(*) > 1)" if key else ""
        ((found,),) = self._connection.execute(f"select exists (from {_file(self._path)} where {condition}) {repeated}").fetchall()
        return found

    def duplicates(self, key: Sequence[str], limit: int) -> Failures:
        """Count the keys that stand in more than one row, and list the first of them."""
        columns = ", ".join(key)
        repeated = f"select {columns}, count(*) as row_count from {_file(self._path)} group by {columns} having count(*) > 1"
        ((count,),) = self._connection.execute(f"select count(*) from ({repeated})").fetchall()
        cases = _rows(self._connection, f"{repeated} order by {columns} limit {limit}") if count else []
        return Failures(count, cases)


class Warehouse:
    """The tables under one folder, for any number of threads. Build, ingest and put write one table each; all else only reads."""

    def __init__(
        self,
        root: Path,
        memory_limit: str = "2GB",
        engine: Engine | None = None,
        *,
        functions: Mapping[str, Callable[..., str | None]] = _NONE,
    ) -> None:
        """Use the tables under `root`; the folder is made with the first table. An engine that is given runs what `build` builds.

        `functions` are what SELECTs may call, by their names in SQL: each takes texts and returns one, null if one of them is.
        """
        self.root = root
        self.functions = functions
        self.memory_limit = memory_limit
        self._given = engine
        self._lock = RLock()
        self._tables: dict[str, tuple[_Stamp, Table]] = {}
        self._seen: dict[str, tuple[_Stamp, Path]] = {}
        self._sound: dict[str, _Stamp] = {}

    def path(self, ref: str) -> Path:
        """Return where the table `layer.name` is stored."""
        layer, name = ref.split(".")
        return self.root / layer / f"{name}.parquet"

    def table(self, ref: str) -> Table:
        """Return what is stored under a reference.

        Raises ContractError if nothing is, or nothing of this workflow, and DamagedTableError if it is not what was written.
        """
        path, stamp = self._present(ref)
        known = self._tables.get(ref)
        if known is None or known[0] != stamp:
            self._verify(ref, path, stamp)
            with self._cursor() as cursor:
                known = self._tables[ref] = (stamp, _stored(cursor, ref, path))
        return known[1]

    def versions(self, refs: Iterable[str]) -> str:
        """Return one version for several stored tables: it changes when any of them does."""
        return _digest(*(f"{ref} {self.table(ref).version}" for ref in sorted(refs)))

    def build(self, ref: str, select: str, *, reads: Sequence[str], code_version: str, check: Callable[[Candidate], Failures]) -> Table:
        """Run a SELECT over the tables it reads, and store its rows, in its order, under a reference.

        Raises BrokenContractError if the rows do not pass the check, and ContractError if a table to read is missing; the
        table that was there before then stays there.
        """
        sources = [self.table(source) for source in reads]
        origins = sorted({origin for source in sources for origin in source.origins})
        version = built_version(code_version, {source.ref: source.version for source in sources})
        with self._cursor(reads) as cursor, self._rows_of(ref, select, reads) as rows:
            return self._store(cursor, ref, rows, version, origins, check)

    def ingest(  # noqa: PLR0913 - what a stream is, and where it comes from
        self,
        ref: str,
        stream: object,
        columns: Iterable[str],
        marker: str,
        *,
        origin: Origin,
        code_version: str,
        check: Callable[[Candidate], Failures],
    ) -> Table:
        """Store an Arrow stream of binary cells as text, with the row's number in the stream and its first undecodable column.

        Columns: `row_number` (from 1), `undecodable_column` (the first column whose bytes are not UTF-8 text, or hold a zero byte as
        numbers do that were stored as bytes; null in a good row), and each given column as text; an undecodable cell stands as SQLite
        would write it, `x'C3'`. Rows where `marker` is set are
        dropped.
        """
        names = list(columns)
        decoded = ", ".join(f"{name} as {name}_bytes, try(decode({name})) as {name}_decoded" for name in names)
        texts = ", ".join(
            f"{name}_bytes, case when not contains({name}_decoded, chr(0)) then {name}_decoded end as {name}" for name in names
        )
        undecodable = " ".join(f"when {name} is null and {name}_bytes is not null then '{name}'" for name in names)
        cells = ", ".join(f"coalesce({name}, 'x''' || hex({name}_bytes) || '''') as {name}" for name in names)
        select = f"""
            select row_number() over () as row_number, case {undecodable} end as undecodable_column, {cells}
            from (select {texts} from (select {decoded} from stream where {marker} is null))
        """
        with self._cursor() as cursor:
            cursor.register("stream", stream)
            try:
                return self._store(cursor, ref, select, source_version(code_version, origin), [origin], check)
            except EngineError as error:
                problem = f"{origin.name}: table {ref} could not be read to its end: {error.cause}"
                remedy = remedy_for(error.cause) or "Check that nothing is writing to the export, and run the refresh again."
                raise ExportError(problem, remedy) from error

    def put(self, ref: str, rows: pa.Table, *, origin: Origin, code_version: str, check: Callable[[Candidate], Failures]) -> Table:
        """Store rows that do not come from a SELECT, such as the parameters. Meant for small tables."""
        with self._cursor() as cursor:
            cursor.register("given", rows)
            return self._store(cursor, ref, "from given", source_version(code_version, origin), [origin], check)

    def judge(self, ref: str, check: Callable[[Candidate], Failures]) -> Failures:
        """Hold a stored table against its contract once more."""
        path, stamp = self._present(ref)
        self._verify(ref, path, stamp)
        with self._cursor() as cursor:
            return check(Candidate(cursor, path))

    def query(self, select: str, *, reads: Sequence[str]) -> list[dict[str, Any]]:
        """Return the rows of a SELECT over stored tables. Meant for small answers."""
        with self._cursor(reads) as cursor:
            return _rows(cursor, select)

    def rows(self, ref: str, *, columns: Sequence[str] = (), limit: int | None = None) -> list[dict[str, Any]]:
        """Return the rows of a table in its order, or the first of them, with all its columns or some. Meant for small answers."""
        first = "" if limit is None else f" limit {limit}"
        return self.query(f"select {', '.join(columns) or '*'} from {ref}{first}", reads=[ref])

    def export_csv(self, ref: str, target: Path, *, text_columns: Sequence[str], columns: Sequence[str]) -> None:
        """Write a table as RFC 4180 CSV: UTF-8, a header, line feeds, empty for null, rows in the table's order.

        In text columns a spreadsheet finds no formula. Raises EngineError if the file cannot be written.
        """
        cells = ", ".join(f"{as_no_formula(name)} as {name}" if name in text_columns else name for name in columns)
        with self._cursor([ref]) as cursor:
            try:
                cursor.execute(f"copy (select {cells} from {ref}) to {literal(target)} ({CSV})")
            except duckdb.Error as error:
                raise EngineError(ref, f"{target.name}: {' '.join(str(error).split())}") from error

    def export_parquet(self, ref: str, target: Path, *, columns: Sequence[str]) -> None:
        """Write a table as Parquet with its own types: rows in the table's order, text as it is, nothing of where it comes from.

        The same rows give the same bytes. Raises EngineError if the file cannot be written.
        """
        options = "format parquet, compression zstd"
        with self._cursor([ref]) as cursor:
            try:
                cursor.execute(f"copy (select {', '.join(columns)} from {ref}) to {literal(target)} ({options})")
            except duckdb.Error as error:
                raise EngineError(ref, f"{target.name}: {' '.join(str(error).split())}") from error

    def sync(self) -> None:
        """Wait until the tables are on disk under their names; their bytes are already."""
        if self.root.is_dir():
            durable.sync_folders([self.root.parent, self.root, *(path for path in self.root.glob("[!.]*") if path.is_dir())])

    def sweep(self) -> None:
        """Delete what killed processes left behind. Only the one writer may call this."""
        for left in self.root.glob("*/.*.tmp"):
            if left.is_dir():
                shutil.rmtree(left)
            else:
                left.unlink()
        for left in self.root.glob(f"{_SPILL}/duckdb_temp_*"):
            pid = left.name.split("_")[2]  # a reader may be spilling now
            if is_gone(pid) or not pid.isdecimal():
                left.unlink()
        for left in self.root.glob(f"{_READING}*"):
            pid = left.name.removeprefix(_READING).partition("-")[0]
            if is_gone(pid) or time.time() - left.stat().st_mtime > _READING_SECONDS:
                shutil.rmtree(left, ignore_errors=True)

    def close(self) -> None:
        """Close the engine. It opens again with the next call."""
        with self._lock:
            if (engine := self.__dict__.pop("_engine", None)) is not None:
                engine.close()
            if self.__dict__.pop("_links", None) is not None:
                self._forget_links()
            self._seen.clear()
        if self._given:
            self._given.close()

    def _store(  # noqa: PLR0913, PLR0917 - a table and what it is made of
        self,
        cursor: duckdb.DuckDBPyConnection,
        ref: str,
        select: str,
        version: str,
        origins: Sequence[Origin],
        check: Callable[[Candidate], Failures],
    ) -> Table:
        path = self.path(ref)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        provenance = json.dumps({"version": version, "origins": [origin._asdict() for origin in origins], **durable.UNSEALED})
        options = f"format parquet, compression zstd, kv_metadata {{{_PROVENANCE}: {literal(provenance)}}}"
        try:
            ((rows,),) = cursor.execute(f"copy ({select}\n) to {literal(beside)} ({options})").fetchall()
            if (failures := check(Candidate(cursor, beside))).count:
                raise BrokenContractError(ref, failures)
            durable.seal(beside)
            stamp = self._sound[ref] = _stamp(beside)
            durable.replace(beside, path)
        except duckdb.Error as error:
            raise EngineError(ref, " ".join(str(error).split())) from error
        finally:
            beside.unlink(missing_ok=True)
        table = Table(ref, path, rows, stamp.bytes, version, tuple(origins))
        self._tables[ref] = (stamp, table)
        return table

    @contextmanager
    def _rows_of(self, ref: str, select: str, reads: Sequence[str]) -> Iterator[str]:
        """Give the rows of a SELECT as one for DuckDB: itself, or one over what the given engine has made of it beside the table."""
        if self._given is None:
            yield select
            return
        path = self.path(ref)
        folder = path.with_name(f".{path.name}.{os.getpid()}.parts.tmp")
        try:
            parts = self._given.run(ref, select, {read: self._seen[read][1] for read in reads}, folder)
            yield f"from {_file(*parts)}"
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _cursor(self, reads: Sequence[str] = ()) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a connection of its own to the one engine, in which the tables to read are views."""
        with self._lock:
            cursor = self._engine.cursor()
            for ref in reads:
                self._see(cursor, ref)
        with cursor:
            yield cursor

    def _see(self, cursor: duckdb.DuckDBPyConnection, ref: str) -> None:
        """Put a view over a table as it is stored now, whatever is renamed into its place meanwhile.

        The engine opens a file more than once: a view over the table's own path would read the head of one version and the
        rows of the next. So it reads a hard link of its own, kept until the engine is closed. Where there are none, it reads the file.
        """
        path, stamp = self._present(ref)
        known = self._seen.get(ref)
        if known is None or known[0] != stamp or not known[1].exists():
            seen = _link(path, self._links / f"{ref}.{stamp.changed_ns}.parquet")
            stamp = _stamp(seen)
            self._verify(ref, seen, stamp)
            cursor.execute(f"create schema if not exists {path.parent.name}")
            try:
                cursor.execute(f"create or replace view {ref} as from {_file(seen)}")
            except duckdb.Error as error:
                raise _no_table(ref, path, error) from error
            self._seen[ref] = stamp, seen  # not before its view is there: else the view of what was there before would be read for it

    @cached_property
    def _engine(self) -> duckdb.DuckDBPyConnection:
        """The one engine of this warehouse: opening one costs more than most tables do."""
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": self.memory_limit,
            "temp_directory": str(self.root / _SPILL),
            "autoinstall_known_extensions": "false",  # nothing is fetched at run time
            "autoload_known_extensions": "false",
        }
        engine = duckdb.connect(config=config)
        engine.create_function("html_unescape", html.unescape, ["VARCHAR"], "VARCHAR")
        for name, function in self.functions.items():
            engine.create_function(name, function, ["VARCHAR" for _ in signature(function).parameters], "VARCHAR")
        return engine

    @cached_property
    def _links(self) -> Path:
        """The folder of the hard links that this warehouse reads."""
        folder = mkdtemp(dir=self.root, prefix=f"{_READING}{os.getpid()}-")
        self._forget_links = finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return Path(folder)

    def _verify(self, ref: str, path: Path, stamp: _Stamp) -> None:
        """Read a table's file once for each time that it is replaced. Raises DamagedTableError if it is not what was written."""
        if self._sound.get(ref) != stamp:
            if flaw := durable.flaw_in(path):
                raise DamagedTableError(ref, self.path(ref), flaw)
            self._sound[ref] = stamp

    def _present(self, ref: str) -> tuple[Path, _Stamp]:
        path = self.path(ref)
        try:
            return path, _stamp(path)
        except FileNotFoundError:
            problem = f"Table {ref} is not in {self.root}."
            raise ContractError(problem, f"Materialize {ref.replace('.', '/')} first, or run the whole refresh.") from None


def _stamp(path: Path) -> _Stamp:
    found = path.stat()
    return _Stamp(found.st_ino, found.st_size, found.st_mtime_ns)


def _link(path: Path, beside: Path) -> Path:
    """Return a hard link to what a path is now; the path itself where the file system has no links."""
    while True:
        try:
            beside.hardlink_to(path)
        except FileNotFoundError:  # replaced between finding the file and linking it, or the folder of links was deleted: try again
            if not path.exists():
                return path
            beside.parent.mkdir(exist_ok=True)
        except OSError:
            return path
        else:
            return beside


def _stored(connection: duckdb.DuckDBPyConnection, ref: str, path: Path) -> Table:
    try:
        ((rows,),) = connection.execute(f"select num_rows from parquet_file_metadata({_pattern(path)})").fetchall()
        pairs = connection.execute(f"select decode(key), decode(value) from parquet_kv_metadata({_pattern(path)})").fetchall()
        provenance = json.loads(dict(pairs)[_PROVENANCE])
    except (duckdb.Error, KeyError, ValueError) as error:
        raise _no_table(ref, path, error) from error
    origins = tuple(Origin(**origin) for origin in provenance["origins"])
    return Table(ref, path, rows, path.stat().st_size, provenance["version"], origins)


def _no_table(ref: str, path: Path, error: Exception) -> ContractError:
    problem = f"{path} is not a table of this workflow ({' '.join(str(error).split())})."
    return ContractError(problem, f"Delete the file and materialize {ref.replace('.', '/')} again.")


def _rows(connection: duckdb.DuckDBPyConnection, select: str) -> list[dict[str, Any]]:
    cursor = connection.execute(select)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _file(*parts: Path) -> str:
    """Return a table function over a Parquet file, or over several as one."""
    return f"read_parquet([{', '.join(map(_pattern, parts))}], hive_partitioning = false)"


def _pattern(path: Path) -> str:
    """Return a path as the engine's readers take it: as a pattern, of which every character stands for itself."""
    return literal(re.sub(r"([*?[])", r"[\1]", str(path)))


def literal(value: object) -> str:
    """Return text as SQL writes it."""
    return "'" + str(value).replace("'", "''") + "'"


CSV = "format csv, header, delimiter ',', quote '\"', escape '\"'"
"""RFC 4180, as DuckDB is asked for it."""


def as_no_formula(text: str) -> str:
    """Return SQL for text that a spreadsheet would run as a formula with a leading apostrophe; so with what follows a semicolon.

    Where the comma is the decimal mark, spreadsheets part cells there.
    """
    return f"regexp_replace({text}, '(^|;\"?)([=+\\-@\\t\\r])', '\\1''\\2', 'g')"


def built_version(code_version: str, sources: Mapping[str, str]) -> str:
    """Return the version of the content that code of this version makes from these tables, given with their versions."""
    return _digest(code_version, *(f"{ref} {version}" for ref, version in sorted(sources.items())))


def source_version(code_version: str, origin: Origin) -> str:
    """Return the version of the content that code of this version takes from outside."""
    return _digest(code_version, origin.kind, origin.version)


def _digest(*parts: str) -> str:
    return sha256("\n".join(parts).encode()).hexdigest()
