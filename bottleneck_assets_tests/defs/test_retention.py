"""Proves that old runs go with all that they left on disk, and that no answer of today goes with them."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin

from bottleneck_assets.definitions import defs
from bottleneck_assets.defs.asset_checks import CHECKED, NOT_JUDGED, checks_within, latest_results
from bottleneck_assets.defs.instance import LOCATION, open_instance
from bottleneck_assets.defs.metadata import asset_key
from bottleneck_assets.defs.refresh import run_refresh
from bottleneck_assets.defs.retention import AT_ONCE, delete_old_runs
from bottleneck_assets.engine.warehouse import Warehouse
from bottleneck_assets.models.catalog import made
from bottleneck_assets.release.manifest import CheckResult
from bottleneck_assets.settings import Settings, load_settings

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
CHECKS = set(checks_within(made(reports=False)))
REVENUE = asset_key("kpi.revenue")
REVENUE_CHECK = next(key for key in CHECKED if key.asset_key == REVENUE)
FINISHED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
IN_PROGRESS = sorted(set(dg.DagsterRunStatus) - set(FINISHED), key=lambda status: status.value)


@dg.op
def hello(context: dg.OpExecutionContext) -> None:
    print("hello")  # noqa: T201 - what a step prints is kept in a folder of its run
    if context.run.tags.get("fails"):
        raise dg.Failure


@dg.job
def greeting() -> None:
    hello()


@dg.op
def speak_of_revenue(context: dg.OpExecutionContext) -> None:
    observed = context.run.tags.get("event") == "observation"
    context.log_event(dg.AssetObservation(REVENUE) if observed else dg.AssetMaterialization(REVENUE))


@dg.job
def speaking() -> None:
    speak_of_revenue()


@dg.op
def sweep(context: dg.OpExecutionContext) -> int:
    return delete_old_runs(context.instance, 1)


@dg.job
def sweeping() -> None:
    sweep()


@dg.asset_check(asset=REVENUE, name=REVENUE_CHECK.name)
def judge(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    if context.run.tags.get("fails"):
        raise dg.Failure
    return dg.AssetCheckResult(passed="refuses" not in context.run.tags)


judging = dg.Definitions(
    asset_checks=[judge], jobs=[dg.define_asset_job("judging", selection=dg.AssetSelection.checks(judge))]
).resolve_job_def("judging")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in [name for name in os.environ if name.upper().startswith("BOTTLENECK_")]:
        monkeypatch.delenv(name)
    return load_settings(data_dir=tmp_path)


@pytest.fixture
def instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    with open_instance(settings) as instance:
        yield instance


def run(instance: dg.DagsterInstance, job: dg.JobDefinition = greeting, **tags: str) -> str:
    """Run a job in this process, and return its run's id."""
    return job.execute_in_process(run_config=QUIET, instance=instance, tags=tags, raise_on_error=False).run_id


def add(instance: dg.DagsterInstance, status: dg.DagsterRunStatus) -> str:
    """Add a run of this status to the instance, as the UI does, without running anything."""
    origin = RemoteJobOrigin(RemoteRepositoryOrigin(RegisteredCodeLocationOrigin(LOCATION), "__repository__"), greeting.name)
    return instance.create_run_for_job(greeting, status=status, remote_job_origin=origin).run_id


def left(instance: dg.DagsterInstance) -> list[str]:
    """Return the runs that are left, oldest first."""
    return [record.dagster_run.run_id for record in instance.get_run_records(ascending=True)]


def said(instance: dg.DagsterInstance, settings: Settings) -> dict[dg.AssetCheckKey, CheckResult]:
    with closing(Warehouse(settings.warehouse_dir, settings.memory_limit)) as warehouse:
        return latest_results(instance, warehouse, made(reports=False))


def made_by(instance: dg.DagsterInstance) -> dict[dg.AssetKey, str]:
    """Return the run that last materialized each asset."""
    events = {key: instance.get_latest_materialization_event(key) for key in instance.get_asset_keys()}
    return {key: event.run_id for key, event in events.items() if event}


# --- Which runs go -----------------------------------------------------------------------------------------------------------


def test_the_oldest_finished_runs_go_until_as_many_are_left_as_are_kept(instance: dg.DagsterInstance) -> None:
    runs = [run(instance) for _ in range(6)]

    assert delete_old_runs(instance, 4) == 2
    assert left(instance) == runs[2:]


@pytest.mark.parametrize("keep", [3, 4, 500])
def test_nothing_goes_while_there_are_no_more_than_are_kept(instance: dg.DagsterInstance, keep: int) -> None:
    runs = [run(instance) for _ in range(3)]

    assert delete_old_runs(instance, keep) == 0
    assert left(instance) == runs


def test_an_instance_without_runs_has_none_to_delete(instance: dg.DagsterInstance) -> None:
    assert delete_old_runs(instance, 1) == 0


def test_runs_that_failed_or_were_cancelled_are_finished_too(instance: dg.DagsterInstance) -> None:
    failed, cancelled, last = run(instance, fails="yes"), add(instance, dg.DagsterRunStatus.CANCELED), run(instance)
    assert [instance.get_run_by_id(run_id).status.value for run_id in (failed, cancelled, last)] == ["FAILURE", "CANCELED", "SUCCESS"]

    assert delete_old_runs(instance, 1) == 2
    assert left(instance) == [last]


@pytest.mark.parametrize("status", IN_PROGRESS)
def test_a_run_in_progress_is_neither_deleted_nor_counted(instance: dg.DagsterInstance, status: dg.DagsterRunStatus) -> None:
    in_progress = add(instance, status)
    old, last = run(instance), run(instance)

    assert delete_old_runs(instance, 2) == 0
    assert left(instance) == [in_progress, old, last]
    assert delete_old_runs(instance, 1) == 1
    assert left(instance) == [in_progress, last]


