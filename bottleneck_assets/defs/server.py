"""The processes that run the workflow by itself: code server, daemon, Dagster UI and portal, on 127.0.0.1 unless told otherwise.

Belongs here: which process runs what, and starting and stopping them together for `bottleneck up`. Never here: what they show.

A deployment runs the same processes, each by itself, under a supervisor (`bottleneck serve`, docs/deployment.md).
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Literal, get_args
from urllib.error import HTTPError, URLError

import psutil
from filelock import FileLock, Timeout

from bottleneck_assets.defs.instance import HOST, LOCATION, MODULE, code_socket, open_instance, workspace_file, write_workspace
from bottleneck_assets.defs.standing import STARTED_BY, home_is_gone
from bottleneck_assets.errors import BottleneckError
from bottleneck_assets.web.protection import refuse_unprotected

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from bottleneck_assets.settings import Settings

START_SECONDS = 180
STOP_SECONDS = 40

Process = Literal["code", "daemon", "ui", "viewer", "portal"]
PROCESSES: tuple[Process, ...] = get_args(Process)
"""The code server, which loads the assets and starts the runs; the daemon, with schedule, sensors and queue; the UI; the UI read-only;
the portal."""


def command(process: Process, settings: Settings) -> list[str]:
    """Return the command of one process."""
    python = [sys.executable, "-m"]
    standing = [*python, "bottleneck_assets.defs.standing"]
    code_server = [*standing, "dagster", "code-server", "start", "-s", str(code_socket(settings))]
    return {
        "code": [*code_server, "-m", MODULE, "--location-name", LOCATION, "--log-level", "warning"],
        "daemon": [*standing, "dagster._daemon", "run", "-w", str(workspace_file(settings)), "--log-level", "warning"],
        "ui": [*python, "bottleneck_assets.defs.webserver", "ui"],
        "viewer": [*python, "bottleneck_assets.defs.webserver", "viewer"],
        "portal": [*python, "bottleneck_assets.defs.portal"],
    }[process]


def environment(settings: Settings) -> Mapping[str, str]:
    """Return the environment of every process: this one's, the instance, and the settings that the command line may have given."""
    return {
        **os.environ,
        "DAGSTER_HOME": str(settings.dagster_home.resolve()),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "BOTTLENECK_DATA_DIR": str(settings.data_dir.resolve()),
        "BOTTLENECK_PORT": str(settings.port),
        "BOTTLENECK_PORTAL_HOST": settings.portal_host,
        "BOTTLENECK_PORTAL_PORT": str(settings.portal_port),
        **({"BOTTLENECK_DAGSTER_URL": settings.dagster_url} if settings.dagster_url else {}),
    }


def prepare(settings: Settings) -> None:
    """Set up the instance and its databases, so that the processes can start in any order."""
    open_instance(settings).dispose()
    write_workspace(settings)


@contextmanager
def dagster_ui(settings: Settings) -> Iterator[tuple[str, Callable[[], None]]]:
    """Start all but the viewer, give the UI's address once UI and portal answer, and a way to wait; stop all when the block ends.

    The way to wait raises BottleneckError if one of them ends by itself, or if the instance's folder is deleted underneath: without them
    the others would look well and do nothing.

    Raises BottleneckError if a port is taken, if they run for this data folder already, or are being started, or if one does not come up;
    what they print is in `up.log` in the instance's folder.
    """
    refuse_unprotected(settings)
    _refuse_taken_port(HOST, settings.port, "--port, or BOTTLENECK_PORT")
    _refuse_taken_port(settings.portal_host, settings.portal_port, "--portal-port, or BOTTLENECK_PORTAL_PORT")
    with _alone(settings):
        yield from _started(settings)


def _started(settings: Settings) -> Iterator[tuple[str, Callable[[], None]]]:
    prepare(settings)
    address = f"http://{HOST}:{settings.port}"
    portal_settings = settings if settings.dagster_url else settings.model_copy(update={"dagster_url": address})
    log = settings.dagster_home / "up.log"
    with log.open("wb") as output, ExitStack() as running:
        started: dict[Process, subprocess.Popen[bytes]] = {}
        running.callback(lambda: _stop(list(started.values())))

        def start(process: Process) -> subprocess.Popen[bytes]:
            started[process] = subprocess.Popen(  # noqa: S603 - our own command
                command(process, settings),
                env={**environment(portal_settings), STARTED_BY: str(os.getpid())},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=os.name == "posix",
            )
            return started[process]

        if code := code_socket(settings):
            _wait_until(lambda: _is_open(code), start("code"), "The code server did not come up.", log)
        start("daemon")
        ui, portal = start("ui"), start("portal")
        _wait_until(lambda: _answers(f"{address}/server_info"), ui, f"The Dagster UI did not come up on {address}.", log)
        health = f"http://{settings.portal_reached_at}/healthz"
        _wait_until(lambda: _answers(health), portal, f"The portal did not come up on {settings.portal_address}.", log)
        yield address, partial(_wait_for_an_end, started, log, home_is_gone(settings.dagster_home.resolve()))


