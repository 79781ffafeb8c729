"""Writes measures so that other programs can compute them: standard SQL and Tableau's language, over the published tables of a star.

Belongs here: which table a measure is computed from elsewhere, its expression there, and by what it may be cut. Never here: a measure's
own formula (measures.py), a language's forms (sql.py, tableau.py), or a file format (render/semantic_model.py).

Other programs filter rows before they sum, and know nothing of `months in view`. So what spans months (the last one, an index, a share of
the period) is computed over the reporting period, and may not be cut by month.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bottleneck_assets.figures.combinations import Constant, Counted, Distinct, Index, Largest, Latest, Ratio, Rise, Sum, ToDate, Whole
from bottleneck_assets.figures.measures import DIMENSIONS, MEASURES, Words
from bottleneck_assets.figures.rows import NotInTheseRowsError, Rows, rows_of
from bottleneck_assets.figures.sql import Sql
from bottleneck_assets.figures.tableau import Tableau
from bottleneck_assets.models.catalog import models

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bottleneck_assets.figures.combinations import Combination
    from bottleneck_assets.figures.measures import Dimension, Measure

DATABASE, SCHEMA = "bottleneck", "main"
"""Where the published tables are expected, each under the name of its file."""
STANDARD = "postgres"
"""The dialect whose spelling of types is the standard's: DOUBLE PRECISION."""


@dataclass(frozen=True)
class Dataset:
    """A table of the star: its name there, the model that it is, what it is called, and what its keys refer to, by columns of its own."""

    name: str
    ref: str
    label: Words
    refers_to: Mapping[str, str]

    @property
    def source(self) -> str:
        """Where its rows are expected."""
        return f"{DATABASE}.{SCHEMA}.{models()[self.ref].name}"


_PRODUCT, _MONTH = {"sku": "products"}, {"month": "months"}
DATASETS = (
    Dataset("products", "clean.web", Words("Products", "Produits"), {}),
    Dataset("months", "clean.months", Words("Months", "Mois"), {}),
    Dataset("sales", "clean.sales_in_period", Words("Sales", "Ventes"), _PRODUCT | _MONTH),
    Dataset("promotions", "extract.promotions_roi", Words("Promotions", "Promotions"), _PRODUCT | _MONTH),
    Dataset("ratings", "extract.customer_preferences", Words("Ratings and comments", "Notes et commentaires"), _PRODUCT),
    Dataset("ranking", "extract.top_products", Words("Products by revenue", "Produits par CA TTC"), _PRODUCT),
    Dataset("stock", "extract.stock_turnover", Words("Stock at the end", "Stock final"), _PRODUCT),
    Dataset("prices", "kpi.basket_costs", Words("Prices", "Prix"), _MONTH),
    Dataset("findings", "extract.business_recommendations", Words("Findings", "Constats"), _PRODUCT | _MONTH),
)
"""The star, those first that others refer to. A measure is computed from the first table that bears its grain and has its parts."""

_OF_THE_LAST_MONTH = Words("a value of the last month", "valeur du dernier mois")
_BETWEEN_MONTHS = Words("a comparison of the last month with the first", "comparaison du dernier mois avec le premier")
_OF_THE_PERIOD = Words("a share of the whole period", "part de toute la période")
_TO_THE_END = Words("a value at the end of the period", "valeur à la fin de la période")
_NOT_TOLD_APART = Words("a row is of all of them", "une ligne les réunit tous")


@dataclass(frozen=True)
class Metric:
    """A measure elsewhere: its table, its expressions there, by which fields it may be cut and filtered, and why not by others."""

    measure: Measure
    dataset: Dataset
    sql: str
    tableau: str
    cut_by: Mapping[Dimension, str]
    not_by: Mapping[Dimension, Words]


class _OverThePeriod(Sql):
    """Measures over the rows that are filtered, whose months are those of the reporting period. None is read from a row."""

    def figure(self, combination: Combination) -> str:
        """Return a combination. Raises NotInTheseRowsError if the rows lack a part."""
        return self._computed(combination)

    def _part(self, name: str) -> str:
        match self.rows.part(name):
            case Counted(column, None):  # other programs find the table by its columns
                return f"case when {column} is not null then 1 end"
            case _:
                return super()._part(name)

    def _computed(self, combination: Combination) -> str:
        match combination:
            case Index(part):
                first = f"case when month = (select min(month) from {self.in_view}) then {self._part(part)} end"
                return f"100 * ({self._computed(Latest(part))} / nullif(cast(sum({first}) as double), 0))"
            case ToDate(of):
                return self._computed(of)
            case _:
                return super()._computed(combination)

    @property
    def _last_month(self) -> str:
        return f"(select max(month) from {self.in_view})"


