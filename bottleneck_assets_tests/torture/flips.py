"""Flips single bits in every kind of file of the data folder, as a failing disk does, and looks for what is believed all the same.

Belongs here: which files, and what must notice. Never here: exports (exports.py flips theirs), power cuts (power_cuts.py).
"""

from __future__ import annotations

import datetime as dt
import random
import shutil
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from bottleneck_assets.documents.made import Made, read_made, write_made
from bottleneck_assets.engine.warehouse import DamagedTableError, Warehouse
from bottleneck_assets.release.comparison import would_be_the_same
from bottleneck_assets.release.manifest import DamagedError, Measured, read_manifest, sha256_of
from bottleneck_assets.release.release import Release
from bottleneck_assets.settings import load_settings
from bottleneck_assets_tests.torture.power_cuts import MADE_AGAIN
from bottleneck_assets_tests.torture.refreshing import Ground, Refresh, tables
from bottleneck_assets_tests.torture.trials import Outcome, Scope, Trial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

KINDS = (
    "warehouse/**/*.parquet",
    "extracts/*/**/*.csv",
    "extracts/*/**/*.parquet",
    "extracts/*/manifest.json",
    "dagster_home/**/*.db",
    "dagster_home/*.yaml",
)


def held(scope: Scope) -> Iterable[Outcome]:
    """Flip bits and read; then flip bits and refresh."""
    ground = Ground.laid(scope.folder / "ground")
    data_dir = ground.copied(scope.folder / "read")
    release = (data_dir / "extracts" / "latest").resolve()
    document = _document(scope.folder / "documents" / "one", release)
    drawn = random.Random(scope.in_full)  # noqa: S311 - any will do
    kinds: Sequence[tuple[str, Sequence[Path], Callable[[Path], bool], int]] = [
        ("a table", sorted(data_dir.glob("warehouse/*/*.parquet")), _is_table, scope.times(60, 1000)),
        (
            "a file of a release",
            sorted(path for path in release.rglob("*") if path.is_file() and path.name != "manifest.json"),
            lambda _: _is_whole(release),
            scope.times(20, 400),
        ),
        ("a manifest", [release / "manifest.json"], lambda path: _is_manifest(path.parent), scope.times(20, 300)),
        (
            "a document",
            sorted(path for path in document.rglob("*") if path.is_file()),
            lambda _: _is_document(document),
            scope.times(20, 260),
        ),
    ]
    for name, files, is_believed, times in kinds:
        assert is_believed(files[0])  # before anything is flipped
        losses = [f"bit {bit} of {path.name} is flipped, and believed" for path, bit in _flipped(files, times, drawn) if is_believed(path)]
        yield Outcome(f"a bit of {name} flipped: read", times, losses)
    yield _refreshed(ground, scope, drawn)


def _flipped(files: Sequence[Path], times: int, drawn: random.Random) -> Iterator[tuple[Path, int]]:
    """Flip one bit after the other in files drawn by their length, and put each back before the next."""
    sizes = [path.stat().st_size for path in files]
    for _ in range(times):
        (path,) = drawn.choices(files, sizes)
        whole = path.read_bytes()
        bit = flip(path, drawn)
        yield path, bit
        path.write_bytes(whole)


def flip(path: Path, drawn: random.Random) -> int:
    """Flip one bit of a file, and return which."""
    content = bytearray(path.read_bytes())
    bit = drawn.randrange(8 * len(content))
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)
    return bit


def _is_table(path: Path) -> bool:
    with closing(Warehouse(path.parents[1])) as warehouse:
        try:
            warehouse.table(f"{path.parent.name}.{path.stem}")
        except DamagedTableError:
            return False
    return True


def _is_whole(folder: Path) -> bool:
    manifest = read_manifest(folder)
    return would_be_the_same(Release(folder, manifest), load_settings(reports=False), manifest.export.sha256, manifest.data_access)


def _is_manifest(folder: Path) -> bool:
    try:
        read_manifest(folder)
    except DamagedError:
        return False
    return True


def _document(folder: Path, release: Path) -> Path:
    """Keep some files of a release as a document is kept."""
    files = {}
    for path in ("overview.csv", "kpis/revenue.csv"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(release / path, folder / path)
        files[path] = sha256_of(folder / path)
    write_made(folder, Made("0" * 64, files, Measured(dt.datetime(2024, 1, 2, tzinfo=dt.UTC), "shop.db", "0" * 64)))
    return folder


def _is_document(folder: Path) -> bool:
    return read_made(folder) is not None


def _refreshed(ground: Ground, scope: Scope, drawn: random.Random) -> Outcome:
    """Flip one bit of one kind of file, then refresh: what changed figures would be a loss, and what fails without saying why."""
    times, losses = scope.times(len(KINDS), 8 * len(KINDS)), list[str]()
    for number in range(times):
        scope.told(f"refresh {number + 1} of {times}")
        data_dir = ground.copied(scope.folder / "refreshed")
        files = [path for path in sorted(data_dir.glob(KINDS[number % len(KINDS)])) if path.stat().st_size]
        path = drawn.choice(files)
        told = f"bit {flip(path, drawn)} of {path.relative_to(data_dir)} flipped"
        ended = Refresh(data_dir, ground.second).ended()
        ended = replace(ended, said=[line for line in ended.said if not line.endswith(MADE_AGAIN)])
        losses += [f"{told}: {loss}" for loss in ended.clearly()]
        if ended.code == 0 and tables(data_dir / "extracts" / "latest") != ground.made_of[ground.second]:
            losses.append(f"{told}: the refresh does not make what an undisturbed one makes")
        shutil.rmtree(data_dir)
    return Outcome("a bit of any file flipped: refreshes", times, losses)


TRIALS = (Trial("bit-flips", "What the disk has changed is not believed: it is made again, or named.", held),)