def become(process: Process, settings: Settings) -> None:
    """Turn this process into one of those, so that whatever supervises it sees that one. Windows cannot: there it waits for it."""
    if process == "code":
        _stay_alone(settings)
    if process == "portal":
        refuse_unprotected(settings)
        _refuse_taken_port(settings.portal_host, settings.portal_port, "--port, or BOTTLENECK_PORTAL_PORT")
    else:
        prepare(settings)
    line = command(process, settings)
    if os.name == "posix":
        os.execve(line[0], line, environment(settings))  # noqa: S606 - our own command
    sys.exit(subprocess.call(line, env=environment(settings)))  # noqa: S603 - our own command


def _refuse_taken_port(host: str, port: int, setting: str) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        if probe.connect_ex((host, port)) == 0:
            problem = f"Port {port} on {host} is taken."
            raise BottleneckError(problem, f"Stop what listens there, or choose another port: {setting}.")


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Be the only one to run a code server for a data folder. Raises BottleneckError if another does, or is about to."""
    try:
        held = FileLock(_lock_file(settings)).acquire(blocking=False)
    except Timeout:
        raise _second(settings) from None
    with held:
        if (code := code_socket(settings)) and _is_open(code):
            raise _second(settings)
        yield


def _stay_alone(settings: Settings) -> None:
    """Be the only one as long as this process lives, whatever program it turns into. Raises BottleneckError if another is."""
    if sys.platform == "win32":
        with _alone(settings):
            return
    lock = os.open(_lock_file(settings), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the lock that FileLock takes too
    except BlockingIOError:
        raise _second(settings) from None
    if (code := code_socket(settings)) and _is_open(code):
        raise _second(settings)
    os.set_inheritable(lock, True)  # noqa: FBT003 - of the standard library


def _lock_file(settings: Settings) -> Path:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return settings.data_dir / ".up.lock"


def _second(settings: Settings) -> BottleneckError:
    problem = f"A code server is running for {settings.data_dir} already."
    return BottleneckError(problem, "Use the one that is running, or stop it first.")


def _is_open(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own address
            return True
    except HTTPError:  # it is up, and may have to say that something else is not yet
        return True
    except (URLError, OSError):
        return False


def _wait_until(is_up: Callable[[], bool], process: subprocess.Popen[bytes], problem: str, log: Path) -> None:
    for _ in range(START_SECONDS * 5):
        if is_up():
            return
        if process.poll() is not None:
            break
        time.sleep(0.2)
    raise BottleneckError(problem, f"Read why in {log}.")


def _wait_for_an_end(started: Mapping[Process, subprocess.Popen[bytes]], log: Path, is_gone: Callable[[], BottleneckError | None]) -> None:
    while not (ended := [name for name, process in started.items() if process.poll() is not None]):
        time.sleep(1)
        if gone := is_gone():
            raise gone
    if gone := is_gone():
        raise gone
    problem = f"The process {ended[0]} has ended by itself, and the others were stopped."
    raise BottleneckError(problem, f"Start again; read why in {log}.")


def _stop(started: list[subprocess.Popen[bytes]]) -> None:
    """Ask every process to stop, as Ctrl-C would, the last started first, and end what is left of them."""
    children = [child for process in started if process.poll() is None for child in psutil.Process(process.pid).children(recursive=True)]
    for process in reversed(started):
        if os.name == "posix":
            process.send_signal(signal.SIGINT)
        else:
            process.terminate()
    ends = time.monotonic() + STOP_SECONDS
    for process in started:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0, ends - time.monotonic()))
    for left in children:
        with suppress(psutil.NoSuchProcess):
            left.kill()
    for process in started:
        if os.name == "posix":
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)  # also what a killed one has left
        process.kill()
        process.wait()
