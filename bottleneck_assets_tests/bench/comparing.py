"""Holds what was written against what the yardstick wrote: a time counts only for the same figures.

Belongs here: which CSVs must be the same, byte for byte, or cell by cell where another writer has another hand, and which a notebook
may lack. Never here: running anything.
"""

from __future__ import annotations

import filecmp
from fnmatch import fnmatch
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from pathlib import Path

DESCRIPTIONS = frozenset({"data_dictionary.csv", "tableau/release.csv"})
"""CSVs that describe a release and hold no figure; the yardstick has none."""

NOT_OF_A_NOTEBOOK = (
    *(f"kpis/{name}.csv" for name in ("best_seller", "promo_uplift", "segment_band")),
    *(f"kpis/stock_{name}.csv" for name in ("coverage", "level", "season", "thresholds")),
    "recommendations/*.csv",
    "business_recommendations.csv",
    "stock_turnover.csv",
    "quality/*.csv",
    "facts/*.csv",
    "tables/months.csv",
)
"""CSVs that the notebook need not make: an analyst's notebook has the cleaned tables and the plain KPIs, and neither a bootstrap of a
thousand resamples, bands, thresholds and a sentence in two languages for every finding, nor the books of what was quarantined, nor a
calendar, nor what further figures may be summed from."""

CLOSE = 1e-9
"""By how much a number with a fraction may differ, as a share of it above 1: other libraries add in another order."""


def differing_files(bare: Path, release: Path) -> list[str]:
    """Return the CSVs, by path in the release, that are not byte for byte the same in both folders, or stand in one only."""
    here, there = _csvs(bare), _csvs(release)
    shared = here & there
    return sorted((here ^ there) | {name for name in shared if not filecmp.cmp(bare / name, release / name, shallow=False)})


def differing_tables(bare: Path, other: Path) -> list[str]:
    """Return the CSVs that do not hold the same cells in the same rows and columns, with the columns and how many cells of each.

    Those that a notebook need not make may be missing in the other folder; where they are there, they are held to the same.
    Amounts (four decimals) and prices (eight) are the same if they are so when rounded to their decimals, other numbers with a
    fraction within 1e-9 (of their size, above 1), flags in any case, and everything else as text.
    """
    here, there = _csvs(bare), _csvs(other)
    here -= {name for name in here - there if any(fnmatch(name, spared) for spared in NOT_OF_A_NOTEBOOK)}
    with duckdb.connect() as engine:
        differences = {name: _difference(engine, bare / name, other / name) for name in here & there}
    differences |= dict.fromkeys(here ^ there, "in one only")
    return sorted(f"{name} ({difference})" for name, difference in differences.items() if difference)


def _difference(engine: duckdb.DuckDBPyConnection, bare: Path, other: Path) -> str:
    """Say how two CSVs differ; nothing if they do not."""
    options = "header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"', auto_detect = false"
    columns, found = _header(bare), _header(other)
    if columns != found:
        return f"columns {', '.join(found)}"
    names = ", ".join(f"'{name}': 'VARCHAR'" for name in columns)
    read = [f"read_csv('{path}', {options}, columns = {{{names}}})" for path in (bare, other)]
    rows = [engine.execute(f"select count(*) from {table}").fetchall()[0][0] for table in read]
    if rows[0] != rows[1]:
        return f"{rows[1]} rows and not {rows[0]}"
    cells = ", ".join(f"count(*) filter (where not {_same(f'bare.{name}', f'other.{name}')}) as {name}" for name in columns)
    ((*counts,),) = engine.execute(f"select {cells} from {read[0]} as bare positional join {read[1]} as other").fetchall()
    return ", ".join(f"{name}: {count}" for name, count in zip(columns, counts, strict=True) if count)


def _same(bare: str, other: str) -> str:
    """Write the SQL for 'these two cells are the same'."""
    return f"""(case
        when {bare} is not distinct from {other} then true
        when {bare} is null or {other} is null then false
        when regexp_matches({bare}, '^-?\\d+(\\.\\d{{4}})?$') then try_cast({bare} as decimal(38, 4)) = try_cast({other} as decimal(38, 4))
        when regexp_matches({bare}, '^-?\\d+\\.\\d{{8}}$') then try_cast({bare} as decimal(38, 8)) = try_cast({other} as decimal(38, 8))
        when try_cast({bare} as double) is not null
            then abs(try_cast({bare} as double) - try_cast({other} as double)) <= {CLOSE} * greatest(1, abs(try_cast({bare} as double)))
        else lower({bare}) = lower({other}) and lower({bare}) in ('true', 'false')
    end is true)"""


def _header(path: Path) -> list[str]:
    with path.open(encoding="utf-8") as file:
        return file.readline().strip().split(",")


def _csvs(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*.csv")} - DESCRIPTIONS
