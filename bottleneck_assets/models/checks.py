"""What must hold between tables and over whole tables: each a function from the warehouse to a verdict.

Belongs here: properties that a contract of one table cannot say. Never here: Dagster's classes, what a failure leads to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bottleneck_assets.errors import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bottleneck_assets.engine.warehouse import Warehouse

MIN_BALANCED_SHARE = 0.99
"""Share of the ledger's rows that should balance: a handful of breakages and corrections is life, one in a hundred is a fault."""

CENT = 0.01
LISTED_ROWS = 50
LISTED_NAMES = 10
SHOWN_CHARACTERS = 100
OPTIONAL_TABLES = frozenset({"ca_par_segment"})


@dataclass(frozen=True)
class Verdict:
    """Whether a property holds, what was found, what to do if it does not, the rows that show it, and figures to plot over time."""

    passed: bool
    found: str
    remedy: str
    evidence: Sequence[Mapping[str, Any]] = ()
    figures: Mapping[str, float] = field(default_factory=dict)


def known_columns_only(warehouse: Warehouse) -> Verdict:
    """Tell whether the export holds only tables and columns that the contract knows."""
    unknown = warehouse.query(
        "select table_name, column_name, declared_type from raw.export_columns where not is_known order by table_name, column_name",
        reads=["raw.export_columns"],
    )
    names = [one_line(f"{row['table_name']}.{row['column_name']}", SHOWN_CHARACTERS) for row in unknown]
    listed = ", ".join([*names[:LISTED_NAMES], *(["..."] if len(names) > LISTED_NAMES else [])])
    found = f"Columns of the export that are not read: {listed}." if unknown else "Every column of the export is read."
    remedy = "Nothing need be done; if a column should be read, add it to its contract in models/raw."
    return Verdict(not unknown, found, remedy, unknown[:LISTED_ROWS], {"unknown_columns": len(unknown)})


def every_row_is_accounted_for(warehouse: Warehouse) -> Verdict:
    """Tell whether, for every table, rows read = rows kept + in quarantine + exact duplicates dropped + left out."""
    tables = warehouse.query("select * from clean.row_accounting order by source_table", reads=["clean.row_accounting"])
    lost = [
        row["source_table"]
        for row in tables
        if row["rows_read"] != row["rows_kept"] + row["rows_quarantined"] + row["duplicates_dropped"] + row["rows_left_out"]
    ]
    found = (
        f"Rows of {', '.join(lost)} are not accounted for."
        if lost
        else "Every row read is kept, in quarantine, an exact copy dropped, or no product's."
    )
    remedy = "Nothing was published. This is a fault of the workflow: report it with the export."
    return Verdict(not lost, found, remedy, tables, {"rows_read": sum(row["rows_read"] for row in tables)})


def quarantine_is_small(warehouse: Warehouse, max_share: float) -> Verdict:
    """Tell whether no table that figures are made from has more than a share of its rows in quarantine."""
    tables = warehouse.query("select * from clean.row_accounting order by source_table", reads=["clean.row_accounting"])
    over = [row for row in tables if (row["quarantined_share"] or 0) > max_share and row["source_table"] not in OPTIONAL_TABLES]
    reasons = warehouse.query(
        """
        select source_table, column_name, reason, cast(sum(row_count) as bigint) as row_count, arg_min(column_value, rank) as example
        from (
            select
                source_table, column_name, reason, column_value, count(*) as row_count,
                row_number() over (partition by source_table, column_name, reason order by count(*) desc, column_value nulls first) as rank
            from clean.quarantine group by source_table, column_name, reason, column_value
        )
        group by source_table, column_name, reason order by row_count desc, source_table, column_name, reason
        """,
        reads=["clean.quarantine"],
    )
    named = "; ".join(
        f"{row['source_table']} ({row['rows_quarantined']} of {row['rows_read']} rows; {_main_reason(row['source_table'], reasons)})"
        for row in over
    )
    found = (
        f"More than {_percent(max_share)} of the rows are in quarantine: {named}."
        if over
        else f"No table has more than {_percent(max_share)} of its rows in quarantine."
    )
    worst = max((row["quarantined_share"] or 0 for row in tables), default=0)
    remedy = "Correct these rows at the source; to publish without them, raise BOTTLENECK_MAX_QUARANTINED_SHARE."
    return Verdict(not over, found, remedy, reasons, {"worst_quarantined_share": worst})


