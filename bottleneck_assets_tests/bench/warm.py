"""A refresh in a warm process: imports done, and one refresh run before it, as where Dagster's own process stays up.

Belongs here: the clock around the second refresh. Never here: a shortcut that `bottleneck refresh` would not take. The second one
goes to a data folder of its own, so that nothing is there to be used again.

    python -m bottleneck_assets_tests.bench.warm EXPORT DATA_DIR
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from bottleneck_assets.cli import main as bottleneck

COST = "cost.json"


def main() -> None:
    """Refresh twice, and write what the second one took beside its data folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("export", type=Path)
    parser.add_argument("data_dir", type=Path)
    given = parser.parse_args()
    refresh(given.export, given.data_dir.with_name("before"))
    started, cpu_started = time.perf_counter(), time.process_time()
    refresh(given.export, given.data_dir)
    cost = {"seconds": time.perf_counter() - started, "cpu_seconds": time.process_time() - cpu_started}
    given.data_dir.with_name(COST).write_text(json.dumps(cost), encoding="utf-8")


def refresh(export: Path, data_dir: Path) -> None:
    """Refresh as the command line does."""
    bottleneck(["refresh", "--export", str(export), "--data-dir", str(data_dir)], standalone_mode=False)


if __name__ == "__main__":
    main()
