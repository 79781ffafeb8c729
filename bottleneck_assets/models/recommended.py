"""What the contracts of the recommendation layer share: a scope, what the data says of the advice there, and its effect.

Belongs here: the columns that all have or several tables share, and how they are declared. Never here: a rule of one of them.
"""

from __future__ import annotations

from typing import Any

from bottleneck_assets.models.contract import Additive, Amount, Contract, Count, Date, Text, column, euros, ratio

RECOMMENDATIONS = [
    "free_cash",
    "protect_best_sellers",
    "promote_low_season",
    "monitor_segments",
    "stock_thresholds",
    "use_feedback",
    "pass_on_costs",
]
AUDIENCES = ["CEO", "Head of Sales", "Product managers"]
SCOPE_KINDS = ["product", "products", "product type", "product type, campaign", "segment", "segment, month", "shop"]
VERDICTS = ["supported", "contradicted", "inconclusive"]


def recommendation() -> Any:
    """Declare the recommendation."""
    return column("Name of the recommendation.", isin=RECOMMENDATIONS)


def audience() -> Any:
    """Declare who decides on it."""
    return column("Who decides on it.", isin=AUDIENCES)


def scope_kind() -> Any:
    """Declare the kind of scope."""
    return column("What the row is about.", isin=SCOPE_KINDS)


def scope() -> Any:
    """Declare the scope."""
    return column("The product, segment, month or campaign that the row is about.", str_length={"min_value": 1})


def sku() -> Any:
    """Declare the product that the row is about."""
    return column("The shop's number of the product; null where the row is not about one.", nullable=True, ge=0)


def segment() -> Any:
    """Declare the segment that the row is about."""
    return column("Segment; null where the row is about the whole shop.", nullable=True)


def month() -> Any:
    """Declare the month that the row is about."""
    return column("First day of the month; null where the row is not about one.", nullable=True)


def finding() -> Any:
    """Declare what the data shows."""
    return column("What the data shows; the sentence is chosen by it.", str_length={"min_value": 1})


def verdict() -> Any:
    """Declare the verdict."""
    return column("Whether the data supports the advice here, contradicts it, or cannot tell.", isin=VERDICTS)


def yearly_effect(additive: Additive = "yes") -> Any:
    """Declare the effect. It adds up within one recommendation."""
    return euros(
        "Effect of following the advice, euros a year excl. VAT; negative where following it would cost; null where none is claimed. "
        "A campaign's is that of one that comes back every year. No euro is claimed twice: a loss belongs to one recommendation.",
        additive=additive,
        nullable=True,
    )


def rank() -> Any:
    """Declare the place among all findings."""
    return column("Place by yearly effect, the largest first.", ge=1)


def confidence() -> Any:
    """Declare how sure the finding is, in a word."""
    return column(
        "How sure the finding is: of promotions as kpi.promo_uplift says; else high from 2.58 standard errors (99 % sure), medium from "
        "1.64 (90 %), else low; low where inconclusive. A fact has none.",
        nullable=True,
        isin=["high", "medium", "low"],
    )


def evidence() -> Any:
    """Declare the evidence as text."""
    return column("The evidence as `name=value; name=value`: every figure of the sentence is among it.")


def one_off_cash() -> Any:
    """Declare the cash that is freed once."""
    return euros(
        "Cash that following the advice frees once, euros excl. VAT: no yearly flow, and in no sum with one; null where none is freed.",
        additive="no",
        nullable=True,
        ge=0,
    )


def least_free_cash() -> Any:
    """Declare the euros below which a product has no row of its own."""
    return euros("Euros from which a product has a row of its own; those below are one row.", additive="no", ge=0)


def share_better() -> Any:
    """Declare how often well-rated products sell well."""
    return ratio("Share of the better-rated products that sell above their segment's median.", ge=0, le=1)


def share_others() -> Any:
    """Declare how often the other rated products sell well."""
    return ratio("Share of the other rated products that sell above their segment's median.", ge=0, le=1)


def rating_link() -> Any:
    """Declare how sure it is that ratings and sales go together."""
    return column(
        "How sure it is that better-rated products sell more; beyond 1.645 either way it is no chance.",
        unit="standard errors",
        formula="(share_better - share_others) / its standard error",
        nullable=True,
    )


class Recommendation(Contract):
    """A recommendation by scope. Its own evidence follows these columns, and ends with `evidence`."""

    scope_kind: Text = scope_kind()
    scope: Text = scope()
    sku: Count = sku()
    segment: Text = segment()
    month: Date = month()
    finding: Text = finding()
    verdict: Text = verdict()
    yearly_effect: Amount = yearly_effect()
    confidence: Text = confidence()

    class Config(Contract.Config):
        """Rows are told apart by their scope."""

        unique = ["scope"]  # noqa: RUF012 - pandera's way
