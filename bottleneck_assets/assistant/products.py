"""Products by their names, and what a release says of one.

Belongs here: finding a product, and all that is known of it. Never here: a measure (answers.py).
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from bottleneck_assets import wording
from bottleneck_assets.assistant.common import basis, cut, folded, known_sku
from bottleneck_assets.assistant.forms import DescribedProduct, Fact, FoundProduct, FoundProducts
from bottleneck_assets.figures.written import UNKNOWN
from bottleneck_assets.models.catalog import models
from bottleneck_assets.release.publishing import published_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bottleneck_assets.assistant.common import Language
    from bottleneck_assets.assistant.facts import ReleaseFacts
    from bottleneck_assets.models.promise import Column

DESCRIBED_BY = ("extract.top_products", "extract.customer_preferences", "extract.stock_turnover", "clean.finance")
"""The tables that describe a product, one row each; of the price list, the last month of the period."""
_SAID: Mapping[str, tuple[str, str]] = {"en": ("no", "yes"), "fr": ("non", "oui")}
_NAMED = frozenset({"sku", "title", "segment", "product_type"})


def found_products(held: ReleaseFacts, text: str, *, skip: int = 0, first: int = 20) -> FoundProducts:
    """Return the products whose name holds every word of a text, or whose number it is, by name."""
    words = folded(text).split()
    found = [
        _product(held, sku)
        for sku, row in held.products.items()
        if words == [str(sku)] or all(word in folded(row["title"]) for word in words)
    ]
    found.sort(key=lambda product: (product.title, product.sku))
    return FoundProducts(*cut(found, skip, first), basis(held))


def described_product(held: ReleaseFacts, sku: int, language: Language = "en") -> DescribedProduct:
    """Return what the release says of a product. Raises RefusedError if there is none of that number."""
    return DescribedProduct(_product(held, known_sku(held, sku)), dict(_facts(held, sku, language)), basis(held))


def _product(held: ReleaseFacts, sku: int) -> FoundProduct:
    row = held.products[sku]
    return FoundProduct(sku, row["title"], row["segment"], row["product_type"])


def _facts(held: ReleaseFacts, sku: int, language: Language) -> Iterator[tuple[str, Fact]]:
    told = set(_NAMED)
    for ref in DESCRIBED_BY:
        row = _row(held, ref, sku)
        for column in models()[ref].promise.columns:
            if column.name not in told:
                told.add(column.name)
                yield column.name, _fact(row.get(column.name), column, published_path(models()[ref]), language)


def _row(held: ReleaseFacts, ref: str, sku: int) -> Mapping[str, Any]:
    """Return a product's row of a table: of those by month, that of the last month of the period. Empty if there is none."""
    rows = [row for row in held.table(ref) if row["sku"] == sku]
    if (period := held.release.manifest.period) and ref == "clean.finance":
        rows = sorted((row for row in rows if period.period_start <= f"{row['month']:%Y-%m}" <= period.period_end), key=itemgetter("month"))
    return rows[-1] if rows else {}


def _fact(value: Any, column: Column, file: str, language: Language) -> Fact:  # noqa: ANN401 - whatever a table holds
    plain = float(value) if isinstance(value, Decimal) else value.isoformat() if isinstance(value, dt.date) else value
    return Fact(plain, _written(value, column.unit, language), column.unit, column.description, file)


def _written(value: Any, unit: str, language: Language) -> str:  # noqa: ANN401, PLR0911 - whatever a table holds
    match value, unit:
        case None, _:
            return UNKNOWN
        case dt.date(), _:
            return wording.date(value, language)
        case bool(), _:
            return _SAID[language][value]
        case _, "" | "year":
            return str(value)
        case _, "EUR":
            return wording.fixed(value, language, 2)
        case _, "ratio":
            return wording.rate(value, language)
        case _:
            return wording.number(value, language)
