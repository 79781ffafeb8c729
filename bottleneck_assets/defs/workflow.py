"""The workflow as the portal asks for it: Dagster's own GraphQL client, and the questions that it has no words for.

Belongs here: starting the job `refresh`, and reading how runs fare, over GraphQL. Never here: pages, and the instance itself; the portal
may run where that is not.
"""

from __future__ import annotations

import datetime as dt
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import requests
from dagster_graphql import DagsterGraphQLClient, DagsterGraphQLClientError
from gql import Client, GraphQLRequest, gql
from gql.transport.exceptions import TransportError
from gql.transport.requests import RequestsHTTPTransport
from requests.auth import HTTPBasicAuth

from bottleneck_assets.defs.instance import LOCATION, code_server_answers, code_socket
from bottleneck_assets.defs.jobs import EXPORT_TAG, SHA256_TAG, passing_over, refresh_of
from bottleneck_assets.defs.reasons import stopped_by
from bottleneck_assets.errors import BottleneckError
from bottleneck_assets.models.acceptance import accepted
from bottleneck_assets.portal.workflow import STEPS, Progress, Run
from bottleneck_assets.release.manifest import CheckResult
from bottleneck_assets.source.exports import Choice, chosen_export, find_exports, fingerprint, is_complete

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bottleneck_assets.settings import Settings

REPOSITORY, JOB = "__repository__", "refresh"
ANSWER_SECONDS, LAUNCH_SECONDS = 5, 60
"""How long Dagster may take to say something, and to start a run: given up too early, that would be started unseen."""
UNFINISHED = ("QUEUED", "NOT_STARTED", "STARTING", "STARTED", "MANAGED")
SILENT_SECONDS = 120
"""Within which a daemon that is alive says so; it does every 30."""
BY_PORTAL = {"bottleneck/launched_by": "portal"}
_RUN = "runId status jobName creationTime startTime tags { key value }"
_OR_ERROR = "__typename ... on Error { message }"
_RUNS = gql(f"""query Runs($filter: RunsFilter, $limit: Int!) {{ answer: runsOrError(filter: $filter, limit: $limit) {{ {_OR_ERROR}
    ... on Runs {{ results {{ {_RUN} }} }} }} }}""")
_PROGRESS = gql(f"""query Progress($id: ID!) {{ answer: runOrError(runId: $id) {{ {_OR_ERROR} ... on Run {{
    {_RUN} executionPlan {{ steps {{ key }} }} stepStats {{ stepKey status }} }} }} }}""")
_FAILURE = gql(f"""query Failure($id: ID!) {{ answer: logsForRun(runId: $id) {{ {_OR_ERROR} ... on EventConnection {{ events {{
    ... on ExecutionStepFailureEvent {{ failureMetadata {{ description }} error {{ message }} }}
    ... on AssetCheckEvaluationEvent {{ evaluation {{ assetKey {{ path }} checkName success severity description
        metadataEntries {{ label ... on TextMetadataEntry {{ text }} }} }} }}
    ... on RunFailureEvent {{ message error {{ message }} }} }} }} }} }}""")


_HEALTH = gql(f"""{{ workspace: workspaceOrError {{ {_OR_ERROR} ... on Workspace {{ locationEntries {{ name loadStatus
    locationOrLoadError {{ {_OR_ERROR} }} }} }} }}
    instance {{ daemonHealth {{ allDaemonStatuses {{ daemonType required lastHeartbeatTime }} }} }}
    runs: runsOrError(limit: 1) {{ {_OR_ERROR} ... on Runs {{ results {{ runId }} }} }} }}""")


