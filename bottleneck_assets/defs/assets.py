"""Every table as a Dagster asset: those of the raw layer read from the export, all others made from their model.

Belongs here: how a table becomes an asset. Never here: SQL, columns, or what a check demands.

A layer is one step, in which each table and each check is an asset and a check of its own: Dagster books a step as often as it does
a table, and a step of its own for each took longer than all SELECTs together. Any subset of a layer can be materialized.
"""

import datetime as dt
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from graphlib import TopologicalSorter
from inspect import GEN_RUNNING, getgeneratorstate
from typing import TYPE_CHECKING, Any

import dagster as dg

from bottleneck_assets.defs.asset_checks import CHECKS, CONTRACT, TableCheck, broken_contract, contract_key, contract_spec, kept_contract
from bottleneck_assets.defs.jobs import EXPORT_TAG, SHA256_TAG, passing_over
from bottleneck_assets.defs.metadata import asset_key, table_metadata
from bottleneck_assets.defs.resources import Workbench
from bottleneck_assets.engine.warehouse import BrokenContractError, Candidate, EngineError, Failures, Table
from bottleneck_assets.engine.workers import as_done
from bottleneck_assets.errors import BottleneckError, ExportError
from bottleneck_assets.models.catalog import LAYERS, PRESENTATION, Model, exported_columns, models, of_layer
from bottleneck_assets.models.judging import failures
from bottleneck_assets.models.plan import FROM_SETTINGS, export_origin, parameters_origin
from bottleneck_assets.release.data_contract import OWNER
from bottleneck_assets.settings import Settings

if TYPE_CHECKING:
    import pyarrow as pa

    from bottleneck_assets.source.exports import Choice, Export

OWNERS = (f"team:{OWNER}",)
SKIPPED = {"skipped": "The setting reports is off."}
SQLITE_EXPORT = dg.AssetKey(["raw", "sqlite_export"])
EXPORT_COLUMNS = models()["raw.export_columns"]
SET = tuple(models()[ref] for ref in FROM_SETTINGS)
READ_FROM_EXPORT = tuple(model for model in of_layer("raw") if model not in SET)


@contextmanager
def failing_clearly() -> Iterator[None]:
    """Let what a user can mend fail the step with its two lines: the problem and the remedy."""
    try:
        yield
    except BottleneckError as error:
        facts = {"problem": error.problem, "remedy": error.remedy, "asset": _asset_at_fault(error)}
        raise dg.Failure(str(error), metadata={name: text for name, text in facts.items() if text}, allow_retries=False) from error


def _asset_at_fault(error: BottleneckError) -> str:
    match error:
        case ExportError():
            return SQLITE_EXPORT.to_user_string()
        case BrokenContractError(ref=ref) | EngineError(ref=ref):
            return asset_key(ref).to_user_string()
        case _:
            return ""


@dataclass(frozen=True)
class Making:
    """A table to be stored, and what is done to it once its step runs."""

    model: Model
    store: Callable[[], Table]

    def run(self, workbench: Workbench) -> dg.MaterializeResult:
        """Store the table and say what it is. Raises BrokenContractError if it breaks its contract."""
        started = time.perf_counter()
        table = self.store()
        return dg.MaterializeResult(
            asset_key=asset_key(self.model.ref),
            metadata=table_metadata(self.model, table, workbench.warehouse, time.perf_counter() - started),
            data_version=dg.DataVersion(table.version),
            check_results=[kept_contract(self.model, workbench.warehouse)],
        )


def make(
    context: dg.AssetExecutionContext, workbench: Workbench, members: Sequence[Model], stores: Mapping[str, Callable[[], Table]]
) -> Iterator[Any]:
    """Store the tables of a step that `stores` names and run its selected checks, each once what it needs is there; yield the results.

    Whatever does not hang on a table that failed is still made; then the first failure is raised.
    """
    by_key = {model.ref: model for model in members}
    checks = {check.key: check for check in checks_on(members) if check.key in context.selected_asset_check_keys}
    contracts = {contract_key(model): model for model in members if contract_key(model) in context.selected_asset_check_keys}
    tasks: dict[str | dg.AssetCheckKey, Callable[[], Any]] = {
        **{ref: partial(Making(by_key[ref], store).run, workbench) for ref, store in stores.items()},
        **{key: partial(check.result, workbench) for key, check in checks.items()},
        **{key: partial(_judged_again, model, workbench) for key, model in contracts.items() if model.ref not in stores},
    }
    waits_for = {**{ref: by_key[ref].reads for ref in stores}, **{key: check.looks_at for key, check in checks.items()}}
    failed: list[BaseException] = []
    outcomes = workbench.ended_with_the_run(as_done(tasks, waits_for))
    try:
        for task, ended in outcomes:
            if (error := ended.exception()) is None:
                yield ended.result()
                continue
            failed.append(error)
            if isinstance(error, BrokenContractError) and isinstance(task, str):
                yield broken_contract(by_key[task], error.failures, error.problem)
    finally:
        if getgeneratorstate(outcomes) != GEN_RUNNING:  # else the run's end is closing it, and collects this one, left by Dagster
            outcomes.close()
    if failed:
        raise failed[0]


