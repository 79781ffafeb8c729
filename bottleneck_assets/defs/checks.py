"""The asset checks beyond the contract that every table carries.

Belongs here: which property is checked on which asset, and how much its failure weighs. Never here: how it is judged
(models/checks.py).

Every check is `blocking`, which orders it before the release, so that the manifest holds its result. Only one of severity ERROR
stops a refresh; WARN tells.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import dagster as dg
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

from bottleneck_assets.defs.assets import CONTRACT, LOOKED_AT, failing_clearly
from bottleneck_assets.defs.metadata import asset_key, rows_metadata
from bottleneck_assets.defs.resources import Workbench
from bottleneck_assets.engine.warehouse import Warehouse
from bottleneck_assets.models import checks
from bottleneck_assets.models.catalog import models
from bottleneck_assets.models.checks import Verdict
from bottleneck_assets.publish.release import CheckResult

WARN, ERROR = dg.AssetCheckSeverity.WARN, dg.AssetCheckSeverity.ERROR
EVALUATED = {AssetCheckExecutionRecordStatus.SUCCEEDED, AssetCheckExecutionRecordStatus.FAILED}
NOT_JUDGED = "It has not judged the tables that are stored now."


@dataclass(frozen=True)
class TableCheck:
    """A property of one table: how it is judged, how much a failure weighs, and which other tables are looked at."""

    ref: str
    name: str
    severity: dg.AssetCheckSeverity
    judge: Callable[[Workbench], Verdict]
    description: str
    reads: tuple[str, ...] = ()

    @property
    def key(self) -> dg.AssetCheckKey:
        """Its key in Dagster."""
        return dg.AssetCheckKey(asset_key(self.ref), self.name)

    @property
    def looks_at(self) -> tuple[str, ...]:
        """All tables that it looks at."""
        return (self.ref, *(read for read in self.reads if read != self.ref))

    def definition(self) -> dg.AssetChecksDefinition:
        """Return it as Dagster's asset check."""

        @dg.asset_check(
            name=self.name,
            asset=asset_key(self.ref),
            additional_deps=[asset_key(read) for read in self.looks_at[1:]],
            blocking=True,
            description=self.description,
        )
        def check(workbench: Workbench) -> dg.AssetCheckResult:
            with failing_clearly():
                verdict = self.judge(workbench)
                looked_at = workbench.warehouse.versions(self.looks_at)
            evidence = {"evidence": rows_metadata(verdict.evidence)} if verdict.evidence else {}
            metadata = {**verdict.figures, "remedy": verdict.remedy, **evidence, LOOKED_AT: looked_at}
            return dg.AssetCheckResult(passed=verdict.passed, severity=self.severity, description=verdict.found, metadata=metadata)

        return check


def check_result(evaluation: dg.AssetCheckEvaluation) -> CheckResult:
    """Return what a check said, as the manifest and the command line tell it."""
    remedy = evaluation.metadata.get("remedy")
    return CheckResult(
        asset=evaluation.asset_key.to_user_string(),
        check=evaluation.check_name,
        passed=evaluation.passed,
        severity=evaluation.severity.value,
        found=evaluation.description or "",
        remedy="" if evaluation.passed or remedy is None else str(remedy.value),
    )


def latest_results(instance: dg.DagsterInstance, warehouse: Warehouse) -> dict[dg.AssetCheckKey, CheckResult]:
    """Return what every check says of the tables that are stored now; one that has not judged those counts as failed."""
    return {key: _latest_result(instance, warehouse, key, refs) for key, refs in CHECKED.items()}


def _latest_result(instance: dg.DagsterInstance, warehouse: Warehouse, key: dg.AssetCheckKey, refs: Iterable[str]) -> CheckResult:
    # the latest that was evaluated: another refresh, which waits for this one, may have planned it since
    for record in instance.event_log_storage.get_asset_check_execution_history(key, limit=1, status=EVALUATED):
        if not isinstance(record.evaluation, dg.AssetCheckEvaluation):
            continue
        looked_at = record.evaluation.metadata.get(LOOKED_AT)
        if looked_at and all(warehouse.path(ref).exists() for ref in refs) and looked_at.value == warehouse.versions(refs):
            return check_result(record.evaluation)
    asset = key.asset_key.to_user_string()
    return CheckResult(asset, key.name, False, ERROR.value, NOT_JUDGED, f"Materialize {asset} again, or run the whole refresh.")  # noqa: FBT003


