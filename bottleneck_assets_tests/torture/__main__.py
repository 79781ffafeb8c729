"""Tries to break the workflow: `python -m bottleneck_assets_tests.torture`, in full (`make nightly`) or, with --short, in minutes.

Belongs here: holding the trials, one a core, the table of what they found, and the exit code. Never here: a trial.
"""

from __future__ import annotations

import datetime as dt
import os
import platform
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bottleneck_assets_tests.bench.reporting import write_between_markers
from bottleneck_assets_tests.torture import (
    concurrency,
    crashes,
    exports,
    extremes,
    flips,
    portal,
    power_cuts,
    resources,
    spellings,
    starting,
)
from bottleneck_assets_tests.torture.trials import Outcome, Trial, held

if TYPE_CHECKING:
    from collections.abc import Sequence

MODULES = (crashes, power_cuts, resources, concurrency, starting, exports, extremes, spellings, flips, portal)
TRIALS: dict[str, Trial] = {trial.name: trial for module in MODULES for trial in module.TRIALS}
START, END = "<!-- torture:start -->", "<!-- torture:end -->"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1, type=click.Choice(list(TRIALS)))
@click.option("--short", is_flag=True, help="Fewer times, a few minutes in all.")
@click.option("--write", type=click.Path(path_type=Path, exists=True), help="Put the table between the markers of this file.")
def main(names: tuple[str, ...], *, short: bool, write: Path | None) -> None:
    """Hold the trials, all of them unless some are named, and print one table; exit with 1 if anything was lost."""
    os.environ["BOTTLENECK_REPORTS"] = "false"
    trials = [TRIALS[name] for name in names or TRIALS]
    # processes begun anew, not copies of this one: a trial changes its environment, and starts threads
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as processes:
        outcomes = processes.map(partial(held, in_full=not short), trials)
        found = [(trial, outcome, seconds) for trial, held_of_it in zip(trials, outcomes, strict=True) for outcome, seconds in held_of_it]
    table = _table(found)
    click.echo(table)
    if write:
        write_between_markers(write, f"{table}\n\n{_setting(short=short)}", START, END)
    sys.exit(any(outcome.losses for _, outcome, _ in found))


def _table(found: Sequence[tuple[Trial, Outcome, float]]) -> str:
    rows = [(trial.name, outcome.fault, outcome.times, len(outcome.losses), seconds) for trial, outcome, seconds in found]
    sums = ("all", "", *(sum(row[column] for row in rows) for column in (2, 3, 4)))
    lines = [f"| {name} | {fault} | {times:,} | {losses} | {seconds:,.0f} |" for name, fault, times, losses, seconds in (*rows, sums)]
    return "\n".join(["| trial | fault or load | times | losses | seconds |", "|---|---|---:|---:|---:|", *lines])


def _setting(*, short: bool) -> str:
    form = "The short form" if short else "In full"
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    return f"{form}, {dt.datetime.now(dt.UTC):%Y-%m-%d}, {machine}."


if __name__ == "__main__":
    main()
