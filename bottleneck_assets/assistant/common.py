"""What all answers share: what they rest on, how many rows they show, and how names are understood.

Belongs here: what more than one kind of question needs. Never here: a question (answers.py, products.py, advice.py).
"""

from __future__ import annotations

import unicodedata
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal

from bottleneck_assets.assistant.forms import Basis
from bottleneck_assets.errors import BottleneckError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bottleneck_assets.assistant.facts import ReleaseFacts

Language = Literal["en", "fr"]
MOST_ROWS = 100
"""More are never answered at once."""


class RefusedError(BottleneckError):
    """A question that a release has no answer to: what was asked, and what may be asked instead."""


def basis(held: ReleaseFacts) -> Basis:
    """Return what every answer rests on."""
    period, reads_vat = held.release.manifest.period, held.release.manifest.parameters.get("sale_prices") == "incl_vat"
    months = f"{period.period_start} to {period.period_end}" if period else "not known"
    prices = "sale prices include VAT; margins, costs and effects do not" if reads_vat else "sale prices are read as without VAT"
    return Basis(held.release.name, f"{held.release.received_at:%Y-%m-%d %H:%M %Z}", months, prices)


def cut(found: Sequence[Any], skip: int, first: int) -> tuple[Sequence[Any], int]:
    """Return as many as are asked for, or may be, after those to skip, and how many come after them."""
    end = skip + max(1, min(first, MOST_ROWS))
    return found[skip:end], len(found[end:])


def folded(text: str) -> str:
    """Return a text without case and accents."""
    letters = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def known_name(name: str, names: Sequence[str], what: str) -> str:
    """Return the name that is meant, as the release spells it; empty if none is given. Raises RefusedError if there is none of it."""
    by_folded = {folded(one): one for one in names}
    if name and folded(name) not in by_folded:
        nearest = get_close_matches(folded(name), by_folded, n=1)
        meant = f"Did you mean {by_folded[nearest[0]]}? " if nearest else ""
        problem = f"There is no {what} {name!r}."
        raise RefusedError(problem, f"{meant}There are: {', '.join(names)}.")
    return by_folded.get(folded(name), "")


def known_sku(held: ReleaseFacts, sku: int) -> int:
    """Return the number of a product. Raises RefusedError if there is none of it."""
    if sku not in held.products:
        problem = f"There is no product {sku}."
        raise RefusedError(problem, "find_products finds products by their names.")
    return sku
