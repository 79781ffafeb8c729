"""Lets everything happen at once: the command line, the UI, sensor and schedule, readers all the while, exports replaced under a run.

Belongs here: what runs beside what, and what must hold while it does. Never here: killing (crashes.py), what runs out (resources.py).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import dagster as dg

from bottleneck_assets.defs.reasons import why_it_failed
from bottleneck_assets.sample.export import write_sample_export
from bottleneck_assets.source.exports import fingerprint
from bottleneck_assets_tests.running import FINISHED, LAUNCH, up, wait_for
from bottleneck_assets_tests.torture.refreshing import Ground, Refresh, published, spread, tables
from bottleneck_assets_tests.torture.trials import MARK, Outcome, Scope, Trial, content, left_over, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bottleneck_assets_tests.running import Run, Ui

READERS = 3
AT_ONCE = 10
KEEP_ALL = {"BOTTLENECK_RELEASES_KEPT": "1000"}
LOOKED_SECONDS = 180
"""Within which the sensor has looked at what was dropped, twice, and the daemon has queued its run."""
SETTLED_SECONDS = 900
"""Within which everything that was asked for is done."""


@dataclass
class Reader:
    """Reads the newest release over and over, as people do: finds out where `latest` points, then reads every file there."""

    extracts: Path
    losses: list[str] = field(default_factory=list)
    times: int = 0
    seen: set[str] = field(default_factory=set)
    done: threading.Event = field(default_factory=threading.Event)

    def read(self) -> None:
        """Read until told to stop."""
        while not self.done.is_set():
            self.once()
            time.sleep(0.02)

    def once(self) -> None:
        """Read one release, and note what is not as its manifest says."""
        release = (self.extracts / "latest").resolve()
        try:
            listed = {file["path"]: file["sha256"] for file in json.loads((release / "manifest.json").read_bytes())["files"]}
            unlike = [path for path, sha256 in listed.items() if hashlib.sha256((release / path).read_bytes()).hexdigest() != sha256]
        except (OSError, ValueError, KeyError) as error:
            self.losses.append(f"a reader of {release.name}: {error}")
        else:
            self.losses += [f"a reader of {release.name}: {path} is not what its manifest says" for path in unlike]
        self.seen.add(release.name)
        self.times += 1


@contextmanager
def read_all_the_while(data_dir: Path) -> Iterator[Sequence[Reader]]:
    """Read the newest release in several threads for as long as the block lasts."""
    readers = [Reader(data_dir / "extracts") for _ in range(READERS)]
    threads = [threading.Thread(target=reader.read) for reader in readers]
    for thread in threads:
        thread.start()
    try:
        yield readers
    finally:
        for reader, thread in zip(readers, threads, strict=True):
            reader.done.set()
            thread.join()


def _read(readers: Sequence[Reader]) -> Outcome:
    times, releases = sum(reader.times for reader in readers), len(set[str]().union(*(reader.seen for reader in readers)))
    return Outcome(f"readings of latest meanwhile, of {releases} releases", times, [loss for reader in readers for loss in reader.losses])


def many_at_a_time(scope: Scope, ground: Ground) -> Iterator[Outcome]:
    """Start ten refreshes at the same time, of two exports in turn: each publishes what it was asked for."""
    rounds, losses, times = scope.times(1, 2), list[str](), 0
    data_dir = ground.copied(scope.folder / "many")
    with read_all_the_while(data_dir) as readers:
        for _ in range(rounds):
            before = {path.name for path in published(data_dir)}
            exports = [(ground.first, ground.second)[number % 2] for number in range(scope.times(3, AT_ONCE))]
            running = [Refresh(data_dir, export, "--force", environment=KEEP_ALL) for export in exports]
            for number, refresh in enumerate(running):
                losses += [f"refresh {number} of {len(running)} at a time: {loss}" for loss in refresh.ended(SETTLED_SECONDS).clearly()]
            made = [path for path in published(data_dir) if path.name not in before]
            if sorted(_export_of(path)["sha256"] for path in made) != sorted(map(fingerprint, exports)):
                losses.append(f"{len(made)} releases of {len(exports)} refreshes, or not of the exports that were asked for")
            times += len(running)
            losses += ground.lost(data_dir)
    losses += [*_unfinished(readers), *left_over(data_dir)]
    yield Outcome("refreshes from the command line, all at a time", times, losses)
    yield _read(readers)


def _unfinished(readers: Sequence[Reader]) -> list[str]:
    return [] if all(reader.times for reader in readers) else ["a reader has read nothing"]


def _export_of(release: Path) -> dict[str, str]:
    return json.loads((release / "manifest.json").read_bytes())["export"]


def every_way_at_once(scope: Scope, ground: Ground) -> Iterator[Outcome]:
    """Run UI, portal, daemon and code server, and ask for refreshes by all ways: command line, UI, drop folder, schedule."""
    data_dir, losses = ground.copied(scope.folder / "ways"), list[str]()
    (data_dir / "exports").mkdir(exist_ok=True)
    dropped_in_all, asked_in_all, started_in_all = scope.times(2, 6), scope.times(2, 6), scope.times(2, 10)
    drops = [scope.folder / f"drop{number}.db" for number in range(dropped_in_all)]
    for number, drop in enumerate(drops):
        write_sample_export(drop, seed=100 + number)
    environment = {
        **KEEP_ALL,
        MARK: str(data_dir),
        "BOTTLENECK_NIGHTLY_AT": _in_minutes(2),
        "BOTTLENECK_TIME_ZONE": "UTC",
    }
    with read_all_the_while(data_dir) as readers:
        with up(data_dir, **environment) as (ui, _):
            running, asked = list[Refresh](), list[str]()
            for number in range(max(dropped_in_all, asked_in_all, started_in_all)):
                if number < dropped_in_all:
                    _dropped(drops[number], data_dir / "exports", number)
                if number < asked_in_all:
                    asked.append(_asked(ui, ground.first))
                if number < started_in_all:
                    running.append(Refresh(data_dir, ground.second, "--force", environment=KEEP_ALL))
                time.sleep(scope.times(2, 8))
            for number, refresh in enumerate(running):
                losses += [f"command line {number}: {loss}" for loss in refresh.ended(SETTLED_SECONDS).clearly()]
            runs = _settled(ui, drops[-1].name)
            losses += [
                f"the run of {_said_of(run)} ended as {run.status}: {_why(data_dir, run)}" for run in runs if run.status != "SUCCESS"
            ]
            losses += [f"the launch {run_id} is not among the runs" for run_id in asked if run_id not in {run.id for run in runs}]
        losses += [*whole(data_dir), *left_over(data_dir, 60)]
        releases = {path.name: path for path in published(data_dir)}
        succeeded = sum(run.status == "SUCCESS" for run in runs)
        made_before = sum(run.tags.get("bottleneck/launched_by") == "command line" for run in runs) - len(running)
        if len(releases) != succeeded:
            losses.append(f"{len(releases)} releases of {succeeded} runs that succeeded")
        by_export: dict[str, set[str]] = {}
        for release in releases.values():
            by_export.setdefault(_export_of(release)["sha256"], set()).add(json.dumps(tables(release), sort_keys=True))
        losses += [f"releases of the export {sha256[:8]} differ" for sha256, made in by_export.items() if len(made) > 1]
        if fingerprint(drops[-1]) not in by_export:
            losses.append("the export that was dropped last has no release")
    yield Outcome(
        f"command line, UI, drop folder and schedule at once: {len(runs) - made_before} runs",
        len(running) + len(asked) + len(drops),
        losses,
    )
    yield _read(readers)


def _settled(ui: Ui, last: str) -> Sequence[Run]:
    """Return all runs, once the sensor has seen the export that was dropped last, and none is under way or waits."""
    with suppress(AssertionError):  # the runs that are not done then are losses
        wait_for(lambda: ui.runs_of(last) or None, LOOKED_SECONDS)
        wait_for(lambda: all(run.status in FINISHED for run in ui.runs()) or None, SETTLED_SECONDS)
    return ui.runs()


def _said_of(run: Run) -> str:
    by = run.tags.get("dagster/sensor_name") or run.tags.get("dagster/schedule_name") or "hand"
    return f"{run.tags.get('bottleneck/export')}, started by {by}"


def _why(data_dir: Path, run: Run) -> str:
    """Return why a run failed, as an alert would say it."""
    with dg.DagsterInstance.from_config(str(data_dir / "dagster_home")) as instance:
        events = [entry.dagster_event for entry in instance.all_logs(run.id) if entry.dagster_event]
    reason = why_it_failed(events)
    return f"{reason.problem} {reason.remedy}"


def _in_minutes(minutes: int) -> str:
    return time.strftime("%H:%M", time.gmtime(time.time() + 60 * minutes))


def _dropped(export: Path, folder: Path, number: int) -> None:
    """Drop an export as a careful shop does: beside, then by renaming; the last is the newest."""
    beside = folder / f".{export.name}"
    shutil.copyfile(export, beside)
    os.utime(beside, (time.time() + number, time.time() + number))
    beside.rename(folder / export.name)


def _asked(ui: Ui, export: Path) -> str:
    """Launch the job as the UI does, from one export; return the run's id."""
    selector = {"repositoryLocationName": "bottleneck_assets", "repositoryName": "__repository__", "jobName": "refresh"}
    config = {"resources": {"workbench": {"config": {"export": str(export)}}}}
    launched = ui.ask(LAUNCH, params={"selector": selector, "runConfigData": config, "mode": "default"})["launchPipelineExecution"]
    assert launched["__typename"] == "LaunchRunSuccess", launched
    return launched["run"]["runId"]


