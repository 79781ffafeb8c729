"""Keeps pandera from taking PySpark along.

Belongs here: that import, and nothing else. It goes when pandera imports PySpark only where it is asked for.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_ADDRESS = "SPARK_LOCAL_IP"


@contextmanager
def without_pyspark() -> Iterator[None]:
    """Hide PySpark from what is imported meanwhile, as if it were not installed.

    Pandera imports it wherever it finds it: that takes seconds, warns, and binds all of Spark in this process to 127.0.0.1.
    """
    address, imported = os.environ.get(_ADDRESS), sys.modules.get("pyspark")
    sys.modules["pyspark"] = None  # pyright: ignore[reportArgumentType] - what Python looks for and does not find
    try:
        yield
    finally:
        del sys.modules["pyspark"]
        if imported:
            sys.modules["pyspark"] = imported
        if address is None:
            os.environ.pop(_ADDRESS, None)
