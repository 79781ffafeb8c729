"""A stand-in for Tableau Desktop: it answers as the public description of its External Client API (0.2.9) says, and no more.

Belongs here: the few paths that verifying uses, and what the description says is refused. Never here: expectations, or what a real Desktop
would think of a workbook.
"""

from __future__ import annotations

import json
import os
import re
import threading
from base64 import b64encode
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit
from zipfile import ZipFile

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator

Answer = tuple[int, str, bytes, dict[str, str]]
PICTURE = b"\x89PNG\r\n\x1a\nnot much of a picture"
_OPENS = {".twb", ".twbx", ".tds", ".tdsx", ".hyper", ".csv"}
_WRITES = {"pdf": {".pdf"}, "powerpoint": {".pptx"}, "packaged-workbook": {".twbx"}, "prior-version": {".twb", ".twbx"}}
_METHODS = {
    "/v0/health": "GET", "/v0/app": "GET", "/v0/workbook": "GET", "/v0/workbook/dashboards": "GET", "/v0/workbook/document": "GET",
    "/v0/workbook/document:validate": "POST", "/v0/app:openFile": "POST", "/v0/workbook:exportAs": "POST",
}  # fmt: skip


@dataclass
class Window:
    """One window of the stub, with an address and a discovery file of its own."""

    desktop: StubDesktop
    name: str
    address: str = ""
    opened: Path | None = None

    @property
    def discovery(self) -> dict[str, Any]:
        """What its discovery file says."""
        return {
            "schemaVersion": 1,
            "instanceId": f"td_{self.name}",
            "pid": os.getpid(),
            "baseUrl": self.address,
            "tokenType": "Bearer",
            "token": self.desktop.token,
            "applicationVersion": "2026.3.0",
            "apiVersion": "0.2.9",
            "startedAt": f"2026-11-29T10:00:0{len(self.desktop.windows)}Z",
        }

    @property
    def names(self) -> list[str]:
        """The dashboards of what is open."""
        if self.opened is None:
            return []
        with ZipFile(self.opened) as packed:
            root = etree.fromstring(packed.read("BottleNeck.twb"))
        return [str(one.get("name")) for one in root.iterfind("dashboards/dashboard") if one.get("name") not in self.desktop.loses]


