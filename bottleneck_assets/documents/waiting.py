"""The documents of a release: which there are, and how they wait, rendered, until a release takes them.

Belongs here: the list, rendering beside the place, and telling whether a document shows what is stored now. Never here: what a document
says (render/report), or the release that takes it.

A document is a folder, `<root>/<name>/`, with its files as they will lie in the release, and the version of what they were made from.
"""

from __future__ import annotations

import shutil
from hashlib import sha256
from typing import TYPE_CHECKING

from bottleneck_assets.errors import ReleaseError
from bottleneck_assets.release.manifest import software
from bottleneck_assets.render.report.data_access import ACCESS_REPORT
from bottleneck_assets.render.report.data_quality import DATA_QUALITY
from bottleneck_assets.render.report.recommendations import RECOMMENDATIONS
from bottleneck_assets.render.tableau.extract import TABLEAU_EXTRACT
from bottleneck_assets.render.tableau.package import TABLEAU_WORKBOOK
from bottleneck_assets.render.web.page import DASHBOARD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from bottleneck_assets.documents.document import Document, Occasion
    from bottleneck_assets.engine.warehouse import Warehouse

DOCUMENTS = (DASHBOARD, RECOMMENDATIONS, DATA_QUALITY, ACCESS_REPORT, TABLEAU_EXTRACT, TABLEAU_WORKBOOK)
_VERSION = ".version"
_BUILDING = ".building"


def make(document: Document, occasion: Occasion, root: Path) -> list[Path]:
    """Render a document beside its place, then put it there; return its files. One that was there before stays until then."""
    version = _version(document, occasion.warehouse, software()["shared_code"])
    place, building = root / document.name, root / f".{document.name}{_BUILDING}"
    shutil.rmtree(building, ignore_errors=True)  # of a rendering that failed in this run
    for file in document.files:
        (building / file).parent.mkdir(parents=True, exist_ok=True)
    document.render(occasion, building)
    (building / _VERSION).write_text(version, encoding="utf-8")
    shutil.rmtree(place, ignore_errors=True)
    building.rename(place)
    return [place / file for file in document.files]


def outdated(documents: Iterable[Document], warehouse: Warehouse, root: Path) -> list[Document]:
    """Return those that are missing, or that show other tables than are stored now, or were made by other code.

    What cannot be made on this machine is never out of date.
    """
    code = software()["shared_code"]
    return [document for document in available(documents) if _made_from(document, root) != _version(document, warehouse, code)]


def available(documents: Iterable[Document]) -> list[Document]:
    """Return those that can be made on this machine."""
    return [document for document in documents if document.unavailable() is None]


def taken(warehouse: Warehouse, root: Path, release: Path) -> Iterator[str]:
    """Copy every document that can be made here into a release and yield its files.

    Raises ReleaseError if one does not show what is stored now.
    """
    if stale := [document.name for document in outdated(DOCUMENTS, warehouse, root)]:
        problem = f"Documents are older than what they show: {', '.join(stale)}."
        raise ReleaseError(problem, "Materialize them again, or run the whole refresh.")
    for document in available(DOCUMENTS):
        for file in document.files:
            (release / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / document.name / file, release / file)
            yield file


def sweep(root: Path) -> None:
    """Delete what killed processes left behind. Only the one writer may call this."""
    for left in root.glob(f".*{_BUILDING}"):
        shutil.rmtree(left, ignore_errors=True)  # a file in it may be open: then the next sweep tries again


def _version(document: Document, warehouse: Warehouse, code: str) -> str:
    parts = (document.name, code, warehouse.versions(document.reads))
    return sha256("\n".join(parts).encode()).hexdigest()


def _made_from(document: Document, root: Path) -> str | None:
    folder = root / document.name
    try:
        version = (folder / _VERSION).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    return version if all((folder / file).is_file() for file in document.files) else None
