"""Draws the semantic model: what the published tables, their columns and the figures mean, for other programs and for assistants.

Belongs here: the two shapes of Apache Ossie (formerly Open Semantic Interchange) and what each entry says. Never here: how a figure is
computed elsewhere or by what it may be cut (figures/portable.py), or what a column is (its contract).

One version of the format names two shapes: the model as the document itself, which azem and the converters read, and a list of models,
which dbt 1.12 reads as JSON. Both files hold the same model.
"""
# ruff: noqa: RUF001 - typographic apostrophes and French spaces are meant

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bottleneck_assets.figures.combinations import Counted, Distinct, Sum
from bottleneck_assets.figures.described import described
from bottleneck_assets.figures.measures import GRAINS, MEASURES, Words
from bottleneck_assets.figures.plain import labels_as_read
from bottleneck_assets.figures.portable import DATASETS, left_out, metrics
from bottleneck_assets.figures.rows import rows_of
from bottleneck_assets.figures.tabs import COLUMNS, TABS
from bottleneck_assets.models.catalog import models
from bottleneck_assets.release.data_contract import as_yaml
from bottleneck_assets.release.publishing import published_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from bottleneck_assets.engine.warehouse import Warehouse
    from bottleneck_assets.figures.measures import Measure
    from bottleneck_assets.figures.portable import Dataset, Metric
    from bottleneck_assets.figures.tabs import Tab
    from bottleneck_assets.models.promise import Column
    from bottleneck_assets.render.occasion import Occasion

    Json = dict[str, Any]

YAML, JSON = "semantic_model.ossie.yaml", "semantic_model.ossie.json"
FILES = (YAML, JSON)
READS = ("clean.reporting_period", "raw.parameters", "raw.vat_rates")
NAME = "bottleneck"
VERSION = "0.2.0.dev0"
VERSION_FOR_DBT = "0.1.1"
"""The newer of the two versions that dbt 1.12 takes; the shape is the list's."""
_DATATYPES = {"varchar": "String", "bigint": "Integer", "double": "Float", "boolean": "Boolean", "date": "Date"}
_READINGS: Mapping[str, Words] = {
    "incl_vat": Words(
        "Sale prices are read as incl. VAT: revenue is incl. VAT unless it says otherwise; costs, margins, discounts and effects are excl. "
        "VAT, at the rates {rates}.",
        "Les prix de vente sont lus TTC : le CA est TTC sauf mention contraire ; coûts, marges, remises et effets sont HT, "
        "aux taux {rates}.",
    ),
    "excl_vat": Words(
        "Sale prices are read as excl. VAT: every amount is excl. VAT.",
        "Les prix de vente sont lus HT : tous les montants sont HT.",
    ),
    "included": Words(
        "Units sold include those sold on promotion.",
        "Les unités vendues comprennent celles vendues en promotion.",
    ),
    "excluded": Words(
        "The export’s sales leave the promotion units out; they are added to the units sold.",
        "Les ventes de l’export excluent les unités en promotion ; elles sont ajoutées aux unités vendues.",
    ),
}


def render(occasion: Occasion, folder: Path) -> None:
    """Write both files under a folder."""
    (parameters,) = occasion.warehouse.rows("raw.parameters")
    model = labels_as_read(semantic_model(said_of(occasion.warehouse)), parameters["sale_prices"])
    flat = as_yaml({"version": VERSION, **model})
    listed = json.dumps({"version": VERSION_FOR_DBT, "semantic_model": [model]}, ensure_ascii=False, indent=2)
    (folder / YAML).write_text(flat, encoding="utf-8", newline="\n")
    (folder / JSON).write_text(f"{listed}\n", encoding="utf-8", newline="\n")


def said_of(warehouse: Warehouse) -> Words:
    """Return what holds of all figures of a release: the period, and how prices and promotions are read."""
    (period,) = warehouse.rows("clean.reporting_period")
    (parameters,) = warehouse.rows("raw.parameters")
    months = [f"{period[name]:%Y-%m}" for name in ("period_start", "period_end")]
    rates = ", ".join(f"{row['label']} {float(row['vat_rate']):g}" for row in warehouse.rows("raw.vat_rates"))
    read = [_READINGS[parameters[setting]] for setting in ("sale_prices", "promo_units")]
    first = Words(
        f"Figures cover the months {months[0]} to {months[1]}, the reporting period, unless they say otherwise.",
        f"Les chiffres portent sur les mois de {months[0]} à {months[1]}, la période étudiée, sauf mention contraire.",
    )
    return Words(*(" ".join(words[language] for words in (first, *read)).format(rates=rates) for language in ("en", "fr")))


