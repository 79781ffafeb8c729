"""The deployment that docs/deployment describes: its own commands, real PostgreSQL, and every process killed in turn."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
from base64 import b64encode
from contextlib import closing, suppress
from http.client import HTTPSConnection, RemoteDisconnected
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError

import psutil
import pytest
import trustme
import yaml

from bottleneck_assets.defs import server
from bottleneck_assets.sample.export import write_sample_export
from bottleneck_assets.settings import load_settings
from bottleneck_assets_tests.running import BOTTLENECK, FINISHED, LAUNCH, PATIENCE, Ui, begun, free_port, wait_for
from bottleneck_assets_tests.tiers import INITDB, NGINX

if sys.platform != "win32":
    import pwd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bottleneck_assets_tests.running import Run

pytestmark = pytest.mark.usefixtures("posix")

DEPLOYMENT = Path(__file__).parents[1] / "docs" / "deployment"
PROCESSES = ("code", "daemon", "ui", "viewer", "portal")
OPERATORS, VIEWERS, PORTAL = "kpi.example.com", "view.kpi.example.com", "data.example.com"


def unit() -> dict[str, str]:
    """Return the settings of the systemd unit; of several with one name the last."""
    lines = (DEPLOYMENT / "bottleneck@.service").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if re.match(r"[A-Za-z]+=", line))


class Postgres:
    """A PostgreSQL of its own on loopback, run as the user that its package makes, since root may not."""

    def __init__(self, programs: Path, home: Path) -> None:
        self.programs, self.home, self.port = programs, home, free_port()
        self.as_owner: list[str] = []
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(home, owner.pw_uid, owner.pw_gid)
            self.as_owner = ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]

    @property
    def url(self) -> str:
        return f"postgresql+psycopg2://shop:not-checked-here@127.0.0.1:{self.port}/kpi"

    def run(self, program: str, *arguments: str) -> None:
        command = [*self.as_owner, str(self.programs / program), *arguments]
        subprocess.run(command, cwd=self.home, check=True, capture_output=True, timeout=PATIENCE)

    def control(self, *arguments: str) -> None:
        self.run("pg_ctl", f"--pgdata={self.home}/data", "--wait", *arguments)

    def set_up(self) -> None:
        self.run("initdb", f"--pgdata={self.home}/data", "--auth=trust", "--username=shop", "--encoding=UTF8", "--no-locale")
        self.control(f"--log={self.home}/log", f"--options=-p {self.port} -h 127.0.0.1 -k {self.home}", "start")
        self.run("createdb", "--host=127.0.0.1", f"--port={self.port}", "--username=shop", "kpi")

    def restart(self) -> None:
        self.control("--mode=fast", f"--log={self.home}/log", "restart")


@pytest.fixture(scope="module")
def postgres(needs_postgres: None) -> Iterator[Postgres]:
    assert INITDB
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        server = Postgres(INITDB.parent, Path(folder))
        server.set_up()
        try:
            yield server
        finally:
            server.control("--mode=immediate", "stop")


class Deployment:
    """The processes of the unit, each started as systemd would, and started again when it ends."""

    def __init__(self, data_dir: Path, postgres_url: str) -> None:
        self.ui, self.viewer = Ui(data_dir, free_port(), free_port()), Ui(data_dir, free_port())
        self.environment: Mapping[str, str] = {
            **os.environ,
            "BOTTLENECK_DATA_DIR": str(data_dir),
            "BOTTLENECK_POSTGRES_URL": postgres_url,
            "BOTTLENECK_PORT": str(self.ui.port),
            "BOTTLENECK_VIEWER_PORT": str(self.viewer.port),
            "BOTTLENECK_UI_URL": f"https://{OPERATORS}",
            "BOTTLENECK_VIEWER_URL": f"https://{VIEWERS}",
            "BOTTLENECK_PORTAL_PORT": str(self.ui.portal_port),
            "BOTTLENECK_PORTAL_URL": f"https://{PORTAL}",
            "BOTTLENECK_DAGSTER_URL": self.ui.address,
        }
        self.log = data_dir / "log"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, process: str) -> None:
        command = unit()["ExecStart"].replace("/opt/bottleneck/.venv/bin/bottleneck", BOTTLENECK).replace("%i", process)
        with self.log.open("ab") as log:
            self.processes[process] = subprocess.Popen(
                command.split(), env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def stop(self, process: str, by: signal.Signals) -> None:
        """End a process by a signal to it alone, and whatever it leaves, as `KillMode=mixed` does."""
        running = self.processes.pop(process)
        children = psutil.Process(running.pid).children(recursive=True) if running.poll() is None else []
        running.send_signal(by)
        running.wait(PATIENCE)
        for left in children:
            with suppress(psutil.NoSuchProcess):
                left.kill()

    def restart(self, process: str, by: signal.Signals) -> None:
        self.stop(process, by)
        self.start(process)

    def drop(self, name: str, seed: int, scale: int = 1) -> None:
        """Put an export into the drop folder in one step."""
        beside = self.ui.data_dir / "exports" / f"{name}.part"
        write_sample_export(beside, seed=seed, scale=scale)
        beside.rename(beside.with_suffix(""))

    def finished(self, name: str) -> list[Run]:
        """Return the runs of an export once all of them have finished, and none is to be tried again."""
        try:
            runs = self.ui.runs_of(name)
        except (URLError, OSError):  # it is starting, or its connection to the database was cut
            return []
        if any(run.status not in FINISHED for run in runs) or not any(run.status == "SUCCESS" for run in runs):
            return []
        return runs

    def release_of(self, name: str) -> bool:
        with suppress(URLError, OSError):
            return self.ui.published()["name"] == name
        return False


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[Deployment]:
    deployed = Deployment(tmp_path_factory.mktemp("server"), postgres.url)
    try:
        for process in PROCESSES:
            deployed.start(process)
        yield deployed
    finally:
        for process in list(deployed.processes):
            deployed.stop(process, signal.SIGKILL)


def test_all_processes_started_at_once_publish_a_release_from_an_export_that_is_dropped(deployment: Deployment) -> None:
    deployment.drop("first.db", seed=1)
    wait_for(lambda: deployment.release_of("first.db"))
    run = wait_for(lambda: deployment.ui.finished_run_of("first.db"))
    assert run.status == "SUCCESS"


@pytest.mark.parametrize(
    "by", [pytest.param(signal.SIGTERM, id="restarted", marks=pytest.mark.nightly), pytest.param(signal.SIGKILL, id="killed")]
)
@pytest.mark.parametrize("processes", [("code",), ("daemon",), ("ui", "viewer")], ids=["code", "daemon", "both UIs"])
def test_what_ends_in_the_middle_of_a_run_and_starts_again_costs_no_release_and_makes_none_twice(
    processes: tuple[str, ...], by: signal.Signals, deployment: Deployment
) -> None:
    name = f"{processes[0]}-{by.name}.db"
    deployment.drop(name, seed=int.from_bytes(name.encode()) % 10_000, scale=20)
    wait_for(lambda: [run for run in deployment.ui.runs_of(name) if run.status == "STARTED"])

    for process in processes:
        deployment.restart(process, by)

    wait_for(lambda: deployment.release_of(name))
    done = wait_for(lambda: deployment.finished(name))
    assert [run.status for run in done].count("SUCCESS") == 1
    assert len(done) == 1 or (processes, len(done)) == (("code",), 2)  # the process of the run went with it, and it was tried once more


def test_postgresql_that_restarts_costs_nothing_either(deployment: Deployment, postgres: Postgres) -> None:
    postgres.restart()
    deployment.drop("after.db", seed=50)

    wait_for(lambda: deployment.release_of("after.db"))
    assert [run.status for run in wait_for(lambda: deployment.finished("after.db"))] == ["SUCCESS"]


def test_the_viewer_s_ui_shows_everything_and_starts_nothing(deployment: Deployment) -> None:
    with suppress(HTTPError):  # PostgreSQL has just started again: that may cost a UI one answer
        deployment.viewer.runs()
    assert deployment.viewer.runs() == deployment.ui.runs()
    selector = {"repositoryLocationName": "bottleneck_assets", "repositoryName": "__repository__", "jobName": "refresh"}
    answer = deployment.viewer.ask(LAUNCH, params={"selector": selector, "runConfigData": {}, "mode": "default"})
    assert answer["launchPipelineExecution"]["__typename"] == "UnauthorizedError"


def test_the_address_of_the_database_is_in_no_file_and_in_no_log(deployment: Deployment) -> None:
    secret = deployment.environment["BOTTLENECK_POSTGRES_URL"].encode()
    holding = [path for path in deployment.ui.data_dir.rglob("*") if path.is_file() and secret in path.read_bytes()]
    assert holding == []
    assert (deployment.ui.data_dir / "dagster_home" / "dagster.yaml").read_text(encoding="utf-8").count("BOTTLENECK_POSTGRES_URL") == 1


# --- The files of docs/deployment ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def proxy(needs_nginx: None, deployment: Deployment) -> Iterator[Callable[..., int]]:
    """Run nginx with the project's own file, on another port, with passwords and a certificate of its own; give a way to ask it."""
    with tempfile.TemporaryDirectory(prefix="nginx-") as folder:
        home, port, authority = Path(folder), free_port(), trustme.CA()
        home.chmod(0o755)
        certificate = authority.issue_cert(OPERATORS, VIEWERS, PORTAL, "127.0.0.1")
        certificate.private_key_and_cert_chain_pem.write_to_path(str(home / "both.pem"))
        (home / "password").write_text("anne:{PLAIN}right\n", encoding="utf-8")
        site = (DEPLOYMENT / "nginx.conf").read_text(encoding="utf-8")
        for theirs, ours in (
            ("listen 80;", f"listen 127.0.0.1:{free_port()};"),
            ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
            ("127.0.0.1:3000", f"127.0.0.1:{deployment.ui.port}"),
            ("127.0.0.1:3001", f"127.0.0.1:{deployment.viewer.port}"),
            ("127.0.0.1:3002", f"127.0.0.1:{deployment.ui.portal_port}"),
            ("/etc/nginx/tls/kpi.example.com.pem", f"{home}/both.pem"),
            ("/etc/nginx/tls/kpi.example.com.key", f"{home}/both.pem"),
            ("/etc/nginx/operators.htpasswd", f"{home}/password"),
            ("/etc/nginx/viewers.htpasswd", f"{home}/password"),
        ):
            assert theirs in site
            site = site.replace(theirs, ours)
        (home / "nginx.conf").write_text(f"events {{}}\nhttp {{\naccess_log off;\n{site}\n}}\n", encoding="utf-8")
        command = [NGINX, "-p", folder, "-c", f"{folder}/nginx.conf", "-g", f"daemon off; pid {folder}/pid; error_log {folder}/error.log;"]
        trusted = ssl.create_default_context()
        authority.configure_trust(trusted)

        def ask(
            host: str, path: str, *, method: str = "GET", user: str | None = "anne:right", body: str | None = None, **headers: str
        ) -> int:
            given = {"Host": host, **({"Authorization": f"Basic {b64encode(user.encode()).decode()}"} if user else {})}
            with closing(HTTPSConnection("127.0.0.1", port, context=trusted, timeout=PATIENCE)) as connection:
                connection.request(method, path, body, {**given, **{name.replace("_", "-"): value for name, value in headers.items()}})
                with connection.getresponse() as answer:
                    return answer.status

        with begun(command) as running:
            wait_for(lambda: answers(port))
            yield ask
            running.terminate()


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


