"""Writes the data source over the release's extract: its tables with what relates them, and every measure that they bear, in two languages.

Belongs here: which tables it shows, how they hang together, and what its fields are called. Never here: a measure's formula
(figures/portable.py), what Tableau should know of a column (fields.py), or its package (star_package.py).

A field is called by its table and its column, so that a new column never renames another's. Tables, objects and the columns behind them
all stand in the order of these names: of published data sources it is told that Tableau pairs them by their order and not by their names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bottleneck_assets.figures.combinations import Sum, ToDate, parts_of
from bottleneck_assets.figures.measures import DIMENSIONS, Words, as_read
from bottleneck_assets.figures.portable import DATASETS, metrics
from bottleneck_assets.figures.rows import rows_of
from bottleneck_assets.models.catalog import models
from bottleneck_assets.render.tableau.calculations import FORMATS, RATES, name_of
from bottleneck_assets.render.tableau.connection import Related, Relationship, star_connection, star_graph
from bottleneck_assets.render.tableau.declaration import Calculation
from bottleneck_assets.render.tableau.elements import VERSION, element, layout, written
from bottleneck_assets.render.tableau.extract import IN_PACKAGE, NAME, tables_of_release
from bottleneck_assets.render.tableau.fields import FOLDERS, OTHER_FOLDER, fields
from bottleneck_assets.render.tableau.references import calculated, field_column, folders, meaning

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bottleneck_assets.figures.measures import Dimension, Measure
    from bottleneck_assets.figures.portable import Dataset, Metric
    from bottleneck_assets.render.tableau.fields import Field

_FEATURES = ("ObjectModelEncapsulateLegacy", "ObjectModelTableType", "SchemaViewerObjectModel")
_SHOWN = {dataset.name: dataset for dataset in sorted(DATASETS, key=lambda dataset: dataset.name) if dataset.name != "findings"}
"""Its tables by name. Findings are left out: some are of a product, others of a segment or a month, and no one key tells of which."""
_RELATED = (
    ("sales", "products", ("sku",)),
    ("sales", "months", ("month",)),
    ("promotions", "sales", ("month", "sku")),
    ("prices", "sales", ("month", "segment", "product_type")),
    ("ratings", "products", ("sku",)),
    ("ranking", "products", ("sku",)),
    ("stock", "products", ("sku",)),
)
"""What relates them, a tree: Tableau before 2024.2 takes no circle. Each table has one way to a product's segment and to a month."""
_OWN = {"prices": frozenset({"month", "segment", "product_type"})}
"""Columns that a table shows though another shows the same: prices are known in months in which nothing of a type was sold."""
_ROWS = Words("Rows: {}", "Lignes : {}")
_NOTED = Words("{}: {}", "{} : {}")
_MONTHS_IN_CONTEXT = Words("Put a filter on months into the context.", "Mettre en contexte un filtre sur les mois.")
_NOT_BY: Mapping[Dimension, Words] = {
    "month": Words("Not by month", "Pas par mois"),
    "segment": Words("Not by segment", "Pas par segment"),
    "product_type": Words("Not by type", "Pas par type"),
    "sku": Words("Not by product", "Pas par produit"),
}


@dataclass(frozen=True)
class _Shown:
    """A field of a table: its name in the data source, what it is of, and whether it is summed up as a measure."""

    name: str
    dataset: Dataset
    field: Field


def data_source(language: str = "en", sale_prices: str = "incl_vat") -> bytes:
    """Return the data source, with labels in a language and as sale prices are read."""
    shown = list(_fields(language))
    captions = _captions(shown, language)
    tables = [_related(dataset, [one for one in shown if one.dataset is dataset], language) for dataset in _SHOWN.values()]
    figures = list(_figures(language))
    described = [replace(one.field, name=one.name, caption=captions[one.name]) for one in shown]
    root = element(
        "datasource",
        {"formatted-name": f"federated.{NAME}", "inline": "true", "version": VERSION},
        element("document-format-change-manifest", {}, *(element(feature) for feature in _FEATURES)),
        star_connection(NAME, IN_PACKAGE, tables),
        element("aliases", {"enabled": "yes"}),
        *(field_column(field, meaning(field.description), aggregation=_aggregation(field)) for field in described),
        *(calculated(figure, meaning(figure.description)) for figure in figures),
        *(table.rows for table in tables),
        folders([*(field for field in described if not field.is_hidden), *figures]),
        layout(),
        star_graph(NAME, tables, [*_relationships({table.name: table.id for table in tables})]),
    )
    return as_read(written(root).decode(), sale_prices).encode()


