"""Every table as a Dagster asset: those of the raw layer read from the export, all others made from their model.

Belongs here: how a table becomes an asset. Never here: SQL, columns, or what a check demands.
"""

import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import dagster as dg

from bottleneck_assets.defs.metadata import asset_key, rows_metadata, table_metadata
from bottleneck_assets.defs.resources import Workbench
from bottleneck_assets.engine.warehouse import BrokenContractError, Candidate, Failures, Table, Warehouse
from bottleneck_assets.errors import BottleneckError
from bottleneck_assets.models.catalog import Model, models, of_layer
from bottleneck_assets.models.plan import PARAMETERS as PARAMETERS_REF
from bottleneck_assets.models.plan import export_origin, parameters_origin
from bottleneck_assets.settings import Settings

if TYPE_CHECKING:
    import pyarrow as pa

    from bottleneck_assets.source.exports import Export

OWNERS = ("team:analytics",)
SQLITE_EXPORT = dg.AssetKey(["raw", "sqlite_export"])
CONTRACT = "contract"
LOOKED_AT = "looked_at"
"""The metadata of a check that holds the versions of the tables which it judged."""
EXPORT_COLUMNS = models()["raw.export_columns"]
PARAMETERS = models()[PARAMETERS_REF]
READ_FROM_EXPORT = tuple(model for model in of_layer("raw") if model is not PARAMETERS)


def contract_check(model: Model) -> dg.AssetCheckSpec:
    """Return the check that every table carries: it keeps its contract, or it is not stored."""
    return dg.AssetCheckSpec(
        CONTRACT,
        asset=asset_key(model.ref),
        blocking=True,
        description="Exactly the columns, types, values and key that the contract declares. A table that breaks it is not stored.",
    )


@contextmanager
def failing_clearly() -> Iterator[None]:
    """Let what a user can mend fail the step with its two lines: the problem and the remedy."""
    try:
        yield
    except BottleneckError as error:
        raise dg.Failure(str(error), metadata={"problem": error.problem, "remedy": error.remedy}, allow_retries=False) from error


def materialize(model: Model, warehouse: Warehouse, store: Callable[[], Table]) -> Iterator[Any]:
    """Store a table, and yield how it fared against its contract and what it is.

    Raises BrokenContractError, with the failed check yielded before, if it breaks its contract.
    """
    key, started = asset_key(model.ref), time.perf_counter()
    try:
        table = store()
    except BrokenContractError as broken:
        cases = {"failure_cases": rows_metadata(broken.failures.cases), "failures": broken.failures.count}
        yield dg.AssetCheckResult(passed=False, asset_key=key, check_name=CONTRACT, description=broken.problem, metadata=cases)
        raise
    yield dg.MaterializeResult(
        asset_key=key,
        metadata=table_metadata(model, table, warehouse, time.perf_counter() - started),
        data_version=dg.DataVersion(table.version),
        check_results=[
            dg.AssetCheckResult(
                passed=True, asset_key=key, check_name=CONTRACT, metadata={"rows": table.rows, LOOKED_AT: warehouse.versions([model.ref])}
            )
        ],
    )