QUESTION = json.dumps({"query": "{ version }"})


@pytest.mark.parametrize("host", [OPERATORS, VIEWERS])
def test_the_proxy_shows_the_ui_to_who_signs_in_and_to_nobody_else(host: str, proxy: Callable[..., int]) -> None:
    assert proxy(host, "/runs") == 200
    assert proxy(host, "/graphql", method="POST", body=QUESTION, Content_Type="application/json", Origin=f"https://{host}") == 200
    assert proxy(host, "/runs", user=None) == 401
    assert proxy(host, "/runs", user="anne:wrong") == 401


@pytest.mark.parametrize("host", [OPERATORS, VIEWERS])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Origin": "https://kpi.example.com.evil.example"},
    ],
)
def test_the_proxy_refuses_what_another_site_makes_a_browser_ask(host: str, headers: dict[str, str], proxy: Callable[..., int]) -> None:
    assert proxy(host, "/graphql", method="POST", body=QUESTION, Content_Type="application/json", **headers) == 403


def test_the_proxy_shows_the_portal_to_who_signs_in_and_to_nobody_else(proxy: Callable[..., int]) -> None:
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    wait_for(lambda: proxy(PORTAL, "/healthz") == 200)  # the processes start in any order
    assert proxy(PORTAL, "/status") == 200
    assert proxy(PORTAL, "/status", user=None) == 401
    assert proxy(PORTAL, "/refresh", method="POST", body="token=x", Origin="https://evil.example", **form) == 403
    assert proxy(PORTAL, "/refresh", method="POST", body="token=x", Origin=f"https://{PORTAL}", **form) == 403  # no token


