"""The private imports from Dagster that take as long as Dagster itself: its storage and what serves the workspace. They bring SQLAlchemy.

Belongs here: names that `dagster` does not export, re-exported, each under the condition on which it can go; the definitions need none of
them. Never here: code.
"""

# Goes, with the whole of pooled_storage.py, when Dagster's own SQLite storage keeps its connections open.
from dagster._core.storage.base_storage import DagsterStorage

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

__all__ = [
    "SQLITE_BUSY_TIMEOUT_SECONDS",
    "DagsterGrpcClient",
    "DagsterSqliteStorage",
    "DagsterStorage",
    "SqliteEventLogStorage",
    "SqliteRunStorage",
    "SqliteScheduleStorage",
    "WorkspaceFileTarget",
    "WorkspaceProcessContext",
]
