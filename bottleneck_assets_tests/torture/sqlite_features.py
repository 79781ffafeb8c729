"""Writes exports that use what SQLite can do and an export should not: each with what must become of it.

Belongs here: the files, one function each, and whether they are read or how they are refused. Never here: running anything.

Whatever in them could be run would be noticed: it never ends, or leaves a file behind, or makes more bytes than a cell may hold, which
is an error while the file is verified.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bottleneck_assets_tests.small_export import COLUMNS, minimal_rows, write_export

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MB = 1 << 20
COMPUTED = "length(hex(zeroblob(20000000)))"  # more than a cell may hold: where it is computed, reading fails
ENDLESS = "with recursive endless(n) as (select 1 union all select n + 1 from endless) select {} from endless"
PROMO = "Key_Promo, Start_Date, End_Date, Sales_Offer, Price_Offer"


@dataclass(frozen=True)
class Feature:
    """Something that SQLite can do: how it comes into a minimal export, and the words of the refusal; empty where it must be read.

    `unknown` are the names that must be reported as not known.
    """

    name: str
    put_in: Callable[[Path], None]
    refused: str = ""
    unknown: tuple[str, ...] = ()
    in_full_only: bool = False

    def write(self, path: Path) -> Path:
        """Write the export."""
        write_export(path, minimal_rows())
        self.put_in(path)
        return path


def sql(*statements: str) -> Callable[[Path], None]:
    """Return a function that runs statements on a file, as someone may who writes it."""

    def run(path: Path) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            for statement in statements:
                connection.execute(statement)

    return run


def schema(*statements: str) -> Callable[[Path], None]:
    """Return a function that runs statements on a file whose schema may be written to as any table."""
    return sql("pragma writable_schema = on", *statements)


def patched(offset: int, content: bytes) -> Callable[[Path], None]:
    """Return a function that writes bytes into a file."""

    def patch(path: Path) -> None:
        with path.open("r+b") as file:
            file.seek(offset)
            file.write(content)

    return patch


def beside(suffix: str, content: bytes) -> Callable[[Path], None]:
    """Return a function that puts a file beside the export."""

    def put(path: Path) -> None:
        path.with_name(path.name + suffix).write_bytes(content)

    return put


def both(first: Callable[[Path], None], second: Callable[[Path], None]) -> Callable[[Path], None]:
    """Return a function that does one thing to a file after the other."""

    def do(path: Path) -> None:
        first(path)
        second(path)

    return do


def remade(table: str, definition: str) -> Callable[[Path], None]:
    """Return a function that makes a table once more from another definition, with its rows in the columns that it had."""
    names = ", ".join(COLUMNS[table])
    return sql(
        f"alter table {table} rename to before",
        definition,
        f"insert into {table} ({names}) select {names} from before",
        "drop table before",
    )


def _computed(kind: str) -> Callable[[Path], None]:
    kept = [name for name in COLUMNS["Finance"] if name != "Price"]
    names = ", ".join(kept)
    definition = f"create table Finance ({names}, Price as ({COMPUTED}) {kind})"
    return sql(
        "alter table Finance rename to before",
        definition,
        f"insert into Finance ({names}) select {names} from before limit 1",
        "drop table before",
    )


def _index_that_disagrees(path: Path) -> None:
    """Index a column under another's name: as many entries as rows, and not what the rows hold."""
    sql("alter table Sales add column Note", "update Sales set Note = hex(zeroblob(300)), Orders = rowid")(path)
    sql(
        "alter table Sales add column Other", "update Sales set Other = -rowid", "create index wrong on Sales (Other, Sales, Orders, Stock)"
    )(path)
    schema("update sqlite_schema set sql = 'create index wrong on Sales (Key_Sales, Sales, Orders, Stock)' where name = 'wrong'")(path)


def _in_wal_mode(path: Path, *, with_log: bool) -> None:
    writing = sqlite3.connect(path, isolation_level=None)
    writing.execute("pragma journal_mode = wal")
    writing.execute("update Sales set Stock = 41 where rowid = 1")
    kept = {suffix: path.with_name(path.name + suffix).read_bytes() for suffix in ("", "-wal")}
    writing.close()
    path.write_bytes(kept[""])
    if with_log:
        path.with_name(path.name + "-wal").write_bytes(kept["-wal"])


