"""The ways from an export to a release's CSVs that are benched: the command of each, and where it leaves them.

Belongs here: what is run, and how strictly its CSVs are held against the yardstick's. Never here: the clock, the scales.

A refresh is run without the documents for people to read, since no other way makes them and the same work is compared; once more with
them, as a user runs it; and both, if asked, as another checkout of the project makes them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from bottleneck_assets_tests.bench.comparing import differing_files, differing_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

LARGE_SCALE = 1_000
MEMORY_LIMIT = "2GB"
HERE = Path(__file__).parent
MODULE = __package__ or ""
BEFORE = "_before"
"""How the names of ways end that another checkout goes."""
SETTINGS = ("BOTTLENECK_", "DAGSTER_", "DBT_", "PYTHONDONTWRITEBYTECODE")
"""What this process may hold, and a way must not: settings, and that Python keeps no bytecode, nor the workflow what it keeps beside it."""


@dataclass(frozen=True)
class Way:
    """One way: its name and title, its command for an export, a folder to write and a scale, and how its CSVs are compared.

    It writes its CSVs under `written` of the folder, with `settings` and no others, and runs at `only_scale` alone where that is set.
    """

    name: str
    title: str
    command: Callable[[Path, Path, int], list[str]]
    written: str = ""
    differing: Callable[[Path, Path], list[str]] = differing_files
    only_scale: int | None = None
    settings: Mapping[str, str] = field(default_factory=dict)

    def runs_at(self, scale: int) -> bool:
        """Tell whether it is run at a scale."""
        return self.only_scale in {None, scale}

    def environment(self) -> dict[str, str]:
        """Return this process's environment with the way's own settings in place of those that it may hold."""
        return {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS)} | dict(self.settings)


def _bare(export: Path, out: Path, scale: int) -> list[str]:
    limit = ["--memory-limit", MEMORY_LIMIT] if scale >= LARGE_SCALE else []
    return [sys.executable, str(HERE / "bare.py"), str(export), str(out), *limit]


def _notebook(export: Path, out: Path, _scale: int) -> list[str]:
    return [sys.executable, str(HERE / "notebook.py"), str(export), str(out)]


def _dbt(export: Path, out: Path, _scale: int) -> list[str]:
    return [sys.executable, "-m", f"{MODULE}.dbt_project", str(export), str(out)]


BARE = Way("bare", "Bare DuckDB script", _bare)
NOTEBOOK = Way("notebook", "Pandas notebook", _notebook, differing=differing_tables)
DBT = Way("dbt", "dbt-duckdb", _dbt)
LATEST = "extracts/latest"
WITHOUT_DOCUMENTS = {"BOTTLENECK_REPORTS": "false"}


def refreshes(scripts: Path) -> tuple[Way, ...]:
    """Return the refresh of the project whose commands lie in a folder: as every other way, with all that a user gets, and warm."""

    def refresh(export: Path, out: Path, _scale: int) -> list[str]:
        return [str(scripts / "bottleneck"), "refresh", "--export", str(export), "--data-dir", str(out)]

    def warm(export: Path, out: Path, _scale: int) -> list[str]:
        return [str(scripts / "python"), "-m", f"{MODULE}.warm", str(export), str(out)]

    return (
        Way("refresh", "Refresh", refresh, LATEST, settings=WITHOUT_DOCUMENTS),
        Way("documents", "Refresh, with documents", refresh, LATEST, only_scale=1),
        Way("warm", "Refresh, warm process", warm, LATEST, only_scale=1, settings=WITHOUT_DOCUMENTS),
    )


def before(checkout: Path, ways: Sequence[Way]) -> list[Way]:
    """Return the refreshes among these ways as another checkout of the project makes them, with its own environment in .venv.

    Its CSVs are those of its own contract, which may be an older one, and are compared with nothing.
    """
    command = ["git", "-C", str(checkout), "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    return [
        replace(way, name=f"{way.name}{BEFORE}", title=f"{way.title}, at {commit}", differing=lambda *_: [])
        for way in refreshes(checkout / ".venv" / "bin")
        if way.name in {asked.name for asked in ways}
    ]


WAYS = {way.name: way for way in (BARE, *refreshes(Path(sysconfig.get_path("scripts"))), NOTEBOOK, DBT)}


def missing(ways: list[Way]) -> str | None:
    """Name what has to be installed before these ways can run, and how."""
    if any(way.name == "dbt" for way in ways) and find_spec("dbt") is None:
        return "dbt-duckdb is not installed; install it with: uv sync --frozen --group bench"
    if any(way.name == "documents" for way in ways) and find_spec("tableauhyperapi") is None:
        return "tableauhyperapi is not installed, and the documents have a workbook; install it with: uv sync --frozen --extra tableau"
    return None
