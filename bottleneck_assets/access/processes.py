"""Runs a measurement in a process of its own, within a time limit, and tells a process's peak memory.

Belongs here: starting, timing and ending child processes. Never here: what they measure.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMIT_SECONDS = 20.0
"""How long one measurement may take. What takes longer is reported as that."""
_STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class Ended:
    """How a child process ended: what it printed (nothing, if it failed or was late), the seconds it took, and whether it was late."""

    printed: Mapping[str, Any] | None
    seconds: float
    late: bool = False


def run(module: str, asked: Mapping[str, Any], limit: float = LIMIT_SECONDS) -> Ended:
    """Run a module of this package in a new process, hand it a JSON object, and take the JSON object that it prints."""
    command = [sys.executable, "-m", f"bottleneck_assets.access.{module}", json.dumps(asked)]
    started = time.perf_counter()
    try:
        ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=limit, check=False)  # noqa: S603 - ours
    except subprocess.TimeoutExpired:
        return Ended(None, limit, late=True)
    seconds = time.perf_counter() - started
    return Ended(json.loads(ended.stdout) if ended.returncode == 0 else None, seconds)


def peak_bytes() -> int:
    """Return the most memory that this process has held so far.

    Not `ru_maxrss` on Linux: there a new process inherits the peak of the one that started it.
    """
    memory = psutil.Process().memory_info()
    if (peak_on_windows := memory._asdict().get("peak_wset")) is not None:
        return int(peak_on_windows)
    if _STATUS.exists():
        peak = next((line for line in _STATUS.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM:")), None)
        return int(peak.split()[1]) * 1024 if peak else int(memory.rss)
    import resource  # not on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # macOS counts bytes
