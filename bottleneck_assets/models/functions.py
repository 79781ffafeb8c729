"""The functions that SELECTs call and that are written in Python: their names in SQL, and what the engine is given for each.

Belongs here: that list. Never here: what a function does; each lives in a module that imports nothing of the project, since Spark sends it
to its workers with that module's content and no more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bottleneck_assets import wording
from bottleneck_assets.source import labels

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FUNCTIONS: Mapping[str, Callable[..., str | None]] = {
    "sentence": wording.sentence,
    "label_shown": labels.label_shown,
    "label_key": labels.label_key,
}
