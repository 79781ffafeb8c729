"""Whether another refresh would make the release that is there.

Belongs here: comparing a release with the code, the settings and the export of now. Never here: what a manifest is (manifest.py); and no
heavy import, since a refresh that has nothing to do should be over at once.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from bottleneck_assets.release.manifest import sha256_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bottleneck_assets.release.manifest import Measured, ReleasedFile
    from bottleneck_assets.release.release import Release
    from bottleneck_assets.settings import Engine, Settings

_PACKAGE = Path(__file__).parents[1]
_CODE = {".py", ".sql", ".html", ".css", ".js", ".json", ".md", ".typ"}


def software(engine: Engine = "duckdb") -> dict[str, str]:
    """Return what makes a release: the version of this package, hashes of its code, and the versions of what runs it.

    `shared_code` is a hash of the code without the models, which have versions of their own. DuckDB stores and publishes whatever the
    engine is. The library that writes Tableau's extract is named where it is installed: then the next release holds an extract.
    """
    spark = {"pyspark": version("pyspark")} if engine == "spark" and find_spec("pyspark") else {}
    hyper = {"tableauhyperapi": version("tableauhyperapi")} if find_spec("tableauhyperapi") else {}
    return {"bottleneck-assets": version("bottleneck-assets"), **_code(), "duckdb": version("duckdb"), **spark, **hyper}


@cache
def _code() -> Mapping[str, str]:
    """Return the hashes of the code that this process has loaded."""
    code, shared = hashlib.sha256(), hashlib.sha256()
    for path in sorted(path for path in _PACKAGE.rglob("*") if path.suffix in _CODE):
        inside = path.relative_to(_PACKAGE)
        content = inside.as_posix().encode() + b"\0" + path.read_bytes() + b"\0"
        code.update(content)
        if inside.parent.parent.as_posix() != "models":  # a model is models/<layer>/<name>
            shared.update(content)
    return {"code": code.hexdigest()[:16], "shared_code": shared.hexdigest()[:16]}


def shares_this_code(release: Release) -> bool:
    """Tell whether a release was made by the code of now, the models aside: a table of another model has another version.

    What writes Tableau's extract, and was not there then, changes nothing that was made.
    """
    aside = {"code", *({"tableauhyperapi"} - release.manifest.software.keys())}
    shared = {name: version for name, version in software().items() if name not in aside}
    return shared.items() <= release.manifest.software.items()


def would_be_the_same(release: Release, settings: Settings, export_sha256: str, data_access: Measured | None) -> bool:
    """Tell whether a refresh would make this release again: same export, settings, code and data-access report, and every file whole.

    The engine makes no difference: both give the same rows.
    """
    manifest = release.manifest
    return (
        manifest.export.sha256 == export_sha256
        and manifest.parameters == settings.parameters
        and manifest.max_quarantined_share == settings.max_quarantined_share
        and manifest.max_quarantined_revenue_share == settings.max_quarantined_revenue_share
        and manifest.reports == settings.reports
        and manifest.late_after_hours == settings.stale_warn_hours
        and manifest.data_access == data_access
        and software().items() <= manifest.software.items()
        and all(_is_there(release.folder, file) for file in manifest.files)
        and all(sha256_of(release.folder / file.path) == file.sha256 for file in manifest.files)  # sizes first: they cost nothing
    )


def _is_there(folder: Path, file: ReleasedFile) -> bool:
    path = folder / file.path
    return path.is_file() and path.stat().st_size == file.bytes