def observe_export(workbench: Workbench) -> dg.DataVersion:
    """Observe which export a refresh would read."""
    from bottleneck_assets.source.exports import fingerprint

    with failing_clearly():
        return dg.DataVersion(fingerprint(_chosen_export(workbench.settings)))


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
    specs=[
        dg.AssetSpec(
            asset_key(model.ref),
            deps=[SQLITE_EXPORT],
            group_name="raw",
            description=model.description,
            kinds={"sqlite", "parquet"},
            owners=OWNERS,
            code_version=model.code_version,
        )
        for model in READ_FROM_EXPORT
    ],
    check_specs=[contract_check(model) for model in READ_FROM_EXPORT],
    can_subset=True,
)
def read_export(context: dg.AssetExecutionContext, workbench: Workbench) -> Iterator[Any]:
    """Read the export's tables, every cell as text, in one read transaction."""
    from bottleneck_assets.models.exported import exported_columns
    from bottleneck_assets.source.exports import verify
    from bottleneck_assets.source.reading import MARKER, open_export

    chosen = [model for model in READ_FROM_EXPORT if asset_key(model.ref) in context.selected_asset_keys]
    columns = {model.name: exported_columns(model.contract) for model in READ_FROM_EXPORT if model is not EXPORT_COLUMNS}
    warehouse = workbench.warehouse
    with failing_clearly():
        path = _chosen_export(workbench.settings)
        context.log.info("Reading %s.", path)
        export = verify(path, columns)
        context.log_event(dg.AssetObservation(SQLITE_EXPORT, tags={"dagster/data_version": export.sha256}, metadata={"export": str(path)}))
        origin = export_origin(path, export.sha256)
        with open_export(export) as stream:
            for model in chosen:
                if model.name in export.tables:
                    store = partial(warehouse.ingest, model.ref, stream(model.name), columns[model.name], MARKER)
                else:
                    store = partial(warehouse.put, model.ref, _listed_columns(model, export))
                yield from materialize(
                    model, warehouse, partial(store, origin=origin, code_version=model.code_version, check=partial(_is_of, export, model))
                )


@dg.asset(
    key=asset_key(PARAMETERS.ref),
    group_name="raw",
    description=PARAMETERS.description,
    kinds={"parquet"},
    owners=OWNERS,
    code_version=PARAMETERS.code_version,
    check_specs=[contract_check(PARAMETERS)],
)
def parameters(workbench: Workbench) -> Iterator[Any]:
    """Write down the settings that the figures depend on."""
    from bottleneck_assets.models.contract import arrow_table

    with failing_clearly():
        settings, warehouse = workbench.settings, workbench.warehouse
        row = {
            "promo_units": settings.promo_units,
            "period_start": settings.period_start,
            "period_end": settings.period_end,
            "service_level": settings.service_level,
            "service_factor": NormalDist().inv_cdf(settings.service_level),
        }
        store = partial(
            warehouse.put,
            PARAMETERS.ref,
            arrow_table(PARAMETERS.contract, [row]),
            origin=parameters_origin(settings),
            code_version=PARAMETERS.code_version,
            check=_keeps_contract(PARAMETERS),
        )
        yield from materialize(PARAMETERS, warehouse, store)


def model_asset(model: Model) -> dg.AssetsDefinition:
    """Return the asset of a model: its dependencies are the tables that its SELECT reads."""

    @dg.asset(
        key=asset_key(model.ref),
        deps=[asset_key(ref) for ref in model.reads],
        group_name=model.layer,
        description=model.description,
        kinds={"duckdb", "parquet"},
        owners=OWNERS,
        code_version=model.code_version,
        check_specs=[contract_check(model)],
    )
    def build(workbench: Workbench) -> Iterator[Any]:
        with failing_clearly():
            warehouse = workbench.warehouse
            store = partial(
                warehouse.build,
                model.ref,
                model.sql or "",
                reads=model.reads,
                code_version=model.code_version,
                check=_keeps_contract(model),
            )
            yield from materialize(model, warehouse, store)

    return build


TABLES = [sqlite_export, read_export, parameters, *(model_asset(model) for model in models().values() if model.sql is not None)]


def _chosen_export(settings: Settings) -> Path:
    from bottleneck_assets.source.exports import newest_export

    return settings.export or newest_export(settings.exports_dir)


def _is_of(export: "Export", model: Model, candidate: Candidate) -> Failures:
    """Hold a table against its contract, once it is sure that all its rows are of the export that was verified."""
    from bottleneck_assets.source.reading import refuse_changed

    refuse_changed(export)
    return _keeps_contract(model)(candidate)


def _keeps_contract(model: Model) -> Callable[[Candidate], Failures]:
    from bottleneck_assets.models.contract import failures

    return partial(failures, model.contract)


def _listed_columns(model: Model, export: "Export") -> "pa.Table":
    """Return the export's columns as rows; no rows for an optional table that the export lacks."""
    from bottleneck_assets.models.contract import arrow_table

    rows = [vars(column) for column in export.columns] if model is EXPORT_COLUMNS else []
    return arrow_table(model.contract, rows)
