"""Whether a tab adds up to the headline: every KPI that its rows bear, computed from them and compared.

Belongs here: that check. Never here: what must hold between tables whatever the figures are (models/checks.py).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bottleneck_assets.figures.measures import HEADLINE, MEASURES
from bottleneck_assets.figures.rows import NotInTheseRowsError, Rows, rows_of
from bottleneck_assets.figures.sql import Sql
from bottleneck_assets.figures.tabs import TABS
from bottleneck_assets.models.catalog import models
from bottleneck_assets.models.checks import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bottleneck_assets.engine.warehouse import Warehouse

ROUNDING = 1e-9
HELD_AGAINST_THE_HEADLINE = tuple(tab for tab in TABS if "finding" not in tab.grains)
"""The tabs whose figures the headline has. What holds of the recommendations stands in models/checks.py."""

_COGS_AND_STOCK = """(
    select null as month, cogs as cogs_stocked, null as stock_value_stocked from extract.stock_turnover
    union all
    select month, null as cogs_stocked, stock_value_end as stock_value_stocked from extract.overview
)"""
"""A row a stocked product has no months: the month-end values of its stock are those of the overview."""


def tab_adds_up(warehouse: Warehouse, tab: str) -> Verdict:
    """Tell whether a tab adds up to the headline figures that it shows the parts of."""
    expressions, source = expressions_of(tab)
    cells = ", ".join(f"{expression} as {kpi}" for kpi, expression in expressions.items())
    (added,) = warehouse.query(f"select {cells} from {source}", reads=[f"extract.{tab}", "extract.overview"])
    headline = {row["kpi"]: row["value"] for row in warehouse.query("select kpi, value from kpi.headline", reads=["kpi.headline"])}
    rows = [{"kpi": kpi, "tab": added[kpi], "headline": headline[kpi]} for kpi in expressions]
    off = [kpi for kpi in expressions if not _same(added[kpi], headline[kpi])]
    named = "; ".join(f"{kpi}: {added[kpi]} in the tab, {headline[kpi]} in the headline" for kpi in off)
    found = f"The tab does not add up: {named}." if off else f"The tab adds up to the headline: {', '.join(expressions)}."
    return Verdict(not off, found, "Nothing was published. This is a fault of the workflow: report it with the export.", rows)


def expressions_of(tab: str) -> tuple[Mapping[str, str], str]:
    """Return the KPIs that a tab must add up to, each as SQL over the rows of a source, and that source."""
    if tab == "stock_turnover":
        rows, source = Rows(frozenset({"month", "cogs_stocked", "stock_value_stocked"}), (), ("sale",)), _COGS_AND_STOCK
        return {"stock_turnover": Sql(rows, source, source).measure(MEASURES["stock_turnover"])}, source
    source = f"extract.{tab}"
    sql, found = Sql(rows_of(models()[source]), source, source), dict[str, str]()
    for measure in HEADLINE:
        try:
            found[measure.name] = sql.whole(measure)
        except NotInTheseRowsError:
            continue
    return found, source


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=ROUNDING, abs_tol=ROUNDING)
