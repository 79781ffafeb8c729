"""Releases with a dashboard in them.

Belongs here: fixtures of more than one module beside this one. Never here: expected figures.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from bottleneck_assets.engine.warehouse import Warehouse
from bottleneck_assets.models.functions import FUNCTIONS
from bottleneck_assets.render.occasion import Occasion
from bottleneck_assets.render.web.page import FILE, render
from bottleneck_assets_tests.conftest import run_refresh
from bottleneck_assets_tests.small_export import present

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bottleneck_assets_tests.conftest import Refreshed

NOW = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)


def rendered(refreshed: Refreshed, replaced: Mapping[str, str] | None = None) -> Path:
    """Write the dashboard of a run, some of the words of its SELECTs replaced, and return the release that it lies in."""
    assert refreshed.result.success
    release, warehouse = refreshed.release, Warehouse(refreshed.data_dir / "warehouse", functions=FUNCTIONS)
    (release / FILE).parent.mkdir(exist_ok=True)
    present(warehouse, replaced or {})
    render(Occasion(warehouse, refreshed.export, "2026-01-01T08:00:00+00:00", NOW, NOW), release)
    return release


@pytest.fixture(scope="session")
def real_release(real_export: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dashboard of the real export, over its year."""
    return rendered(run_refresh(real_export, tmp_path_factory.mktemp("dashboard")))
