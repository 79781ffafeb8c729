"""Writes the data source over the release's extract: its tables with what relates them, and every measure that they bear, in two languages.

Belongs here: which tables it shows, how they hang together, and what its fields are called. Never here: a measure's formula
(figures/portable.py), what Tableau should know of a column (fields.py), or its package (star_package.py).

A field is called by its table and its column, so that a new column never renames another's. Tables, objects and the columns behind them
all stand in the order of these names: of published data sources it is told that Tableau pairs them by their order and not by their names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from bottleneck_assets.figures.combinations import Sum, ToDate, parts_of
from bottleneck_assets.figures.french import french_names
from bottleneck_assets.figures.measures import DIMENSIONS, MEASURES, as_read
from bottleneck_assets.figures.portable import DATASETS, metrics
from bottleneck_assets.figures.rows import rows_of
from bottleneck_assets.figures.tabs import COLUMNS
from bottleneck_assets.models.catalog import models
from bottleneck_assets.release.publishing import published_path
from bottleneck_assets.render.tableau.calculations import FORMATS, RATES, name_of
from bottleneck_assets.render.tableau.connection import Related, Relationship, star_connection, star_graph
from bottleneck_assets.render.tableau.declaration import Calculation
from bottleneck_assets.render.tableau.elements import VERSION, element, layout, written
from bottleneck_assets.render.tableau.extract import IN_PACKAGE, NAME, tables_of_release
from bottleneck_assets.render.tableau.fields import FOLDERS, OTHER_FOLDER, fields
from bottleneck_assets.render.tableau.references import calculated, field_column, folders, meaning
from bottleneck_assets.render.tableau.theme import in_french

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bottleneck_assets.figures.measures import Dimension, Measure, Words
    from bottleneck_assets.figures.portable import Dataset, Metric
    from bottleneck_assets.render.tableau.fields import Field

Language = Literal["en", "fr"]

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
_FOLDERS_IN_FRENCH = {
    "Money": "Montants",
    "Units": "Unités",
    "Ratios": "Taux",
    OTHER_FOLDER: "Autres mesures",
    "Dates": "Dates",
    "Dimensions": "Dimensions",
}
_ROWS: Mapping[Language, str] = {"en": "Rows: {}", "fr": "Lignes : {}"}
_MONTHS_IN_CONTEXT: Mapping[Language, str] = {
    "en": "Put a filter on months into the context.",
    "fr": "Mettre en contexte un filtre sur les mois.",
}
_NOT_BY: Mapping[Language, Mapping[str, str]] = {
    "en": {"month": "Not by month", "segment": "Not by segment", "product_type": "Not by type", "sku": "Not by product"},
    "fr": {"month": "Pas par mois", "segment": "Pas par segment", "product_type": "Pas par type", "sku": "Pas par produit"},
}


@dataclass(frozen=True)
class _Shown:
    """A field of a table: its name in the data source, what it is of, and whether it is summed up as a measure."""

    name: str
    dataset: Dataset
    field: Field


def data_source(language: Language = "en", sale_prices: str = "incl_vat") -> bytes:
    """Return the data source, with labels in a language and as sale prices are read."""
    shown = list(_fields())
    captions = _captions(shown, language, sale_prices)
    tables = [_related(dataset, [one for one in shown if one.dataset is dataset], language) for dataset in _SHOWN.values()]
    figures = list(_figures(language))
    described = [_described(one, captions[one.name], language) for one in shown]
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


def _related(dataset: Dataset, shown: Sequence[_Shown], language: Language) -> Related:
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


def _fields() -> Iterator[_Shown]:
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
        for field in fields(models()[dataset.ref]):
            local = _local(dataset.name, field.name)
            yield _Shown(local, dataset, replace(field, is_hidden=hidden[local]))


def _is_rate(dataset: Dataset, field: Field) -> bool:
    column = next(column for column in models()[dataset.ref].promise.columns if column.name == field.name)
    return column.unit in RATES


def _aggregation(field: Field) -> str:
    return field.aggregation if field.datatype in {"integer", "real"} else ""


def _captions(shown: Sequence[_Shown], language: Language, sale_prices: str) -> dict[str, str]:
    """Return what fields are called: as in every other file, with the table behind it where that is taken."""
    found, taken = dict[str, str](), {metric.measure.label[language] for metric in _metrics() if not _summed(metric)}
    for one in sorted(shown, key=lambda one: (one.field.is_hidden, [*DATASETS].index(one.dataset))):  # what is seen has the first choice
        caption = one.field.caption if language == "en" else _in_french(one, sale_prices)
        if caption in taken:
            caption = f"{caption} ({one.dataset.label[language]})"
        taken.add(caption)
        found[one.name] = caption
    return found


def _in_french(one: _Shown, sale_prices: str) -> str:
    name = next((measure.name for measure in MEASURES.values() if one.field.name in measure.columns), one.field.name)
    (said,) = french_names([one.field.name if one.field.name in COLUMNS else name], sale_prices)
    return said


def _described(one: _Shown, caption: str, language: Language) -> Field:
    """Return a field under its name here, as people of a language read it."""
    field = replace(one.field, name=one.name, caption=caption)
    if language == "en":
        return field
    said = f"Colonne {one.field.name} de {published_path(models()[one.dataset.ref])}."
    return replace(field, description=said, format=in_french(field.format), folder=_FOLDERS_IN_FRENCH[field.folder])


def _figures(language: Language) -> Iterator[Calculation]:
    """Yield a calculation for each measure that is not the sum of a column."""
    for metric in _metrics():
        if not _summed(metric):
            measure, folder = metric.measure, FOLDERS.get(metric.measure.unit, OTHER_FOLDER)
            yield Calculation(
                name_of(measure),
                measure.label[language],
                re.sub(r"\[(\w+)\]", rf"[{metric.dataset.name}_\1]", metric.tableau),
                FORMATS[measure.format] if language == "en" else in_french(FORMATS[measure.format]),
                description=_said(measure, metric, language),
                folder=folder if language == "en" else _FOLDERS_IN_FRENCH[folder],
            )


def _said(measure: Measure, metric: Metric, language: Language) -> str:
    """Return what a measure is, by what it makes no sense, and what its formula asks of filters."""
    colon = ": " if language == "en" else " : "
    note = f"{colon}{measure.note[language]}" if measure.note else ""
    reasons = [f"{_NOT_BY[language][one]}{colon}{why[language]}." for one in DIMENSIONS if (why := _why_not(metric, one))]
    context = [_MONTHS_IN_CONTEXT[language]] if "FIXED : MAX" in metric.tableau else []
    return " ".join([f"{measure.label[language]}{note}.", *reasons, *context])


def _why_not(metric: Metric, dimension: Dimension) -> Words | None:
    """Say why a measure is not cut by a dimension; what spans months, Tableau computes in each."""
    is_told_apart = dimension in rows_of(models()[metric.dataset.ref]).columns
    return metric.measure.why_not(dimension) or (None if is_told_apart else metric.not_by.get(dimension))
