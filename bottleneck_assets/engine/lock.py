"""The right to write: for one data folder, one process at a time has it.

Belongs here: taking it, waiting for it, giving it up, and clearing away what the killed have left. Never here: what is written.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psutil
from filelock import FileLock, Timeout

from bottleneck_assets.errors import BottleneckError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

WAIT_SECONDS = 900
_UNFINISHED = re.compile(r"\..+\.(?P<pid>\d+)\.tmp")
"""How a file is called until it is renamed into its place: with the number of the process that writes it."""


@contextmanager
def writing(data_dir: Path, on_wait: Callable[[], None]) -> Iterator[None]:
    """Hold the right to write under a data folder; while another process holds it, say so once by `on_wait`, and wait.

    Whoever holds it may take it again in the same thread: a refresh plans under it, and its run writes under it.
    Raises BottleneckError if another holds it for longer than WAIT_SECONDS.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    lock = FileLock(data_dir / ".write.lock", is_singleton=True)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        on_wait()
        _wait_for(lock)
    try:
        yield
    finally:
        lock.release()


def sweep(folder: Path) -> None:
    """Delete the unfinished files of processes that are gone. Those that are alive may be writing, with the right to or without."""
    for left in folder.glob(".*.tmp"):
        if (named := _UNFINISHED.fullmatch(left.name)) and is_gone(named["pid"]):
            left.unlink(missing_ok=True)


def is_gone(pid: str) -> bool:
    """Tell whether no process has the number that is written somewhere."""
    return pid.isdecimal() and not psutil.pid_exists(int(pid))


def _wait_for(lock: FileLock) -> None:
    try:
        lock.acquire(timeout=WAIT_SECONDS)
    except Timeout:
        problem = f"Another refresh has held {lock.lock_file} for {WAIT_SECONDS // 60} minutes."
        raise BottleneckError(problem, "Wait for it to finish, or stop it; a killed one lets go of the lock.") from None
