"""Proves that a release is whole, described to the last column, refused where it must be, and never seen half."""

import csv
import datetime as dt
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from bottleneck_assets.engine.warehouse import Candidate, Failures, Origin, Warehouse
from bottleneck_assets.errors import ContractError, ReleaseError
from bottleneck_assets.models.catalog import models, of_layer
from bottleneck_assets.models.catalog import published as published_of
from bottleneck_assets.models.functions import FUNCTIONS
from bottleneck_assets.release.manifest import CheckResult, DamagedError, read_manifest
from bottleneck_assets.release.publishing import Attachment, publish, published_models, releases, sweep
from bottleneck_assets.release.release import Release
from bottleneck_assets_tests.running import begun
from bottleneck_assets_tests.small_export import Rows, build, built, ingest, minimal_rows, rebuild, web_row, write_export

NOW = dt.datetime(2024, 1, 2, 3, 4, 5, 678, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=1)
PASSED = CheckResult("clean/sales", "contract", passed=True, severity="ERROR", found="", remedy="")
WARNED = CheckResult("clean/quarantine", "nothing_is_quarantined", passed=False, severity="WARN", found="2 rows.", remedy="Mend them.")
FAILED = CheckResult("clean/sales", "adds_up", passed=False, severity="ERROR", found="It does not add up.", remedy="Report it.")
CLEANED = ("web", "finance", "promo", "sales", "ca_par_segment", "months")
REPORTS = (
    "quarantine", "quarantine_worth", "unknown_products", "contradictions", "row_accounting", "imputation", "stock_ledger_exceptions",
    "export_columns",
)  # fmt: skip


def rows() -> Rows:
    """Return the minimal export, with text that CSV must quote or neutralise and a row that cannot be used."""
    given = minimal_rows()
    given["Web"][0].update({"Post_title": '=Domaine, "le 1er" 2018', "Post_excerpt": ""})
    given["Web"].append(web_row(77, Segment=""))
    return given


def read_by_this_code(warehouse: Warehouse) -> Warehouse:
    """Store the raw tables again as what they are: read by the code of now."""
    for model in of_layer("raw"):
        (origin,) = warehouse.table(model.ref).origins
        content = pq.read_table(warehouse.path(model.ref)).replace_schema_metadata(None)
        warehouse.put(model.ref, content, origin=origin, code_version=model.code_version, check=accept)
    return warehouse


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    warehouse = read_by_this_code(built(tmp_path_factory.mktemp("whole"), rows(), []))
    build(warehouse, models())
    return warehouse


@pytest.fixture
def own(whole: Warehouse, tmp_path: Path) -> Warehouse:
    """Copy the tables, for a test that changes them."""
    return Warehouse(shutil.copytree(whole.root, tmp_path / "warehouse"), functions=FUNCTIONS)


def published(
    warehouse: Warehouse,
    extracts: Path,
    *,
    seconds: int = 0,
    expected: Sequence[Origin] = (),
    checks: Sequence[CheckResult] = (PASSED,),
    keep: int = 30,
    attachments: Iterable[Attachment] = (),
    reports: bool = False,
) -> Release:
    now = NOW + dt.timedelta(seconds=seconds)
    return publish(
        warehouse,
        extracts,
        expected=expected,
        checks=checks,
        max_quarantined_share=1.0,
        max_quarantined_revenue_share=1.0,
        run_id="a-run",
        now=now,
        keep=keep,
        attachments=attachments,
        reports=reports,
    )


