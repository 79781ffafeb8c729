"""The portal before a Dagster that does not answer, or not as it should: downloads go on, and no run is started twice."""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from bottleneck_assets.defs.workflow import DagsterWorkflow
from bottleneck_assets.errors import BottleneckError
from bottleneck_assets.settings import load_settings
from bottleneck_assets_tests.portal.serving import portal, publish_by_hand
from bottleneck_assets_tests.running import PATIENCE, wait_for
from bottleneck_assets_tests.small_export import minimal_rows, write_export

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bottleneck_assets_tests.portal.serving import Answer, Portal

FORM = "application/x-www-form-urlencoded"
RUN = {"runId": "one", "status": "STARTED", "jobName": "refresh", "creationTime": 1.0, "startTime": 1.0, "tags": []}
STARTED = {"launchPipelineExecution": {"__typename": "LaunchRunSuccess", "run": {"runId": "second"}}}
PYTHON_ERROR = {"__typename": "PythonError", "message": "the records cannot be read"}


@contextmanager
def dagster(answer: Callable[[str], Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Stand in for Dagster's webserver: give its address and what it is asked, each question with its headers."""
    asked: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = json.loads(self.rfile.read(int(self.headers["content-length"])))["query"]
            asked.append({"question": question, "authorization": self.headers["authorization"]})
            body = json.dumps({"data": answer(question)}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:  # type: ignore[override]
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads, block_on_close, request_queue_size = True, False, 100

        def handle_error(self, *_: object) -> None:  # who asks may have left  # type: ignore[override]
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()


@contextmanager
def mute_dagster() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Stand in for a Dagster that takes every question and answers none."""
    is_over = Event()
    with dagster(lambda _: is_over.wait(PATIENCE)) as running:
        try:
            yield running
        finally:
            is_over.set()


def with_an_export(tmp_path: Path) -> Path:
    publish_by_hand(tmp_path / "extracts", 1, {"overview.csv": b"a\n1\n"})
    (tmp_path / "exports").mkdir()
    write_export(tmp_path / "exports" / "shop.db", minimal_rows())
    return tmp_path


def click(site: Portal) -> Answer:
    cookie, token = site.form()
    return site.ask("/refresh", "POST", urlencode({"token": token}), Origin=site.origin, Content_Type=FORM, Cookie=cookie)


@pytest.mark.usefixtures("posix")
def test_a_dagster_that_never_answers_blocks_no_download_and_no_page(tmp_path: Path) -> None:
    with mute_dagster() as (address, asked), portal(with_an_export(tmp_path), BOTTLENECK_DAGSTER_URL=address) as site:
        for _ in range(42):
            with closing(HTTPConnection("127.0.0.1", site.port, timeout=PATIENCE)) as connection:
                connection.request("GET", "/status")
        wait_for(lambda: len(asked) >= 4)
        began = time.monotonic()
        assert site.ask("/extracts/latest/overview.csv").status == 200
        assert site.ask("/downloads").status == 200
        status, progress = site.ask("/status"), site.ask("/refresh/some-run.json")
        assert time.monotonic() - began < 4
        assert (status.status, "has not answered yet" in status.text) == (200, True)
        assert (progress.status, "load the page again" in progress.text) == (503, True)
        assert len(asked) <= 4
        time.sleep(8)
        assert "has not" in site.ask("/status").text  # asked anew: those threads are free again
        assert len(asked) == 5


@pytest.mark.usefixtures("posix")
def test_clicks_do_not_queue_behind_one_that_dagster_does_not_answer(tmp_path: Path) -> None:
    def answer(question: str) -> Any:
        return time.sleep(30) if "launch" in question else {"answer": {"__typename": "Runs", "results": []}}

    with (
        dagster(answer) as (address, asked),
        portal(with_an_export(tmp_path), BOTTLENECK_DAGSTER_URL=address) as site,
        ThreadPoolExecutor(1) as clients,
    ):
        first = clients.submit(click, site)
        wait_for(lambda: len(asked) >= 2 or first.done())
        assert not first.done(), first.result()
        began = time.monotonic()
        second = click(site)
        assert (second.status, "Look at Status in a minute" in second.text) == (503, True)
        assert time.monotonic() - began < 10
        site.process.kill()


@pytest.mark.usefixtures("posix")
@pytest.mark.parametrize(
    "runs",
    [{"answer": PYTHON_ERROR}, {"answer": None}, {}, *({"answer": {"__typename": "Runs", **found}} for found in ({}, {"results": [{}]}))],
    ids=["error", "null", "nothing", "no results", "a run without an id"],
)
def test_no_second_run_is_started_where_dagster_could_not_say_whether_there_is_a_first(runs: Any, tmp_path: Path) -> None:
    settings = load_settings(data_dir=with_an_export(tmp_path))
    with dagster(lambda question: STARTED if "launch" in question else runs) as (address, asked):
        workflow = DagsterWorkflow(address, settings)
        for question in (workflow.refresh, lambda: workflow.last_runs(3), lambda: workflow.progress("one")):
            with pytest.raises(BottleneckError, match="See that its UI runs, and try again"):
                question()
    assert not any("launch" in question["question"] for question in asked)


def test_what_dagster_says_went_wrong_is_passed_on(tmp_path: Path) -> None:
    with dagster(lambda _: {"answer": PYTHON_ERROR}) as (address, _), pytest.raises(BottleneckError, match="the records cannot be read"):
        DagsterWorkflow(address, load_settings(data_dir=tmp_path)).last_runs(3)


@pytest.mark.usefixtures("posix")
def test_a_run_that_is_under_way_is_joined_and_one_that_is_unknown_is_none(tmp_path: Path) -> None:
    settings = load_settings(data_dir=with_an_export(tmp_path))
    with dagster(lambda _: {"answer": {"__typename": "Runs", "results": [RUN]}}) as (address, _):
        assert DagsterWorkflow(address, settings).refresh() == "one"
    with dagster(lambda _: {"answer": {"__typename": "RunNotFoundError", "message": "none"}}) as (address, _):
        assert DagsterWorkflow(address, settings).progress("one") is None
        with portal(tmp_path, BOTTLENECK_DAGSTER_URL=address) as site:
            answer = site.ask("/refresh/one")
            assert (answer.status, "Dagster knows no such run" in answer.text) == (404, True)


@pytest.mark.usefixtures("posix")
def test_name_and_password_in_dagster_s_address_are_sent_to_it_and_never_shown(tmp_path: Path) -> None:
    with dagster(lambda _: {"answer": PYTHON_ERROR}) as (address, asked):
        with_password = address.replace("http://", "http://anne:gr%40nd-cru@")
        with portal(with_an_export(tmp_path), BOTTLENECK_DAGSTER_URL=with_password) as site:
            answers = [site.ask("/status").text, click(site).text, site.ask("/refresh/some-run").text]
    assert {question["authorization"] for question in asked} == {"Basic YW5uZTpnckBuZC1jcnU="}
    assert all(f"Dagster at {address} has not done it" in answer for answer in answers)
    assert not any("nd-cru" in answer or "anne" in answer for answer in answers)


def healthy(**otherwise: Any) -> dict[str, Any]:
    """Return what a Dagster answers of which everything is alive, but for what is given."""
    beats = [{"daemonType": kind, "required": True, "lastHeartbeatTime": time.time() - 20} for kind in ("SENSOR", "QUEUED_RUN_COORDINATOR")]
    location = {"name": "bottleneck_assets", "loadStatus": "LOADED", "locationOrLoadError": {"__typename": "RepositoryLocation"}}
    return {
        "workspace": {"__typename": "Workspace", "locationEntries": [location]},
        "instance": {"daemonHealth": {"allDaemonStatuses": beats}},
        "runs": {"__typename": "Runs", "results": []},
        **otherwise,
    }


def beaten(seconds: float | None) -> dict[str, Any]:
    beat = None if seconds is None else time.time() - seconds
    return {"daemonHealth": {"allDaemonStatuses": [{"daemonType": "SENSOR", "required": True, "lastHeartbeatTime": beat}]}}


ERROR = {"__typename": "PythonError", "message": "it cannot be loaded"}
GONE = {"name": "bottleneck_assets", "loadStatus": "LOADED", "locationOrLoadError": ERROR}


@pytest.mark.usefixtures("posix")
@pytest.mark.parametrize(
    ("otherwise", "failing"),
    [
        (dict, {}),
        (lambda: {"instance": beaten(600)}, {"daemon": "last heard of 600 seconds ago (SENSOR)"}),
        (lambda: {"instance": beaten(None)}, {"daemon": "it has not been heard of yet"}),
        (lambda: {"workspace": {"__typename": "Workspace", "locationEntries": [GONE]}}, {"code_server": "it cannot be loaded"}),
        (lambda: {"runs": PYTHON_ERROR}, {"storage": "the records cannot be read"}),
    ],
    ids=["nothing", "the daemon is silent", "the daemon never spoke", "the code server", "the records"],
)
def test_health_names_what_is_not_alive(otherwise: Callable[[], dict[str, Any]], failing: dict[str, str], tmp_path: Path) -> None:
    with (
        dagster(lambda _: healthy(**otherwise())) as (address, _),
        portal(with_an_export(tmp_path), BOTTLENECK_DAGSTER_URL=address) as site,
    ):
        answer = site.ask("/healthz")
    told = json.loads(answer.text)
    assert (answer.status, told["status"]) == ((503, "failing") if failing else (200, "ok"))
    assert told.get("failing", {}) == failing


def test_health_says_that_the_code_server_of_this_folder_is_gone_though_the_ui_still_shows_it(tmp_path: Path) -> None:
    (tmp_path / "dagster_home").mkdir()
    with dagster(lambda _: healthy()) as (address, _):
        assert DagsterWorkflow(address, load_settings(data_dir=tmp_path)).ailing() == {"code_server": "it does not answer"}


@pytest.mark.usefixtures("posix")
def test_health_says_that_dagster_does_not_answer_and_asks_it_once_for_all_who_ask(tmp_path: Path) -> None:
    with mute_dagster() as (address, asked), portal(with_an_export(tmp_path), BOTTLENECK_DAGSTER_URL=address) as site:
        with ThreadPoolExecutor(8) as clients:
            answers = list(clients.map(lambda _: site.ask("/healthz"), range(8)))
        assert {answer.status for answer in answers} == {503}
        assert "does not answer in time" in answers[0].text
        assert len(asked) == 1


@pytest.mark.usefixtures("posix")
def test_the_page_of_exports_shows_the_state_of_each_and_takes_one_out_without_deleting_it(tmp_path: Path) -> None:
    folder = with_an_export(tmp_path) / "exports"
    (folder / "broken.db").write_bytes((folder / "shop.db").read_bytes()[:5000])
    (folder / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0" * 100)
    with dagster(lambda _: healthy()) as (address, _), portal(tmp_path, BOTTLENECK_DAGSTER_URL=address) as site:
        page = site.ask("/exports").text
        for said in (
            "A refresh reads it next.",
            "It is not complete: it is still being written, or was cut short.",
            "Thumbs.db is not a SQLite file, and is passed over.",
        ):
            assert said in page
        assert 'aria-label="Refresh from shop.db"' in page
        assert 'aria-label="Refresh from broken.db"' not in page
        assert "broken.db in the drop folder is not read: It is not complete" in site.ask("/status").text
        cookie, token = site.form()
        given = {"Origin": site.origin, "Content_Type": FORM, "Cookie": cookie}
        for name, status in (("broken.db", 303), ("../exports/shop.db", 404), ("broken.db", 404)):
            answer = site.ask("/exports/remove", "POST", urlencode({"token": token, "export": name}), **given)
            assert answer.status == status
        assert site.ask("/exports/remove", "POST", urlencode({"token": "none", "export": "shop.db"}), **given).status == 403
    assert sorted(path.name for path in folder.iterdir()) == ["Thumbs.db", "removed", "shop.db"]
    assert (folder / "removed" / "broken.db").stat().st_size == 5000


@pytest.mark.usefixtures("posix")
def test_a_refresh_can_be_asked_of_any_export_in_the_drop_folder(tmp_path: Path) -> None:
    folder = with_an_export(tmp_path) / "exports"
    write_export(folder / "older.db", minimal_rows())
    os.utime(folder / "older.db", (100, 100))
    asked = list[str]()

    def answer(question: str) -> Any:
        asked.append(question)
        return STARTED if "launch" in question else {"answer": {"__typename": "Runs", "results": []}}

    with dagster(answer) as (address, _), portal(tmp_path, BOTTLENECK_DAGSTER_URL=address) as site:
        cookie, token = site.form()
        given = {"Origin": site.origin, "Content_Type": FORM, "Cookie": cookie}
        asked_for = site.ask("/refresh", "POST", urlencode({"token": token, "export": "older.db"}), **given)
        assert asked_for.headers.get("location") == "/refresh/second"
        assert site.ask("/refresh", "POST", urlencode({"token": token, "export": "none.db"}), **given).status == 404
    assert any("launch" in question for question in asked)
