"""Measures what one command costs in a fresh process: wall seconds, CPU seconds, peak memory.

Belongs here: the clock and the scales. Never here: what is run, what is expected of it. POSIX only, for the CPU seconds.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import psutil

if sys.platform != "win32":
    import resource

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SAMPLED_EVERY_SECONDS = 0.02
LISTED_EVERY_SAMPLES = 10
_TAIL_CHARACTERS = 2_000


@dataclass(frozen=True)
class Cost:
    """What one run took: seconds on the clock, seconds of CPU (user and system, children included), bytes at the peak."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int


class FailedRunError(Exception):
    """A measured command that failed; the message ends with what it printed last."""


def measure(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Cost:
    """Run a command in a folder, with nothing else running under this process, and return its cost. Raises FailedRunError."""
    before = _children_cpu_seconds()
    started = time.perf_counter()
    with (folder / "output.log").open("w+", encoding="utf-8", errors="replace") as output:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        peak = _Peak(process.pid)
        try:
            code = process.wait()
            seconds = time.perf_counter() - started
        except BaseException:
            process.kill()
            process.wait()
            raise
        finally:
            peak.stop()
        if code:
            output.seek(0)
            message = f"{' '.join(command)} ended with {code}:\n{output.read()[-_TAIL_CHARACTERS:]}"
            raise FailedRunError(message)
    return Cost(seconds, _children_cpu_seconds() - before, peak.bytes)


def middle(costs: Sequence[Cost]) -> Cost:
    """Return the medians of several runs, each measure by itself."""
    return Cost(
        median(cost.seconds for cost in costs), median(cost.cpu_seconds for cost in costs), int(median(cost.peak_bytes for cost in costs))
    )


class _Peak(threading.Thread):
    """Watches the resident memory of a process and all under it, summed, until stopped."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.bytes = 0
        self._root = psutil.Process(pid)
        self._ended = threading.Event()
        self.start()

    def run(self) -> None:
        family, samples = [self._root], 0
        while True:
            # to list the children is to read the whole process table, which would take a tenth of a core from what is measured
            if samples % LISTED_EVERY_SAMPLES == 0:
                family = _family(self._root)
            self.bytes = max(self.bytes, sum(_resident_bytes(process) for process in family))
            samples += 1
            if self._ended.wait(SAMPLED_EVERY_SECONDS):
                return

    def stop(self) -> None:
        self._ended.set()
        self.join()


def _family(root: psutil.Process) -> list[psutil.Process]:
    try:
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return [root]


def _resident_bytes(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except (psutil.NoSuchProcess, psutil.AccessDenied):  # it has just ended
        return 0


def _children_cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
