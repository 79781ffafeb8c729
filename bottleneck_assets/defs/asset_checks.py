"""The asset checks: the contract that every table carries, and what must hold beyond it.

Belongs here: which property is checked on which asset, and how much its failure weighs. Never here: how it is judged
(models/contract.py, models/checks.py).

Every check is `blocking`: it is evaluated in the step that makes its table, before anything is made from it in a later step. Only one
of severity ERROR stops a refresh; WARN tells.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import dagster as dg

from bottleneck_assets.defs._dagster_private import AssetCheckExecutionRecordStatus
from bottleneck_assets.defs.metadata import asset_key, rows_metadata
from bottleneck_assets.errors import ContractError
from bottleneck_assets.figures.adding_up import HELD_AGAINST_THE_HEADLINE, tab_adds_up
from bottleneck_assets.models import checks
from bottleneck_assets.models.catalog import models
from bottleneck_assets.release.manifest import CheckResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bottleneck_assets.defs.resources import Workbench
    from bottleneck_assets.engine.warehouse import Failures, Warehouse
    from bottleneck_assets.models.catalog import Model
    from bottleneck_assets.models.checks import Verdict

CONTRACT = "contract"
LOOKED_AT = "looked_at"
"""The metadata of a check that holds the versions of the tables which it judged."""
WARN, ERROR = dg.AssetCheckSeverity.WARN, dg.AssetCheckSeverity.ERROR
EVALUATED = {AssetCheckExecutionRecordStatus.SUCCEEDED, AssetCheckExecutionRecordStatus.FAILED}
PLANNED_SINCE = 100
"""How many refreshes may have been planned after one that waits for them, at most."""
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

    @property
    def spec(self) -> dg.AssetCheckSpec:
        """Declare it to Dagster."""
        others = [asset_key(read) for read in self.looks_at[1:]]
        return dg.AssetCheckSpec(self.name, asset=asset_key(self.ref), additional_deps=others, blocking=True, description=self.description)

    def result(self, workbench: Workbench) -> dg.AssetCheckResult:
        """Judge the tables that are stored now."""
        verdict = self.judge(workbench)
        evidence = {"evidence": rows_metadata(verdict.evidence)} if verdict.evidence else {}
        looked_at = workbench.warehouse.versions(self.looks_at)
        return dg.AssetCheckResult(
            passed=verdict.passed,
            asset_key=self.key.asset_key,
            check_name=self.name,
            severity=self.severity,
            description=verdict.found,
            metadata={**verdict.figures, **({} if verdict.passed else {"remedy": verdict.remedy}), **evidence, LOOKED_AT: looked_at},
        )


def contract_key(model: Model) -> dg.AssetCheckKey:
    """Return the key of a table's contract check."""
    return dg.AssetCheckKey(asset_key(model.ref), CONTRACT)


def contract_spec(model: Model) -> dg.AssetCheckSpec:
    """Declare the check that every table carries: it keeps its contract, or it is not stored."""
    return dg.AssetCheckSpec(
        CONTRACT,
        asset=asset_key(model.ref),
        blocking=True,
        description="Exactly the columns, types, values and key that the contract declares. A table that breaks it is not stored.",
    )


def kept_contract(model: Model, warehouse: Warehouse) -> dg.AssetCheckResult:
    """Say that a stored table keeps its contract."""
    figures = {"rows": warehouse.table(model.ref).rows, LOOKED_AT: warehouse.versions([model.ref])}
    return dg.AssetCheckResult(passed=True, asset_key=asset_key(model.ref), check_name=CONTRACT, metadata=figures)


def broken_contract(model: Model, failures: Failures, found: str) -> dg.AssetCheckResult:
    """Say how a table breaks its contract."""
    cases = {"failure_cases": rows_metadata(failures.cases), "failures": failures.count}
    return dg.AssetCheckResult(passed=False, asset_key=asset_key(model.ref), check_name=CONTRACT, description=found, metadata=cases)


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


def checks_within(refs: Iterable[str]) -> dict[dg.AssetCheckKey, tuple[str, ...]]:
    """Return the checks that look at nothing but some tables, and the tables that each looks at."""
    within = set(refs)
    return {key: looked_at for key, looked_at in CHECKED.items() if within.issuperset(looked_at)}


def latest_results(instance: dg.DagsterInstance, warehouse: Warehouse, refs: Iterable[str]) -> dict[dg.AssetCheckKey, CheckResult]:
    """Return what every check on some tables says of them as they are stored now; one that has not judged those counts as failed."""
    return {key: _latest_result(instance, warehouse, key, looked_at) for key, looked_at in checks_within(refs).items()}


