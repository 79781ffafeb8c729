"""The extract holds what the tables hold, with the types and keys of their contracts, or is not there at all.

Hyper is the real engine; no Tableau has opened these files.
"""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from bottleneck_assets.defs import publication
from bottleneck_assets.documents import store
from bottleneck_assets.documents.catalog import DOCUMENTS, TABLEAU_EXTRACT
from bottleneck_assets.documents.store import make, outdated, stored, sweep
from bottleneck_assets.errors import ExtractError
from bottleneck_assets.models.catalog import models, of_layer, published
from bottleneck_assets.models.contract import columns_of
from bottleneck_assets.render.tableau import extract
from bottleneck_assets.render.tableau.extract import (
    FILE,
    STAR,
    ExtractTable,
    extract_table,
    tables_of_release,
    unavailable,
    write_extracts,
)
from bottleneck_assets_tests.conftest import run_refresh
from bottleneck_assets_tests.render.tableau.conftest import ask, occasion_of, warehouse_of
from bottleneck_assets_tests.running import PATIENCE, begun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bottleneck_assets.documents.document import Document
    from bottleneck_assets.engine.warehouse import Warehouse
    from bottleneck_assets.render.occasion import Occasion

pytestmark = pytest.mark.usefixtures("needs_tableau")

TYPES = {
    "varchar": "text",
    "bigint": "bigint",
    "double": "double precision",
    "date": "date",
    "boolean": "boolean",
    "decimal(18,4)": "numeric(18,4)",
    "decimal(18,8)": "numeric(18,8)",
    "decimal(38,8)": "double precision",
}
"""How Hyper's catalogue writes the types of contracts: nothing wider, which Tableau could not open, and nothing that it would guess."""
CATALOGUE = """
    SELECT class.relname, attribute.attname, format_type(attribute.atttypid, attribute.atttypmod), attribute.attnotnull
    FROM pg_catalog.pg_attribute AS attribute
    JOIN pg_catalog.pg_class AS class ON class.oid = attribute.attrelid
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = class.relnamespace
    WHERE namespace.nspname = 'Extract' AND attribute.attnum > 0 AND class.relkind = 'r'
    ORDER BY class.relname, attribute.attnum
"""
KEYS = """
    SELECT class.relname, other.relname, "constraint".contype, "constraint".conkey
    FROM pg_catalog.pg_constraint AS "constraint"
    JOIN pg_catalog.pg_class AS class ON class.oid = "constraint".conrelid
    LEFT JOIN pg_catalog.pg_class AS other ON other.oid = "constraint".confrelid
    ORDER BY class.relname, "constraint".contype, other.relname
"""