def checks_on(members: Sequence[Model]) -> list[TableCheck]:
    """Return the checks of some tables, but for their contracts."""
    refs = {model.ref for model in members}
    return [check for check in CHECKS if check.ref in refs]


def asset_spec(model: Model, deps: Sequence[dg.AssetKey], kinds: set[str]) -> dg.AssetSpec:
    """Declare a table to Dagster."""
    return dg.AssetSpec(
        asset_key(model.ref),
        deps=deps,
        group_name=model.layer,
        description=model.description,
        kinds=kinds,
        owners=OWNERS,
        code_version=model.code_version,
    )


def check_specs(members: Sequence[Model]) -> list[dg.AssetCheckSpec]:
    """Declare the checks of some tables to Dagster."""
    return [*map(contract_spec, members), *(check.spec for check in checks_on(members))]


def observe_export(workbench: Workbench) -> dg.DataVersion:
    """Observe which export a refresh would read."""
    from bottleneck_assets.source.exports import fingerprint

    with failing_clearly():
        return dg.DataVersion(fingerprint(chosen_export_of(workbench.settings).path))


with warnings.catch_warnings():
    warnings.simplefilter("ignore", dg.BetaWarning)  # the decorator is beta; the version of dagster is pinned
    sqlite_export = dg.observable_source_asset(
        key=SQLITE_EXPORT,
        group_name="raw",
        description="The shop's export: one SQLite file, the newest in the drop folder unless a run names another. "
        "Its data version is its SHA-256.",
        tags={"dagster/kind/sqlite": ""},
    )(observe_export)


@dg.multi_asset(
    name="read_export",
    specs=[asset_spec(model, [SQLITE_EXPORT], {"sqlite", "parquet"}) for model in READ_FROM_EXPORT],
    check_specs=check_specs(READ_FROM_EXPORT),
    can_subset=True,
)
def read_export(context: dg.AssetExecutionContext, workbench: Workbench) -> Iterator[Any]:
    """Read the export's tables, every cell as text."""
    chosen = [model for model in READ_FROM_EXPORT if asset_key(model.ref) in context.selected_asset_keys]
    with failing_clearly(), _reading(context, workbench, chosen) if chosen else nullcontext({}) as stores:
        yield from make(context, workbench, READ_FROM_EXPORT, stores)


@contextmanager
def _reading(
    context: dg.AssetExecutionContext, workbench: Workbench, chosen: Sequence[Model]
) -> Iterator[Mapping[str, Callable[[], Table]]]:
    """Open the export, once it is verified, and give the ways to store the chosen tables of it."""
    from bottleneck_assets.models.acceptance import accepted
    from bottleneck_assets.source.exports import flaw_of_log, log_of
    from bottleneck_assets.source.reading import MARKER, open_export

    columns, choice = exported_columns(), chosen_export_of(workbench.settings)
    path = choice.path
    for remark in choice.passed_over:
        context.log.warning(remark)
    context.log.info("Reading %s.", path)
    context.instance.add_run_tags(context.run.run_id, {EXPORT_TAG: path.name, **passing_over(choice.passed_over, choice.in_place_of)})
    export = accepted(path, workbench.settings.export_wait_seconds)
    if flaw := flaw_of_log(path):
        context.log.warning(flaw)
    context.instance.add_run_tags(context.run.run_id, {SHA256_TAG: export.sha256})
    context.log_event(dg.AssetObservation(SQLITE_EXPORT, tags={"dagster/data_version": export.sha256}, metadata={"export": str(path)}))
    with open_export(export) as stream:

        def store(model: Model) -> Table:
            source = {
                "origin": export_origin(path, export.sha256, export.changed_at, with_log=log_of(path) is not None),
                "code_version": model.code_version,
                "check": _is_of(export, model),
            }
            if model.name in export.tables:
                return workbench.warehouse.ingest(model.ref, stream(model.name), columns[model.name], MARKER, **source)
            return workbench.warehouse.put(model.ref, _listed_columns(model, export), **source)

        yield {model.ref: partial(store, model) for model in chosen}


