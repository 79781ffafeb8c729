"""Writes the measurements down as Markdown: a table, what its rows come to, and where and when they were taken.

Belongs here: the table's words and places. Never here: measuring, and a verdict: no time is asserted anywhere.
"""

from __future__ import annotations

import os
import platform
import re
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from math import log
from pathlib import Path
from statistics import linear_regression
from typing import TYPE_CHECKING

import psutil

from bottleneck_assets_tests.bench.comparing import NOT_OF_A_NOTEBOOK
from bottleneck_assets_tests.bench.ways import BARE, BEFORE, LARGE_SCALE, MEMORY_LIMIT

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from bottleneck_assets_tests.bench.measuring import Cost
    from bottleneck_assets_tests.bench.ways import Way

REFRESH, DOCUMENTS, WARM, NOTEBOOK = "refresh", "documents", "warm", "notebook"
START, END = "<!-- bench:start -->", "<!-- bench:end -->"
_BETWEEN = re.compile(f"{re.escape(START)}.*{re.escape(END)}", re.DOTALL)
SLOPE_FROM = 10
"""Below this scale, time is start-up more than rows."""


@dataclass(frozen=True)
class Result:
    """One scale: the rows of its Sales table, how often each way ran, and the median costs of each way that made the same CSVs."""

    scale: int
    sales_rows: int
    runs: int
    costs: Mapping[str, Cost]


@dataclass(frozen=True)
class Setting:
    """What the machine does not say: the day, the ways that were asked for, and which exports were read."""

    day: dt.date
    ways: Sequence[Way]
    is_synthetic_at_1: bool
    seed: int


def short_table(results: Sequence[Result], setting: Setting) -> str:
    """Return the table of seconds, a row a scale, and under it what they come to; another checkout is not in it."""
    results = [replace(one, costs={way: cost for way, cost in one.costs.items() if not way.endswith(BEFORE)}) for one in results]
    ways = [way for way in setting.ways if way.only_scale is None and any(way.name in result.costs for result in results)]
    head = ["Scale", "Sales rows", *(f"{way.title}: s" for way in ways)]
    if REFRESH in {way.name for way in ways}:
        head += ["Refresh / bare", "Refresh: peak MB"]
    rows = [_short_row(result, [way.name for way in ways]) for result in results]
    return "\n".join((*table(head, rows, left=0), "", *_remarks(results, setting.ways), _setting(results, setting)))


def full_table(results: Sequence[Result], setting: Setting) -> str:
    """Return the table of all that was measured, a row a scale and way, and under it what it comes to."""
    head = ["Way", "Scale", "Sales rows", "s", "CPU s", "Peak MB", "s / bare", "Peak / bare", "Runs"]
    titles = {way.name: way.title for way in setting.ways}
    rows = [
        [titles[name], *_size(result), *_cells(cost), *_ratios(cost, result.costs[BARE.name]), str(result.runs)]
        for result in results
        for name, cost in result.costs.items()
    ]
    return "\n".join((*table(head, rows, left=1), "", *_remarks(results, setting.ways), _setting(results, setting)))


def slope(results: Sequence[Result], way: str) -> float | None:
    """Return how seconds grow with rows, as the exponent of a power law fitted from scale 10 on; None for fewer than two scales."""
    points = [(result.sales_rows, result.costs[way].seconds) for result in results if result.scale >= SLOPE_FROM and way in result.costs]
    if len(points) < 2:
        return None
    rows, seconds = zip(*points, strict=True)
    return linear_regression([log(count) for count in rows], [log(second) for second in seconds]).slope


def has_place(file: Path) -> bool:
    """Tell whether a file has the two markers between which the table goes."""
    return file.is_file() and _BETWEEN.search(file.read_text(encoding="utf-8")) is not None


def write_between_markers(file: Path, text: str, start: str = START, end: str = END) -> None:
    """Replace what stands between the two markers of a file."""
    between = re.compile(f"{re.escape(start)}.*{re.escape(end)}", re.DOTALL)
    written = between.sub(lambda _: f"{start}\n{text}\n{end}", file.read_text(encoding="utf-8"), count=1)
    file.write_text(written, encoding="utf-8")


def table(head: Sequence[str], rows: Sequence[Sequence[str]], left: int) -> list[str]:
    """Lay cells out as Markdown, the first columns to the left and the others to the right."""
    rule = ["---" if column < left else "---:" for column in range(len(head))]
    return [f"| {' | '.join(cells)} |" for cells in (head, rule, *rows)]


def _short_row(result: Result, ways: Sequence[str]) -> list[str]:
    cells = _size(result)
    cells += [_seconds(result.costs[way].seconds) if way in result.costs else "" for way in ways]
    if REFRESH in ways:
        refresh = result.costs.get(REFRESH)
        cells += [_ratios(refresh, result.costs[BARE.name])[0], f"{refresh.peak_bytes / 1e6:,.0f}"] if refresh else ["", ""]
    return cells