def quarantine_is_worth_little(warehouse: Warehouse, max_share: float) -> Verdict:
    """Tell whether the rows in quarantine are worth no more than a share of the revenue, as far as their worth can be known."""
    tables = warehouse.query("select * from clean.quarantine_worth order by revenue desc, source_table", reads=["clean.quarantine_worth"])
    (sums,) = warehouse.query(
        """
        select coalesce(sum(worth.revenue), 0) as revenue, coalesce(max(sales.revenue), 0) as published
        from clean.quarantine_worth as worth cross join (select coalesce(sum(revenue), 0) as revenue from clean.sales) as sales
        """,
        reads=["clean.quarantine_worth", "clean.sales"],
    )
    share = float(sums["revenue"] / (sums["revenue"] + sums["published"])) if sums["revenue"] else 0.0
    worth = "; ".join(
        f"{row['source_table']}: {row['rows_quarantined']:,} rows, {row['units']:,} units, {row['revenue']:,.2f} EUR"
        for row in tables
        if row["revenue"]
    )
    found = (
        f"The rows in quarantine are worth {sums['revenue']:,.2f} EUR of revenue, {share:.2%} ({worth})."
        if worth
        else "The rows in quarantine are worth no revenue."
    )
    unknown = sum(row["rows_of_unknown_worth"] for row in tables)
    found += f" Of {unknown:,} rows that is not known." if unknown else ""
    remedy = "Correct these rows at the source; to publish without them, raise BOTTLENECK_MAX_QUARANTINED_REVENUE_SHARE."
    return Verdict(
        share <= max_share, found, remedy, tables, {"quarantined_revenue": float(sums["revenue"]), "quarantined_revenue_share": share}
    )


def rows_do_not_contradict_themselves(warehouse: Warehouse) -> Verdict:
    """Tell whether the cells that can be read also fit together."""
    rows = warehouse.query(
        """
        select contradiction, count(*) over (partition by contradiction) as row_count, month, sku, price, other_price, starts_on, ends_on
        from clean.contradictions
        qualify row_number() over (partition by contradiction order by month, sku) = 1
        order by row_count desc, contradiction
        """,
        reads=["clean.contradictions"],
    )
    named = "; ".join(f"{row['contradiction']}: {row['row_count']:,} rows, such as {_contradicting(row)}" for row in rows)
    found = f"Cells of the export contradict one another: {named}." if rows else "No cells of the export contradict one another."
    remedy = "Correct them at the source; the figures take them as they are. They are listed in quality/contradictions.csv."
    return Verdict(not rows, found, remedy, rows, {"contradictions": sum(row["row_count"] for row in rows)})


def labels_are_spelled_one_way(warehouse: Warehouse) -> Verdict:
    """Tell whether every segment and product type is spelled one way."""
    rows = warehouse.query(
        """
        select column_name, label, spelling, products
        from clean.labels
        qualify count(*) over (partition by column_name, label_key) > 1
        order by column_name desc, label, products desc, spelling
        """,
        reads=["clean.labels"],
    )
    others = [row for row in rows if row["spelling"] != row["label"]]
    named = [f"{_shown(row['spelling'])} ({row['products']:,} products) as {_shown(row['label'])}" for row in others]
    listed = "; ".join([*named[:LISTED_NAMES], *(["..."] if len(named) > LISTED_NAMES else [])])
    found = f"Labels are spelled in several ways: {listed}." if others else "Every segment and product type is spelled one way."
    return Verdict(
        not others, found, "They are taken as one; spell them one way in the shop.", rows[:LISTED_ROWS], {"other_spellings": len(others)}
    )


def every_column_says_how_it_is_read(warehouse: Warehouse) -> Verdict:
    """Tell whether every cell with two readings is settled by its column, and none is read the American way."""
    rows = warehouse.query(
        """
        select source_table, column_name, comma, dot, order_of_day, cells_with_two_readings
        from clean.notations where cells_with_two_readings > 0 order by source_table, column_name
        """,
        reads=["clean.notations"],
    )
    american = [f"{row['source_table']}.{row['column_name']}" for row in rows if row["order_of_day"] == "month first"]
    found = (
        f"Dates are read month first, as their whole column asks for: {', '.join(american)}."
        if american
        else "No date is read month first."
    )
    return Verdict(not american, found, "Look whether these dates are meant so; the shop writes year-month-day.", rows)