CHECKS = [
    TableCheck(
        "raw.export_columns",
        "known_columns_only",
        WARN,
        lambda bench: checks.known_columns_only(bench.warehouse),
        description="The export holds no table and no column that this workflow does not know.",
    ),
    TableCheck(
        "clean.row_accounting",
        "every_row_is_accounted_for",
        ERROR,
        lambda bench: checks.every_row_is_accounted_for(bench.warehouse),
        description="For every table: rows read = rows kept + rows in quarantine + exact duplicates dropped.",
    ),
    TableCheck(
        "clean.row_accounting",
        "quarantine_is_small",
        ERROR,
        lambda bench: checks.quarantine_is_small(bench.warehouse, bench.settings.max_quarantined_share),
        reads=("clean.quarantine",),
        description="No table has more of its rows in quarantine than the setting max_quarantined_share allows.",
    ),
    TableCheck(
        "clean.quarantine",
        "nothing_is_quarantined",
        WARN,
        lambda bench: checks.nothing_is_quarantined(bench.warehouse),
        description="Every row of the export can be used.",
    ),
    TableCheck(
        "clean.stock_ledger",
        "promo_units_reading_agrees_with_the_ledger",
        ERROR,
        lambda bench: checks.promo_units_reading_agrees_with_the_ledger(bench.warehouse),
        reads=("raw.parameters",),
        description="The stock of promoted products balances under the reading of Sales that the setting promo_units takes.",
    ),
    TableCheck(
        "clean.stock_ledger_exceptions",
        "stock_ledger_balances",
        WARN,
        lambda bench: checks.stock_ledger_balances(bench.warehouse),
        reads=("clean.stock_ledger",),
        description=f"Stock before + orders - sales = stock on at least {checks.MIN_BALANCED_SHARE:.0%} of the rows; the rest are listed.",
    ),
    TableCheck(
        "clean.sales",
        "months_follow_one_another",
        WARN,
        lambda bench: checks.months_follow_one_another(bench.warehouse),
        reads=("clean.finance",),
        description="Finance and Sales cover the same months, without a gap.",
    ),
    TableCheck(
        "clean.reporting_period",
        "period_has_sales",
        ERROR,
        lambda bench: checks.period_has_sales(bench.warehouse),
        reads=("clean.sales",),
        description="The reporting period, which may be set, has sales in the export.",
    ),
    TableCheck(
        "clean.reporting_period",
        "period_is_a_full_year",
        WARN,
        lambda bench: checks.period_is_a_full_year(bench.warehouse),
        description="The KPIs cover a whole year of the shop, October to September.",
    ),
    TableCheck(
        "clean.ca_par_segment",
        "revenue_agrees_with_the_export",
        WARN,
        lambda bench: checks.revenue_agrees_with_the_export(bench.warehouse),
        reads=(
            "clean.ca_par_segment_typed",
            "raw.export_columns",
        ),
        description="Revenue by segment is what the export's own table says, where it carries one.",
    ),
    *(
        TableCheck(
            f"extract.{tab}",
            "adds_up_to_the_headline",
            ERROR,
            lambda bench, tab=tab: checks.tab_adds_up(bench.warehouse, tab),
            reads=(
                "kpi.headline",
                "extract.overview",
            ),
            description=f"The tab adds up to the headline figures that it shows the parts of: {', '.join(measures)}.",
        )
        for tab, measures in checks.ADDS_UP.items()
    ),
]

TABLE_CHECKS = [check.definition() for check in CHECKS]
CHECKED: dict[dg.AssetCheckKey, tuple[str, ...]] = {
    **{dg.AssetCheckKey(asset_key(ref), CONTRACT): (ref,) for ref in models()},
    **{check.key: check.looks_at for check in CHECKS},
}
"""Every check of every table, and the tables that it looks at."""
