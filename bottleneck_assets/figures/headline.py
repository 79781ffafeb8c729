"""Writes the SELECT of `kpi.headline` from the measures that are KPIs of the whole shop.

Belongs here: that SELECT. Never here: a formula (measures.py has them), or the KPIs' order; that is theirs in measures.py.

`models/kpi/headline.sql` holds the result, so that it reads, runs and is analysed as every model: `python -m
bottleneck_assets.figures.headline` writes it anew after a measure has changed, and a test holds the two together.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING

from bottleneck_assets.figures.combinations import Distinct, Latest, Ratio, Sum
from bottleneck_assets.figures.measures import HEADLINE
from bottleneck_assets.figures.rows import rows_of
from bottleneck_assets.figures.sql import Sql
from bottleneck_assets.models import kpi
from bottleneck_assets.models.catalog import models

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bottleneck_assets.figures.combinations import Combination
    from bottleneck_assets.figures.measures import Measure

SELECT = Path(kpi.__file__).with_name("headline.sql")


def headline_select(measures: Sequence[Measure] = HEADLINE) -> str:
    """Return the SELECT: the aggregates of each table that a KPI is computed from, and then a row for each KPI."""
    aggregates: dict[str, dict[str, str]] = {}
    rows = [
        _row(place, measure, _value(measure, measure.combination, aggregates.setdefault(measure.headline, {})))
        for place, measure in enumerate(measures, start=1)
    ]
    tables = [_cte(_named(table), f"{_select(columns)}\nfrom {table}") for table, columns in aggregates.items()]
    return f"{_FIRST}{_BLANK.join([*tables, _PERIOD, _cte('headline', _UNION.join(rows))])}\n{_LAST}"


def _value(measure: Measure, combination: Combination, aggregates: dict[str, str]) -> str:
    """Return a KPI over the aggregates of its table, and add those that it needs."""
    match combination:
        case Ratio(of, over, times):
            scaled = f"{times!r} * " if times != 1 else ""
            return f"{scaled}{_value(measure, of, aggregates)} / nullif({_value(measure, over, aggregates)}, 0)"
        case Sum(name):
            pass
        case Distinct(column, part):
            name = f"{column}s_of_{part}"
        case Latest(part):
            name = f"last_{part}"
        case _:
            name = measure.name
    sql = Sql(rows_of(models()[measure.headline]), measure.headline, measure.headline)
    aggregates[name] = sql.whole(measure) if name == measure.name and combination == measure.combination else sql.figure(combination)
    return name


def _named(table: str) -> str:
    return f"over_{table.partition('.')[2]}"


def _cte(name: str, select: str) -> str:
    return f"{name} as (\n{indent(select, '    ')}\n)"


def _row(place: int, measure: Measure, value: str) -> str:
    told = {
        "position": str(place),
        "kpi": f"'{measure.name}'",
        "label": f"'{measure.label.en}'",
        "value": value,
        "unit": f"'{measure.unit}'",
    }
    return _select(told) + f"\nfrom {_named(measure.headline)}"


def _select(columns: Mapping[str, str]) -> str:
    cells = [_cell(value, name) for name, value in columns.items()]
    return f"select {cells[0]}" if len(cells) == 1 and "\n" not in cells[0] else "select\n" + indent(_COMMA.join(cells), "    ")


def _cell(value: str, name: str) -> str:
    """Return a column with its name, a cast that is too long for a line over three."""
    inner = value.removeprefix("cast(").removesuffix(")")
    return f"{value} as {name}" if len(value) < _LINE else f"cast(\n    {inner}\n) as {name}"


_LINE = 110
_COMMA, _UNION, _BLANK = ",\n", "\nunion all\n", ",\n\n"
_FIRST = """\
-- one row per KPI, for the whole shop; written by figures/headline.py from figures/measures.py
with

"""
_PERIOD = """\
reporting_period as (
    select
        period_start,
        period_end
    from clean.reporting_period
)"""
_LAST = """
select
    headline.kpi,
    case
        when parameters.sale_prices = 'excl_vat' then replace(headline.label, ' (incl. VAT)', '')
        else headline.label
    end as label,
    headline.value,
    headline.unit,
    reporting_period.period_start,
    reporting_period.period_end
from headline
cross join reporting_period
cross join raw.parameters as parameters
order by headline.position
"""

if __name__ == "__main__":
    SELECT.write_text(headline_select(), encoding="utf-8")
