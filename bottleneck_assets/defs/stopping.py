"""Lets a process be stopped once: the first Ctrl-C stops what runs, and those that follow leave it to be cleared away.

Belongs here: what a signal does. Never here: what is cleared away.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    Handler = Callable[[int, FrameType | None], object]

STUBBORN_SECONDS = 10
"""How long clearing away may take, until one more Ctrl-C ends the process as it is."""
SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
"""Ctrl-C, a supervisor, a terminal that is closed; Windows lacks the last."""
_first: list[float] = []


def once(handler: Handler) -> Handler:
    """Return a handler of signals that lets one handle the first signal of this process, and nobody those that follow."""

    def handle(number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if not _first:
            _first.append(now)
            handler(number, frame)
        elif now - _first[0] > STUBBORN_SECONDS:
            print("Stopped.\nWhat is published is whole; run it again to finish.", file=sys.stderr, flush=True)  # noqa: T201 - last words
            os._exit(1)

    return handle


def stop_once(*, ignored_too: bool = False) -> None:
    """Let every signal that stops this process raise KeyboardInterrupt, the first time.

    One that whoever started it has told it to ignore (`nohup`, or a shell in the background) it ignores, unless it should not.
    """
    for name in SIGNALS:
        number = getattr(signal, name, None)
        if number is not None and (ignored_too or signal.getsignal(number) is not signal.SIG_IGN):
            signal.signal(number, once(signal.default_int_handler))


def stop_runs_once() -> None:
    """Have Dagster's own handlers, which it puts in place while it executes a run, do the same.

    It shows a traceback for each interrupt that comes while it books the first.
    """
    from bottleneck_assets.defs._dagster_private import interrupts

    replace = interrupts._replace_interrupt_signal  # noqa: SLF001
    if getattr(replace, "is_ours", False):
        return

    def replaced(handler: object) -> None:
        replace(once(handler) if callable(handler) and handler.__name__ == "_new_signal_handler" else handler)

    replaced.is_ours = True  # pyright: ignore[reportFunctionMemberAccess]
    interrupts._replace_interrupt_signal = replaced  # noqa: SLF001
