"""`bottleneck up` as a person uses it: a real webserver and daemon, driven through the same GraphQL as the UI's buttons."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from bottleneck_assets.models.catalog import models
from bottleneck_assets.sample.export import write_sample_export

if TYPE_CHECKING:
    from collections.abc import Iterator

BOTTLENECK = str(Path(sys.executable).parent / "bottleneck")
LAUNCH = """
mutation Launch($params: ExecutionParams!) {
  launchPipelineExecution(executionParams: $params) { __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } }
}
"""


class Ui:
    """A running UI: its address, its process, and what its buttons do."""

    def __init__(self, data_dir: Path, port: int, process: subprocess.Popen[str]) -> None:
        self.data_dir = data_dir
        self.port = port
        self.process = process

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/graphql", data=body, headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)["data"]

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
        for _ in range(600):
            found = self.ask("query Run($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }", id=launched["run"]["runId"])
            if found["runOrError"]["status"] in {"SUCCESS", "FAILURE", "CANCELED"}:
                return found["runOrError"]["status"]
            time.sleep(0.2)
        return "still running"


@pytest.fixture(scope="module")
def ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ui]:
    data_dir = tmp_path_factory.mktemp("ui")
    write_sample_export(data_dir / "exports" / "sample.db")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [BOTTLENECK, "up", "--data-dir", str(data_dir), "--port", str(port)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    with process, process.stdout:
        try:
            assert f"http://127.0.0.1:{port}" in process.stdout.readline()
            yield Ui(data_dir, port, process)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def test_materialize_all_publishes_a_release_without_any_config_and_leaves_everything_fresh(ui: Ui) -> None:
    assert ui.materialize() == "SUCCESS"
    assert (ui.data_dir / "extracts" / "latest" / "manifest.json").exists()
    nodes = ui.ask("{ assetNodes { assetKey { path } staleStatus } }")["assetNodes"]
    assert len(nodes) == len(models()) + 2
    assert {"/".join(node["assetKey"]["path"]): node["staleStatus"] for node in nodes if node["staleStatus"] != "FRESH"} == {}


@pytest.mark.parametrize("asset", ["kpi/revenue", "raw/web", "raw/parameters", "publication/release"])
def test_materialize_of_a_single_asset_works_without_any_config(asset: str, ui: Ui) -> None:
    assert ui.materialize(asset) == "SUCCESS"


def test_a_release_of_tables_from_two_exports_is_refused(ui: Ui) -> None:
    before = (ui.data_dir / "extracts" / "latest").readlink()
    write_sample_export(ui.data_dir / "exports" / "newer.db", seed=9)
    assert ui.materialize("raw/finance") == "SUCCESS"
    assert ui.materialize("publication/release") == "FAILURE"
    assert (ui.data_dir / "extracts" / "latest").readlink() == before


def test_the_ui_listens_on_this_machine_alone_and_sends_no_telemetry(ui: Ui) -> None:
    processes = [psutil.Process(ui.process.pid), *psutil.Process(ui.process.pid).children(recursive=True)]
    listening = {
        connection.laddr.ip
        for process in processes
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}
    assert ui.ask("{ canBulkTerminate }")
    assert "telemetry: {enabled: false}" in (ui.data_dir / "dagster_home" / "dagster.yaml").read_text(encoding="utf-8")


def test_a_taken_port_is_named(ui: Ui, tmp_path: Path) -> None:
    done = subprocess.run(
        [BOTTLENECK, "up", "--data-dir", str(tmp_path), "--port", str(ui.port)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert f"Port {ui.port} on 127.0.0.1 is taken." in done.stderr
    assert "--port" in done.stderr


def test_ctrl_c_stops_every_process(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    write_sample_export(tmp_path / "exports" / "sample.db")
    command = [BOTTLENECK, "up", "--data-dir", str(tmp_path), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        assert "Dagster UI" in process.stdout.readline()
        started = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    _, alive = psutil.wait_procs(started, timeout=10)
    assert [child.cmdline() for child in alive if child.status() != psutil.STATUS_ZOMBIE] == []


def test_a_refresh_killed_on_the_command_line_does_not_hold_up_the_ui(ui: Ui) -> None:
    command = [BOTTLENECK, "refresh", "--force", "--data-dir", str(ui.data_dir)]
    for _ in range(2):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True) as process:
            time.sleep(3)
            os.killpg(process.pid, signal.SIGKILL)
    assert ui.materialize("kpi/revenue") == "SUCCESS"
