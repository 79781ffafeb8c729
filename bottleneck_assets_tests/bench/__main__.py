"""Benches a refresh against the bare script: `python -m bottleneck_assets_tests.bench`.

Belongs here: which commands run, on which exports, in which order. Never here: a limit on a time; machines differ.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sqlite3
import sys
import sysconfig
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click
from rich.console import Console

from bottleneck_assets.sample.export import write_sample_export
from bottleneck_assets_tests.bench.comparing import differing_files
from bottleneck_assets_tests.bench.measuring import Cost, FailedRunError, measure, middle
from bottleneck_assets_tests.bench.reporting import END, START, Result, has_place, markdown, write_between_markers

if TYPE_CHECKING:
    from collections.abc import Callable

BARE = Path(__file__).with_name("bare.py")
BOTTLENECK = Path(sysconfig.get_path("scripts"), "bottleneck")
SAMPLE_SEED = 2022

err = Console(stderr=True, highlight=False, soft_wrap=True)


def _scales(_context: click.Context, _option: click.Parameter, given: str) -> tuple[int, ...]:
    scales = [part.strip() for part in given.split(",")]
    if not all(scale.isdecimal() and int(scale) for scale in scales):
        message = f"{given!r} is not a list of whole numbers from 1, such as 1,10,100"
        raise click.BadParameter(message)
    return tuple(map(int, scales))


def _with_place(_context: click.Context, _option: click.Parameter, file: Path | None) -> Path | None:
    if file and not has_place(file):
        message = f"{file} has no {START} followed by {END}; put both where the table should stand"
        raise click.BadParameter(message)
    return file


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--scales", default="1,10,100", show_default=True, callback=_scales, help="How many times the shop's products, for each row.")
@click.option("--repeat", default=3, show_default=True, type=click.IntRange(min=1), help="Runs of each; the medians count.")
@click.option(
    "--export", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Bench this export in place of synthetic ones."
)
@click.option("--write", type=click.Path(path_type=Path), callback=_with_place, help="Put the table between the markers of this file, too.")
def main(scales: tuple[int, ...], repeat: int, export: Path | None, write: Path | None) -> None:
    """Time the bare DuckDB script and the refresh, each in fresh processes, and print a Markdown table.

    A run counts only if both wrote the same CSVs, byte for byte; else the files that differ are named, and the exit code is 1.
    """
    with TemporaryDirectory(prefix="bottleneck-bench-") as made:
        folder = Path(made)
        try:
            if export:
                results = [_bench(1, export.resolve(), folder, repeat)]
            else:
                results = [_bench(scale, _sample(folder, scale), folder, repeat) for scale in scales]
        except FailedRunError as failure:
            err.print(str(failure), style="red", markup=False)
            sys.exit(1)
    source = f"Export `{export.name}`" if export else f"Synthetic exports (seed {SAMPLE_SEED})"
    table = markdown(results, export=source, repeat=repeat, day=dt.datetime.now(dt.UTC).date())
    if write:
        write_between_markers(write, table)
    click.echo(table)


def _sample(folder: Path, scale: int) -> Path:
    path = folder / f"sample_{scale}.db"
    with err.status(f"scale {scale}: writing the export"):
        write_sample_export(path, scale=scale, seed=SAMPLE_SEED)
    return path


def _bench(scale: int, export: Path, folder: Path, repeat: int) -> Result:
    """Run both by turns, so that a busy minute of the machine falls on both."""
    with closing(sqlite3.connect(f"{export.as_uri()}?mode=ro", uri=True)) as connection:
        (rows,) = connection.execute("select count(*) from sales").fetchone()
    pairs = [_bench_once(export, folder, f"scale {scale}, run {run} of {repeat}") for run in range(1, repeat + 1)]
    bare, refresh = zip(*pairs, strict=True)
    return Result(scale, rows, middle(bare), middle(refresh))


def _bench_once(export: Path, folder: Path, title: str) -> tuple[Cost, Cost]:
    """Run the bare script, then the refresh into an empty data folder. Raises FailedRunError if a CSV differs."""
    bare = _timed(f"{title}: bare script", folder / "bare", lambda out: [sys.executable, str(BARE), str(export), str(out)])
    refresh = _timed(
        f"{title}: refresh", folder / "refresh", lambda out: [str(BOTTLENECK), "refresh", "--export", str(export), "--data-dir", str(out)]
    )
    if differing := differing_files(folder / "bare" / "out", folder / "refresh" / "out" / "extracts" / "latest"):
        message = f"{title}: the refresh and the bare script differ in {', '.join(differing)}."
        raise FailedRunError(message)
    return bare, refresh


def _timed(title: str, folder: Path, command: Callable[[Path], list[str]]) -> Cost:
    """Run a command that writes into the folder `out` of a new folder, without the settings that this shell may hold."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("BOTTLENECK_", "DAGSTER_"))}
    with err.status(title):
        cost = measure(command(folder / "out"), folder, environment)
    err.print(f"{title}: {cost.seconds:.1f} s, {cost.cpu_seconds:.1f} s of CPU, {cost.peak_bytes / 1e6:,.0f} MB")
    return cost


if __name__ == "__main__":
    main()
