"""Starts the portal as a process of its own, and asks it as any client does.

Belongs here: the process, requests, and releases made by hand. Never here: a test.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import signal
import subprocess
import sys
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

import psutil

from bottleneck_assets_tests.running import PATIENCE, free_port, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NOWHERE = "http://127.0.0.1:9"
"""An address of Dagster at which nobody answers."""


@dataclass(frozen=True)
class Answer:
    """What the portal answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(frozen=True)
class Portal:
    """A running portal."""

    data_dir: Path
    port: int
    process: subprocess.Popen[str]
    log: Path
    defaults: Mapping[str, str] = field(default_factory=dict)

    @property
    def extracts(self) -> Path:
        return self.data_dir / "extracts"

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, path: str, method: str = "GET", body: bytes | str | None = None, **headers: str) -> Answer:
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as connection:
            given = {**self.defaults, **{name.replace("_", "-"): value for name, value in headers.items()}}
            connection.request(method, path, body, given)
            with connection.getresponse() as answer:
                return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())

    def form(self) -> tuple[str, str]:
        """Open a page as a browser does; return its cookie and the token in its forms."""
        page = self.ask("/")
        return page.headers["set-cookie"].split(";")[0], page.text.split('name="token" value="')[1].split('"')[0]

    def logged(self) -> str:
        """Return what it has written to its log."""
        return self.log.read_text(encoding="utf-8")

    def memory(self) -> int:
        """Return the bytes of memory that it holds."""
        return psutil.Process(self.process.pid).memory_info().rss


@contextmanager
def portal(data_dir: Path, **environment: str) -> Iterator[Portal]:
    """Run the portal for as long as the block lasts; whatever it is asked, it logs no traceback."""
    port = free_port()
    given = {"BOTTLENECK_DATA_DIR": str(data_dir), "BOTTLENECK_PORTAL_PORT": str(port), **environment}
    command = [sys.executable, "-m", "bottleneck_assets.defs.portal"]
    with (
        NamedTemporaryFile("a", suffix=".log") as log,
        subprocess.Popen(command, stderr=log, text=True, env={**os.environ, **given}) as process,
    ):
        running = Portal(data_dir, port, process, Path(log.name))
        try:
            wait_for(lambda: process.poll() is not None or is_up(running))
            assert process.poll() is None, running.logged()
            yield running
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE)
        assert "Traceback" not in running.logged(), running.logged()


def is_up(running: Portal) -> bool:
    try:
        return running.ask("/static/portal.css").status > 0  # whatever it answers: it may ask for its password
    except OSError:
        return False


def publish_by_hand(extracts: Path, number: int, files: Mapping[str, bytes], **told: Any) -> Path:
    """Make a release of given files, as a publication does: hidden, then renamed, then `latest` is switched."""
    now = dt.datetime(2026, 11, 1, tzinfo=dt.UTC) + dt.timedelta(hours=number)
    name = f"{now:%Y-%m-%dT%H-%M-%S-%f}Z_{number:08x}"
    building = extracts / f".building-{name}"
    for path, content in files.items():
        (building / path).parent.mkdir(parents=True, exist_ok=True)
        (building / path).write_bytes(content)
    listed = [
        {
            "path": path,
            "table": None,
            "rows": content.count(b"\n") - 1,
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        for path, content in files.items()
    ]
    manifest = {
        "release": name,
        "published_at": now.isoformat(),
        "run_id": f"run-{number}",
        "export": {"name": "made.db", "sha256": "0" * 64, "changed_at": now.isoformat()},
        "software": {},
        "files": listed,
        "checks": [],
        **told,
    }
    (building / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    folder = building.rename(extracts / name)
    beside = extracts / ".latest-new"
    beside.symlink_to(name, target_is_directory=True)
    beside.replace(extracts / "latest")
    return folder