def every_product_is_wholly_known(warehouse: Warehouse) -> Verdict:
    """Tell whether no product has a promotion, sale or price of the period in quarantine."""
    rows = warehouse.query(
        f"select * from clean.unknown_products order by promotions + sales + prices desc, sku limit {LISTED_ROWS}",
        reads=["clean.unknown_products"],
    )
    total = warehouse.table("clean.unknown_products").rows
    listed = ", ".join([*(str(row["sku"]) for row in rows[:LISTED_NAMES]), *(["..."] if total > LISTED_NAMES else [])])
    found = (
        f"{total:,} products have promotions, sales or prices in quarantine and are left out of control groups and baselines: {listed}."
        if total
        else "No product has promotions, sales or prices in quarantine."
    )
    return Verdict(
        not total, found, "Correct their rows at the source; they are listed in quality/quarantine.csv.", rows, {"unknown_products": total}
    )


def nothing_is_quarantined(warehouse: Warehouse) -> Verdict:
    """Tell whether every row of the export can be used, and what those that cannot are worth."""
    rows = warehouse.query(
        """
        select source_table, row_number, record_key, column_name, column_value, reason
        from clean.quarantine
        order by count(*) over (partition by source_table, column_name, reason, column_value) desc, source_table, row_number limit 50
        """,
        reads=["clean.quarantine"],
    )
    total = warehouse.table("clean.quarantine").rows
    (worth,) = warehouse.query(
        "select sum(units) as units, sum(revenue) as revenue from clean.quarantine_worth", reads=["clean.quarantine_worth"]
    )
    first = next((f": {_cell_of(row)} {row['reason']}" for row in rows), "")
    found = (
        f"Rows of the export that cannot be used: {total}, worth {worth['units']:,} units and {worth['revenue']:,.2f} EUR"
        f"{first}{', ...' if total > 1 else '.'}"
        if total
        else "Every row of the export can be used."
    )
    remedy = "Correct these rows at the source; they are listed in quality/quarantine.csv."
    return Verdict(not total, found, remedy, rows, {"rows_quarantined": total})


def promo_units_reading_agrees_with_the_ledger(warehouse: Warehouse) -> Verdict:
    """Tell whether the setting `promo_units` is the reading of Sales under which the stock of promoted products balances."""
    (row,) = warehouse.query(
        """
        select
            min(parameters.promo_units) as promo_units,
            count(*) as promotions,
            count(*) filter (where ledger.difference_included = 0) as included,
            count(*) filter (where ledger.difference_excluded = 0) as excluded
        from clean.stock_ledger as ledger cross join raw.parameters as parameters
        where ledger.has_promotion
        """,
        reads=["clean.stock_ledger", "raw.parameters"],
    )
    counts = (
        f"of {row['promotions']} promotion rows the stock balances on {row['included']} with promotion units included in Sales, "
        f"on {row['excluded']} with them excluded"
    )
    supported = "included" if row["included"] > row["excluded"] else "excluded"
    remedy = f"Refresh with promo_units = {supported} (option --promo-units, or BOTTLENECK_PROMO_UNITS)."
    if row["included"] == row["excluded"]:
        return Verdict(passed=True, found=f"The ledger does not tell the readings apart: {counts}.", remedy=remedy, evidence=[row])
    agrees = row["promo_units"] == supported
    found = f"The ledger supports promo_units = {supported}: {counts}." + ("" if agrees else f" The setting is {row['promo_units']}.")
    return Verdict(agrees, found, remedy, [row], {"balanced_included": row["included"], "balanced_excluded": row["excluded"]})


def sale_prices_fit_the_evidence(warehouse: Warehouse) -> Verdict:
    """Tell whether the setting `sale_prices` is the reading that products with their value in the title support."""
    (parameters,) = warehouse.query("select sale_prices from raw.parameters", reads=["raw.parameters"])
    rows = warehouse.query("select * from clean.face_values order by sku", reads=["clean.face_values"])
    setting = parameters["sale_prices"]
    readings = {reading: [row for row in rows if row["supports"] == reading] for reading in ("incl_vat", "excl_vat")}
    figures = {f"products_{reading}": len(found) for reading, found in readings.items()}
    fitting, other = readings[setting], [row for reading, found in readings.items() if reading != setting for row in found]
    if not fitting and not other:
        found = f"No product names its value in euros beside prices that show VAT: sale_prices = {setting} is not tested."
        return Verdict(passed=True, found=found, remedy="", evidence=rows[:LISTED_ROWS], figures=figures)
    against = _priced(other[0]) if other else ""
    found = (
        f"sale_prices is {setting}, but {len(other)} of {len(fitting) + len(other)} products with their value in the title say otherwise: "
        f"{against}."
        if len(other) >= len(fitting)
        else f"sale_prices = {setting} fits {len(fitting)} of {len(fitting) + len(other)} products with their value in the title."
    )
    supported = "excl_vat" if setting == "incl_vat" else "incl_vat"
    remedy = f"If they are right, refresh with BOTTLENECK_SALE_PRICES={supported}; a rate may be wrong as well (BOTTLENECK_VAT_RATES)."
    return Verdict(len(other) < len(fitting), found, remedy, rows[:LISTED_ROWS], figures)


