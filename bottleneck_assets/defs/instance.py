"""The Dagster instance under the data folder: the one that the UI shows, and that a refresh from the command line writes to.

Belongs here: where it is and how it is set up. Never here: what runs on it.
"""

from __future__ import annotations

import json
import platform
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import psutil
import sqlalchemy.exc
from filelock import FileLock

from bottleneck_assets.errors import BottleneckError

if TYPE_CHECKING:
    from bottleneck_assets.settings import Settings

MODULE = "bottleneck_assets.definitions"
LOCATION = "bottleneck_assets"
WORKSPACE = """\
load_from:
  - grpc_server: {{host: 127.0.0.1, port: {port}, location_name: {location}}}
"""
UNFIT = "%?"
PROCESS = "bottleneck/process"
POOLED_STORAGE = """
storage:
  custom:
    module: bottleneck_assets.defs.pooled_storage
    class: PooledSqliteStorage
    config: {{base_dir: {home}}}
"""
POSTGRES_STORAGE = """
storage:
  postgres:
    postgres_url: {env: BOTTLENECK_POSTGRES_URL}
"""


def set_up_home(settings: Settings) -> Path:
    """Make or renew the instance's folder, with its dagster.yaml; return its path."""
    home = settings.dagster_home.resolve()
    if set(str(home)) & set(UNFIT):
        problem = f"{home} has one of {' '.join(UNFIT)} in its path, which the addresses of Dagster's databases cannot have."
        raise BottleneckError(problem, "Choose another folder: --data-dir, or BOTTLENECK_DATA_DIR.")
    home.mkdir(parents=True, exist_ok=True)
    configuration = (Path(__file__).parent / "dagster.yaml").read_text(encoding="utf-8")
    if settings.postgres_url:
        configuration += POSTGRES_STORAGE
    elif settings.instance_storage == "pooled":
        configuration += POOLED_STORAGE.format(home=json.dumps(str(home)))
    _write(home / "dagster.yaml", configuration)
    return home


def write_workspace(settings: Settings) -> Path:
    """Write down where the daemon and the UI find the code server; return the file's path."""
    workspace = settings.dagster_home.resolve() / "workspace.yaml"
    _write(workspace, WORKSPACE.format(port=settings.code_port, location=LOCATION))
    return workspace


def open_instance(settings: Settings) -> dg.DagsterInstance:
    """Open the instance. Use it as a context manager, so that its storages are closed.

    One process at a time: Dagster makes its databases when they are first opened, and two at once would trip over each other.
    """
    home = set_up_home(settings)
    try:
        with FileLock(home / ".setup.lock"):
            return dg.DagsterInstance.from_config(str(home))
    except sqlalchemy.exc.SQLAlchemyError as error:
        problem = f"The Dagster instance in {home} cannot be opened: {' '.join(str(error).split())[:200]}"
        raise BottleneckError(problem, "Move that folder away; it holds the history of runs, no table and no release.") from error


def this_process() -> dict[str, str]:
    """Return the tags by which a run tells the process that it lives in."""
    process = psutil.Process()
    return {PROCESS: f"{process.pid} {process.create_time():.2f} {platform.node()}"}


def fail_dead_runs(instance: dg.DagsterInstance) -> None:
    """Report as failed the runs whose process is gone: killed, they could not say so, and would count as in progress for ever.

    Only processes of this machine can be judged.
    """
    for run in instance.get_runs(
        dg.RunsFilter(statuses=[dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED])
    ):
        if PROCESS in run.tags and not _is_alive(*run.tags[PROCESS].split(maxsplit=2)):
            instance.report_run_failed(run, "The process of this refresh was killed. The last release stays in place.")


def _is_alive(pid: str, created: str, machine: str = "") -> bool:
    if machine != platform.node():
        return True
    try:
        return f"{psutil.Process(int(pid)).create_time():.2f}" == created
    except psutil.NoSuchProcess:
        return False


def _write(path: Path, text: str) -> None:
    """Write a file by renaming, and only if it changes: another process may be reading it."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        beside = path.with_name(f".{path.name}.tmp")
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
