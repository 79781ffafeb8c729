"""What the dashboard draws: the figures of its tabs, read from stored tables, as columns of a JSON document.

Belongs here: which tables the page holds, and how few characters they take. Never here: how anything looks or is said, which rows a page
can hold (models/presentation), or a figure that the page can compute: every figure of a group is a sum over sums, computed in the page
from the rows that the filters leave.

The page holds the months of each product, so that segment, months and product type filter every figure alike.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bottleneck_assets.figures.french import NAMED_IN_FRENCH, french_names
from bottleneck_assets.figures.tabs import TABS
from bottleneck_assets.models.catalog import models
from bottleneck_assets.release.publishing import published_path
from bottleneck_assets.render import colours
from bottleneck_assets.wording import LANGUAGES, a_year, last_day, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bottleneck_assets.engine.warehouse import Warehouse

    Row = Mapping[str, Any]
    Columns = Mapping[str, Sequence[Any]]

READS = (
    "kpi.basket_costs",
    "clean.ca_par_segment",
    "clean.quarantine_worth",
    "clean.reporting_period",
    "clean.row_accounting",
    "kpi.headline",
    "kpi.segment_band",
    "recommendation.stock_thresholds",
    "recommendation.summary",
    "extract.overview",
    "extract.customer_preferences",
    "extract.promotions_roi",
    "extract.business_recommendations",
    "presentation.dashboard_facts",
    "presentation.dashboard_facts_before",
    "presentation.dashboard_findings",
    "presentation.dashboard_products",
    "presentation.dashboard_promotions",
    "presentation.export_quality",
    "presentation.month_coverage",
    "raw.parameters",
)
"""The tables behind the page."""
_GROUP = ("sku", "segment", "product_type", "is_stocked", "abc_class", "cover_band")
"""What tells the rows of products apart."""


def figures(warehouse: Warehouse) -> dict[str, Any]:
    """Return what the page draws."""
    (period,) = warehouse.rows("clean.reporting_period")
    (parameters,) = warehouse.rows("raw.parameters")
    (quality,) = warehouse.rows("presentation.export_quality")
    covered = [row["month"] for row in warehouse.rows("presentation.month_coverage")]
    accounts, worth = warehouse.rows("clean.row_accounting"), warehouse.rows("clean.quarantine_worth")
    bounds = warehouse.rows("recommendation.stock_thresholds")
    products, facts = warehouse.rows("presentation.dashboard_products"), warehouse.rows("presentation.dashboard_facts")
    before = warehouse.rows("presentation.dashboard_facts_before")
    months, months_before = (sorted({fact["month"] for fact in of}) for of in (facts, before))
    return {
        "period": {"start": plain(period["period_start"]), "end": plain(period["period_end"]), "full": period["is_full_year"]},
        "months": [plain(month) for month in months],
        "months_before": [plain(month) for month in months_before],
        "shades": [[segment, f"c{place}"] for segment, place in colours.shades(warehouse).items()],
        "moments": {
            "period_end": plain(_last_day(period["period_end"])),
            "stock_date": plain(max((row["stock_date"] for row in bounds), default=None)),
        },
        "bounds_failed": [[row["segment"], row["product_type"]] for row in bounds if row["finding"] == "not_covered"],
        "data_to": plain(_last_day(max(covered, default=None))),
        "sale_prices": parameters["sale_prices"],
        "comments_are_ratings": quality["pages_rated"] > 0 and quality["pages_repeating"] == quality["pages"],
        "rows": {name: sum(row[f"rows_{name}"] for row in accounts) for name in ("read", "quarantined")},
        "set_aside": {name: plain(sum(row[name] for row in worth)) for name in ("units", "revenue", "rows_of_unknown_worth")},
        "whole": {
            "products": warehouse.table("extract.customer_preferences").rows,
            "promotions": warehouse.table("extract.promotions_roi").rows,
            "findings": warehouse.table("extract.business_recommendations").rows,
        },
        "products": _columns(products),
        "facts": _columns(_placed(facts, products, months)),
        "facts_before": _columns([_as_stocked(row) for row in _placed(before, products, months_before)]),
        "baskets": _columns([_basket(row) for row in warehouse.rows("kpi.basket_costs")]),
        "promotions": _columns(warehouse.rows("presentation.dashboard_promotions")),
        "findings": _columns(warehouse.rows("presentation.dashboard_findings")),
        "tables": {
            chart.rows: {
                "file": published_path(models()[chart.rows]),
                "rows": _columns(warehouse.rows(chart.rows, columns=chart.columns)),
            }
            for tab in TABS
            for chart in tab.charts
            if chart.rows
        },
        "advice": _advice(warehouse),
        "heads": dict(zip(NAMED_IN_FRENCH, french_names(NAMED_IN_FRENCH, parameters["sale_prices"]), strict=True)),
    }


def _last_day(month: dt.date | None) -> dt.date | None:
    return last_day(month) if month else None


def _basket(row: Row) -> Row:
    """Return a row with its sums, which have more digits than the page needs, as ratios are written."""
    return {name: float(value) if isinstance(value, Decimal) else value for name, value in row.items()}


def _as_stocked(row: Row) -> Row:
    """Return a row that says itself whether it counts as stock, since its product says it of the period alone."""
    return {"is_stocked" if name == "was_stocked" else name: value for name, value in row.items()}


def _placed(facts: Sequence[Row], products: Sequence[Row], months: Sequence[dt.date]) -> list[Row]:
    """Return the facts with places in the lists of products and months in place of what they are."""
    product = {tuple(row[name] for name in _GROUP): place for place, row in enumerate(products)}
    month = {found: place for place, found in enumerate(months)}
    return [
        {
            "product": product[tuple(row[name] for name in _GROUP)],
            "month": month[row["month"]],
            **{name: value for name, value in row.items() if name not in {"month", *_GROUP}},
        }
        for row in facts
    ]


def _advice(warehouse: Warehouse) -> list[dict[str, Any]]:
    """Return the recommendations, in the order of the shop's report, with what they found in each language."""
    summaries = {row["recommendation"]: row for row in warehouse.rows("recommendation.summary")}
    return [
        {
            "recommendation": name,
            **{column: plain(summaries[name][column]) for column in ("audience", "supported", "contradicted", "inconclusive", "finding")},
            "yearly_effect": plain(summaries[name]["yearly_effect"]),
            **{f"a_year_{language}": a_year(language, name) for language in LANGUAGES},
            **{
                f"{part}_{language}": sentence(language, name, finding, "", summaries[name]["evidence"])
                for language in LANGUAGES
                for part, finding in (("advice", "advice"), ("method", "method"), ("summary", f"summary_{summaries[name]['finding']}"))
            },
        }
        for name in models()["recommendation.summary"].promise.limits["recommendation"]["isin"]
        if name in summaries
    ]


def _columns(rows: Sequence[Row]) -> Columns:
    """Return rows as columns; text that repeats itself as its values and the place of each row's value among them."""
    return {name: _column([plain(row[name]) for row in rows]) for name in (rows[0] if rows else ())}


def _column(values: Sequence[Any]) -> Any:  # noqa: ANN401 - a list, or values with places
    texts = sorted({value for value in values if isinstance(value, str)})
    if not texts or len(texts) * 3 > len(values):
        return values
    place = {text: index for index, text in enumerate(texts)}
    return {"values": texts, "places": [place.get(value, -1) for value in values]}


def plain(value: Any) -> Any:  # noqa: ANN401 - a cell
    """Return a cell as JSON writes it shortest: whole amounts as whole numbers, ratios with twelve digits: nine are left of their sums."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float):
        return int(value) if value.is_integer() else float(f"{value:.12g}")
    return value
