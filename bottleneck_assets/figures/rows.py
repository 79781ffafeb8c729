"""What rows a figure is computed from: the columns that a table has, its key, and the grains that it bears in full.

Belongs here: how a measure finds its parts in a table, for every language alike. Never here: a language (sql.py, tableau.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bottleneck_assets.figures.combinations import columns_of, is_linear
from bottleneck_assets.figures.measures import MEASURES, PARTS
from bottleneck_assets.figures.tabs import TABS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bottleneck_assets.figures.combinations import Combination, Part
    from bottleneck_assets.figures.measures import Measure
    from bottleneck_assets.models.catalog import Model

GRAINS_OF: Mapping[str, tuple[str, ...]] = {
    **{f"extract.{tab.name}": tab.grains for tab in TABS},
    "clean.sales_in_period": ("sale",),
    "kpi.gross_margin": ("sale",),
    "kpi.sales_volume": ("sale",),
    "kpi.purchase_price": ("price",),
    "kpi.basket_costs": ("price",),
    "kpi.promo_roi": ("promotion",),
    "kpi.customer_rating": ("product",),
    "kpi.comment_rate": ("product",),
}
"""The grains whose figures add up in a table: it holds all of their rows, or sums of them. Elsewhere a column of a part's name is of some
rows alone, as the units of a promotion are, and a measure is only what a column holds of one row."""


class NotInTheseRowsError(LookupError):
    """A measure is not to be had from a table: it does not bear it, lacks a part, and does not hold it row by row."""


@dataclass(frozen=True)
class Rows:
    """The rows of a table: its columns, the key by which one row is told from another, the grains that it bears."""

    columns: frozenset[str]
    key: tuple[str, ...]
    grains: tuple[str, ...]

    def must_bear(self, measure: Measure) -> None:
        """Raise NotInTheseRowsError if the rows neither bear a measure's grain nor hold the measure."""
        if measure.grain not in self.grains and not self.column_of(measure) and not self.are_kpis:
            raise NotInTheseRowsError(measure.name)

    def column(self, name: str) -> str:
        """Return a column. Raises NotInTheseRowsError if there is none."""
        if name not in self.columns:
            raise NotInTheseRowsError(name)
        return name

    def part(self, name: str) -> str | Part:
        """Return the column that a part is here, or what it is computed from. Raises NotInTheseRowsError if there is neither."""
        if name in self.columns:
            return name
        part = PARTS.get(name)
        if part is None or not self.columns.issuperset(columns_of(part)):
            raise NotInTheseRowsError(name)
        if "sku" not in self.columns and not is_linear(part):  # sums over products meet no product's condition
            raise NotInTheseRowsError(name)
        return part

    def published(self, combination: Combination) -> Measure:
        """Return the measure whose value a column holds row by row. Raises NotInTheseRowsError if there is none."""
        for measure in MEASURES.values():
            if measure.combination == combination and self.column_of(measure):
                return measure
        message = f"{combination} can neither be computed nor read from {', '.join(sorted(self.columns))}"
        raise NotInTheseRowsError(message)

    def column_of(self, measure: Measure) -> str:
        """Return the column that holds a measure row by row, empty if there is none."""
        return next((column for column in measure.columns if column in self.columns), "")

    @property
    def are_kpis(self) -> bool:
        """Whether each row is a figure of the whole shop: the headline."""
        return self.key == ("kpi",)

    @property
    def told_apart_by(self) -> tuple[str, ...]:
        """The key without its month."""
        return tuple(column for column in self.key if column != "month")


def rows_of(model: Model) -> Rows:
    """Return the rows of a table."""
    columns = frozenset(column.name for column in model.promise.columns)
    return Rows(columns, model.promise.key, GRAINS_OF.get(model.ref, ()))
