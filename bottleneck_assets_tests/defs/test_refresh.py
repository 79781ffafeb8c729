"""A refresh in this process: what it leaves under way, and what it says of a failure that is no step's."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import dagster as dg
import pytest
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import execute_run
from filelock import FileLock, Timeout

from bottleneck_assets.definitions import defs
from bottleneck_assets.defs.refresh import Outcome, run_refresh
from bottleneck_assets.engine import lock
from bottleneck_assets.engine.warehouse import Warehouse
from bottleneck_assets.engine.workers import AT_ONCE
from bottleneck_assets.sample.export import write_sample_export
from bottleneck_assets.settings import Settings
from bottleneck_assets_tests.running import begun

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


HOLDER = """
import sys
from pathlib import Path
from bottleneck_assets.engine.lock import writing
with writing(Path(sys.argv[1]), lambda: None):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_writes(data_dir: Path) -> Iterator[None]:
    """Let another process hold the right to write."""
    command = [sys.executable, "-c", HOLDER, str(data_dir)]
    with begun(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield
        process.communicate()


@pytest.fixture(scope="module")
def job() -> dg.JobDefinition:
    return defs().resolve_job_def("refresh")


def refreshed(job: dg.JobDefinition, settings: Settings, instance: dg.DagsterInstance) -> Outcome:
    return run_refresh(job, settings, instance, on_made=lambda _: None, log_level="CRITICAL")


def test_no_table_is_stored_once_the_right_to_write_is_given_up(
    sample_export: Path, job: dg.JobDefinition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data_dir=tmp_path, export=sample_export)
    build, write_event = Warehouse.build, dg.DagsterInstance.handle_new_event
    begun, was_held = list[str](), dict[str, bool]()

    def build_slowly(self: Warehouse, ref: str, *given: Any, **named: Any) -> Any:
        begun.append(ref)
        time.sleep(min(0.3 * len(begun), 1.5))
        table = build(self, ref, *given, **named)
        try:
            FileLock(tmp_path / ".write.lock").acquire(blocking=False).lock.release()
            was_held[ref] = False
        except Timeout:
            was_held[ref] = True
        return table

    def fail_to_book(self: dg.DagsterInstance, event: dg.EventLogEntry, **named: Any) -> None:
        told = event.dagster_event
        if told and told.is_step_materialization and len(begun) > AT_ONCE:  # from when on two are always under way
            message = "database or disk is full"
            raise RuntimeError(message)
        write_event(self, event, **named)

    monkeypatch.setattr(Warehouse, "build", build_slowly)
    monkeypatch.setattr(dg.DagsterInstance, "handle_new_event", fail_to_book)
    with dg.DagsterInstance.ephemeral() as instance:
        outcome = refreshed(job, settings, instance)
        assert outcome.problem is not None
        assert "disk is full" in outcome.problem
        time.sleep(2)
    assert len(was_held) > AT_ONCE
    assert all(was_held.values())


def test_a_run_that_waited_in_vain_for_another_says_so_and_what_to_do(
    sample_export: Path, job: dg.JobDefinition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "WAIT_SECONDS", 0.2)
    with another_writes(tmp_path), dg.DagsterInstance.ephemeral() as instance:
        outcome = refreshed(job, Settings(data_dir=tmp_path, export=sample_export), instance)

    assert outcome.release is None
    assert outcome.problem is not None
    assert outcome.problem.startswith("Another refresh has held ")
    assert outcome.remedy == "Wait for it to finish, or stop it; a killed one lets go of the lock."


def test_settings_that_a_run_cannot_use_are_named_with_their_remedy(
    sample_export: Path, job: dg.JobDefinition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data_dir=tmp_path, export=sample_export)
    monkeypatch.setenv("BOTTLENECK_PORT", "x")
    with dg.DagsterInstance.ephemeral() as instance:
        outcome = refreshed(job, settings, instance)

    assert outcome.problem is not None
    assert outcome.problem.startswith("The settings cannot be used: port: ")
    assert outcome.remedy is not None
    assert outcome.remedy.startswith("Correct the option or the environment variable")


def test_a_run_that_waited_while_one_planned_later_ran_is_believed_in_what_it_checked(
    sample_export: Path, job: dg.JobDefinition, tmp_path: Path
) -> None:
    settings, other = Settings(data_dir=tmp_path, export=sample_export), tmp_path / "other.db"
    write_sample_export(other, seed=12)
    config = {"resources": {"workbench": {"config": {"data_dir": str(tmp_path), "export": str(other)}}}}
    with dg.DagsterInstance.ephemeral() as instance:
        waits = instance.create_run_for_job(job, run_config={**config, "loggers": {"console": {"config": {"log_level": "CRITICAL"}}}})
        assert refreshed(job, settings, instance).release

        assert execute_run(InMemoryJob(job), waits, instance).success
    assert len(list(tmp_path.glob("extracts/*Z_*"))) == 2
