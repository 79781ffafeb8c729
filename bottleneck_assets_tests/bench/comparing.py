"""Holds a release against what the yardstick wrote: a time counts only for the same figures.

Belongs here: which CSVs must be the same. Never here: running anything.
"""

from __future__ import annotations

import filecmp
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

DESCRIPTIONS = frozenset({"data_dictionary.csv"})
"""CSVs that describe a release and hold no figure; the yardstick has none."""


def differing_files(bare: Path, release: Path) -> list[str]:
    """Return the CSVs, by path in the release, that are not byte for byte the same in both folders, or stand in one only."""
    here, there = _csvs(bare), _csvs(release)
    shared = here & there
    return sorted((here ^ there) | {name for name in shared if not filecmp.cmp(bare / name, release / name, shallow=False)})


def _csvs(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*.csv")} - DESCRIPTIONS