def _size(result: Result) -> list[str]:
    return [f"{result.scale:,}", f"{result.sales_rows:,}"]


def _cells(cost: Cost) -> tuple[str, str, str]:
    return _seconds(cost.seconds), _seconds(cost.cpu_seconds), f"{cost.peak_bytes / 1e6:,.0f}"


def _ratios(cost: Cost, bare: Cost) -> tuple[str, str]:
    return f"{cost.seconds / bare.seconds:.2f}", f"{cost.peak_bytes / bare.peak_bytes:.2f}"


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f}" if seconds < 10 else f"{seconds:,.1f}"


def _remarks(results: Sequence[Result], ways: Sequence[Way]) -> list[str]:
    """Say what the rows come to: beside an earlier checkout, with documents, warm, as rows grow, and what a way does not make."""
    remarks = _beside_before(results, ways)
    for result in results:
        if DOCUMENTS in result.costs:
            seconds = _seconds(result.costs[DOCUMENTS].seconds)
            remarks.append(
                f"With dashboard, workbook and reports, as a user runs it, a refresh at scale {result.scale:,} takes {seconds} s.\n"
            )
        if WARM in result.costs:
            warm, bare = result.costs[WARM], result.costs[BARE.name]
            remarks.append(
                f"In a warm process (imports done, one refresh before it), a refresh at scale {result.scale:,} takes"
                f" {_seconds(warm.seconds)} s: {_ratios(warm, bare)[0]} times the bare script's whole process.\n"
            )
    slopes = {way.title: slope(results, way.name) for way in ways}
    if grown := [f"{title} {exponent:.2f}" for title, exponent in slopes.items() if exponent is not None]:
        scales = [result.scale for result in results if result.scale >= SLOPE_FROM]
        remarks.append(f"Slope of log(seconds) over log(rows), scale {scales[0]:,} to {scales[-1]:,}: {', '.join(grown)}.\n")
    if left_out := _left_out(results):
        remarks.append(f"{left_out}\n")
    return remarks


def _beside_before(results: Sequence[Result], ways: Sequence[Way]) -> list[str]:
    """Say what each refresh takes of the time, and of the CPU's, that the same refresh of another checkout took."""
    told = []
    for way in ways:
        pairs = [(result.scale, result.costs.get(way.name), result.costs.get(f"{way.name}{BEFORE}")) for result in results]
        shares = [
            f"{ours.seconds / theirs.seconds:.2f} ({ours.cpu_seconds / theirs.cpu_seconds:.2f} of the CPU seconds) at scale {scale:,}"
            for scale, ours, theirs in pairs
            if ours and theirs
        ]
        if shares:
            earlier = next(other.title for other in ways if other.name == f"{way.name}{BEFORE}")
            told.append(f"Seconds of *{way.title}* over those of *{earlier}*: {'; '.join(shares)}.\n")
    return told


def _left_out(results: Sequence[Result]) -> str:
    """Say which part of a release is in no time, or not in all of them."""
    ran = {name for result in results for name in result.costs}
    sentences = []
    if ran & {REFRESH, WARM}:
        sentences.append("*Refresh* runs without the documents (`report/`, `tableau/`), as no other way makes them.")
    if NOTEBOOK in ran:
        *names, last = (f"`{name}`" for name in NOT_OF_A_NOTEBOOK)
        sentences.append(f"The notebook makes every CSV but {', '.join(names)} and {last}.")
    return " ".join(sentences)


def _setting(results: Sequence[Result], setting: Setting) -> str:
    exports = f"Synthetic exports (seed {setting.seed})"
    if not setting.is_synthetic_at_1:
        exports = f"The shop's export at scale 1, synthetic ones (seed {setting.seed}) above it"
    runs = ", ".join(f"{result.runs} run{'s' if result.runs > 1 else ''} at scale {result.scale:,}" for result in results)
    limit = f" The bare script is held to {MEMORY_LIMIT} of memory at scale {LARGE_SCALE:,}." if results[-1].scale >= LARGE_SCALE else ""
    return f"{exports}; medians of {runs}.{limit} {setting.day:%Y-%m-%d}, {machine()}; {_versions()}."


def machine() -> str:
    """Return what the machine is, as far as it says so."""
    return f"{os.cpu_count()} cores, {psutil.virtual_memory().total / 1e9:.0f} GB, {_cpu_model()}, {platform.system()}"


def _cpu_model() -> str:
    described = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*:\s*(.+)$", described.read_text(encoding="utf-8"), re.MULTILINE) if described.exists() else None
    return found[1].strip() if found else platform.processor() or platform.machine()


def _versions() -> str:
    found = [f"python {platform.python_version()}"]
    for name in ("duckdb", "dagster", "pandas", "dbt-core", "dbt-duckdb"):
        with suppress(PackageNotFoundError):
            found.append(f"{name} {version(name)}")
    return ", ".join(found)
