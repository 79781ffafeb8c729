"""What a renderer draws from: the stored tables, the export behind them, and when.

Belongs here: the one argument that every renderer takes. Never here: which documents there are (documents/), or anything drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from pathlib import Path

    from bottleneck_assets.engine.warehouse import Warehouse
    from bottleneck_assets.release.manifest import CheckResult


@dataclass(frozen=True)
class Occasion:
    """The tables, the export behind them, when that was received, when the run that made them began, and the time now.

    `received` is when the export's file was last changed (ISO 8601). `run_started` is None where the tables were made by an earlier run,
    `checks` where nobody has asked for their results. `portal` is the address to which a document sends readers who want newer data, empty
    where none is set: the address of this machine would lead everyone else to theirs. `in_place_of` is a newer export that could not be
    used, if there is one.
    """

    warehouse: Warehouse
    export: Path
    received: str
    run_started: dt.datetime | None
    now: dt.datetime
    checks: Sequence[CheckResult] | None = None
    portal: str = ""
    in_place_of: str = ""
