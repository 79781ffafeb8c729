"""Dagster's SQLite storage with its connections kept open: the same databases, the same rows, a fraction of the time.

Belongs here: how connections are opened and kept. Never here: what is stored, which stays Dagster's.

The stock storage makes an engine and a connection for every statement and commits to disk each time: over 2,000 disk syncs a
refresh. This one keeps a few connections a database and syncs at checkpoints (`synchronous = NORMAL`): a power cut may lose the
last events of a run, never the database. It overrides private methods, so the version of Dagster is pinned, a test compares the two
event by event, and the setting `instance_storage = stock` switches back over the same files.
"""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as db
from sqlalchemy.event import listen, remove
from sqlalchemy.pool import QueuePool

from bottleneck_assets.defs._dagster_private import ConfigurableClassData
from bottleneck_assets.defs._dagster_private_storage import (
    SQLITE_BUSY_TIMEOUT_SECONDS,
    DagsterSqliteStorage,
    DagsterStorage,
    SqliteEventLogStorage,
    SqliteRunStorage,
    SqliteScheduleStorage,
)

OPEN_RUNS = 16


class PooledRunStorage(SqliteRunStorage):
    """The runs, over one kept engine."""

    def __init__(self, conn_string: str, inst_data: ConfigurableClassData | None = None) -> None:
        """Open nothing yet."""
        super().__init__(conn_string, inst_data)
        self._kept = _engine(conn_string)

    @contextmanager
    def connect(self) -> Iterator[db.Connection]:
        """Give a connection in a transaction."""
        with self._kept.connect() as connection, connection.begin():
            yield connection

    def dispose(self) -> None:
        """Close the connections."""
        self._kept.dispose()
        super().dispose()


class PooledEventLogStorage(SqliteEventLogStorage):
    """The events: one database a run and one index over all, each over a kept engine, the least used closed first."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        """Open nothing yet, but make the index if it is not there."""
        self._kept: OrderedDict[str, db.Engine] = OrderedDict()
        self._tables: set[str] = set()
        self._columns: set[str] = set()
        super().__init__(base_dir, inst_data)

    def has_table(self, table_name: str) -> bool:
        """Tell whether the index has a table: one that it has it keeps, and the stock storage looks for several with every event."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    def _has_asset_key_col_on_connection(self, conn: db.Connection, column_name: str) -> bool:
        if column_name not in self._columns and super()._has_asset_key_col_on_connection(conn, column_name):
            self._columns.add(column_name)
        return column_name in self._columns

    @contextmanager
    def _connect(self, shard: str) -> Iterator[db.Connection]:
        with self._db_lock:  # as the stock storage: one thread at a time
            engine = self._kept.get(shard) or _engine(self.conn_string_for_shard(shard))
            self._kept[shard] = engine
            self._kept.move_to_end(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            while len(self._kept) > OPEN_RUNS:
                self._kept.popitem(last=False)[1].dispose()
            with engine.connect() as connection, connection.begin():
                yield connection

    def delete_events(self, run_id: str) -> None:
        """Delete a run's events, and the file that held them."""
        super().delete_events(run_id)
        with self._db_lock:
            if engine := self._kept.pop(run_id, None):
                engine.dispose()
            self._initialized_dbs.discard(run_id)
            for suffix in ("", "-wal", "-shm"):
                Path(self.path_for_shard(run_id) + suffix).unlink(missing_ok=True)

    def dispose(self) -> None:
        """Close the connections."""
        with self._db_lock:
            while self._kept:
                self._kept.popitem()[1].dispose()
        super().dispose()


class PooledSqliteStorage(DagsterSqliteStorage):
    """All three storages of an instance in the folder that the stock one uses."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        """Use the databases under a folder, and make those that are not there."""
        DagsterStorage.__init__(self)  # not that of its parent, which opens the three stock ones
        self.base_dir, self._inst_data = base_dir, inst_data
        listen(db.Engine, "connect", _sync_at_checkpoints)  # a new database else syncs for every table and index of its schema
        try:
            self._run_storage = PooledRunStorage.from_local(f"{base_dir}/history")
            self._event_log_storage = PooledEventLogStorage(f"{base_dir}/history/runs")
            self._schedule_storage = SqliteScheduleStorage.from_local(f"{base_dir}/schedules")
        finally:
            remove(db.Engine, "connect", _sync_at_checkpoints)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData, config_value: Any) -> "PooledSqliteStorage":
        """Make the storage from its block in dagster.yaml."""
        return cls.from_local(inst_data=inst_data, **config_value)


def _engine(conn_string: str) -> db.Engine:
    engine = db.create_engine(
        conn_string,
        poolclass=QueuePool,
        pool_size=2,
        max_overflow=16,
        connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
    )
    listen(engine, "connect", _sync_at_checkpoints)
    return engine


def _sync_at_checkpoints(connection: Any, _record: Any) -> None:
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = normal")
