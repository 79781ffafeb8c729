"""Makes a release: one folder of tables with a dictionary, a data contract and a manifest, complete before anyone can see it.

Belongs here: what a release holds, when one must be refused, and how `latest` moves. Never here: computing a figure, drawing a document
(what a release takes besides its tables is given from above), reading a release (release.py).

A release is built in a hidden folder beside its place and renamed into it; then `latest` is switched in one step. Whatever
happens on the way, `latest` goes on pointing at the last good release.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bottleneck_assets import wording
from bottleneck_assets.engine import durable
from bottleneck_assets.engine.warehouse import built_version, source_version
from bottleneck_assets.engine.workers import as_done
from bottleneck_assets.errors import ReleaseError
from bottleneck_assets.models.catalog import PRESENTATION, models, of_layer, published
from bottleneck_assets.models.checks import quarantine_is_small, quarantine_is_worth_little
from bottleneck_assets.release.comparison import software
from bottleneck_assets.release.data_contract import ABOUT_DATA_CONTRACT, DATA_CONTRACT, Terms, write_data_contract
from bottleneck_assets.release.dictionary import DICTIONARY, parquet_of, write_dictionary
from bottleneck_assets.release.lineage import ABOUT_LINEAGE, LINEAGE, write_lineage
from bottleneck_assets.release.manifest import (
    FORMAT,
    MANIFEST,
    DamagedError,
    GoneError,
    Manifest,
    Period,
    ReleasedExport,
    ReleasedFile,
    read_manifest,
    sha256_of,
    write_manifest,
)
from bottleneck_assets.release.release import MOMENT, Release, newest_first
from bottleneck_assets.settings import LATEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from bottleneck_assets.engine.warehouse import Origin, Table, Warehouse
    from bottleneck_assets.models.catalog import Model
    from bottleneck_assets.release.manifest import CheckResult, Measured
    from bottleneck_assets.settings import Engine

TABLES = ("web", "finance", "promo", "sales", "ca_par_segment", "months")
QUALITY = (
    "quarantine",
    "row_accounting",
    "imputation",
    "stock_ledger_exceptions",
    "quarantine_worth",
    "unknown_products",
    "contradictions",
)
FACTS = ("clean.sales_in_period", "kpi.basket_costs")
"""What a figure of any group of products and months is summed from, where the tabs hold sums already."""
_RELEASE_NAME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}-\d{6}Z_[0-9a-f]{8}")
_BUILDING = ".building-"
_OLD = ".old-"
_LEFT_BY_FILE_MANAGERS = {".DS_Store", "Thumbs.db", "desktop.ini"}
_KINDS = (
    ("export", "exports", "Materialize everything, so that all tables come from one export."),
    ("parameters", "settings", "Materialize everything, so that all tables are made with the same settings."),
)
"""What tables come from, by its kind: what it is called, and what to do where it is not the same for all."""


@dataclass(frozen=True)
class Attachment:
    """A file that a release takes besides its tables.

    It has its path in the release, what writes it there, its SHA-256 if that is known, and what the dictionary says of it.
    """

    path: str
    write: Callable[[Path], object]
    sha256: str | None = None
    about: str = ""


def published_models() -> dict[str, Model]:
    """Return the models that a release shows, by the path of their CSV in the release."""
    found = models()
    return {
        **{f"{model.name}.csv": model for model in of_layer("extract")},
        **{f"tables/{name}.csv": found[f"clean.{name}"] for name in TABLES},
        **{f"kpis/{model.name}.csv": model for model in published("kpi")},
        **{f"recommendations/{model.name}.csv": model for model in published("recommendation")},
        **{f"quality/{name}.csv": found[f"clean.{name}"] for name in QUALITY},
        "quality/export_columns.csv": found["raw.export_columns"],
        **{f"facts/{found[ref].name}.csv": found[ref] for ref in FACTS},
    }


def published_path(model: Model) -> str:
    """Return the path of a model's CSV in a release, which shows it."""
    return next(path for path, published in published_models().items() if published.ref == model.ref)


