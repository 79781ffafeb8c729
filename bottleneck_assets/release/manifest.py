"""What a release says of itself, and whether another refresh would say the same.

Belongs here: `manifest.json`, written and read. Never here: making a release; and no heavy import, since a refresh that has nothing
to do should be over at once.
"""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bottleneck_assets.settings import Engine, Settings

MANIFEST = "manifest.json"

_PACKAGE = Path(__file__).parents[1]
_CODE = {".py", ".sql", ".html", ".css", ".js", ".json", ".md", ".typ"}


def software(engine: Engine = "duckdb") -> dict[str, str]:
    """Return what made a release: the version of this package, a hash of its code, and the versions of what ran it.

    `shared_code` is a hash of the code but for the models, which have versions of their own. DuckDB stores and publishes whatever
    the engine is. Where there is what writes Tableau's extract, it is named: once it is installed, the next release holds one.
    """
    code, shared = hashlib.sha256(), hashlib.sha256()
    for path in sorted(path for path in _PACKAGE.rglob("*") if path.suffix in _CODE):
        inside = path.relative_to(_PACKAGE)
        content = inside.as_posix().encode() + b"\0" + path.read_bytes() + b"\0"
        code.update(content)
        if inside.parent.parent.as_posix() != "models":  # a model is models/<layer>/<name>
            shared.update(content)
    hashes = {"code": code.hexdigest()[:16], "shared_code": shared.hexdigest()[:16]}
    spark = {"pyspark": version("pyspark")} if engine == "spark" and find_spec("pyspark") else {}
    hyper = {"tableauhyperapi": version("tableauhyperapi")} if find_spec("tableauhyperapi") else {}
    return {"bottleneck-assets": version("bottleneck-assets"), **hashes, "duckdb": version("duckdb"), **spark, **hyper}


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a published file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest of a release."""
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_manifest(release: Path) -> dict[str, Any] | None:
    """Return the manifest of a release, None if there is none that can be read."""
    try:
        found: Any = json.loads((release / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    parts = (("export", dict), ("software", dict), ("files", list))
    manifest = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    return manifest if all(isinstance(manifest.get(part), kind) for part, kind in parts) else None


def published_export(release: Path) -> Mapping[str, str] | None:
    """Return the export that a release was made from (its `name` then, its `sha256`), None if there is no release."""
    manifest = read_manifest(release)
    return manifest["export"] if manifest else None


def shares_this_code(release: Path) -> bool:
    """Tell whether a release was made by what would make one now, but for the models: a table of other code has another version."""
    manifest = read_manifest(release)
    shared = {name: version for name, version in software().items() if name != "code"}
    return manifest is not None and shared.items() <= manifest["software"].items()


def would_be_the_same(release: Path, settings: Settings, export_sha256: str) -> bool:
    """Tell whether a refresh with these settings and this export would make the release that is there: same inputs, same code.

    The engine makes no difference: both give the same rows.
    """
    manifest = read_manifest(release)
    return (
        manifest is not None
        and manifest["export"].get("sha256") == export_sha256
        and manifest.get("parameters") == settings.parameters
        and manifest.get("max_quarantined_share") == settings.max_quarantined_share
        and manifest.get("reports") == settings.reports
        and software().items() <= manifest["software"].items()
        and all(_is_there(release, file) for file in manifest["files"])
        and all(sha256_of(release / file["path"]) == file["sha256"] for file in manifest["files"])  # sizes first: they cost nothing
    )


def _is_there(release: Path, file: Mapping[str, Any]) -> bool:
    path = release / file["path"]
    return path.is_file() and path.stat().st_size == file["bytes"]
