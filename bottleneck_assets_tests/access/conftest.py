"""What the tests of the measurements stand on: one round of measurements of a synthetic export.

Belongs here: fixtures of these tests. Never here: a test.
"""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from bottleneck_assets.access.measuring import Measurement, measure
from bottleneck_assets.render.report import data_access
from bottleneck_assets_tests.access.occasions import occasion_of

if TYPE_CHECKING:
    from pathlib import Path

    from bottleneck_assets.render.occasion import Occasion


@dataclass(frozen=True)
class Measured:
    """One round of measurements, and what lay in the export's folder and in the folder for temporary files before and after it."""

    occasion: Occasion
    found: list[Measurement]
    before: dict[str, str]
    after: dict[str, str]
    left_behind: list[Path]

    def value(self, way: str, measure: str) -> str:
        (found,) = [one.value for one in self.found if (one.way, one.measure) == (way, measure)]
        return found


def contents(folder: Path) -> dict[str, str]:
    return {path.name: f"{path.stat().st_mtime_ns} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in folder.iterdir()}


@pytest.fixture(scope="session")
def measured(sample_export: Path, tmp_path_factory: pytest.TempPathFactory) -> Measured:
    occasion = occasion_of(sample_export, tmp_path_factory.mktemp("tables"))
    asked, known = data_access._known(occasion)
    temporary, before = tmp_path_factory.mktemp("temporary"), contents(sample_export.parent)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tempfile, "tempdir", str(temporary))
        found = measure(sample_export, asked, known, run_started=occasion.run_started, now=occasion.now)
    return Measured(occasion, found, before, contents(sample_export.parent), list(temporary.iterdir()))