def _with_a_hot_journal(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as writing:
        writing.execute("pragma cache_size = 1")
        writing.execute("pragma cache_spill = 1")
        writing.execute("begin")
        writing.execute("update Sales set Stock = 42")
        writing.execute("create table filler as select hex(zeroblob(3000)) as text from Sales, Finance")
        journal, content = path.with_name(path.name + "-journal").read_bytes(), path.read_bytes()
        writing.execute("rollback")
    path.write_bytes(content)
    path.with_name(path.name + "-journal").write_bytes(journal)


def _encrypted(path: Path) -> None:
    path.write_bytes(os.urandom(40_960))


def _corrupt_freelist(path: Path) -> None:
    sql("create table gone as select hex(zeroblob(3000)) as text from Sales", "drop table gone")(path)
    trunk = int.from_bytes(path.read_bytes()[32:36])
    patched((trunk - 1) * 4096, b"\xff" * 16)(path)


def _many_columns(table: str, known: str) -> Callable[[Path], None]:
    extra = ", ".join(f"c{n}" for n in range(2000 - (known.count(",") + 1 if known else 0)))
    return (
        remade(table, f"create table {table} ({known}, {extra})")
        if known
        else sql(f"create table {table} ({extra})", f"insert into {table} default values")
    )


def cell_of(size: int, column: str = "Post_excerpt") -> Callable[[Path], None]:
    """Return a function that puts a cell of some bytes into Web."""
    return sql(f"update Web set {column} = zeroblob({size}) where rowid = 2")


def rows_of_a_megabyte(rows: int) -> Callable[[Path], None]:
    """Return a function that adds rows to Sales, each with a cell of a megabyte."""
    numbers = f"with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < {rows})"
    return sql(f"{numbers} insert into Sales select '2022-' || n, zeroblob(1000000), 1, 1 from numbers")


FEATURES = (
    Feature("a view that never ends", sql(f"create view Endless as {ENDLESS.format('n')}")),
    Feature(
        "a view in place of a table, that never ends",
        sql("drop table Promo", f"create view Promo ({PROMO}) as {ENDLESS.format('n, n, n, n, n')}"),
        "promo",
    ),
    Feature("a view that loads an extension", sql("create view Loading as select load_extension('./evil')")),
    Feature(
        "a view that writes a file",
        sql("create view Writing as select writefile('leak', 'x'), edit('x', 'touch leak'), readfile('/etc/passwd')"),
    ),
    Feature("a view that wants gigabytes", sql(f"create view Wanting as select zeroblob(1000000000), {COMPUTED}")),
    Feature(
        "a view of a database that is not there",
        schema("insert into sqlite_schema values ('view', 'v', 'v', 0, 'create view v as select * from elsewhere.t')"),
        "cannot be read",
    ),
    Feature(
        "ATTACH in a view", schema("insert into sqlite_schema values ('view', 'v', 'v', 0, 'attach ''leak'' as leak')"), "cannot be read"
    ),
    Feature(
        "a schema that is no SQL", schema("update sqlite_schema set sql = 'create table Web (SKU, ' where name = 'Web'"), "cannot be read"
    ),
    Feature("a table on the page of another", schema("update sqlite_schema set rootpage = 2 where name = 'Sales'"), "is damaged"),
    Feature("a table on page one", schema("update sqlite_schema set rootpage = 1 where name = 'Sales'"), "export.db"),
    Feature(
        "a trigger on every table",
        sql(*(f"create trigger on_{table} after insert on {table} begin delete from Web; end" for table in ("Web", "Sales"))),
    ),
    Feature(
        "full text search",
        sql("create virtual table Search using fts5(a, b)", "insert into Search values ('x', 'y')"),
        unknown=("Search_content",),
    ),
    Feature(
        "an R*Tree", sql("create virtual table Tree using rtree(id, a, b)", "insert into Tree values (1, 2, 3)"), unknown=("Tree_node",)
    ),
    Feature("statistics of the file", sql("create virtual table Pages using dbstat")),
    Feature(
        "a virtual table of an unknown kind",
        schema(
            "insert into sqlite_schema values ('table', 'Csv', 'Csv', 0, 'create virtual table Csv using csv(filename=\"/etc/passwd\")')"
        ),
    ),
    Feature(
        "a virtual table in place of a table",
        sql("drop table Promo", f"create virtual table Promo using fts5({PROMO})", "insert into Promo values (1, 2, 3, 4, 5)"),
        "promo",
    ),
    Feature("a computed column that is read", _computed("virtual"), "Price"),
    Feature("a computed and stored column that is read", _computed("stored"), "Price"),
    Feature("a computed column that is not read", sql(f"alter table Sales add column Total text not null as ({COMPUTED})"), "Total"),
    Feature(
        "a computed column in an unknown table",
        sql(f"create table Other (a, b text not null as ({COMPUTED}))", "insert into Other values (1)"),
        "Other",
    ),
    Feature(
        "a rule that wants gigabytes",
        remade("Sales", f"create table Sales (Key_Sales, Sales check (Sales < 0 or {COMPUTED} > 0), Orders, Stock)"),
    ),
    Feature("an index over a computation", sql(f"create index slow on Sales ({COMPUTED} + Sales)")),
    Feature("an index over a few rows", sql(f"create index few on Sales (Sales) where {COMPUTED} < 0")),
    Feature(
        "a default that is computed",
        sql(f"create table Other (a, b default ({COMPUTED}))", "insert into Other values (1, 2)"),
        unknown=("Other",),
    ),
    Feature("WITHOUT ROWID", remade("Sales", "create table Sales (Key_Sales primary key, Sales, Orders, Stock) without rowid")),
    Feature("STRICT", remade("Sales", "create table Sales (Key_Sales text, Sales any, Orders any, Stock any) strict")),
    Feature(
        "foreign keys that lead nowhere", remade("Sales", "create table Sales (Key_Sales references Elsewhere (id), Sales, Orders, Stock)")
    ),
    Feature("2,000 columns in an unknown table", _many_columns("Wide", ""), unknown=("Wide",)),
    Feature("2,000 columns in a known table", _many_columns("Sales", "Key_Sales, Sales, Orders, Stock"), unknown=("Sales",)),
    Feature(
        "2,000 columns, and none of those asked for",
        sql("drop table Sales", f"create table Sales ({', '.join(f'c{n}' for n in range(2000))})"),
        "key_sales",
    ),
    Feature("300 tables, and not the one asked for", sql("drop table Sales", *(f"create table t{n} (a)" for n in range(300))), "sales"),
    Feature(
        "names with line breaks and escapes", sql('create table "a\nb\x1b[31m\u202e" ("c\nd", "e""f")'), unknown=("a\nb\x1b[31m\u202e",)
    ),
    Feature(
        "names with line breaks and escapes, and a table gone",
        sql('create table "a\nb\x1b[31m\u202e" ("c\nd")', "drop table Sales"),
        "sales",
    ),
    Feature("a column name with a line break, and a column gone", sql('alter table Sales rename column Stock to "St\nock"'), "stock"),
    Feature(
        "a table that is named as SQLite's own",
        schema(
            "create table x (a)",
            "update sqlite_schema set name = 'sqlite_x', tbl_name = 'sqlite_x', sql = 'create table sqlite_x (a)' where name = 'x'",
        ),
    ),
    Feature(
        "statistics that mislead",
        sql("create index i on Sales (Stock)", "analyze", "update sqlite_stat1 set stat = '1 1 unordered noskipscan sz=-1'"),
    ),
    Feature(
        "statistics that are no numbers",
        sql("create index i on Sales (Stock)", "analyze", "update sqlite_stat1 set stat = 'x' || zeroblob(1000), idx = x'ff'"),
    ),
    Feature(
        "a collation that nobody knows",
        schema("update sqlite_schema set sql = replace(sql, '\"Sales\",', '\"Sales\" collate french,') where name = 'Sales'"),
    ),
    Feature(
        "a collation that nobody knows, in an index",
        both(
            sql("create index i on Sales (Sales)"),
            schema("update sqlite_schema set sql = replace(sql, '(Sales)', '(Sales collate french)') where name = 'i'"),
        ),
        "french",
    ),
    Feature("an index over all columns that disagrees with its table", _index_that_disagrees, unknown=("Sales",)),
    Feature("a log beside the file", lambda path: _in_wal_mode(path, with_log=True)),
    Feature("WAL mode, and the log gone", lambda path: _in_wal_mode(path, with_log=False)),
    Feature("a log that is none", both(lambda path: _in_wal_mode(path, with_log=False), beside("-wal", b"no log" * 1000))),
    Feature("a hot journal beside the file", _with_a_hot_journal, "journal"),
    Feature("a journal that is none", beside("-journal", b"no journal" * 1000), "journal"),
    Feature("a page size of 1", patched(16, b"\x00\x01"), "export.db"),
    Feature("a page size of three", patched(16, b"\x00\x03"), "export.db"),
    Feature("another page size", patched(16, b"\x04\x00"), "export.db"),
    Feature("reserved bytes", patched(20, b"\xff"), "export.db"),
    Feature("a format of the future", patched(18, b"\x09\x09"), "export.db"),
    Feature("a schema of the future", patched(44, b"\x00\x00\x00\x63"), "export.db"),
    Feature("an application's number", sql("pragma application_id = 1196444487", "pragma user_version = 2147483647")),
    Feature("encrypted", _encrypted, "is not a SQLite file"),
    Feature("a corrupt list of free pages", _corrupt_freelist, "is damaged"),
    Feature("UTF-16, in the header alone", patched(56, b"\x00\x00\x00\x02"), "cannot be read"),
    Feature("a cell of 15 MB", cell_of(15 * MB)),
    Feature("a cell above the limit", cell_of(16 * MB + 1), "Post_excerpt"),
    Feature("a key above the limit", cell_of(17 * MB, "SKU"), "SKU"),
    Feature("a cell of 20 MB in an unknown table", sql("create table Other as select zeroblob(20000000) as pile"), unknown=("Other",)),
    Feature(
        "60 MB in cells of 1 MB",
        rows_of_a_megabyte(60),
    ),
    Feature("a cell of 1 GB", cell_of(999_999_000), "Post_excerpt", in_full_only=True),
)
