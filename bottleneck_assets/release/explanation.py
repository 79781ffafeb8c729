"""Explains a figure of a release: its value, what it is made of, where that comes from, and what it leaves out.

Belongs here: an explanation, put together from the measure, the models and the release's own files. Never here: a formula (measures.py),
or how an explanation is printed.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from bottleneck_assets import wording
from bottleneck_assets.engine.parquet_files import query_parquet
from bottleneck_assets.errors import BottleneckError
from bottleneck_assets.figures.combinations import Counted, Index, Latest, Ratio, Rise, When, columns_of, parts_of
from bottleneck_assets.figures.described import formula_of, part_of
from bottleneck_assets.figures.measures import GRAINS, MEASURES
from bottleneck_assets.figures.portable import metric_of, whole_shop
from bottleneck_assets.figures.rows import NotInTheseRowsError, rows_of
from bottleneck_assets.models.catalog import models
from bottleneck_assets.release.publishing import published_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bottleneck_assets.figures.combinations import Combination
    from bottleneck_assets.figures.measures import Dimension, Measure, Words
    from bottleneck_assets.figures.portable import Metric
    from bottleneck_assets.figures.rows import Rows
    from bottleneck_assets.models.lineage import ColumnRef
    from bottleneck_assets.release.release import Release

HEADLINE = "kpis/headline.csv"
_SETTINGS = ("raw.parameters", "raw.vat_rates")
"""The tables of the raw layer that hold settings, and nothing of the export."""
_UNKNOWN = "clean.unknown_products"


class UnknownFigureError(BottleneckError):
    """A figure that there is none of, or that no file of a release can give."""


@dataclass(frozen=True)
class ExplainedPart:
    """A part of a figure: its name, what it is in each row, and its sum over the whole shop; none where it is not summed."""

    name: str
    said: str
    total: float | None


@dataclass(frozen=True)
class Explanation:
    """A figure, explained.

    `value` is that of the whole shop, over every row that `covers` says; `day` the day that it is of, None if it is of months. `selects`
    are the models behind it, from the table of `file` back to the export, `exported` the columns of the export, `settings` the settings.
    `cut_by` are the dimensions by which it may be cut,
    `not_by` those by which it may not, with the reason, and `left_out` what it does not hold.
    """

    measure: Measure
    value: float | None
    day: dt.date | None
    formula: str
    sql: str
    tableau: str
    parts: Sequence[ExplainedPart]
    file: str
    selects: Sequence[str]
    exported: Sequence[str]
    settings: Sequence[str]
    covers: str
    cut_by: Sequence[str]
    not_by: Mapping[Dimension, Words]
    left_out: Sequence[str]


def measure_called(name: str) -> Measure:
    """Return the measure that a name, or a label in either language, stands for. Raises UnknownFigureError."""
    called = {
        one.casefold(): measure
        for measure in MEASURES.values()
        for one in (measure.short_label.fr, measure.short_label.en, measure.label.fr, measure.label.en, measure.name)
    }
    sought = name.casefold().strip()
    if sought in called:
        return called[sought]
    near = get_close_matches(sought, called, n=3, cutoff=0.5)
    remedy = f"Did you mean {', '.join(dict.fromkeys(called[one].name for one in near))}?" if near else f"There are: {', '.join(MEASURES)}."
    problem = f"There is no figure {name}."
    raise UnknownFigureError(problem, remedy)


def explanation_of(release: Release, measure: Measure) -> Explanation:
    """Explain a figure of a release. Raises UnknownFigureError if none of its files has the figure's parts, else what its files raise."""
    try:
        metric = metric_of(measure)
    except NotInTheseRowsError as error:
        problem = f"{measure.label.en} cannot be computed from the files of a release: none has its parts."
        raise UnknownFigureError(problem, "The dashboard and the workbook show it.") from error
    rows = rows_of(models()[metric.dataset.ref])
    sources = [(metric.dataset.ref, column) for column in _columns(measure.combination, rows)]
    origins = origins_of(sources)
    totals = _totals(release, metric, rows)
    return Explanation(
        measure=measure,
        value=_published(release, measure, totals["value"]),
        day=day_of(release, measure),
        formula=formula_of(measure.combination),
        sql=metric.sql,
        tableau=metric.tableau,
        parts=[ExplainedPart(part, _part_of(part, rows), totals.get(part)) for part in parts_of(measure.combination)],
        file=_file(metric),
        selects=_selects(sources),
        exported=exported(release, origins),
        settings=settings_among(origins),
        covers=GRAINS[measure.grain].row,
        cut_by=list(metric.cut_by),
        not_by=metric.not_by,
        left_out=[*_left_out(metric, rows), *in_quarantine(release, sources)],
    )


