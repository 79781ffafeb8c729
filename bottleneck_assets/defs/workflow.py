"""The workflow as the portal asks for it: Dagster's own GraphQL client, and the questions that it has no words for.

Belongs here: starting the job `refresh`, and reading how runs fare, over GraphQL. Never here: pages, and the instance itself; the portal
may run where that is not.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from dagster_graphql import DagsterGraphQLClient, DagsterGraphQLClientError
from gql import Client, gql
from gql.transport.exceptions import TransportError
from gql.transport.requests import RequestsHTTPTransport

from bottleneck_assets.defs.instance import LOCATION
from bottleneck_assets.defs.jobs import EXPORT_TAG, SHA256_TAG, refresh_of
from bottleneck_assets.errors import BottleneckError
from bottleneck_assets.portal.workflow import Progress, Run
from bottleneck_assets.source.exports import chosen_export, fingerprint, is_complete

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bottleneck_assets.settings import Settings

REPOSITORY, JOB = "__repository__", "refresh"
ANSWER_SECONDS = 60
UNFINISHED = ("QUEUED", "NOT_STARTED", "STARTING", "STARTED", "MANAGED")
BY_PORTAL = {"bottleneck/launched_by": "portal"}
_RUN = "runId status jobName creationTime startTime endTime tags { key value }"
_RUNS = gql(f"""query Runs($filter: RunsFilter, $limit: Int!) {{ runsOrError(filter: $filter, limit: $limit) {{
    ... on Runs {{ results {{ {_RUN} }} }} }} }}""")
_PROGRESS = gql(f"""query Progress($id: ID!) {{ runOrError(runId: $id) {{ ... on Run {{
    {_RUN} executionPlan {{ steps {{ key }} }} stepStats {{ stepKey status startTime }} }} }} }}""")
_FAILURE = gql("""query Failure($id: ID!) { logsForRun(runId: $id) { ... on EventConnection { events {
    ... on ExecutionStepFailureEvent { failureMetadata { description } error { message } }
    ... on RunFailureEvent { message error { message } } } } } }""")


class DagsterWorkflow:
    """The workflow behind a Dagster webserver at some address."""

    def __init__(self, address: str, settings: Settings) -> None:
        """Take the webserver's address, such as http://127.0.0.1:3000, and where the exports are."""
        self._address, self._settings = urlsplit(address), settings

    def refresh(self) -> str:
        """Start a refresh from the newest export, or join the one that reads it or waits to; return its run."""
        export = chosen_export(self._settings, dt.datetime.now(dt.UTC))
        if not is_complete(export):
            problem = f"{export.name} is still being written."
            raise BottleneckError(problem, "Press Refresh again once it is whole.")
        sha256 = fingerprint(export)
        for run in self._runs(UNFINISHED, 100):
            if run["jobName"] == JOB and _tags(run).get(SHA256_TAG, sha256) == sha256:
                return run["runId"]
        asked = refresh_of(export, sha256, **BY_PORTAL)
        try:
            return self._client().submit_job_execution(
                JOB, repository_location_name=LOCATION, repository_name=REPOSITORY, run_config=asked.run_config, tags=dict(asked.tags)
            )
        except (DagsterGraphQLClientError, TransportError, requests.RequestException) as error:
            raise self._unanswered(error) from error

    def progress(self, run_id: str) -> Progress | None:
        """Return how far a run is, None if there is no such run."""
        run = self._ask(_PROGRESS, id=run_id)["runOrError"]
        if not run:
            return None
        stats = sorted(run["stepStats"], key=lambda step: step["startTime"] or float("inf"))
        states = {step["stepKey"]: step["status"] or "" for step in stats}
        planned = [step["key"] for step in (run["executionPlan"] or {"steps": []})["steps"]]
        steps = [(_shown(key), states.get(key, "")) for key in (*states, *(key for key in planned if key not in states))]
        problem, remedy = self._why(run_id) if run["status"] == "FAILURE" else ("", "")
        return Progress(_as_run(run), steps, problem, remedy)

    def last_runs(self, count: int) -> Sequence[Run]:
        """Return the last runs, newest first."""
        return [_as_run(run) for run in self._runs((), count)]

    def _why(self, run_id: str) -> tuple[str, str]:
        """Return what the first step that failed says: its own two lines, or else the error's first."""
        events = self._ask(_FAILURE, id=run_id)["logsForRun"].get("events", [])
        told = [said for event in events if (said := (event.get("failureMetadata") or {}).get("description"))]
        errors = [error["message"] for event in events if (error := event.get("error"))]
        messages = [event["message"] for event in events if event.get("message")]
        problem, _, remedy = next(iter([*told, *errors, *messages]), "").strip().partition("\n")
        return (problem, remedy) if told else (problem, "See the run in Dagster.")

    def _runs(self, statuses: Sequence[str], count: int) -> list[dict[str, Any]]:
        return self._ask(_RUNS, filter={"statuses": list(statuses)} if statuses else None, limit=count)["runsOrError"].get("results", [])

    def _transport(self) -> RequestsHTTPTransport:
        """Return a way to ask: one each time, since they keep a connection, and requests come from several threads."""
        return RequestsHTTPTransport(f"{self._address.geturl().rstrip('/')}/graphql", use_json=True, timeout=ANSWER_SECONDS)

    def _client(self) -> DagsterGraphQLClient:
        host, port = self._address.hostname or "", self._address.port
        return DagsterGraphQLClient(host, port, transport=self._transport(), use_https=self._address.scheme == "https")

    def _ask(self, question: Any, **variables: Any) -> dict[str, Any]:
        try:
            question.variable_values = variables
            return Client(transport=self._transport()).execute(question)
        except (TransportError, requests.RequestException) as error:
            raise self._unanswered(error) from error

    def _unanswered(self, error: Exception) -> BottleneckError:
        said = " ".join(str(error).split())[:200]
        return BottleneckError(f"Dagster at {self._address.geturl()} has not done it ({said}).", "See that its UI runs, and try again.")


def _as_run(run: dict[str, Any]) -> Run:
    tags = _tags(run)
    by = next((f"{kind} {tags[tag]}" for kind, tag in _STARTED_BY if tag in tags), tags.get("bottleneck/launched_by", "the Dagster UI"))
    began = run["startTime"] or run["creationTime"]
    return Run(run["runId"], run["jobName"], run["status"], _time(began), _time(run["endTime"]), tags.get(EXPORT_TAG, ""), by)


_STARTED_BY = (("sensor", "dagster/sensor_name"), ("schedule", "dagster/schedule_name"))


def _tags(run: dict[str, Any]) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in run["tags"]}


def _time(seconds: float | None) -> dt.datetime | None:
    return dt.datetime.fromtimestamp(seconds, dt.UTC) if seconds else None


def _shown(step: str) -> str:
    return step.replace("__", ".")
