"""What an assistant may ask of a release, and the answers: measures, one explained, figures by group and filter, recommendations.

Belongs here: what a question means, what is refused and why, and what stands beside every figure: unit, period, price basis, release.
Never here: computing a figure (figures/computed.py), or how a question arrives (server.py).

A question can only be put together from measures, dimensions and values that there are: nothing that is asked is ever run.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence  # noqa: TC003 - the server reads the annotations
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal

from bottleneck_assets.errors import BottleneckError
from bottleneck_assets.figures.combinations import columns_of, parts_of
from bottleneck_assets.figures.computed import Scope, figure
from bottleneck_assets.figures.described import formula_of, part_of
from bottleneck_assets.figures.measures import DIMENSIONS, GRAINS, MEASURES, Dimension, as_read
from bottleneck_assets.figures.rows import NotInTheseRowsError
from bottleneck_assets.figures.tabs import TABS
from bottleneck_assets.figures.written import written
from bottleneck_assets.release.explanation import measure_called

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bottleneck_assets.assistant.facts import Facts, ReleaseFacts
    from bottleneck_assets.figures.measures import Measure

    Row = Mapping[str, Any]
    Key = tuple[Any, ...]

Language = Literal["en", "fr"]
MOST_ROWS = 100
"""More are never answered at once."""
RECOMMENDATIONS, SUMMARY = "business_recommendations.csv", "recommendations/summary.csv"
_BASES = {"incl_vat": "incl. VAT, as the customers pay", "excl_vat": "excl. VAT", "": "no prices in it"}
_AS_NET = "as the shop shows its prices, which this release reads as without VAT"


class RefusedError(BottleneckError):
    """A question that a release has no answer to: what was asked, and what may be asked instead."""


@dataclass(frozen=True)
class Basis:
    """What every answer rests on: the release, when its export was last changed, its months, and how it reads sale prices."""

    release: str
    export_changed_at: str
    period: str
    sale_prices: str


@dataclass(frozen=True)
class MeasureInBrief:
    """A measure: its name, labels, unit, price basis, of when it is, what is to be said beside it, and by what it may be cut."""

    name: str
    label_en: str
    label_fr: str
    unit: str
    price_basis: str
    period: str
    note: str
    dimensions: Sequence[str]


@dataclass(frozen=True)
class Catalogue:
    """Every measure, and the values of each dimension but products, which `find_products` finds."""

    measures: Sequence[MeasureInBrief]
    months: Sequence[str]
    segments: Sequence[str]
    product_types: Sequence[str]
    basis: Basis


@dataclass(frozen=True)
class ExplainedPart:
    """A part of a measure: what it is in each row, what its column is said to be, and the columns of the export that it comes from."""

    name: str
    in_each_row: str
    description: str
    comes_from: Sequence[str]


@dataclass(frozen=True)
class Explained:
    """A measure, explained. `not_by` are the dimensions by which it has no figure, each with the reason."""

    measure: MeasureInBrief
    formula: str
    one_row_is: str
    table: str
    parts: Sequence[ExplainedPart]
    not_by: Mapping[str, str]
    shown_on_tabs: Sequence[str]
    caveats: Sequence[str]
    basis: Basis


@dataclass(frozen=True)
class Figure:
    """A figure: its value, None if it is not known, and the same as people write it."""

    value: float | None
    text: str


@dataclass(frozen=True)
class Group:
    """What a row is of, and its figures by the names of their measures."""

    of: Mapping[str, str]
    figures: Mapping[str, Figure]


@dataclass(frozen=True)
class Answer:
    """Figures by group, what was asked, what each measure is, and how many groups are left out."""

    measures: Sequence[MeasureInBrief]
    months: str
    filters: Mapping[str, Sequence[str]]
    rows: Sequence[Group]
    left_out: int
    basis: Basis


@dataclass(frozen=True)
class FoundProduct:
    """A product: its number, name, segment and type."""

    sku: int
    title: str
    segment: str
    product_type: str


@dataclass(frozen=True)
class FoundProducts:
    """The products that match, and how many more do."""

    products: Sequence[FoundProduct]
    left_out: int
    basis: Basis


@dataclass(frozen=True)
class Finding:
    """A finding of a recommendation, with its evidence as named figures; effects are euros a year excl. VAT, None where none is claimed."""

    recommendation: str
    audience: str
    scope: str
    verdict: str
    confidence: str
    yearly_effect_eur_excl_vat: float | None
    effect_method: str
    evidence: Mapping[str, str]
    sentence: str


@dataclass(frozen=True)
class Recommended:
    """A recommendation as a whole: how many findings support or contradict it, and what they add up to a year, in euros excl. VAT."""

    recommendation: str
    supported: int
    contradicted: int
    inconclusive: int
    yearly_effect_eur_excl_vat: float | None


@dataclass(frozen=True)
class Recommendations:
    """The recommendations, and their findings, the largest effect first."""

    summary: Sequence[Recommended]
    findings: Sequence[Finding]
    left_out: int
    basis: Basis


@dataclass(frozen=True)
class Question:
    """What is asked: measures, what to group them by, which values of each dimension to keep, and from which month to which (`2022-10`)."""

    measures: Sequence[str]
    by: Sequence[Dimension] = ()
    kept: Mapping[Dimension, Sequence[Any]] = field(default_factory=dict[Dimension, "Sequence[Any]"])
    month_from: str = ""
    month_to: str = ""
    largest_first: bool = True
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
        [_explained_part(borne, part) for part in parts_of(measure.combination)],
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
    shown, left_out = _first(ordered, question.first)
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


def found_products(held: ReleaseFacts, text: str, first: int = 20) -> FoundProducts:
    """Return the products whose name holds every word of a text, by name."""
    words = text.casefold().split()
    found = [
        FoundProduct(sku, row["title"], row["segment"], row["product_type"])
        for sku, row in held.products.items()
        if all(word in row["title"].casefold() for word in words)
    ]
    found.sort(key=lambda product: (product.title, product.sku))
    return FoundProducts(*_first(found, first), basis(held))


def recommendations(held: ReleaseFacts, name: str = "", *, first: int = 20, language: Language = "en") -> Recommendations:
    """Return the recommendations, or one, with their findings. Raises RefusedError if there is none of that name."""
    summary = held.release.typed_rows(SUMMARY)
    _known_name(name, [row["recommendation"] for row in summary], "recommendation")
    found = [row for row in held.release.typed_rows(RECOMMENDATIONS) if name in {"", row["recommendation"]}]
    shown, left_out = _first(found, first)
    return Recommendations(
        [_recommended(row) for row in summary if name in {"", row["recommendation"]}],
        [_finding(row, language) for row in shown],
        left_out,
        basis(held),
    )


def _first(found: Sequence[Any], first: int) -> tuple[Sequence[Any], int]:
    """Return as many as are asked for, or may be, and how many that leaves out."""
    shown = found[: max(1, min(first, MOST_ROWS))]
    return shown, len(found) - len(shown)


def basis(held: ReleaseFacts) -> Basis:
    """Return what every answer rests on."""
    period, reads_vat = held.release.manifest.period, held.release.manifest.parameters.get("sale_prices") == "incl_vat"
    months = f"{period.period_start} to {period.period_end}" if period else "not known"
    prices = "sale prices include VAT; margins, costs and effects do not" if reads_vat else "sale prices are read as without VAT"
    return Basis(held.release.name, f"{held.release.received_at:%Y-%m-%d %H:%M %Z}", months, prices)


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
    of_no_month = GRAINS[measure.grain].unmoved.get("month")
    sale_prices = held.release.manifest.parameters.get("sale_prices", "")
    return MeasureInBrief(
        measure.name,
        as_read(measure.label.en, sale_prices),
        as_read(measure.label.fr, sale_prices),
        measure.unit,
        _price_basis(held, measure),
        of_no_month.en if of_no_month else _span(held, months),
        measure.note.en if measure.note else "",
        allowed,
    )


def _price_basis(held: ReleaseFacts, measure: Measure) -> str:
    is_net = held.release.manifest.parameters.get("sale_prices") != "incl_vat"
    return _AS_NET if is_net and measure.price_basis == "incl_vat" else _BASES[measure.price_basis]


def _why_not(measure: Measure, borne: Facts, dimension: Dimension) -> str:
    """Say why a measure has no figure by a dimension; nothing if it has."""
    grain = GRAINS[measure.grain]
    if why := grain.why_not(dimension):
        return why.en
    return "" if dimension in borne.own_columns else f"a row is a {grain.row}, which says none"


def _explained_part(borne: Facts, name: str) -> ExplainedPart:
    from bottleneck_assets.models.contract import columns_of as contract_columns

    part = borne.rows.part(name)
    columns = (part,) if isinstance(part, str) else columns_of(part)
    described = {column.name: column.description for column in contract_columns(borne.model.contract)}
    comes_from = sorted({origin for column in columns for origin in _origins(borne, column)})
    said = "; ".join(f"{column}: {described[column]}" for column in columns if column in described)
    return ExplainedPart(name, part_of(name, borne.rows), said, comes_from)


def _origins(borne: Facts, column: str) -> Iterator[str]:
    """Yield the columns of the export that a column comes from."""
    from bottleneck_assets.models.lineage import origins

    if column in borne.own_columns:
        yield from (f"{origin.table.removeprefix('raw.')}.{origin.column}" for origin in origins(borne.model.ref, column))


def _caveats(held: ReleaseFacts, measure: Measure) -> Iterator[str]:
    """Yield what is to be known before the figure is used."""
    if measure.note:
        yield measure.note.en
    if measure.price_basis:
        yield f"Prices: {_price_basis(held, measure)}."
    if measure.format in {"rate", "change", "one", "two"}:
        yield "For a group it is computed from sums over the group, never as a mean of its members' values."
    yield from (f"{check.found}" for check in held.release.manifest.checks if not check.passed)


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
    about = held.products
    if dimension == "sku":
        for value in values:
            if value not in about:
                problem = f"There is no product {value}."
                raise RefusedError(problem, "find_products finds products by their names.")
        return list(values)
    return [_known_name(str(value), _values(about.values(), dimension), dimension) for value in values]


def _known_name(name: str, names: Sequence[str], what: str) -> str:
    by_folded = {one.casefold(): one for one in names}
    if name and name.casefold() not in by_folded:
        problem = f"There is no {what} {name!r}."
        raise RefusedError(problem, _nearest(name, by_folded, names))
    return by_folded.get(name.casefold(), "")


def _nearest(name: str, candidates: Iterable[str], all_of_them: Sequence[str]) -> str:
    nearest = get_close_matches(name.casefold(), [one.casefold() for one in candidates], n=1)
    meant = f"Did you mean {nearest[0]}? " if nearest else ""
    return f"{meant}There are: {', '.join(all_of_them)}."


def _months_of(held: ReleaseFacts, question: Question) -> frozenset[dt.date] | None:
    """Return the months in view, None for all. Raises RefusedError for a month that the release does not cover."""
    if not question.month_from and not question.month_to:
        return None
    months = _values(held.of("sale").everything, "month")
    first, last = (_covered(given, months) for given in (question.month_from, question.month_to))
    found = frozenset(month for month in months if (first is None or month >= first) and (last is None or month <= last))
    if not found:
        problem = f"There is no month from {question.month_from} to {question.month_to}."
        raise RefusedError(problem, "month_from must not be after month_to.")
    return found


def _covered(given: str, months: Sequence[dt.date]) -> dt.date | None:
    if not given:
        return None
    found = next((month for month in months if _month(month) == given.strip()[:7]), None)
    if found is None:
        problem = f"The release has no figures of {given!r}."
        raise RefusedError(problem, f"Its months are {_month(months[0])} to {_month(months[-1])}, written like {_month(months[0])}.")
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
    """Return the groups: months in their order, all else by the first measure, what is not known last."""
    by_name = sorted(groups.items(), key=lambda group: [str(part) for part in group[0]])
    if "month" in question.by:
        return by_name
    sign = -1 if question.largest_first else 1

    def place(group: tuple[Key, dict[str, float | None]]) -> tuple[bool, float]:
        value = group[1].get(measure)
        return value is None, 0 if value is None else sign * value

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


# --- Recommendations ---------------------------------------------------------------------------------------------------------


def _recommended(row: Row) -> Recommended:
    return Recommended(row["recommendation"], row["supported"], row["contradicted"], row["inconclusive"], _euros(row["yearly_effect"]))


def _finding(row: Row, language: Language) -> Finding:
    return Finding(
        row["recommendation"],
        row["audience"],
        row["scope"],
        row["verdict"],
        row["confidence"] or "",
        _euros(row["yearly_effect"]),
        row["effect_method"],
        dict(part.partition("=")[::2] for part in row["evidence"].split("; ") if "=" in part),
        row[f"sentence_{language}"],
    )


def _euros(value: object) -> float | None:
    return None if value is None else float(str(value))
