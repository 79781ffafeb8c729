"""What the contracts of promotions' effects share: how promotions are grouped.

Belongs here: the columns that tell the groups apart, and how they are declared. Never here: a figure of one table.
"""

from __future__ import annotations

from typing import Any

from bottleneck_assets.models.contract import column


def promo_group() -> Any:
    """Declare the group of promotions."""
    return column("Number of the group: a campaign in a segment, or the class A products of a segment.", ge=1)


def scope() -> Any:
    """Declare the scope."""
    return column("Which promotions: those of a campaign, or all those of class A products.", isin=["campaign", "class A"])


def starts_on() -> Any:
    """Declare the campaign's first day."""
    return column("First day of the campaign; null for class A.", nullable=True)


def ends_on() -> Any:
    """Declare the campaign's last day."""
    return column("Last day of the campaign; null for class A.", nullable=True)
