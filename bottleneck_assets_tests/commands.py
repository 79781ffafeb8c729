"""Runs the command line, in a process or in this one, and holds what it has published against its manifest.

Belongs here: what several tests of commands do. Never here: a test, or a process that goes on (running.py).
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

from click.testing import CliRunner

from bottleneck_assets.cli import main
from bottleneck_assets_tests.running import BOTTLENECK, PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def started(*arguments: object, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person does."""
    return subprocess.run(
        [BOTTLENECK, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def bottleneck(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in this process, which has imported everything: all but its start and its end are the same."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        done = CliRunner().invoke(main, [*map(str, arguments)], env=environment)
    finally:
        signal.signal(signal.SIGTERM, before)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return subprocess.CompletedProcess(["bottleneck", *arguments], done.exit_code, done.stdout, done.stderr)


def hashes(release: Path) -> dict[str, str]:
    return {
        path.relative_to(release).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in release.rglob("*") if path.is_file()
    }


def assert_whole(release: Path) -> None:
    """Hold a release against its own manifest: every file is there, with its hash, and nothing else is."""
    found = hashes(release)
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    assert {file["path"]: file["sha256"] for file in manifest["files"]} == {
        path: sha for path, sha in found.items() if path != "manifest.json"
    }


def statement(sql: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(sql)

    return change
