"""Says which tables a refresh must make again: those whose code or whose content above them has changed.

Belongs here: versions, worked out from code and inputs alone, before anything is built. Never here: building, Dagster.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

from bottleneck_assets.engine.warehouse import DamagedTableError, Origin, Warehouse, built_version, source_version
from bottleneck_assets.errors import ContractError
from bottleneck_assets.models.catalog import models

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bottleneck_assets.settings import Settings

PARAMETERS = "raw.parameters"
VAT_RATES = "raw.vat_rates"
WEIGHTS = "raw.resampling_weights"
PLACEBO = "raw.placebo_draws"
FROM_SETTINGS = (PARAMETERS, VAT_RATES, WEIGHTS, PLACEBO)
"""The tables of the raw layer that do not come from the export."""


def export_origin(path: Path, sha256_of_content: str, changed_at: str = "", *, with_log: bool = False) -> Origin:
    """Return an export, when it was last changed, and whether a write-ahead log was read with it, as the origin of tables."""
    return Origin("export", path.name, sha256_of_content, changed_at, with_log)


def parameters_origin(settings: Settings) -> Origin:
    """Return the settings that figures depend on as the origin of tables."""
    name = json.dumps(settings.parameters, sort_keys=True)
    return Origin("parameters", name, sha256(name.encode()).hexdigest())


def outdated(
    warehouse: Warehouse, export: Origin, parameters: Origin, *, on_damage: Callable[[DamagedTableError], None] = lambda _: None
) -> list[str]:
    """Return the tables that are missing or damaged, or that are not what this code makes of this export with these parameters.

    `on_damage` is called with each that is damaged.
    """
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

    return [ref for ref in found if _stored_version(warehouse, ref, on_damage) != version(ref)]


def _stored_version(warehouse: Warehouse, ref: str, on_damage: Callable[[DamagedTableError], None]) -> str | None:
    try:
        return warehouse.table(ref).version
    except DamagedTableError as damage:
        on_damage(damage)
        return None
    except ContractError:
        return None
