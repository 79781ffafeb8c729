"""Whether a file can be used as an export: verified against the contracts of the raw layer, once for each state that it is seen in.

Belongs here: putting together what an export must be (source/exports.py) and which tables it must have. Never here: either of them.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from bottleneck_assets.errors import ExportError
from bottleneck_assets.models.catalog import exported_columns
from bottleneck_assets.source.exports import ExportInUseError, stamp, verify

if TYPE_CHECKING:
    from pathlib import Path

    from bottleneck_assets.source.exports import Export

_REMEMBERED = 64
_verdicts: dict[Path, tuple[tuple[object, ...], Export | ExportError]] = {}
_one_by_one = Lock()


def accepted(path: Path, wait_seconds: float = 0) -> Export:
    """Return an export, verified. Raises ExportError, which says why it cannot be used; as `verify` does, but reads a file only once."""
    with _one_by_one:  # of many who ask about one file at once, one reads it
        seen = stamp(path)
        known = _verdicts.get(path)
        if known is None or known[0] != seen:
            known = seen, _verdict(path, wait_seconds)
            if not isinstance(known[1], ExportInUseError):  # that passes, and the file stays as it is
                _verdicts[path] = known
            while len(_verdicts) > _REMEMBERED:
                _verdicts.pop(next(iter(_verdicts)))
    if isinstance(known[1], ExportError):
        raise known[1]
    return known[1]


def flaw_of(path: Path) -> str | None:
    """Say why a file cannot be used as an export, None if it can; one that is only in use can."""
    try:
        accepted(path)
    except ExportInUseError:
        return None
    except ExportError as error:
        return error.problem
    return None


def _verdict(path: Path, wait_seconds: float) -> Export | ExportError:
    try:
        return verify(path, exported_columns(), wait_seconds)
    except ExportError as error:
        return error
