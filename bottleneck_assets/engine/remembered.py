"""Keeps what follows from the code alone, and takes long to make, from one process to the next: to parse every SELECT takes a second.

Belongs here: that memory. Never here: what is kept in it.

It lies where Python keeps its bytecode, and is a cache as that is: delete it at any time. Where nobody may write there, or Python is told
to write none (`PYTHONDONTWRITEBYTECODE`), nothing is kept.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from importlib.util import cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Made = TypeVar("Made")
FOLDER = Path(cache_from_source(__file__)).parent


def remembered(name: str, make: Callable[[], Made], *, of: Sequence[str | Path] = (), by: str) -> Made:
    """Return what an earlier process has made under a name, if it was of the same texts and files, by the same package; else make it.

    What is made must be what JSON gives back: dicts, lists, texts. What lies there damaged is made again.
    """
    texts = [name, _version(by), *(part if isinstance(part, str) else part.read_text(encoding="utf-8") for part in of)]
    file = FOLDER / f"{name}.kept"
    with suppress(OSError, UnicodeDecodeError):
        seal, _, kept = file.read_text(encoding="utf-8").partition("\n")
        if seal == _seal(texts, kept):
            return json.loads(kept)
    made = make()
    if not sys.dont_write_bytecode:
        kept, beside = json.dumps(made), file.with_suffix(f".{os.getpid()}.tmp")
        with suppress(OSError):
            FOLDER.mkdir(parents=True, exist_ok=True)
            beside.write_text(f"{_seal(texts, kept)}\n{kept}", encoding="utf-8")
            beside.replace(file)
    return made


def _seal(texts: Sequence[str], kept: str) -> str:
    """Return a hash that changes with what something was made of, and with any bit of it."""
    return sha256(json.dumps([*texts, kept]).encode()).hexdigest()


@cache
def _version(package: str) -> str:
    return version(package)
