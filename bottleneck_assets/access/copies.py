"""Makes the copies of an export that the trials work on: whole ones, and damaged ones.

Belongs here: copying and damaging. Never here: the export itself, but for reading its bytes.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from bottleneck_assets.access.writing import STATES
from bottleneck_assets.source.exports import log_of, read_only_uri, wal_of

if TYPE_CHECKING:
    from pathlib import Path

DAMAGED_BYTES = 64
KEPT_SHARE = 0.6
_TABLE_LEAF = 0x0D
_PAGE_SIZE = slice(16, 18)


def make(export: Path, folder: Path) -> dict[str, Path]:
    """Copy an export, with its write-ahead log, for every trial, and damage two of the copies."""
    copies = {name: folder / f"{name}.db" for name in ("whole", "page", "truncated", *STATES)}
    for copy in copies.values():
        shutil.copyfile(export, copy)
        if log := log_of(export):
            shutil.copyfile(log, wal_of(copy))
    whole = copies["whole"]
    with closing(sqlite3.connect(whole)) as connection:
        connection.execute("pragma journal_mode = delete")  # a log is taken in: the copies are one file each from here on
    content = bytearray(whole.read_bytes())
    for name in ("page", "truncated"):
        wal_of(copies[name]).unlink(missing_ok=True)
    copies["truncated"].write_bytes(content[: int(len(content) * KEPT_SHARE)])
    start = _middle_of_sales(whole, content)
    content[start : start + DAMAGED_BYTES] = bytes(255 - byte for byte in content[start : start + DAMAGED_BYTES])
    copies["page"].write_bytes(content)
    return copies


def _middle_of_sales(export: Path, content: bytearray) -> int:
    """Return where the middle row of the table Sales lies in the file."""
    with closing(sqlite3.connect(read_only_uri(export), uri=True)) as connection:
        ((key,),) = connection.execute("select key_sales from sales limit 1 offset (select count(*) / 2 from sales)").fetchall()
    size = int.from_bytes(content[_PAGE_SIZE]) or 1
    page_size = size if size != 1 else 1 << 16
    sought, at = str(key).encode(), -1
    while (at := content.find(sought, at + 1)) >= 0:
        page = at - at % page_size
        if content[page] == _TABLE_LEAF:
            return at
    return len(content) // 2
