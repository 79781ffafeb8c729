"""Writes the measurements down as Markdown: one table, and one line on where they were taken.

Belongs here: the table's words and places. Never here: measuring, and a verdict: no time is asserted anywhere.
"""

from __future__ import annotations

import os
import platform
import re
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from bottleneck_assets_tests.bench.measuring import Cost

START, END = "<!-- bench:start -->", "<!-- bench:end -->"
_BETWEEN = re.compile(f"{re.escape(START)}.*{re.escape(END)}", re.DOTALL)
_HEADER = (
    "| Scale | Sales rows | Bare script: s | CPU s | MB | Refresh: s | CPU s | MB | Ratio of s | Ratio of MB |",
    "|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
)


@dataclass(frozen=True)
class Result:
    """One scale: the rows of its Sales table, and the median costs of the bare script and of the refresh."""

    scale: int
    sales_rows: int
    bare: Cost
    refresh: Cost


def markdown(results: Sequence[Result], *, export: str, repeat: int, day: dt.date) -> str:
    """Return the table, and under it one line: what was measured, when, where and with which versions."""
    runs = f"medians of {repeat} runs" if repeat > 1 else "one run each"
    line = f"{export}; {runs}; every CSV the same, byte for byte. {day:%Y-%m-%d}, {_machine()}; {_versions()}."
    return "\n".join((*_HEADER, *(_row(result) for result in results), "", line))


def has_place(file: Path) -> bool:
    """Tell whether a file has the two markers between which the table goes."""
    return file.is_file() and _BETWEEN.search(file.read_text(encoding="utf-8")) is not None


def write_between_markers(file: Path, text: str) -> None:
    """Replace what stands between the two markers of a file."""
    written = _BETWEEN.sub(lambda _: f"{START}\n{text}\n{END}", file.read_text(encoding="utf-8"), count=1)
    file.write_text(written, encoding="utf-8")


def _row(result: Result) -> str:
    bare, refresh = result.bare, result.refresh
    cells = (
        f"{result.scale:,}",
        f"{result.sales_rows:,}",
        *_cells(bare),
        *_cells(refresh),
        f"{refresh.seconds / bare.seconds:.1f}",
        f"{refresh.peak_bytes / bare.peak_bytes:.1f}",
    )
    return f"| {' | '.join(cells)} |"


def _cells(cost: Cost) -> tuple[str, str, str]:
    return f"{cost.seconds:.1f}", f"{cost.cpu_seconds:.1f}", f"{cost.peak_bytes / 1e6:,.0f}"


def _machine() -> str:
    return f"{os.cpu_count()} cores, {psutil.virtual_memory().total / 1e9:.0f} GB, {_cpu_model()}, {platform.system()}"


def _cpu_model() -> str:
    described = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*:\s*(.+)$", described.read_text(encoding="utf-8"), re.MULTILINE) if described.exists() else None
    return found[1].strip() if found else platform.processor() or platform.machine()


def _versions() -> str:
    return f"python {platform.python_version()}, " + ", ".join(f"{name} {version(name)}" for name in ("duckdb", "dagster"))
