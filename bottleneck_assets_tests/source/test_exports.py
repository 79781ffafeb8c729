"""Proves that exports are found newest first, told apart by content, and refused, by name, for every flaw that verify knows."""

import datetime as dt
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from pyarrow import RecordBatchReader

from bottleneck_assets.errors import ExportError, ExportNotFoundError
from bottleneck_assets.settings import Settings
from bottleneck_assets.source import exports
from bottleneck_assets.source.exports import MAX_CELL_BYTES, Export, chosen_export, find_exports, fingerprint, is_complete, look, verify
from bottleneck_assets.source.reading import open_export
from bottleneck_assets_tests.small_export import COLUMNS, Rows, expected_columns, minimal_rows, write_export

REAL_EXPORT = Path(__file__).parents[3] / "shared" / "data" / "Bottleneck.db"
PAGE = 4096
NOW = dt.datetime(2024, 1, 2, 4, 0, tzinfo=dt.UTC)


def touched(path: Path, second: int) -> Path:
    path.touch()
    os.utime(path, (second, second))
    return path


def statements(path: Path, *sql: str) -> Path:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in sql:
            connection.execute(statement)
    return path


def verified(path: Path) -> Export:
    return verify(path, expected_columns())


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return write_export(tmp_path / "export.db", minimal_rows())


# --- Complete ----------------------------------------------------------------------------------------------------------------


def test_an_export_is_complete_and_no_beginning_of_it_is(export: Path) -> None:
    assert is_complete(export)
    content = export.read_bytes()
    for size in (1, 15, 16, 99, 100, PAGE, len(content) - 1):
        export.write_bytes(content[:size])
        assert not is_complete(export), size


def test_an_export_with_a_journal_beside_it_is_not_complete(export: Path) -> None:
    with closing(sqlite3.connect(export, isolation_level=None)) as writing:
        writing.execute("begin immediate")
        writing.execute("delete from Web")
        assert not is_complete(export)
        writing.execute("rollback")
    assert is_complete(export)


def test_an_export_with_its_write_ahead_log_is_complete(export: Path) -> None:
    with closing(sqlite3.connect(export)) as writing:
        writing.execute("pragma journal_mode = wal")
        with writing:
            writing.execute("create table more as select * from Web")
        assert is_complete(export)
    assert is_complete(export)


@pytest.mark.parametrize("content", [b"segment;revenue\n", b"\x00" * 5000])
def test_what_is_not_sqlite_is_as_complete_as_it_will_ever_be(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "shop.db").write_bytes(content)

    assert is_complete(tmp_path / "shop.db")
    assert is_complete(tmp_path / "gone.db")


def test_an_empty_file_may_be_the_beginning_of_a_copy(tmp_path: Path) -> None:
    (tmp_path / "shop.db").touch()

    assert not is_complete(tmp_path / "shop.db")


# --- Finding -----------------------------------------------------------------------------------------------------------------


def test_exports_are_found_newest_first(tmp_path: Path) -> None:
    old, newest, middle = touched(tmp_path / "z.db", 100), touched(tmp_path / "a.db", 300), touched(tmp_path / "m.db", 200)

    assert find_exports(tmp_path, NOW) == [newest, middle, old]


def test_exports_of_the_same_moment_come_in_a_stable_order(tmp_path: Path) -> None:
    found = [touched(tmp_path / name, 100) for name in ("b.db", "a.db", "c.db")]

    assert find_exports(tmp_path, NOW) == sorted(found, reverse=True)


def test_only_files_with_the_suffix_of_a_database_are_exports(tmp_path: Path) -> None:
    for name in ("a.db", "b.sqlite", "c.sqlite3", "D.DB", "a.db-wal", "a.db-shm", "a.db-journal", "a.db.part", "notes.txt", "db", ".db"):
        touched(tmp_path / name, 100)
    (tmp_path / "folder.db").mkdir()
    touched(tmp_path / "folder.db" / "inner.db", 100)

    assert {path.name for path in find_exports(tmp_path, NOW)} == {"a.db", "b.sqlite", "c.sqlite3", "D.DB"}


def test_the_synthetic_export_comes_after_the_shop_s_own_and_a_file_from_the_future_too(tmp_path: Path) -> None:
    today = int(NOW.timestamp())
    sample, old, ahead = (
        touched(tmp_path / name, second) for name, second in (("sample.db", today), ("old.db", 100), ("ahead.db", today + 90_000))
    )

    assert find_exports(tmp_path, NOW) == [old, ahead, sample]


