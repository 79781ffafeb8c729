"""What answers look like: what stands beside every figure, and the rows that are found.

Belongs here: dataclasses, whose names and docstrings assistants are told. Never here: how an answer comes about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence  # noqa: TC003 - the server reads the annotations
from dataclasses import dataclass


@dataclass(frozen=True)
class Basis:
    """What every answer rests on: the release, when its export was last changed, its months, and how it reads sale prices."""

    release: str
    export_changed_at: str
    period: str
    sale_prices: str


@dataclass(frozen=True)
class MeasureInBrief:
    """A measure: its name, labels, unit, price basis, the months or day that it is of, what to say beside it, and by what it may be cut."""

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
    """A part of a measure: what it is in each row, what its column is said to be, and the columns of the export and settings behind it."""

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
    """Figures by group, what was asked, what each measure is, and how many groups come after those shown."""

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
    """The products that match, and how many more come after them."""

    products: Sequence[FoundProduct]
    left_out: int
    basis: Basis


@dataclass(frozen=True)
class Fact:
    """What is known of a product: its value, None if it is not known, the same as people write it, its unit, meaning, and file."""

    value: bool | int | float | str | None
    text: str
    unit: str
    description: str
    file: str


@dataclass(frozen=True)
class DescribedProduct:
    """A product, and what the release says of it, each fact once, by the name of its column."""

    product: FoundProduct
    facts: Mapping[str, Fact]
    basis: Basis


@dataclass(frozen=True)
class Evidence:
    """A figure behind a sentence: its value, unit and meaning."""

    value: str
    unit: str
    description: str


@dataclass(frozen=True)
class Finding:
    """A finding of a recommendation, with its evidence as named figures.

    Effects are euros a year excl. VAT, that of a campaign as if it came back every year; None where none is claimed.
    """

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
    """A recommendation as a whole: the advice, what the data says of it, and how many findings support or contradict it.

    The effect is what those that support it add up to, in euros a year excl. VAT; None where no finding claims one. `evidence` is that of
    the sentence; `evidence_columns` say unit and meaning of the evidence of its findings.
    """

    recommendation: str
    advice: str
    sentence: str
    supported: int
    contradicted: int
    inconclusive: int
    yearly_effect_eur_excl_vat: float | None
    evidence: Mapping[str, Evidence]
    evidence_columns: Mapping[str, str]


@dataclass(frozen=True)
class ToTry:
    """A campaign that would tell what is not known: what to do, how to read it, and the figures behind that."""

    scope: str
    sentence: str
    evidence: Mapping[str, Evidence]


@dataclass(frozen=True)
class Recommendations:
    """The recommendations, their findings, the largest effect first, how many come after those shown, and what to try."""

    summary: Sequence[Recommended]
    findings: Sequence[Finding]
    left_out: int
    to_try: Sequence[ToTry]
    basis: Basis
