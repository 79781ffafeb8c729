"""Makes a release: one folder of CSVs with a dictionary and a manifest, complete before anyone can see it.

Belongs here: what a release holds, when one must be refused, and how `latest` moves. Never here: computing a figure, Dagster.

A release is built in a hidden folder beside its place and renamed into it; then `latest` is switched in one step. Whatever
happens on the way, `latest` goes on pointing at the last good release.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING

from bottleneck_assets.engine.warehouse import built_version, source_version
from bottleneck_assets.engine.workers import as_done
from bottleneck_assets.errors import ReleaseError
from bottleneck_assets.models.catalog import models, of_layer
from bottleneck_assets.models.checks import quarantine_is_small
from bottleneck_assets.release.manifest import MANIFEST, sha256_of, software, write_manifest
from bottleneck_assets.settings import LATEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from bottleneck_assets.engine.warehouse import Origin, Table, Warehouse
    from bottleneck_assets.models.catalog import Model
    from bottleneck_assets.settings import Engine

TABLES = ("web", "finance", "promo", "sales", "ca_par_segment")
QUALITY = ("quarantine", "row_accounting", "imputation", "stock_ledger_exceptions")
_MOMENT = "%Y-%m-%dT%H-%M-%S-%fZ"
_RELEASE_NAME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}-\d{6}Z_[0-9a-f]{8}")
_BUILDING = ".building-"
_OLD = ".old-"
_KINDS = (
    ("export", "exports", "Materialize everything, so that all tables come from one export."),
    ("parameters", "settings", "Materialize everything, so that all tables are made with the same settings."),
)
"""What tables come from, by its kind: what it is called, and what to do where it is not the same for all."""


@dataclass(frozen=True)
class CheckResult:
    """What one check said: asset, check, whether it passed, how much it weighs (WARN or ERROR), what it found, and a remedy."""

    asset: str
    check: str
    passed: bool
    severity: str
    found: str
    remedy: str


@dataclass(frozen=True)
class ReleaseFile:
    """One file of a release: its path in the release, the table it shows and its rows (if any), its bytes and SHA-256."""

    path: str
    table: str | None
    rows: int | None
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Release:
    """A published release: its folder, the files in it (but for the manifest, which lists them), when its export was changed, and its age.

    The time is in ISO 8601, empty if it is not known; the age is in hours, at the time of publication.
    """

    folder: Path
    files: Sequence[ReleaseFile]
    data_as_of: str
    data_age_hours: float | None


def published_models() -> dict[str, Model]:
    """Return the models that a release shows, by the path of their CSV in the release."""
    found = models()
    return {
        **{f"{model.name}.csv": model for model in of_layer("extract")},
        **{f"tables/{name}.csv": found[f"clean.{name}"] for name in TABLES},
        **{f"kpis/{model.name}.csv": model for model in of_layer("kpi")},
        **{f"recommendations/{model.name}.csv": model for model in of_layer("recommendation")},
        **{f"quality/{name}.csv": found[f"clean.{name}"] for name in QUALITY},
        "quality/export_columns.csv": found["raw.export_columns"],
    }


def publish(  # noqa: PLR0913 - what a release is made of
    warehouse: Warehouse,
    extracts: Path,
    *,
    expected: Sequence[Origin] = (),
    checks: Sequence[CheckResult],
    max_quarantined_share: float,
    engine: Engine = "duckdb",
    run_id: str,
    now: dt.datetime,
    keep: int,
    documents: Path | None = None,
) -> Release:
    """Publish the stored tables as a new release, move `latest` to it, and delete all but the last `keep` releases.

    The documents that wait in a folder, if one is given, go with them.
    Raises ReleaseError, and publishes nothing, if the tables come from different exports or parameters, or from others than are
    expected, if one or a document is older than what it is made from, if a check of severity ERROR has failed, or if too many rows are
    in quarantine.
    """
    from bottleneck_assets.release.dictionary import write_dictionary  # with pandas behind it: not needed to load definitions

    shown = published_models()
    tables = {model.ref: warehouse.table(model.ref) for model in shown.values()}
    export, parameters = _only_origins(tables)
    _refuse_unexpected([export, parameters], expected)
    _refuse_outdated(warehouse, shown.values())
    _refuse_failed(checks)
    _refuse_much_quarantined(warehouse, max_quarantined_share)
    name = f"{now:{_MOMENT}}_{export.version[:8]}"
    _refuse_foreign_latest(extracts / LATEST)
    sweep(extracts, now)
    building = extracts / f"{_BUILDING}{name}"
    building.mkdir(parents=True)
    files = [*_write_csvs(warehouse, building, shown, tables), *_write_data_sources(building)]
    rows = write_dictionary(shown.items(), building / "data_dictionary.csv")
    files.append(_listed(building, "data_dictionary.csv", None, rows))
    if documents:
        from bottleneck_assets.documents.waiting import taken

        files.extend(_listed(building, path, None, None) for path in taken(warehouse, documents, building))
    data_age_hours = round((now - dt.datetime.fromisoformat(export.as_of)).total_seconds() / 3600, 2) if export.as_of else None
    manifest = {
        "release": name,
        "published_at": now.isoformat(),
        "run_id": run_id,
        "export": {"name": export.name, "sha256": export.version, "changed_at": export.as_of},
        "data_age_hours": data_age_hours,
        "parameters": json.loads(parameters.name),
        "period": _period(warehouse),
        "max_quarantined_share": max_quarantined_share,
        "reports": documents is not None,
        "software": software(engine),
        "files": [asdict(file) for file in files],
        "checks": [asdict(check) for check in checks],
    }
    write_manifest(building, manifest)
    _to_disk(building)
    folder, before = building.rename(extracts / name), (extracts / LATEST).resolve()
    _point_latest(extracts, folder)
    _delete_old(extracts, [folder, extracts / before.name], now, keep)
    return Release(folder, files, export.as_of, data_age_hours)


def sweep(extracts: Path, now: dt.datetime) -> None:
    """Delete what publications left behind, killed or unable to, and put `latest` back if one was killed between two renames."""
    for left in (*extracts.glob(f"{_BUILDING}*"), *extracts.glob(f"{_OLD}*"), *extracts.glob(f".{LATEST}*")):
        if left.is_symlink() or left.is_file():
            left.unlink()
        else:
            shutil.rmtree(left, ignore_errors=True)  # a file in it may be open: then the next sweep tries again
    if not (extracts / LATEST).exists() and (whole := releases(extracts, now)):
        _point_latest(extracts, whole[0])


def releases(extracts: Path, now: dt.datetime) -> list[Path]:
    """Return the releases in a folder, newest first."""
    found = [path.name for path in extracts.glob("*") if _RELEASE_NAME.fullmatch(path.name) and path.is_dir()]
    return [extracts / name for name in newest_first(found, now)]


def newest_first(names: Iterable[str], now: dt.datetime) -> list[str]:
    """Sort names of releases.

    One that is dated ahead comes last: the clock was wrong when it was made, and it would be the newest until then.
    """
    return sorted(names, key=lambda name: (name.partition("_")[0] <= f"{now:{_MOMENT}}", name), reverse=True)


def _only_origins(tables: Mapping[str, Table]) -> tuple[Origin, Origin]:
    only: list[Origin] = []
    for kind, named, remedy in _KINDS:
        by_version: dict[str, list[str]] = {}
        origins: dict[str, Origin] = {}
        for ref, table in tables.items():
            for origin in (origin for origin in table.origins if origin.kind == kind):
                by_version.setdefault(origin.version, []).append(ref)
                origins[origin.version] = origin
        if len(by_version) != 1:
            described = "; ".join(f"{origins[key].name} ({key[:8]}): {', '.join(refs)}" for key, refs in sorted(by_version.items()))
            problem = f"The tables come from different {named}: {described}."
            raise ReleaseError(problem, remedy)
        only.extend(origins.values())
    export, parameters = only
    return export, parameters


def _refuse_unexpected(found: Iterable[Origin], expected: Iterable[Origin]) -> None:
    by_kind = {origin.kind: origin for origin in found}
    for kind, named, remedy in _KINDS:
        for wanted in (origin for origin in expected if origin.kind == kind and origin.version != by_kind[kind].version):
            made_from = f"{by_kind[kind].name} ({by_kind[kind].version[:8]})"
            problem = f"The tables come from other {named} than this run's: {made_from}, not {wanted.name} ({wanted.version[:8]})."
            raise ReleaseError(problem, remedy)


def _refuse_outdated(warehouse: Warehouse, shown: Iterable[Model]) -> None:
    found, versions, outdated = models(), dict[str, str](), list[str]()

    def visit(model: Model) -> str:
        if model.ref not in versions:
            sources = {read: visit(found[read]) for read in model.reads}
            stored = warehouse.table(model.ref)
            versions[model.ref] = stored.version
            made_now = (
                [built_version(model.code_version, sources)]
                if model.sql is not None
                else [source_version(model.code_version, origin) for origin in stored.origins]
            )
            if stored.version not in made_now:
                outdated.append(model.ref)
        return versions[model.ref]

    for model in shown:
        visit(model)
    if outdated:
        problem = f"Tables are older than what they are made from: {', '.join(outdated)}."
        raise ReleaseError(problem, "Materialize them again, or run the whole refresh.")


def _refuse_failed(checks: Sequence[CheckResult]) -> None:
    failed = [check for check in checks if not check.passed and check.severity == "ERROR"]
    if failed:
        described = "; ".join(f"{check.asset} {check.check}: {check.found}" for check in failed)
        problem = f"Checks have failed: {described}."
        raise ReleaseError(problem, "Correct what they found and materialize those tables again.")


def _refuse_much_quarantined(warehouse: Warehouse, max_share: float) -> None:
    verdict = quarantine_is_small(warehouse, max_share)  # judged again: the limit may have changed since the check ran
    if not verdict.passed:
        raise ReleaseError(verdict.found, verdict.remedy)


def _refuse_foreign_latest(latest: Path) -> None:
    if latest.exists() and not latest.is_symlink() and not (latest / MANIFEST).is_file():
        problem = f"{latest} is not a release, and must not be replaced."
        raise ReleaseError(problem, "Move it away, and refresh again.")


def _period(warehouse: Warehouse) -> dict[str, object]:
    (period,) = warehouse.rows("clean.reporting_period")
    return {**period, "period_start": f"{period['period_start']:%Y-%m}", "period_end": f"{period['period_end']:%Y-%m}"}


def _write_csvs(warehouse: Warehouse, building: Path, shown: Mapping[str, Model], tables: Mapping[str, Table]) -> list[ReleaseFile]:
    from bottleneck_assets.models.contract import columns_of

    def write(path: str, model: Model) -> ReleaseFile:
        target = building / path
        target.parent.mkdir(exist_ok=True)
        columns = columns_of(model.contract)
        warehouse.export_csv(
            model.ref,
            target,
            columns=[column.name for column in columns],
            text_columns=[column.name for column in columns if column.type == "varchar"],
        )
        return _listed(building, path, model.ref, tables[model.ref].rows)

    tasks = {path: partial(write, path, model) for path, model in shown.items()}
    with closing(as_done(tasks, {})) as outcomes:
        written = {path: ended.result() for path, ended in outcomes}
    return [written[path] for path in shown]


def _write_data_sources(building: Path) -> list[ReleaseFile]:
    """Write what Tableau should know of each tab beside its CSV."""
    from bottleneck_assets.render.tableau.datasource import data_source

    paths = {f"{model.name}.tds": model for model in of_layer("extract")}
    for path, model in paths.items():
        (building / path).write_bytes(data_source(model))
    return [_listed(building, path, None, None) for path in paths]


def _listed(building: Path, path: str, table: str | None, rows: int | None) -> ReleaseFile:
    target = building / path
    return ReleaseFile(path, table, rows, target.stat().st_size, sha256_of(target))


def _to_disk(folder: Path) -> None:
    """Wait until every file is on disk, so that a power cut cannot leave a release that is there but hollow."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())