class _OverThePeriodInTableau(Tableau):
    """The same in Tableau's language, whose formulas see months that a filter has taken away: an index keeps its first month."""

    def _part(self, name: str) -> str:
        match self.rows.part(name):
            case Counted(column, None):  # of several tables, Tableau finds the one by its columns
                return f"IF NOT ISNULL([{column}]) THEN 1 END"
            case _:
                return super()._part(name)

    def _computed(self, combination: Combination) -> str:
        match combination:
            case Index(part):
                told_apart = ", ".join(f"[{column}]" for column in self.rows.told_apart_by)
                first = f"IF [month] = {{FIXED : MIN([month])}} THEN {self._part(part)} END"
                based = f"{{FIXED {told_apart} : SUM({first})}}"
                return f"100 * ({self._latest('SUM', self._part(part))}) / ({self._latest('SUM', based)})"
            case ToDate(of):
                return self._computed(of)
            case _:
                return super()._computed(combination)


def metrics() -> list[Metric]:
    """Return the measures that other programs can compute, in their order."""
    return [found for measure in MEASURES.values() if (found := _found(measure))]


def left_out() -> list[Measure]:
    """Return the measures that they cannot: no published table has their parts."""
    return [measure for measure in MEASURES.values() if not _found(measure)]


def metric_of(measure: Measure) -> Metric:
    """Return a measure as other programs compute it. Raises NotInTheseRowsError if no published table has its parts."""
    for dataset in DATASETS:
        rows = rows_of(models()[dataset.ref])
        try:
            if measure.grain in rows.grains:
                return _in(dataset, rows, measure)
        except NotInTheseRowsError:
            continue
    raise NotInTheseRowsError(measure.name)


def whole_shop(metric: Metric, summed: Sequence[str]) -> str:
    """Return a SELECT of a metric, as `value`, and of the sums of columns of its table, over all of its rows."""
    sums = [f"cast(sum({metric.dataset.name}.{column}) as double) as {column}" for column in summed]
    return f"select {', '.join([f'{metric.sql} as value', *sums])} from {metric.dataset.source} as {metric.dataset.name}"


def _found(measure: Measure) -> Metric | None:
    try:
        return metric_of(measure)
    except NotInTheseRowsError:
        return None


def _in(dataset: Dataset, rows: Rows, measure: Measure) -> Metric:
    written = _OverThePeriod(rows, dataset.source, dataset.source).figure(measure.combination)
    tableau = _OverThePeriodInTableau(rows).figure(measure.combination)
    reasons: dict[Dimension, Words | None] = {dimension: _why_not(measure, dataset, rows, dimension) for dimension in DIMENSIONS}
    cut_by: dict[Dimension, str] = {one: _field(dataset, rows, one) for one, reason in reasons.items() if not reason}
    return Metric(measure, dataset, _qualified(written, dataset), tableau, cut_by, {one: why for one, why in reasons.items() if why})


def _qualified(written: str, dataset: Dataset) -> str:
    """Return an expression in standard SQL with its table's name before each column, but where a subquery has rows of its own."""
    from sqlglot import exp, parse_one

    tree = parse_one(written, read=STANDARD)
    for column in tree.find_all(exp.Column):
        if not column.find_ancestor(exp.Select):
            column.set("table", exp.to_identifier(dataset.name))
    if isinstance(tree, exp.Cast) and isinstance(tree.this, exp.Sum | exp.Count):
        tree = tree.this  # alone it stays exact
    return tree.sql(dialect=STANDARD)


def _why_not(measure: Measure, dataset: Dataset, rows: Rows, dimension: Dimension) -> Words | None:
    if unknown := measure.why_not(dimension):
        return unknown
    if not _field(dataset, rows, dimension):
        return _NOT_TOLD_APART
    return _spans_months(measure.combination) if dimension == "month" else None


def _field(dataset: Dataset, rows: Rows, dimension: Dimension) -> str:
    """Return the field of a dimension: the table's own, else its product's; empty if there is neither."""
    if dimension in rows.columns:
        return f"{dataset.name}.{dimension}"
    return f"products.{dimension}" if "sku" in dataset.refers_to and dimension in {"segment", "product_type"} else ""


def _spans_months(combination: Combination) -> Words | None:
    for kind, why in ((Latest, _OF_THE_LAST_MONTH), (Index, _BETWEEN_MONTHS), (Whole, _OF_THE_PERIOD), (ToDate, _TO_THE_END)):
        if _has(combination, kind):
            return why
    return None


def _has(combination: Combination, kind: type) -> bool:
    match combination:
        case Ratio(of, over, _):
            inner: tuple[Combination, ...] = (of, over)
        case Whole(of) | Rise(of) | ToDate(of):
            inner = (of,)
        case Sum() | Latest() | Largest() | Distinct() | Constant() | Index():
            inner = ()
    return isinstance(combination, kind) or any(_has(one, kind) for one in inner)
