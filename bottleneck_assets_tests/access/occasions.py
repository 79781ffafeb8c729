"""Makes the occasion on which the report on data access is rendered: an export, and tables built from it without Dagster.

Belongs here: what the tests of the measurements and of the report share. Never here: a test.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from bottleneck_assets.engine.warehouse import Warehouse
from bottleneck_assets.models.functions import FUNCTIONS
from bottleneck_assets.render.occasion import Occasion
from bottleneck_assets.render.report.data_access import READS
from bottleneck_assets_tests.small_export import build, ingest

if TYPE_CHECKING:
    from pathlib import Path

NOW = dt.datetime(2024, 3, 1, 12, 0, tzinfo=dt.UTC)


def occasion_of(export: Path, folder: Path, promo_units: str = "included", **given: Any) -> Occasion:
    """Build the tables that the report reads, and return the occasion: a run that has taken four seconds so far."""
    warehouse = Warehouse(folder / "warehouse", functions=FUNCTIONS)
    ingest(export, warehouse, promo_units=promo_units, **given)
    build(warehouse, READS)
    return Occasion(warehouse, export, "2024-03-01T10:00:00+00:00", NOW - dt.timedelta(seconds=4), NOW)