@pytest.mark.usefixtures("posix")
def test_a_name_that_is_not_text_and_a_link_to_itself_do_not_hide_the_other_exports(tmp_path: Path) -> None:
    touched(Path(os.fsdecode(os.fsencode(tmp_path) + b"/f\xe9vrier.db")), 300)
    (tmp_path / "loop.db").symlink_to(tmp_path / "loop.db")
    good = touched(tmp_path / "mars.db", 100)

    assert find_exports(tmp_path, NOW) == [good]


def test_a_look_at_an_export_sees_its_write_ahead_log(tmp_path: Path) -> None:
    (tmp_path / "shop.db").write_bytes(b"12345")
    touched(tmp_path / "shop.db", 100)
    (before,) = look(tmp_path)
    (tmp_path / "shop.db-wal").write_bytes(b"123")
    (after,) = look(tmp_path)

    assert (before.name, before.size, after.name, after.size) == ("shop.db", 5, "shop.db", 8)
    assert after.changed_ns > before.changed_ns


@pytest.mark.parametrize("exists", [True, False])
def test_a_folder_without_an_export_says_what_to_do(tmp_path: Path, exists: bool) -> None:
    folder = tmp_path / "exports"
    if exists:
        folder.mkdir()

    assert find_exports(folder, NOW) == []
    with pytest.raises(ExportNotFoundError, match=r"holds no export \(\.db, \.db3, \.s3db, \.sl3, \.sqlite, \.sqlite3\)") as missing:
        chosen_export(Settings(data_dir=folder.parent), NOW, verified)
    assert str(folder) in missing.value.problem
    assert "bottleneck sample" in missing.value.remedy


# --- Telling apart -----------------------------------------------------------------------------------------------------------


