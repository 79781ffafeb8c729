"""Publishes a release to Tableau Server or Cloud, and asks a server whether it takes the workbook.

Belongs here: signing in, what goes there under which name, waiting until it is there. Never here: making any of it, or deciding when.

Whatever is there under the same name is replaced, so that publishing twice is publishing once, and a request may be sent again. The token
is a secret: no error repeats it, and it goes to no address but the one that is set.
"""

# pyright: reportMissingImports=false, reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false
# (an extra, which may not be installed where types are checked, and which has types in part)

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from bottleneck_assets.errors import SiteError
from bottleneck_assets.render.tableau.package import FILE as WORKBOOK
from bottleneck_assets.render.tableau.package import FRENCH_FILE, FRENCH_NAME, NAME
from bottleneck_assets.render.tableau.star_package import FILE as DATA_SOURCE

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence
    from pathlib import Path

    from tableauserverclient import JobItem, Server

    from bottleneck_assets.settings import Settings

WORKBOOKS = {WORKBOOK: NAME, FRENCH_FILE: FRENCH_NAME}
"""The workbooks that a site gets, by their files in a release: what they are called there."""
NOT_SET = "The setting tableau_server is not set."
VALIDATES_FROM = "3.29"
"""The version of the REST API that validates workbooks: Tableau Cloud of June 2026, Server 2026.2."""
TIMEOUT_SECONDS = 120
JOB_SECONDS = 900
TRIES = 3
BACKOFF_SECONDS = 1.0
_ACCEPTED, _REFUSED = 200, 422
_BUSY = (429, 502, 503, 504)
"""Answers of a server that is there and cannot answer now."""


@dataclass(frozen=True)
class Published:
    """One thing that a site holds now: whether it is a data source or a workbook, its name, its identifier there, and its address."""

    kind: str
    name: str
    id: str
    url: str


@dataclass(frozen=True)
class Verdict:
    """What a server says of a workbook: what it refuses it for, and what it warns of."""

    errors: Sequence[str]
    warnings: Sequence[str]


def publish_release(release: Path, settings: Settings) -> list[Published]:
    """Publish the data source and the workbooks of a release, as far as it holds them, and return them.

    A server that validates workbooks is asked first. Raises SiteError with what it says, or if there is nothing to publish: then nothing of
    the release is there.
    """
    data_source = release / DATA_SOURCE
    workbooks = {release / file: name for file, name in WORKBOOKS.items() if (release / file).exists()}
    if not data_source.exists() and not workbooks:
        problem = f"{release} holds neither a data source nor a workbook for Tableau."
        raise SiteError(problem, "Refresh with the extra tableau installed, and the setting reports on.")
    with _signed_in(settings) as server:
        for workbook in workbooks if server.check_at_least_version(VALIDATES_FROM) else ():
            _take(_validated(server, *workbook_in(workbook)), settings)
        return list(_published(server, _project(server, settings.tableau_project), data_source, workbooks))


def _take(verdict: Verdict, settings: Settings) -> None:
    """Raise SiteError with what the server refuses a workbook for, if it does."""
    if verdict.errors:
        problem = f"{settings.tableau_server} refuses the workbook: {'; '.join(verdict.errors)}."
        raise SiteError(problem, "Report it, with what it says; nothing was replaced there.")


def verify(package: Path, settings: Settings) -> Verdict:
    """Ask a server whether it would take the workbook in a package; it keeps nothing. Raises SiteError if it cannot be asked."""
    if not package.exists():
        problem = f"There is no workbook {package}."
        raise SiteError(problem, "Refresh with the extra tableau installed, and the setting reports on.")
    with _signed_in(settings) as server:
        if not server.check_at_least_version(VALIDATES_FROM):
            problem = f"{settings.tableau_server} speaks version {server.version} of the REST API, which validates no workbooks."
            raise SiteError(problem, f"Ask Tableau Cloud, or Tableau Server 2026.2 or newer (version {VALIDATES_FROM}).")
        return _validated(server, *workbook_in(package))


def workbook_in(package: Path) -> tuple[str, bytes]:
    """Return the workbook of a package by itself, which is all that servers validate: its name and its content."""
    with ZipFile(package) as packed:
        (name,) = (name for name in packed.namelist() if name.endswith(".twb"))
        return name, packed.read(name)


def _validated(server: Server, name: str, content: bytes) -> Verdict:
    from urllib3.filepost import encode_multipart_formdata

    body, content_type = encode_multipart_formdata({"tableau_workbook": (name, content, "application/octet-stream")})
    answer = server.session.post(
        f"{server.baseurl}/sites/{server.site_id}/workbooks/validateWorkbook",
        data=body,
        headers={
            "X-Tableau-Auth": server.auth_token,
            "Content-Type": content_type.replace("form-data", "mixed"),  # as the server takes every upload
            "Accept": "application/json",
        },
        timeout=TIMEOUT_SECONDS,
    )
    told: Any = answer.json() if "json" in answer.headers.get("Content-Type", "") else None
    if not isinstance(told, dict) or answer.status_code not in {_ACCEPTED, _REFUSED}:
        problem = f"The server answered {answer.status_code} when asked about the workbook."
        raise SiteError(problem, "Look whether the token may read workbooks (scope tableau:workbooks:read).")
    errors = _sentences(told.get("errors"))
    if answer.status_code == _REFUSED and not errors:
        errors = ["The server refuses it, and does not say why."]
    return Verdict(errors, _sentences(told.get("warnings")))


def _sentences(told: Any) -> list[str]:  # noqa: ANN401 - whatever the server says
    listed: list[Any] = told if isinstance(told, list) else []
    return [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in listed]


