"""Hands the workflow exports that no shop should write: anything in any cell, damaged files, files cut short, and all that SQLite can do.

Belongs here: the trials of exports, and judging what became of one. Never here: what a hostile export holds (hostile_exports.py), SQLite's
features (sqlite_features.py), and counting rows a second time (accounts.py).

An export is read, or refused in two lines. It is lost where neither is so: a traceback, a row of which nobody knows, other bytes the
second time, a release that was there and is not what it was.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import hypothesis
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase

from bottleneck_assets.defs.reasons import why_it_failed
from bottleneck_assets.engine.warehouse import Warehouse
from bottleneck_assets.errors import BottleneckError, ExportError
from bottleneck_assets.models.catalog import models
from bottleneck_assets.models.checks import period_has_sales
from bottleneck_assets.models.functions import FUNCTIONS
from bottleneck_assets.sample.export import write_sample_export
from bottleneck_assets.source.exports import verify
from bottleneck_assets.source.reading import MARKER, open_export
from bottleneck_assets_tests.conftest import REAL_EXPORT, Refreshed, run_refresh
from bottleneck_assets_tests.small_export import build, clean_layer, expected_columns, ingest, minimal_rows, rows_of, write_export
from bottleneck_assets_tests.torture.accounts import lost_rows, same_cell, stored_rows, told_by_release, told_by_warehouse
from bottleneck_assets_tests.torture.hostile_exports import HostileExport, hostile_exports
from bottleneck_assets_tests.torture.sqlite_features import FEATURES, Feature
from bottleneck_assets_tests.torture.trials import Outcome, Scope, Trial, content, whole

if sys.platform != "win32":
    import resource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from pathlib import Path

EXAMPLES_A_SEED = 20
PAGE = 4096
AT_MOST_SECONDS = 60
AT_MOST_MB = 800
"""Above what the process has at first: memory goes with the batch that is read, never with the file (source/reading.py)."""
MAY_STOP_A_RUN = ("period_has_sales", "promo_units_reading_agrees_with_the_ledger")
"""The checks that an export of odd figures may rightly fail. All others hold whatever it holds."""
FAULTS = ("--debug", "eport it", "does not keep its contract")
"""What a refusal says that no export should lead to."""


# --- Any cells ----------------------------------------------------------------------------------------------------------------------


def any_cells(scope: Scope) -> Iterator[Outcome]:
    """Draw exports; make every table of most of them, and refresh some from beginning to end, twice."""
    with _everything_may_be_quarantined():
        times = scope.times(40, 300)
        yield Outcome("anything in any cell: tables alone", times, _drawn(scope, times, 1, _lost_in_the_tables))
        times = scope.times(5, 30)
        before = _released(scope.folder / "before", write_export(scope.folder / "good.db", minimal_rows()))
        judge = _judge_of_refreshes(before)
        yield Outcome("anything in any cell: whole refreshes, twice each", times, _drawn(scope, times, 1001, judge))


def _drawn(scope: Scope, times: int, first_seed: int, judge: Callable[[HostileExport, Path], Sequence[str]]) -> list[str]:
    """Judge exports drawn by one seed after the other; seed and number of an export suffice to draw it again."""
    lost: list[str] = []
    for seed in range(first_seed, first_seed + -(-times // EXAMPLES_A_SEED)):
        for number, export in enumerate(drawn(seed, min(EXAMPLES_A_SEED, times - (seed - first_seed) * EXAMPLES_A_SEED)), 1):
            folder = scope.folder / f"{seed}-{number}"
            folder.mkdir()
            lost += [f"drawn({seed})[{number - 1}]: {loss}" for loss in judge(export, folder)]
            shutil.rmtree(folder)
        scope.told(f"seed {seed}")
    return lost


def drawn(seed: int, examples: int = EXAMPLES_A_SEED) -> list[HostileExport]:
    """Draw hostile exports: always the same ones of a seed."""
    exports: list[HostileExport] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=examples, database=None, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
    )
    @hypothesis.given(hostile_exports())
    def draw(export: HostileExport) -> None:
        exports.append(export)

    draw()
    return exports[:examples]


def _lost_in_the_tables(export: HostileExport, folder: Path) -> list[str]:
    every_table = folder.name.endswith("5")
    path = export.write(folder / "export.db")
    warehouse = Warehouse(folder / "warehouse", functions=FUNCTIONS)
    try:
        ingest(path, warehouse)
        build(warehouse, clean_layer())
        if every_table and period_has_sales(warehouse).passed:  # else the check stops a refresh here
            build(warehouse, [ref for ref, model in models().items() if model.sql is not None])
    except ExportError as error:
        return _unclear(export, path, error)
    except BottleneckError as error:
        return [f"refused, with no flaw but its cells: {error}"]
    except Exception as error:  # noqa: BLE001 - any other is what is looked for
        return [f"{type(error).__name__}: {error}"]
    finally:
        warehouse.close()
    return [f"{export.flaw} was not refused"] if export.flaw else lost_rows(path, told_by_warehouse(warehouse))


def _judge_of_refreshes(before: Path) -> Callable[[HostileExport, Path], Sequence[str]]:
    def judge(export: HostileExport, folder: Path) -> list[str]:
        path, data_dir = export.write(folder / "export.db"), folder / "data"
        shutil.copytree(before, data_dir, symlinks=True)
        lost, refreshed = lost_in_a_refresh(path, data_dir)
        if not refreshed.result.success:
            named = export.flaw in _reason(refreshed) if export.flaw else _stopped_by_a_check(refreshed)
            return [*lost, *([] if named else [f"refused for {export.flaw or 'its cells'}, and says: {_reason(refreshed)}"])]
        if export.flaw:
            lost.append(f"{export.flaw} was not refused")
        again = run_refresh(path, folder / "again")
        if not again.result.success or content(again.release) != content(refreshed.release):
            lost.append("a second refresh gave other bytes")
        return lost

    return judge


def _unclear(export: HostileExport, path: Path, error: ExportError) -> list[str]:
    if not export.flaw:
        return [f"refused, with no flaw but its cells: {error}"]
    return [] if clear(error, path) and export.flaw in error.problem else [f"refused for {export.flaw}, and says: {error!r}"]


# --- Damaged files -------------------------------------------------------------------------------------------------------------------


def flipped_bytes(scope: Scope) -> Iterator[Outcome]:
    """Flip bytes of real files, anywhere or where SQLite keeps its own; read what is left of each, and refresh some."""
    for name, path in _real_files(scope.folder):
        whole_file, damaged = path.read_bytes(), scope.folder / "damaged.db"
        lost, read = list[str](), list[int]()
        seeds = range(scope.times(50, 500))
        for seed in seeds:
            damaged.write_bytes(flipped(whole_file, seed))
            was_read, found = lost_in_reading(damaged)
            lost += [f"flipped({name}, {seed}): {loss}" for loss in found]
            read += [seed] if was_read else []
        scope.told(f"{len(read)} of {len(seeds)} damaged files could be read")
        yield Outcome(f"bytes of {name} flipped: read", len(seeds), lost)
        lost, chosen = [], read[: scope.times(1, 6)]
        for seed in chosen:
            damaged.write_bytes(flipped(whole_file, seed))
            lost += [f"flipped({name}, {seed}): {loss}" for loss in lost_in_a_refresh(damaged, scope.folder / f"{seed}")[0]]
            shutil.rmtree(scope.folder / f"{seed}")
        yield Outcome(f"bytes of {name} flipped, and read all the same: refreshes", len(chosen), lost)


def flipped(whole_file: bytes, seed: int) -> bytes:
    """Return a file with one to sixteen bytes changed: for even seeds anywhere, for odd ones at the head of the file or of a page."""
    draws, changed = random.Random(seed), bytearray(whole_file)  # noqa: S311 - drawn to be drawn again
    for _ in range(draws.choice([1, 1, 2, 4, 16])):
        at = draws.randrange(len(changed))
        if seed % 2:
            at = draws.randrange(16, 100) if at < len(changed) // 10 else min(at // PAGE * PAGE + draws.randrange(24), len(changed) - 1)
        changed[at] ^= draws.randrange(1, 256)
    return bytes(changed)


def cut_short(scope: Scope) -> Iterator[Outcome]:
    """Cut a real file at the end of each page and within it: every time it must be refused."""
    path, cut = _real_files(scope.folder)[-1][1], scope.folder / "cut.db"
    whole_file = path.read_bytes()
    uncounted = whole_file[:92] + bytes(4) + whole_file[96:]  # as a SQLite before 3.7 leaves it: the header does not count the pages
    for name, given in (("a file", whole_file), ("a file that does not say how long it is", uncounted)):
        sizes = [
            *range(0, len(given), PAGE * scope.times(13, 1)),
            *range(PAGE // 3, len(given), PAGE * scope.times(29, 3)),
            *range(1, 120, scope.times(17, 1)),
        ]
        lost: list[str] = []
        for size in sizes:
            cut.write_bytes(given[:size])
            was_read, found = lost_in_reading(cut)
            lost += [f"{name} cut to {size:,} of {len(given):,} bytes: {loss}" for loss in (["it was read"] if was_read else found)]
        yield Outcome(f"{name} cut short", len(sizes), lost)


def lost_in_reading(path: Path) -> tuple[bool, list[str]]:
    """Verify and read an export; return whether it was read, and what was lost: a cell that sqlite3 reads, or a clear refusal."""
    try:
        export = verify(path, expected_columns())
        with open_export(export) as stream:
            arrived = {table: pa.RecordBatchReader.from_stream(stream(table)).read_all() for table in export.tables}
    except BottleneckError as error:
        return False, [] if clear(error, path) else [f"refused, but not in two lines that name the file: {error!r}"]
    except Exception as error:  # noqa: BLE001 - any other is what is looked for
        return False, [f"{type(error).__name__}: {error}"]
    lost: list[str] = []
    for table, rows in arrived.items():
        stored, columns = stored_rows(path, table), [name for name in rows.column_names if name != MARKER]
        if rows.num_rows - 1 != len(stored):
            lost.append(f"{table} holds {len(stored)} rows, and {rows.num_rows - 1} were read")
            continue
        for name, cells in zip(columns, zip(*stored, strict=True), strict=True):
            pairs = zip(cells, rows[name].to_pylist()[1:], strict=True)
            lost += [
                f"{table}.{name}, row {number} holds {cell!r:.60}, and {text!r:.60} was read"
                for number, (cell, text) in enumerate(pairs, 1)
                if not same_cell(cell, text)
            ][:3]
    return True, lost


def _real_files(folder: Path) -> list[tuple[str, Path]]:
    """Return the shop's own export, where it lies beside the project, and a synthetic one."""
    sample = folder / "sample.db"
    write_sample_export(sample, seed=7, ca_par_segment=True)
    return [*([("the real export", REAL_EXPORT)] if REAL_EXPORT.exists() else []), ("a sample", sample)]


