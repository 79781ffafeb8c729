"""Proves that a table is seen whole or not at all, that it knows where it comes from, and that its CSV is RFC 4180.

Killing and reading beside a writer is done with real processes.
"""

import csv
import datetime as dt
import io
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bottleneck_assets.engine.warehouse import (
    BrokenContractError,
    Candidate,
    DamagedTableError,
    EngineError,
    Failures,
    Origin,
    Table,
    Warehouse,
    built_version,
)
from bottleneck_assets.errors import BottleneckError, ContractError
from bottleneck_assets_tests.running import PATIENCE, begun

EXPORT = Origin("export", "shop.db", "aaaa")
PARAMETERS = Origin("parameters", "{}", "bbbb")


def accept(candidate: Candidate) -> Failures:
    del candidate
    return Failures(0, [])


def refuse(candidate: Candidate) -> Failures:
    del candidate
    return Failures(2, [{"column": "units", "failure_case": "-1"}, {"column": "units", "failure_case": "-2"}])


def put(warehouse: Warehouse, ref: str, columns: dict[str, Any], origin: Origin = EXPORT) -> Table:
    return warehouse.put(ref, pa.table(columns), origin=origin, code_version="1", check=accept)


def build(warehouse: Warehouse, ref: str, select: str, *reads: str, code_version: str = "1") -> Table:
    return warehouse.build(ref, select, reads=reads, code_version=code_version, check=accept)


def files_left(warehouse: Warehouse) -> set[str]:
    warehouse.close()
    return {str(path.relative_to(warehouse.root)) for path in warehouse.root.rglob("*") if path.is_file()}


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path / "warehouse")


# --- Storing and reading -----------------------------------------------------------------------------------------------------


def test_what_is_put_can_be_read(warehouse: Warehouse) -> None:
    table = put(warehouse, "raw.sales", {"sku": [2, 1], "units": [5, None]})

    assert (table.ref, table.rows, table.origins) == ("raw.sales", 2, (EXPORT,))
    assert table.path == warehouse.root / "raw" / "sales.parquet"
    assert table.bytes == table.path.stat().st_size
    assert warehouse.table("raw.sales") == table
    assert warehouse.query("select * from raw.sales", reads=["raw.sales"]) == [{"sku": 2, "units": 5}, {"sku": 1, "units": None}]


def test_what_is_built_keeps_the_order_of_its_select(warehouse: Warehouse) -> None:
    put(warehouse, "raw.sales", {"sku": list(range(5000)), "units": [number % 7 for number in range(5000)]})
    build(warehouse, "clean.sales", "select sku, units from raw.sales order by units desc, sku", "raw.sales")

    read = warehouse.query("select sku, units from clean.sales", reads=["clean.sales"])
    assert [(row["sku"], row["units"]) for row in read] == sorted(((n, n % 7) for n in range(5000)), key=lambda row: (-row[1], row[0]))


def test_an_empty_table_is_a_table(warehouse: Warehouse) -> None:
    put(warehouse, "raw.sales", {"sku": pa.array([], pa.int64())})

    assert build(warehouse, "clean.sales", "select sku from raw.sales", "raw.sales").rows == 0


@pytest.mark.parametrize("name", ["with space", "l'été", "[2023]", "a*b", "{x}", "50%", "q?"])
def test_the_folder_of_the_tables_may_have_any_name(tmp_path: Path, name: str) -> None:
    warehouse = Warehouse(tmp_path / name / "warehouse")
    put(warehouse, "raw.sales", {"sku": [1]})
    build(warehouse, "clean.sales", "select sku from raw.sales", "raw.sales")
    warehouse.export_csv("clean.sales", tmp_path / name / "sales.csv", columns=["sku"], text_columns=[])

    assert warehouse.query("select sku from clean.sales", reads=["clean.sales"]) == [{"sku": 1}]
    assert (tmp_path / name / "sales.csv").read_bytes() == b"sku\n1\n"


def test_a_tables_neighbour_is_not_read_for_it(tmp_path: Path) -> None:
    put(Warehouse(tmp_path / "a1"), "raw.sales", {"sku": [1]})
    put(Warehouse(tmp_path / "a[12]"), "raw.sales", {"sku": [2]})

    assert Warehouse(tmp_path / "a[12]").query("select sku from raw.sales", reads=["raw.sales"]) == [{"sku": 2}]


