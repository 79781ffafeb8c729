"""Proves that every cell of an export arrives exactly, and that all tables are read in one state of the file."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from bottleneck_assets.engine.warehouse import Candidate, Failures, Origin, Warehouse
from bottleneck_assets.errors import ExportError
from bottleneck_assets.source.exports import MAX_CELL_BYTES, verify
from bottleneck_assets.source.reading import BATCH_BYTES, BATCH_ROWS, MARKER, ArrowStream, open_export
from bottleneck_assets_tests.running import begun
from bottleneck_assets_tests.small_export import expected_columns, minimal_rows, write_export

LONG = "é" * 100_000  # 200 kB as UTF-8
CELLS: Mapping[str, tuple[Any, bytes | None]] = {
    "int": (7, b"7"),
    "negative int": (-3, b"-3"),
    "largest int": (9223372036854775807, b"9223372036854775807"),
    "real": (21.75, b"21.75"),
    "whole real": (3.0, b"3.0"),
    "real of many digits": (0.1, b"0.1"),
    "text": ("Château d'Été ☺ 𝄞", "Château d'Été ☺ 𝄞".encode()),
    "digits as text": ("007,50", b"007,50"),
    "empty text": ("", b""),
    "null": (None, None),
    "blob of text": (b"2023-1_10", b"2023-1_10"),
    "empty blob": (b"", b""),
    "blob of no text": (b"\xc3\x28\xff\x00\xfe", b"\xc3\x28\xff\x00\xfe"),
    "long text": (LONG, LONG.encode()),
    "text with a NUL": ("a\0b", b"a\0b"),
    "white space": (" \t\r\n\u00a0", " \t\r\n\u00a0".encode()),
    "quotes": ("\"'`,;", b"\"'`,;"),
}


def read(stream: ArrowStream) -> pa.Table:
    return pa.RecordBatchReader.from_stream(stream).read_all()


def column(table: pa.Table, name: str) -> list[bytes | None]:
    """Return a column without the marker row."""
    kept = [cell for cell, marked in zip(table[name].to_pylist(), table[MARKER].to_pylist(), strict=True) if marked is None]
    assert len(kept) == table.num_rows - 1
    return kept


def accept(candidate: Candidate) -> Failures:
    del candidate
    return Failures(0, [])


def one_table(path: Path, cells: Sequence[Any]) -> Path:
    """Write a table of two columns: one of cells, and one that is NULL throughout but for its last row."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("create table mixed (cell, late)")
        connection.executemany("insert into mixed values (?, null)", ([cell] for cell in cells))
        connection.execute("update mixed set late = 'at last' where rowid = (select max(rowid) from mixed)")
    return path


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return one_table(tmp_path_factory.mktemp("mixed") / "mixed.db", [cell for cell, _ in CELLS.values()])


@pytest.mark.parametrize(("position", "kind"), list(enumerate(CELLS)), ids=list(CELLS))
def test_a_cell_of_any_kind_arrives_exactly(mixed: Path, position: int, kind: str) -> None:
    with open_export(verify(mixed, {"mixed": ["cell", "late"]})) as stream:
        arrived = column(read(stream("mixed")), "cell")

    assert arrived[position] == CELLS[kind][1]


def test_bytes_that_are_not_utf_8_in_a_text_cell_arrive_exactly(tmp_path: Path) -> None:
    path = one_table(tmp_path / "mixed.db", ["x"])
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("update mixed set cell = cast(x'436861C3' as text)")

    with open_export(verify(path, {"mixed": ["cell", "late"]})) as stream:
        assert column(read(stream("mixed")), "cell") == [b"Cha\xc3"]


def test_a_column_that_is_null_throughout_the_first_batch_arrives_as_what_it_is(tmp_path: Path) -> None:
    rows = BATCH_ROWS + 10
    path = one_table(tmp_path / "mixed.db", range(rows))

    with open_export(verify(path, {"mixed": ["cell", "late"]})) as stream:
        table = read(stream("mixed"))

    assert column(table, "late") == [None] * (rows - 1) + [b"at last"]
    assert column(table, "cell") == [str(number).encode() for number in range(rows)]