# --- What SQLite can do ---------------------------------------------------------------------------------------------------------------


def features(scope: Scope) -> Iterator[Outcome]:
    """Hand over each of SQLite's features in a process of its own, which may neither take long, nor much memory, nor leave a file."""
    chosen = [feature for feature in FEATURES if scope.in_full or not feature.in_full_only]
    lost, read = list[str](), list[Feature]()
    for at, feature in enumerate(chosen):
        folder = scope.folder / str(at)
        folder.mkdir()
        path = feature.write(folder / "export.db")
        lost += [f"{feature.name}: {loss}" for loss in _lost_in_another_process(feature, path)]
        if left := {found.name for found in folder.iterdir()} - {
            path.name,
            "warehouse",
            *(f"{path.name}-{suffix}" for suffix in ("wal", "shm", "journal")),
        }:
            lost.append(f"{feature.name}: it left {', '.join(left)}")
        read += [] if feature.refused else [feature]
        shutil.rmtree(folder)
    yield Outcome("features of SQLite, one by one", len(chosen), lost)
    refreshed = read[:: scope.times(15, 3)]
    with _everything_may_be_quarantined():
        lost = [
            f"{feature.name}: {loss}"
            for at, feature in enumerate(refreshed)
            for loss in _lost_in_refreshing(feature, scope.folder / f"refresh-{at}")
        ]
    yield Outcome("features of SQLite that do no harm: refreshes", len(refreshed), lost)