@dataclass
class StubDesktop:
    """A Desktop: what it was asked, and how it behaves."""

    folder: Path
    token: str = "af1129c44d5dcd8b"  # noqa: S105 - nobody's
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list[tuple[str, str, dict[str, str]]])
    windows: list[Window] = field(default_factory=list[Window])
    issues: list[str] = field(default_factory=list[str])
    loses: set[str] = field(default_factory=set[str])
    not_ready: int = 0
    is_slow: bool = False
    asks: str = ""
    has_one_open: bool = False
    operations: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    polls: dict[str, int] = field(default_factory=dict[str, int])
    running: ExitStack = field(default_factory=ExitStack)

    def answer(self, window: Window, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:  # noqa: C901, PLR0911, PLR0912 - a line a rule
        """Answer a request."""
        split = urlsplit(target)
        path, query = split.path, {name: values[0] for name, values in parse_qs(split.query).items()}
        if headers.get("host", "").partition(":")[0] not in {"127.0.0.1", "localhost"}:
            return _problem(421, "host-not-allowed")
        if not headers.get("user-agent"):
            return _problem(400, "missing-user-agent")
        if path == "/v0/health" and method == "GET":
            return _json({"status": "OK"})
        if headers.get("authorization") != f"Bearer {self.token}":
            return _problem(401, "unauthenticated", {"WWW-Authenticate": "Bearer"})
        image = re.fullmatch(r"/v0/workbook/dashboards/([^/]+)/image", path)
        operation = re.fullmatch(r"/v0/operations/([^/]+)", path)
        known = "GET" if image or operation else _METHODS.get(path)
        if known is None:
            return _problem(404, "not-found")
        if known != method:
            return _problem(405, "method-not-allowed")
        if operation:
            return self._operation(unquote(operation[1]))
        if image:
            return self._image(window, unquote(image[1]), query)
        match path:
            case "/v0/app":
                return _json({"applicationVersion": "2026.3.0", "build": "20263.26.1110.0900", "edition": "Professional", "os": "Windows"})
            case "/v0/workbook":
                return _json({"title": "", "location": str(window.opened) if window.opened else None, "dashboards": self._listed(window)})
            case "/v0/workbook/dashboards":
                return _json({"dashboards": self._listed(window)})
            case "/v0/workbook/document":
                return 200, "application/xml", b"<workbook/>", {}
            case "/v0/workbook/document:validate":
                return self._validated(headers, body)
            case _:
                return self._done(window, path, headers, body)

    def _validated(self, headers: dict[str, str], body: bytes) -> Answer:
        if headers.get("content-type", "").partition(";")[0] not in {"application/xml", "text/xml"}:
            return _problem(415, "unsupported-content-type")
        if not body.strip():
            return _problem(400, "invalid-request-body")
        try:
            wrong = [] if etree.fromstring(body).tag == "workbook" else ["no declaration found for element"]
        except etree.XMLSyntaxError as error:
            wrong = [str(error)]
        issues = [*wrong, *self.issues]
        return _json({"isValid": not issues, "validationIssues": issues})

    def _done(self, window: Window, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """Do what is asked for, at once or later."""
        if headers.get("content-type", "").partition(";")[0] != "application/json":
            return _problem(415, "unsupported-content-type")
        try:
            told = json.loads(body)
            file = Path(told["filePath"])
        except (ValueError, KeyError, TypeError):
            return _problem(400, "invalid-request-body")
        if path == "/v0/app:openFile":
            if file.suffix not in _OPENS:
                return _problem(400, "unsupported-file-type")
            if not file.exists():
                return _problem(404, "file-not-found")
            shown = self.window() if window.opened is not None else window
            shown.opened = file
        else:
            if not _is_plain(told["filePath"]) or file.suffix not in _WRITES.get(told.get("format"), set()):
                return _problem(400, "invalid-command-parameter")
            file.write_bytes(b"%PDF-1.7")
        return self._settled({"kind": path, "result": {}})

    def _settled(self, told: dict[str, Any]) -> Answer:
        number = f"op_{len(self.operations)}"
        times = {"createdAt": "2026-11-29T10:00:00Z", "updatedAt": "2026-11-29T10:00:00Z", "warnings": []}
        self.operations[number] = {"id": number, "state": "SUCCEEDED", **times, **told}
        if not (self.is_slow or self.asks):
            return _json(self.operations[number])
        pending = {**self.operations[number], "state": "RUNNING"}
        return 202, "application/json", json.dumps(pending).encode(), {"Location": f"/v0/operations/{number}", "Retry-After": "1"}

    def _operation(self, number: str) -> Answer:
        if number not in self.operations:
            return _problem(404, "operation-not-found")
        self.polls[number] = self.polls.get(number, 0) + 1
        if self.asks:
            window = {"objectName": "", "title": "Tableau", "className": "QMessageBox", "messageText": self.asks}
            return _json({**self.operations[number], "state": "AWAITING_USER", "blockingWindows": [window]})
        return _json({**self.operations[number], "state": "SUCCEEDED" if self.polls[number] > 1 else "RUNNING"})

    def _listed(self, window: Window) -> list[dict[str, Any]]:
        kind = {"type": "DASHBOARD", "hidden": False, "isActiveSheet": False, "isAutoUpdatesPaused": False, "containedSheets": []}
        return [{"id": f"{{{place}}}", "name": name, "index": place, **kind} for place, name in enumerate(window.names)]

    def _image(self, window: Window, identifier: str, query: dict[str, str]) -> Answer:
        if identifier not in {one["id"] for one in self._listed(window)}:
            return _problem(404, "sheet-not-found")
        if "filePath" in query and not _is_plain(query["filePath"]):
            return _problem(400, "invalid-query-parameter")
        if self.not_ready:
            self.not_ready -= 1
            return _problem(409, "operation-pending")
        drawn = {"imageBase64": b64encode(PICTURE).decode(), "effectiveMimeType": "image/png", "width": 1200, "height": 800}
        return self._settled({"kind": "image", "result": drawn}) if self.is_slow else _json(drawn)

    def window(self) -> Window:
        """Open a window, which says in a discovery file where it listens."""
        made = Window(self, f"{len(self.windows)}")
        self.windows.append(made)
        made.address = self.running.enter_context(_listening(self, made))
        (self.folder / f"{os.getpid()}{made.name}.json").write_text(json.dumps(made.discovery), encoding="utf-8")
        return made


@contextmanager
def stub_desktop(desktop: StubDesktop) -> Iterator[StubDesktop]:
    """Start the stub with one window, in which another workbook may be open already."""
    with desktop.running:
        first = desktop.window()
        if desktop.has_one_open:
            first.opened = desktop.folder / "other.twbx"
            with ZipFile(first.opened, "w") as packed:
                packed.writestr("BottleNeck.twb", "<workbook/>")
        yield desktop


@contextmanager
def _listening(desktop: StubDesktop, window: Window) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answered(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            desktop.requests.append((self.command, self.path, headers))
            status, kind, content, more = desktop.answer(window, self.command, self.path, headers, body)
            self.send_response(status)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = answered  # noqa: N815 - the names that http.server looks for

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _is_plain(path: str) -> bool:
    """Whether a path is absolute, names a file and goes no way back."""
    return Path(path).is_absolute() and not path.endswith(("/", "\\")) and not {".", ".."} & set(re.split(r"[/\\]", path))


def _json(told: dict[str, Any]) -> Answer:
    return 200, "application/json", json.dumps(told).encode(), {}


def _problem(status: int, code: str, headers: dict[str, str] | None = None) -> Answer:
    told = {"code": code, "status": status, "instance": "/v0", "title": code}
    return status, "application/problem+json", json.dumps(told).encode(), headers or {}
