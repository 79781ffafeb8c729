"""Every private import from Dagster there is, each under the condition on which it can go.

Belongs here: names that `dagster` does not export, re-exported. Never here: code, or a name that has become public. Because of these the
version of Dagster is pinned: go through them with every upgrade.
"""

# Goes when what `DagsterInstance.get_freshness_state_records` returns has a public type.
from dagster._core.definitions.freshness import FreshnessState

# Goes when a run launcher may be derived from a public class, its errors included.
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, WorkerStatus

# Goes when the results of asset checks can be asked for by status, and not through the storage.
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

# Goes, with the whole of pooled_storage.py, when Dagster's own SQLite storage keeps its connections open.
from dagster._core.storage.base_storage import DagsterStorage

# Goes when these groups of run statuses, which `RunsFilter` takes, are public.
from dagster._core.storage.dagster_run import FINISHED_STATUSES, NOT_FINISHED_STATUSES

# Go with `DagsterStorage`, above.
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.runs import SqliteRunStorage
from dagster._core.storage.schedules import SqliteScheduleStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage

# Go when `dagster-webserver` takes a guard of ours, so that webserver.py need not serve the UI by hand.
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget

# Goes when a public call tells whether a code server answers.
from dagster._grpc.client import DagsterGrpcClient

# Goes when `ConfigurableClass`, which every storage and launcher of one's own is, is public.
from dagster._serdes import ConfigurableClassData

# Goes when a run that is interrupted twice ends as one that is interrupted once.
from dagster._utils import interrupts

__all__ = [
    "FINISHED_STATUSES",
    "NOT_FINISHED_STATUSES",
    "SQLITE_BUSY_TIMEOUT_SECONDS",
    "AssetCheckExecutionRecordStatus",
    "CheckRunHealthResult",
    "ConfigurableClassData",
    "DagsterGrpcClient",
    "DagsterSqliteStorage",
    "DagsterStorage",
    "DagsterUserCodeUnreachableError",
    "DefaultRunLauncher",
    "FreshnessState",
    "SqliteEventLogStorage",
    "SqliteRunStorage",
    "SqliteScheduleStorage",
    "WorkerStatus",
    "WorkspaceFileTarget",
    "WorkspaceProcessContext",
    "interrupts",
]
