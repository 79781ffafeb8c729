"""Benches the refresh against other ways to the same CSVs: `python -m bottleneck_assets_tests.bench`.

Belongs here: on which exports the ways are run, in which order and how often. Never here: a limit on a time; machines differ.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import Console

from bottleneck_assets.sample.export import write_sample_export
from bottleneck_assets_tests.bench.measuring import Cost, FailedRunError, measure, middle
from bottleneck_assets_tests.bench.plotting import plot
from bottleneck_assets_tests.bench.reporting import END, START, Result, Setting, full_table, has_place, short_table, write_between_markers
from bottleneck_assets_tests.bench.warm import COST
from bottleneck_assets_tests.bench.ways import BARE, WAYS, Way, before, missing

SAMPLE_SEED = 2022
PLOT = "images/benchmarks.svg"
RUNS_AT_MOST = ((1_000, 1), (100, 2))
"""Large exports are run less often: from that scale on, so many times at most."""

err = Console(stderr=True, highlight=False, soft_wrap=True)


def _scales(_context: click.Context, _option: click.Parameter, given: str) -> tuple[int, ...]:
    scales = [part.strip() for part in given.split(",")]
    if not all(scale.isdecimal() and int(scale) for scale in scales):
        message = f"{given!r} is not a list of whole numbers from 1, such as 1,10,100"
        raise click.BadParameter(message)
    return tuple(sorted(set(map(int, scales))))


def _ways(_context: click.Context, _option: click.Parameter, given: str) -> list[Way]:
    names = [part.strip() for part in given.split(",")]
    if unknown := [name for name in names if name not in WAYS]:
        message = f"{', '.join(unknown)}: the ways are {', '.join(WAYS)}"
        raise click.BadParameter(message)
    ways = [way for way in WAYS.values() if way.name in names or way is BARE]
    if message := missing(ways):
        raise click.BadParameter(message)
    return ways


def _with_place(_context: click.Context, _option: click.Parameter, file: Path | None) -> Path | None:
    if file and not has_place(file):
        message = f"{file} has no {START} followed by {END}; put both where the table should stand"
        raise click.BadParameter(message)
    return file


def _with_environment(_context: click.Context, _option: click.Parameter, checkout: Path | None) -> Path | None:
    if checkout and not (checkout / ".venv" / "bin" / "bottleneck").is_file():
        message = f"{checkout} has no .venv/bin/bottleneck; make its environment with: uv sync --frozen --all-extras"
        raise click.BadParameter(message)
    return checkout


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--scales", default="1,10,100,1000", show_default=True, callback=_scales, help="How many times the shop's products, for each row."
)
@click.option("--ways", default=",".join(WAYS), show_default=True, callback=_ways, help="What is run; the bare script always is.")
@click.option(
    "--repeat", default=3, show_default=True, type=click.IntRange(min=1), help="Runs of each (at most 2 from scale 100, 1 from scale 1000)."
)
@click.option(
    "--export", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="The export of scale 1, in place of a synthetic one."
)
@click.option(
    "--before",
    "checkout",
    type=click.Path(path_type=Path, exists=True, file_okay=False, resolve_path=True),
    callback=_with_environment,
    help="Another checkout of the project, with its environment in .venv, whose refreshes are run beside.",
)
@click.option("--write", type=click.Path(path_type=Path), callback=_with_place, help="Put a short table between the markers of this file.")
@click.option(
    "--docs",
    type=click.Path(path_type=Path),
    callback=_with_place,
    help="Put the whole table between the markers of this file, and the plot into images/ beside it.",
)
def main(
    scales: tuple[int, ...],
    ways: list[Way],
    repeat: int,
    export: Path | None,
    checkout: Path | None,
    write: Path | None,
    docs: Path | None,
) -> None:
    """Time the ways to a release's CSVs, each in a fresh process, by turns, and print a Markdown table.

    A time counts only if its CSVs hold what the bare script's hold; the notebook may lack the recommendations. A way that fails, or whose
    CSVs differ, is named on stderr; then no file is written, and the exit code is 1.
    """
    if export and 1 not in scales:
        message = "--export is the export of scale 1, which --scales does not name"
        raise click.UsageError(message)
    if checkout:
        ways = [*ways, *before(checkout, ways)]
    results: list[Result] = []
    failures: list[str] = []
    for scale in scales:
        with TemporaryDirectory(prefix="bottleneck-bench-") as made:
            folder = Path(made)
            path = export.resolve() if export and scale == 1 else _sample(folder, scale)
            results.append(_bench(scale, path, ways, folder, _runs(scale, repeat), failures))
    setting = Setting(dt.datetime.now(dt.UTC).date(), ways, is_synthetic_at_1=export is None, seed=SAMPLE_SEED)
    click.echo(full_table(results, setting))
    if failures:
        err.print(f"{len(failures)} failed: nothing was written.", style="red")
        sys.exit(1)
    if write:
        write_between_markers(write, short_table(results, setting))
    if docs:
        plot(results, ways, docs.parent / PLOT)
        write_between_markers(docs, f"![Seconds and peak memory over rows, log-log]({PLOT})\n\n{full_table(results, setting)}")


def _runs(scale: int, repeat: int) -> int:
    return min(repeat, next((most for least, most in RUNS_AT_MOST if scale >= least), repeat))


def _sample(folder: Path, scale: int) -> Path:
    path = folder / f"sample_{scale}.db"
    with err.status(f"scale {scale}: writing the export"):
        write_sample_export(path, scale=scale, seed=SAMPLE_SEED)
    return path


def _bench(scale: int, export: Path, ways: list[Way], folder: Path, runs: int, failures: list[str]) -> Result:
    """Run the ways by turns, so that a busy minute of the machine falls on all of them."""
    with closing(sqlite3.connect(f"{export.as_uri()}?mode=ro", uri=True)) as connection:
        (rows,) = connection.execute("select count(*) from sales").fetchone()
    here = [way for way in ways if way.runs_at(scale)]
    costs: dict[str, list[Cost]] = {way.name: [] for way in here}
    failed: set[str] = set()
    for run in range(1, runs + 1):
        for way in (way for way in here if way.name not in failed):
            title = f"scale {scale}, run {run} of {runs}: {way.title}"
            try:
                costs[way.name].append(_equal_and_timed(title, way, export, folder, scale))
            except FailedRunError as failure:
                if way is BARE:  # without it there is nothing to compare with
                    raise click.ClickException(str(failure)) from failure
                err.print(f"{title}: {failure}", style="red", markup=False)
                failures.append(title)
                failed.add(way.name)
    return Result(scale, rows, runs, {way.name: middle(costs[way.name]) for way in here if way.name not in failed})


def _equal_and_timed(title: str, way: Way, export: Path, folder: Path, scale: int) -> Cost:
    """Run a way in a new folder, with its own settings and none that this shell may hold. Raises FailedRunError if a CSV differs."""
    place = folder / way.name
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    with err.status(title):
        cost = measure(way.command(export, place / "out", scale), place, way.environment())
    if (own := place / COST).exists():  # it has timed a part of itself
        cost = replace(cost, **json.loads(own.read_text(encoding="utf-8")))
    if way is not BARE:
        with err.status(f"{title}: comparing"):
            differing = way.differing(folder / BARE.name / "out", place / "out" / way.written)
        shutil.rmtree(place)
        if differing:
            message = f"its CSVs differ from the bare script's: {', '.join(differing)}"
            raise FailedRunError(message)
    err.print(f"{title}: {cost.seconds:.1f} s, {cost.cpu_seconds:.1f} s of CPU, {cost.peak_bytes / 1e6:,.0f} MB")
    return cost


if __name__ == "__main__":
    main()