def test_a_column_may_be_null_in_every_row(tmp_path: Path) -> None:
    path = one_table(tmp_path / "mixed.db", [None, None])

    with open_export(verify(path, {"mixed": ["cell", "late"]})) as stream:
        assert column(read(stream("mixed")), "cell") == [None, None]


def test_the_contracts_columns_come_in_its_order_under_its_names(tmp_path: Path) -> None:
    path = tmp_path / "export.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute('create table "Mi""xed" ("LATE ", "Ce""ll", "other")')
        connection.execute("""insert into "Mi""xed" values ('b', 'a', 'c')""")

    with open_export(verify(path, {'mi"xed': ['ce"ll', "late "]})) as stream:
        table = read(stream('mi"xed'))

    assert table.column_names == ['ce"ll', "late ", MARKER]
    assert column(table, 'ce"ll') == [b"a"]


def test_an_ingested_table_holds_every_cell_as_text_and_names_the_first_that_is_none(mixed: Path, tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    with open_export(verify(mixed, {"mixed": ["cell", "late"]})) as stream:
        warehouse.ingest(
            "raw.mixed", stream("mixed"), ["cell", "late"], MARKER, origin=Origin("export", "mixed.db", "1"), code_version="1", check=accept
        )
    rows = warehouse.query("select * from raw.mixed order by row_number", reads=["raw.mixed"])

    assert [row["row_number"] for row in rows] == list(range(1, len(CELLS) + 1))
    for row, (kind, (_, arrived)) in zip(rows, CELLS.items(), strict=True):
        if kind == "blob of no text":
            assert (row["cell"], row["undecodable_column"]) == ("x'C328FF00FE'", "cell")
        elif kind == "text with a NUL":  # numbers stored as bytes have such
            assert (row["cell"], row["undecodable_column"]) == ("x'610062'", "cell")
        else:
            assert (row["cell"], row["undecodable_column"]) == (None if arrived is None else arrived.decode(), None), kind
    assert rows[-1]["late"] == "at last"


def test_an_index_that_disagrees_with_its_table_is_not_read_in_its_place(tmp_path: Path) -> None:
    path = tmp_path / "mixed.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("create table mixed (cell, late, other, note)")
        connection.executemany("insert into mixed values (?, null, ?, ?)", [(cell, cell.upper(), "x" * 500) for cell in ("c", "a", "b")])
        connection.execute("create index every_column on mixed (other, late)")
        connection.execute("pragma writable_schema = on")
        connection.execute("update sqlite_schema set sql = 'create index every_column on mixed (cell, late)' where type = 'index'")
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("select cell, late from mixed").fetchall() == [("A", None), ("B", None), ("C", None)]

    with open_export(verify(path, {"mixed": ["cell", "late"]})) as stream:
        assert column(read(stream("mixed")), "cell") == [b"c", b"a", b"b"]


def test_wide_rows_are_read_a_few_at_a_time(tmp_path: Path) -> None:
    path = one_table(tmp_path / "mixed.db", [b"x" * MAX_CELL_BYTES, *[b"y" * 1_000_000] * 40])

    with open_export(verify(path, {"mixed": ["cell", "late"]})) as stream:
        batches = list(pa.RecordBatchReader.from_stream(stream("mixed")))

    assert sum(batch.num_rows for batch in batches) == 1 + 41
    assert max(batch.num_rows for batch in batches) <= BATCH_BYTES // MAX_CELL_BYTES


WRITER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for line in sys.stdin:
    connection.execute(line).fetchall()
    print("done", flush=True)
"""


@contextmanager
def writer_of(path: Path, *first: str) -> Iterator[Callable[[str], None]]:
    """Give a function that runs SQL in another process: within one, two builds of SQLite do not see each other's locks."""
    with begun([sys.executable, "-c", WRITER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        stdin, stdout = process.stdin, process.stdout

        def run(sql: str) -> None:
            stdin.write(sql + "\n")
            stdin.flush()
            assert stdout.readline() == "done\n"

        for sql in first:
            run(sql)
        yield run
        stdin.close()


IN_WAL_MODE = ("pragma journal_mode = wal", "update Sales set Stock = 41 where rowid = 1")


def in_wal_mode(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for sql in IN_WAL_MODE:
            connection.execute(sql)


def test_a_commit_between_two_tables_is_refused(tmp_path: Path) -> None:
    path = write_export(tmp_path / "export.db", minimal_rows())
    with writer_of(path, *IN_WAL_MODE) as run:
        export = verify(path, expected_columns())
        with pytest.raises(ExportError, match="while it was being read"), open_export(export) as stream:  # noqa: PT012
            read(stream("web"))
            run("begin")
            run("update Web set Segment = 'changed'")
            run("update Sales set Sales = 999")
            run("commit")
            read(stream("sales"))


def test_a_commit_while_a_table_is_read_is_not_seen_by_it_and_refused(tmp_path: Path) -> None:
    path = write_export(tmp_path / "export.db", minimal_rows())
    with writer_of(path, *IN_WAL_MODE) as run:
        export = verify(path, expected_columns())
        with pytest.raises(ExportError, match="while it was being read"), open_export(export) as stream:  # noqa: PT012
            sales = stream("sales")
            run("update Sales set Sales = 999")
            assert set(column(read(sales), "sales")) == {b"10"}


def test_a_writer_that_has_the_file_open_but_writes_nothing_is_no_reason_to_refuse_it(tmp_path: Path) -> None:
    path = write_export(tmp_path / "export.db", minimal_rows())
    with writer_of(path, *IN_WAL_MODE), open_export(verify(path, expected_columns())) as stream:
        sales = read(stream("sales"))

    assert column(sales, "stock")[0] == b"41"


def test_an_export_in_wal_mode_that_nobody_has_open_can_be_read(tmp_path: Path) -> None:
    path = write_export(tmp_path / "export.db", minimal_rows())
    in_wal_mode(path)
    assert sorted(tmp_path.iterdir()) == [path]

    with open_export(verify(path, expected_columns())) as stream:
        assert column(read(stream("sales")), "stock")[0] == b"41"


def test_an_export_in_wal_mode_keeps_its_fingerprint_when_it_is_read(tmp_path: Path) -> None:
    path = write_export(tmp_path / "export.db", minimal_rows())
    in_wal_mode(path)

    assert verify(path, expected_columns()).stamp == verify(path, expected_columns()).stamp


def test_a_file_replaced_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = write_export(tmp_path / "export.db", minimal_rows())
    new = shutil.copyfile(path, tmp_path / "new.db")
    export = verify(path, expected_columns())

    with pytest.raises(ExportError, match=r"export\.db was replaced while it was being read") as refused, open_export(export) as stream:  # noqa: PT012
        read(stream("web"))
        new.replace(path)
        read(stream("sales"))
    assert "again" in refused.value.remedy


def test_a_file_replaced_between_verifying_and_reading_is_refused(tmp_path: Path) -> None:
    path = write_export(tmp_path / "export.db", minimal_rows())
    export = verify(path, expected_columns())
    write_export(tmp_path / "new.db", minimal_rows()).replace(path)

    with pytest.raises(ExportError, match="was replaced"), open_export(export) as stream:
        read(stream("web"))


def test_a_file_deleted_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = write_export(tmp_path / "export.db", minimal_rows())
    export = verify(path, expected_columns())

    with pytest.raises(ExportError), open_export(export) as stream:  # noqa: PT012
        read(stream("web"))
        path.unlink()


def test_a_file_cut_short_while_it_is_read_is_an_export_error(tmp_path: Path) -> None:
    rows = minimal_rows()
    path = write_export(tmp_path / "export.db", {**rows, "Sales": rows["Sales"] * 5000})
    export = verify(path, expected_columns())

    with pytest.raises(ExportError), open_export(export) as stream:  # noqa: PT012
        read(stream("promo"))
        os.truncate(path, 8192)
        read(stream("sales"))


def test_an_export_that_a_writer_has_locked_is_an_export_error(tmp_path: Path) -> None:
    path = write_export(tmp_path / "export.db", minimal_rows())
    export = verify(path, expected_columns())

    with writer_of(path, "begin exclusive"), pytest.raises(ExportError), open_export(export) as stream:
        read(stream("web"))
