"""Refreshes as processes of their own, which a trial may limit, kill or let run, and what must hold after each.

Belongs here: the exports and data folders that trials start from, starting a refresh, and judging how one ended. Never here: a fault.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bottleneck_assets.sample.export import write_sample_export
from bottleneck_assets.source.exports import SAMPLE_NAME
from bottleneck_assets_tests.running import BOTTLENECK
from bottleneck_assets_tests.torture.trials import MARK, content, left_over, whole

if sys.platform != "win32":
    import resource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

LIMIT_SECONDS = 300
"""How long a refresh may take on a machine that has other things to do."""
WAITING = "Another refresh is writing; waiting for it to finish ..."
LIBRARIES = ("OpenBLAS", "<jemalloc>")
"""What libraries of C say of themselves where memory is scarce, past all that Python could hold back."""
SAMPLE_SEED = 2022
TRACED = ["strace", "-f", "-qq"]
"""What a refresh is started through to be stopped at system calls; `--seccomp-bpf` makes it faster, and lets no signal through."""
REPORTS = ("report/", "dashboard/", "tableau/", "semantic_model.", "data_dictionary.csv")
"""What a refresh without reports leaves out or does not list. Some of it says when it was made; Hyper writes no bytes twice."""


@dataclass(frozen=True)
class Ended:
    """How a refresh ended: its exit code (minus the signal that killed it), what it said on stderr, its seconds, and whether it waited."""

    code: int
    said: Sequence[str]
    seconds: float
    waited: bool = False

    def clearly(self, *words: str) -> list[str]:
        """Return what is lost if it neither succeeded nor was refused in two lines, one of which has one of the words, if any are given."""
        told = f"exit code {self.code}, {' / '.join(self.said)[-600:]!r}"
        if any("Traceback" in line for line in self.said):
            return [f"a traceback: {told}"]
        if self.code == 0:
            return [f"success, and yet {told}"] if self.said else []
        if self.code != 1 or len(self.said) != 2:
            return [f"not two lines and exit code 1: {told}"]
        if words and not any(word.lower() in line.lower() for word in words for line in self.said):
            return [f"two lines that do not say what is wrong ({' or '.join(words)}): {told}"]
        return []


class Refresh:
    """A refresh under way, in a process group of its own."""

    def __init__(
        self,
        data_dir: Path,
        export: Path | None = None,
        *arguments: str,
        before: Callable[[], None] | None = None,
        through: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start it; `before` is called first in the new process, and `through` is a program that is to start it."""
        chosen = ["--export", str(export)] if export else []
        self._began = time.monotonic()
        self.process = subprocess.Popen(
            [*through, BOTTLENECK, "refresh", "--data-dir", str(data_dir), *chosen, *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "BOTTLENECK_REPORTS": "false", **(environment or {}), MARK: str(data_dir)},
            start_new_session=True,
            preexec_fn=before,  # noqa: PLW1509 - limits, set where no thread holds a lock that they need
        )

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self._began

    def is_under_way(self) -> bool:
        return self.process.poll() is None

    def killed(self, *, alone: bool = False) -> None:
        """Kill it: with all that it has started, or alone."""
        if self.is_under_way():  # else its number may be another's by now
            with suppress(ProcessLookupError):
                (os.kill if alone else os.killpg)(self.process.pid, signal.SIGKILL)
        assert self.process.stderr
        self.process.stderr.close()  # what it has started holds the other end for as long as it lives
        self.process.wait()

    def ended(self, limit: float = LIMIT_SECONDS) -> Ended:
        """Wait for its end; one that is late is killed, and its exit code says so."""
        try:
            _, said = self.process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            _, said = self.process.communicate()
            said += f"\nIt was not done within {limit} s."
        lines = [line for line in said.splitlines() if line.strip() and line.strip() != WAITING and not line.startswith(LIBRARIES)]
        return Ended(self.process.returncode, lines, self.seconds, WAITING in said)


