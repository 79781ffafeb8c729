"""The asset checks beyond the contract that every table carries.

Belongs here: which property is checked on which asset, and how much its failure weighs. Never here: how it is judged
(models/checks.py).

Every check is `blocking`, which orders it before the release, so that the manifest holds its result. Only one of severity ERROR
stops a refresh; WARN tells.
"""

from collections.abc import Callable

import dagster as dg

from bottleneck_assets.defs.assets import failing_clearly
from bottleneck_assets.defs.metadata import asset_key, rows_metadata
from bottleneck_assets.defs.resources import Workbench
from bottleneck_assets.models import checks
from bottleneck_assets.models.checks import Verdict
from bottleneck_assets.publish.release import CheckResult

WARN, ERROR = dg.AssetCheckSeverity.WARN, dg.AssetCheckSeverity.ERROR


def table_check(
    ref: str, name: str, severity: dg.AssetCheckSeverity, judge: Callable[[Workbench], Verdict], *reads: str, description: str
) -> dg.AssetChecksDefinition:
    """Return the check of one property on one table; `reads` are the other tables that it looks at."""

    @dg.asset_check(
        name=name, asset=asset_key(ref), additional_deps=[asset_key(read) for read in reads], blocking=True, description=description
    )
    def check(workbench: Workbench) -> dg.AssetCheckResult:
        with failing_clearly():
            verdict = judge(workbench)
        metadata = {
            **verdict.figures,
            "remedy": verdict.remedy,
            **({"evidence": rows_metadata(verdict.evidence)} if verdict.evidence else {}),
        }
        return dg.AssetCheckResult(passed=verdict.passed, severity=severity, description=verdict.found, metadata=metadata)

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


TABLE_CHECKS = [
    table_check(
        "raw.export_columns",
        "known_columns_only",
        WARN,
        lambda bench: checks.known_columns_only(bench.warehouse),
        description="The export holds no table and no column that this workflow does not know.",
    ),
    table_check(
        "clean.row_accounting",
        "every_row_is_accounted_for",
        ERROR,
        lambda bench: checks.every_row_is_accounted_for(bench.warehouse),
        description="For every table: rows read = rows kept + rows in quarantine + exact duplicates dropped.",
    ),
    table_check(
        "clean.row_accounting",
        "quarantine_is_small",
        ERROR,
        lambda bench: checks.quarantine_is_small(bench.warehouse, bench.settings.max_quarantined_share),
        "clean.quarantine",
        description="No table has more of its rows in quarantine than the setting max_quarantined_share allows.",
    ),
    table_check(
        "clean.quarantine",
        "nothing_is_quarantined",
        WARN,
        lambda bench: checks.nothing_is_quarantined(bench.warehouse),
        description="Every row of the export can be used.",
    ),
    table_check(
        "clean.stock_ledger",
        "promo_units_reading_agrees_with_the_ledger",
        ERROR,
        lambda bench: checks.promo_units_reading_agrees_with_the_ledger(bench.warehouse),
        "raw.parameters",
        description="The stock of promoted products balances under the reading of Sales that the setting promo_units takes.",
    ),
    table_check(
        "clean.stock_ledger_exceptions",
        "stock_ledger_balances",
        WARN,
        lambda bench: checks.stock_ledger_balances(bench.warehouse),
        "clean.stock_ledger",
        description=f"Stock before + orders - sales = stock on at least {checks.MIN_BALANCED_SHARE:.0%} of the rows; the rest are listed.",
    ),
    table_check(
        "clean.sales",
        "months_follow_one_another",
        WARN,
        lambda bench: checks.months_follow_one_another(bench.warehouse),
        "clean.finance",
        description="Finance and Sales cover the same months, without a gap.",
    ),
    table_check(
        "clean.reporting_period",
        "period_has_sales",
        ERROR,
        lambda bench: checks.period_has_sales(bench.warehouse),
        "clean.sales",
        description="The reporting period, which may be set, has sales in the export.",
    ),
    table_check(
        "clean.reporting_period",
        "period_is_a_full_year",
        WARN,
        lambda bench: checks.period_is_a_full_year(bench.warehouse),
        description="The KPIs cover a whole year of the shop, October to September.",
    ),
    table_check(
        "clean.ca_par_segment",
        "revenue_agrees_with_the_export",
        WARN,
        lambda bench: checks.revenue_agrees_with_the_export(bench.warehouse),
        "clean.ca_par_segment_typed",
        "raw.export_columns",
        description="Revenue by segment is what the export's own table says, where it carries one.",
    ),
    *(
        table_check(
            f"extract.{tab}",
            "adds_up_to_the_headline",
            ERROR,
            lambda bench, tab=tab: checks.tab_adds_up(bench.warehouse, tab),
            "kpi.headline",
            "kpi.stock_turnover_by_segment",
            description=f"The tab adds up to the headline figures that it shows the parts of: {', '.join(measures)}.",
        )
        for tab, measures in checks.ADDS_UP.items()
    ),
]