def test_an_export_that_has_settled_is_hashed_once_and_again_once_it_has_changed(export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[Path] = []
    content_hash = exports._content_hash
    monkeypatch.setattr(exports, "_content_hash", lambda path: (hashed.append(path), content_hash(path))[1])
    fingerprint(export)
    fingerprint(export)
    assert hashed == [export, export]  # a moment ago it was written

    monkeypatch.setattr(exports, "_TOLD_APART_NS", -60_000_000_000)
    settled = [fingerprint(export), fingerprint(export)]
    assert hashed == [export] * 3
    content = export.read_bytes()
    changed = export.stat()
    export.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    os.utime(export, ns=(changed.st_atime_ns, changed.st_mtime_ns))  # same size, same time of change
    assert fingerprint(export) not in settled
    assert hashed == [export] * 4


def test_the_fingerprint_is_the_sha_256_of_the_file(export: Path) -> None:
    assert fingerprint(export) == hashlib.sha256(export.read_bytes()).hexdigest()


def test_a_copy_under_another_name_is_the_same_export(export: Path, tmp_path: Path) -> None:
    copy = shutil.copyfile(export, tmp_path / "copy of the export.sqlite")

    assert fingerprint(copy) == fingerprint(export)


def test_another_content_is_another_export(export: Path) -> None:
    before = fingerprint(export)
    statements(export, "update Sales set Sales = 11 where rowid = 1")

    assert fingerprint(export) != before


def test_what_stands_in_the_write_ahead_log_is_part_of_the_content(export: Path) -> None:
    before = fingerprint(export)
    wal = export.with_name("export.db-wal")

    wal.write_bytes(b"")
    assert fingerprint(export) == before
    with closing(sqlite3.connect(export)) as shop:
        shop.execute("pragma journal_mode = wal")
        before = fingerprint(export)
        with shop:
            shop.execute("update Sales set Sales = 11 where rowid = 1")
        assert wal.stat().st_size > 0
        assert fingerprint(export) != before


# --- Verifying: what is accepted ---------------------------------------------------------------------------------------------


def test_a_minimal_export_is_accepted(export: Path) -> None:
    found = verified(export)

    assert found.path == export
    assert found.sha256 == hashlib.sha256(export.read_bytes()).hexdigest()
    assert set(found.tables) == {"web", "finance", "sales", "promo"}
    assert all(column.is_known for column in found.columns)
    assert len(found.columns) == 23 + 7 + 4 + 5


@pytest.mark.skipif(not REAL_EXPORT.exists(), reason="the real export is not beside the repository")
def test_the_real_export_is_accepted_whole() -> None:
    found = verified(REAL_EXPORT)

    assert set(found.tables) == {"web", "finance", "sales", "promo"}
    assert [column for column in found.columns if not column.is_known] == []


def test_names_may_be_written_in_another_case(tmp_path: Path) -> None:
    rows = {name.upper(): [{key.upper(): cell for key, cell in row.items()} for row in given] for name, given in minimal_rows().items()}
    columns = {name.upper(): [column.upper() for column in given] for name, given in COLUMNS.items()}
    found = verified(write_export(tmp_path / "export.db", rows, columns))

    assert found.tables["sales"].name == "SALES"
    assert found.tables["sales"].columns == {"key_sales": "KEY_SALES", "sales": "SALES", "orders": "ORDERS", "stock": "STOCK"}


def test_unknown_tables_and_columns_are_reported_and_not_refused(export: Path) -> None:
    statements(export, "create table Visits (Day date, Visitors integer)", "alter table Sales add column Returned integer")
    found = verified(export)

    unknown = {(column.table_name, column.column_name, column.declared_type) for column in found.columns if not column.is_known}
    assert {(table, column, declared.lower()) for table, column, declared in unknown} == {
        ("Visits", "Day", "date"),
        ("Visits", "Visitors", "integer"),
        ("Sales", "Returned", "integer"),
    }
    assert "returned" not in found.tables["sales"].columns


def test_sqlites_own_tables_are_not_reported(tmp_path: Path) -> None:
    path = statements(
        tmp_path / "export.db", "create table Visits (id integer primary key autoincrement)", "insert into Visits default values"
    )
    found = verified(write_export(path, minimal_rows()))

    assert [column.table_name for column in found.columns if column.table_name.startswith("sqlite_")] == []


@pytest.mark.parametrize("name", ["an export.db", "50% #1?.db", 'l\'export "neuf".db', "été;drop.db", "a&b=c.db", "[a-z]*.db", "%41.db"])
def test_a_path_may_hold_any_character(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "dépôt #2 100%? [x]"
    folder.mkdir()
    path = folder / name
    write_export(tmp_path / "plain.db", minimal_rows()).rename(path)

    with open_export(verified(path)) as stream:
        stream("sales")
    assert [found.name for found in folder.iterdir()] == [name]


# --- Verifying: the optional table -------------------------------------------------------------------------------------------


def with_segments(path: Path, columns: tuple[str, ...], *rows: tuple[object, ...]) -> Path:
    write_export(path, minimal_rows())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"create table ca_par_segment ({', '.join(columns)})")
        connection.executemany(f"insert into ca_par_segment values ({', '.join('?' for _ in columns)})", rows)
    return path


@pytest.mark.parametrize("columns", [("segment", "revenue"), ("Categorie", "CA"), ("revenue", "segment")])
def test_the_optional_table_is_recognised_whatever_its_columns_are_called(tmp_path: Path, columns: tuple[str, str]) -> None:
    found = verified(with_segments(tmp_path / "export.db", columns, ("Vin", "12,5"), ("Huile", 3)))

    assert found.tables["ca_par_segment"].columns == {"segment": columns[0], "revenue": columns[1]}


@pytest.mark.parametrize("columns", [("revenue", "segment"), ("CA", "Categorie"), ("segment", "revenue")])
def test_the_optional_tables_columns_may_stand_in_either_order(tmp_path: Path, columns: tuple[str, str]) -> None:
    found = verified(with_segments(tmp_path / "export.db", columns, ("12,5", "Vin"), (3.25, "Huile")))

    assert found.tables["ca_par_segment"].columns == {"segment": columns[1], "revenue": columns[0]}


def test_one_revenue_that_cannot_be_read_does_not_turn_named_columns_round(tmp_path: Path) -> None:
    found = verified(with_segments(tmp_path / "export.db", ("revenue", "segment"), ("12,5", "Vin"), ("n/a", "Huile")))

    assert found.tables["ca_par_segment"].columns == {"segment": "segment", "revenue": "revenue"}


def test_bytes_that_are_not_text_in_the_optional_table_are_no_reason_to_refuse_the_export(tmp_path: Path) -> None:
    path = with_segments(tmp_path / "export.db", ("segment", "revenue"), ("Vin", "12,5"))
    statements(path, "insert into ca_par_segment values (cast(x'C3' as text), '4')")

    assert "ca_par_segment" in verified(path).tables


def test_the_optional_table_may_be_empty(tmp_path: Path) -> None:
    assert "ca_par_segment" in verified(with_segments(tmp_path / "export.db", ("segment", "revenue"))).tables


@pytest.mark.parametrize("columns", [("segment",), ("segment", "amount", "month")])
def test_an_optional_table_of_which_the_two_columns_cannot_be_told_is_refused(tmp_path: Path, columns: tuple[str, ...]) -> None:
    with pytest.raises(ExportError, match="ca_par_segment should have two columns") as refused:
        verified(with_segments(tmp_path / "export.db", columns))

    assert "optional" in refused.value.remedy


def test_an_optional_table_with_more_columns_is_recognised_by_their_names(tmp_path: Path) -> None:
    table = verified(with_segments(tmp_path / "export.db", ("month", "Revenue", "Segment"))).tables["ca_par_segment"]
    assert table.columns == {"segment": "Segment", "revenue": "Revenue"}


def test_one_unreadable_revenue_does_not_swap_the_columns_of_the_optional_table(tmp_path: Path) -> None:
    path = with_segments(tmp_path / "export.db", ("rayon", "ca"))
    with closing(sqlite3.connect(path)) as connection:
        connection.executemany("insert into ca_par_segment values (?, ?)", [("Vin", "1,5"), ("Huile", "n/a"), (b"\xff", "2")])
        connection.commit()
    assert verified(path).tables["ca_par_segment"].columns == {"segment": "rayon", "revenue": "ca"}


# --- Verifying: what is refused ----------------------------------------------------------------------------------------------


def test_a_missing_export_is_not_an_empty_export(tmp_path: Path) -> None:
    with pytest.raises(ExportNotFoundError, match=r"nowhere\.db does not exist"):
        verified(tmp_path / "nowhere.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"SKU;Price\n1;2\n", "is not a SQLite file"),
        (b"SQLite format 3", "is not a SQLite file"),
        (b"PK\x03\x04" + b"\0" * 5000, "is not a SQLite file"),
        (b"SQLite format 3\0" + b"\0" * 5000, "SQLite file|is damaged"),
    ],
)
def test_a_file_that_is_not_sqlite_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "export.db"
    path.write_bytes(content)

    with pytest.raises(ExportError, match=reason) as refused:
        verified(path)
    assert str(path) in refused.value.problem


