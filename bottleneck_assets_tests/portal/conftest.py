"""A portal before a real release, for the tests of this folder."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from bottleneck_assets_tests.portal.serving import NOWHERE, portal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bottleneck_assets_tests.conftest import Refreshed
    from bottleneck_assets_tests.portal.serving import Portal


@pytest.fixture(scope="package")
def data_dir(refreshed_sample: Refreshed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the release of the sample, and nothing else."""
    folder = tmp_path_factory.mktemp("portal")
    shutil.copytree(refreshed_sample.data_dir / "extracts", folder / "extracts", symlinks=True)
    return folder


@pytest.fixture(scope="package")
def site(data_dir: Path) -> Iterator[Portal]:
    """The portal as it is without Dagster."""
    with portal(data_dir) as running:
        yield running


@pytest.fixture(scope="package")
def open_site(data_dir: Path) -> Iterator[Portal]:
    """The portal with its buttons; nobody is behind them."""
    with portal(data_dir, BOTTLENECK_DAGSTER_URL=NOWHERE, BOTTLENECK_UPLOAD_MB="4") as running:
        yield running