@pytest.fixture(scope="session")
def written(shop: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file, *_ = make(TABLEAU_EXTRACT, occasion_of(shop), tmp_path_factory.mktemp("documents"))
    return file


def comparable(value: Any) -> Any:
    """Hyper has a date of its own, and gives a decimal without the zeros at its end."""
    if hasattr(value, "to_date"):
        return value.to_date()
    return value.normalize() if isinstance(value, Decimal) else value


def assert_same_rows(file: Path, warehouse: Warehouse) -> None:
    tables = tables_of_release()
    for (name, ref), found in zip(tables.items(), ask(file, *(f'SELECT * FROM "Extract"."{name}"' for name in tables)), strict=True):
        wide = {column.name for column in columns_of(models()[ref].contract) if column.type == "decimal(38,8)"}
        rows = warehouse.query(f"select * from {ref}", reads=[ref])
        stored = [[float(cell) if column in wide and cell is not None else cell for column, cell in row.items()] for row in rows]
        assert [[comparable(cell) for cell in row] for row in found] == [[comparable(cell) for cell in row] for row in stored], name


# --- What it holds -----------------------------------------------------------------------------------------------------------


def test_the_extract_holds_the_star_every_kpi_table_every_tab_and_what_figures_sum() -> None:
    names = {
        "sales",
        "products",
        "months",
        "promotions",
        "sales_in_period",
        "basket_costs",
        *(f"kpi_{model.name}" for model in published("kpi")),
    }
    assert set(tables_of_release()) == names | {model.name for model in of_layer("extract")}
    assert len(tables_of_release()) == 4 + 2 + len(published("kpi")) + 8


def test_every_table_equals_the_stored_one_row_by_row_in_its_order(written: Path, shop: Warehouse) -> None:
    assert_same_rows(written, shop)
    assert shop.table("clean.sales").rows > 9000  # which is not nothing


def test_every_table_of_the_real_export_equals_the_stored_one_row_by_row(real_export: Path, tmp_path: Path) -> None:
    warehouse = warehouse_of(real_export, tmp_path)
    file, *_ = make(TABLEAU_EXTRACT, occasion_of(warehouse), tmp_path / "documents")
    assert_same_rows(file, warehouse)
    (((revenue,),),) = ask(file, """SELECT SUM("revenue") FROM "Extract"."overview\"""")
    assert round(revenue, 2) == Decimal("2195937.24")


def test_every_column_has_the_type_of_its_contract_and_none_is_wider_than_tableau_takes(written: Path) -> None:
    (catalogue,) = ask(written, CATALOGUE)
    expected = [
        [name, column.name, TYPES[column.type], not column.is_nullable]
        for name, ref in sorted(tables_of_release().items())
        for column in columns_of(models()[ref].contract)
    ]
    assert catalogue == expected


def test_keys_are_declared_and_foreign_keys_make_the_star(written: Path) -> None:
    (keys,) = ask(written, KEYS)
    kinds = {(table, kind) for table, other, kind, _ in keys if other is None}
    assert kinds == {(name, "p") for name in tables_of_release()}
    assert {(table, other) for table, other, kind, _ in keys if kind == "f"} == {
        ("sales", "products"), ("sales", "months"), ("promotions", "products"), ("promotions", "months"),
    }  # fmt: skip


def test_the_keys_that_are_taken_on_trust_hold(written: Path) -> None:
    orphans = [
        f"""SELECT COUNT(*) FROM "Extract"."{table}" AS one WHERE NOT EXISTS (
            SELECT * FROM "Extract"."{other}" AS two WHERE two."{column}" = one."{column}")"""
        for table in ("sales", "promotions")
        for column, other in (("sku", "products"), ("month", "months"))
    ]
    assert ask(written, *orphans) == [[[0]]] * 4


def test_everyone_may_read_the_extract(written: Path) -> None:
    assert written.stat().st_mode & 0o777 == 0o644


# --- When it cannot be written -----------------------------------------------------------------------------------------------


def test_a_table_with_other_rows_than_were_counted_is_no_extract_and_the_one_before_stays(shop: Warehouse, tmp_path: Path) -> None:
    table = extract_table(shop, "products", "clean.web")
    write_extracts({tmp_path / "one.hyper": [table]})
    before = (tmp_path / "one.hyper").read_bytes()
    more = ExtractTable(table.name, table.fields, table.parquet, table.rows + 1)
    with pytest.raises(ExtractError, match=f"table products has {table.rows} rows, not {table.rows + 1}"):
        write_extracts({tmp_path / "one.hyper": [more]})
    assert (tmp_path / "one.hyper").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["one.hyper"]


def test_a_null_where_the_contract_allows_none_is_refused(shop: Warehouse, tmp_path: Path) -> None:
    table = extract_table(shop, "products", "clean.web")
    strict = [replace(field, is_nullable=False) for field in table.fields]
    with pytest.raises(ExtractError, match="non-NULL value required"):
        write_extracts({tmp_path / "one.hyper": [ExtractTable(table.name, strict, table.parquet, table.rows)]})
    assert list(tmp_path.iterdir()) == []


WRITING = """
    import sys
    from pathlib import Path
    from bottleneck_assets.engine.warehouse import Warehouse
    from bottleneck_assets.documents.catalog import TABLEAU_EXTRACT
    from bottleneck_assets.render.tableau.extract import ExtractTable
    from bottleneck_assets.render.occasion import Occasion
    from bottleneck_assets.documents.store import make
    import datetime as dt

    fill = ExtractTable.filling.fget

    def filling(table):
        if table.name == "promotions":
            print("half way", flush=True)
            sys.stdin.read()
        return fill(table)

    if sys.argv[3] == "wait":
        ExtractTable.filling = property(filling)
    make(TABLEAU_EXTRACT, Occasion(Warehouse(Path(sys.argv[1])), Path("sample.db"), "", None, dt.datetime.now(dt.UTC)), Path(sys.argv[2]))
"""


def engines() -> list[psutil.Process]:
    """Return the processes of Hyper that this one has started."""
    return [process for process in psutil.Process().children(recursive=True) if process.name().startswith("hyperd")]


def writing(warehouse: Warehouse, root: Path, how: str) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(WRITING), str(warehouse.root.resolve()), str(root.resolve()), how]