@pytest.fixture(scope="module")
def release(whole: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Release:
    return published(whole, tmp_path_factory.mktemp("extracts"), checks=[PASSED, WARNED])


def read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def manifest(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def entries(extracts: Path) -> set[str]:
    return {path.name for path in extracts.iterdir()}


# --- What it holds -----------------------------------------------------------------------------------------------------------


def test_a_release_holds_tabs_tables_kpis_recommendations_quality_reports_dictionary_and_manifest(release: Release) -> None:
    tabs = {f"{model.name}.csv" for model in of_layer("extract")}
    kpis = {f"kpis/{model.name}.csv" for model in published_of("kpi")}
    recommendations = {f"recommendations/{model.name}.csv" for model in published_of("recommendation")}
    tables = {f"tables/{name}.csv" for name in CLEANED}
    quality = {f"quality/{name}.csv" for name in REPORTS}
    facts = {"facts/sales_in_period.csv", "facts/basket_costs.csv"}
    csvs = tabs | kpis | recommendations | tables | quality | facts

    assert len(tabs) == 8
    parquet = {f"parquet/{path.removesuffix('.csv')}.parquet" for path in csvs}
    others = {"data_dictionary.csv", "data_contract.odcs.yaml", "lineage.json", "manifest.json"}
    assert set(contents(release.folder)) == csvs | parquet | others
    assert set(release.files) == set(contents(release.folder)) - {"manifest.json"}


def test_a_release_is_named_by_its_moment_and_its_export(release: Release) -> None:
    assert release.folder.name == f"2024-01-02T03-04-05-000678Z_{manifest(release.folder)['export']['sha256'][:8]}"


def test_the_dictionary_describes_each_column_of_each_csv_once_in_its_order(release: Release) -> None:
    header, *described = read_csv(release.folder / "data_dictionary.csv")

    assert header == ["table", "column", "type", "unit", "nullable", "description", "formula", "additive", "parquet"]
    by_table: dict[str, list[str]] = {}
    columns, others = [row for row in described if row[1]], [row for row in described if not row[1]]
    for row in columns:
        by_table.setdefault(row[0], []).append(row[1])
    shown = {
        name: read_csv(release.folder / name)[0]
        for name in contents(release.folder)
        if name.endswith(".csv") and name != "data_dictionary.csv"
    }
    assert by_table == shown
    assert all(row[2] and row[4] in {"true", "false"} and row[5] for row in columns)
    assert all((release.folder / row[8]).is_file() for row in columns)
    # what is no table has one row, which says what it is
    assert {row[0] for row in others} == {"data_contract.odcs.yaml", "lineage.json"}
    assert all(row[5] and not any(row[2:5] + row[6:]) for row in others)


def test_the_parquet_files_hold_the_rows_of_the_csvs_with_the_types_of_the_dictionary(release: Release) -> None:
    described = [row for row in read_csv(release.folder / "data_dictionary.csv")[1:] if row[1]]
    for table, parquet in sorted({(row[0], row[8]) for row in described}):
        stored = pq.read_table(release.folder / parquet)
        assert [(field.name, sql_type(field.type)) for field in stored.schema] == [(row[1], row[2]) for row in described if row[0] == table]
        header, *cells = read_csv(release.folder / table)
        assert stored.num_rows == len(cells) == release.files[parquet].rows
        for name, kind, column in zip(header, stored.schema.types, zip(*cells, strict=True) if cells else header, strict=True):
            if cells and kind != "string":
                assert [as_csv(value) for value in stored[name].to_pylist()] == [plainly(cell, kind) for cell in column]
            elif cells:
                assert [value or "" for value in stored[name].to_pylist()] == [cell.replace("'=", "=") for cell in column]


def sql_type(kind: Any) -> str:
    """Return an Arrow type as the dictionary calls it."""
    names = {"string": "varchar", "int64": "bigint", "bool": "boolean", "date32[day]": "date"}
    return names.get(str(kind), str(kind).replace("decimal128", "decimal").replace(", ", ","))


def as_csv(value: Any) -> str:
    """Return a cell as a CSV has it; a double as Python writes it."""
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def plainly(cell: str, kind: Any) -> str:
    """Return a double as Python writes it; all else as it stands."""
    return str(float(cell)) if cell and kind == "double" else cell


def test_a_parquet_file_says_nothing_of_where_its_rows_come_from(release: Release) -> None:
    held = pq.read_metadata(release.folder / "parquet" / "tables" / "sales.parquet").metadata or {}
    assert set(held) <= {b"ARROW:schema", b"duckdb_schema"}
    web = pq.read_table(release.folder / "parquet" / "tables" / "web.parquet").to_pylist()
    assert web[0]["title"] == '=Domaine, "le 1er" 2018'  # no spreadsheet runs it: text is text


def test_the_dictionary_says_what_a_column_is(release: Release) -> None:
    described = {(row[0], row[1]): row[2:] for row in read_csv(release.folder / "data_dictionary.csv")}

    assert described["tables/sales.csv", "revenue"] == [
        "decimal(18,4)", "EUR", "false", "Revenue (CA) as the customers paid it: with VAT, unless sale_prices is excl_vat.",
        "units_regular * price + units_promo * offer_price", "yes", "parquet/tables/sales.parquet",
    ]  # fmt: skip
    assert described["tables/finance.csv", "price"][:3] == ["decimal(18,8)", "EUR", "false"]
    # what may be summed: not prices, and not the stocks of several months; a column without a unit is no figure
    assert [described[table, column][-2] for table, column in (
        ("tables/sales.csv", "units"), ("tables/sales.csv", "stock_end"), ("tables/finance.csv", "price"), ("tables/sales.csv", "sku"),
    )] == ["yes", "but over months", "no", ""]  # fmt: skip


def test_a_column_that_may_not_be_null_is_never_empty(release: Release) -> None:
    described = read_csv(release.folder / "data_dictionary.csv")
    required = {(row[0], row[1]) for row in described if row[4] == "false" and row[2] != "varchar"}  # a text may be empty
    for name in {table for table, _ in required}:
        header, *cells = read_csv(release.folder / name)
        empty = [column for row in cells for column, cell in zip(header, row, strict=True) if cell == "" and (name, column) in required]
        assert empty == []


def test_cells_are_written_as_the_contract_says(release: Release) -> None:
    header, first, *_ = read_csv(release.folder / "tables" / "web.csv")
    web = dict(zip(header, first, strict=True))

    assert web["title"] == '\'=Domaine, "le 1er" 2018'
    assert (web["sku"], web["excerpt"], web["created_on"], web["is_published"], web["vintage"]) == ("10", "", "2022-04-18", "true", "2018")
    november = next(row for row in read_csv(release.folder / "tables" / "sales.csv") if row[:2] == ["2022-11-01", "20"])
    assert november[2:10] == ["10", "4", "6", "0", "40", "180.0000", "120.0000", "30.0000"]  # 180 / 1.2 - 120
    assert b"\r" not in b"".join(content for name, content in contents(release.folder).items() if not name.endswith(".parquet"))


def test_the_quarantined_row_is_in_the_quality_reports(release: Release) -> None:
    header, row = read_csv(release.folder / "quality" / "quarantine.csv")
    found = dict(zip(header, row, strict=True))

    assert (found["source_table"], found["record_key"], found["column_name"], found["reason"]) == ("web", "77", "segment", "is empty")


def test_the_manifest_says_what_the_release_is_made_of(release: Release, whole: Warehouse) -> None:
    said = manifest(release.folder)
    export = whole.root.parent / "export.db"

    assert said["release"] == release.folder.name
    assert said["published_at"] == "2024-01-02T03:04:05.000678+00:00"
    assert said["run_id"] == "a-run"
    assert said["export"] == {
        "name": "export.db",
        "sha256": hashlib.sha256(export.read_bytes()).hexdigest(),
        "changed_at": None,
        "with_log": False,
        "in_place_of": "",
    }
    assert said["data_as_of"] == "2022-12-31"
    assert said["parameters"]["promo_units"] == "included"
    assert said["period"] == {"period_start": "2022-10", "period_end": "2022-12", "months": 3, "is_full_year": False}
    assert [(check["check"], check["passed"], check["severity"], check["found"]) for check in said["checks"]] == [
        ("contract", True, "ERROR", ""),
        ("nothing_is_quarantined", False, "WARN", "2 rows."),
    ]


def test_the_manifest_lists_rows_bytes_and_hash_of_every_file(release: Release) -> None:
    files = {file["path"]: file for file in manifest(release.folder)["files"]}
    found = contents(release.folder)

    assert set(files) == set(found) - {"manifest.json"}
    for path, file in files.items():
        assert file["sha256"] == hashlib.sha256(found[path]).hexdigest()
        assert file["bytes"] == len(found[path])
        if path.endswith(".parquet"):
            assert file["rows"] == pq.read_metadata(release.folder / path).num_rows
        else:
            assert file["rows"] == (len(read_csv(release.folder / path)) - 1 if path.endswith(".csv") else None)
    assert files["tables/sales.csv"]["table"] == "clean.sales"


def test_the_same_tables_give_the_same_bytes(release: Release, whole: Warehouse, tmp_path: Path) -> None:
    again = published(whole, tmp_path, seconds=1)

    assert again.manifest.files == release.manifest.files


def test_every_csv_of_a_release_is_written_in_an_order_that_its_select_names() -> None:
    unordered = [path for path, model in published_models().items() if model.sql and not model.parsed.args.get("order")]
    assert not unordered


def test_attachments_lie_where_they_are_to_lie_and_are_listed_with_their_hash(whole: Warehouse, tmp_path: Path) -> None:
    page = Attachment("report/deep/page.html", lambda target: target.write_text("a page", encoding="utf-8"))
    made = published(whole, tmp_path, attachments=[page])

    assert (made.folder / page.path).read_text(encoding="utf-8") == "a page"
    assert made.files[page.path].sha256 == hashlib.sha256(b"a page").hexdigest()
    assert made.files[page.path].table is None


def test_an_attachment_that_cannot_be_had_leaves_nothing_published_and_nothing_behind(whole: Warehouse, tmp_path: Path) -> None:
    good = published(whole, tmp_path)

    def refuse() -> Iterator[Attachment]:
        problem = "Documents are older than what they show: page."
        raise ReleaseError(problem, "Materialize them again.")
        yield

    with pytest.raises(ReleaseError, match="older than what they show"):
        published(whole, tmp_path, seconds=1, attachments=refuse())
    assert entries(tmp_path) == {"latest", good.folder.name}


# --- latest, and how many are kept ----------------------------------------------------------------------------------------------


def test_latest_points_at_the_newest_release(whole: Warehouse, tmp_path: Path) -> None:
    first = published(whole, tmp_path)
    assert (tmp_path / "latest").resolve() == first.folder.resolve()
    second = published(whole, tmp_path, seconds=1)

    assert (tmp_path / "latest").resolve() == second.folder.resolve()
    assert entries(tmp_path) == {"latest", first.folder.name, second.folder.name}


def test_latest_can_be_moved_with_its_folder(whole: Warehouse, tmp_path: Path) -> None:
    folder = published(whole, tmp_path / "extracts").folder.name
    (tmp_path / "extracts").rename(tmp_path / "moved")

    assert manifest(tmp_path / "moved" / "latest")["release"] == folder


def without_links(self: Path, target: object, *, target_is_directory: bool = False) -> None:
    del self, target, target_is_directory
    message = "A required privilege is not held by the client"
    raise OSError(message)


@pytest.mark.usefixtures("posix")
def test_where_links_are_not_allowed_latest_is_a_copy_that_the_next_release_exchanges(
    whole: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "symlink_to", without_links)
    for seconds in (0, 1):
        release = published(whole, tmp_path, seconds=seconds)
        assert not (tmp_path / "latest").is_symlink()
        assert contents(tmp_path / "latest") == contents(release.folder)
    assert entries(tmp_path) == {"latest", *(folder.name for folder in releases(tmp_path, LATER))}

    monkeypatch.undo()
    third = published(whole, tmp_path, seconds=2)
    assert (tmp_path / "latest").is_symlink()
    assert (tmp_path / "latest").resolve() == third.folder.resolve()


def add_notes(latest: Path) -> Path:
    (latest / "kpis" / "notes.txt").write_text("for the meeting", encoding="utf-8")
    return latest / "kpis" / "notes.txt"


def change_a_tab(latest: Path) -> Path:
    (latest / "overview.csv").write_text("corrected by hand\n", encoding="utf-8")
    return latest / "overview.csv"


@pytest.mark.usefixtures("posix")
@pytest.mark.parametrize("work", [add_notes, change_a_tab])
def test_a_file_of_one_s_own_in_a_copied_latest_is_named_and_not_deleted(
    work: Callable[[Path], Path], whole: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "symlink_to", without_links)
    good = published(whole, tmp_path)
    own = work(tmp_path / "latest")
    content = own.read_bytes()

    with pytest.raises(ReleaseError) as refused:
        published(whole, tmp_path, seconds=1)

    assert str(own) in refused.value.problem
    assert refused.value.remedy == "Move it away, and refresh again."
    assert own.read_bytes() == content
    assert entries(tmp_path) == {"latest", good.folder.name}


def test_an_older_release_that_holds_a_file_of_one_s_own_is_not_deleted(whole: Warehouse, tmp_path: Path) -> None:
    first = published(whole, tmp_path, keep=1).folder
    own = add_notes(first)
    (first / ".DS_Store").touch()
    newest = [published(whole, tmp_path, seconds=seconds, keep=1).folder for seconds in (1, 2)][-1]

    assert own.read_text(encoding="utf-8") == "for the meeting"
    assert releases(tmp_path, LATER) == [newest, first]
    own.unlink()
    published(whole, tmp_path, seconds=3, keep=1)
    assert not first.exists()


@pytest.mark.usefixtures("posix")
def test_a_release_and_its_folder_are_on_disk_before_it_gets_its_name_and_latest_before_an_older_one_goes(
    whole: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(whole, tmp_path, keep=1)
    published(whole, tmp_path, seconds=1, keep=1)
    done = list[tuple[str, str]]()
    fsync, rename, replace = os.fsync, Path.rename, Path.replace
    monkeypatch.setattr(os, "fsync", lambda file: (done.append(("fsync", Path(f"/proc/self/fd/{file}").readlink().name)), fsync(file)))
    monkeypatch.setattr(Path, "rename", lambda path, to: (done.append(("rename", path.name)), rename(path, to))[1])
    monkeypatch.setattr(Path, "replace", lambda path, to: (done.append(("rename", path.name)), replace(path, to))[1])
    release = published(whole, tmp_path, seconds=2, keep=1)

    building, old = f".building-{release.name}", next(name for what, name in done if what == "rename" and name[0] != ".")
    named, linked, gone = (done.index(("rename", name)) for name in (building, ".latest-new", old))
    synced = {name for what, name in done[:named] if what == "fsync"}
    assert synced >= {building, "kpis", "tables", "manifest.json", "overview.csv", "revenue.csv"}
    assert named < linked < gone
    for low, high in ((named, linked), (linked, gone)):
        assert ("fsync", tmp_path.name) in done[low:high]


def test_a_manifest_of_which_one_bit_is_flipped_is_not_believed(whole: Warehouse, tmp_path: Path) -> None:
    folder = published(whole, tmp_path, checks=[WARNED]).folder
    content = bytearray((folder / "manifest.json").read_bytes())
    at = content.index(b'"found": "') + len(b'"found": "')
    content[at] ^= 1
    (folder / "manifest.json").write_bytes(content)

    with pytest.raises(DamagedError, match=r"manifest\.json does not hold the bytes that were written"):
        read_manifest(folder)


def test_the_last_releases_are_kept_and_strangers_left_alone(whole: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "2024-01-01 by hand").mkdir()
    made = [published(whole, tmp_path, seconds=seconds, keep=2).folder for seconds in range(3)]

    assert releases(tmp_path, LATER) == [made[2], made[1]]
    assert entries(tmp_path) == {"latest", "notes", "2024-01-01 by hand", made[1].name, made[2].name}


def test_a_release_made_with_a_clock_put_back_is_not_deleted_at_once(whole: Warehouse, tmp_path: Path) -> None:
    published(whole, tmp_path, seconds=60)
    back = published(whole, tmp_path, keep=1)

    assert back.folder.is_dir()
    assert (tmp_path / "latest").resolve() == back.folder.resolve()


def test_an_old_release_that_cannot_be_deleted_does_not_fail_the_new_one_and_goes_with_the_next(
    whole: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlink = os.unlink

    def in_use(path: str, **where: Any) -> None:
        if Path(path).name == "overview.csv":
            raise PermissionError(13, "The process cannot access the file because it is being used by another process", path)
        unlink(path, **where)

    published(whole, tmp_path)
    with monkeypatch.context() as windows:
        windows.setattr(os, "unlink", in_use)
        second = published(whole, tmp_path, seconds=1, keep=1)
    assert releases(tmp_path, LATER) == [second.folder]
    assert (tmp_path / "latest").resolve() == second.folder.resolve()

    third = published(whole, tmp_path, seconds=2, keep=1)
    assert entries(tmp_path) == {"latest", third.folder.name}


# --- What is refused ---------------------------------------------------------------------------------------------------------------


def refused(warehouse: Warehouse, extracts: Path, words: str, *checks: CheckResult, expected: Sequence[Origin] = ()) -> ReleaseError:
    """Publish over a good release, and see it refused and the good one left as it is; return the error."""
    good = extracts / "2024-01-01T00-00-00-000000Z_00000000"
    good.mkdir(parents=True)
    (good / "overview.csv").write_text("month\n", encoding="utf-8")
    (extracts / "latest").symlink_to(good.name)
    with pytest.raises(ReleaseError, match=words) as raised:
        published(warehouse, extracts, checks=checks or [PASSED], expected=expected)
    assert entries(extracts) == {"latest", good.name}
    assert contents(extracts / "latest") == {"overview.csv": b"month\n"}
    return raised.value


def reingest(warehouse: Warehouse, folder: Path, name: str, given: Rows, **options: Any) -> None:
    ingest(write_export(folder / name, given), warehouse, **options)


@pytest.mark.usefixtures("posix")
def test_tables_of_different_exports_are_refused_by_their_names(own: Warehouse, tmp_path: Path) -> None:
    other = rows()
    other["Sales"][0]["Sales"] = 11
    reingest(own, tmp_path, "november.db", other)
    rebuild(own, "clean.finance_typed")
    error = refused(own, tmp_path / "extracts", "different exports")
    problem = error.problem

    assert "export.db" in problem
    assert "november.db" in problem
    assert "one export" in error.remedy


@pytest.mark.usefixtures("posix")
def test_tables_of_different_parameters_are_refused(own: Warehouse, tmp_path: Path, whole: Warehouse) -> None:
    ingest(whole.root.parent / "export.db", own, promo_units="excluded")
    rebuild(own, "clean.sales")
    error = refused(own, tmp_path / "extracts", "different settings")
    problem = error.problem

    assert '"promo_units": "excluded"' in problem
    assert '"promo_units": "included"' in problem


@pytest.mark.usefixtures("posix")
def test_tables_of_different_settings_get_a_remedy_that_names_settings(own: Warehouse, tmp_path: Path, whole: Warehouse) -> None:
    ingest(whole.root.parent / "export.db", own, promo_units="excluded")
    rebuild(own, "clean.sales")

    assert refused(own, tmp_path / "extracts", "different settings").remedy.endswith("made with the same settings.")


@pytest.mark.usefixtures("posix")
@pytest.mark.parametrize(("kind", "words"), [("parameters", "other settings than this run's"), ("export", "other exports than this run's")])
def test_tables_of_another_run_are_not_published_as_this_runs(whole: Warehouse, tmp_path: Path, kind: str, words: str) -> None:
    stored = {origin.kind: origin for origin in whole.table("kpi.headline").origins}
    expected = [*stored.values(), Origin(kind, "what this run asked for", "another version")]
    problem = refused(whole, tmp_path / "extracts", words, expected=expected).problem

    assert stored[kind].name in problem
    assert "what this run asked for" in problem
    assert published(whole, tmp_path / "other", expected=[*stored.values()]).folder.is_dir()


def test_the_same_export_under_another_name_is_not_another_export(own: Warehouse, tmp_path: Path, whole: Warehouse) -> None:
    copy = shutil.copyfile(whole.root.parent / "export.db", tmp_path / "copy.db")
    ingest(copy, own)
    read_by_this_code(own)

    assert published(own, tmp_path / "extracts").folder.is_dir()


@pytest.mark.usefixtures("posix")
def test_a_table_older_than_what_it_is_made_from_is_refused_by_its_name(own: Warehouse, tmp_path: Path) -> None:
    model = models()["clean.finance"]
    own.build(model.ref, f"{model.select}\n-- changed", reads=model.reads, code_version="other", check=accept)
    problem = refused(own, tmp_path / "extracts", "older than what they are made from").problem

    assert "clean.finance" in problem
    assert "clean.sales" in problem
    assert "clean.web" not in problem


def test_a_table_that_only_documents_show_is_held_to_it_where_there_are_documents(own: Warehouse, tmp_path: Path) -> None:
    model = models()["presentation.products"]
    own.build(model.ref, model.select, reads=model.reads, code_version="other", check=accept)

    with pytest.raises(ReleaseError, match=r"older than what they are made from: presentation\.products, presentation\.dashboard_"):
        published(own, tmp_path / "extracts", reports=True)
    assert published(own, tmp_path / "extracts").folder.is_dir()


def test_a_release_without_documents_does_without_their_tables(own: Warehouse, tmp_path: Path) -> None:
    shutil.rmtree(own.root / "presentation")

    assert published(own, tmp_path / "extracts").folder.is_dir()


def accept(candidate: Candidate) -> Failures:
    del candidate
    return Failures(0, [])


@pytest.mark.usefixtures("posix")
def test_a_table_that_no_tab_shows_is_held_to_it_too(own: Warehouse, tmp_path: Path) -> None:
    model = models()["clean.repeated_rows"]
    own.build(model.ref, model.select, reads=model.reads, code_version="other", check=accept)

    assert "clean.repeated_rows" in refused(own, tmp_path / "extracts", "older than what they are made from").problem


@pytest.mark.usefixtures("posix")
def test_a_raw_table_that_older_code_has_read_is_refused_by_its_name(own: Warehouse, tmp_path: Path) -> None:
    (origin,) = own.table("raw.export_columns").origins  # nothing is made from it: only its own version tells
    content = pq.read_table(own.path("raw.export_columns")).replace_schema_metadata(None)
    own.put("raw.export_columns", content, origin=origin, code_version="older", check=accept)

    assert refused(own, tmp_path / "extracts", "older than").problem.endswith(" raw.export_columns.")


def test_a_missing_table_is_refused_by_its_name(own: Warehouse, tmp_path: Path) -> None:
    own.path("kpi.revenue").unlink()

    with pytest.raises(ContractError, match=r"kpi\.revenue"):
        published(own, tmp_path / "extracts")
    assert not (tmp_path / "extracts").exists()


@pytest.mark.usefixtures("posix")
def test_a_failed_check_of_severity_error_is_refused_with_what_it_found(whole: Warehouse, tmp_path: Path) -> None:
    problem = refused(whole, tmp_path / "extracts", "Checks have failed", PASSED, FAILED, WARNED).problem

    assert "clean/sales adds_up: It does not add up." in problem
    assert "2 rows" not in problem


def test_a_passed_check_of_severity_error_and_a_warning_are_no_reason_to_refuse(whole: Warehouse, tmp_path: Path) -> None:
    assert published(whole, tmp_path, checks=[replace(FAILED, passed=True), WARNED]).folder.is_dir()


# --- Killing -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("posix")
def test_what_a_killed_publication_left_is_swept(whole: Warehouse, tmp_path: Path) -> None:
    good = published(whole, tmp_path)
    for left in (
        ".building-2024-01-02T03-04-06-000000Z_00000000/tables",
        ".old-2024-01-02T03-04-04-000000Z_00000000/tables",
        ".latest-before",
    ):
        (tmp_path / left).mkdir(parents=True)
        (tmp_path / left / "sales.csv").write_text("half", encoding="utf-8")
    (tmp_path / ".latest-new").symlink_to("nowhere")
    sweep(tmp_path, LATER)

    assert entries(tmp_path) == {"latest", good.folder.name}
    assert (tmp_path / "latest").resolve() == good.folder.resolve()


def test_latest_is_put_back_if_a_publication_was_killed_between_two_renames(whole: Warehouse, tmp_path: Path) -> None:
    good = published(whole, tmp_path)
    (tmp_path / "latest").unlink()
    shutil.copytree(good.folder, tmp_path / ".latest-before")
    sweep(tmp_path, LATER)

    assert (tmp_path / "latest").resolve() == good.folder.resolve()
    assert entries(tmp_path) == {"latest", good.folder.name}


def test_sweeping_where_nothing_was_ever_published_does_nothing(tmp_path: Path) -> None:
    sweep(tmp_path / "none", LATER)
    sweep(tmp_path, LATER)

    assert entries(tmp_path) == set()


@pytest.mark.parametrize("days", [365, -365])
def test_the_release_that_was_latest_until_now_stays_for_its_readers_whatever_its_clock_said(
    whole: Warehouse, tmp_path: Path, days: int
) -> None:
    first, wrong = published(whole, tmp_path), published(whole, tmp_path, seconds=days * 24 * 60 * 60)
    second = published(whole, tmp_path, seconds=60, keep=2)
    assert entries(tmp_path) == {"latest", wrong.folder.name, second.folder.name}
    assert not first.folder.exists()


def test_a_release_that_a_wrong_clock_dated_ahead_goes_first_and_does_not_become_latest_again(whole: Warehouse, tmp_path: Path) -> None:
    year = 365 * 24 * 60 * 60
    ahead, first = published(whole, tmp_path, seconds=year), published(whole, tmp_path)
    second = published(whole, tmp_path, seconds=60, keep=2)
    assert entries(tmp_path) == {"latest", first.folder.name, second.folder.name}
    assert not ahead.folder.exists()

    ahead = published(whole, tmp_path, seconds=year)
    third = published(whole, tmp_path, seconds=120)
    (tmp_path / "latest").unlink()
    sweep(tmp_path, NOW + dt.timedelta(seconds=180))
    assert (tmp_path / "latest").resolve() == third.folder.resolve()
    assert ahead.folder.exists()


PUBLISHER = """
import datetime as dt, sys
from pathlib import Path
from bottleneck_assets.engine.warehouse import Warehouse
from bottleneck_assets.release.publishing import publish
print("publishing", flush=True)
now = dt.datetime.now(dt.UTC)
limits = {"max_quarantined_share": 1.0, "max_quarantined_revenue_share": 1.0}
publish(Warehouse(Path(sys.argv[1])), Path(sys.argv[2]), checks=[], **limits, run_id="killed", now=now, keep=30)
"""


@pytest.mark.usefixtures("posix")
@pytest.mark.parametrize("files", [1, 12, 27])
def test_a_publication_that_is_killed_leaves_the_first_release_whole(whole: Warehouse, tmp_path: Path, files: int) -> None:
    first = published(whole, tmp_path)
    before = contents(first.folder)
    with begun([sys.executable, "-c", PUBLISHER, str(whole.root), str(tmp_path)], stdout=subprocess.PIPE) as process:
        deadline = time.monotonic() + 60
        while len(list(tmp_path.glob(".building-*/**/*.csv"))) < files:
            assert process.poll() is None
            assert time.monotonic() < deadline
        process.send_signal(signal.SIGKILL)

    assert releases(tmp_path, LATER) == [first.folder]
    assert (tmp_path / "latest").resolve() == first.folder.resolve()
    assert contents(tmp_path / "latest") == before
    second = published(whole, tmp_path, seconds=1)
    assert entries(tmp_path) == {"latest", first.folder.name, second.folder.name}