def replaced_meanwhile(scope: Scope, ground: Ground) -> Iterator[Outcome]:
    """Replace the export while a run reads it: by renaming another over it, and by writing into it."""
    for fault, replace in (("an export replaced by renaming", _renamed_over), ("an export overwritten in its place", _overwritten)):
        times, losses = scope.times(2, 12), list[str]()
        data_dir = ground.copied(scope.folder / replace.__name__)
        moments = spread(times, ground.seconds, seed=times)
        for moment in moments:
            export = scope.folder / "shop.db"
            shutil.copyfile(ground.first, export)
            before = {path.name for path in published(data_dir)}
            refresh = Refresh(data_dir, export, "--force", environment=KEEP_ALL)
            while refresh.is_under_way() and refresh.seconds < moment:
                time.sleep(0.005)
            replace(ground.second, export)
            ended = refresh.ended()
            lost = [*ended.clearly("shop.db"), *ground.lost(data_dir)]
            made = [path for path in published(data_dir) if path.name not in before]
            if len(made) != (ended.code == 0):
                lost.append(f"{len(made)} releases of a run with exit code {ended.code}")
            lost += [loss for path in made for loss in _of_neither(path, ground)]
            losses += [f"after {moment:.2f} s: {loss}" for loss in lost]
        yield Outcome(fault, times, [*losses, *ground.not_mended(data_dir, ground.second)])


