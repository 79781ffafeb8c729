"""Gives every segment one colour wherever it is drawn: on the dashboard, in its picture, in the Tableau workbook.

Belongs here: the colours that tell values apart, in their order, and which segment has which. Never here: a colour that means something by
itself, such as a loss (tableau/theme.py, web/dashboard.css).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bottleneck_assets.engine.warehouse import Warehouse

READS = ("clean.ca_par_segment", "extract.customer_preferences")
PALETTE = ("#7b1e3b", "#b8651b", "#1f6f78", "#6b7a1e", "#5b5f97", "#8d6b94")


def shades(warehouse: Warehouse) -> Mapping[str, int]:
    """Return the place of each segment's colour in the palette: by revenue, the largest first, then those without any by name."""
    earning = [row["segment"] for row in warehouse.rows("clean.ca_par_segment", columns=["segment"])]
    everything = {row["segment"] for row in warehouse.rows("extract.customer_preferences", columns=["segment"])}
    ordered = dict.fromkeys([*earning, *sorted(everything)])
    return {segment: place % len(PALETTE) for place, segment in enumerate(ordered)}


def colours(warehouse: Warehouse) -> Mapping[str, str]:
    """Return the colour of each segment as #rrggbb."""
    return {segment: PALETTE[place] for segment, place in shades(warehouse).items()}
