"""Starts the workflow's processes as a person does, and asks them what the UI asks.

Belongs here: real processes, a real browser, free ports, the GraphQL behind the UI's buttons, and waiting for something to become true.
Never here: a test.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bottleneck_assets_tests.tiers import CHROMIUM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from playwright.sync_api import Browser

Found = TypeVar("Found")
BOTTLENECK = str(Path(sys.executable).parent / "bottleneck")
PATIENCE = 300 * float(os.environ.get("TEST_PATIENCE", "1"))
"""How long a test waits before it fails, in seconds: for a process, a page, or something to become true. TEST_PATIENCE is a factor."""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LAUNCH = """
mutation Launch($params: ExecutionParams!) {
  launchPipelineExecution(executionParams: $params) { __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } }
}
"""
RUNS = "{ runsOrError { ... on Runs { results { runId status jobName tags { key value } } } } }"
INSTIGATORS = """
{ sensorsOrError(repositorySelector: {repositoryName: "__repository__", repositoryLocationName: "bottleneck_assets"}) {
    ... on Sensors { results { name id sensorState { status } } } }
  schedulesOrError(repositorySelector: {repositoryName: "__repository__", repositoryLocationName: "bottleneck_assets"}) {
    ... on Schedules { results { name scheduleState { status } } } } }
"""
FINISHED = {"SUCCESS", "FAILURE", "CANCELED"}


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_for(what: Callable[[], Found | None], seconds: float = PATIENCE) -> Found:
    """Return what a question answers once it answers something, and fail when patience is at its end; `seconds` only ever add to it."""
    ends = time.monotonic() + max(seconds, PATIENCE)
    while not (found := what()):
        assert time.monotonic() < ends, f"not within {max(seconds, PATIENCE)} s"
        time.sleep(0.1)
    return found


@contextmanager
def begun(command: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[Any]]:
    """Run a process that the block sees to its end. Where the block fails, it is killed: Popen alone would wait for it for ever."""
    with subprocess.Popen(command, **options) as process:
        try:
            yield process
        except BaseException:
            process.kill()
            raise


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run the browser that is installed, for as long as the block lasts; for tests that are marked as needing Chromium."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@dataclass(frozen=True)
class Run:
    """A run as the UI lists it."""

    id: str
    status: str
    job: str
    tags: dict[str, str]


@dataclass(frozen=True)
class Ui:
    """A running UI: its data folder and port, and what its buttons do."""

    data_dir: Path
    port: int
    portal_port: int = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def portal(self) -> str:
        return f"http://127.0.0.1:{self.portal_port}"

    @property
    def latest(self) -> Path:
        return self.data_dir / "extracts" / "latest"

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(f"{self.address}/graphql", data=body, headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            return json.load(response)["data"]

    def runs(self) -> list[Run]:
        """Return all runs, the newest first."""
        return [
            Run(run["runId"], run["status"], run["jobName"], {tag["key"]: tag["value"] for tag in run["tags"]})
            for run in self.ask(RUNS)["runsOrError"]["results"]
        ]

    def runs_of(self, export: str) -> list[Run]:
        """Return the runs that read one export, by its name."""
        return [run for run in self.runs() if run.tags.get("bottleneck/export") == export]

    def finished_run_of(self, export: str) -> Run | None:
        return next((run for run in self.runs_of(export) if run.status in FINISHED), None)

    def published(self) -> dict[str, str]:
        """Return the export of the newest release: its name and SHA-256."""
        return json.loads((self.latest / "manifest.json").read_text(encoding="utf-8"))["export"]

    def materialize(self, *assets: str) -> str:
        """Press Materialize on some assets, or on all of them, without any config; return the run's status."""
        selector: dict[str, Any] = {
            "repositoryLocationName": "bottleneck_assets",
            "repositoryName": "__repository__",
            "jobName": "__ASSET_JOB",
        }
        if assets:
            selector["assetSelection"] = [{"path": asset.split("/")} for asset in assets]
        launched = self.ask(LAUNCH, params={"selector": selector, "runConfigData": {}, "mode": "default"})["launchPipelineExecution"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        started = launched["run"]["runId"]
        return wait_for(lambda: next((run.status for run in self.runs() if run.id == started and run.status in FINISHED), None))

    def switches(self) -> dict[str, str]:
        """Return what runs by itself, and whether it is on."""
        found = self.ask(INSTIGATORS)
        return {
            **{sensor["name"]: sensor["sensorState"]["status"] for sensor in found["sensorsOrError"]["results"]},
            **{schedule["name"]: schedule["scheduleState"]["status"] for schedule in found["schedulesOrError"]["results"]},
        }

    def turn_off(self, sensor: str) -> None:
        """Turn a sensor off, as the switch on the Automation page does."""
        (selected,) = [one["id"] for one in self.ask(INSTIGATORS)["sensorsOrError"]["results"] if one["name"] == sensor]
        self.ask("mutation Stop($id: String!) { stopSensor(id: $id) { __typename } }", id=selected)
        assert self.switches()[sensor] == "STOPPED"


@contextmanager
def up(data_dir: Path, **environment: str) -> Iterator[tuple[Ui, subprocess.Popen[str]]]:
    """Run `bottleneck up` for as long as the block lasts."""
    port, portal_port = free_port(), free_port()
    command = [BOTTLENECK, "up", "--data-dir", str(data_dir), "--port", str(port), "--portal-port", str(portal_port)]
    settings = {**os.environ, **environment}
    with begun(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=settings) as process:
        assert process.stdout is not None
        try:
            assert any(f"Dagster UI: http://127.0.0.1:{port}" in line for line in iter(process.stdout.readline, "")), "it did not come up"
            yield Ui(data_dir, port, portal_port), process
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE)
