"""The Dagster instance under the data folder: the one that the UI shows, and that a refresh from the command line writes to.

Belongs here: where it is and how it is set up. Never here: what runs on it.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import dagster as dg
import sqlalchemy.exc
from filelock import FileLock

from bottleneck_assets.defs._dagster_private import DagsterUserCodeUnreachableError
from bottleneck_assets.defs._dagster_private_storage import DagsterGrpcClient
from bottleneck_assets.errors import BottleneckError, remedy_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bottleneck_assets.settings import Settings

Webserver = Literal["ui", "viewer"]
HOST = "127.0.0.1"
MODULE = "bottleneck_assets.definitions"
LOCATION = "bottleneck_assets"
CODE_SOCKET = "code.sock"
SOCKET_LENGTH = 100
"""What every system takes as the path of a socket."""
UNFIT = "%?"
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


def code_socket(settings: Settings) -> Path | None:
    """Return where the code server listens: a socket that only this user can open; None on Windows, which has none.

    Raises BottleneckError if its path would be too long.
    """
    if os.name != "posix":
        return None
    socket = settings.dagster_home.resolve() / CODE_SOCKET
    if len(str(socket).encode()) > SOCKET_LENGTH:
        problem = f"{socket} is too long for the path of a socket (at most {SOCKET_LENGTH} bytes)."
        raise BottleneckError(problem, "Choose a data folder with a shorter path: --data-dir, or BOTTLENECK_DATA_DIR.")
    return socket


def code_server_answers(socket: Path) -> bool:
    """Ask the code server itself whether it is alive: the UI goes on showing what it has read of one that is gone."""
    try:
        return socket.exists() and DagsterGrpcClient(socket=str(socket)).ping("") is not None
    except DagsterUserCodeUnreachableError:
        return False


def workspace_file(settings: Settings) -> Path:
    """Return the file that tells daemon and UI where the code location is."""
    return settings.dagster_home.resolve() / "workspace.yaml"


def write_workspace(settings: Settings) -> None:
    """Write down where daemon and UI find the code location: at the code server, or, on Windows, by themselves."""
    socket = code_socket(settings)
    served = {"grpc_server": {"socket": str(socket), "location_name": LOCATION}}
    loaded = {"python_module": {"module_name": MODULE, "location_name": LOCATION}}
    _write(workspace_file(settings), json.dumps({"load_from": [served if socket else loaded]}, indent=2) + "\n")  # JSON is YAML


def open_instance(settings: Settings) -> dg.DagsterInstance:
    """Open the instance. Use it as a context manager, so that its storages are closed.

    One process at a time: Dagster makes its databases when they are first opened, and two at once would trip over each other.
    """
    home = set_up_home(settings)
    try:
        with FileLock(home / ".setup.lock"):
            return dg.DagsterInstance.from_config(str(home))
    except _postgres_errors(settings) as error:
        problem = f"PostgreSQL cannot be reached under BOTTLENECK_POSTGRES_URL ({type(error).__name__})."
        raise BottleneckError(problem, "Check that it is running, and the host, port, user and password of that address.") from None
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise _unusable(settings, "opened", error) from error


@contextmanager
def using_instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """Open the instance for as long as the block lasts. Raises BottleneckError if it cannot be opened, or not be written to any more."""
    with open_instance(settings) as instance:
        try:
            yield instance
        except sqlalchemy.exc.SQLAlchemyError as error:
            raise _unusable(settings, "used", error) from error


def _unusable(settings: Settings, what: str, error: sqlalchemy.exc.SQLAlchemyError) -> BottleneckError:
    cause = " ".join(str(error).partition("\n")[0].split())[:200]
    where = "PostgreSQL" if settings.postgres_url else settings.dagster_home.resolve()
    remedy = "Move that folder away; it holds the history of runs, no table and no release."
    return BottleneckError(
        f"The Dagster instance in {where} cannot be {what}: {cause}",
        remedy_for(cause) or (remedy if not settings.postgres_url else "Check that PostgreSQL is running, and run it again."),
    )


def _postgres_errors(settings: Settings) -> tuple[type[Exception], ...]:
    """Return what opening an instance in PostgreSQL raises; nothing where there is none. Raises BottleneckError if the extra is missing."""
    if not settings.postgres_url:
        return ()
    try:
        from dagster_postgres.utils import DagsterPostgresException
    except ImportError:
        problem = "BOTTLENECK_POSTGRES_URL is set, and dagster-postgres is not installed."
        raise BottleneckError(problem, "Install the extra: `uv sync --extra postgres`, or `make setup EXTRA=postgres`.") from None
    return DagsterPostgresException, sqlalchemy.exc.SQLAlchemyError


def _write(path: Path, text: str) -> None:
    """Write a file by renaming, and only if it changes: another process may be reading it."""
    with suppress(FileNotFoundError):
        if path.read_bytes() == text.encode():  # what the disk has damaged need not be text
            return
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
