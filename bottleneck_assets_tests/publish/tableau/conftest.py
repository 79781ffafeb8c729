"""What tests of Tableau's files stand on: every table, of a synthetic export.

Belongs here: fixtures that more than one of these test modules uses. Never here: expected figures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bottleneck_assets.engine.warehouse import Warehouse
from bottleneck_assets.models.catalog import models
from bottleneck_assets_tests.small_export import build, ingest

if TYPE_CHECKING:
    from pathlib import Path


def warehouse_of(export: Path, folder: Path) -> Warehouse:
    """Return every table, made from an export."""
    warehouse = Warehouse(folder / "warehouse")
    ingest(export, warehouse)
    build(warehouse, models())
    return warehouse


@pytest.fixture(scope="session")
def shop(sample_export: Path, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Every table of the sample."""
    return warehouse_of(sample_export, tmp_path_factory.mktemp("shop"))


def ask(extract: Path, *queries: str) -> list[list[list[Any]]]:
    """Return the rows of each query."""
    from tableauhyperapi import Connection, HyperProcess, Telemetry

    with (
        HyperProcess(Telemetry.DO_NOT_SEND_USAGE_DATA_TO_TABLEAU, parameters={"log_config": ""}) as hyper,
        Connection(hyper.endpoint, extract) as connection,
    ):
        return [connection.execute_list_query(query) for query in queries]
