"""Says why a run failed: for the command line, and for alerts.

Belongs here: reading it off the events of a run. Never here: telling anyone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import dagster as dg

from bottleneck_assets.defs.checks import check_result

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Reason:
    """Why a run failed: the asset at fault, as far as it is known, the problem and the remedy."""

    asset: str
    problem: str
    remedy: str


def why_it_failed(events: Sequence[dg.DagsterEvent]) -> Reason:
    """Return what a step says of itself, else the check that stopped the run, else the first error, else what Dagster says."""
    failed_steps = [event for event in events if event.is_step_failure]
    for event in failed_steps:
        said = event.step_failure_data.user_failure_data
        if said and said.description:
            problem, _, remedy = said.description.partition("\n")
            asset = said.metadata.get("asset")
            return Reason(str(asset.value) if asset else (event.step_key or "").replace("__", "/"), problem, remedy)
    evaluated = [check_result(event.asset_check_evaluation_data) for event in events if event.event_type == _EVALUATION]
    stopped = [check for check in evaluated if not check.passed and check.severity == dg.AssetCheckSeverity.ERROR.value]
    for check in sorted(stopped, key=lambda check: check.check != "quarantine_is_small"):  # the cause of others that fail with it
        return Reason(check.asset, f"{check.asset} failed the check {check.check}: {check.found}", check.remedy)
    failed_run = [event for event in events if event.is_job_failure]
    errors = [event.step_failure_data.error for event in failed_steps] + [event.job_failure_data.error for event in failed_run]
    messages = [*(_root_message(error) for error in errors if error), *(event.message for event in failed_run if event.message)]
    return Reason("", next(iter(messages), "The run failed."), "Run again with --debug to see where.")


_EVALUATION = dg.DagsterEventType.ASSET_CHECK_EVALUATION


def _root_message(error: dg.SerializableErrorInfo) -> str:
    while error.cause:
        error = error.cause
    return " ".join(error.message.split())