def test_a_folder_is_refused_as_one(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="is no file, but a folder"):
        verified(tmp_path)


def large_rows() -> Rows:
    rows = minimal_rows()
    return {**rows, "Sales": rows["Sales"] * 600, "Finance": rows["Finance"] * 600}


@pytest.mark.parametrize("share", [0.001, 0.2, 0.5, 0.9, 0.999])
def test_a_truncated_export_is_refused(tmp_path: Path, share: float) -> None:
    path = write_export(tmp_path / "export.db", large_rows())
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])

    with pytest.raises(ExportError, match=r"export\.db (is damaged|cannot be read|is not a SQLite file)"):
        verified(path)


def test_an_export_that_lacks_its_last_page_is_refused(tmp_path: Path) -> None:
    path = write_export(tmp_path / "export.db", large_rows())
    path.write_bytes(path.read_bytes()[:-PAGE])

    with pytest.raises(ExportError, match=r"export\.db (is damaged|cannot be read)"):
        verified(path)


def test_a_page_of_flipped_bytes_is_refused_wherever_it_lies(tmp_path: Path) -> None:
    path = write_export(tmp_path / "export.db", large_rows())
    whole = path.read_bytes()
    for page in range(1, len(whole) // PAGE, 7):
        start = page * PAGE
        flipped = bytes(byte ^ 0xFF for byte in whole[start : start + PAGE])
        path.write_bytes(whole[:start] + flipped + whole[start + PAGE :])

        with pytest.raises(ExportError, match=r"export\.db (is damaged|cannot be read)"):
            verified(path)


@pytest.mark.parametrize("table", ["Web", "Finance", "Sales", "Promo"])
def test_a_missing_table_is_named(tmp_path: Path, table: str) -> None:
    rows = minimal_rows()
    del rows[table]
    path = write_export(tmp_path / "export.db", rows)

    with pytest.raises(ExportError, match=f"has no table '{table.lower()}'") as refused:
        verified(path)
    assert all(other in refused.value.problem for other in rows)


@pytest.mark.parametrize(
    ("table", "column"), [("Web", "Contenance"), ("Finance", "Purchase_Price"), ("Sales", "Orders"), ("Promo", "Start_Date")]
)
def test_a_missing_column_is_named(export: Path, table: str, column: str) -> None:
    statements(export, f"alter table {table} drop column {column}")

    with pytest.raises(ExportError, match=f"table {table} lacks {column.lower()}"):
        verified(export)


def test_a_shop_may_have_no_promotion(export: Path) -> None:
    statements(export, "delete from Promo")

    assert "promo" in verified(export).tables


@pytest.mark.parametrize(
    ("table", "name"), [("Finance", "\ufeffFinance"), ("Sales", " sales\u00a0"), ("Promo", "PROMO\r\n"), ("Web", "\u2009web")]
)
def test_byte_order_marks_and_white_space_around_names_are_none(export: Path, table: str, name: str) -> None:
    statements(export, f'alter table {table} rename to "{name}"')

    assert verified(export).tables[table.lower()].name == name


@pytest.mark.parametrize("table", ["Web", "Finance", "Sales"])
def test_an_empty_table_is_refused_by_name(export: Path, table: str) -> None:
    statements(export, f"delete from {table}")

    with pytest.raises(ExportError, match=f"table {table} is empty"):
        verified(export)


def test_a_view_in_place_of_a_table_is_refused(export: Path) -> None:
    statements(export, "alter table Sales rename to Sales_2022", "create view Sales as select * from Sales_2022")

    with pytest.raises(ExportError, match="has no table 'sales'"):
        verified(export)


def test_a_virtual_table_in_place_of_a_table_is_refused(export: Path) -> None:
    columns = "Key_Promo, Start_Date, End_Date, Sales_Offer, Price_Offer"
    statements(export, "drop table Promo", f"create virtual table Promo using fts5({columns})")
    statements(export, "insert into Promo values ('2022-11_20', '2022-11-01', '2022-11-02', '1', '2')")

    with pytest.raises(ExportError, match="has no table 'promo'"):
        verified(export)


@pytest.mark.parametrize("encoding", ["UTF-16le", "UTF-16be"])
def test_an_export_in_another_encoding_is_refused(tmp_path: Path, encoding: str) -> None:
    path = statements(tmp_path / "export.db", f"pragma encoding = '{encoding}'", "create table Visits (Day)")
    write_export(path, minimal_rows())

    with pytest.raises(ExportError, match=encoding) as refused:
        verified(path)
    assert "UTF-8" in refused.value.remedy


# --- Reading only ------------------------------------------------------------------------------------------------------------


def seen(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in sorted(folder.iterdir())}


def as_it_is(path: Path) -> None:
    assert path.exists()


def in_wal_mode(path: Path) -> None:
    statements(path, "pragma journal_mode = wal")


def left_by_a_writer_that_died(path: Path) -> None:
    """Leave a row in the write-ahead log only, as a writer does that never came to close the file."""
    source = path.with_name("source.db")
    path.rename(source)
    with closing(sqlite3.connect(source, isolation_level=None)) as writer:
        writer.execute("pragma journal_mode = wal")
        writer.execute("pragma wal_autocheckpoint = 0")
        writer.execute("insert into Sales values ('2022-12_999', 7, '', 0)")
        shutil.copyfile(source, path)
        shutil.copyfile(source.with_name("source.db-wal"), path.with_name(path.name + "-wal"))
    for left in path.parent.glob("source.db*"):
        left.unlink()


@pytest.mark.parametrize("prepare", [as_it_is, in_wal_mode], ids=["plain", "wal mode"])
def test_reading_changes_neither_the_file_nor_what_lies_beside_it(tmp_path: Path, prepare: Callable[[Path], None]) -> None:
    path = write_export(tmp_path / "export.db", minimal_rows())
    prepare(path)
    before = seen(tmp_path)

    with open_export(verified(path)) as stream:
        for table in ("web", "finance", "sales", "promo"):
            stream(table)

    assert seen(tmp_path) == before


def test_a_write_ahead_log_beside_the_file_is_read_and_left_as_it_is(tmp_path: Path) -> None:
    path = write_export(tmp_path / "export.db", {**minimal_rows(), "Sales": []})
    left_by_a_writer_that_died(path)
    before = seen(tmp_path)
    assert set(before) == {"export.db", "export.db-wal"}

    with open_export(verified(path)) as stream:
        assert b"2022-12_999" in RecordBatchReader.from_stream(stream("sales")).read_all()["key_sales"].to_pylist()

    after = seen(tmp_path)
    after.pop("export.db-shm", None)  # SQLite's own index of the log, which it cannot do without
    assert after == before


def test_what_stands_in_the_write_ahead_log_is_verified_with_the_file(tmp_path: Path) -> None:
    path = write_export(tmp_path / "export.db", {**minimal_rows(), "Sales": []})
    with pytest.raises(ExportError, match="table Sales is empty"):
        verified(path)
    left_by_a_writer_that_died(path)

    assert verified(path).tables["sales"].name == "Sales"


# --- Verifying: nothing in an export is run, and there are limits --------------------------------------------------------------------

TOO_MUCH = "length(hex(zeroblob(20000000)))"
"""More than a cell may hold: where it is computed, the file cannot be read."""


@pytest.mark.parametrize("kind", ["virtual", "stored"])
def test_a_column_that_the_export_computes_is_refused_and_never_computed(export: Path, kind: str) -> None:
    statements(export, "alter table Promo rename to given", f"create table Promo (Price_Offer, Doubled as ({TOO_MUCH}) {kind})")

    with pytest.raises(ExportError, match="table Promo computes its column Doubled") as refused:
        verified(export)
    assert "create table ... as select" in refused.value.remedy


def test_a_rule_in_the_export_is_not_run(tmp_path: Path) -> None:
    path = tmp_path / "export.db"
    statements(
        path, f"create table Rules (a check (a < {TOO_MUCH}))", "pragma ignore_check_constraints = on", "insert into Rules values (1)"
    )

    assert set(verified(write_export(path, minimal_rows())).tables) == {"web", "finance", "sales", "promo"}


def test_a_view_that_never_ends_is_refused_by_name_and_never_asked(export: Path) -> None:
    endless = "with recursive n(n) as (select 1 union all select n + 1 from n) select n as a from n"
    statements(export, "drop table Promo", f"create view PROMO as {endless}")

    with pytest.raises(ExportError, match="has no table 'promo', but a view of that name") as refused:
        verified(export)
    assert "plain table" in refused.value.remedy


def test_names_in_the_export_cannot_break_the_two_lines_or_fill_them(export: Path) -> None:
    statements(export, 'create table "a\nb\x1b[31m\u202e" (c)', "drop table Sales", *(f"create table t{n:03} (c)" for n in range(100)))

    with pytest.raises(ExportError, match="has no table 'sales'") as refused:
        verified(export)
    assert refused.value.problem.isprintable()
    assert r"a\nb\x1b[31m\u202e" in refused.value.problem
    assert "and 74 more" in refused.value.problem


def test_a_journal_that_was_left_beside_an_export_is_named(export: Path) -> None:
    export.with_name("export.db-journal").write_bytes(b"no journal" * 100)

    with pytest.raises(ExportError, match="has a journal beside it"):
        verified(export)


@pytest.mark.parametrize(("table", "column"), [("Web", "Post_excerpt"), ("Sales", "Key_Sales"), ("ca_par_segment", "segment")])
def test_a_cell_of_more_bytes_than_are_read_is_refused_by_table_and_column(tmp_path: Path, table: str, column: str) -> None:
    rows = {**minimal_rows(), "ca_par_segment": [{"segment": "Vin", "revenue": 1}]}
    path = statements(
        write_export(tmp_path / "export.db", rows), f"update {table} set {column} = zeroblob({MAX_CELL_BYTES + 1}) where rowid = 1"
    )

    with pytest.raises(ExportError, match=f"table {table} has a cell of more than 16 MB in its column {column}"):
        verified(path)


def test_a_long_cell_that_is_not_read_is_no_reason_to_refuse_an_export(export: Path) -> None:
    statements(
        export,
        f"create table Notes as select zeroblob({MAX_CELL_BYTES + 1}) as note",
        "update Web set Post_excerpt = zeroblob(5000) where rowid = 1",
    )

    assert 5000 < (verified(export).tables["web"].longest_row or 0) < 6000