@dataclass(frozen=True)
class Ground:
    """What trials start from: three exports, what an undisturbed refresh makes of each, and a data folder with a release of the first.

    The third is the one that a refresh makes for itself where there is none. And the seconds that a refresh takes.
    """

    first: Path
    second: Path
    sample: Path
    made_of: Mapping[Path, Mapping[str, str]]
    prepared: Path
    seconds: float

    @classmethod
    def laid(cls, folder: Path) -> Ground:
        """Write the exports and refresh from each."""
        first, second, sample = exports = [folder / "first.db", folder / "second.db", folder / SAMPLE_NAME]
        made_of: dict[Path, Mapping[str, str]] = {}
        for seed, export in zip((1, 2, SAMPLE_SEED), exports, strict=True):
            write_sample_export(export, seed=seed)
            ended = Refresh(folder / export.stem, export).ended()
            assert (ended.code, ended.said) == (0, []), ended
            made_of[export] = tables(folder / export.stem / "extracts" / "latest")
        again = Refresh(folder / "second", second, "--force").ended()  # everything is in the page cache by now
        return cls(first, second, sample, made_of, folder / "first", again.seconds)

    def copied(self, data_dir: Path) -> Path:
        """Put the prepared data folder, with its release, to another place."""
        return shutil.copytree(self.prepared, data_dir, symlinks=True, dirs_exist_ok=True)

    def lost(self, data_dir: Path, *, of: Sequence[Path] | None = None) -> list[str]:
        """Return what is lost: a release that is not whole, or whose tables are not what an undisturbed refresh makes of an export."""
        lost = whole(data_dir)
        for release in [] if lost else published(data_dir):
            found = tables(release)
            if found not in [self.made_of[export] for export in of or self.made_of]:
                lost.append(f"{release.name} does not hold what an undisturbed refresh makes")
        return lost

    def not_mended(
        self, data_dir: Path, export: Path | None = None, environment: Mapping[str, str] | None = None, *, forced: bool = True
    ) -> list[str]:
        """Return what is lost if the next refresh, left alone, does not succeed, leaves anything, or makes something else.

        Without an export it is one that makes the sample, and reads that. Forced, it makes everything again, else what has changed.
        """
        ended = Refresh(data_dir, export, *(["--force"] if forced else []), environment=environment).ended()
        if (ended.code, ended.said) != (0, []):
            return [f"the next refresh failed: exit code {ended.code}, {' / '.join(ended.said)[-600:]!r}"]
        lost = [*self.lost(data_dir), *left_over(data_dir)]
        if ended.waited:
            lost.append("the next refresh found that another one was writing")
        if tables(data_dir / "extracts" / "latest") != self.made_of[export or self.sample]:
            lost.append("the next refresh does not make what an undisturbed one makes")
        return lost


def published(data_dir: Path) -> list[Path]:
    """Return the releases of a data folder, in no order."""
    return [path for path in data_dir.glob("extracts/*") if path.is_dir() and not path.is_symlink() and not path.name.startswith(".")]


def tables(release: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of a release that is the same whenever it is made."""
    return {path: sha256 for path, sha256 in content(release).items() if not path.startswith(REPORTS)}


def limited(what: int, most: int) -> Callable[[], None]:
    """Return what sets a limit of the system for a new process."""

    def set_limit() -> None:
        resource.setrlimit(what, (most, most))

    return set_limit


def spread(times: int, length: float, *, seed: int) -> list[float]:
    """Return moments over a length and a little beyond it: one in each of as many parts, at a place that the seed draws."""
    drawn = random.Random(seed)  # noqa: S311 - any will do
    return [length * 1.05 * (part + drawn.random()) / times for part in range(times)]


def can_trace() -> bool:
    """Tell whether processes can be stopped at system calls here."""
    tried = [*TRACED, "--seccomp-bpf", "-o", os.devnull, "-e", "trace=rename", "true"]
    return bool(shutil.which("strace")) and subprocess.run(tried, check=False, capture_output=True).returncode == 0