def test_a_missing_table_says_what_to_do(warehouse: Warehouse) -> None:
    with pytest.raises(ContractError, match=r"Table kpi\.revenue is not in ") as missing:
        warehouse.table("kpi.revenue")
    assert "kpi/revenue" in missing.value.remedy


@pytest.mark.parametrize("missing", ["build", "query", "export_csv"])
def test_reading_a_missing_table_is_an_error_with_a_remedy_everywhere(warehouse: Warehouse, tmp_path: Path, missing: str) -> None:
    call = {
        "build": lambda: build(warehouse, "clean.sales", "select * from raw.sales", "raw.sales"),
        "query": lambda: warehouse.query("select * from raw.sales", reads=["raw.sales"]),
        "export_csv": lambda: warehouse.export_csv("raw.sales", tmp_path / "sales.csv", columns=["sku"], text_columns=[]),
    }[missing]

    with pytest.raises(BottleneckError, match=r"raw\.sales"):
        call()


def foreign(path: Path) -> None:
    pq.write_table(pa.table({"sku": [1]}), path)


def no_parquet(path: Path) -> None:
    path.write_bytes(b"sku\n1\n")


def half_a_table(path: Path) -> None:
    put(Warehouse(path.parents[1]), "raw.sales", {"sku": list(range(1000))})
    path.write_bytes(path.read_bytes()[:-20])


@pytest.mark.parametrize("write", [foreign, no_parquet, half_a_table])
def test_a_file_that_is_no_table_of_the_workflow_is_named(warehouse: Warehouse, write: Any) -> None:
    path = warehouse.path("raw.sales")
    path.parent.mkdir(parents=True)
    write(path)

    with pytest.raises(ContractError, match=r"sales\.parquet (bears no seal of this workflow|does not hold the bytes)") as foreign_file:
        warehouse.table("raw.sales")
    assert "Materialize raw/sales again" in foreign_file.value.remedy


def test_one_flipped_bit_anywhere_in_a_table_is_noticed_before_anything_is_read_from_it(warehouse: Warehouse) -> None:
    put(warehouse, "raw.sales", {"sku": list(range(100)), "price": [1.5] * 100})
    path = warehouse.path("raw.sales")
    whole = path.read_bytes()
    for bit in random.Random(7).sample(range(8 * len(whole)), 40):  # noqa: S311 - any will do
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        with closing(Warehouse(warehouse.root)) as later:
            for read in (
                lambda: later.table("raw.sales"),
                lambda: later.query("select sum(price) from raw.sales", reads=["raw.sales"]),
                lambda: later.judge("raw.sales", lambda _: Failures(0, [])),
            ):
                with pytest.raises(DamagedTableError, match=r"raw\.sales is not read: .*sales\.parquet") as damage:
                    read()
                assert damage.value.ref == "raw.sales"