def test_a_link_in_a_mail_opens_the_page_behind_the_proxy(proxy: Callable[..., int]) -> None:
    assert proxy(OPERATORS, "/runs/0", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="document") == 200


def test_the_proxy_does_not_answer_to_any_other_name(proxy: Callable[..., int]) -> None:
    with pytest.raises((RemoteDisconnected, ConnectionResetError)):
        proxy("rebound.example", "/runs")


@pytest.mark.usefixtures("needs_systemd")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    text = (DEPLOYMENT / "bottleneck@.service").read_text(encoding="utf-8")
    (tmp_path / "bottleneck@code.service").write_text(text.replace("/opt/bottleneck/.venv/bin/bottleneck", BOTTLENECK), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / "bottleneck@code.service")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_compose_runs_the_same_processes_on_this_machine_s_network_alone() -> None:
    compose = yaml.safe_load((DEPLOYMENT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert {name for name in compose if name != "postgres"} == set(PROCESSES) == set(server.PROCESSES)
    for name in PROCESSES:
        assert compose[name]["command"] == unit()["ExecStart"].replace("%i", name).split()[1:]
        assert (compose[name]["network_mode"], compose[name]["pid"], compose[name]["restart"]) == ("host", "host", "always")
    assert "listen_addresses=127.0.0.1" in compose["postgres"]["command"]
    assert not any("ports" in service for service in compose.values())


def test_the_example_of_an_environment_holds_settings_that_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line for line in (DEPLOYMENT / "bottleneck.env").read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    for name, value in (line.split("=", 1) for line in lines):
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert settings.postgres_url
    assert settings.alert_email_to == "sales@example.com"
