"""Packs the workbook with its data: one file to open, for everyone, one in French, and another for Desktop and Server.

Belongs here: what lies in a package, under which names, and that only a sound one takes its place. Never here: what the workbook shows.

`Data/BottleNeck/` holds the CSVs of the release, byte for byte, and `Data/Extracts/` the extract of each. The live form has the extracts
alone; the French one differs from that for everyone in its workbook. Files lie in the order of their names and carry no time: a package
differs from another only where its data does, or where Hyper, which never writes the same bytes twice, was asked to write.
"""

from __future__ import annotations

from functools import partial
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo
from zlib import crc32

from bottleneck_assets.errors import ReleaseError
from bottleneck_assets.release.publishing import write_csv
from bottleneck_assets.render.colours import READS as COLOURS_READ
from bottleneck_assets.render.colours import colours
from bottleneck_assets.render.tableau.extract import ExtractTable, extract_table, write_extracts
from bottleneck_assets.render.tableau.sources import sources
from bottleneck_assets.wording import last_day

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from bottleneck_assets.engine.warehouse import Warehouse
    from bottleneck_assets.render.occasion import Occasion
    from bottleneck_assets.render.tableau.extract import Table
    from bottleneck_assets.render.tableau.soundness import Tables

NAME = "BottleNeck"
FILE = f"tableau/{NAME}.twbx"
FRENCH_NAME = f"{NAME} (français)"
FRENCH_FILE = f"tableau/{FRENCH_NAME}.twbx"
LIVE_FILE = f"tableau/{NAME} (live Hyper).twbx"
RELEASE_FILE = "tableau/release.csv"
READS = (
    *dict.fromkeys(
        [*(source.table for source in sources("en")), *COLOURS_READ, "clean.reporting_period", "clean.months", "raw.parameters"]
    ),
)
_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The time of every file in a package: the first that the format can tell."""
_READABLE = 0o644 << 16


def render(occasion: Occasion, folder: Path) -> None:
    """Write the packages under a folder, and the table that says how old their data is. Raises ReleaseError if one is not sound."""
    from bottleneck_assets.render.tableau.release_table import write_csv
    from bottleneck_assets.render.tableau.soundness import findings
    from bottleneck_assets.render.tableau.workbook import DATA_FOLDER, EXTRACT_FOLDER, workbook

    with TemporaryDirectory(dir=folder, prefix=".data-") as given:
        data = folder / given
        row = _release_row(occasion)
        (parameters,) = occasion.warehouse.rows("raw.parameters")
        of_this = partial(
            workbook, occasion.portal, parameters["sale_prices"], occasion.received, colours(occasion.warehouse), _months(occasion)
        )
        write_csv(row, folder / RELEASE_FILE)
        csvs = {f"{DATA_FOLDER}/{path.name}": path for path in (*_write_csvs(occasion.warehouse, data), folder / RELEASE_FILE)}
        written = _write_extracts(occasion.warehouse, row, data)
        read: dict[int, Tables | None] = {crc32(path.read_bytes()): tables for path, tables in written.items()}
        extracts = {f"{EXTRACT_FOLDER}/{path.name}": path for path in written}
        pack(folder / FILE, of_this(), {**csvs, **extracts})
        pack(folder / FRENCH_FILE, of_this(language="fr"), {**csvs, **extracts})
        pack(folder / LIVE_FILE, of_this(live=True), extracts)
    for file, live in ((FILE, False), (FRENCH_FILE, False), (LIVE_FILE, True)):
        if found := findings(folder / file, live=live, read=read):
            problem = f"{file} is not sound: {'; '.join(found)}."
            raise ReleaseError(problem, "Report it; the setting reports can leave the workbook out.")


def pack(target: Path, workbook: bytes, files: Mapping[str, Path]) -> None:
    """Write a package: the workbook at its root, and files by their paths in it."""
    with ZipFile(target, "w") as packed:
        packed.writestr(entry(f"{NAME}.twb"), workbook, ZIP_DEFLATED)
        for path in sorted(files):
            packed.writestr(entry(path), files[path].read_bytes(), ZIP_DEFLATED)


def entry(path: str) -> ZipInfo:
    """Return what a package says of a file: its path in it, and that anyone may read it."""
    said = ZipInfo(path, _EARLIEST)
    said.external_attr = _READABLE
    said.create_system = 3  # whatever system this is: part of the bytes
    return said


def _write_csvs(warehouse: Warehouse, folder: Path) -> Iterator[Path]:
    from bottleneck_assets.models.catalog import models

    for source in sources("en"):
        target = folder / f"{source.name}.csv"
        write_csv(warehouse, models()[source.table], target)
        yield target


def _write_extracts(warehouse: Warehouse, row: Mapping[str, object], folder: Path) -> dict[Path, dict[str, Table]]:
    from bottleneck_assets.render.tableau.release_table import release_fields, write_parquet

    rows = folder / "release.parquet"
    write_parquet(row, rows)
    tables = {source.name: extract_table(warehouse, "Extract", source.table) for source in sources("en")}
    tables["release"] = ExtractTable("Extract", release_fields(), rows, 1)
    return write_extracts({folder / f"{name}.hyper": [table] for name, table in tables.items()})


def _months(occasion: Occasion) -> list[dt.date]:
    """Return the months of the reporting period, in their order."""
    return sorted({row["month"] for row in occasion.warehouse.rows("extract.overview", columns=["month"])})


def _release_row(occasion: Occasion) -> dict[str, dt.date | str | None]:
    from bottleneck_assets.render.tableau.release_table import release_row

    (period,) = occasion.warehouse.rows("clean.reporting_period")
    months = [row["month"] for row in occasion.warehouse.rows("clean.months")]
    return release_row(last_day(max(months)) if months else None, occasion.received, period["period_start"], period["period_end"])