def test_a_table_whose_pages_a_power_cut_left_as_zeros_under_a_whole_footer_is_made_again(warehouse: Warehouse) -> None:
    put(warehouse, "raw.sales", {"sku": list(range(1000))})
    path = warehouse.path("raw.sales")
    content = path.read_bytes()
    path.write_bytes(content[:4] + bytes(len(content) // 4) + content[4 + len(content) // 4 :])

    with closing(Warehouse(warehouse.root)) as later:
        with pytest.raises(DamagedTableError, match="does not hold the bytes that were written"):
            later.table("raw.sales")
        put(later, "raw.sales", {"sku": list(range(1000))})
        assert later.query("select count(*) as n from raw.sales", reads=["raw.sales"]) == [{"n": 1000}]


@pytest.mark.usefixtures("posix")
def test_a_table_is_on_disk_before_it_gets_its_name(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    done = list[tuple[str, str]]()
    fsync, replace = os.fsync, Path.replace

    def synced(opened: int) -> None:
        done.append(("fsync", Path(f"/proc/self/fd/{opened}").readlink().name))
        fsync(opened)

    def renamed(path: Path, target: Path) -> Path:
        done.append(("rename", path.name))
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", renamed)
    put(warehouse, "raw.sales", {"sku": [1]})

    beside = f".sales.parquet.{os.getpid()}.tmp"
    assert done == [("fsync", beside), ("rename", beside)]


def test_a_damaged_table_is_named_each_time_and_what_was_there_before_is_not_read_for_it(warehouse: Warehouse) -> None:
    put(warehouse, "raw.sales", {"sku": [1]})
    assert warehouse.query("select sku from raw.sales", reads=["raw.sales"]) == [{"sku": 1}]
    damaged = warehouse.root / "damaged"
    damaged.write_bytes(b"garbage" * 100)
    damaged.replace(warehouse.path("raw.sales"))

    for _ in range(2):
        with pytest.raises(DamagedTableError, match=r"sales\.parquet bears no seal of this workflow"):
            warehouse.query("select sku from raw.sales", reads=["raw.sales"])
    put(warehouse, "raw.sales", {"sku": [2]})
    assert warehouse.query("select sku from raw.sales", reads=["raw.sales"]) == [{"sku": 2}]


def test_reading_goes_on_when_the_folder_of_links_was_deleted(warehouse: Warehouse) -> None:
    put(warehouse, "raw.sales", {"sku": [1]})
    put(warehouse, "raw.web", {"sku": [2]})
    assert warehouse.query("select sku from raw.sales", reads=["raw.sales"]) == [{"sku": 1}]
    (links,) = warehouse.root.glob(".reading-*")
    shutil.rmtree(links)

    for ref, sku in (("raw.web", 2), ("raw.sales", 1)):
        assert warehouse.query(f"select sku from {ref}", reads=[ref]) == [{"sku": sku}]


def test_ingesting_drops_the_marker_and_numbers_the_rows(warehouse: Warehouse) -> None:
    stream = pa.table(
        {
            "name": pa.array([b"", "été".encode(), b"\xc3(", None, b""], pa.binary()),
            "note": pa.array([b"", b"\xff", b"\xff", b"x'C3'", None], pa.binary()),
            "_m": pa.array([b"\x01", None, None, None, None], pa.binary()),
        }
    )
    warehouse.ingest("raw.web", stream, ["name", "note"], "_m", origin=EXPORT, code_version="1", check=accept)

    assert warehouse.query("select * from raw.web", reads=["raw.web"]) == [
        {"row_number": 1, "undecodable_column": "note", "name": "été", "note": "x'FF'"},
        {"row_number": 2, "undecodable_column": "name", "name": "x'C328'", "note": "x'FF'"},
        {"row_number": 3, "undecodable_column": None, "name": None, "note": "x'C3'"},
        {"row_number": 4, "undecodable_column": None, "name": "", "note": None},
    ]


# --- Contracts ---------------------------------------------------------------------------------------------------------------


def test_a_table_that_breaks_its_contract_leaves_the_old_one_and_nothing_beside_it(warehouse: Warehouse) -> None:
    old = put(warehouse, "raw.sales", {"units": [1]})

    with pytest.raises(BrokenContractError, match=r"Table raw\.sales does not keep its contract: 2 failure cases.*units.*-1") as broken:
        warehouse.put("raw.sales", pa.table({"units": [-1, -2]}), origin=EXPORT, code_version="1", check=refuse)

    assert broken.value.failures.count == 2
    assert "the last good table stays in place" in broken.value.remedy
    assert warehouse.table("raw.sales") == old
    assert warehouse.query("select units from raw.sales", reads=["raw.sales"]) == [{"units": 1}]
    assert files_left(warehouse) == {"raw/sales.parquet"}


def test_a_first_table_that_breaks_its_contract_is_not_there(warehouse: Warehouse) -> None:
    with pytest.raises(BrokenContractError):
        warehouse.put("raw.sales", pa.table({"units": [-1]}), origin=EXPORT, code_version="1", check=refuse)

    assert files_left(warehouse) == set()


def test_a_select_that_fails_leaves_the_old_table_and_nothing_beside_it(warehouse: Warehouse) -> None:
    put(warehouse, "raw.sales", {"units": ["1", "x"]})
    old = build(warehouse, "clean.sales", "select units from raw.sales", "raw.sales")

    with pytest.raises(Exception, match="Could not convert"):
        build(warehouse, "clean.sales", "select cast(units as bigint) as units from raw.sales", "raw.sales")

    assert warehouse.table("clean.sales") == old
    assert files_left(warehouse) == {"raw/sales.parquet", "clean/sales.parquet"}


def test_where_the_limit_of_memory_is_too_small_the_setting_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"Table clean\.sales could not be made: Out of Memory") as refused:
        build(
            Warehouse(tmp_path / "warehouse", "30MB"),
            "clean.sales",
            "select string_agg(md5(range::varchar)) as text from range(10_000_000)",
        )
    assert "memory_limit" in refused.value.remedy


def test_a_contract_sees_the_candidate_and_not_the_table_in_place(warehouse: Warehouse) -> None:
    put(warehouse, "raw.sales", {"units": [1]})
    seen: list[list[dict[str, Any]]] = []

    def look(candidate: Candidate) -> Failures:
        seen.extend(batch.to_pylist() for batch in candidate.batches(["units"]))
        return Failures(0, [])

    warehouse.put("raw.sales", pa.table({"units": [2, 3]}), origin=EXPORT, code_version="1", check=look)
    assert seen == [[{"units": 2}, {"units": 3}]]


def test_a_candidate_gives_its_rows_in_batches_and_its_repeated_keys(warehouse: Warehouse) -> None:
    looked: list[Any] = []

    def look(candidate: Candidate) -> Failures:
        looked.append([batch.num_rows for batch in candidate.batches(["number"])])
        looked.append(candidate.duplicates(["month", "sku"], 2))
        looked.append(candidate.duplicates(["number"], 2))
        return Failures(0, [])

    rows = 300_000
    columns = {"month": [1] * rows, "sku": [0, 0, 1, 1, 1, 2, 2, *range(7, rows)], "number": list(range(rows))}
    warehouse.put("raw.sales", pa.table(columns), origin=EXPORT, code_version="1", check=look)

    sizes, repeated, unique = looked
    assert sum(sizes) == rows
    assert max(sizes) <= 250_000
    assert repeated == Failures(3, [{"month": 1, "sku": 0, "row_count": 2}, {"month": 1, "sku": 1, "row_count": 3}])
    assert unique == Failures(0, [])


# --- Provenance --------------------------------------------------------------------------------------------------------------


def test_origins_are_carried_over_from_everything_that_was_read(warehouse: Warehouse) -> None:
    put(warehouse, "raw.sales", {"sku": [1]}, EXPORT)
    put(warehouse, "raw.web", {"sku": [1]}, EXPORT)
    put(warehouse, "raw.parameters", {"x": [1]}, PARAMETERS)
    build(warehouse, "clean.sales", "select sku from raw.sales semi join raw.web using (sku)", "raw.sales", "raw.web")
    built = build(warehouse, "kpi.revenue", "select sku, x from clean.sales, raw.parameters", "clean.sales", "raw.parameters")

    assert built.origins == (EXPORT, PARAMETERS)
    assert warehouse.table("kpi.revenue") == built


def test_an_exports_name_may_hold_quotes(warehouse: Warehouse) -> None:
    origin = Origin("export", """l'export "neuf" \\ {é}.db""", "1")

    assert put(warehouse, "raw.sales", {"sku": [1]}, origin).origins == (origin,)


def test_the_same_code_over_the_same_content_has_the_same_version(warehouse: Warehouse, tmp_path: Path) -> None:
    versions = []
    for place in (warehouse, Warehouse(tmp_path / "elsewhere")):
        put(place, "raw.sales", {"sku": [1]})
        versions.append(build(place, "clean.sales", "select sku from raw.sales", "raw.sales").version)

    assert versions[0] == versions[1]


def test_a_table_is_current_until_its_code_or_what_it_reads_changes(warehouse: Warehouse) -> None:
    put(warehouse, "raw.sales", {"sku": [1]})
    build(warehouse, "clean.sales", "select sku from raw.sales", "raw.sales", code_version="1")
    build(warehouse, "kpi.revenue", "select sku from clean.sales", "clean.sales", code_version="1")

    def current(ref: str, reads: str, code_version: str = "1") -> bool:
        return warehouse.table(ref).version == built_version(code_version, {reads: warehouse.table(reads).version})

    assert current("clean.sales", "raw.sales")
    assert current("kpi.revenue", "clean.sales")
    assert not current("clean.sales", "raw.sales", code_version="2")

    put(warehouse, "raw.sales", {"sku": [2]}, Origin("export", "shop.db", "cccc"))
    assert not current("clean.sales", "raw.sales")
    assert current("kpi.revenue", "clean.sales")

    build(warehouse, "clean.sales", "select sku from raw.sales", "raw.sales", code_version="1")
    assert current("clean.sales", "raw.sales")
    assert not current("kpi.revenue", "clean.sales")


def test_the_same_content_read_again_leaves_what_is_built_on_it_current(warehouse: Warehouse) -> None:
    put(warehouse, "raw.sales", {"sku": [1]})
    build(warehouse, "clean.sales", "select sku from raw.sales", "raw.sales")
    put(warehouse, "raw.sales", {"sku": [1]}, Origin("export", "copy of shop.db", EXPORT.version))

    assert warehouse.table("clean.sales").version == built_version("1", {"raw.sales": warehouse.table("raw.sales").version})


# --- Killing, and reading beside a writer --------------------------------------------------------------------------------------

BUILDER = """
import sys, time
from pathlib import Path
from bottleneck_assets.engine.warehouse import Failures, Warehouse
warehouse = Warehouse(Path(sys.argv[1]))
def slow(candidate):
    print("checking", flush=True)
    time.sleep(float(sys.argv[2]))
    return Failures(0, [])
print("building", flush=True)
select = "select cast(range as bigint) as number, md5(cast(range as varchar)) as text from range(3000000)"
while True:
    warehouse.build("clean.big", select, reads=[], code_version="2", check=slow)
    print("built", flush=True)
"""
NEW_ROWS = 3_000_000


@pytest.mark.usefixtures("posix")
@pytest.mark.parametrize(("after", "wait"), [("building", 0.05), ("building", 0.3), ("checking", 0.0), ("checking", 0.2)])
def test_a_builder_that_is_killed_leaves_the_old_table_whole(warehouse: Warehouse, after: str, wait: float) -> None:
    old = put(warehouse, "clean.big", {"number": [1, 2, 3]})
    with begun([sys.executable, "-c", BUILDER, str(warehouse.root), "60"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        while process.stdout.readline() != f"{after}\n":
            assert process.poll() is None
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)

    assert warehouse.table("clean.big") == old
    assert warehouse.query("select sum(number) as total from clean.big", reads=["clean.big"]) == [{"total": 6}]
    warehouse.sweep()
    assert {name for name in files_left(warehouse) if not name.startswith(".spill")} == {"clean/big.parquet"}


@pytest.mark.usefixtures("posix")
def test_a_builder_that_is_killed_between_two_builds_leaves_a_whole_table(warehouse: Warehouse) -> None:
    with begun([sys.executable, "-c", BUILDER, str(warehouse.root), "0"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        while process.stdout.readline() != "built\n":
            assert process.poll() is None
        time.sleep(random.uniform(0, 0.05))  # noqa: S311 - any moment will do
        process.send_signal(signal.SIGKILL)

    assert warehouse.table("clean.big").rows == NEW_ROWS
    ((total,),) = (row.values() for row in warehouse.query("select sum(number) as total from clean.big", reads=["clean.big"]))
    assert total == NEW_ROWS * (NEW_ROWS - 1) // 2


SPILLER = """
import sys
from pathlib import Path
from bottleneck_assets.engine.warehouse import Failures, Warehouse
select = "select range as number, md5(cast(range as varchar)) as text from range(30000000) order by text"
Warehouse(Path(sys.argv[1]), "200MB").build("clean.big", select, reads=[], code_version="1", check=lambda candidate: Failures(0, []))
"""


@pytest.mark.usefixtures("posix")
def test_what_a_killed_builder_has_spilled_is_swept_and_what_one_that_lives_has_spilled_is_not(warehouse: Warehouse) -> None:
    spill = warehouse.root / ".spill"
    with begun([sys.executable, "-c", SPILLER, str(warehouse.root)]) as process:
        while not (spilled := list(spill.glob(f"duckdb_temp_{process.pid}_*.tmp"))):
            assert process.poll() is None
            time.sleep(0.02)
        warehouse.sweep()
        assert all(path.exists() for path in spilled)
        process.send_signal(signal.SIGKILL)

    warehouse.sweep()
    assert list(spill.iterdir()) == []


LINKER = """
import sys, time
from pathlib import Path
from bottleneck_assets.engine.warehouse import Warehouse
warehouse = Warehouse(Path(sys.argv[1]))
warehouse.query("from clean.small", reads=["clean.small"])
print("read", flush=True)
time.sleep(60)
"""


@pytest.mark.usefixtures("posix")
def test_the_links_of_a_killed_reader_are_swept_and_those_of_one_that_lives_are_not(warehouse: Warehouse) -> None:
    put(warehouse, "clean.small", {"number": [1, 2, 3]})
    with begun([sys.executable, "-c", LINKER, str(warehouse.root)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "read\n"
        warehouse.sweep()
        assert list(warehouse.root.glob(f".reading-{process.pid}-*/*"))
        process.send_signal(signal.SIGKILL)

    warehouse.sweep()
    assert not list(warehouse.root.glob(f".reading-{process.pid}-*"))


READER = """
import json, sys, time
from pathlib import Path
from bottleneck_assets.engine.warehouse import Warehouse
from bottleneck_assets_tests.running import PATIENCE
warehouse, stop = Warehouse(Path(sys.argv[1])), Path(sys.argv[2])
seen = []
while not stop.exists():
    (row,) = warehouse.query(
        "select min(version) as low, max(version) as high, count(*) as row_count, sum(number) as total from clean.changing",
        reads=["clean.changing"],
    )
    seen.append([row["low"], row["high"], row["row_count"], int(row["total"])])
    if len(seen) == 1:
        print("ready", flush=True)
print(json.dumps(seen), flush=True)
"""
WRITES = 30


def rows_of_version(version: int) -> int:
    return 20_000 + 1_000 * (version % 5)


@contextmanager
def reading(warehouse: Warehouse, stop: Path) -> Iterator[subprocess.Popen[str]]:
    with begun([sys.executable, "-c", READER, str(warehouse.root), str(stop)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield process


def test_two_processes_that_read_while_one_writes_see_whole_versions_only(warehouse: Warehouse, tmp_path: Path) -> None:
    stop = tmp_path / "stop"

    def write(version: int) -> None:
        select = f"select cast({version} as bigint) as version, cast(range as bigint) as number from range({rows_of_version(version)})"
        build(warehouse, "clean.changing", select, code_version=str(version))

    write(0)
    with reading(warehouse, stop) as one, reading(warehouse, stop) as other:
        for version in range(1, WRITES + 1):
            write(version)
        stop.touch()
        seen = [json.loads(process.communicate(timeout=PATIENCE)[0]) for process in (one, other)]

    for reads in seen:
        assert len(reads) > 1
        for low, high, count, total in reads:
            assert low == high
            assert count == rows_of_version(low)
            assert total == count * (count - 1) // 2
        assert [row[0] for row in reads] == sorted(row[0] for row in reads)


def test_a_reader_keeps_the_version_that_it_began_with(warehouse: Warehouse) -> None:
    put(warehouse, "raw.sales", {"sku": [1]})
    put(warehouse, "raw.web", {"sku": [1]})

    def replace_and_accept(candidate: Candidate) -> Failures:
        put(warehouse, "raw.web", {"sku": [2]})
        return accept(candidate)

    select, reads = "select sku from raw.sales union all select sku from raw.web", ["raw.sales", "raw.web"]
    warehouse.build("clean.both", select, reads=reads, code_version="1", check=replace_and_accept)
    assert warehouse.query("select sku from clean.both", reads=["clean.both"]) == [{"sku": 1}, {"sku": 1}]


# --- CSV ---------------------------------------------------------------------------------------------------------------------


def exported(warehouse: Warehouse, target: Path, columns: dict[str, Any], text_columns: Sequence[str] = ()) -> str:
    put(warehouse, "clean.shown", columns)
    warehouse.export_csv("clean.shown", target, columns=list(columns), text_columns=text_columns)
    return target.read_bytes().decode("utf-8")


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("Château d'Été ☺", "Château d'Été ☺"),
        ("a,b", '"a,b"'),
        ('say "oui"', '"say ""oui"""'),
        ('"', '""""'),
        ("two\nlines", '"two\nlines"'),
        ("two\r\nlines", '"two\r\nlines"'),
        ("a\rb", '"a\rb"'),
        ("", '""'),
        (None, ""),
        (" padded ", " padded "),
        ("NULL", "NULL"),
        ("a;b", "a;b"),
        ("\ufeffmark", "\ufeffmark"),
        ("=1+1", "'=1+1"),
        ("+33 1", "'+33 1"),
        ("-5 %", "'-5 %"),
        ("@shop", "'@shop"),
        ("\tindented", "'\tindented"),
        ("\rreturned", '"\'\rreturned"'),
        ("'quoted", "'quoted"),
        ("a=1", "a=1"),
        ("Vin;=1+1;x", "Vin;'=1+1;x"),
        ('Vin;"@x', '"Vin;""\'@x"'),
        ("\n=1", '"\n=1"'),
        (" =1", " =1"),
    ],
)
def test_a_text_is_quoted_where_it_must_be_and_never_runs_as_a_formula(warehouse: Warehouse, tmp_path: Path, text: str, cell: str) -> None:
    written = exported(warehouse, tmp_path / "shown.csv", {"sku": pa.array([1]), "name": pa.array([text], pa.string())}, ["name"])

    assert written == f"sku,name\n1,{cell}\n"


def test_numbers_dates_and_flags_are_written_plainly(warehouse: Warehouse, tmp_path: Path) -> None:
    columns = {
        "amount": pa.array([Decimal("-1234567.5000"), None], pa.decimal128(18, 4)),
        "price": pa.array([Decimal("0.00000001"), Decimal("-21.7")], pa.decimal128(18, 8)),
        "count": pa.array([-3, 9223372036854775807], pa.int64()),
        "ratio": pa.array([-0.25, 1 / 3], pa.float64()),
        "month": pa.array([dt.date(2022, 10, 1), None], pa.date32()),
        "flag": pa.array([True, False]),
    }

    assert exported(warehouse, tmp_path / "shown.csv", columns, ["month"][:0]) == (
        "amount,price,count,ratio,month,flag\n"
        "-1234567.5000,0.00000001,-3,-0.25,2022-10-01,true\n"
        ",-21.70000000,9223372036854775807,0.3333333333333333,,false\n"
    )


def test_a_negative_number_is_not_taken_for_a_formula(warehouse: Warehouse, tmp_path: Path) -> None:
    assert (
        exported(warehouse, tmp_path / "shown.csv", {"units": pa.array([-1]), "name": pa.array(["-1"])}, ["name"]) == "units,name\n-1,'-1\n"
    )


def test_a_csv_that_cannot_be_written_is_an_error_with_a_remedy(warehouse: Warehouse, tmp_path: Path) -> None:
    put(warehouse, "clean.shown", {"sku": [1]})

    with pytest.raises(EngineError, match=r"clean\.shown .*shown\.csv") as unwritten:
        warehouse.export_csv("clean.shown", tmp_path / "none" / "shown.csv", columns=["sku"], text_columns=[])
    assert "disk space" in unwritten.value.remedy


def test_an_empty_table_is_written_as_its_header(warehouse: Warehouse, tmp_path: Path) -> None:
    assert exported(warehouse, tmp_path / "shown.csv", {"sku": pa.array([], pa.int64()), "name": pa.array([], pa.string())}) == "sku,name\n"


def test_rows_are_written_in_the_tables_order_and_the_same_bytes_each_time(warehouse: Warehouse, tmp_path: Path) -> None:
    numbers = random.Random(7).sample(range(400_000), 400_000)  # noqa: S311 - any order will do
    columns = {"number": pa.array(numbers), "name": pa.array([f"n{number}" for number in numbers])}
    first = exported(warehouse, tmp_path / "first.csv", columns, ["name"])

    assert first == "number,name\n" + "".join(f"{number},n{number}\n" for number in numbers)
    assert exported(warehouse, tmp_path / "second.csv", columns, ["name"]) == first


def test_the_columns_come_in_the_order_that_is_asked_for(warehouse: Warehouse, tmp_path: Path) -> None:
    put(warehouse, "clean.shown", {"a": ["1"], "b": ["2"], "c": ["3"]})
    warehouse.export_csv("clean.shown", tmp_path / "shown.csv", columns=["c", "a"], text_columns=["a"])

    assert (tmp_path / "shown.csv").read_text() == "c,a\n3,1\n"


TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.text(st.sampled_from("\"',;\r\n\t=+-@ \0é")) | st.none()


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=30))
def test_any_text_can_be_read_back_from_its_csv(
    tmp_path_factory: pytest.TempPathFactory, texts: list[tuple[str | None, str | None]]
) -> None:
    folder = tmp_path_factory.mktemp("csv")
    columns = {"one": pa.array([one for one, _ in texts], pa.string()), "other": pa.array([other for _, other in texts], pa.string())}
    written = exported(Warehouse(folder / "warehouse"), folder / "shown.csv", columns, ["one", "other"])

    def shown(text: str | None) -> str:
        """Say what a spreadsheet is shown: an apostrophe before what it would run, also where a semicolon begins a cell for it."""
        return "" if text is None else re.sub(r'(^|;"?)(?=[=+\-@\t\r])', r"\1'", text)

    read = list(csv.reader(io.StringIO(written, newline="")))
    assert read == [["one", "other"], *([shown(one), shown(other)] for one, other in texts)]