def _related(dataset: Dataset, shown: Sequence[_Shown], language: str) -> Related:
    table = next(name for name, ref in tables_of_release().items() if ref == dataset.ref)
    label = dataset.label[language]
    return Related(dataset.name, table, label, _ROWS[language].format(label), [(one.name, one.field) for one in shown])


def _relationships(identifiers: Mapping[str, str]) -> Iterator[Relationship]:
    for first, second, columns in _RELATED:
        pairs = [(_local(first, column), _local(second, column)) for column in columns]
        yield Relationship(identifiers[first], identifiers[second], pairs)


def _local(dataset: str, column: str) -> str:
    return f"{dataset}_{column}"


# ---- what it shows


def _metrics() -> list[Metric]:
    """Return the measures that it bears. What is of all months so far is, over all of them, the figure without it."""
    return [one for one in metrics() if one.dataset.name in _SHOWN and not isinstance(one.measure.combination, ToDate)]


def _summed(metric: Metric) -> str:
    """Return the column that a measure is the sum of, empty if there is none."""
    combination, columns = metric.measure.combination, rows_of(models()[metric.dataset.ref]).columns
    return combination.part if isinstance(combination, Sum) and combination.part in columns else ""


def _fields(language: str) -> Iterator[_Shown]:
    """Yield the fields of all tables; hidden are those that another table shows, and those that measures are made of."""
    summed = {(one.dataset.name, _summed(one)) for one in _metrics()}
    measured = {name for one in _metrics() for name in (*parts_of(one.measure.combination), *one.measure.columns, one.measure.whole)}
    told = set[str]()
    hidden = dict[str, bool]()
    for dataset in (dataset for dataset in DATASETS if dataset.name in _SHOWN):  # those first that others refer to
        for field in fields(models()[dataset.ref]):
            local = _local(dataset.name, field.name)
            if field.role == "measure" and (field.name in measured or _is_rate(dataset, field)):
                hidden[local] = (dataset.name, field.name) not in summed
            else:
                hidden[local] = field.name in told and field.name not in _OWN.get(dataset.name, ())
                told.add(field.name)
    for dataset in _SHOWN.values():
        for field in fields(models()[dataset.ref], language):
            local = _local(dataset.name, field.name)
            yield _Shown(local, dataset, replace(field, is_hidden=hidden[local]))


def _is_rate(dataset: Dataset, field: Field) -> bool:
    column = next(column for column in models()[dataset.ref].promise.columns if column.name == field.name)
    return column.unit in RATES


def _aggregation(field: Field) -> str:
    return field.aggregation if field.datatype in {"integer", "real"} else ""


def _captions(shown: Sequence[_Shown], language: str) -> dict[str, str]:
    """Return what fields are called: as in every other file, with the table behind it where that is taken."""
    found, taken = dict[str, str](), {metric.measure.label[language] for metric in _metrics() if not _summed(metric)}
    for one in sorted(shown, key=lambda one: (one.field.is_hidden, [*DATASETS].index(one.dataset))):  # what is seen has the first choice
        caption = one.field.caption
        if caption in taken:
            caption = f"{caption} ({one.dataset.label[language]})"
        taken.add(caption)
        found[one.name] = caption
    return found


def _figures(language: str) -> Iterator[Calculation]:
    """Yield a calculation for each measure that is not the sum of a column."""
    for metric in _metrics():
        if not _summed(metric):
            measure = metric.measure
            yield Calculation(
                name_of(measure),
                measure.label[language],
                re.sub(r"\[(\w+)\]", rf"[{metric.dataset.name}_\1]", metric.tableau),
                FORMATS[measure.format][language],
                description=_said(measure, metric, language),
                folder=FOLDERS.get(measure.unit, OTHER_FOLDER)[language],
            )


def _said(measure: Measure, metric: Metric, language: str) -> str:
    """Return what a measure is, by what it makes no sense, and what its formula asks of filters."""
    noted = _NOTED[language].format
    said = noted(measure.label[language], measure.note[language]) if measure.note else measure.label[language]
    reasons = [f"{noted(_NOT_BY[one][language], why[language])}." for one in DIMENSIONS if (why := _why_not(metric, one))]
    context = [_MONTHS_IN_CONTEXT[language]] if "FIXED : MAX" in metric.tableau else []
    return " ".join([f"{said}.", *reasons, *context])


def _why_not(metric: Metric, dimension: Dimension) -> Words | None:
    """Say why a measure is not cut by a dimension; what spans months, Tableau computes in each."""
    is_told_apart = dimension in rows_of(models()[metric.dataset.ref]).columns
    return metric.measure.why_not(dimension) or (None if is_told_apart else metric.not_by.get(dimension))
