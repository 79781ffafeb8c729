"""Starts `bottleneck up` twice at the same instant on one folder: one runs, whole, and the other says why it does not.

Belongs here: what is started and what must hold of it. Never here: refreshes at the same time (concurrency.py).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.request
from typing import TYPE_CHECKING
from urllib.error import HTTPError

from bottleneck_assets.sample.export import write_sample_export
from bottleneck_assets_tests.running import BOTTLENECK, free_port, wait_for
from bottleneck_assets_tests.torture.trials import MARK, Outcome, Scope, Trial, left_over

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SECONDS = 180
"""How long starting, and being found alive, may take on a machine that has other things to do."""
REFUSED = "A code server is running for"


def held(scope: Scope) -> Iterable[Outcome]:
    """Start two, again and again."""
    losses, times = list[str](), scope.times(1, 50)
    data_dir = scope.folder / "data"
    write_sample_export(data_dir / "exports" / "sample.db")
    for number in range(times):
        scope.told(f"start {number + 1} of {times}")
        losses += [f"start {number + 1}: {loss}" for loss in (*lost_by_starting_two(data_dir), *left_over(data_dir))]
    yield Outcome("two at once on one folder", times, losses)


def lost_by_starting_two(data_dir: Path) -> list[str]:
    """Start two at the same instant, stop them, and return what was not as it should be."""
    ports = [(free_port(), free_port()) for _ in range(2)]
    started = [_started(data_dir, *both) for both in ports]
    try:
        ends = time.monotonic() + SECONDS
        while time.monotonic() < ends and all(process.poll() is None for process in started):
            time.sleep(0.1)
        refused = [process for process in started if process.poll() is not None]
        if len(refused) != 1:
            return [f"{len(refused)} of two were refused"]
        _, said = refused[0].communicate()
        lost = [] if refused[0].returncode == 1 and REFUSED in said else [f"exit code {refused[0].returncode}: {said!r}"]
        (running,) = (portal for (_, portal), process in zip(ports, started, strict=True) if process.poll() is None)
        wait_for(lambda: _health(running) == "ok", SECONDS)
    except AssertionError:
        return ["the one that runs is not found alive"]
    else:
        return lost
    finally:
        for process in started:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
        for process in started:
            process.communicate(timeout=SECONDS)


def _started(data_dir: Path, port: int, portal_port: int) -> subprocess.Popen[str]:
    command = [BOTTLENECK, "up", "--data-dir", str(data_dir), "--port", str(port), "--portal-port", str(portal_port)]
    given = {**os.environ, MARK: str(data_dir)}
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=given)


def _health(port: int) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=15) as answer:
            return json.load(answer)["status"]
    except HTTPError as error:
        return json.load(error)["status"]
    except OSError:
        return ""


TRIALS = (Trial("two-starts", "Of two that are started at the same instant on one folder, one runs, and the other says why not.", held),)
