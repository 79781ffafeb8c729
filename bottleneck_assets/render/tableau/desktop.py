"""Asks the Tableau Desktop that runs on this machine what it makes of the workbook, by its External Client API.

Belongs here: finding it, asking it to validate, open and draw, and the folder of what came of it. Never here: a server (publishing.py), or
whether the workbook is sound by our own checks (soundness.py).

The interface is version 0.2.9 of its public description. Desktop says in a file where it listens on this machine, and with which token; the
token goes to no other machine, and into no file or message of ours.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlsplit

import jinja2
import psutil
import requests
from lxml import etree

from bottleneck_assets.errors import SiteError
from bottleneck_assets.figures.tabs import TABS
from bottleneck_assets.render.tableau.publishing import workbook_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

API = "v0"
PAGE, REPORT, OURS = "index.html", "report.json", "dashboard.html"
DRAWN, SAVED = "BottleNeck.pdf", "BottleNeck as Tableau writes it.twb"
SENT_BACK = (REPORT, SAVED, "*.png")
"""What tells most of a first run, and holds no table."""
TIMEOUT_SECONDS = 60
OPERATION_SECONDS = 300
WINDOW_SECONDS = 180
PAUSE_SECONDS = 1.0
_FOUND_BY = "TABLEAU_EXTERNAL_API_DISCOVERY_DIR"
"""The variable by which Tableau's own MCP server is told of another folder."""
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_OK, _ACCEPTED, _NOT_YET = 200, 202, 409
_ENDED = {"SUCCEEDED", "FAILED", "CANCELLED"}
_UNSAFE = re.compile(r"[^\w &-]")
_AGENT = "bottleneck-assets"
_TURN_ON = "Start Tableau Desktop, with Help > Settings & Performance > External Client API Access turned on, and run this again."


@dataclass(frozen=True)
class Drawn:
    """A dashboard as Tableau drew it: its name, the file of the picture, empty if there is none, and why there is none."""

    name: str
    picture: str
    problem: str = ""


@dataclass(frozen=True)
class Seen:
    """What Tableau Desktop made of the workbook: its version, what it finds in it, its dashboards, and what else went wrong."""

    application: str
    build: str
    api: str
    issues: Sequence[str]
    dashboards: Sequence[Drawn]
    problems: Sequence[str]

    @property
    def is_good(self) -> bool:
        """Whether it found nothing, and drew every dashboard."""
        return not (self.issues or self.problems or any(one.problem for one in self.dashboards))


def look(package: Path, dashboard: Path, folder: Path) -> Seen:
    """Let Desktop validate, open and draw the workbook of a package, and put what it shows into a folder, beside our own dashboard.

    Raises SiteError if there is no Desktop to ask, or if it does not open the workbook.
    """
    if not package.exists():
        problem = f"There is no workbook {package}."
        raise SiteError(problem, "Refresh with the extra tableau installed, and the setting reports on.")
    folder.mkdir(parents=True, exist_ok=True)
    opened = (folder / package.name).resolve()
    shutil.copyfile(package, opened)  # it stays open there, and a release may be deleted
    asked = _running()
    _, workbook = workbook_in(package)
    verdict = asked.post("workbook/document:validate", workbook, "application/xml")
    issues = [str(issue) for issue in verdict.get("validationIssues", [])]
    if not verdict.get("isValid") and not issues:
        issues = ["Tableau does not take it for valid, and does not say why."]
    problems = [f"{warning.get('code')}: {warning.get('message')}" for warning in asked.command("app:openFile", filePath=str(opened))]
    shown = _window_of(opened)
    about = shown.get("app")
    drawn = list(_drawn(shown, _names(workbook), folder))
    problems += list(_kept(shown, folder))
    seen = Seen(about.get("applicationVersion", ""), about.get("build", ""), shown.version, issues, drawn, problems)
    _write(seen, dashboard, folder)
    return seen


def _names(workbook: bytes) -> list[str]:
    return [str(one.get("name")) for one in etree.fromstring(workbook).iterfind("dashboards/dashboard")]


def _drawn(shown: _Desktop, names: Sequence[str], folder: Path) -> Iterator[Drawn]:
    """Yield every dashboard of the workbook, drawn as far as Desktop has it."""
    there = {str(one.get("name")): str(one.get("id")) for one in shown.get("workbook/dashboards").get("dashboards", [])}
    for place, name in enumerate(names, start=1):
        if name not in there:
            yield Drawn(name, "", "Tableau does not list it.")
            continue
        try:
            answer = _until_drawn(
                lambda one=there[name]: shown.get(f"workbook/dashboards/{quote(one, safe='')}/image", mimeType="image/png")
            )
            picture = base64.b64decode(str(answer.get("imageBase64", "")), validate=True)
        except (SiteError, ValueError) as error:
            yield Drawn(name, "", " ".join(str(error).split("\n")[:1]))
            continue
        file = f"{place} {_UNSAFE.sub('', name)}.png"
        (folder / file).write_bytes(picture)
        yield Drawn(name, file if picture else "", "" if picture else "Tableau sends an empty picture.")


