"""Ends a process of the workflow once what it stands on is gone: the Dagster instance's folder, or the `bottleneck up` that began it.

Belongs here: noticing that, and running Dagster's own processes beside what notices. Never here: which processes there are (server.py).

Without it a daemon whose folder was deleted lives on and starts no run, and whoever looks sees it alive.
"""

from __future__ import annotations

import os
import runpy
import sys
import time
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING

import psutil

from bottleneck_assets.errors import BottleneckError
from bottleneck_assets.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STARTED_BY = "UP_PROCESS"
"""The environment variable in which `bottleneck up` leaves its process number."""
LOOK_EVERY_SECONDS = 2


def home_is_gone(home: Path) -> Callable[[], BottleneckError | None]:
    """Return a question to be asked again and again: what to say if the folder is no more what it is now, None as long as it is."""
    began = _identity(home)

    def ask() -> BottleneckError | None:
        if began is not None and _identity(home) == began:
            return None
        problem = f"{home}, which holds Dagster's records, was deleted or replaced while processes stood on it, and they have ended."
        return BottleneckError(problem, "Start them again: it is made anew; no table and no release is lost with it.")

    return ask


def end_with(*questions: Callable[[], BottleneckError | None]) -> None:
    """End this process, and all that it has started, with two lines and exit code 1, once one of these questions has an answer."""
    started_by = os.environ.get(STARTED_BY)

    def up_is_gone() -> BottleneckError | None:
        if started_by is None or os.getppid() == int(started_by):
            return None
        return BottleneckError("The bottleneck up that started this process is gone, and it has ended too.", "Start it again.")

    def look() -> None:
        while not (answer := next(filter(None, (ask() for ask in (up_is_gone, *questions))), None)):
            time.sleep(LOOK_EVERY_SECONDS)
        print(answer, file=sys.stderr, flush=True)  # noqa: T201 - the process's last words
        for child in psutil.Process().children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                child.terminate()
        os._exit(1)

    Thread(target=look, name="standing", daemon=True).start()


def _identity(home: Path) -> tuple[int, int] | None:
    """Return what a folder is, None if it is no instance's any more."""
    try:
        found = home.stat()
        (home / "dagster.yaml").stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _run(module: str, *arguments: str) -> None:
    """Be a process of Dagster's, for as long as there is what it stands on."""
    end_with(home_is_gone(load_settings().dagster_home.resolve()))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _run(*sys.argv[1:])