def _lost_in_refreshing(feature: Feature, folder: Path) -> list[str]:
    folder.mkdir()
    lost, refreshed = lost_in_a_refresh(feature.write(folder / "export.db"), folder / "data")
    shutil.rmtree(folder)
    return lost if refreshed.result.success else [*lost, f"it was not published: {_reason(refreshed)}"]


def _lost_in_another_process(feature: Feature, path: Path) -> list[str]:
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload([__name__])
    receive, send = processes.Pipe(duplex=False)
    process = processes.Process(target=_report_on, args=(feature.refused, feature.unknown, path, send))
    process.start()
    send.close()
    if not receive.poll(AT_MOST_SECONDS):
        process.kill()
        process.join()
        return [f"it took more than {AT_MOST_SECONDS} seconds"]
    try:
        lost, peak = receive.recv()
    except EOFError:
        process.join()
        return [f"the process ended by itself, with {process.exitcode}"]
    process.join()
    return [*lost, *([f"it took {peak:,.0f} MB"] if peak > AT_MOST_MB else [])]


def _report_on(refused: str, unknown: Sequence[str], path: Path, send: Connection) -> None:
    """Read an export, and send what was lost and how many MB that took."""
    os.chdir(path.parent)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    warehouse = Warehouse(path.parent / "warehouse", functions=FUNCTIONS)
    try:
        ingest(path, warehouse)
    except ExportError as error:
        was_read, lost = False, [] if clear(error, path) and refused in str(error) else [f"refused, and says: {error!r}"]
    except Exception as error:  # noqa: BLE001 - any other is what is looked for
        was_read, lost = False, [f"{type(error).__name__}: {error}"]
    else:
        was_read, lost = lost_in_reading(path)
        reported = {row["table_name"] for row in rows_of(warehouse, "raw.export_columns") if not row["is_known"]}
        lost += [f"{name!r} is not reported as unknown" for name in unknown if name not in reported]
    warehouse.close()
    if was_read and refused:
        lost.append("it was read")
    if not was_read and not refused and not lost:
        lost.append("it was refused")
    send.send((lost, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024))