def publish(  # noqa: PLR0913 - what a release is made of
    warehouse: Warehouse,
    extracts: Path,
    *,
    expected: Sequence[Origin] = (),
    checks: Sequence[CheckResult],
    max_quarantined_share: float,
    max_quarantined_revenue_share: float,
    engine: Engine = "duckdb",
    run_id: str,
    now: dt.datetime,
    keep: int,
    attachments: Iterable[Attachment] = (),
    reports: bool = False,
    late_after_hours: float = 26,
    data_access: Measured | None = None,
    in_place_of: str = "",
) -> Release:
    """Publish the stored tables as a new release, move `latest` to it, and delete all but the last `keep` releases.

    The attachments go with them; they are asked for once nothing speaks against the tables. `reports`, `late_after_hours`,
    `data_access` and `in_place_of` are what the manifest says of them.

    Raises ReleaseError, and publishes nothing, if the tables come from different exports or parameters, or from others than are expected,
    if one is older than what it is made from, if a check of severity ERROR has failed, if too many rows are in quarantine or they are worth
    too much, if an attachment is damaged on its way, or if something that is no release's stands in the place of `latest`; and whatever an
    attachment raises.
    """
    shown = published_models()
    tables = {model.ref: warehouse.table(model.ref) for model in shown.values()}
    export, parameters = _only_origins(tables)
    _refuse_unexpected([export, parameters], expected)
    _refuse_outdated(warehouse, [*shown.values(), *(of_layer(PRESENTATION) if reports else ())])
    _refuse_failed(checks)
    _refuse_much_quarantined(warehouse, max_quarantined_share, max_quarantined_revenue_share)
    attached = list(attachments)
    name = f"{now:{MOMENT}}_{export.version[:8]}"
    _refuse_foreign_latest(extracts / LATEST)
    sweep(extracts, now)
    building = extracts / f"{_BUILDING}{name}"
    building.mkdir(parents=True)
    files = _write_tables(warehouse, building, shown, tables)
    others = {DATA_CONTRACT: ABOUT_DATA_CONTRACT, LINEAGE: ABOUT_LINEAGE, **{attachment.path: attachment.about for attachment in attached}}
    files.append(_listed(building, DICTIONARY, None, write_dictionary(shown.items(), others, building / DICTIONARY)))
    settings, period = json.loads(parameters.name), _period(warehouse)
    write_data_contract(shown.items(), Terms(settings, period, late_after_hours), building / DATA_CONTRACT)
    write_lineage(building / LINEAGE)
    files += [_listed(building, path, None, None) for path in (DATA_CONTRACT, LINEAGE)]
    files.extend(_attach(building, attachment) for attachment in attached)
    changed_at = dt.datetime.fromisoformat(export.as_of) if export.as_of else None
    manifest = Manifest(
        release=name,
        published_at=now,
        run_id=run_id,
        export=ReleasedExport(export.name, export.version, changed_at, export.with_log, in_place_of),
        data_as_of=_data_as_of(warehouse),
        data_age_hours=round((now - changed_at).total_seconds() / 3600, 2) if changed_at else None,
        parameters=settings,
        period=period,
        max_quarantined_share=max_quarantined_share,
        max_quarantined_revenue_share=max_quarantined_revenue_share,
        reports=reports,
        late_after_hours=late_after_hours,
        data_access=data_access,
        software=software(engine),
        format=FORMAT,
        files=tuple(files),
        checks=tuple(checks),
    )
    write_manifest(building, manifest)
    warehouse.sync()  # so that after a power cut there is nothing to make again
    durable.sync_tree(building)
    folder, before = building.rename(extracts / name), (extracts / LATEST).resolve()
    durable.sync_folders([extracts.parent, extracts])
    _point_latest(extracts, folder)
    _delete_old(extracts, [folder, extracts / before.name], now, keep)
    return Release(folder, manifest)


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


def _refuse_much_quarantined(warehouse: Warehouse, max_share: float, max_revenue_share: float) -> None:
    # judged again: the limits may have changed since the checks ran
    for verdict in quarantine_is_small(warehouse, max_share), quarantine_is_worth_little(warehouse, max_revenue_share):
        if not verdict.passed:
            raise ReleaseError(verdict.found, verdict.remedy)


def _refuse_foreign_latest(latest: Path) -> None:
    """Raise ReleaseError if `latest` is a folder (the copy of a release, where links are not allowed) with anything else in it."""
    if not latest.exists() or latest.is_symlink():
        return
    try:
        published = {file.path: file.sha256 for file in read_manifest(latest).files}
    except (GoneError, DamagedError) as error:
        problem = f"{latest} is not a release, and must not be replaced."
        raise ReleaseError(problem, "Move it away, and refresh again.") from error
    for path in foreign_files(latest, published):
        problem = f"{path} is no file of the release that {latest} is a copy of, and would be lost with it."
        raise ReleaseError(problem, "Move it away, and refresh again.")
    for name, sha256 in published.items():
        if (latest / name).is_file() and sha256_of(latest / name) != sha256:
            problem = f"{latest / name} was changed since it was published, and would be lost with {latest}."
            raise ReleaseError(problem, "Move it away, and refresh again.")


