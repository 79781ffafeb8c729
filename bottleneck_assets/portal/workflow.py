"""What the portal asks of the workflow behind it, whatever runs that.

Belongs here: the questions and the shape of their answers. Never here: Dagster; the answers are made in defs/workflow.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

SUCCEEDED, FAILED = "SUCCESS", {"FAILURE", "CANCELED"}
STEPS = (
    *("read_export", "parameters", "make_clean", "make_kpi", "make_recommendation", "make_extract", "make_presentation"),
    *("make_documents", "measure_access", "publication.release", "publication.tableau_site"),
)
"""The steps of a run, in the order in which each needs what is before it."""


@dataclass(frozen=True)
class Run:
    """A run: its job, its state in Dagster's words, when it began or was asked for, the export that it reads, and who asked."""

    id: str
    job: str
    status: str
    began: dt.datetime | None
    export: str
    started_by: str


@dataclass(frozen=True)
class Progress:
    """How far a run is: its steps, in the order of STEPS, each with its state in Dagster's words, empty if to come; if it failed, why."""

    run: Run
    steps: Sequence[tuple[str, str]]
    problem: str
    remedy: str

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.run.status in {SUCCEEDED, *FAILED}

    @property
    def done(self) -> int:
        """How many steps have succeeded."""
        return sum(state == SUCCEEDED for _, state in self.steps)


class Workflow(Protocol):
    """The workflow. Each of these raises BottleneckError if it cannot be asked, or will not do it."""

    def refresh(self, name: str | None = None) -> str:
        """Start a refresh from the newest export, or the one of a name, or join the one that is under way; return its run."""
        ...

    def ailing(self) -> Mapping[str, str]:
        """Return what of the workflow is not alive (`code_server`, `daemon`, `storage`), and why; nothing if all of it is."""
        ...

    def progress(self, run_id: str) -> Progress | None:
        """Return how far a run is, None if there is no such run."""
        ...

    def last_runs(self, count: int) -> Sequence[Run]:
        """Return the last runs, newest first."""
        ...
