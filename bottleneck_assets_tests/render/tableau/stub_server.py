"""A stub of Tableau Server: it answers as the public REST reference says, and keeps what it is sent.

Belongs here: the shapes of requests and answers. Never here: a test. It shows what we send; it cannot show that Tableau accepts it.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

SITE, PROJECT, TOKEN = "site-1", "project-1", "the-session-token"
_NAMESPACE = 'xmlns="http://tableau.com/api"'


@dataclass
class Stub:
    """What the server does, and what it has been sent: requests as (method, path, query, headers, body)."""

    version: str = "3.29"
    is_another: bool = False
    """Whether it is no Tableau Server at all."""
    refuses_token: bool = False
    busy: int = 0
    """How many uploads it answers with 503 before it takes one."""
    polls: int = 1
    """How often a job is asked for before it is done."""
    finish_code: int = 0
    verdict: tuple[int, str] = (200, '{"timestamp": "2026-11-24T00:00:00Z", "warnings": []}')
    address: str = ""
    requests: list[tuple[str, str, dict[str, list[str]], dict[str, str], bytes]] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    items: dict[str, list[str]] = field(default_factory=dict)
    """The names of what is there, by its kind."""

    def sent(self, method: str, end: str) -> list[tuple[dict[str, list[str]], dict[str, str], bytes]]:
        """Return the query, headers and body of each request to a path with an end."""
        return [(query, headers, body) for verb, path, query, headers, body in self.requests if verb == method and path.endswith(end)]

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, str, str]:
        """Return status, content type and content."""
        rest = re.sub(r"^/api/[\d.]+", "", path)
        if self.is_another:
            return 200, "text/html", "<html><br>Welcome"
        if rest == "/serverInfo":
            product = '<productVersion build="20262.26">2026.2.0</productVersion>'
            return _xml(f"<serverInfo>{product}<restApiVersion>{self.version}</restApiVersion></serverInfo>")
        if rest == "/auth/signin":
            return self._signed_in()
        if headers.get("x-tableau-auth") != TOKEN:
            return _error(401, "401002", "Unauthorized Access", "Invalid authentication credentials were provided.")
        if rest == "/auth/signout":
            return 204, "", ""
        return self._refusal(method, rest, headers, body) or self._on_site(method, rest.removeprefix(f"/sites/{SITE}/"))

    def _refusal(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, str, str] | None:
        """Return what the reference says that a server answers to an upload that is not as it asks for."""
        kind = path.rpartition("/")[2]
        if method != "POST" or kind not in {"workbooks", "datasources", "validateWorkbook"}:
            return None
        is_whole = headers.get("content-type", "").startswith("multipart/mixed; boundary=")
        part = "tableau_datasource" if kind == "datasources" else "tableau_workbook"
        name = parts(headers, body).get(part, ("", b""))[0] if is_whole else ""
        if kind == "validateWorkbook" and tuple(map(int, self.version.split("."))) < (3, 29):
            return _error(404, "404000", "Resource Not Found", path)
        if not name or (kind == "validateWorkbook" and not name.endswith(".twb")):
            return _error(400, "400011", "Bad Request", f"There was a problem publishing the file {name!r}.")
        if kind[:-1] in self.items and self.requests[-1][2].get("overwrite") != ["true"]:
            return _error(403, "403007", "Forbidden", "A resource of that name is already there.")
        return None

    def _signed_in(self) -> tuple[int, str, str]:
        if self.refuses_token:
            return _error(401, "401001", "Signin Error", "The personal access token you provided is invalid.")
        site = f'<site id="{SITE}" contentUrl="bottleneck"/>'
        return _xml(f'<credentials token="{TOKEN}">{site}<user id="user-1"/></credentials>')

    def _on_site(self, method: str, path: str) -> tuple[int, str, str]:
        match method, path.partition("/")[::2]:
            case "GET", ("projects", ""):
                listed = f'<project id="nested" name="Default" parentProjectId="{PROJECT}"/><project id="{PROJECT}" name="Default"/>'
                return _page("projects", listed, 2)
            case "POST", ("workbooks", "validateWorkbook"):
                return self.verdict[0], "application/json", self.verdict[1]
            case "POST", ("datasources" | "workbooks" as kinds, ""):
                return self._taken(kinds[:-1], self.requests[-1][4])
            case "GET", ("datasources" | "workbooks" as kinds, ""):
                return self._listed(kinds[:-1])
            case "GET", ("jobs", job):
                return self._job(job)
            case _:
                return _error(404, "404000", "Resource Not Found", path)

    def _taken(self, kind: str, body: bytes) -> tuple[int, str, str]:
        if self.busy:
            self.busy -= 1
            return 503, "text/html", "<html>busy</html>"
        named = re.search(rf'<{kind}[^>]* name="([^"]+)"', body.decode(errors="replace"))
        self.items[kind] = list(dict.fromkeys([*self.items.get(kind, []), named[1] if named else "BottleNeck"]))
        return (
            202,
            "application/xml",
            _document(f'<job id="job-{kind}" mode="Asynchronous" type="Publish" createdAt="2026-11-24T00:00:00Z"/>'),
        )

    def _listed(self, kind: str) -> tuple[int, str, str]:
        inside = f'<project id="{PROJECT}" name="Default"/><owner id="user-1"/><tags/>'
        found = [
            f'<{kind} id="{kind}-{number}" name="{name}" webpageUrl="{self.address}/#/{kind}s/{number}">{inside}</{kind}>'
            for number, name in enumerate(self.items.get(kind, []), start=1)
        ]
        return _page(f"{kind}s", "".join(found), len(found))

    def _job(self, job: str) -> tuple[int, str, str]:
        self.asked[job] += 1
        times = 'createdAt="2026-11-24T00:00:00Z" startedAt="2026-11-24T00:00:01Z"'
        if self.asked[job] <= self.polls:
            return _xml(f'<job id="{job}" type="Publish" progress="50" {times}/>')
        notes = "<statusNotes><statusNote type='error' value='1' text='The file is damaged.'/></statusNotes>" if self.finish_code else ""
        done = f'completedAt="2026-11-24T00:00:02Z" finishCode="{self.finish_code}"'
        return _xml(f'<job id="{job}" type="Publish" progress="100" {times} {done}>{notes}</job>')


def parts(headers: dict[str, str], body: bytes) -> dict[str, tuple[str, bytes]]:
    """Return the parts of an upload by name, each with its file name and content."""
    message = message_from_bytes(b"Content-Type: " + headers["content-type"].encode() + b"\r\n\r\n" + body)
    found: dict[str, tuple[str, bytes]] = {}
    for part in message.walk():
        if not part.is_multipart():
            content: Any = part.get_payload(decode=True)
            name = str(part.get_param("name", header="content-disposition"))
            found[name] = (str(part.get_filename() or ""), content)
    return found


@contextmanager
def stub_server(stub: Stub) -> Iterator[Stub]:
    """Start the stub on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answered(self) -> None:
            split = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            stub.requests.append((self.command, split.path, parse_qs(split.query), headers, body))
            status, kind, content = stub.answer(self.command, split.path, headers, body)
            self.send_response(status)
            if kind:
                self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content.encode())))
            self.end_headers()
            self.wfile.write(content.encode())

        do_GET = do_POST = answered  # noqa: N815 - the names that http.server looks for

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stub.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _document(content: str) -> str:
    return f"<?xml version='1.0' encoding='UTF-8'?><tsResponse {_NAMESPACE}>{content}</tsResponse>"


def _xml(content: str) -> tuple[int, str, str]:
    return 200, "application/xml", _document(content)


def _page(kind: str, listed: str, total: int) -> tuple[int, str, str]:
    return _xml(f'<pagination pageNumber="1" pageSize="100" totalAvailable="{total}"/><{kind}>{listed}</{kind}>')


def _error(status: int, code: str, summary: str, detail: str) -> tuple[int, str, str]:
    return status, "application/xml", _document(f'<error code="{code}"><summary>{summary}</summary><detail>{detail}</detail></error>')