# --- What became of an export --------------------------------------------------------------------------------------------------------


def clear(error: BottleneckError, path: Path) -> bool:
    """Tell whether a refusal is two lines, of which the first names the file."""
    return path.name in error.problem and all(text and text.isprintable() and len(text) < 1_000 for text in (error.problem, error.remedy))


def lost_in_a_refresh(export: Path, data_dir: Path) -> tuple[list[str], Refreshed]:
    """Refresh, in a data folder that may hold a release, and return what was lost."""
    latest = data_dir / "extracts" / "latest"
    before = latest.resolve() if latest.exists() else None
    refreshed = run_refresh(export, data_dir)
    if refreshed.result.success:
        lost = [*whole(data_dir), *lost_rows(export, told_by_release(refreshed.release))]
        return [*lost, *(["nothing was published"] if refreshed.release == before else [])], refreshed
    lost = whole(data_dir) if before else []
    if before and refreshed.release != before:
        lost.append("refused, and yet published")
    if any(word in _reason(refreshed) for word in FAULTS):
        lost.append(f"refused by a fault of the workflow: {_reason(refreshed)}")
    return lost, refreshed


def _reason(refreshed: Refreshed) -> str:
    reason = why_it_failed(refreshed.result.all_events)
    return f"{reason.problem}\n{reason.remedy}"


def _stopped_by_a_check(refreshed: Refreshed) -> bool:
    return any(f"failed the check {name}:" in _reason(refreshed) for name in MAY_STOP_A_RUN)


def _released(data_dir: Path, export: Path) -> Path:
    refreshed = run_refresh(export, data_dir)
    assert refreshed.result.success, _reason(refreshed)
    return data_dir


@contextmanager
def _everything_may_be_quarantined() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for limit in ("BOTTLENECK_MAX_QUARANTINED_SHARE", "BOTTLENECK_MAX_QUARANTINED_REVENUE_SHARE"):
            patch.setenv(limit, "1")
        yield


TRIALS = (
    Trial("any-cells", "An export with anything in any cell is read to its last row, or refused in two lines.", any_cells),
    Trial("flipped-bytes", "A damaged export is refused in two lines, or every cell that SQLite finds in it is read.", flipped_bytes),
    Trial("truncation", "An export that is cut short is refused in two lines, wherever it is cut.", cut_short),
    Trial("features", "Nothing that SQLite can do is done because an export says so.", features),
)
