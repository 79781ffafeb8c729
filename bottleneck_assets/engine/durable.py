"""Files that outlast a power cut, and that tell by themselves whether they are still what was written.

Belongs here: sealing a file, verifying its seal, and the order in which things reach the disk. Never here: what a file holds.

A seal is the SHA-256 of a file's bytes, written into the file itself where zeros stood for it: a file and its seal are one, and
cannot part. What is not on disk yet when the power fails comes back as zeros, or not at all; a broken seal tells of it.
"""

from __future__ import annotations

import os
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_DIGITS = sha256().digest_size * 2
UNSEALED = {"sha256": "0" * _DIGITS}
"""The field of a JSON object that `seal` fills in. The object stands in the file as it is, near its end."""
_FIELD = b'"sha256": "'
_END, _BLOCK = 1 << 16, 1 << 20
"""Bytes at the end of a file, where its seal stands, and bytes that are read at a time."""


def seal(path: Path) -> None:
    """Write the SHA-256 of a file's bytes into the field that UNSEALED has left for it."""
    with path.open("rb+") as file:
        at, digest, _ = _digested(file)
        file.seek(at)
        file.write(digest)


def flaw_in(path: Path) -> str | None:
    """Say what is wrong with a sealed file, in words that follow its name; None if it still holds, to the last bit, what was sealed."""
    try:
        with path.open("rb") as file:
            _, digest, sealed = _digested(file)
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    except ValueError:
        return "bears no seal of this workflow"
    return None if digest == sealed else "does not hold the bytes that were written"


def replace(beside: Path, path: Path) -> None:
    """Put a file into its place by renaming, once its bytes are on disk: after a power cut there is the old one or the new one, whole.

    The name itself is on disk no sooner than `sync_folders` has been asked for its folder.
    """
    sync(beside)
    beside.replace(path)


def sync(path: Path) -> None:
    """Wait until a file's bytes are on disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_tree(folder: Path) -> None:
    """Wait until everything in a folder that is about to get its name is on disk: every file, and every folder in it and itself."""
    found = [folder, *folder.rglob("*")]
    for path in found:
        if path.is_file():
            sync(path)
    sync_folders(path for path in found if path.is_dir())


def sync_folders(folders: Iterable[Path]) -> None:
    """Wait until the names in some folders are on disk. Windows writes them down by itself."""
    if os.name != "posix":
        return
    for folder in folders:
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _digested(file: BinaryIO) -> tuple[int, bytes, bytes]:
    """Return where a file's seal stands, the SHA-256 of its bytes with zeros in that place, and what stands there."""
    length = file.seek(0, os.SEEK_END)
    file.seek(max(0, length - _END))
    end = bytearray(file.read())
    if (found := end.rfind(_FIELD)) < 0:
        message = "there is no seal"
        raise ValueError(message)
    place = slice(found + len(_FIELD), found + len(_FIELD) + _DIGITS)
    sealed, end[place] = bytes(end[place]), b"0" * _DIGITS
    digest = sha256()
    file.seek(0)
    while (left := length - len(end) - file.tell()) > 0:
        digest.update(file.read(min(left, _BLOCK)))
    digest.update(end)
    return length - len(end) + place.start, digest.hexdigest().encode(), sealed