def test_the_run_that_deletes_does_not_delete_itself(instance: dg.DagsterInstance) -> None:
    runs = [run(instance) for _ in range(3)]

    result = sweeping.execute_in_process(run_config=QUIET, instance=instance)

    assert result.success
    assert result.output_for_node("sweep") == 2
    assert left(instance) == [runs[-1], result.run_id]


@pytest.mark.full
def test_no_call_deletes_more_than_so_many(instance: dg.DagsterInstance) -> None:
    runs = [add(instance, dg.DagsterRunStatus.SUCCESS) for _ in range(AT_ONCE + 6)]

    assert delete_old_runs(instance, 1) == AT_ONCE
    assert left(instance) == runs[AT_ONCE:]
    assert delete_old_runs(instance, 1) == 5
    assert left(instance) == runs[-1:]


# --- What they leave ---------------------------------------------------------------------------------------------------------


def test_a_run_that_goes_takes_its_database_its_logs_and_its_events_along(instance: dg.DagsterInstance, settings: Settings) -> None:
    old, last = run(instance), run(instance)
    databases, folders = settings.dagster_home / "history" / "runs", settings.dagster_home / "storage"
    for run_id in (old, last):
        assert (databases / f"{run_id}.db").exists()
        assert (folders / run_id).is_dir()
        assert instance.all_logs(run_id)

    delete_old_runs(instance, 1)

    assert instance.get_run_by_id(old) is None
    assert not list(settings.dagster_home.rglob(f"*{old}*"))
    assert (databases / f"{last}.db").exists()
    assert (folders / last).is_dir()
    assert instance.all_logs(last)
    assert instance.all_logs(old) == []


def test_a_run_whose_logs_are_gone_already_can_still_go(instance: dg.DagsterInstance) -> None:
    add(instance, dg.DagsterRunStatus.SUCCESS)
    last = run(instance)

    assert delete_old_runs(instance, 1) == 1
    assert left(instance) == [last]


def test_what_was_deleted_in_one_process_is_not_there_in_the_next(settings: Settings) -> None:
    with open_instance(settings) as instance:
        last = [run(instance) for _ in range(3)][-1]
    with open_instance(settings) as instance:
        assert delete_old_runs(instance, 1) == 2
    with open_instance(settings) as instance:
        assert left(instance) == [last]
    assert [path.stem for path in (settings.dagster_home / "history" / "runs").glob("*-*.db")] == [last]


# --- What is needed ----------------------------------------------------------------------------------------------------------


def test_the_run_that_last_materialized_an_asset_stays_however_old(instance: dg.DagsterInstance) -> None:
    before, speaker = (run(instance, speaking, event="materialization") for _ in range(2))
    later = [run(instance) for _ in range(3)]

    assert delete_old_runs(instance, 1) == 3
    assert before not in left(instance)
    assert left(instance) == [speaker, later[-1]]


def test_the_run_that_last_materialized_an_asset_stays_though_a_later_one_observed_it(instance: dg.DagsterInstance) -> None:
    maker = run(instance, speaking, event="materialization")
    run(instance, speaking, event="observation")
    run(instance)

    delete_old_runs(instance, 1)

    made = instance.get_latest_materialization_event(REVENUE)
    assert made
    assert made.run_id == maker
    assert instance.get_run_by_id(maker)


@pytest.mark.parametrize("verdict", ["passes", "refuses"])
def test_the_run_that_last_judged_an_asset_stays_however_old(instance: dg.DagsterInstance, verdict: str) -> None:
    before, judged = run(instance, judging), run(instance, judging, **{verdict: "yes"})
    later = [run(instance) for _ in range(3)]

    assert delete_old_runs(instance, 1) == 3
    assert before not in left(instance)
    assert left(instance) == [judged, later[-1]]


def test_a_run_that_only_planned_to_judge_does_not_stand_in_for_the_one_that_did(instance: dg.DagsterInstance) -> None:
    judged, crashed, last = run(instance, judging), run(instance, judging, fails="yes"), run(instance)

    assert delete_old_runs(instance, 1) == 1
    assert crashed not in left(instance)
    assert left(instance) == [judged, last]


def test_what_is_needed_no_more_goes_at_the_next_call(instance: dg.DagsterInstance) -> None:
    speaker, last = run(instance, speaking), run(instance)
    assert delete_old_runs(instance, 1) == 0

    speaks_now = run(instance, speaking)

    assert delete_old_runs(instance, 1) == 2
    assert left(instance) == [speaks_now]
    assert not {speaker, last} & set(left(instance))


@pytest.mark.full
def test_after_a_refresh_and_many_runs_every_check_and_asset_says_what_it_said(
    instance: dg.DagsterInstance, settings: Settings, sample_export: Path
) -> None:
    job = defs().resolve_job_def("refresh")
    given = load_settings(data_dir=settings.data_dir, export=sample_export)
    refreshed = run_refresh(job, given, instance, on_made=lambda _: None, log_level="CRITICAL")
    assert refreshed.release
    later = [run(instance) for _ in range(20)]
    before = said(instance, settings)
    assert set(before) == CHECKS
    assert NOT_JUDGED not in {result.found for result in before.values()}
    runs = made_by(instance)
    assert set(runs.values()) == {refreshed.run_id}

    delete_old_runs(instance, 1)

    assert left(instance) == [refreshed.run_id, later[-1]]
    assert said(instance, settings) == before
    assert made_by(instance) == runs
    assert instance.all_logs(refreshed.run_id)
    with open_instance(settings) as reopened:
        assert said(reopened, settings) == before