def day_of(release: Release, measure: Measure) -> dt.date | None:
    """Return the day that a figure of the stock is of: the stock date, or the last day of the period. None for a figure of months."""
    if measure.moment == "stock_date":
        stock = release.typed_rows(published_path(models()["extract.stock_turnover"]))
        return max((row["stock_date"] for row in stock if row["stock_date"]), default=None)
    period = release.manifest.period
    return wording.last_day(dt.date.fromisoformat(f"{period.period_end}-01")) if measure.moment and period else None


def _part_of(name: str, rows: Rows) -> str:
    told = part_of(name, rows)
    return "" if told == name else told


def _columns(combination: Combination, rows: Rows) -> list[str]:
    """Return the columns that a figure is computed from."""
    parts = [rows.part(name) for name in parts_of(combination)]
    return list(dict.fromkeys(column for part in parts for column in ((part,) if isinstance(part, str) else columns_of(part))))


def _totals(release: Release, metric: Metric, rows: Rows) -> dict[str, float | None]:
    """Return the figure and the sums of its parts over the whole shop, from the release's Parquet."""
    file = release.parquet(_file(metric))
    parts = () if _is_of_a_moment(metric.measure.combination) else parts_of(metric.measure.combination)
    select = whole_shop(metric, [part for part in parts if rows.part(part) == part])
    release.open(file).close()  # it is there, and what was published
    (found,) = query_parquet(select, {metric.dataset.source: release.folder / file.path})
    return {name: None if value is None else float(value) for name, value in found.items()}


def _is_of_a_moment(combination: Combination) -> bool:
    """Whether a figure takes its parts at some months only: to sum them over all would say nothing."""
    match combination:
        case Ratio(of, over, _):
            return _is_of_a_moment(of) or _is_of_a_moment(over)
        case Rise(of):
            return _is_of_a_moment(of)
        case _:
            return isinstance(combination, Latest | Index)


def _published(release: Release, measure: Measure, computed: float | None) -> float | None:
    """Return the figure as the release's headline has it, else as it was computed from the release's rows."""
    if not measure.headline:
        return computed
    (row,) = (row for row in release.rows(HEADLINE) if row["kpi"] == measure.name)
    return float(row["value"]) if row["value"] else None


def _file(metric: Metric) -> str:
    return published_path(models()[metric.dataset.ref])


def origins_of(sources: Sequence[tuple[str, str]]) -> list[ColumnRef]:
    """Return the columns of the raw layer that columns come from, each given as its table and its name."""
    from bottleneck_assets.models.lineage import origins

    return sorted({origin for table, column in sources for origin in origins(table, column)})


def tables_behind(sources: Sequence[tuple[str, str]]) -> list[str]:
    """Return the tables that columns come through, the nearest first."""
    from bottleneck_assets.models.lineage import column_sources

    waiting, seen = [*sources], dict[tuple[str, str], None]()
    while waiting:
        if (one := waiting.pop(0)) not in seen:
            seen[one] = None
            waiting.extend(column_sources(one[0]).get(one[1], ()))
    return list(dict.fromkeys(table for table, _ in seen))


def _selects(sources: Sequence[tuple[str, str]]) -> list[str]:
    return [f"models/{table.replace('.', '/')}.sql" for table in tables_behind(sources) if models()[table].sql is not None]


def settings_among(origins: Sequence[ColumnRef]) -> list[str]:
    """Return the settings among columns of the raw layer."""
    return sorted({"vat_rates" if table == "raw.vat_rates" else column for table, column in origins if table in _SETTINGS})


def exported(release: Release, origins: Sequence[ColumnRef]) -> list[str]:
    """Return the columns of the export, as it spells them."""
    spelled = {
        (row["table_name"].casefold(), row["column_name"].casefold()): f"{row['table_name']}.{row['column_name']}"
        for row in release.rows("quality/export_columns.csv")
    }
    places = [(table.partition(".")[2], column) for table, column in origins if table not in _SETTINGS]
    return [spelled[place] for place in places if place in spelled]


def _left_out(metric: Metric, rows: Rows) -> Iterator[str]:
    """Yield which rows the parts of a figure leave out."""
    for name in parts_of(metric.measure.combination):
        part = rows.part(name)
        if isinstance(part, When) or (isinstance(part, Counted) and part.condition):
            condition = part_of(name, rows).partition(" where ")[2]
            yield f"rows where this does not hold: {condition} (in {name})"


def in_quarantine(release: Release, sources: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield how many rows of the export's tables behind columns could not be used, and how many products are unknown for that."""
    tables = {table.partition(".")[2] for table, _ in origins_of(sources)}
    for row in release.rows("quality/row_accounting.csv"):
        if row["source_table"] in tables and row["rows_quarantined"] not in {"", "0"}:
            yield f"{row['rows_quarantined']} of {row['rows_read']} rows of {row['source_table']}, in quarantine (quality/quarantine.csv)"
    if any(_UNKNOWN in models()[table].reads for table in tables_behind(sources)):
        listed = published_path(models()[_UNKNOWN])
        if products := next((file.rows for file in release.manifest.files if file.path == listed), None):
            yield f"what rests on a baseline, of {products} products with rows in quarantine ({listed})"
