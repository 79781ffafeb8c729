"""`bottleneck up` as a person uses it: a real webserver and daemon, driven through the same GraphQL as the UI's buttons."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import quote

import dagster as dg
import psutil
import pytest

from bottleneck_assets.defs import server
from bottleneck_assets.defs.standing import home_is_gone
from bottleneck_assets.documents.catalog import DOCUMENTS, ON_REQUEST
from bottleneck_assets.errors import BottleneckError
from bottleneck_assets.models.catalog import models
from bottleneck_assets.sample.export import write_sample_export
from bottleneck_assets.settings import Settings
from bottleneck_assets_tests.running import BOTTLENECK, PATIENCE, begun, free_port, up, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bottleneck_assets_tests.running import Ui

pytestmark = [pytest.mark.full, pytest.mark.usefixtures("posix")]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Ui, subprocess.Popen[str]]]:
    data_dir = tmp_path_factory.mktemp("ui")
    write_sample_export(data_dir / "exports" / "sample.db")
    with up(data_dir) as (ui, process):
        ui.turn_off("new_export")  # these tests press the buttons
        yield ui, process


@pytest.fixture
def ui(running: tuple[Ui, subprocess.Popen[str]]) -> Ui:
    return running[0]


def test_materialize_all_publishes_a_release_without_any_config_and_leaves_everything_fresh(ui: Ui) -> None:
    assert ui.materialize() == "SUCCESS"
    assert (ui.data_dir / "extracts" / "latest" / "manifest.json").exists()
    nodes = ui.ask("{ assetNodes { assetKey { path } staleStatus } }")["assetNodes"]
    assert len(nodes) == len(models()) + len(DOCUMENTS) + len(ON_REQUEST) + 3  # the export, the release, the Tableau site
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


def test_the_ui_listens_on_this_machine_alone_and_sends_no_telemetry(running: tuple[Ui, subprocess.Popen[str]]) -> None:
    ui, process = running
    processes = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    listening = {
        connection.laddr.ip.removeprefix("::ffff:")
        for process in processes
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}
    assert ui.ask("{ canBulkTerminate }")
    assert "telemetry: {enabled: false}" in (ui.data_dir / "dagster_home" / "dagster.yaml").read_text(encoding="utf-8")


MUTATION = "mutation { reloadWorkspace { __typename } }"


def status(ui: Ui, method: str, path: str, body: str | None = None, **headers: str) -> int:
    with closing(HTTPConnection("127.0.0.1", ui.port, timeout=PATIENCE)) as connection:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        with connection.getresponse() as answer:
            answer.read()
            return answer.status


def test_what_a_page_of_another_site_makes_a_browser_ask_is_refused(ui: Ui) -> None:
    """Hold the UI against the five ways in which Dagster's own takes such requests."""
    question, asked = json.dumps({"query": "{ version }"}), {"Content_Type": "application/json"}
    evil = "http://evil.example"
    assert status(ui, "GET", f"/graphql?query={quote(MUTATION)}", Origin=evil) == 403
    assert status(ui, "GET", f"/graphql?query={quote(MUTATION)}") == 403
    assert status(ui, "GET", f"/graphql?%71uery={quote(MUTATION)}") == 403
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    assert status(ui, "POST", f"/graphql?query={quote(MUTATION)}", "", **form) == 403
    assert status(ui, "POST", "/report_asset_materialization/kpi/revenue", "") == 403
    assert status(ui, "POST", "/graphql", question, **asked, Host="rebound.example") == 403
    assert status(ui, "POST", "/graphql", question, **asked, Origin=evil) == 403
    assert status(ui, "POST", "/graphql", question, **asked, Origin="null") == 403
    assert status(ui, "POST", "/graphql", question, **asked, Sec_Fetch_Site="cross-site") == 403


def test_what_the_ui_s_own_pages_ask_is_answered_and_a_link_from_elsewhere_opens_a_page(ui: Ui) -> None:
    question, asked = json.dumps({"query": "{ version }"}), {"Content_Type": "application/json"}
    for host in ("127.0.0.1", "localhost"):
        ours = {"Host": f"{host}:{ui.port}", "Origin": f"http://{host}:{ui.port}", "Sec_Fetch_Site": "same-origin"}
        assert status(ui, "POST", "/graphql", question, **asked, **ours) == 200
    assert status(ui, "GET", "/runs", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="document") == 200
    assert status(ui, "GET", "/runs", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="no-cors", Sec_Fetch_Dest="image") == 403


