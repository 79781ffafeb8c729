"""The storage that keeps its connections, against Dagster's own: event by event, and over each other's files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from bottleneck_assets.definitions import defs
from bottleneck_assets.defs.asset_checks import CHECKED
from bottleneck_assets.defs.instance import open_instance
from bottleneck_assets.defs.pooled_storage import OPEN_RUNS
from bottleneck_assets.settings import Settings, load_settings
from bottleneck_assets_tests.running import begun

pytestmark = pytest.mark.full

RUN_ID = "00000000-0000-4000-8000-000000000000"


def refresh_on(settings: Settings, export: Path) -> None:
    with open_instance(settings) as instance:
        result = (
            defs()
            .resolve_job_def("refresh")
            .execute_in_process(
                run_config={
                    "resources": {"workbench": {"config": {"data_dir": str(settings.data_dir), "export": str(export)}}},
                    "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                },
                instance=instance,
                run_id=RUN_ID,
            )
        )
    assert result.success


@pytest.fixture(scope="module")
def homes(sample_export: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Settings]:
    """The same refresh on an instance of each storage."""
    found = {kind: load_settings(data_dir=tmp_path_factory.mktemp(kind), instance_storage=kind) for kind in ("stock", "pooled")}
    for settings in found.values():
        refresh_on(settings, sample_export)
    return found


def opened_as(kind: str, settings: Settings) -> Settings:
    return load_settings(data_dir=settings.data_dir, instance_storage=kind)


def subject(event: dg.DagsterEvent) -> str:
    """Return what an event is about: its asset, check or output, or nothing."""
    if event.event_type_value == "ASSET_CHECK_EVALUATION":
        return event.asset_check_evaluation_data.asset_check_key.to_user_string()
    if event.event_type_value == "STEP_OUTPUT":
        return event.step_output_data.output_name
    return event.asset_key.to_user_string() if event.asset_key else ""


def events(instance: dg.DagsterInstance) -> list[tuple[Any, ...]]:
    """Return every event of the run, without what differs between any two runs: times, ids, folders, seconds.

    In the storage's order for each step and subject: which of two tables is made first differs between runs as well.
    """
    found = []
    for entry in instance.all_logs(RUN_ID):
        event = entry.dagster_event
        versions = {}
        if event and event.is_step_materialization:
            versions = {name: tag for name, tag in event.step_materialization_data.materialization.tags.items() if "pointer" not in name}
        about = subject(event) if event else ""
        found.append((entry.step_key or "", about, entry.level, event.event_type_value if event else None, tuple(sorted(versions.items()))))
    return sorted(found, key=lambda event: event[:2])


def answers(instance: dg.DagsterInstance) -> dict[str, Any]:
    """Return what the UI asks an instance for: runs, the latest materialization of each asset, the result of each check."""
    keys = sorted(instance.get_asset_keys())
    checks = (instance.get_latest_asset_check_evaluation_record(key) for key in CHECKED)
    return {
        "runs": [(run.run_id, run.job_name, run.status, sorted(run.tags.items())) for run in instance.get_runs()],
        "assets": keys,
        "materialized": [bool(instance.get_latest_materialization_event(key)) for key in keys],
        "checks": [(record.key, record.status) for record in checks if record],
        "stats": (instance.get_run_stats(RUN_ID).steps_succeeded, instance.get_run_stats(RUN_ID).materializations),
        "info": sorted(instance.event_log_storage.get_materialized_partitions(dg.AssetKey(["kpi", "revenue"]))),
    }


def test_both_storages_hold_the_same_events_of_each_asset_in_the_same_order(homes: dict[str, Settings]) -> None:
    with open_instance(homes["stock"]) as stock, open_instance(homes["pooled"]) as pooled:
        assert type(pooled.event_log_storage).__name__ == "PooledEventLogStorage"
        assert type(stock.event_log_storage).__name__ == "SqliteEventLogStorage"
        assert len(events(stock)) > 300
        assert events(pooled) == events(stock)
        assert answers(pooled) == answers(stock)


@pytest.mark.parametrize(("written", "read"), [("pooled", "stock"), ("stock", "pooled")])
def test_each_storage_reads_what_the_other_wrote(written: str, read: str, homes: dict[str, Settings]) -> None:
    with open_instance(homes[written]) as own:
        expected = events(own), answers(own)
    with open_instance(opened_as(read, homes[written])) as other:
        assert (events(other), answers(other)) == expected
    open_instance(homes[written]).dispose()


def test_more_runs_than_it_keeps_open_are_all_there(tmp_path: Path) -> None:
    @dg.op
    def hello() -> None:
        pass

    @dg.job
    def greeting() -> None:
        hello()

    with open_instance(load_settings(data_dir=tmp_path)) as instance:
        for _ in range(OPEN_RUNS + 4):
            quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
            assert greeting.execute_in_process(instance=instance, run_config=quiet).success
        runs = instance.get_runs()
        assert len(runs) == OPEN_RUNS + 4
        assert len({len(instance.all_logs(run.run_id)) for run in runs}) == 1


@pytest.fixture
def killed(sample_export: Path, tmp_path: Path) -> Settings:
    """The data folder of a refresh that was killed in the middle of its run."""
    command = [str(Path(sys.executable).parent / "bottleneck"), "refresh", "--export", str(sample_export), "--data-dir", str(tmp_path)]
    with begun(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True) as process:
        while not (tmp_path / "warehouse" / "clean" / "sales.parquet").exists():
            assert process.poll() is None
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
    return load_settings(data_dir=tmp_path)


@pytest.mark.usefixtures("posix")
def test_a_killed_refresh_leaves_databases_that_open_and_hold_its_events(killed: Settings, sample_export: Path) -> None:
    with open_instance(killed) as instance:
        (run,) = instance.get_runs()
        logged = [entry.dagster_event.event_type_value for entry in instance.all_logs(run.run_id) if entry.dagster_event]
        assert "ASSET_MATERIALIZATION" in logged
    refresh_on(killed, sample_export)
