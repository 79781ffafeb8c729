"""Keeps documents, drawn and whole, until a release takes them.

Belongs here: drawing a document beside its place, telling whether it still shows what is stored, and handing it to a release. Never here:
which documents there are (catalog.py), or what one says (render/).

A document is a folder, `<root>/<name>/`, with its files as they will lie in the release, and what it was drawn from (made.py). What is made
on request stays until it is asked for again, whatever becomes of the tables.
"""

from __future__ import annotations

import shutil
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

from bottleneck_assets.documents.catalog import ABOUT_DATA_SOURCES, DOCUMENTS, ON_REQUEST
from bottleneck_assets.documents.made import Made, read_made, write_made
from bottleneck_assets.engine import durable
from bottleneck_assets.errors import ReleaseError
from bottleneck_assets.models.catalog import of_layer
from bottleneck_assets.release.comparison import software
from bottleneck_assets.release.manifest import Measured, sha256_of
from bottleneck_assets.release.publishing import Attachment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from bottleneck_assets.documents.document import Document
    from bottleneck_assets.engine.warehouse import Warehouse
    from bottleneck_assets.errors import BottleneckError
    from bottleneck_assets.render.occasion import Occasion

_BUILDING = ".building"
_BEFORE = ".before"


def make(document: Document, occasion: Occasion, root: Path) -> list[Path]:
    """Draw a document beside its place, then put it there; return its files. One that was there before stays until then."""
    warehouse = occasion.warehouse
    origins = sorted({origin for ref in document.reads for origin in warehouse.table(ref).origins if origin.kind == "export"})
    measured = Measured(occasion.now, occasion.export.name, origins[0].version if origins else "")
    version = _version(document, warehouse, software()["shared_code"])
    place, building, before = root / document.name, root / f".{document.name}{_BUILDING}", root / f".{document.name}{_BEFORE}"
    shutil.rmtree(building, ignore_errors=True)  # of a rendering that failed in this run
    for file in document.files:
        (building / file).parent.mkdir(parents=True, exist_ok=True)
    document.render(occasion, building)
    write_made(building, Made(version, {file: sha256_of(building / file) for file in document.files}, measured))
    durable.sync_tree(building)
    shutil.rmtree(before, ignore_errors=True)
    if place.exists():
        place.rename(before)  # not deleted yet: killed here, it comes back with the next sweep
    building.rename(place)
    durable.sync_folders([root])  # not sooner: else what is deleted next may be gone, and the new one not yet there
    shutil.rmtree(before, ignore_errors=True)
    return [place / file for file in document.files]


def outdated(
    documents: Iterable[Document], warehouse: Warehouse, root: Path, *, on_damage: Callable[[BottleneckError], None] = lambda _: None
) -> list[Document]:
    """Return those that are missing or damaged, or that show other tables than are stored now, or were made by other code.

    What cannot be made on this machine is never out of date. `on_damage` is called with what is said of each that is damaged.
    """
    code = software()["shared_code"]

    def is_outdated(document: Document) -> bool:
        made = read_made(root / document.name)
        if made is None and (root / document.name).exists():
            problem = f"Document {document.name} is not taken: {root / document.name} does not hold the bytes that were drawn."
            on_damage(ReleaseError(problem, "Materialize it again, or run the whole refresh; see that the disk is sound."))
        return made is None or made.version != _version(document, warehouse, code) or {*made.files} != {*document.files}

    return [document for document in available(documents) if is_outdated(document)]


def available(documents: Iterable[Document]) -> list[Document]:
    """Return those that can be made on this machine."""
    return [document for document in documents if document.unavailable() is None]


def data_sources(sale_prices: str) -> Iterator[Attachment]:
    """Yield what Tableau should know of each tab, to lie beside its CSV. It depends on the contracts and the reading of prices alone."""
    from bottleneck_assets.render.tableau.datasource import data_source

    for model in of_layer("extract"):
        yield Attachment(
            f"{model.name}.tds", lambda target, model=model: target.write_bytes(data_source(model, sale_prices)), about=ABOUT_DATA_SOURCES
        )


def stored(warehouse: Warehouse, root: Path) -> Iterator[Attachment]:
    """Yield the files of the stored documents, for a release to copy: all that can be made here, and the last of those made on request.

    Raises ReleaseError if one of the former does not show what is stored now.
    """
    if stale := [document.name for document in outdated(DOCUMENTS, warehouse, root)]:
        problem = f"Documents are older than what they show: {', '.join(stale)}."
        raise ReleaseError(problem, "Materialize them again, or run the whole refresh.")
    for document in (*available(DOCUMENTS), *ON_REQUEST):
        if made := read_made(root / document.name):
            for file, sha256 in made.files.items():
                copy = partial(shutil.copyfile, root / document.name / file)
                yield Attachment(file, copy, sha256, document.about_file(file))


def sweep(root: Path) -> None:
    """Delete what killed processes left behind, and put back what one had taken from its place. Only the one writer may call this."""
    for left in root.glob(f".*{_BEFORE}"):
        place = root / left.name.removeprefix(".").removesuffix(_BEFORE)
        if not place.exists():
            left.rename(place)
    for left in (*root.glob(f".*{_BUILDING}"), *root.glob(f".*{_BEFORE}")):
        shutil.rmtree(left, ignore_errors=True)  # a file in it may be open: then the next sweep tries again


def _version(document: Document, warehouse: Warehouse, code: str) -> str:
    parts = (document.name, code, warehouse.versions(document.reads))
    return sha256("\n".join(parts).encode()).hexdigest()
