"""What tests of Tableau's files stand on: every table of a synthetic export, and the packages of the workbook.

Belongs here: fixtures that more than one of these test modules uses. Never here: expected figures.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest

from bottleneck_assets.documents.catalog import TABLEAU_WORKBOOK
from bottleneck_assets.engine.warehouse import Warehouse
from bottleneck_assets.models.catalog import models
from bottleneck_assets.models.functions import FUNCTIONS
from bottleneck_assets.render.occasion import Occasion
from bottleneck_assets.render.tableau.package import FILE, FRENCH_FILE, LIVE_FILE
from bottleneck_assets_tests.conftest import run_refresh
from bottleneck_assets_tests.small_export import build, ingest

if TYPE_CHECKING:
    from collections.abc import Iterator

EXPORTS = ("real_export", "sample_export")
AS_OF = "2026-11-24T08:30:00+00:00"


@dataclass(frozen=True)
class Packaged:
    """The packages of one release: the release, the tables behind it, the folder that the document was rendered into."""

    release: Path
    warehouse: Path
    export: Path
    folder: Path

    @property
    def file(self) -> Path:
        """The package for everyone."""
        return self.folder / FILE

    @property
    def french(self) -> Path:
        """The package for everyone in French."""
        return self.folder / FRENCH_FILE

    @property
    def live(self) -> Path:
        """The package for Desktop and Server."""
        return self.folder / LIVE_FILE

    @staticmethod
    def workbook(package: Path) -> bytes:
        """The workbook in one of them."""
        with ZipFile(package) as packed:
            return packed.read("BottleNeck.twb")

    def occasion(self) -> Occasion:
        """What a document of this release is made from."""
        now = dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)
        return Occasion(Warehouse(self.warehouse), self.export, AS_OF, None, now)


def warehouse_of(export: Path, folder: Path) -> Warehouse:
    """Return every table, made from an export."""
    warehouse = Warehouse(folder / "warehouse", functions=FUNCTIONS)
    ingest(export, warehouse)
    build(warehouse, models())
    return warehouse


def occasion_of(warehouse: Warehouse) -> Occasion:
    """Return what a document of stored tables is made from."""
    return Occasion(warehouse, Path("sample.db"), "", None, dt.datetime(2026, 1, 2, tzinfo=dt.UTC))


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


@pytest.fixture(scope="module")
def process(needs_tableau: None) -> Iterator[Any]:
    """Return Tableau's engine."""
    from tableauhyperapi import HyperProcess, Telemetry

    with HyperProcess(
        Telemetry.DO_NOT_SEND_USAGE_DATA_TO_TABLEAU, parameters={"log_config": "", "default_database_version": "2"}
    ) as started:
        yield started


@pytest.fixture(scope="session", params=EXPORTS)
def packaged(needs_tableau: None, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Packaged:
    """Return the packages of an export's release."""
    export, folder = request.getfixturevalue(request.param), tmp_path_factory.mktemp("packaged")
    refreshed = run_refresh(export, folder / "data")
    made = Packaged(refreshed.release, folder / "data" / "warehouse", export, folder)
    made.file.parent.mkdir()
    TABLEAU_WORKBOOK.render(made.occasion(), folder)
    return made
