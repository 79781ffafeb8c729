"""Says which tables a refresh must make again: those whose code or whose content above them has changed.

Belongs here: versions, worked out from code and inputs alone, before anything is built. Never here: building, Dagster.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

from bottleneck_assets.engine.warehouse import Origin, Warehouse, built_version, source_version
from bottleneck_assets.errors import ContractError
from bottleneck_assets.models.catalog import models

if TYPE_CHECKING:
    from pathlib import Path

    from bottleneck_assets.settings import Settings

PARAMETERS = "raw.parameters"
VAT_RATES = "raw.vat_rates"
WEIGHTS = "raw.resampling_weights"
PLACEBO = "raw.placebo_draws"
FROM_SETTINGS = (PARAMETERS, VAT_RATES, WEIGHTS, PLACEBO)
"""The tables of the raw layer that do not come from the export."""


def export_origin(path: Path, sha256_of_content: str, changed_at: str = "") -> Origin:
    """Return an export, and when it was last changed, as the origin of tables."""
    return Origin("export", path.name, sha256_of_content, changed_at)


def parameters_origin(settings: Settings) -> Origin:
    """Return the settings that figures depend on as the origin of tables."""
    name = json.dumps(settings.parameters, sort_keys=True)
    return Origin("parameters", name, sha256(name.encode()).hexdigest())


def outdated(warehouse: Warehouse, export: Origin, parameters: Origin) -> list[str]:
    """Return the tables that are missing, or that are not what this code makes of this export with these parameters."""
    found, versions = models(), dict[str, str]()

    def version(ref: str) -> str:
        if ref not in versions:
            model = found[ref]
            versions[ref] = (
                source_version(model.code_version, parameters if ref in FROM_SETTINGS else export)
                if model.sql is None
                else built_version(model.code_version, {read: version(read) for read in model.reads})
            )
        return versions[ref]

    return [ref for ref in found if _stored_version(warehouse, ref) != version(ref)]


def _stored_version(warehouse: Warehouse, ref: str) -> str | None:
    try:
        return warehouse.table(ref).version
    except ContractError:
        return None
