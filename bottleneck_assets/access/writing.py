"""Plays the shop's own program, in a process of its own: it writes to copies of the export while others read.

Belongs here: open transactions, and one commit. Never here: a file that is not a copy.

`python -m bottleneck_assets.access.writing '{"hold": {...}}'` opens a transaction on each copy, says so in a line, and keeps them open
until its input ends; `'{"commit": path}'` changes every count of Sales and Promo, commits, and ends.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from bottleneck_assets.source.exports import quoted

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

BEGUN, COMMITTING, WAL = "begun", "committing", "wal"
STATES = (BEGUN, COMMITTING, WAL)
"""A write transaction that has begun, one that is at its commit (both with a rollback journal), and an open one in WAL mode."""
ADDED = 1_000_000
PATIENCE_SECONDS = 0.25
"""How long readers and writers wait for a lock here. By default Python's sqlite3 waits five seconds, and ADBC does not wait."""
_MODULE = "bottleneck_assets.access.writing"


@contextmanager
def held(copies: Mapping[str, Path]) -> Generator[None]:
    """Keep write transactions open on copies of the export, one for each state, from another process."""
    command = [sys.executable, "-m", _MODULE, json.dumps({"hold": {state: str(path) for state, path in copies.items()}})]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as shop:  # noqa: S603 - ours
        try:
            if shop.stdout is None or shop.stdout.readline().strip() != b"held":
                message = "the process that holds the locks did not begin"
                raise RuntimeError(message)
            yield
        finally:
            if shop.stdin is not None:
                shop.stdin.close()
            shop.wait()


def commit(copy: Path) -> bool:
    """Let another process write to a copy of the export, and tell whether it could; in this one, SQLite's locks would not hold."""
    command = [sys.executable, "-m", _MODULE, json.dumps({"commit": str(copy)})]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603 - ours


def main(given: dict[str, Any]) -> None:
    """Write as asked."""
    with ExitStack() as opened:
        for state, path in given.get("hold", {}).items():
            connection = opened.enter_context(closing(sqlite3.connect(path, isolation_level=None)))
            connection.execute(f"pragma journal_mode = {'wal' if state == WAL else 'delete'}")
            connection.execute("begin exclusive" if state == COMMITTING else "begin immediate")
            with suppress(sqlite3.Error):  # an export may forbid it; the transaction is held all the same
                _change(connection)
        if given.get("hold"):
            print("held", flush=True)  # noqa: T201 - to the parent
            sys.stdin.read()
    if "commit" in given:
        with closing(sqlite3.connect(given["commit"], timeout=PATIENCE_SECONDS)) as connection, connection:
            connection.execute("pragma ignore_check_constraints = on")  # what the copy allows is not the question, but who reads it
            for (trigger,) in connection.execute("select name from sqlite_schema where type = 'trigger'").fetchall():
                connection.execute(f"drop trigger {quoted(trigger)}")
            _change(connection)


def _change(connection: sqlite3.Connection) -> None:
    connection.execute(f"update sales set sales = sales + {ADDED}")
    connection.execute(f"update promo set sales_offer = sales_offer + {ADDED}")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
