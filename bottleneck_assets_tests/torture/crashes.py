"""Kills refreshes: at moments spread over their whole length, while they publish, and at the system calls that change what is on disk.

Belongs here: where a refresh is killed, and what must hold after it. Never here: what runs out (resources.py), what runs beside it
(concurrency.py).
"""

from __future__ import annotations

import os
import random
import re
import shutil
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from bottleneck_assets_tests.torture.refreshing import TRACED, Ground, Refresh, can_trace, spread
from bottleneck_assets_tests.torture.trials import Outcome, Scope, Trial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

MENDED_AFTER = 10
"""Kills, one upon the other, after which a refresh is left alone."""
TRIES = 2
"""As often is a call tried as refreshes are to be killed: threads share their work as they like, and none may come to that call."""
CHANGING = "rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,rmdir,mkdir,mkdirat,ftruncate,fsync,fdatasync"
"""The system calls that change what is on disk; writing itself is left to time, since there are thousands."""
_CALL = re.compile(r"(?P<thread>\d+) +(?P<call>\w+)\(")


@dataclass
class Killing:
    """Kills refreshes one upon the other in one data folder, and now and then lets one finish."""

    ground: Ground
    data_dir: Path
    fresh: bool
    told: Callable[[str], None]
    environment: dict[str, str] = field(default_factory=dict)
    losses: list[str] = field(default_factory=list)
    times: int = 0

    def begun(self) -> Refresh:
        """Start a refresh, in a folder with a release of another export, or in an empty one."""
        if not self.data_dir.exists() and not self.fresh:
            self.ground.copied(self.data_dir)
        return self.through(())

    def through(self, tracer: Sequence[str]) -> Refresh:
        """Start a refresh under a program that watches it."""
        if self.fresh:
            return Refresh(self.data_dir, through=tracer, environment=self.environment)
        return Refresh(self.data_dir, self.ground.second, "--force", through=tracer, environment=self.environment)

    def judged(self, moment: str) -> None:
        """Note what is lost after a kill, and after every few of them what is lost after the refresh that comes next."""
        self.times += 1
        self.losses += [f"killed {moment}: {loss}" for loss in self.ground.lost(self.data_dir)]
        if self.times % MENDED_AFTER == 0:
            self.mended(moment)

    def mended(self, moment: str) -> None:
        """Let the next refresh finish, then one of another export, and note what is lost; the next kill meets a folder as at the start."""
        self.told(f"{self.times} kills")
        if self.data_dir.exists():
            lost = self.ground.not_mended(self.data_dir, None if self.fresh else self.ground.second, self.environment)
            lost += self.ground.not_mended(self.data_dir, self.ground.first, self.environment, forced=False)
            self.losses += [f"after {self.times} kills, the last {moment}: {loss}" for loss in lost]
            shutil.rmtree(self.data_dir)


def held(scope: Scope) -> Iterable[Outcome]:
    """Kill refreshes, first by the clock, then by what they do."""
    ground = Ground.laid(scope.folder / "ground")
    scope.told(f"an undisturbed refresh takes {ground.seconds:.1f} s")
    by_clock: Sequence[tuple[str, int, bool, bool, dict[str, str]]] = [
        ("SIGKILL, by the clock, where a release is", scope.times(3, 40), False, False, {}),
        ("SIGKILL, by the clock, where nothing is yet", scope.times(1, 10), True, False, {}),
        ("SIGKILL to the main process alone", scope.times(2, 10), False, True, {}),
        ("SIGKILL, by the clock, with reports", scope.times(1, 8), False, False, {"BOTTLENECK_REPORTS": "true"}),
    ]
    for number, (fault, times, fresh, alone, environment) in enumerate(by_clock):
        killing = Killing(ground, scope.folder / f"clock{number}", fresh, scope.told, environment)
        length = ground.seconds if not environment else _seconds_with(killing)
        for moment in spread(times, length, seed=number):
            _killed_after(killing, moment, alone=alone)
        killing.mended("by the clock")
        yield Outcome(fault, killing.times, killing.losses)
    yield _while_publishing(ground, scope)
    yield from _at_system_calls(ground, scope)


def _seconds_with(killing: Killing) -> float:
    refresh = killing.begun()
    return refresh.ended().seconds


