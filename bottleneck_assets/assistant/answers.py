"""What an assistant may ask of the measures of a release, and the answers: all of them, one explained, figures by group and filter.

Belongs here: what a question means, what is refused and why, and what stands beside every figure: unit, period, price basis, release.
Never here: computing a figure (figures/computed.py), what an answer looks like (forms.py), or how a question arrives (server.py).

A question can only be put together from measures, dimensions and values that there are: nothing that is asked is ever run.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence  # noqa: TC003 - the server reads the annotations
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from bottleneck_assets.assistant.common import RefusedError, basis, cut, folded, known_name, known_sku
from bottleneck_assets.assistant.forms import Answer, Catalogue, Explained, ExplainedPart, Figure, Group, MeasureInBrief
from bottleneck_assets.figures.combinations import Index, Rise, ToDate, columns_of, parts_of
from bottleneck_assets.figures.computed import Scope, figure
from bottleneck_assets.figures.described import formula_of, part_of
from bottleneck_assets.figures.measures import DIMENSIONS, GRAINS, MEASURES, Dimension, as_read
from bottleneck_assets.figures.rows import NotInTheseRowsError
from bottleneck_assets.figures.tabs import TABS
from bottleneck_assets.figures.written import written
from bottleneck_assets.release.explanation import (
    day_of,
    exported,
    in_quarantine,
    measure_called,
    origins_of,
    settings_among,
    tables_behind,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bottleneck_assets.assistant.common import Language
    from bottleneck_assets.assistant.facts import Facts, ReleaseFacts
    from bottleneck_assets.figures.measures import Measure

    Row = Mapping[str, Any]
    Key = tuple[Any, ...]

_BASES = {"incl_vat": "incl. VAT, as the customers pay", "excl_vat": "excl. VAT", "": "no prices in it"}
_AS_NET = "as the shop shows its prices, which this release reads as without VAT"
_ESTIMATE = (
    "an estimate, from what would have been sold without the promotion: its range and verdict are in kpis/promo_uplift.csv, and told by "
    "list_recommendations promote_low_season"
)
_OF_EACH_OTHER: Mapping[Dimension, Dimension] = {"segment": "product_type", "product_type": "segment"}
"""Dimensions whose values are taken for each other."""


@dataclass(frozen=True)
class Question:
    """What is asked: measures, what to group them by, which values of each dimension to keep, and from which month to which (`2022-10`)."""

    measures: Sequence[str]
    by: Sequence[Dimension] = ()
    kept: Mapping[Dimension, Sequence[Any]] = field(default_factory=dict[Dimension, "Sequence[Any]"])
    month_from: str = ""
    month_to: str = ""
    largest_first: bool = True
    skip: int = 0
    first: int = 20
    language: Language = "en"


# --- The answers -------------------------------------------------------------------------------------------------------------


def catalogue(held: ReleaseFacts) -> Catalogue:
    """Return every measure that the release can answer, and the values of the dimensions."""
    sales = held.of("sale")
    measures = [_brief(held, measure) for measure in MEASURES.values() if _can_answer(held, measure)]
    months = [_month(month) for month in _values(sales.everything, "month")]
    about = list(held.products.values())
    return Catalogue(measures, months, _values(about, "segment"), _values(about, "product_type"), basis(held))


def explained(held: ReleaseFacts, name: str) -> Explained:
    """Return what a measure is made of and where that comes from. Raises UnknownFigureError if there is none of that name or label."""
    measure = _measure(held, name)
    borne, grain = held.of(measure.grain), GRAINS[measure.grain]
    return Explained(
        _brief(held, measure),
        formula_of(measure.combination),
        grain.row,
        borne.model.ref,
        [_explained_part(held, borne, part) for part in parts_of(measure.combination)],
        {dimension: why for dimension in DIMENSIONS if (why := _why_not(measure, borne, dimension))},
        [
            tab.title.en
            for tab in TABS
            if measure.name in {*tab.cards, *tab.table.shows, *(one for chart in tab.charts for one in chart.measures)}
        ],
        list(_caveats(held, measure)),
        basis(held),
    )


def answered(held: ReleaseFacts, question: Question) -> Answer:
    """Return the figures that a question asks for. Raises RefusedError, with the reason, for what a measure does not allow."""
    measures = [_measure(held, name) for name in _some(question.measures)]
    for measure in measures:
        _refuse_unless_allowed(held, measure, question)
    months = _months_of(held, question)
    kept: dict[Dimension, list[Any]] = {dimension: _known(held, dimension, values) for dimension, values in question.kept.items() if values}
    groups: dict[Key, dict[str, float | None]] = {}
    for measure in measures:
        for key, scope in _scopes(held.of(measure.grain), question.by, kept, months):
            groups.setdefault(key, {})[measure.name] = figure(measure, scope)
    ordered = _ordered(groups, measures[0].name, question)
    shown, left_out = cut(ordered, question.skip, question.first)
    rows = [_group(held, question, key, figures, measures) for key, figures in shown]
    filters = {dimension: [str(value) for value in values] for dimension, values in kept.items()}
    return Answer(
        [_brief(held, measure, months) for measure in measures],
        _span(held, months),
        filters,
        rows,
        left_out,
        basis(held),
    )


# --- Measures ----------------------------------------------------------------------------------------------------------------


def _measure(held: ReleaseFacts, name: str) -> Measure:
    """Return the measure of a name or label. Raises UnknownFigureError if there is none, RefusedError if the release cannot answer it."""
    measure = measure_called(name)
    if not _can_answer(held, measure):
        problem = f"{measure.name} cannot be computed from the tables of a release."
        raise RefusedError(problem, "The dashboard of the release shows it.")
    return measure


def _can_answer(held: ReleaseFacts, measure: Measure) -> bool:
    borne = held.of(measure.grain)
    try:
        borne.rows.must_bear(measure)
        return all(borne.rows.part(part) for part in parts_of(measure.combination))
    except NotInTheseRowsError:
        return False


def _brief(held: ReleaseFacts, measure: Measure, months: frozenset[dt.date] | None = None) -> MeasureInBrief:
    borne = held.of(measure.grain)
    allowed = [dimension for dimension in DIMENSIONS if not _why_not(measure, borne, dimension)]
    day, of_no_month = day_of(held.release, measure), GRAINS[measure.grain].unmoved.get("month")
    sale_prices = held.release.manifest.parameters.get("sale_prices", "")
    return MeasureInBrief(
        measure.name,
        as_read(measure.label.en, sale_prices),
        as_read(measure.label.fr, sale_prices),
        measure.unit,
        _price_basis(held, measure),
        f"{day}" if day else of_no_month.en if of_no_month else _span(held, months),
        _note(held, measure),
        allowed,
    )


def _note(held: ReleaseFacts, measure: Measure) -> str:
    """Return what is to be said beside a measure, with the first month of the period where it begins there, and whether it is estimated."""
    said = [measure.note.en] if measure.note else []
    months = _values(held.of(measure.grain).everything, "month") if isinstance(measure.combination, Index | Rise | ToDate) else []
    said += [f"the first month is {_month(first)}" for first in months[:1]]
    return "; ".join([*said, _ESTIMATE] if measure.is_estimate else said)


def _price_basis(held: ReleaseFacts, measure: Measure) -> str:
    is_net = held.release.manifest.parameters.get("sale_prices") != "incl_vat"
    return _AS_NET if is_net and measure.price_basis == "incl_vat" else _BASES[measure.price_basis]


def _why_not(measure: Measure, borne: Facts, dimension: Dimension) -> str:
    """Say why a measure has no figure by a dimension; nothing if it has."""
    if why := measure.why_not(dimension):
        return why.en
    return "" if dimension in borne.own_columns else f"a row is a {GRAINS[measure.grain].row}, which says none"


def _explained_part(held: ReleaseFacts, borne: Facts, name: str) -> ExplainedPart:
    from bottleneck_assets.models.catalog import models

    sources = _sources(borne, name)
    said = [
        f"{column}: {described.description}"
        for table, column in sources
        for described in models()[table].promise.columns
        if described.name == column
    ]
    origins = origins_of(sources)
    comes_from = [*exported(held.release, origins), *(f"setting {setting}" for setting in settings_among(origins))]
    return ExplainedPart(name, part_of(name, borne.rows), "; ".join(said), comes_from)


def _sources(borne: Facts, name: str) -> list[tuple[str, str]]:
    """Return the columns that a part is computed from, each with its table."""
    part = borne.rows.part(name)
    return [(borne.table_of(column), column) for column in ((part,) if isinstance(part, str) else columns_of(part))]


def _caveats(held: ReleaseFacts, measure: Measure) -> Iterator[str]:
    """Yield what is to be known before the figure is used."""
    if note := _note(held, measure):
        yield note
    if measure.price_basis:
        yield f"Prices: {_price_basis(held, measure)}."
    if measure.format in {"rate", "change", "one", "two"}:
        yield "For a group it is computed from sums over the group, never as a mean of its members' values."
    sources = [source for part in parts_of(measure.combination) for source in _sources(held.of(measure.grain), part)]
    behind = tables_behind(sources)
    yield from (f"{check.found}" for check in held.release.manifest.checks if not check.passed and check.asset.replace("/", ".") in behind)
    yield from (f"Left out: {rows}." for rows in in_quarantine(held.release, sources))


# --- Questions ---------------------------------------------------------------------------------------------------------------


def _some(names: Sequence[str]) -> Sequence[str]:
    if not names:
        problem = "No measure was asked for."
        raise RefusedError(problem, f"There are: {', '.join(MEASURES)}.")
    return list(dict.fromkeys(names))


def _refuse_unless_allowed(held: ReleaseFacts, measure: Measure, question: Question) -> None:
    asked = {*question.by, *(dimension for dimension, values in question.kept.items() if values)}
    if question.month_from or question.month_to:
        asked.add("month")
    borne = held.of(measure.grain)
    for dimension in DIMENSIONS:
        if dimension in asked and (why := _why_not(measure, borne, dimension)):
            allowed = [one for one in DIMENSIONS if not _why_not(measure, borne, one)]
            problem = f"{measure.name} has no figure by {dimension}: {why}."
            raise RefusedError(problem, f"It can be grouped and filtered by {', '.join(allowed)}.")


def _known(held: ReleaseFacts, dimension: Dimension, values: Sequence[Any]) -> list[Any]:
    """Return the values of a dimension that are meant, as the release spells them. Raises RefusedError if there is none of a name."""
    if dimension == "sku":
        return [known_sku(held, value) for value in values]
    return [_known_value(held, dimension, str(value)) for value in values]


def _known_value(held: ReleaseFacts, dimension: Dimension, value: str) -> str:
    names, others = (_values(held.products.values(), one) for one in (dimension, _OF_EACH_OTHER[dimension]))
    other = next((one for one in others if folded(one) == folded(value) and one not in names), None)
    if other is not None:
        said, meant = (one.replace("_", " ") for one in (_OF_EACH_OTHER[dimension], dimension))
        problem = f"{other} is a {said}, not a {meant}."
        raise RefusedError(problem, f"Keep it with {_OF_EACH_OTHER[dimension]}s. The {meant}s are: {', '.join(names)}.")
    return known_name(value, names, dimension)


def _months_of(held: ReleaseFacts, question: Question) -> frozenset[dt.date] | None:
    """Return the months in view, None for all. Raises RefusedError for a month that the release does not cover."""
    if not question.month_from and not question.month_to:
        return None
    months = _values(held.of("sale").everything, "month")
    first, last = (_covered(held, given, months) for given in (question.month_from, question.month_to))
    found = frozenset(month for month in months if (first is None or month >= first) and (last is None or month <= last))
    if not found:
        problem = f"There is no month from {question.month_from} to {question.month_to}."
        raise RefusedError(problem, "month_from must not be after month_to.")
    return found


def _covered(held: ReleaseFacts, given: str, months: Sequence[dt.date]) -> dt.date | None:
    if not given:
        return None
    found = next((month for month in months if _month(month) == given.strip()[:7]), None)
    if found is None:
        covered = f"{_month(months[0])} to {_month(months[-1])}"
        if given.strip()[:7] in map(_month, _values(held.table("clean.sales"), "month")):
            problem = f"{given} is outside the reporting period {covered}."
            raise RefusedError(problem, "The export has it, and tables/sales.csv its rows; measures are over the period alone.")
        problem = f"The release has no figures of {given!r}."
        raise RefusedError(problem, f"Its months are {covered}, written like {_month(months[0])}.")
    return found


def _scopes(
    borne: Facts, by: Sequence[Dimension], kept: Mapping[Dimension, Sequence[Any]], months: frozenset[dt.date] | None
) -> Iterator[tuple[Key, Scope]]:
    """Yield the rows of each group, by the values that tell it from others."""
    rows = [row for row in borne.everything if all(row[dimension] in values for dimension, values in kept.items())]
    whole = Scope(borne.rows, borne.everything, rows, months)
    others: list[Dimension] = [dimension for dimension in by if dimension != "month"]
    for month, view in _views(whole) if "month" in by else [(None, whole)]:
        for key, part in _parts(view.kept, others).items():
            scope = replace(view, kept=part)
            if scope.shown or not by:
                values = iter(key)
                yield tuple(month if dimension == "month" else next(values) for dimension in by), scope
    if not by and not rows:
        yield (), whole


def _views(whole: Scope) -> Iterator[tuple[dt.date | None, Scope]]:
    """Yield each month that is shown, and what is of no month where every month is in view."""
    for month in _values(whole.shown, "month"):
        yield month, replace(whole, months=frozenset({month}))
    if whole.months is None and (of_none := [row for row in whole.kept if row["month"] is None]):
        yield None, replace(whole, kept=of_none)


def _parts(rows: Iterable[Row], by: Sequence[Dimension]) -> dict[Key, list[Row]]:
    parts: dict[Key, list[Row]] = {}
    for row in rows:
        parts.setdefault(tuple(row[dimension] for dimension in by), []).append(row)
    return parts


def _ordered(groups: Mapping[Key, dict[str, float | None]], measure: str, question: Question) -> list[tuple[Key, dict[str, float | None]]]:
    """Return the groups: by month, then by the first measure, what is not known last."""
    by_name = sorted(groups.items(), key=lambda group: [str(part) for part in group[0]])
    sign = -1 if question.largest_first else 1

    def place(group: tuple[Key, dict[str, float | None]]) -> tuple[str, bool, float]:
        month = str(group[0][question.by.index("month")]) if "month" in question.by else ""
        value = group[1].get(measure)
        return month, value is None, 0 if value is None else sign * value

    return sorted(by_name, key=place)


def _group(held: ReleaseFacts, question: Question, key: Key, figures: Mapping[str, float | None], measures: Sequence[Measure]) -> Group:
    of = {dimension: _shown(value) for dimension, value in zip(question.by, key, strict=True)}
    if "sku" in question.by and (sku := key[question.by.index("sku")]) is not None:
        of["title"] = str(held.products.get(sku, {}).get("title", ""))
    shown = {measure.name: _figure(measure, figures.get(measure.name), question.language) for measure in measures}
    return Group(of, shown)


def _figure(measure: Measure, value: float | None, language: Language) -> Figure:
    return Figure(value, written(measure, value, language))


def _span(held: ReleaseFacts, months: frozenset[dt.date] | None) -> str:
    if months is None:
        return basis(held).period
    return f"{_month(min(months))} to {_month(max(months))}"


def _values(rows: Iterable[Row], dimension: str) -> list[Any]:
    return sorted({row[dimension] for row in rows if row.get(dimension) is not None})


def _shown(value: object) -> str:
    return _month(value) if isinstance(value, dt.date) else "none" if value is None else str(value)


def _month(month: dt.date) -> str:
    return f"{month:%Y-%m}"
