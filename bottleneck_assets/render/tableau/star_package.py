"""Packs the data source over the release's extract with that extract, once in each language.

Belongs here: the `.tdsx` files, and that only a sound one takes its place. Never here: what the data source holds (star.py), or the extract
(extract.py), which is packed as it was written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

from bottleneck_assets.errors import ReleaseError
from bottleneck_assets.render.tableau import extract
from bottleneck_assets.render.tableau.extract import IN_PACKAGE, NAME
from bottleneck_assets.render.tableau.package import entry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bottleneck_assets.render.occasion import Occasion

FILE, FRENCH_FILE = f"tableau/{NAME}.tdsx", f"tableau/{NAME} (français).tdsx"
FILES: Mapping[str, str] = {FILE: "en", FRENCH_FILE: "fr"}
READS = (*extract.tables_of_release().values(), "raw.parameters")


def render(occasion: Occasion, folder: Path) -> None:
    """Write the release's extract under a folder, and both data sources over it. Raises ReleaseError if one is not sound."""
    from bottleneck_assets.render.tableau.soundness import findings_in_data_source
    from bottleneck_assets.render.tableau.star import data_source

    tables = extract.render(occasion, folder)
    (parameters,) = occasion.warehouse.rows("raw.parameters")
    for file, language in FILES.items():
        described = data_source(language, parameters["sale_prices"])
        if found := findings_in_data_source(described, {IN_PACKAGE: tables}):
            problem = f"{file} is not sound: {'; '.join(found)}."
            raise ReleaseError(problem, "Report it; the setting reports can leave it out.")
        _pack(folder / file, described, folder / extract.FILE)


def _pack(target: Path, described: bytes, data: Path) -> None:
    with ZipFile(target, "w") as packed:
        packed.writestr(entry(f"{NAME}.tds"), described, ZIP_DEFLATED)
        packed.writestr(entry(IN_PACKAGE), data.read_bytes(), ZIP_DEFLATED, compresslevel=1)  # packed twice: time tells, and not size
