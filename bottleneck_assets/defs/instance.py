"""The Dagster instance under the data folder: the one that the UI shows, and that a refresh from the command line writes to.

Belongs here: where it is and how it is set up. Never here: what runs on it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
from filelock import FileLock

if TYPE_CHECKING:
    from bottleneck_assets.settings import Settings

WORKSPACE = """\
load_from:
  - python_module:
      module_name: bottleneck_assets.definitions
      location_name: bottleneck_assets
"""
POOLED_STORAGE = """
storage:
  custom:
    module: bottleneck_assets.defs.pooled_storage
    class: PooledSqliteStorage
"""


def set_up_home(settings: Settings) -> Path:
    """Make or renew the instance's folder, with its dagster.yaml and the workspace of this code location; return its path."""
    home = settings.dagster_home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    configuration = (Path(__file__).parent / "dagster.yaml").read_text(encoding="utf-8")
    if settings.instance_storage == "pooled":
        configuration += POOLED_STORAGE + f"    config: {{base_dir: {json.dumps(str(home))}}}\n"
    _write(home / "dagster.yaml", configuration)
    _write(home / "workspace.yaml", WORKSPACE)
    return home


def open_instance(settings: Settings) -> dg.DagsterInstance:
    """Open the instance. Use it as a context manager, so that its storages are closed.

    One process at a time: Dagster makes its databases when they are first opened, and two at once would trip over each other.
    """
    home = set_up_home(settings)
    with FileLock(home / ".setup.lock"):
        return dg.DagsterInstance.from_config(str(home))


def _write(path: Path, text: str) -> None:
    """Write a file by renaming, and only if it changes: another process may be reading it."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        beside = path.with_name(f".{path.name}.tmp")
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
