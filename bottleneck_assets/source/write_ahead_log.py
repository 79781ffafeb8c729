"""Tells whether the write-ahead log beside an export is its own.

Belongs here: what a log's frames say of the file that they were written for. Never here: replaying it; SQLite does that, and would
replay the log of any other file just as well: the two hold nothing by which they know each other.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOG_HEADER, _FRAME_HEADER = struct.Struct(">6I"), struct.Struct(">4I")
_LOG_HEADER_BYTES, _FRAME_HEADER_BYTES = 32, 24
_MAGIC = {0x377F0682, 0x377F0683}
_DATABASE_HEADER_BYTES = 100
_WAL_MODE = b"\x02\x02"


class _Frame(NamedTuple):
    """One page as a log holds it; `pages_after` is the file's length in pages if the frame ends a transaction, else 0.

    Of pages that are neither the file's first nor the log's, the content is not kept.
    """

    page: int
    pages_after: int
    content: bytes


def flaw_in_log(path: Path, log: Path) -> str | None:
    """Say why a log cannot be that of the file beside it, in words that follow its name; None if nothing speaks against it.

    A log has committed frames of pages. It is another file's if that one has no log by its own header, or pages of another size; if the
    first page in it is not the next state of the file's own; if pages are missing between the file's end and the log's; or if the file
    was written after it, and not from it. Raises OSError.
    """
    with path.open("rb") as file, log.open("rb") as frames_file:
        header = file.read(_DATABASE_HEADER_BYTES)
        page_size, frames = _committed(frames_file)
        own, pages = int.from_bytes(header[28:32]), {frame.page for frame in frames}
        after = next((frame.pages_after for frame in reversed(frames) if frame.pages_after), 0)
        firsts = [frame.content for frame in frames if frame.page == 1]
        flaws = {
            "holds nothing that was committed": lambda: not frames,
            "lies beside a file that has no log": lambda: header[18:20] != _WAL_MODE,
            "has pages of another size": lambda: page_size != _page_size(header),
            "goes on from another state of the file": lambda: firsts and not _follows(header, firsts),
            "goes on from a file of another length": lambda: (
                any(page not in pages for page in range(own + 1, after + 1)) or (after < own and not firsts)
            ),
            "is older than the file, which was not written from it": lambda: (
                log.stat().st_mtime_ns < path.stat().st_mtime_ns and not _written_back(file, page_size, frames)
            ),
        }
        return next((flaw for flaw, is_so in flaws.items() if is_so()), None)


def _page_size(header: bytes) -> int:
    return int.from_bytes(header[16:18]) if header[16:18] != b"\x00\x01" else 1 << 16


def _follows(header: bytes, firsts: list[bytes]) -> bool:
    """Tell whether the first page of a log comes next after the file's own, or the file's own is one of them, written back."""
    own, counters = int.from_bytes(header[24:28]), [int.from_bytes(content[24:28]) for content in firsts]
    same_text = all(content[56:60] == header[56:60] for content in firsts)
    return same_text and (counters[0] - own in {0, 1} or any(content[:_DATABASE_HEADER_BYTES] == header for content in firsts))


def _written_back(file: BinaryIO, page_size: int, frames: list[_Frame]) -> bool:
    """Tell whether a file has what a log holds, at least from its beginning: a checkpoint writes the frames back in their order."""
    first = frames[0].page
    file.seek((first - 1) * page_size)
    now = file.read(page_size)
    return any(frame.content == now for frame in frames if frame.page == first)


def _committed(log: BinaryIO) -> tuple[int, list[_Frame]]:
    """Return the size of a log's pages, and its frames up to the last that ends a transaction."""
    header = log.read(_LOG_HEADER_BYTES)
    if len(header) < _LOG_HEADER_BYTES:
        return 0, []
    magic, _, page_size, _, *salts = _LOG_HEADER.unpack_from(header)
    if magic not in _MAGIC:
        return page_size, []
    frames = list(_frames(log, page_size, salts))
    while frames and not frames[-1].pages_after:
        frames.pop()
    return page_size, frames


def _frames(log: BinaryIO, page_size: int, salts: list[int]) -> Iterator[_Frame]:
    """Yield the frames that bear a log's salts; what comes after is left from before it was begun anew."""
    first = 0
    while len(read := log.read(_FRAME_HEADER_BYTES + page_size)) == _FRAME_HEADER_BYTES + page_size:
        page, pages_after, *own_salts = _FRAME_HEADER.unpack_from(read)
        if own_salts != salts:
            return
        first = first or page
        yield _Frame(page, pages_after, read[_FRAME_HEADER_BYTES:] if page in {1, first} else b"")