def _priced(row: Mapping[str, Any]) -> str:
    title = one_line(row["title"], SHOWN_CHARACTERS)
    return f"{title} sells at {row['price'].normalize():f} and is bought at {row['purchase_price']:.2f}"


def every_segment_has_a_rate_of_vat(warehouse: Warehouse) -> Verdict:
    """Tell whether the settings give every segment a rate of VAT."""
    rows = warehouse.query("select * from clean.segment_vat where is_assumed order by segment", reads=["clean.segment_vat"])
    named = ", ".join(f"{one_line(row['segment'], SHOWN_CHARACTERS)} ({row['vat_rate'].normalize():f})" for row in rows[:LISTED_NAMES])
    more = ", ..." if len(rows) > LISTED_NAMES else ""
    found = f"Segments without a rate of VAT, taken at the commonest: {named}{more}." if rows else "Every segment has its rate of VAT."
    remedy = "Add them to BOTTLENECK_VAT_RATES, with their rate."
    return Verdict(not rows, found, remedy, rows[:LISTED_ROWS], {"segments_without_rate": len(rows)})


def stock_ledger_balances(warehouse: Warehouse) -> Verdict:
    """Tell whether stock before + orders - sales = stock holds on nearly every row; list the rows where it does not."""
    total = warehouse.table("clean.stock_ledger").rows
    off = warehouse.table("clean.stock_ledger_exceptions").rows
    rows = warehouse.query(
        f"select * from clean.stock_ledger_exceptions order by abs(difference_included) desc, month, sku limit {LISTED_ROWS}",
        reads=["clean.stock_ledger_exceptions"],
    )
    share = (total - off) / total if total else 1.0
    found = (
        f"{total - off} of {total} rows of the stock ledger balance ({share:.2%}); {off} do not, in quality/stock_ledger_exceptions.csv."
    )
    remedy = "Let the shop explain the listed rows: stock that came or went without an order or a sale."
    return Verdict(share >= MIN_BALANCED_SHARE, found, remedy, rows, {"balanced_share": share, "rows_off_balance": off})


def months_follow_one_another(warehouse: Warehouse) -> Verdict:
    """Tell whether Finance and Sales cover the same months, without a gap."""
    months = {
        table: {row["month"] for row in warehouse.query(f"select distinct month from clean.{table}", reads=[f"clean.{table}"])}
        for table in ("finance", "sales")
    }
    covered = months["finance"] | months["sales"]
    expected = (
        {_month(ordinal) for ordinal in range(min(map(_ordinal, covered)), max(map(_ordinal, covered)) + 1)}
        if covered
        else set[tuple[int, int]]()
    )
    gaps = [
        {"table": table, "month": f"{year}-{month:02}"}
        for table, found in months.items()
        for year, month in sorted(expected - {(day.year, day.month) for day in found})
    ]
    named = ", ".join(f"{gap['table']} {gap['month']}" for gap in gaps)
    remedy = "Ask the shop for an export with all months."
    found = f"Months are missing: {named}." if gaps else f"{len(expected)} months follow one another."
    return Verdict(not gaps, found, remedy, gaps, {"months": len(covered)})


def period_has_sales(warehouse: Warehouse) -> Verdict:
    """Tell whether the reporting period has any sales; a period that is set may have none."""
    (period,) = warehouse.query("select * from clean.reporting_period", reads=["clean.reporting_period"])
    (covered,) = warehouse.query("select min(month) as first_month, max(month) as last_month from clean.sales", reads=["clean.sales"])
    named = f"{_named(period['period_start'])} to {_named(period['period_end'])}"
    if period["months"]:
        return Verdict(passed=True, found=f"There are sales from {named}.", remedy="", figures={"months": period["months"]})
    found = f"There are no sales from {named}; the export covers {_named(covered['first_month'])} to {_named(covered['last_month'])}."
    return Verdict(passed=False, found=found, remedy="Set a period that the export covers, or none.", evidence=[period])


def period_is_a_full_year(warehouse: Warehouse) -> Verdict:
    """Tell whether the KPIs cover a whole year of the shop, October to September."""
    (period,) = warehouse.query("select * from clean.reporting_period", reads=["clean.reporting_period"])
    named = f"{_named(period['period_start'])} to {_named(period['period_end'])}"
    found = (
        f"The KPIs cover {named}, a full year."
        if period["is_full_year"]
        else f"The KPIs cover {named}, {period['months']} months with sales; no full year."
    )
    remedy = "Read the figures as those of a part of a year; ask the shop for twelve months, October to September."
    return Verdict(period["is_full_year"], found, remedy, [period], {"months": period["months"]})


