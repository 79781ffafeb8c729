"""What a trial is: something done to the workflow, many times, and every loss that it led to.

Belongs here: what all trials have in common: how they are held, their outcome, and telling a whole data folder from one that is not.
Never here: what is done in any one of them (crashes.py, resources.py, concurrency.py, exports.py, portal.py).

A loss is a sentence: what was promised, and what was found instead, with all that is needed to see it again.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import psutil
from rich.console import Console

from bottleneck_assets.release.manifest import MANIFEST
from bottleneck_assets.settings import LATEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

MARK = "TORTURED_DATA_DIR"
"""The environment variable by which the processes that a trial started are known, and all that those started."""
ENDS_SECONDS = 30
"""Within which what a killed process has started ends by itself: no measurement takes longer."""
LASTING = {".made.json", ".setup.lock", ".db", ".db-wal", ".db-shm"}
"""Hidden files that are there to stay: what a rendered document was made from, a lock that nobody holds, Dagster's events of no run."""


@dataclass(frozen=True)
class Scope:
    """How a trial is held: in full, or in the short form; in a folder of its own; with a way to say how far it is."""

    in_full: bool
    folder: Path
    told: Callable[[str], None]

    def times(self, short: int, full: int) -> int:
        """Return how often something is done."""
        return full if self.in_full else short


@dataclass(frozen=True)
class Outcome:
    """What a trial found: how often which fault was set or which load was held, and the losses."""

    fault: str
    times: int
    losses: Sequence[str]


@dataclass(frozen=True)
class Trial:
    """One trial: its name, the promise that it tries to break, and how it is held. It yields an outcome for each kind of fault."""

    name: str
    promise: str
    hold: Callable[[Scope], Iterable[Outcome]]


def held(trial: Trial, *, in_full: bool) -> list[tuple[Outcome, float]]:
    """Hold a trial, saying how far it is, and return its outcomes, each with the seconds that it took."""
    err, found = Console(stderr=True, highlight=False, soft_wrap=True), list[tuple[Outcome, float]]()
    err.print(f"[bold]{trial.name}[/]: {trial.promise}")
    with TemporaryDirectory(prefix=f"torture-{trial.name}-") as folder:
        started = time.monotonic()
        for outcome in trial.hold(Scope(in_full, Path(folder), lambda text: err.print(f"  {trial.name}: {text}", style="dim"))):
            seconds, started = time.monotonic() - started, time.monotonic()
            found.append((outcome, seconds))
            err.print(f"  {trial.name}: {outcome.fault}: {outcome.times:,} times, {len(outcome.losses)} losses, {seconds:.0f} s")
            for loss in outcome.losses:
                err.print(f"    {loss}", style="red", markup=False)
    return found


def whole(data_dir: Path) -> list[str]:
    """Return what is lost in a data folder: a release that is not what its manifest says, or a `latest` that points at none.

    Where no release was made yet there is no `latest`, and one may be there without it until the next refresh: it was the first.
    """
    extracts, lost = data_dir / "extracts", list[str]()
    releases = [folder for folder in extracts.glob("*") if not folder.name.startswith(".") and folder.name != LATEST]
    for release in releases:
        lost += [f"{release.name}: {problem}" for problem in _unlike_its_manifest(release)]
    latest = extracts / LATEST
    if (len(releases) > 1 or latest.is_symlink()) and latest.resolve() not in {release.resolve() for release in releases}:
        lost.append(f"{LATEST} points at {latest.resolve()}, which is no release")
    return lost


def left_over(data_dir: Path, seconds: float = ENDS_SECONDS) -> list[str]:
    """Return what a refresh that has succeeded should have cleared away: temporary files and folders, and processes that work in it.

    Processes may take some seconds to end by themselves.
    """
    hidden = [
        path for folder in ("warehouse", "extracts", "documents", "exports", "dagster_home") for path in (data_dir / folder).rglob(".*")
    ]
    left = [f"{path.relative_to(data_dir)} is left" for path in hidden if path.name not in LASTING]
    return left + [f"the process {process.pid} is left: {_command(process)[:200]}" for process in _still_there(data_dir, seconds)]


def _still_there(data_dir: Path, seconds: float) -> list[psutil.Process]:
    ends = time.monotonic() + seconds
    while (left := [process for process in psutil.process_iter() if _works_in(process, data_dir)]) and time.monotonic() < ends:
        time.sleep(0.2)
    return left


def _works_in(process: psutil.Process, data_dir: Path) -> bool:
    try:
        marked = process.environ().get(MARK) == str(data_dir)
    except psutil.Error:
        marked = False
    return process.pid != os.getpid() and (marked or str(data_dir) in _command(process))


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def content(release: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of a release but its manifest, which says when it was published."""
    files = [path for path in release.rglob("*") if path.is_file() and path.name != MANIFEST]
    return {str(path.relative_to(release)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _unlike_its_manifest(release: Path) -> list[str]:
    try:
        listed = {file["path"]: file["sha256"] for file in json.loads((release / MANIFEST).read_bytes())["files"]}
    except (OSError, ValueError, KeyError) as error:
        return [f"its manifest cannot be read: {error}"]
    there = content(release)
    return [
        *(f"{path} is missing" for path in listed.keys() - there.keys()),
        *(f"{path} is not listed" for path in there.keys() - listed.keys()),
        *(f"{path} is not what was published" for path in listed.keys() & there.keys() if listed[path] != there[path]),
    ]