def _point_latest(extracts: Path, folder: Path) -> None:
    """Switch `latest` to a release in one step: a symbolic link, replaced by renaming.

    Where links are not allowed (Windows without developer mode), `latest` is a copy of the release instead, exchanged by two
    renames: for an instant between them there is no `latest`.
    """
    latest, beside = extracts / LATEST, extracts / f".{LATEST}-new"
    try:
        beside.symlink_to(folder.name, target_is_directory=True)
    except OSError:
        shutil.copytree(folder, beside)
    if latest.is_dir() and not latest.is_symlink():
        before = latest.rename(extracts / f".{LATEST}-before")
        beside.rename(latest)
        shutil.rmtree(before, ignore_errors=True)
    else:
        beside.replace(latest)


def _delete_old(extracts: Path, first: Sequence[Path], now: dt.datetime, keep: int) -> None:
    """Delete all but so many releases: first of those that stay are the new one and the one that is being read, whatever their dates."""
    found = releases(extracts, now)
    for folder in sorted(found, key=lambda folder: first.index(folder) if folder in first else len(first))[keep:]:
        with suppress(OSError):  # a file in it may be open, which keeps no release from being published: the next one tries again
            # under another name first: killed half way, it would look like a release
            shutil.rmtree(folder.rename(extracts / f"{_OLD}{folder.name}"))