def revenue_agrees_with_the_export(warehouse: Warehouse) -> Verdict:
    """Tell whether revenue by segment is what the export's own table says, where it carries one."""
    rows = warehouse.query(
        """
        select
            coalesce(ours.segment, theirs.segment) as segment,
            ours.revenue,
            theirs.revenue as exported_revenue
        from clean.ca_par_segment as ours
        full join (select segment, revenue from clean.ca_par_segment_typed where defect is null and not is_exact_copy) as theirs
            on ours.segment = theirs.segment
        order by segment
        """,
        reads=["clean.ca_par_segment", "clean.ca_par_segment_typed"],
    )
    carried = warehouse.query(
        "select 1 from raw.export_columns where lower(table_name) = 'ca_par_segment' limit 1", reads=["raw.export_columns"]
    )
    remedy = "Compare the two: the export's own may cover other months or read the promotion units another way."
    if not carried:
        return Verdict(passed=True, found="The export carries no revenue by segment of its own.", remedy=remedy, evidence=rows)
    off = [
        row
        for row in rows
        if row["revenue"] is None or row["exported_revenue"] is None or abs(row["revenue"] - row["exported_revenue"]) > CENT
    ]
    named = "; ".join(
        f"{one_line(row['segment'] or '', SHOWN_CHARACTERS)}: {row['revenue']} here, {row['exported_revenue']} in the export" for row in off
    )
    more = "; ..." if len(off) > LISTED_NAMES else ""
    found = f"Revenue differs from the export's own: {named}{more}." if off else "Revenue by segment is the export's own."
    return Verdict(not off, found, remedy, rows)


def recommendations_add_up(warehouse: Warehouse) -> Verdict:
    """Tell whether the tab of recommendations holds every scope of each once: as many, and the same effects, as their summary says."""
    rows = warehouse.query(
        """
        select
            summary.recommendation,
            count(tab.scope) filter (where tab.finding <> 'nothing_found') as scopes,
            summary.scopes as scopes_summed,
            coalesce(sum(tab.yearly_effect), 0) as yearly_effect,
            summary.yearly_effect + summary.opposed_effect as yearly_effect_summed
        from recommendation.summary as summary
        left join extract.business_recommendations as tab on summary.recommendation = tab.recommendation
        group by all order by summary.recommendation
        """,
        reads=["recommendation.summary", "extract.business_recommendations"],
    )
    off = [
        row["recommendation"]
        for row in rows
        if (row["scopes"], row["yearly_effect"]) != (row["scopes_summed"], row["yearly_effect_summed"])
    ]
    found = (
        f"The tab does not add up to its summary: {', '.join(off)}."
        if off
        else f"The tab holds every scope of {len(rows)} recommendations, and their effects add up."
    )
    return Verdict(not off, found, "Nothing was published. This is a fault of the workflow: report it with the export.", rows)


def _percent(share: float) -> str:
    return f"{100 * share:g}%"  # 0.005 is half a percent, not none


def _main_reason(table: str, reasons: Sequence[Mapping[str, Any]]) -> str:
    return next(
        f"{row['column_name']} {row['reason']}, such as {_shown(row['example'])}" for row in reasons if row["source_table"] == table
    )


def _cell_of(row: Mapping[str, Any]) -> str:
    key = one_line(row["record_key"] or "", SHOWN_CHARACTERS)
    return f"{row['source_table']} {key}, {row['column_name']} {_shown(row['column_value'])}"


def _contradicting(row: Mapping[str, Any]) -> str:
    where = f"{row['sku']} in {_named(row['month'])} ({row['price'].normalize():f} against {row['other_price'].normalize():f}"
    return f"{where}, {row['starts_on']} to {row['ends_on']})" if row["starts_on"] else f"{where})"


def _shown(text: str | None) -> str:
    """Return what the export holds as a line that a terminal shows as it is: in quotes, escaped, and cut where it is long."""
    return repr(text if text is None or len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}...")


def _ordinal(month: Any) -> int:  # noqa: ANN401 - a date out of a query
    return month.year * 12 + month.month - 1


def _named(month: Any) -> str:  # noqa: ANN401 - a date out of a query, or null
    return f"{month:%Y-%m}" if month else "no month"


def _month(ordinal: int) -> tuple[int, int]:
    return ordinal // 12, ordinal % 12 + 1
