"""Every private import from Dagster that costs nothing once Dagster is imported, each under the condition on which it can go.

Belongs here: names that `dagster` does not export, re-exported; those that take as long to import as Dagster itself stand in
_dagster_private_storage.py. Never here: code, or a name that has become public. Because of these the version of Dagster is pinned: go
through them with every upgrade.
"""

# Goes when what `DagsterInstance.get_freshness_state_records` returns has a public type.
from dagster._core.definitions.freshness import FreshnessState

# Goes when a run launcher may be derived from a public class, its errors included.
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, WorkerStatus

# Goes when the results of asset checks can be asked for by status, and not through the storage.
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

# Goes when these groups of run statuses, which `RunsFilter` takes, are public.
from dagster._core.storage.dagster_run import FINISHED_STATUSES, NOT_FINISHED_STATUSES

# Goes when `ConfigurableClass`, which every storage and launcher of one's own is, is public.
from dagster._serdes import ConfigurableClassData

# Goes when a run that is interrupted twice ends as one that is interrupted once.
from dagster._utils import interrupts

__all__ = [
    "FINISHED_STATUSES",
    "NOT_FINISHED_STATUSES",
    "AssetCheckExecutionRecordStatus",
    "CheckRunHealthResult",
    "ConfigurableClassData",
    "DagsterUserCodeUnreachableError",
    "DefaultRunLauncher",
    "FreshnessState",
    "WorkerStatus",
    "interrupts",
]