@dg.multi_asset(
    name="parameters",
    specs=[asset_spec(model, [], {"parquet"}) for model in SET],
    check_specs=check_specs(SET),
    can_subset=True,
)
def parameters(context: dg.AssetExecutionContext, workbench: Workbench) -> Iterator[Any]:
    """Write down the settings that the figures depend on, and what the ranges are drawn with."""
    chosen = [model for model in SET if asset_key(model.ref) in context.selected_asset_keys]
    with failing_clearly():
        yield from make(context, workbench, SET, {model.ref: partial(_store_set, model, workbench) for model in chosen})


def _store_set(model: Model, workbench: Workbench) -> Table:
    from bottleneck_assets.models.from_settings import table_from_settings

    settings = workbench.settings
    return workbench.warehouse.put(
        model.ref,
        table_from_settings(model.ref, settings),
        origin=parameters_origin(settings),
        code_version=model.code_version,
        check=_keeps_contract(model),
    )


def layer_assets(layer: str) -> dg.AssetsDefinition:
    """Return the assets of a layer: the dependencies of each are the tables that its SELECT reads."""
    members = of_layer(layer)

    @dg.multi_asset(
        name=f"make_{layer}",
        specs=[asset_spec(model, [*map(asset_key, model.reads)], {"duckdb", "parquet"}) for model in members],
        check_specs=check_specs(members),
        can_subset=True,
    )
    def make_layer(context: dg.AssetExecutionContext, workbench: Workbench) -> Iterator[Any]:
        chosen = [model for model in members if asset_key(model.ref) in context.selected_asset_keys]
        if layer == PRESENTATION and not workbench.settings.reports:
            order = TopologicalSorter({model.ref: [other.ref for other in chosen if other.ref in model.reads] for model in chosen})
            yield from map(_skipped, order.static_order())
            return
        with failing_clearly():
            yield from make(context, workbench, members, {model.ref: partial(_build, model, workbench) for model in chosen})

    return make_layer


def _skipped(ref: str) -> dg.MaterializeResult:
    """Leave a table out. Its contract says so too: Dagster warns of a blocking check that says nothing."""
    key = asset_key(ref)
    kept = dg.AssetCheckResult(passed=True, asset_key=key, check_name=CONTRACT, description=SKIPPED["skipped"])
    return dg.MaterializeResult(asset_key=key, metadata=SKIPPED, check_results=[kept])


def _build(model: Model, workbench: Workbench) -> Table:
    return workbench.warehouse.build(
        model.ref, model.select, reads=model.reads, code_version=model.code_version, check=_keeps_contract(model)
    )


TABLES = [sqlite_export, read_export, parameters, *(layer_assets(layer) for layer in LAYERS if layer != "raw")]


def chosen_export_of(settings: Settings) -> "Choice":
    """Return the export that a run with these settings reads."""
    from bottleneck_assets.models.acceptance import accepted
    from bottleneck_assets.source.exports import chosen_export

    return chosen_export(settings, dt.datetime.now(dt.UTC), partial(accepted, wait_seconds=settings.export_wait_seconds))


def _judged_again(model: Model, workbench: Workbench) -> dg.AssetCheckResult:
    found = workbench.warehouse.judge(model.ref, _keeps_contract(model))
    if found.count:
        return broken_contract(model, found, BrokenContractError(model.ref, found).problem)
    return kept_contract(model, workbench.warehouse)


def _is_of(export: "Export", model: Model) -> Callable[[Candidate], Failures]:
    """Hold a table against its contract, once it is sure that all its rows are of the export that was verified."""
    from bottleneck_assets.source.reading import refuse_changed

    def check(candidate: Candidate) -> Failures:
        refuse_changed(export)
        return _keeps_contract(model)(candidate)

    return check


def _keeps_contract(model: Model) -> Callable[[Candidate], Failures]:
    return partial(failures, model)


def _listed_columns(model: Model, export: "Export") -> "pa.Table":
    """Return the export's columns as rows; no rows for an optional table that the export lacks."""
    rows = [vars(column) for column in export.columns] if model is EXPORT_COLUMNS else []
    return model.promise.arrow_table(rows)