class DagsterWorkflow:
    """The workflow behind a Dagster webserver at some address."""

    def __init__(self, address: str, settings: Settings) -> None:
        """Take the webserver's address, such as http://127.0.0.1:3000, with `user:password@` if it asks for them, and the settings."""
        given = urlsplit(address)
        user, password = (unquote(part or "").encode() for part in (given.username, given.password))
        self._auth = HTTPBasicAuth(user, password) if user else None
        self._address = f"{given.scheme}://{given.netloc.rpartition('@')[2]}"
        self._settings = settings

    def refresh(self, name: str | None = None) -> str:
        """Start a refresh from the newest export that can be used, or from one of the drop folder, or join the one that reads it.

        Returns its run.
        """
        choice = self._export(name)
        sha256 = fingerprint(choice.path)
        asked = refresh_of(choice.path, sha256, **BY_PORTAL, **passing_over(choice.passed_over, choice.in_place_of))
        with self._understood():
            for run in self._runs(UNFINISHED, 100):
                if run["jobName"] == JOB and _tags(run).get(SHA256_TAG, sha256) == sha256:
                    return run["runId"]
            return self._client().submit_job_execution(
                JOB, repository_location_name=LOCATION, repository_name=REPOSITORY, run_config=asked.run_config, tags=dict(asked.tags)
            )

    def _export(self, name: str | None) -> Choice:
        """Return what is to be read. Raises BottleneckError if that, or the newest, is still being written, and ExportError."""
        now, folder = dt.datetime.now(dt.UTC), self._settings.exports_dir
        newest = folder / name if name else self._settings.export or next(iter(find_exports(folder, now)), None)
        if newest and not is_complete(newest):
            problem = f"{newest.name} is still being written."
            raise BottleneckError(problem, "Press Refresh again once it is whole.")
        return Choice(newest) if newest and name else chosen_export(self._settings, now, accepted)

    def progress(self, run_id: str) -> Progress | None:
        """Return how far a run is, None if there is no such run."""
        with self._understood():
            run = self._ask(_PROGRESS, {"Run", "RunNotFoundError"}, id=run_id)
            if run["__typename"] == "RunNotFoundError":
                return None
            states = {_shown(step["stepKey"]): step["status"] or "" for step in run["stepStats"]}
            planned = [_shown(step["key"]) for step in (run["executionPlan"] or {"steps": []})["steps"]]
            steps = sorted((dict.fromkeys(planned, "") | states).items(), key=_place)
            problem, remedy = self._why(run_id) if run["status"] == "FAILURE" else ("", "")
            return Progress(_as_run(run), steps, problem, remedy)

    def ailing(self) -> Mapping[str, str]:
        """Return what is not alive: the code server, the daemon, by its heartbeat, or Dagster's storage; and why.

        Raises BottleneckError if the UI, which is asked, does not answer.
        """
        with self._understood():
            asked = GraphQLRequest(_HEALTH)
            found: Any = Client(transport=self._transport(ANSWER_SECONDS)).execute(asked)
            told = {"code_server": _flaw_of_code(found["workspace"]), "daemon": _flaw_of_daemon(found["instance"]["daemonHealth"])}
            if "results" not in found["runs"]:
                told["storage"] = str(found["runs"].get("message", "its records cannot be read"))
        socket = code_socket(self._settings)
        if socket and socket.parent.is_dir() and not told["code_server"] and not code_server_answers(socket):
            told["code_server"] = "it does not answer"
        return {part: flaw for part, flaw in told.items() if flaw}

    def last_runs(self, count: int) -> Sequence[Run]:
        """Return the last runs, newest first."""
        with self._understood():
            return [_as_run(run) for run in self._runs((), count)]

    def _why(self, run_id: str) -> tuple[str, str]:
        """Return what the first step that failed says: its own two lines, else those of the check that stopped it, or the error."""
        events = self._ask(_FAILURE, {"EventConnection"}, id=run_id)["events"]
        described = [text for event in events if (text := (event.get("failureMetadata") or {}).get("description"))]
        stopped = stopped_by(_as_result(event["evaluation"]) for event in events if "evaluation" in event)
        if stopped and not described:
            return stopped.problem, stopped.remedy
        errors = [error["message"] for event in events if (error := event.get("error"))]
        messages = [event["message"] for event in events if event.get("message")]
        problem, _, remedy = next(iter([*described, *errors, *messages]), "").strip().partition("\n")
        return (problem, remedy) if described else (problem, "See the run in Dagster.")

    def _runs(self, statuses: Sequence[str], count: int) -> list[dict[str, Any]]:
        return self._ask(_RUNS, {"Runs"}, filter={"statuses": list(statuses)} if statuses else None, limit=count)["results"]

    def _transport(self, seconds: int) -> RequestsHTTPTransport:
        """Return a way to ask: one each time, since they keep a connection, and requests come from several threads."""
        return RequestsHTTPTransport(f"{self._address}/graphql", auth=self._auth, use_json=True, timeout=seconds)

    def _client(self) -> DagsterGraphQLClient:
        return DagsterGraphQLClient(self._address, transport=self._transport(LAUNCH_SECONDS))

    def _ask(self, question: GraphQLRequest, kinds: set[str], **variables: Any) -> dict[str, Any]:
        """Return the answer if it is of one of these kinds; an error that Dagster tells of is not 'nothing'."""
        asked = GraphQLRequest(question, variable_values=variables)
        answer: Any = Client(transport=self._transport(ANSWER_SECONDS)).execute(asked)
        found = answer["answer"]
        if found["__typename"] not in kinds:
            raise self._unanswered(found.get("message") or found["__typename"])
        return found

    @contextmanager
    def _understood(self) -> Iterator[None]:
        """Say in two lines that Dagster has not answered, or not as it does: by an error, or without what was asked for."""
        try:
            yield
        except (DagsterGraphQLClientError, TransportError, requests.RequestException) as error:
            raise self._unanswered(_in_words(error)) from error
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
            said = f"it answers otherwise than it should: {error!r}"
            raise self._unanswered(said) from error

    def _unanswered(self, said: str) -> BottleneckError:
        problem = f"Dagster at {self._address} has not done it ({' '.join(said.split())[:200]})."
        return BottleneckError(problem, "See that its UI runs, and try again.")


