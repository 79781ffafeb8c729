"""Runs tasks as soon as what they wait for is done, a few at a time.

Belongs here: the order of tasks and their threads. Never here: what a task does. The engine lets go of Python while it works, so a
second thread uses the second core where one SELECT alone would not.
"""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping

Key = TypeVar("Key")
Made = TypeVar("Made")

AT_ONCE = 2
_POOL = ThreadPoolExecutor(AT_ONCE)
"""For as long as the process lives, so that its threads begin early: Python waits for ever for one that begins where memory has run out
(https://github.com/python/cpython/issues/140746)."""


def as_done(
    tasks: Mapping[Key, Callable[[], Made]], waits_for: Mapping[Key, Iterable[Key]]
) -> Generator[tuple[Key, Future[Made]], None, None]:
    """Run every task once those that it waits for have succeeded, and yield each as it ends, with its result or exception.

    Waiting for what is not among the tasks means nothing. What waits for a failed task is not run and not yielded. Whoever may leave
    before the end closes it: then what has begun is waited for, and nothing more begins. No task may call this in its turn.
    """
    order = TopologicalSorter({key: [other for other in waits_for.get(key, ()) if other in tasks] for key in tasks})
    order.prepare()
    running: dict[Future[Made], Key] = {}
    try:
        while True:
            running |= {_POOL.submit(tasks[key]): key for key in order.get_ready()}
            if not running:
                return
            for ended in wait(running, return_when=FIRST_COMPLETED).done:
                key = running.pop(ended)
                if ended.exception() is None:
                    order.done(key)
                yield key, ended
    finally:
        for left in running:
            left.cancel()
        wait(running)