def _published(server: Server, project: str, data_source: Path, workbooks: Mapping[Path, str]) -> Iterator[Published]:
    import tableauserverclient as client

    replace = client.Server.PublishMode.Overwrite
    if data_source.exists():
        job = server.datasources.publish(client.DatasourceItem(project, name=NAME), data_source, replace, as_job=True)
        _wait(server, job, f"the data source {NAME}")
        yield _there(server.datasources, "data source", NAME, project)
    for workbook, name in workbooks.items():
        endpoint: Any = server.workbooks  # its types know of no job without connections
        job = endpoint.publish(client.WorkbookItem(project, name=name, show_tabs=True), workbook, replace, as_job=True)
        _wait(server, job, f"the workbook {name}")
        yield _there(endpoint, "workbook", name, project)


def _wait(server: Server, job: JobItem, what: str) -> None:
    """Wait until the server has taken something in. Raises SiteError with what it says if it has not."""
    from tableauserverclient.server.endpoint.exceptions import JobFailedException

    try:
        server.jobs.wait_for_job(job, timeout=JOB_SECONDS)
    except JobFailedException as error:
        notes: list[Any] = [*error.job.notes, *(note.get("text") for note in error.job.status_notes)]  # by the kind of job
        said = " ".join(str(note).rstrip(".") for note in notes if note) or "it does not say why"
        problem = f"The server did not take {what}: {said}."
        raise SiteError(problem, "Mend what the server names, then: bottleneck tableau publish") from error
    except TimeoutError as error:
        problem = f"The server has not taken {what} within {JOB_SECONDS // 60} minutes."
        raise SiteError(problem, "It may still do so: look there before you publish again.") from error


def _there(endpoint: Any, kind: str, name: str, project: str) -> Published:  # noqa: ANN401 - the client's own has no types
    """Return what the site holds under a name in a project. Raises SiteError if it holds nothing."""
    from tableauserverclient import Filter, Pager, RequestOptions

    options = RequestOptions()
    options.filter.add(Filter(RequestOptions.Field.Name, RequestOptions.Operator.Equals, name))
    found = next((item for item in Pager(endpoint, options) if item.project_id == project and item.name == name), None)
    if found is None:
        problem = f"The server says that it has taken the {kind} {name}, and does not list it."
        raise SiteError(problem, "Look at the site, and publish again: bottleneck tableau publish")
    return Published(kind, name, found.id, found.webpage_url or "")


def _project(server: Server, name: str) -> str:
    """Return the identifier of a project by its name, one at the top before one inside another. Raises SiteError if there is none."""
    from tableauserverclient import Pager

    projects = sorted(Pager(server.projects), key=lambda project: project.parent_id is not None)
    found = next((project for project in projects if project.name.casefold() == name.casefold()), None)
    if found is None or found.id is None:
        problem = (
            f"The site has no project {name} that this token may see; it has: {', '.join(sorted(project.name for project in projects))}."
        )
        raise SiteError(problem, "Set BOTTLENECK_TABLEAU_PROJECT to one of these, or make the project.")
    return found.id


@contextmanager
def _signed_in(settings: Settings) -> Generator[Server, None, None]:
    """Give the server that is set, signed in to. Raises SiteError for whatever it or the way to it says."""
    if not settings.tableau_server:
        raise SiteError(NOT_SET, "Set BOTTLENECK_TABLEAU_SERVER, or name it with --server.")
    if not (settings.tableau_token_name and settings.tableau_token):
        problem = "There is no token to sign in to Tableau with."
        raise SiteError(problem, "Set BOTTLENECK_TABLEAU_TOKEN_NAME and BOTTLENECK_TABLEAU_TOKEN to a personal access token.")
    if not find_spec("tableauserverclient"):
        problem = "tableauserverclient, which publishes to Tableau, is not installed."
        raise SiteError(problem, "Install it: uv sync --extra tableau")
    import requests
    from defusedxml.ElementTree import ParseError
    from packaging.version import InvalidVersion
    from tableauserverclient import PersonalAccessTokenAuth, Server
    from tableauserverclient.server.endpoint.exceptions import FailedSignInError, TableauError

    address = settings.tableau_server.rstrip("/")
    try:
        with Server(address, http_options={"timeout": TIMEOUT_SECONDS}, session_factory=_session) as server:
            server.use_server_version()
            token = settings.tableau_token.get_secret_value()
            with server.auth.sign_in(PersonalAccessTokenAuth(settings.tableau_token_name, token, settings.tableau_site)):
                yield server
    except FailedSignInError as error:
        problem = f"{address} does not let the token {settings.tableau_token_name} in to the site {settings.tableau_site or '(default)'}."
        raise SiteError(problem, "Look whether it has expired: one that is not used for 15 days does.") from error
    except (ParseError, InvalidVersion) as error:
        problem = f"{address} does not answer as a Tableau server does."
        raise SiteError(problem, "Set tableau_server to the address of the server alone, without a path.") from error
    except TableauError as error:
        problem = f"{address}: {' '.join(str(error).split())}."
        raise SiteError(problem, "Mend what the server names, then: bottleneck tableau publish") from error
    except requests.RequestException as error:
        problem = f"{address} could not be reached: {type(error).__name__}."
        raise SiteError(problem, "Look whether the address is right and the network lets this machine through.") from error


def _session() -> Any:  # noqa: ANN401 - as above
    """Return a session that asks a busy server again."""
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    again = Retry(TRIES, status_forcelist=_BUSY, allowed_methods=None, backoff_factor=BACKOFF_SECONDS, raise_on_status=False)
    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(max_retries=again))
    return session