def _as_result(evaluation: dict[str, Any]) -> CheckResult:
    texts = {entry["label"]: entry.get("text") for entry in evaluation["metadataEntries"]}
    return CheckResult(
        asset="/".join(evaluation["assetKey"]["path"]),
        check=evaluation["checkName"],
        passed=evaluation["success"],
        severity=evaluation["severity"],
        found=evaluation["description"] or "",
        remedy=texts.get("remedy") or "",
    )


def _flaw_of_code(workspace: dict[str, Any]) -> str:
    entries = workspace.get("locationEntries", ())
    entry = next((entry for entry in entries if entry["name"] == LOCATION), None)
    if entry is None:
        return str(workspace.get("message", "it is not known"))
    if entry["loadStatus"] != "LOADED" or entry["locationOrLoadError"] is None:
        return "it is being loaded"
    return str(entry["locationOrLoadError"].get("message", "")).partition("\n")[0]


def _flaw_of_daemon(health: dict[str, Any]) -> str:
    beats = {one["daemonType"]: one["lastHeartbeatTime"] for one in health["allDaemonStatuses"] if one["required"]}
    now = time.time()
    silent = [name for name, beat in beats.items() if beat is None or now - beat > SILENT_SECONDS]
    if not silent:
        return ""
    last = max((beat for beat in beats.values() if beat is not None), default=None)
    return "it has not been heard of yet" if last is None else f"last heard of {now - last:,.0f} seconds ago ({', '.join(sorted(silent))})"


def _in_words(error: BaseException) -> str:
    """Return what went wrong on the way to Dagster, without the names of libraries where it never got there."""
    cause: BaseException | None = error
    while cause:
        if isinstance(cause, requests.Timeout):
            return "it does not answer in time"
        if isinstance(cause, requests.ConnectionError):
            return "it cannot be reached"
        cause = cause.__cause__
    return str(error)


def _as_run(run: dict[str, Any]) -> Run:
    tags = _tags(run)
    by = next((f"{kind} {tags[tag]}" for kind, tag in _STARTED_BY if tag in tags), tags.get("bottleneck/launched_by", "the Dagster UI"))
    began = run["startTime"] or run["creationTime"]
    return Run(run["runId"], run["jobName"], run["status"], _time(began), tags.get(EXPORT_TAG, ""), by)


_STARTED_BY = (("sensor", "dagster/sensor_name"), ("schedule", "dagster/schedule_name"))


def _tags(run: dict[str, Any]) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in run["tags"]}


def _time(seconds: float | None) -> dt.datetime | None:
    return dt.datetime.fromtimestamp(seconds, dt.UTC) if seconds else None


def _place(step: tuple[str, str]) -> int:
    return STEPS.index(step[0]) if step[0] in STEPS else len(STEPS)


def _shown(step: str) -> str:
    return step.replace("__", ".")