def foreign_files(folder: Path, published: Iterable[str]) -> list[Path]:
    """Return what a release's folder holds that its manifest does not list, sorted; not what file managers leave in any folder."""
    ours = {MANIFEST, *published}
    found = sorted(path for path in folder.rglob("*") if not path.is_dir())
    return [path for path in found if path.relative_to(folder).as_posix() not in ours and path.name not in _LEFT_BY_FILE_MANAGERS]


def _data_as_of(warehouse: Warehouse) -> dt.date | None:
    """Return the last day of the export's last month, in the reporting period or not; None of an export without a month."""
    last = max((row["month"] for row in warehouse.rows("clean.months")), default=None)
    return wording.last_day(last) if last else None


def _period(warehouse: Warehouse) -> Period:
    (period,) = warehouse.rows("clean.reporting_period")
    return Period(f"{period['period_start']:%Y-%m}", f"{period['period_end']:%Y-%m}", period["months"], period["is_full_year"])


def write_csv(warehouse: Warehouse, model: Model, target: Path) -> None:
    """Write a stored table as the CSVs of a release are written; its contract says which columns are text."""
    columns = model.promise.columns
    warehouse.export_csv(
        model.ref,
        target,
        columns=[column.name for column in columns],
        text_columns=[column.name for column in columns if column.type == "varchar"],
    )


def write_parquet(warehouse: Warehouse, model: Model, target: Path) -> None:
    """Write a stored table as the Parquet files of a release are written."""
    warehouse.export_parquet(model.ref, target, columns=[column.name for column in model.promise.columns])


def _write_tables(warehouse: Warehouse, building: Path, shown: Mapping[str, Model], tables: Mapping[str, Table]) -> list[ReleasedFile]:
    """Write every table in both forms; return the CSVs, then the Parquet files."""

    def write(path: str, model: Model, form: Callable[[Warehouse, Model, Path], None]) -> ReleasedFile:
        target = building / path
        target.parent.mkdir(parents=True, exist_ok=True)
        form(warehouse, model, target)
        return _listed(building, path, model.ref, tables[model.ref].rows)

    tasks = {path: partial(write, path, model, write_csv) for path, model in shown.items()}
    tasks |= {parquet_of(path): partial(write, parquet_of(path), model, write_parquet) for path, model in shown.items()}
    with closing(as_done(tasks, {})) as outcomes:
        written = {path: ended.result() for path, ended in outcomes}
    return [written[path] for path in tasks]


def _attach(building: Path, attachment: Attachment) -> ReleasedFile:
    target = building / attachment.path
    target.parent.mkdir(parents=True, exist_ok=True)
    attachment.write(target)
    listed = _listed(building, attachment.path, None, None)
    if attachment.sha256 not in {None, listed.sha256}:
        problem = f"{attachment.path} was damaged on its way into the release: its bytes are not those that were drawn."
        raise ReleaseError(problem, "Run the refresh again; see that the disk is sound.")
    return listed


def _listed(building: Path, path: str, table: str | None, rows: int | None) -> ReleasedFile:
    target = building / path
    return ReleasedFile(path, target.stat().st_size, sha256_of(target), table, rows)


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
        durable.sync_tree(beside)
    if latest.is_dir() and not latest.is_symlink():
        before = latest.rename(extracts / f".{LATEST}-before")
        beside.rename(latest)
        durable.sync_folders([extracts])
        shutil.rmtree(before, ignore_errors=True)
    else:
        beside.replace(latest)
        durable.sync_folders([extracts])  # before anything older is deleted


def _delete_old(extracts: Path, first: Sequence[Path], now: dt.datetime, keep: int) -> None:
    """Delete all but so many releases: first of those that stay are the new one and the one that is being read, whatever their dates."""
    found = releases(extracts, now)
    for folder in sorted(found, key=lambda folder: first.index(folder) if folder in first else len(first))[keep:]:
        with suppress(OSError):  # a file in it may be open, which keeps no release from being published: the next one tries again
            if _is_ours_alone(folder):
                # under another name first: killed half way, it would look like a release
                shutil.rmtree(folder.rename(extracts / f"{_OLD}{folder.name}"))


def _is_ours_alone(folder: Path) -> bool:
    """Tell whether nobody has put a file of their own into a release: with one it is not deleted."""
    try:
        return not foreign_files(folder, (file.path for file in read_manifest(folder).files))
    except (GoneError, DamagedError):
        return True