def test_a_process_killed_in_the_middle_leaves_no_extract_and_no_engine_and_the_next_run_writes_it(shop: Warehouse, tmp_path: Path) -> None:
    root, place = tmp_path / "documents", tmp_path / "documents" / "tableau_extract" / FILE
    with begun(writing(shop, root, "wait"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        children = psutil.Process(process.pid).children(recursive=True)
        half_written = list(root.rglob("*.hyper"))
        process.kill()
    assert said == "half way\n"
    assert [child.name()[:6] for child in children] == ["hyperd"]
    assert len(half_written) == 1
    assert not place.exists()
    assert psutil.wait_procs(children, timeout=PATIENCE)[1] == []
    assert outdated([TABLEAU_EXTRACT], shop, root) == [TABLEAU_EXTRACT]
    sweep(root)
    assert list(root.iterdir()) == []
    subprocess.run(writing(shop, root, "through"), check=True, cwd=tmp_path)
    assert [path.relative_to(root / "tableau_extract").as_posix() for path in root.rglob("*.hyper")] == [FILE]
    assert outdated([TABLEAU_EXTRACT], shop, root) == []
    assert not list(tmp_path.rglob("*.log"))  # which the engine would write where it is started


def test_an_engine_killed_in_the_middle_is_told_in_two_lines_and_leaves_no_extract(
    shop: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = [extract_table(shop, name, ref) for name, ref in STAR.items()]
    fill = ExtractTable.filling.fget  # type: ignore[attr-defined]

    def filling(table: ExtractTable) -> str:
        if table.name == "promotions":
            for engine in engines():
                engine.kill()
        return str(fill(table))

    monkeypatch.setattr(ExtractTable, "filling", property(filling))
    with pytest.raises(ExtractError, match=r"bottleneck\.hyper could not be written: \S"):
        write_extracts({tmp_path / "bottleneck.hyper": tables})
    assert list(tmp_path.iterdir()) == []
    assert engines() == []


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """Give a disk of a size: a file system of its own in memory."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_leaves_no_extract_and_the_one_before_stays_and_the_engine_ends(shop: Warehouse, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "1m") as disk:
        (disk / "bottleneck.hyper").write_text("the one before", encoding="utf-8")
        with pytest.raises(ExtractError, match=r"bottleneck\.hyper does not hold what was written: table products has 0 rows"):
            write_extracts({disk / "bottleneck.hyper": [extract_table(shop, name, ref) for name, ref in tables_of_release().items()]})
        assert [path.name for path in disk.iterdir()] == ["bottleneck.hyper"]
        assert (disk / "bottleneck.hyper").read_text(encoding="utf-8") == "the one before"
        assert engines() == []


# --- Without the engine ------------------------------------------------------------------------------------------------------


def test_without_a_wheel_the_extract_is_never_out_of_date_and_a_release_goes_without_it(
    shop: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tableauhyperapi", None)
    monkeypatch.setattr(store, "DOCUMENTS", (TABLEAU_EXTRACT,))
    assert unavailable() == extract.NO_ENGINE
    assert outdated([TABLEAU_EXTRACT], shop, tmp_path / "documents") == []
    assert list(stored(shop, tmp_path / "documents")) == []


def blank(document: Document) -> Callable[[Occasion, Path], None]:
    """Return what writes a document's files with nothing in them."""

    def render(_occasion: Occasion, folder: Path) -> None:
        for file in document.files:
            (folder / file).touch()

    return render


def test_without_a_wheel_a_refresh_skips_the_extract_with_the_reason_and_publishes_all_else(
    write_sample: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tableauhyperapi", None)
    quick = [document if document is TABLEAU_EXTRACT else replace(document, render=blank(document)) for document in DOCUMENTS]
    for module in (store, publication):
        monkeypatch.setattr(module, "DOCUMENTS", quick)
    done = run_refresh(write_sample(seed=1), tmp_path / "data", reports=True)
    assert done.result.success
    made = {event.asset_key.path[-1]: event.materialization for event in done.result.get_asset_materialization_events() if event.asset_key}
    assert made["tableau_extract"].metadata["skipped"].value == extract.NO_ENGINE
    manifest = json.loads((done.release / "manifest.json").read_text(encoding="utf-8"))
    assert {file["path"] for file in manifest["files"]} >= {"overview.csv", "kpis/headline.csv", "data_dictionary.csv"}
    assert not [file["path"] for file in manifest["files"] if file["path"].endswith(".hyper")]
    assert "tableauhyperapi" not in manifest["software"]  # so that a refresh makes the extract once it is installed
