"""Starts the Dagster UI: webserver and daemon on 127.0.0.1, with the instance under the data folder.

Belongs here: the processes of `bottleneck up`. Never here: what they show.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from urllib.error import URLError

import psutil

from bottleneck_assets.defs.instance import fail_dead_runs, open_instance, set_up_home
from bottleneck_assets.errors import BottleneckError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bottleneck_assets.settings import Settings

HOST = "127.0.0.1"
START_SECONDS = 180
STOP_SECONDS = 40


@contextmanager
def dagster_ui(settings: Settings) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Start the UI, and give its address and process once it answers; stop it when the block ends.

    Raises BottleneckError if the port is taken or the UI does not come up; its output is in `up.log` in the instance's folder.
    """
    _refuse_taken_port(settings.port)
    with open_instance(settings) as instance:
        fail_dead_runs(instance)
        home = set_up_home(settings)
    log = home / "up.log"
    command = [sys.executable, "-m", "dagster", "dev", "-w", str(home / "workspace.yaml"), "-h", HOST, "-p", str(settings.port)]
    environment = {
        **os.environ,
        "DAGSTER_HOME": str(home),
        "BOTTLENECK_DATA_DIR": str(settings.data_dir.resolve()),
        "PYTHONWARNINGS": "ignore",  # `dagster dev` announces its successor at every start
    }
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=os.name == "posix")  # noqa: S603 - our own command
    try:
        address = f"http://{HOST}:{settings.port}"
        _wait_until_up(address, process, log)
        yield address, process
    finally:
        _stop(process)


def _refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        if probe.connect_ex((HOST, port)) == 0:
            problem = f"Port {port} on {HOST} is taken."
            raise BottleneckError(problem, "Stop what listens there, or choose another port: --port, or BOTTLENECK_PORT.")


def _wait_until_up(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(START_SECONDS * 2):
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{address}/server_info", timeout=2):  # noqa: S310 - our own address
                return
        except (URLError, OSError):
            time.sleep(0.5)
    problem = f"The Dagster UI did not come up on {address}."
    raise BottleneckError(problem, f"Read why in {log}.")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the UI to stop, as Ctrl-C would, and end what is left of its processes."""
    children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    if os.name == "posix":
        process.send_signal(signal.SIGINT)
    else:
        process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    for left in children:
        with suppress(psutil.NoSuchProcess):
            left.kill()
    process.kill()
    process.wait()
