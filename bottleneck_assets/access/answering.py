"""Answers the eight questions one way, in a process of its own: `python -m bottleneck_assets.access.answering '{...}'`.

Belongs here: the process whose time and memory are the way's. Never here: anything that would be measured along with it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from bottleneck_assets.access.processes import peak_bytes
from bottleneck_assets.access.questions import Asked
from bottleneck_assets.access.ways import answers


def main(given: dict[str, Any]) -> None:
    """Answer, and print the figures and the peak memory."""
    answered = answers(given["way"], Path(given["export"]), Path(given["folder"]), Asked(**given["asked"]))
    print(json.dumps({"figures": answered.figures, "segments": answered.segments, "peak_bytes": peak_bytes()}))  # noqa: T201 - to the parent


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
