"""Which runs count as killed: by real processes, on a real instance."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import dagster as dg
import pytest
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.launcher import WorkerStatus
from dagster._core.scheduler.instigation import TickStatus
from dagster._core.utils import make_new_run_id

from bottleneck_assets.defs.instance import CODE_SOCKET, open_instance
from bottleneck_assets.defs.run_launcher import WatchingRunLauncher
from bottleneck_assets.defs.run_process import PROCESS, SAYS_SO_SECONDS, fail_dead_runs, is_dead, this_process
from bottleneck_assets.errors import BottleneckError
from bottleneck_assets.settings import load_settings
from bottleneck_assets_tests.running import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dg.job
def nothing() -> None:
    pass


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with open_instance(load_settings(data_dir=tmp_path)) as instance:
        yield instance


def of_a_process_that_is_gone(run_id: str) -> dict[str, str]:
    """Return the tags that a run leaves whose process has ended."""
    told = "from bottleneck_assets.defs.run_process import this_process; import sys; print(*this_process(sys.argv[1]).values())"
    done = subprocess.run([sys.executable, "-c", told, run_id], capture_output=True, text=True, check=True)
    return {PROCESS: done.stdout.strip()}


def started(instance: dg.DagsterInstance, tags: dict[str, str], run_id: str | None = None) -> dg.DagsterRun:
    return instance.create_run_for_job(nothing, run_id=run_id or make_new_run_id(), tags=tags, status=dg.DagsterRunStatus.STARTED)


def status_of(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dg.DagsterRunStatus:
    found = instance.get_run_by_id(run.run_id)
    assert found
    return found.status


def test_a_run_whose_process_is_gone_is_reported_as_failed_and_one_whose_process_lives_is_not(instance: dg.DagsterInstance) -> None:
    dead_id, alive_id = make_new_run_id(), make_new_run_id()
    dead, alive = started(instance, of_a_process_that_is_gone(dead_id), dead_id), started(instance, this_process(alive_id), alive_id)

    fail_dead_runs(instance)

    assert status_of(instance, dead) is dg.DagsterRunStatus.FAILURE
    assert status_of(instance, alive) is dg.DagsterRunStatus.STARTED


def test_a_second_try_that_inherits_the_tags_of_the_first_is_not_taken_for_dead(instance: dg.DagsterInstance) -> None:
    second = started(instance, of_a_process_that_is_gone(make_new_run_id()))

    fail_dead_runs(instance)

    assert status_of(instance, second) is dg.DagsterRunStatus.STARTED


@pytest.mark.parametrize("told", ["", "nonsense", "{run} 1 1 another machine", "{run} 1 1"])
def test_a_run_that_nothing_is_known_of_is_not_taken_for_dead(instance: dg.DagsterInstance, told: str) -> None:
    run_id = make_new_run_id()

    assert not is_dead(started(instance, {PROCESS: told.format(run=run_id)}, run_id))


def test_a_process_with_the_number_of_one_that_is_gone_does_not_stand_in_for_it(instance: dg.DagsterInstance) -> None:
    run_id = make_new_run_id()
    _, pid, created, machine = this_process(run_id)[PROCESS].split(maxsplit=3)

    assert is_dead(started(instance, {PROCESS: f"{run_id} {pid} {int(created) - 3600} {machine}"}, run_id))


@pytest.mark.parametrize("of_an_earlier_try", [False, True])
def test_a_run_that_was_killed_before_it_could_say_which_process_it_lives_in_does_not_hold_up_the_queue_for_ever(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch, of_an_earlier_try: bool
) -> None:
    tags = of_a_process_that_is_gone(make_new_run_id()) if of_an_earlier_try else {}
    said_id = make_new_run_id()
    silent = instance.create_run_for_job(nothing, run_id=make_new_run_id(), tags=tags)
    said = instance.create_run_for_job(nothing, run_id=said_id, tags=this_process(said_id))
    for run in (silent, said):
        instance.report_dagster_event(dg.DagsterEvent(dg.DagsterEventType.RUN_START.value, run.job_name), run.run_id)

    fail_dead_runs(instance)
    assert status_of(instance, silent) is dg.DagsterRunStatus.STARTED  # it has only begun

    begun = time.time()
    monkeypatch.setattr(time, "time", lambda: begun + SAYS_SO_SECONDS + 1)
    fail_dead_runs(instance)
    assert status_of(instance, silent) is dg.DagsterRunStatus.FAILURE
    assert status_of(instance, said) is dg.DagsterRunStatus.STARTED


@pytest.mark.usefixtures("posix")
def test_a_dead_run_is_not_told_of_while_the_code_server_is_away_since_it_could_not_be_tried_again(instance: dg.DagsterInstance) -> None:
    launcher = instance.run_launcher
    assert isinstance(launcher, WatchingRunLauncher)
    run_id = make_new_run_id()
    dead = started(instance, of_a_process_that_is_gone(run_id), run_id)

    assert launcher.check_run_worker_health(dead).status is WorkerStatus.RUNNING
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(os.path.join(instance.root_directory, CODE_SOCKET))  # noqa: PTH118 - what Dagster says is a string
    assert launcher.check_run_worker_health(dead).status is WorkerStatus.RUNNING


def test_the_instance_runs_one_at_a_time_watches_runs_and_tells_nobody_outside(instance: dg.DagsterInstance) -> None:
    queue = instance.get_concurrency_config().run_queue_config
    assert queue
    assert queue.max_concurrent_runs == 1
    assert instance.run_monitoring_enabled
    assert not instance.telemetry_enabled
    assert instance.get_tick_retention_settings(InstigatorType.SENSOR)[TickStatus.SKIPPED] == 1


@pytest.mark.full
def test_many_can_set_up_the_instance_at_once(tmp_path: Path) -> None:
    setting_up = """\
import sys
from bottleneck_assets.defs.instance import set_up_home
from bottleneck_assets.errors import BottleneckError
from bottleneck_assets.settings import load_settings
from bottleneck_assets_tests.running import free_port
for times in range(200):
    (set_up_home(load_settings(data_dir=sys.argv[1])) / "dagster.yaml").unlink(missing_ok=True)
"""
    command = [sys.executable, "-c", setting_up, str(tmp_path)]
    with ThreadPoolExecutor() as several:
        done = list(several.map(lambda _: subprocess.run(command, capture_output=True, text=True, check=False), range(3)))
    assert [(one.returncode, one.stderr) for one in done] == [(0, "")] * 3


@pytest.mark.usefixtures("needs_postgres")
def test_a_postgresql_that_does_not_answer_is_named_without_its_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOTTLENECK_POSTGRES_URL", f"postgresql+psycopg2://shop:hunter2@127.0.0.1:{free_port()}/kpi")
    with pytest.raises(BottleneckError, match="PostgreSQL cannot be reached under BOTTLENECK_POSTGRES_URL") as refused:
        open_instance(load_settings(data_dir=tmp_path))
    assert "hunter2" not in str(refused.value)
    assert "user and password" in refused.value.remedy