def test_a_foreign_page_cannot_listen_in(ui: Ui) -> None:
    upgrade = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec_WebSocket_Version": "13",
        "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec_WebSocket_Protocol": "graphql-ws",
    }
    assert status(ui, "GET", "/graphql", Origin="http://evil.example", **upgrade) == 403


def test_a_taken_port_is_named(ui: Ui, tmp_path: Path) -> None:
    done = subprocess.run(
        [BOTTLENECK, "up", "--data-dir", str(tmp_path), "--port", str(ui.port)],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 1
    assert f"Port {ui.port} on 127.0.0.1 is taken." in done.stderr
    assert "--port" in done.stderr


def test_a_taken_port_of_the_portal_is_named(ui: Ui, tmp_path: Path) -> None:
    write_sample_export(tmp_path / "exports" / "sample.db")
    given = ["--data-dir", str(tmp_path), "--port", str(free_port()), "--portal-port", str(ui.portal_port)]
    done = subprocess.run([BOTTLENECK, "up", *given], capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 1
    assert f"Port {ui.portal_port} on 127.0.0.1 is taken." in done.stderr
    assert "--portal-port" in done.stderr


def test_up_has_the_portal_with_its_button_and_the_command_portal_has_it_without(ui: Ui) -> None:
    with urllib.request.urlopen(f"{ui.portal}/", timeout=PATIENCE) as page:
        assert "Refresh" in page.read().decode()
    port = free_port()
    with begun([BOTTLENECK, "portal", "--data-dir", str(ui.data_dir), "--port", str(port)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(f"Portal: http://127.0.0.1:{port}")
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/healthz"))
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=PATIENCE) as page:
            assert "Refresh" not in page.read().decode()
        process.send_signal(signal.SIGINT)


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5):
            return True
    except OSError:
        return False


def test_the_code_server_listens_on_a_socket_of_this_user_alone(ui: Ui) -> None:
    mode = (ui.data_dir / "dagster_home" / "code.sock").stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert mode & (stat.S_IWGRP | stat.S_IWOTH) == 0


def test_a_second_ui_for_the_same_data_folder_is_refused(ui: Ui) -> None:
    command = [BOTTLENECK, "up", "--data-dir", str(ui.data_dir), "--port", str(free_port())]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 1
    assert f"A code server is running for {ui.data_dir} already." in done.stderr


TURNS_INTO_ANOTHER = """
import os, sys
from pathlib import Path
from bottleneck_assets.defs.server import _stay_alone
from bottleneck_assets.settings import Settings
_stay_alone(Settings(data_dir=Path(sys.argv[1])))
os.execvp("cat", ["cat"])
"""


def test_a_code_server_that_does_not_listen_yet_is_the_only_one_of_its_folder(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    command = [sys.executable, "-c", TURNS_INTO_ANOTHER, str(tmp_path)]
    with begun(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        assert first.stdin is not None
        assert first.stdout is not None
        first.stdin.write(b"it is another program now\n")
        first.stdin.flush()
        assert first.stdout.readline()
        for alone in (lambda: server._stay_alone(settings), lambda: server._alone(settings).__enter__()):
            with pytest.raises(BottleneckError, match="A code server is running for"):
                alone()
        first.stdin.close()
    with server._alone(settings):
        pass


def test_a_data_folder_with_too_long_a_path_for_a_socket_is_refused(tmp_path: Path) -> None:
    command = [BOTTLENECK, "up", "--data-dir", str(tmp_path / ("long" * 30)), "--port", str(free_port())]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 1
    assert "is too long for the path of a socket" in done.stderr


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGHUP], ids=["ctrl-c", "a terminal that is closed"])
def test_what_stops_up_stops_every_process(by: signal.Signals, tmp_path: Path) -> None:
    write_sample_export(tmp_path / "exports" / "sample.db")
    with up(tmp_path) as (_, process):
        started = psutil.Process(process.pid).children(recursive=True)
        assert len(started) >= 3
        process.send_signal(by)
        assert process.wait(PATIENCE) == 0
    _, alive = psutil.wait_procs(started, timeout=PATIENCE)
    assert [child.cmdline() for child in alive if child.status() != psutil.STATUS_ZOMBIE] == []


@pytest.mark.parametrize("name", ["dagster._daemon", "code-server", "bottleneck_assets.defs.portal"])
def test_a_process_that_ends_by_itself_stops_up_and_is_named(name: str, tmp_path: Path) -> None:
    write_sample_export(tmp_path / "exports" / "sample.db")
    with up(tmp_path) as (_, process):
        started = psutil.Process(process.pid).children(recursive=True)
        next(child for child in started if name in child.cmdline()).kill()
        assert process.wait(PATIENCE) == 1
    _, alive = psutil.wait_procs(started, timeout=PATIENCE)
    assert [child.cmdline() for child in alive if child.status() != psutil.STATUS_ZOMBIE] == []


def test_processes_end_in_two_lines_once_the_instance_s_folder_is_deleted_underneath(tmp_path: Path) -> None:
    write_sample_export(tmp_path / "exports" / "sample.db")
    command = [BOTTLENECK, "up", "--data-dir", str(tmp_path), "--port", str(free_port()), "--portal-port", str(free_port())]
    with begun(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert any("Dagster UI:" in line for line in iter(process.stdout.readline, ""))
        started = psutil.Process(process.pid).children(recursive=True)
        delete(tmp_path / "dagster_home")
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    problem, remedy = said.strip().splitlines()[-2:]
    assert problem.startswith(f"{tmp_path / 'dagster_home'}, which holds Dagster's records, was deleted or replaced")
    assert remedy.startswith("Start them again")
    _, alive = psutil.wait_procs(started, timeout=PATIENCE)
    assert [child.cmdline() for child in alive if child.status() != psutil.STATUS_ZOMBIE] == []


def delete(home: Path) -> None:
    """Delete a folder that processes write into: all of it at once, since what they add while it is emptied would keep it."""
    shutil.rmtree(home.rename(home.with_name("deleted")), ignore_errors=True)


def test_a_process_of_a_deployment_ends_in_two_lines_once_the_instance_s_folder_is_deleted_underneath(tmp_path: Path) -> None:
    command = [BOTTLENECK, "serve", "daemon", "--data-dir", str(tmp_path)]
    with begun(command, stderr=subprocess.PIPE, text=True) as process:
        home = tmp_path / "dagster_home"
        wait_for(lambda: (home / "workspace.yaml").exists() and "dagster._daemon" in psutil.Process(process.pid).cmdline())
        with dg.DagsterInstance.from_config(str(home)) as instance:
            wait_for(instance.get_daemon_heartbeats)
        delete(home)
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "which holds Dagster's records, was deleted or replaced" in said


def test_a_process_whose_folder_is_gone_before_it_looks_for_the_first_time_is_told_so(tmp_path: Path) -> None:
    told = home_is_gone(tmp_path / "dagster_home")()
    assert told is not None
    assert "was deleted or replaced" in told.problem


def test_what_up_has_started_ends_once_up_is_killed(tmp_path: Path) -> None:
    write_sample_export(tmp_path / "exports" / "sample.db")
    with up(tmp_path) as (_, process):
        started = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        _, alive = psutil.wait_procs(started, timeout=PATIENCE)
    assert [child.cmdline() for child in alive if child.status() != psutil.STATUS_ZOMBIE] == []


def test_health_says_that_a_running_workflow_is_alive(ui: Ui) -> None:
    def is_alive() -> bool:
        try:
            with urllib.request.urlopen(f"{ui.portal}/healthz", timeout=15) as answer:
                return json.load(answer)["status"] == "ok"
        except OSError:
            return False

    assert wait_for(is_alive)


@pytest.mark.usefixtures("posix")
def test_a_refresh_killed_on_the_command_line_does_not_hold_up_the_ui(ui: Ui) -> None:
    command = [BOTTLENECK, "refresh", "--force", "--data-dir", str(ui.data_dir)]
    for _ in range(2):
        with begun(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True) as process:
            time.sleep(3)
            os.killpg(process.pid, signal.SIGKILL)
    assert ui.materialize("kpi/revenue") == "SUCCESS"
