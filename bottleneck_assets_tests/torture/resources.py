"""Takes from refreshes what they need: room on the disk, the right to write, open files, memory, a clock that goes forward.

Belongs here: what is taken, and what a refresh must say then. Never here: killing one (crashes.py), what runs beside it (concurrency.py).

Whatever is taken, a refresh succeeds, or ends with exit code 1 and two lines; the last release stays whole; once it is given back, the
next refresh needs no help.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bottleneck_assets_tests.torture.refreshing import TRACED, Ended, Ground, Refresh, can_trace, limited, published
from bottleneck_assets_tests.torture.trials import Outcome, Scope, Trial

if sys.platform != "win32":
    import resource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

DISK = ("disk", "no space")
WRITING = ("read-only", "readonly", "permission denied", "write")
FILES = ("open files", "ulimit")
FAILING = [
    ("mkdir", "ENOSPC"),
    ("pwrite64", "ENOSPC"),
    ("fsync", "EIO"),
    ("rename", "EIO"),
    ("ftruncate", "ENOSPC"),
    ("fdatasync", "EIO"),
    ("symlink", "ENOSPC"),
    ("unlink", "EIO"),
    ("link", "EMLINK"),
    ("pread64", "EIO"),
]
NEEDS_MB = 14
"""What a refresh adds to a data folder, and a little more."""
NOBODY = 65_534
KEPT = 3
KILLED_BY_LIBRARY = {-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS, -signal.SIGFPE, 127}
"""How a process ends in which a library of C could not get memory, and gave up for all: nothing in it can say two lines then."""


class NotGrantedError(Exception):
    """This machine does not let the trial take something away."""


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[Callable[..., None]]:
    """Mount something on a folder; give a way to change it. Raises NotGrantedError if this machine does not allow it."""

    def change(*changed: str) -> None:
        subprocess.run(["mount", *changed, str(folder)], check=True, capture_output=True)

    folder.mkdir(parents=True, exist_ok=True)
    try:
        change(*options)
    except (subprocess.CalledProcessError, OSError) as error:
        lacking = "the right to mount"
        raise NotGrantedError(lacking) from error
    try:
        yield change
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def on_a_full_disk(scope: Scope, ground: Ground) -> Iterator[Outcome]:
    """Give a data folder a disk of its own, with room for a part of what a refresh writes."""
    for name, fresh, times in (("a release", False, scope.times(2, 16)), ("nothing yet", True, scope.times(1, 8))):
        losses, fault = list[str](), f"disk full, where {name} is"
        try:
            for part in range(times):
                room = NEEDS_MB * 1024 * part // times
                losses += [
                    f"with room for {room} KB: {loss}"
                    for loss in _with_room(ground, scope.folder / f"disk{fresh}{part}", room, fresh=fresh)
                ]
        except NotGrantedError as lacking:
            yield Outcome(f"{fault}: not held, for lack of {lacking}", 0, [])
        else:
            yield Outcome(fault, times, losses)
    times = scope.times(1, 10)
    losses = []
    for part in range(times):
        most = 4096 << part if scope.in_full else 65_536 << (4 * part)
        losses += [
            f"at {most:,} bytes: {loss}"
            for loss in _under(ground, scope.folder / f"size{part}", limited(resource.RLIMIT_FSIZE, most), ("file", *DISK))
        ]
    yield Outcome("a limit on the size of files", times, losses)


def _with_room(ground: Ground, data_dir: Path, room: int, *, fresh: bool) -> list[str]:
    with mounted(data_dir, "-t", "tmpfs", "-o", "size=512m", "torture") as change:
        if not fresh:
            ground.copied(data_dir)
        used = -(-shutil.disk_usage(data_dir).used // 1024)
        change("-o", f"remount,size={used + room + 4}k")
        ended = Refresh(data_dir, ground.second, "--force").ended()
        lost = [*ended.clearly(*DISK), *ground.lost(data_dir)]
        change("-o", "remount,size=512m")
        return [*lost, *ground.not_mended(data_dir, ground.second)]


def with_calls_that_fail(scope: Scope, ground: Ground) -> Iterator[Outcome]:
    """Let one system call fail, as on a disk that is full for a moment, or that breaks."""
    if not can_trace():
        yield Outcome("system calls that fail: not held, for lack of strace", 0, [])
        return
    times, losses, drawn = scope.times(3, 20), list[str](), random.Random(5)  # noqa: S311 - any will do
    for number in range(times):
        call, error = FAILING[number % len(FAILING)]
        which = int(2 ** drawn.uniform(0, 6))
        data_dir = ground.copied(scope.folder / f"call{number}")
        tracer = [*TRACED, "--seccomp-bpf", "-o", os.devnull, "-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={which}"]
        ended = Refresh(data_dir, ground.second, "--force", through=tracer).ended()
        begun = not any("error while loading shared libraries" in line for line in ended.said)  # else it failed before Python was there
        lost = [*(ended.clearly() if begun else []), *ground.lost(data_dir), *ground.not_mended(data_dir, ground.second)]
        losses += [f"{error} at {call} number {which} of each thread: {loss}" for loss in lost]
        shutil.rmtree(data_dir)
    yield Outcome("system calls that fail: no room, input/output error", times, losses)


def where_it_may_not_write(scope: Scope, ground: Ground) -> Iterator[Outcome]:
    """Make each folder read-only, for all and for this user."""
    folders = ["", "extracts", "warehouse", "dagster_home"] if scope.in_full else ["extracts", "dagster_home"]
    for fault, refused in (("folders that are read-only", _mounted_read_only), ("folders of another user", _of_another_user)):
        losses = list[str]()
        try:
            for folder in folders:
                data_dir = ground.copied(scope.folder / f"{refused.__name__}-{folder}")
                lost = [*refused(ground, data_dir, data_dir / folder).clearly(*WRITING), *ground.lost(data_dir)]
                losses += [f"{folder or 'the data folder'}: {loss}" for loss in [*lost, *ground.not_mended(data_dir, ground.second)]]
        except NotGrantedError as lacking:
            yield Outcome(f"{fault}: not held, for lack of {lacking}", 0, [])
        else:
            yield Outcome(fault, len(folders), losses)


def _mounted_read_only(ground: Ground, data_dir: Path, folder: Path) -> Ended:
    with mounted(folder, "--bind", str(folder)) as change:
        change("-o", "remount,bind,ro")
        return Refresh(data_dir, ground.second, "--force").ended()


def _of_another_user(ground: Ground, data_dir: Path, folder: Path) -> Ended:
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        lacking = "root, who may become another user"
        raise NotGrantedError(lacking)
    for path in (data_dir, *data_dir.rglob("*")):
        if not path.is_relative_to(folder):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    for path in (data_dir, *data_dir.parents):
        if path.stat().st_uid == os.geteuid() and path.is_relative_to(ground.prepared.parents[1]):
            path.chmod(0o755)
    become = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    return Refresh(data_dir, ground.second, "--force", through=become, environment={"HOME": str(data_dir)}).ended()


def with_few_open_files(scope: Scope, ground: Ground) -> Iterator[Outcome]:
    """Lower the limit of open files, from what starting needs to what a refresh needs."""
    limits = range(7, 63, 5) if scope.in_full else (10, 35)
    losses = [
        f"at {most}: {loss}"
        for most in limits
        for loss in _under(ground, scope.folder / f"files{most}", limited(resource.RLIMIT_NOFILE, most), FILES)
    ]
    yield Outcome("a limit of open files", len(limits), losses)


def with_little_memory(scope: Scope, ground: Ground) -> Iterator[Outcome]:
    """Lower the limit of memory: of addresses, which libraries may take badly, and of what the kernel gives, which kills."""
    limits = range(250, 3250, 300) if scope.in_full else (1100, 1700)
    losses = [
        f"at {most} MB: {loss}"
        for most in limits
        for loss in _under(ground, scope.folder / f"memory{most}", limited(resource.RLIMIT_AS, most << 20), (), also=KILLED_BY_LIBRARY)
    ]
    yield Outcome("a limit of addresses", len(limits), losses)
    limits = range(50, 550, 50) if scope.in_full else (200,)
    losses = []
    try:
        with memory_group() as limit:
            for most in limits:
                joined = _under(ground, scope.folder / f"kernel{most}", limit(most), (), also={-signal.SIGKILL})
                losses += [f"at {most} MB: {loss}" for loss in joined]
    except NotGrantedError as lacking:
        yield Outcome(f"a limit of memory, by the kernel: not held, for lack of {lacking}", 0, [])
    else:
        yield Outcome("a limit of memory, by the kernel", len(limits), losses)


@contextmanager
def memory_group() -> Iterator[Callable[[int], Callable[[], None]]]:
    """Make a control group, and give what sets its limit in MB and returns what puts a new process into it."""
    root = Path("/sys/fs/cgroup")
    old = (root / "memory").is_dir()
    group = (root / "memory" if old else root) / f"torture-{os.getpid()}"
    try:
        group.mkdir()
    except OSError as error:
        lacking = "the right to make a control group"
        raise NotGrantedError(lacking) from error

    def join() -> None:
        (group / "cgroup.procs").write_text(str(os.getpid()))

    def limit(most: int) -> Callable[[], None]:
        (group / ("memory.limit_in_bytes" if old else "memory.max")).write_text(str(most << 20))
        return join

    try:
        try:
            limit(1024)
        except OSError as error:
            lacking = "control over memory in control groups"
            raise NotGrantedError(lacking) from error
        yield limit
    finally:
        group.rmdir()


def _under(ground: Ground, data_dir: Path, limit: Callable[[], None], words: Sequence[str], also: Iterable[int] = ()) -> list[str]:
    """Refresh under a limit, then without it, and return what is lost."""
    ground.copied(data_dir)
    ended = Refresh(data_dir, ground.second, "--force", before=limit).ended()
    lost = [] if ended.code in also and not any("Traceback" in line for line in ended.said) else ended.clearly(*words)
    lost = [*lost, *ground.lost(data_dir), *ground.not_mended(data_dir, ground.second)]
    shutil.rmtree(data_dir)
    return lost


def with_a_wrong_clock(scope: Scope, ground: Ground) -> Iterator[Outcome]:
    """Set the clock back and forth between refreshes, and give exports times that no clock has shown yet."""
    steps = ["+0", "-1h", "-50m", "+30d", "+0", "-20y", "+1m", "+2m"] if scope.in_full else ["+30d", "-1h", "+0"]
    if not shutil.which("faketime"):
        yield Outcome("a clock set back and forth: not held, for lack of faketime", 0, [])
    else:
        data_dir, losses, made = scope.folder / "clock", list[str](), list[str]()
        for number, step in enumerate(steps):
            export = (ground.first, ground.second)[number % 2]
            refresh = Refresh(
                data_dir, export, "--force", through=["faketime", "-f", step], environment={"BOTTLENECK_RELEASES_KEPT": str(KEPT)}
            )
            lost = [*refresh.ended().clearly(), *_not_newest(data_dir, made, ground, export)]
            losses += [f"clock {step} after {steps[:number]}: {loss}" for loss in lost]
        yield Outcome("a clock set back and forth", len(steps), losses)
    times = {"1970": 0.0, "2001": 1e9, "2100": 4.1e9} if scope.in_full else {"1970": 0.0}
    losses = []
    for year, moment in times.items():
        data_dir = ground.copied(scope.folder / f"dated{year}")
        dropped = data_dir / "exports" / "shop.db"
        dropped.parent.mkdir(exist_ok=True)
        shutil.copyfile(ground.second, dropped)
        os.utime(dropped, (moment, moment))
        lost = [*Refresh(data_dir).ended().clearly(), *_not_newest(data_dir, [], ground, ground.second)]
        losses += [f"an export of {year}: {loss}" for loss in lost]
    yield Outcome("exports dated wrongly", len(times), losses)


def _not_newest(data_dir: Path, made: list[str], ground: Ground, export: Path) -> list[str]:
    """Return what is lost if `latest` is not what the last refresh made, or too many releases stay; note what it made."""
    lost = ground.lost(data_dir)
    latest = (data_dir / "extracts" / "latest").resolve()
    if not latest.is_dir():
        return [*lost, "there is no latest"]
    if latest.name in made:
        lost.append(f"latest is still {latest.name}")
    if json.loads((latest / "manifest.json").read_bytes())["export"]["name"] not in {export.name, "shop.db"}:
        lost.append("latest is not of the export that was read last")
    made.append(latest.name)
    there = {path.name for path in published(data_dir)}
    if made[1:] and not set(made[-2:]) <= there:
        lost.append(f"the release before the newest, which may be read, is deleted: {sorted(there)} are left of {made}")
    if len(there) > KEPT and made[1:]:
        lost.append(f"{len(there)} releases stay where {KEPT} should")
    return lost


HELD = (on_a_full_disk, with_calls_that_fail, where_it_may_not_write, with_few_open_files, with_little_memory, with_a_wrong_clock)


def held(scope: Scope) -> Iterator[Outcome]:
    """Take one thing after the other."""
    ground = Ground.laid(scope.folder / "ground")
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, scope.folder / "ground", ignore_errors=True)
        for trial in HELD:
            yield from trial(scope, ground)


TRIALS = (
    Trial(
        "resources",
        "A refresh that lacks room, rights, files, memory or a good clock says so in two lines, and the last release stays whole.",
        held,
    ),
)
