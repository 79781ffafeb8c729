"""What lies in the drop folder, as a page shows it, and taking a file out of it.

Belongs here: the state of each file, and moving one away. Never here: what makes an export good (source/exports.py), and sending one
(uploads.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bottleneck_assets.engine import durable
from bottleneck_assets.errors import BottleneckError
from bottleneck_assets.models.acceptance import flaw_of
from bottleneck_assets.source.exports import (
    SAMPLE_NAME,
    TRIED,
    fingerprint,
    flaw_of_log,
    is_complete,
    is_text,
    look,
    newest_first,
    not_sqlite,
    wait_until_free,
)

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

REMOVED = "removed"
"""The folder in the drop folder that takes what is taken out of it: nothing is deleted."""
_BESIDE = ("-wal", "-shm", "-journal")


@dataclass(frozen=True)
class Listed:
    """A file of the drop folder: its name, its bytes, and what is to be said of it.

    It can be used, comes next, or is what the newest release was made from.
    """

    name: str
    size: int
    state: str
    is_usable: bool
    is_next: bool = False
    is_published: bool = False


def listed(folder: Path, published: str | None, now: dt.datetime, at_most: int) -> list[Listed]:
    """Return the files of the drop folder, in the order in which a refresh tries them, then those that it never tries.

    `published` is the SHA-256 of the export behind the newest release.
    """
    seen = look(folder)
    found, has_next, has_bad = list[Listed](), False, False
    for number, one in enumerate(newest_first(seen, now)[:at_most]):
        flaw = "There are newer ones; it was not looked at." if number >= TRIED else _flaw(folder / one.name)
        is_next = not flaw and not has_next and not (has_bad and one.name == SAMPLE_NAME)
        praise, is_published = ("", False) if flaw else _praise(folder / one.name, published, is_next=is_next)
        found.append(Listed(one.name, one.size, flaw or praise, not flaw, is_next, is_published))
        has_next, has_bad = has_next or is_next, has_bad or bool(flaw)
    strangers = [Listed(one.name, one.size, not_sqlite(one), is_usable=False) for one in seen if is_text(one.name) and one.is_stranger]
    return [*found, *strangers]


def remove(folder: Path, name: str) -> Path:
    """Move a file of the drop folder, and what SQLite has put beside it, to the folder `removed` in it; return its new path.

    Raises BottleneckError if there is no file of that name.
    """
    if name not in {one.name for one in look(folder)}:
        problem = f"There is no {name} in the drop folder."
        raise BottleneckError(problem, "It may have been removed since; load the page again.")
    place = folder / REMOVED
    place.mkdir(exist_ok=True)
    free = name
    number = 1
    while (place / free).exists():
        number += 1
        free = f"{number} {name}"
    for suffix in ("", *_BESIDE):
        beside = folder / f"{name}{suffix}"
        if beside.exists():
            beside.rename(place / f"{free}{suffix}")
    durable.sync_folders([place, folder])
    return place / free


def _flaw(path: Path) -> str:
    if not is_complete(path):
        return "It is not complete: it is still being written, or was cut short."
    return flaw_of(path) or ""


def _praise(path: Path, published: str | None, *, is_next: bool) -> tuple[str, bool]:
    """Say what of an export that can be used, and whether the newest release was made from it."""
    try:
        is_published = published is not None and fingerprint(path) == published
        wait_until_free(path, 0)
    except BottleneckError as error:
        return error.problem, False
    said = "The newest release was made from it." if is_published else "A refresh reads it next." if is_next else "It can be used."
    made = " It is synthetic." if path.name == SAMPLE_NAME else ""
    log = f" {flaw}" if (flaw := flaw_of_log(path)) else ""
    return f"{said}{made}{log}", is_published
