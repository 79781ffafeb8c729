"""Cuts the power: a refresh is recorded once, call by call, and its folder put into the states that a cut at any of them may leave.

Belongs here: at which calls, and what must hold of each state. Never here: what a disk keeps (disk.py), what kills a process (crashes.py).
"""

from __future__ import annotations

import random
import shutil
from typing import TYPE_CHECKING, get_args

from bottleneck_assets_tests.torture.disk import NAMING, RECORDING, Disk, Forgotten, read_calls
from bottleneck_assets_tests.torture.refreshing import TRACED, Ground, Refresh, can_trace, tables
from bottleneck_assets_tests.torture.trials import Outcome, Scope, Trial, left_over

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from bottleneck_assets_tests.torture.disk import Call

MADE_AGAIN = "It is made again."


def held(scope: Scope) -> Iterable[Outcome]:
    """Cut the power in the middle of refreshes: in one that follows a release, and in the first of all."""
    if not can_trace():
        yield Outcome("power cuts: not held, for lack of strace", 0, [])
        return
    ground = Ground.laid(scope.folder / "ground")
    for name, fresh, times in (("where a release is", False, scope.times(8, 150)), ("where nothing is yet", True, scope.times(2, 50))):
        losses, data_dir = list[str](), scope.folder / ("fresh" if fresh else "data")
        calls = _recorded(ground, data_dir, fresh=fresh)
        before = scope.folder / "before"
        if not fresh:
            ground.copied(before)
        for number, (cut, forgotten, given) in enumerate(_chosen(calls, times)):
            scope.told(f"cut {number + 1} of {times}, after {cut} of {len(calls)} calls")
            told = f"cut after call {cut} ({calls[cut - 1].what} {calls[cut - 1].path}), {forgotten} kept, {given:.2f} of the names"
            losses += [f"{told}: {loss}" for loss in _lost(ground, data_dir, before, calls[:cut], forgotten, given, fresh=fresh)]
        yield Outcome(f"power cut, {name}", times, losses)


def _recorded(ground: Ground, data_dir: Path, *, fresh: bool) -> list[Call]:
    log = data_dir.with_suffix(".strace")
    if not fresh:
        ground.copied(data_dir)
    arguments = [] if fresh else [ground.second, "--force"]
    ended = Refresh(data_dir, *arguments, through=[*TRACED, "--seccomp-bpf", "-o", str(log), *RECORDING]).ended()
    assert (ended.code, ended.said) == (0, []), ended
    with log.open(encoding="latin-1") as lines:
        calls = list(read_calls(lines, data_dir))
    log.unlink()
    return calls


def _chosen(calls: Sequence[Call], times: int) -> list[tuple[int, Forgotten, float]]:
    """Choose after which calls the power is cut, in their order: half of them just after one that syncs, or gives or takes a name."""
    drawn = random.Random(times)  # noqa: S311 - any will do
    telling = [number + 1 for number, call in enumerate(calls) if call.what in NAMING or call.what == "fsync"]
    cuts = [telling[len(telling) * part // (times // 2)] for part in range(times // 2)]
    cuts += [1 + drawn.randrange(len(calls)) for _ in range(times - len(cuts))]
    kinds = get_args(Forgotten)
    return [(cut, kinds[number % len(kinds)], drawn.choice([1.0, drawn.random()])) for number, cut in enumerate(sorted(cuts))]


def _lost(
    ground: Ground, data_dir: Path, before: Path, calls: Sequence[Call], forgotten: Forgotten, given: float, *, fresh: bool
) -> list[str]:
    shutil.rmtree(data_dir, ignore_errors=True)
    if not fresh:
        shutil.copytree(before, data_dir, symlinks=True)
    disk = Disk(data_dir)
    for call in calls:
        disk.make(call)
    disk.left_by_a_cut(forgotten, given)
    lost, latest = ground.lost(data_dir), data_dir / "extracts" / "latest"
    last = latest.resolve()
    ended = Refresh(data_dir, None if fresh else ground.second).ended()
    untold = [line for line in ended.said if not line.endswith(MADE_AGAIN)]
    if ended.code or untold:
        return [*lost, f"the next refresh failed: exit code {ended.code}, {' / '.join(untold)[-600:]!r}"]
    if tables(latest) != ground.made_of[ground.sample if fresh else ground.second]:
        lost.append("the next refresh does not make what an undisturbed one makes")
    # one that finds nothing changed makes nothing, and clears nothing away: the next that does will
    return [*lost, *ground.lost(data_dir), *(left_over(data_dir) if latest.resolve() != last else [])]


TRIALS = (Trial("power-cuts", "After a power cut the last release is whole, and the next refresh needs no help.", held),)
