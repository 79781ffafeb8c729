"""Sends a file that has been opened, or a release as one ZIP, in pieces, and answers whoever has it already with 304.

Belongs here: ETag, Last-Modified, conditional requests, and holding no more than a piece of a file. Never here: what the file is.
"""

from __future__ import annotations

import datetime as dt
from email.utils import format_datetime, parsedate_to_datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, BinaryIO
from zipfile import ZIP_DEFLATED

from starlette.responses import Response, StreamingResponse

from bottleneck_assets.release.manifest import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

PIECE = 1 << 16
_zipstream: Any = import_module("zipstream")  # has no types
NEVER_CHANGES, ASK_AGAIN = "private, max-age=31536000, immutable", "private, no-cache"


class Streamed(StreamingResponse):
    """A response in pieces, which closes what it reads from however it ends."""

    def __init__(self, pieces: Iterable[bytes], close: Callable[[], None], headers: Mapping[str, str]) -> None:
        """Take the pieces, what to call at the end, and the headers, Content-Type among them."""
        super().__init__(pieces, headers=headers)
        self._close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._close()


def validators(etag: str, changed: dt.datetime, *, stable: bool) -> dict[str, str]:
    """Return the headers by which a file is told from a later one; `stable` if its address always means the same bytes."""
    return {
        "etag": etag,
        "last-modified": format_datetime(changed.astimezone(dt.UTC).replace(microsecond=0), usegmt=True),
        "cache-control": NEVER_CHANGES if stable else ASK_AGAIN,
    }


def is_known(request: Request, headers: Mapping[str, str]) -> bool:
    """Tell whether the one who asks has what these validators describe."""
    if (tags := request.headers.get("if-none-match")) is not None:
        known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        return "*" in known or headers["etag"].removeprefix("W/") in known
    if since := request.headers.get("if-modified-since"):
        try:
            return parsedate_to_datetime(headers["last-modified"]) == parsedate_to_datetime(since)  # `latest` may go back
        except (ValueError, TypeError):
            return False
    return False


def not_modified(headers: Mapping[str, str]) -> Response:
    """Return the answer to who has it already."""
    return Response(status_code=304, headers=headers)


def headers_only(headers: Mapping[str, str]) -> Response:
    """Return what HEAD is answered with: no length where it is not known before the file is made."""
    response = Response(headers=headers)
    if "content-length" not in headers:
        del response.headers["content-length"]
    return response


def pieces_of(file: BinaryIO) -> Iterator[bytes]:
    """Yield a file piece by piece."""
    while piece := file.read(PIECE):
        yield piece


def archive(name: str, manifest: bytes, opened: Mapping[str, BinaryIO]) -> Iterator[bytes]:
    """Yield a ZIP of a release, in a folder of its name, from files that are open: the release may be deleted meanwhile."""
    zipped = _zipstream.ZipStream(compress_type=ZIP_DEFLATED, compress_level=6)
    for path, file in opened.items():
        zipped.add(pieces_of(file), f"{name}/{path}")
    zipped.add(manifest, f"{name}/{MANIFEST}")
    yield from zipped
