"""Says why a run failed: for the command line, the portal and alerts.

Belongs here: reading it off the events of a run. Never here: telling anyone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import dagster as dg

from bottleneck_assets.defs.asset_checks import check_result
from bottleneck_assets.errors import remedy_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bottleneck_assets.release.manifest import CheckResult


@dataclass(frozen=True)
class Reason:
    """Why a run failed: the asset at fault, as far as it is known, the problem and the remedy."""

    asset: str
    problem: str
    remedy: str


def why_it_failed(events: Sequence[dg.DagsterEvent]) -> Reason:
    """Return what a step says of itself, else the check that stopped the run, else the first error, else what Dagster says.

    An error of this package, from outside any step, says its two lines by itself.
    """
    failed_steps = [event for event in events if event.is_step_failure]
    for event in failed_steps:
        failure = event.step_failure_data.user_failure_data
        if failure and failure.description:
            problem, _, remedy = failure.description.partition("\n")
            asset = failure.metadata.get("asset")
            return Reason(str(asset.value) if asset else (event.step_key or "").replace("__", "/"), problem, remedy)
    evaluated = [check_result(event.asset_check_evaluation_data) for event in events if event.event_type == _EVALUATION]
    if stopped := stopped_by(evaluated):
        return stopped
    failed_run = [event for event in events if event.is_job_failure]
    errors = [event.step_failure_data.error for event in failed_steps] + [event.job_failure_data.error for event in failed_run]
    chains = [[*_with_causes(error)] for error in errors if error]
    for error in (error for chain in chains for error in chain):
        if error.cls_name in _INTERRUPTED:
            return Reason("", "The run was stopped.", "What is published is whole; run it again to finish.")
        raised, _, text = error.message.partition(": ")
        if raised.startswith(_PACKAGE):
            problem, _, remedy = text.strip().partition("\n")
            return Reason("", problem, remedy)
    messages = [*(" ".join(chain[-1].message.split()) for chain in chains), *(event.message for event in failed_run if event.message)]
    problem = next(iter(messages), "The run failed.")
    return Reason("", problem, remedy_for(problem) or "Run again with --debug to see where.")


def stopped_by(results: Iterable[CheckResult]) -> Reason | None:
    """Return the check that stopped the run: of several the one that is the cause of the others; None if none did."""
    stopped = [check for check in results if not check.passed and check.severity == dg.AssetCheckSeverity.ERROR.value]
    for check in sorted(stopped, key=lambda check: check.check != "quarantine_is_small"):
        return Reason(check.asset, f"{check.asset} failed the check {check.check}: {check.found}", check.remedy)
    return None


_EVALUATION = dg.DagsterEventType.ASSET_CHECK_EVALUATION
_PACKAGE = "bottleneck_assets."
_INTERRUPTED = {"DagsterExecutionInterruptedError", "KeyboardInterrupt"}


def _with_causes(error: dg.SerializableErrorInfo | None) -> Iterator[dg.SerializableErrorInfo]:
    while error:
        yield error
        error = error.cause