def _latest_result(instance: dg.DagsterInstance, warehouse: Warehouse, key: dg.AssetCheckKey, refs: Iterable[str]) -> CheckResult:
    with suppress(ContractError):  # a table that is missing, or damaged, has been judged by nobody
        versions = warehouse.versions(refs)
        for looked_back in (1, PLANNED_SINCE):
            if (latest := _latest_of(instance, key, versions, looked_back)) and (latest.passed or looked_back > 1):
                return check_result(latest)
    asset = key.asset_key.to_user_string()
    return CheckResult(asset, key.name, False, ERROR.value, NOT_JUDGED, f"Materialize {asset} again, or run the whole refresh.")  # noqa: FBT003


def _latest_of(instance: dg.DagsterInstance, key: dg.AssetCheckKey, versions: str, looked_back: int) -> dg.AssetCheckEvaluation | None:
    """Return the last evaluation of a check that looked at these versions.

    Dagster lists its evaluations in the order in which runs planned them: one that waited for another was planned before it and came after.
    """
    evaluations: list[tuple[float, dg.AssetCheckEvaluation]] = []
    for record in instance.event_log_storage.get_asset_check_execution_history(key, limit=looked_back, status=EVALUATED):
        if record.event and isinstance(evaluation := record.evaluation, dg.AssetCheckEvaluation):
            looked_at = evaluation.metadata.get(LOOKED_AT)
            if looked_at and looked_at.value == versions:
                evaluations.append((record.event.timestamp, evaluation))
    return max(evaluations, key=lambda one: one[0])[1] if evaluations else None


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
        description="For every table: rows read = rows kept + rows in quarantine + exact duplicates dropped + rows left out.",
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
        "clean.quarantine_worth",
        "quarantine_is_worth_little",
        ERROR,
        lambda bench: checks.quarantine_is_worth_little(bench.warehouse, bench.settings.max_quarantined_revenue_share),
        reads=("clean.sales",),
        description="The rows in quarantine are worth no more of the revenue than the setting max_quarantined_revenue_share allows.",
    ),
    TableCheck(
        "clean.unknown_products",
        "every_product_is_wholly_known",
        WARN,
        lambda bench: checks.every_product_is_wholly_known(bench.warehouse),
        description="No product is left out of control groups and baselines for rows of it that are in quarantine.",
    ),
    TableCheck(
        "clean.notations",
        "every_column_says_how_it_is_read",
        WARN,
        lambda bench: checks.every_column_says_how_it_is_read(bench.warehouse),
        description="No column of dates can only be read month first.",
    ),
    TableCheck(
        "clean.labels",
        "labels_are_spelled_one_way",
        WARN,
        lambda bench: checks.labels_are_spelled_one_way(bench.warehouse),
        description="Every segment and product type is spelled one way.",
    ),
    TableCheck(
        "clean.contradictions",
        "rows_do_not_contradict_themselves",
        WARN,
        lambda bench: checks.rows_do_not_contradict_themselves(bench.warehouse),
        description="Prices, costs, offers and dates that can be read also fit together.",
    ),
    TableCheck(
        "clean.quarantine",
        "nothing_is_quarantined",
        WARN,
        lambda bench: checks.nothing_is_quarantined(bench.warehouse),
        reads=("clean.quarantine_worth",),
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
        "clean.face_values",
        "sale_prices_fit_the_evidence",
        WARN,
        lambda bench: checks.sale_prices_fit_the_evidence(bench.warehouse),
        reads=("raw.parameters",),
        description="Products whose title names their value in euros are priced as the setting sale_prices says.",
    ),
    TableCheck(
        "clean.segment_vat",
        "every_segment_has_a_rate_of_vat",
        WARN,
        lambda bench: checks.every_segment_has_a_rate_of_vat(bench.warehouse),
        description="The setting vat_rates has a rate for every segment of the export.",
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
            f"extract.{tab.name}",
            "adds_up_to_the_headline",
            ERROR,
            lambda bench, tab=tab.name: tab_adds_up(bench.warehouse, tab),
            reads=("kpi.headline", "extract.overview"),
            description="The tab adds up to the headline figures that it shows the parts of.",
        )
        for tab in HELD_AGAINST_THE_HEADLINE
    ),
    TableCheck(
        "extract.business_recommendations",
        "adds_up_to_the_summary",
        ERROR,
        lambda bench: checks.recommendations_add_up(bench.warehouse),
        reads=("recommendation.summary",),
        description="The tab holds every scope of the recommendations once, and their effects add up to the summary's.",
    ),
]

CHECKED: dict[dg.AssetCheckKey, tuple[str, ...]] = {
    **{contract_key(model): (model.ref,) for model in models().values()},
    **{check.key: check.looks_at for check in CHECKS},
}
"""Every check of every table, and the tables that it looks at."""
