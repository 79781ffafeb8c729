"""What a release says of one product: its page in the shop, its prices, sales and stock by month, its promotions, and the advice on it.

Belongs here: finding a product's rows in the published tables, and why a figure of them is not known. Never here: computing a figure, and
how it is shown (portal/).
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping, Sequence

    from bottleneck_assets.release.release import Release

    Row = Mapping[str, Any]

WEB, FINANCE, SOLD, PROMO = "tables/web.csv", "tables/finance.csv", "tables/sales.csv", "tables/promo.csv"
RETURNS, YEAR, ADVICE = "promotions_roi.csv", "customer_preferences.csv", "business_recommendations.csv"
READ_FROM, MONTHLY = (WEB, FINANCE, SOLD, PROMO, RETURNS, YEAR, ADVICE), (FINANCE, SOLD)
"""The files that tell of a product, and those of them that have its columns by month."""
PRICES, SALES = ("price", "purchase_price", "is_on_sale"), ("units", "units_promo", "revenue", "gross_margin", "stock_end")
WHY_NO_PRICE, WHY_NO_SALES = "why_no_price", "why_no_sales"
COLUMNS = ("month", "sku", *PRICES, WHY_NO_PRICE, *SALES, WHY_NO_SALES)
IN_QUARANTINE, NOT_IN_EXPORT, NOT_IN_WEB = "in_quarantine", "not_in_export", "not_in_web"
"""Why a month has no price, or no sales."""
OUTSIDE_PERIOD, NO_DISCOUNT, NO_BASELINE = "outside_period", "no_discount", "no_baseline"
"""Why a promotion has no return."""
_LARGEST_SKU = (1 << 63) - 1
_KEY = re.compile(r"\s*(\d{4})-(\d{1,2})(?:-\d{1,2})?_(\d+)(?:\.0+)?\s*")


@dataclass(frozen=True)
class Product:
    """A product of a release, as its published tables have it.

    `page` is its row of tables/web.csv, none where the export has only prices of it; `year` that of customer_preferences.csv, with the
    sums of the reporting period. `months` has a row of `COLUMNS` for each month of the export, in order. `promotions` are the rows of
    tables/promo.csv, with `incremental_roi` and `why_no_roi`; `advice` those of business_recommendations.csv that name it; `set_aside` its
    row of quality/unknown_products.csv, none where nothing of it in the reporting period is in quarantine.
    """

    sku: int
    page: Row | None
    year: Row | None
    months: Sequence[Row]
    promotions: Sequence[Row]
    advice: Sequence[Row]
    set_aside: Row | None

    @property
    def title(self) -> str:
        """What the shop calls it; its number where it has no page."""
        return (self.page["title"] if self.page else None) or str(self.sku)

    def last(self, column: str) -> tuple[dt.date, Any] | None:
        """Return the latest month in which a column is known, and what it is then; none if it never is."""
        return next(((row["month"], row[column]) for row in reversed(self.months) if row[column] is not None), None)

    def as_csv(self) -> bytes:
        """Return its months as CSV, as a release's own are: empty for what is not known."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in self.months:
            writer.writerow([str(row[name]).lower() if isinstance(row[name], bool) else row[name] for name in COLUMNS])
        return text.getvalue().encode()


def product(release: Release, sku: int) -> Product | None:
    """Return a product, none where neither a page nor a price of it is published. Raises what `Release.typed_rows` does."""
    if not 0 <= sku <= _LARGEST_SKU:
        return None
    pages, prices = (release.typed_rows(path, sku=sku) for path in (WEB, FINANCE))
    if not pages and not prices:
        return None
    set_aside = set(_set_aside(release, sku))
    years, unknown = (release.typed_rows(path, sku=sku) for path in (YEAR, "quality/unknown_products.csv"))
    price_of, sale_of, return_of = (
        {row["month"]: row for row in rows} for rows in (prices, release.typed_rows(SOLD, sku=sku), release.typed_rows(RETURNS, sku=sku))
    )

    def month(of: dt.date) -> Row:
        def why(table: str, otherwise: str) -> str:
            return IN_QUARANTINE if (table, of.year, of.month) in set_aside else otherwise

        return {
            "month": of,
            "sku": sku,
            **_cells(PRICES, price_of.get(of), WHY_NO_PRICE, why("finance", NOT_IN_EXPORT)),
            **_cells(SALES, sale_of.get(of), WHY_NO_SALES, why("sales", NOT_IN_EXPORT if pages else NOT_IN_WEB)),
        }

    return Product(
        sku,
        pages[0] if pages else None,
        years[0] if years else None,
        [month(of) for of in sorted(row["month"] for row in release.typed_rows("tables/months.csv"))],
        [_promotion(row, return_of.get(row["month"])) for row in release.typed_rows(PROMO, sku=sku)],
        release.typed_rows(ADVICE, sku=sku),
        unknown[0] if unknown else None,
    )


def sold_products(release: Release) -> list[dict[str, Any]]:
    """Return the products that have a page in the shop, those with the most revenue of the reporting period first."""
    rows = release.typed_rows(YEAR)
    return sorted(rows, key=lambda row: (-(row["revenue"] or 0), row["sku"]))


def _cells(names: Sequence[str], row: Row | None, why: str, reason: str) -> Row:
    return {**{name: row[name] if row else None for name in names}, why: "" if row else reason}


def _set_aside(release: Release, sku: int) -> Iterator[tuple[str, int, int]]:
    """Yield the table, year and month of each row of a product that is in quarantine, as far as its key can be read."""
    for row in release.typed_rows("quality/quarantine.csv"):
        key = _KEY.fullmatch(row["record_key"] or "")
        if key and int(key[3]) == sku:
            yield row["source_table"], int(key[1]), int(key[2])


def _promotion(row: Row, returned: Row | None) -> Row:
    """Return a promotion with its return, or why it has none."""
    roi = returned["incremental_roi"] if returned else None
    why = "" if roi is not None else OUTSIDE_PERIOD if returned is None else NO_DISCOUNT if not returned["discount_cost"] else NO_BASELINE
    return {**row, "incremental_roi": roi, "why_no_roi": why}