def _of_neither(release: Path, ground: Ground) -> list[str]:
    """Return what is lost if a release says that it is of one content, and holds what is made of another."""
    says = {fingerprint(export): export for export in (ground.first, ground.second)}.get(_export_of(release)["sha256"])
    if says is None:
        return [f"{release.name} says that it is of neither content"]
    found = {path: sha256 for path, sha256 in content(release).items() if path in ground.made_of[says]}
    return [] if found == ground.made_of[says] else [f"{release.name} says that it is of {says.name}, and is not"]


def _renamed_over(export: Path, place: Path) -> None:
    beside = place.with_suffix(".beside")
    shutil.copyfile(export, beside)
    beside.rename(place)


def _overwritten(export: Path, place: Path) -> None:
    content = export.read_bytes()
    with place.open("r+b", buffering=0) as target:
        for start in range(0, len(content), 1 << 16):
            target.write(content[start : start + (1 << 16)])
            time.sleep(0.005)
        target.truncate(len(content))


HELD = (many_at_a_time, replaced_meanwhile, every_way_at_once)


def held(scope: Scope) -> Iterator[Outcome]:
    """Hold one load after the other."""
    ground = Ground.laid(scope.folder / "ground")
    for trial in HELD:
        yield from trial(scope, ground)


TRIALS = (
    Trial(
        "concurrency",
        "Whatever refreshes at the same time, each publishes what it was asked for, and a reader sees whole releases only.",
        held,
    ),
)