def semantic_model(said: Words) -> Json:
    """Return the model: its tables, how they refer to one another, and the measures as metrics."""
    return {
        "name": NAME,
        "description": "Sales, promotions, prices, stock and ratings of the wine shop BottleNeck, and the figures of its tabs.",
        "ai_context": {
            "instructions": f"{said.en} Compute a figure by its metric and never from another column of its name. Figures of a group are "
            "sums over sums: never average a ratio. Cut and filter a metric only by the fields that its extension names.",
            "instructions_fr": said.fr,
            "examples": [tab.question.en for tab in TABS],
            "examples_fr": [tab.question.fr for tab in TABS],
        },
        "datasets": [_dataset(dataset) for dataset in DATASETS],
        "relationships": [_relationship(dataset, *reference) for dataset in DATASETS for reference in dataset.refers_to.items()],
        "metrics": [_metric(metric) for metric in metrics()],
        "custom_extensions": _extension({"left_out": {one.name: "no published table has its parts" for one in left_out()}}),
    }


def _dataset(dataset: Dataset) -> Json:
    model = models()[dataset.ref]
    file = published_path(model)
    return {
        "name": dataset.name,
        "source": dataset.source,
        "primary_key": list(rows_of(model).key),
        "description": " ".join(model.description.split()),
        "ai_context": _synonyms([dataset.label.en, dataset.label.fr]),
        "fields": [_field(column) for column in described(model)],
        "custom_extensions": _extension({"file": file}),
    }


def _field(column: Column) -> Json:
    words = COLUMNS[column.name].label if column.name in COLUMNS else MEASURES[column.name].label if column.name in MEASURES else None
    names = [words.en, words.fr] if words else []
    return {
        "name": column.name,
        "expression": _expression(column.name, f"[{column.name}]"),
        **({} if column.unit else {"dimension": {"is_time": column.type == "date"}}),
        "label": names[0] if names else column.name.replace("_", " ").capitalize(),
        "description": f"{column.description}{f' Formula: {column.formula}.' if column.formula else ''}",
        "datatype": _datatype(column.type),
        **({"ai_context": _synonyms(names)} if names else {}),
        **({"custom_extensions": _extension({"unit": column.unit, "additive": column.additive})} if column.unit else {}),
    }


def _relationship(dataset: Dataset, column: str, other: str) -> Json:
    return {
        "name": f"{dataset.name}_{other}",
        "from": dataset.name,
        "to": other,
        "from_columns": [column],
        "to_columns": [column],
    }


def _metric(metric: Metric) -> Json:
    measure = metric.measure
    note = f", {measure.note.en}" if measure.note else ""
    not_by = "".join(f" Not by {dimension}: {why.en}." for dimension, why in metric.not_by.items())
    return {
        "name": measure.name,
        "expression": _expression(metric.sql, metric.tableau),
        "description": f"{measure.label.en}{note}. Unit: {measure.unit}. Over every {GRAINS[measure.grain].row}.",
        "datatype": _type_of(metric),
        "ai_context": {
            "instructions": f"Cut and filter it by {', '.join(metric.cut_by.values())}.{not_by}",
            **_synonyms([measure.label.en, measure.label.fr, measure.short_label.en, measure.short_label.fr]),
        },
        "custom_extensions": _extension(_said_of(measure, metric)),
    }


def _said_of(measure: Measure, metric: Metric) -> Json:
    return {
        "unit": measure.unit,
        "format": measure.format,
        "label": _words(measure.label),
        **({"note": _words(measure.note)} if measure.note else {}),
        "more_is": {1: "good", -1: "bad", 0: "neither"}[measure.good],
        "headline": bool(measure.headline),
        "tabs": [tab.name for tab in TABS if measure.name in _shown_on(tab)],
        "cut_by": dict(metric.cut_by),
        "not_by": {dimension: _words(why) for dimension, why in metric.not_by.items()},
    }


def _shown_on(tab: Tab) -> set[str]:
    return {*tab.cards, *tab.table.shows, *(name for chart in tab.charts for name in chart.measures)}


def _type_of(metric: Metric) -> str:
    """Return the type of a metric: that of the column it sums, a whole number where it counts, else one with a fraction."""
    types = {column.name: column.type for column in models()[metric.dataset.ref].promise.columns}
    match metric.measure.combination:
        case Distinct():
            return "Integer"
        case Sum(part):
            found = rows_of(models()[metric.dataset.ref]).part(part)
            return "Integer" if isinstance(found, Counted) else _datatype(types.get(str(found), "double"))
        case _:
            return "Float"


def _datatype(sql_type: str) -> str:
    return _DATATYPES.get(sql_type, "Decimal")


def _expression(sql: str, tableau: str) -> Json:
    dialects = {"ANSI_SQL": sql, "TABLEAU": tableau}
    return {"dialects": [{"dialect": dialect, "expression": written} for dialect, written in dialects.items() if written]}


def _synonyms(names: Iterable[str]) -> Json:
    return {"synonyms": list(dict.fromkeys(names))}


def _words(words: Words) -> Json:
    return {"en": words.en, "fr": words.fr}


def _extension(data: Json) -> list[Json]:
    return [{"vendor_name": "COMMON", "data": json.dumps(data, ensure_ascii=False)}]
