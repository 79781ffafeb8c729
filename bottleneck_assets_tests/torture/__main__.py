"""Tries to break the workflow: `python -m bottleneck_assets_tests.torture`, in full (`make torture`) or, with --short, as CI does.

Belongs here: holding the trials one after the other, the table of what they found, and the exit code. Never here: a trial.
"""

from __future__ import annotations

import datetime as dt
import os
import platform
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import Console

from bottleneck_assets_tests.bench.reporting import write_between_markers
from bottleneck_assets_tests.torture import concurrency, crashes, exports, portal, resources
from bottleneck_assets_tests.torture.trials import Outcome, Scope, Trial

TRIALS: dict[str, Trial] = {trial.name: trial for module in (crashes, resources, concurrency, exports, portal) for trial in module.TRIALS}
START, END = "<!-- torture:start -->", "<!-- torture:end -->"
err = Console(stderr=True, highlight=False, soft_wrap=True)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1, type=click.Choice(list(TRIALS)))
@click.option("--short", is_flag=True, help="As CI does: fewer times, a few minutes in all.")
@click.option("--write", type=click.Path(path_type=Path, exists=True), help="Put the table between the markers of this file.")
def main(names: tuple[str, ...], *, short: bool, write: Path | None) -> None:
    """Hold the trials, all of them unless some are named, and print one table; exit with 1 if anything was lost."""
    os.environ["BOTTLENECK_REPORTS"] = "false"
    found: list[tuple[Trial, Outcome, float]] = []
    for trial in (TRIALS[name] for name in names or TRIALS):
        err.print(f"[bold]{trial.name}[/]: {trial.promise}")
        with TemporaryDirectory(prefix=f"torture-{trial.name}-") as folder:
            started = time.monotonic()
            for outcome in trial.hold(Scope(not short, Path(folder), lambda text: err.print(f"  {text}", style="dim"))):
                seconds, started = time.monotonic() - started, time.monotonic()
                found.append((trial, outcome, seconds))
                err.print(f"  {outcome.fault}: {outcome.times:,} times, {len(outcome.losses)} losses, {seconds:.0f} s")
                for loss in outcome.losses:
                    err.print(f"    {loss}", style="red", markup=False)
    table = _table(found)
    print(table)  # noqa: T201 - the report
    if write:
        write_between_markers(write, f"{table}\n\n{_setting(short=short)}", START, END)
    sys.exit(any(outcome.losses for _, outcome, _ in found))


def _table(found: list[tuple[Trial, Outcome, float]]) -> str:
    rows = [
        f"| {trial.name} | {outcome.fault} | {outcome.times:,} | {len(outcome.losses)} | {seconds:,.0f} |"
        for trial, outcome, seconds in found
    ]
    times, losses, spent = (
        sum(found_in) for found_in in zip(*((one.times, len(one.losses), seconds) for _, one, seconds in found), strict=True)
    )
    total = f"| all | | {times:,} | {losses} | {spent:,.0f} |"
    return "\n".join(["| trial | fault or load | times | losses | seconds |", "|---|---|---:|---:|---:|", *rows, total])


def _setting(*, short: bool) -> str:
    form = "the short form" if short else "in full"
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    return f"{dt.datetime.now(dt.UTC):%Y-%m-%d}, {form}, {machine}."


if __name__ == "__main__":
    main()