def _until_drawn(ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Ask again while a dashboard is not ready to be drawn. Raises SiteError if it never is."""
    ends = time.monotonic() + WINDOW_SECONDS
    while True:
        try:
            return ask()
        except _NotYetError:
            if time.monotonic() > ends:
                raise
            time.sleep(PAUSE_SECONDS)


def _kept(shown: _Desktop, folder: Path) -> Iterator[str]:
    """Keep every sheet as one PDF, and the workbook as Tableau writes it; yield what goes wrong with that."""
    try:
        drawn = folder.resolve() / DRAWN
        yield from (
            f"{one.get('code')}: {one.get('message')}" for one in shown.command("workbook:exportAs", filePath=str(drawn), format="pdf")
        )
        if not drawn.exists():
            yield f"Tableau says that it has written {DRAWN}, and has not."
    except SiteError as error:
        yield f"The PDF was not written: {error.problem}"
    try:
        (folder / SAVED).write_bytes(shown.document())
    except SiteError as error:
        yield f"The workbook was not read back: {error.problem}"


def _write(seen: Seen, dashboard: Path, folder: Path) -> None:
    """Write what came of it, for programs and for people, with our own dashboard beside each of Tableau's where there is one."""
    (folder / REPORT).write_text(json.dumps(asdict(seen), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    if dashboard.exists():
        shutil.copyfile(dashboard, folder / OURS)
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True)
    tabs = {tab.title.en: tab.name for tab in TABS}
    beside = [(one, f"{OURS}#{tabs.get(one.name, '')}" if dashboard.exists() else "") for one in seen.dashboards]
    page = environment.get_template("desktop.html").render(seen=seen, beside=beside, drawn=DRAWN, sent_back=SENT_BACK)
    (folder / PAGE).write_text(page, encoding="utf-8")


# ---- speaking to it


class _NotYetError(SiteError):
    """What was asked for is not ready."""


class _Desktop:
    """A running Desktop."""

    def __init__(self, address: str, token: str, version: str) -> None:
        """Take where it listens, with which token, and the version of its interface."""
        self.version = version
        self._address = address.rstrip("/")
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy gets the token
        self._session.headers.update({"Authorization": f"Bearer {token}", "User-Agent": _AGENT})

    def is_alive(self) -> bool:
        """Whether it answers; it asks for no token."""
        try:
            answer = self._session.get(f"{self._address}/{API}/health", timeout=TIMEOUT_SECONDS, auth=_without_token)
        except requests.RequestException:
            return False
        return answer.status_code == _OK

    def get(self, path: str, **query: str) -> dict[str, Any]:
        """Return what a path holds. Raises SiteError with what Desktop says if it does not give it."""
        return self._settled(self._sent("GET", f"/{API}/{path}", params=query))

    def post(self, path: str, content: bytes, content_type: str) -> dict[str, Any]:
        """Return what Desktop makes of a content. Raises SiteError as `get` does."""
        return self._settled(self._sent("POST", f"/{API}/{path}", data=content, headers={"Content-Type": content_type}))

    def command(self, path: str, **told: str) -> list[Mapping[str, Any]]:
        """Let Desktop do something to its end, and return what it warns of. Raises SiteError as `get` does, or if it fails."""
        answer = self._sent("POST", f"/{API}/{path}", json=told)
        return self._ended(self._polled(answer) if answer.status_code == _ACCEPTED else self._read(answer)).get("warnings", [])

    def document(self) -> bytes:
        """Return the workbook that is open, as Desktop writes it. Raises SiteError as `get` does."""
        answer = self._sent("GET", f"/{API}/workbook/document")
        if answer.status_code == _ACCEPTED:
            return str(self._ended(self._polled(answer)).get("result", {}).get("document", "")).encode()
        if answer.status_code != _OK:
            self._read(answer)
        return answer.content

    def _sent(self, method: str, path: str, **told: Any) -> requests.Response:  # noqa: ANN401 - what requests takes
        try:
            return self._session.request(method, f"{self._address}{path}", timeout=TIMEOUT_SECONDS, allow_redirects=False, **told)
        except requests.RequestException as error:
            problem = f"Tableau Desktop does not answer any more: {type(error).__name__}."
            raise SiteError(problem, "See whether it still runs, and whether it shows a message; then run this again.") from error

    def _settled(self, answer: requests.Response) -> dict[str, Any]:
        if answer.status_code == _ACCEPTED:
            return self._ended(self._polled(answer)).get("result", {})
        return self._read(answer)

    def _read(self, answer: requests.Response) -> dict[str, Any]:
        try:
            told: Any = answer.json()
        except ValueError:
            told = None
        if answer.status_code == _OK and isinstance(told, dict):
            return _object(told)
        said = _object(told)
        problem = f"Tableau Desktop answers {answer.status_code}: {said.get('code') or 'no reason'}{_more(said)}."
        if answer.status_code == _NOT_YET:
            raise _NotYetError(problem, "Wait until it is drawn, and run this again.")
        raise SiteError(problem, _REMEDIES.get(str(said.get("code")), "Report it, with what it says."))

    def _polled(self, accepted: requests.Response) -> dict[str, Any]:
        """Wait for an operation. Raises SiteError if a person must answer Desktop first, or if it takes too long."""
        where = urlsplit(accepted.headers.get("Location", "")).path  # on this machine, whatever else it says
        ends = time.monotonic() + OPERATION_SECONDS
        while time.monotonic() < ends:
            operation = self._read(self._sent("GET", where))
            if str(operation.get("state")).upper() in _ENDED:
                return operation
            if waits := operation.get("blockingWindows"):
                problem = f"Tableau Desktop waits for an answer: {waits[0].get('messageText') or waits[0].get('title')}."
                raise SiteError(problem, "Answer it there, and run this again; report what it asked.")
            time.sleep(PAUSE_SECONDS)
        problem = f"Tableau Desktop has not finished within {OPERATION_SECONDS // 60} minutes."
        raise SiteError(problem, "See what it shows, and run this again.")

    def _ended(self, operation: dict[str, Any]) -> dict[str, Any]:
        if str(operation.get("state")).upper() != "SUCCEEDED":
            error = _object(operation.get("error"))
            problem = f"Tableau Desktop could not do it: {error.get('message') or error.get('code') or operation.get('state')}."
            raise SiteError(problem, "Report it, with what it says.")
        return operation


_REMEDIES = {
    "unauthenticated": "Restart Tableau Desktop, which writes a new token, and run this again.",
    "api-disabled": _TURN_ON,
    "file-not-found": "Name a folder with --out that Tableau Desktop can read.",
}


def _object(told: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever Desktop says
    """Return what is told by name, nothing where it is told otherwise."""
    return cast("dict[str, Any]", told) if isinstance(told, dict) else {}


def _without_token(request: requests.PreparedRequest) -> requests.PreparedRequest:
    request.headers.pop("Authorization", None)
    return request


def _more(said: Mapping[str, Any]) -> str:
    return f" ({detail})" if (detail := said.get("detail") or said.get("title")) else ""


def _running() -> _Desktop:
    """Return the Desktop that was started last. Raises SiteError if there is none."""
    found = next((one for one in _desktops() if one.is_alive()), None)
    if found is None:
        places = " or ".join(map(str, _places()))
        problem = f"No Tableau Desktop with an External Client API runs here: none is named in {places}."
        raise SiteError(problem, _TURN_ON)
    return found


def _window_of(workbook: Path) -> _Desktop:
    """Return the Desktop that shows a workbook: where one was open already, Desktop opens a window of its own for it. Raises SiteError."""
    ends = time.monotonic() + WINDOW_SECONDS
    while time.monotonic() < ends:
        for one in _desktops():
            try:
                location = str(one.get("workbook").get("location") or "")
            except SiteError:  # it starts, or shows no workbook
                continue
            if location and Path(location).name == workbook.name and Path(location).resolve() == workbook:
                return one
        time.sleep(PAUSE_SECONDS)
    problem = f"Tableau Desktop did not open {workbook.name} within {WINDOW_SECONDS // 60} minutes."
    raise SiteError(problem, "See what it shows; report its message, if there is one.")


def _desktops() -> Iterator[_Desktop]:
    """Yield the Desktops that say that they run here, the youngest first."""
    told = [found for place in _places() for file in sorted(place.glob("*.json")) if (found := _discovered(file)) is not None]
    for one in sorted(told, key=lambda one: str(one.get("startedAt", "")), reverse=True):
        yield _Desktop(str(one["baseUrl"]), str(one["token"]), str(one.get("apiVersion", "")))


def _discovered(file: Path) -> dict[str, Any] | None:
    """Return what a file says of a Desktop; None if that is not of this machine, has ended, or cannot be understood."""
    try:
        told = _object(json.loads(file.read_text(encoding="utf-8")))
        address = urlsplit(str(told["baseUrl"]))
        is_here = address.scheme == "http" and address.hostname in _LOOPBACK
        return told if told["schemaVersion"] == 1 and told["token"] and is_here and psutil.pid_exists(int(told["pid"])) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _places() -> list[Path]:
    """Return the folders in which Desktop says that it runs."""
    if named := os.environ.get(_FOUND_BY):
        return [Path(named)]
    roots = {"win32": Path(os.environ.get("LOCALAPPDATA", "~/AppData/Local")), "darwin": Path("~/Library/Application Support")}
    return [roots.get(sys.platform, Path("~/.local/share")).expanduser() / "Tableau" / "Tableau" / "ExternalApi"]
