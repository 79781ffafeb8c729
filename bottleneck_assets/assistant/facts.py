"""The rows of a release from which figures are computed: one table for each grain, with what is known of each row's product.

Belongs here: which table bears which grain, and reading it. Never here: a figure, or what a question means.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bottleneck_assets.figures.rows import Rows, rows_of
from bottleneck_assets.models.catalog import models
from bottleneck_assets.release.publishing import published_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bottleneck_assets.models.catalog import Model
    from bottleneck_assets.release.release import Release

    Row = dict[str, Any]

BEARERS: Mapping[str, str] = {
    "sale": "clean.sales_in_period",
    "price": "kpi.basket_costs",
    "promotion": "extract.promotions_roi",
    "product": "extract.customer_preferences",
    "stock": "extract.stock_turnover",
    "finding": "extract.business_recommendations",
}
"""The table whose rows are those of a grain, one by one."""
PRODUCTS = ("extract.customer_preferences", "extract.top_products")
"""Where a product's own columns stand."""
OF_A_PRODUCT = ("title", "segment", "product_type", "rank", "abc_class")


@dataclass(frozen=True)
class Facts:
    """The rows of a grain, each with its product's columns, and what they bear; the columns of the table alone tell its dimensions."""

    model: Model
    rows: Rows
    everything: Sequence[Row]

    @property
    def own_columns(self) -> frozenset[str]:
        """The columns that its table has by itself."""
        return rows_of(self.model).columns

    def table_of(self, column: str) -> str:
        """Return the table that has a column: its own, else one of the products."""
        return next(ref for ref in (self.model.ref, *PRODUCTS) if column in rows_of(models()[ref]).columns)


@dataclass(frozen=True)
class ReleaseFacts:
    """The rows of one release, read when they are first asked for."""

    release: Release
    _read: dict[str, Facts] = field(default_factory=dict[str, "Facts"])
    _tables: dict[str, list[Row]] = field(default_factory=dict[str, "list[Row]"])

    @cached_property
    def products(self) -> Mapping[int, Row]:
        """Each product by its SKU, with its columns. Raises OlderReleaseError if the release does not hold them."""
        found: dict[int, Row] = {}
        for ref in PRODUCTS:
            for row in self.table(ref):
                found.setdefault(row["sku"], {}).update({name: row[name] for name in OF_A_PRODUCT if name in row})
        return found

    def of(self, grain: str) -> Facts:
        """Return the rows of a grain. Raises OlderReleaseError if the release does not hold them."""
        if grain not in self._read:
            model = models()[BEARERS[grain]]
            borne, rows = rows_of(model), [self._with_product(row) for row in self.table(model.ref)]
            self._read[grain] = Facts(model, Rows(borne.columns | frozenset(OF_A_PRODUCT), borne.key, borne.grains), rows)
        return self._read[grain]

    def table(self, ref: str) -> list[Row]:
        """Return the rows of a table. Raises OlderReleaseError if the release does not hold it."""
        if ref not in self._tables:
            self._tables[ref] = self.release.typed_rows(published_path(models()[ref]))
        return self._tables[ref]

    def _with_product(self, row: Row) -> Row:
        about: Row = self.products.get(row["sku"], {}) if row.get("sku") is not None else {}
        return {**dict.fromkeys(OF_A_PRODUCT), **about, **row}
