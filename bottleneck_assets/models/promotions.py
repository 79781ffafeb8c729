"""What the contracts of promotions' effects share: how promotions are grouped.

Belongs here: the columns that tell the groups apart, and how they are declared. Never here: a figure of one table.
"""

from __future__ import annotations

from typing import Any

from bottleneck_assets.models.contract import column


def promo_group() -> Any:
    """Declare the group of promotions."""
    return column("Number of the group: a campaign's products of one type, or the best-sellers among them, or the others.", ge=1)


def scope() -> Any:
    """Declare the scope."""
    return column(
        "Which of a campaign's products of that type: all (campaign), the best-sellers, or the others.",
        isin=["campaign", "best-sellers", "other products"],
    )
