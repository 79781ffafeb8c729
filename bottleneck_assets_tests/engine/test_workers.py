"""The order in which tasks run, and what a failed one holds back."""

from __future__ import annotations

import threading
from graphlib import CycleError
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bottleneck_assets.engine.workers import AT_ONCE, as_done
from bottleneck_assets_tests.running import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable


def fail() -> str:
    message = "spoilt"
    raise ValueError(message)


@st.composite
def graphs(draw: st.DrawFn) -> dict[int, list[int]]:
    """Draw which task waits for which; a task waits only for tasks before it, so that there is no cycle."""
    size = draw(st.integers(min_value=0, max_value=12))
    return {task: draw(st.lists(st.integers(min_value=0, max_value=task - 1), unique=True)) if task else [] for task in range(size)}


@given(graph=graphs())
def test_every_task_runs_once_and_after_all_that_it_waits_for(graph: dict[int, list[int]]) -> None:
    begun: list[int] = []
    ended: list[int] = []

    def task(name: int) -> Callable[[], int]:
        def run() -> int:
            assert set(graph[name]) <= set(ended)
            begun.append(name)
            return name * name

        return run

    for name, future in as_done({name: task(name) for name in graph}, graph):
        assert future.result() == name * name
        ended.append(name)
    assert sorted(begun) == sorted(ended) == sorted(graph)


@given(graph=graphs(), data=st.data())
def test_a_failed_task_holds_back_what_waits_for_it_and_nothing_else(graph: dict[int, list[int]], data: st.DataObject) -> None:
    spoilt = set(data.draw(st.lists(st.sampled_from(sorted(graph)), unique=True))) if graph else set()
    held_back: set[int] = set()
    for name in sorted(graph):
        if any(other in spoilt | held_back for other in graph[name]):
            held_back.add(name)
    outcomes = {name: future.exception() for name, future in as_done({name: fail if name in spoilt else str for name in graph}, graph)}
    assert set(outcomes) == set(graph) - held_back
    assert {name for name, error in outcomes.items() if error} == spoilt - held_back


def test_independent_tasks_run_at_the_same_time() -> None:
    meeting = threading.Barrier(AT_ONCE, timeout=PATIENCE)
    done = [future.result() for _, future in as_done(dict.fromkeys(range(AT_ONCE), meeting.wait), {})]
    assert sorted(done) == list(range(AT_ONCE))


def test_no_thread_begins_once_there_are_as_many_as_work_at_once() -> None:
    def whose() -> set[int]:
        meeting = threading.Barrier(AT_ONCE, timeout=PATIENCE)

        def met() -> int:
            meeting.wait()
            return threading.get_ident()

        return {future.result() for _, future in as_done(dict.fromkeys(range(AT_ONCE), met), {})}

    assert whose() == whose()


def test_what_is_not_among_the_tasks_is_not_waited_for() -> None:
    assert [key for key, _ in as_done({"kpi": str}, {"kpi": ["clean"]})] == ["kpi"]


def test_tasks_that_wait_for_each_other_are_refused() -> None:
    with pytest.raises(CycleError):
        list(as_done({"a": str, "b": str}, {"a": ["b"], "b": ["a"]}))


def test_tasks_not_begun_are_dropped_when_the_caller_leaves() -> None:
    begun: list[int] = []
    tasks = {name: lambda name=name: begun.append(name) for name in range(100)}
    outcomes = as_done(tasks, {name: [name - 1] for name in range(100)})
    next(outcomes)
    outcomes.close()
    assert len(begun) <= AT_ONCE