def _killed_after(killing: Killing, seconds: float, *, alone: bool) -> None:
    refresh = killing.begun()
    while refresh.is_under_way() and refresh.seconds < seconds:
        time.sleep(0.005)
    refresh.killed(alone=alone)
    killing.judged(f"after {seconds:.3f} s")


def _while_publishing(ground: Ground, scope: Scope) -> Outcome:
    """Kill once the publication has written so many files, and once the new release has its name."""
    killing = Killing(ground, scope.folder / "publishing", fresh=False, told=scope.told)
    files = len(ground.made_of[ground.second])
    times = scope.times(3, 20)
    for part in range(times):
        written = files * part // (times - 2)  # the last two: when all are written, and when the release has its name
        refresh, before = killing.begun(), set(killing.data_dir.glob("extracts/*"))  # also what kills have left
        while refresh.is_under_way() and not _has_come_to(killing.data_dir, written, files, before):
            time.sleep(0.001)
        refresh.killed()
        killing.judged(f"with {written} of {files} files written")
    killing.mended("while publishing")
    return Outcome("SIGKILL, while it publishes", killing.times, killing.losses)


def _has_come_to(data_dir: Path, written: int, files: int, before: set[Path]) -> bool:
    new = set(data_dir.glob("extracts/*")) - before
    if written > files:
        return any(not path.name.startswith(".") for path in new)
    # by os.walk, which does not mind that a folder is renamed meanwhile
    return any(sum(len(names) for *_, names in os.walk(path)) >= written for path in new if path.name.startswith(".building-"))


def _at_system_calls(ground: Ground, scope: Scope) -> Iterator[Outcome]:
    """Kill on entering a system call: the first of its kind in a thread, the second, and so on, spread over all there are."""
    if not can_trace():
        yield Outcome("SIGKILL at system calls: not held, for lack of strace", 0, [])
        return
    for name, fresh, times in (("where a release is", False, scope.times(5, 20)), ("where nothing is yet", True, scope.times(2, 10))):
        killing = Killing(ground, scope.folder / f"calls-{fresh}", fresh, scope.told)
        for call, number in _chosen(_calls(killing), TRIES * times):
            if killing.times == times:
                break
            if not fresh and not killing.data_dir.exists():
                ground.copied(killing.data_dir)
            # stopping at these calls alone (--seccomp-bpf) would be faster, and sends no signal
            tracer = [*TRACED, "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={number}"]
            if killing.through(tracer).ended().code:
                killing.judged(f"at {call} number {number} of a thread")
            else:  # its threads have shared the work in another way, and none of them came so far
                shutil.rmtree(killing.data_dir)
        killing.mended("at a system call")
        if killing.times < times / 3:
            killing.losses.append(f"only {killing.times} of {times} refreshes were killed")
        yield Outcome(f"SIGKILL at system calls, {name}", killing.times, killing.losses)


def _calls(killing: Killing) -> list[tuple[str, int]]:
    """Return which calls one thread or other of a refresh makes, each with its number among its like in that thread."""
    log = killing.data_dir.with_suffix(".strace")
    if not killing.fresh:
        killing.ground.copied(killing.data_dir)
    assert killing.through([*TRACED, "--seccomp-bpf", "-o", str(log), "-e", f"trace={CHANGING}"]).ended().code == 0
    shutil.rmtree(killing.data_dir)
    made = Counter((found["thread"], found["call"]) for found in map(_CALL.match, log.read_text().splitlines()) if found)
    most: dict[str, int] = {}
    for (_, call), count in made.items():
        most[call] = max(count, most.get(call, 0))
    return [(call, number) for call in sorted(most) for number in range(1, most[call] + 1)]


def _chosen(calls: Sequence[tuple[str, int]], times: int) -> list[tuple[str, int]]:
    """Draw so many of the calls, spread over all there are, in any order."""
    drawn = random.Random(times)  # noqa: S311 - any will do
    bounds = [len(calls) * part // times for part in range(times + 1)]
    chosen = [calls[drawn.randrange(low, high)] for low, high in pairwise(bounds) if low < high]
    return drawn.sample(chosen, len(chosen))


TRIALS = (
    Trial("crashes", "A refresh that is killed, at whatever moment, leaves the last release whole, and the next one needs no help.", held),
)
