"""Takes an export that is dropped on a page into the drop folder, if it is one.

Belongs here: its name, its size, and that it gets its place only once it is whole and verified. Never here: what an export must be
(source/exports.py), or what follows; the sensor, or the button, starts that.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
import tempfile
import unicodedata
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO

from bottleneck_assets.engine import durable
from bottleneck_assets.errors import BottleneckError, ExportError
from bottleneck_assets.models.catalog import exported_columns
from bottleneck_assets.source.exports import EXPORT_SUFFIXES, SAMPLE_NAME, verify

if TYPE_CHECKING:
    from starlette.types import Message, Receive

MOST_BYTES = 200
"""Bytes of a name: most file systems take 255, and a time may be added."""
_UNFIT = re.compile(r"[^\w .()+-]+")
_STAGING = ".uploading-"
_naming = Lock()


class TooLargeError(BottleneckError):
    """More bytes than the portal takes."""


def limited(receive: Receive, most: int) -> Receive:
    """Return a way to receive a request's body that raises TooLargeError as soon as there are more bytes than that."""
    taken = 0

    async def receiving() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise too_large(most)
        return message

    return receiving


def too_large(most: int) -> TooLargeError:
    """Return the reason to refuse what is larger."""
    problem = f"The file has more than {most / 1e6:,.0f} MB, which is as much as the portal takes."
    return TooLargeError(problem, "Copy it into the drop folder yourself, or set BOTTLENECK_UPLOAD_MB.")


def take(file: BinaryIO, name: str, folder: Path) -> Path:
    """Put an uploaded file into the drop folder, and return its path there.

    Raises ExportError, which says what is wrong with it, if it is not an export; then nothing is left of it.
    """
    fit = _fit(name)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=_STAGING, dir=folder) as beside:  # in the same folder: it is renamed into its place
        staged = Path(beside) / fit
        with staged.open("wb") as target:
            shutil.copyfileobj(file, target, 1 << 20)
        try:
            verify(staged, exported_columns())
        except ExportError as error:
            raise ExportError(error.problem.replace(str(staged), fit), error.remedy) from error
        with _naming:  # of two at once with one name, the second gets another
            durable.sync(staged)
            taken = staged.rename(_free(folder, fit))
    durable.sync_folders([folder])
    return taken


def sweep(folder: Path) -> None:
    """Delete what an upload left behind that was killed."""
    for left in folder.glob(f"{_STAGING}*"):
        shutil.rmtree(left, ignore_errors=True)


def _fit(name: str) -> str:
    """Return the name that a file gets in the drop folder: the last part of its own, without what may not stand there."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    stem, dot, suffix = _UNFIT.sub("_", last).strip(" .").rpartition(".")
    if not dot or not stem or f".{suffix.lower()}" not in EXPORT_SUFFIXES:
        problem = f"{_cut(last) or 'A file without a name'} is not named as an export is."
        raise ExportError(problem, f"Its name must end in {' or '.join(sorted(EXPORT_SUFFIXES))}.")
    return f"{_cut(stem.strip(' .'))}.{suffix}"


def _cut(text: str) -> str:
    return text.encode("utf-8", "replace")[:MOST_BYTES].decode("utf-8", "ignore")


def _free(folder: Path, name: str) -> Path:
    """Return a path that is not taken: earlier exports stay, and the name of the synthetic one would put it behind all others."""
    path = folder / name
    if name != SAMPLE_NAME and not path.exists():
        return path
    now = dt.datetime.now(dt.UTC)
    return path.with_stem(f"{path.stem} {now:%Y-%m-%dT%H-%M-%S-%f}Z")
