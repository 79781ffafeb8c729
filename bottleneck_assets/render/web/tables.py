"""What the dashboard draws: the figures of its tabs, read from stored tables, as columns of a JSON document.

Belongs here: which rows the page holds, and what becomes of those that would make it too large. Never here: how anything looks or is
said, or a figure that the page can compute: every figure of a group is a sum over sums, computed in the page from the rows that the
filters leave.

The page holds the months of each product, so that segment, months and product type filter every figure alike. Of a shop with more
products than a page can hold, those with the most revenue or the most stock beyond their cover are kept one by one; the others are
pooled by segment, product type, ABC class and cover, so that sums stay whole.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bottleneck_assets.wording import LANGUAGES, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bottleneck_assets.engine.warehouse import Warehouse

    Row = Mapping[str, Any]
    Columns = Mapping[str, Sequence[Any]]

MOST_PRODUCTS = 1500
"""Products that are kept one by one, by revenue."""
MOST_OVERSTOCKED = 300
"""Products that are kept one by one, by the value of their stock beyond the chosen months of cover."""
MOST_PROMOTIONS = 2500
"""Promotions that are kept one by one, by the discount given."""
MOST_FINDINGS = 800
"""Findings on products that are kept, by their yearly effect; those on segments, months and campaigns all are."""
LONGEST_TITLE = 200
"""A name longer than that is cut: a cell may hold megabytes."""

READS = (
    "clean.reporting_period",
    "clean.row_accounting",
    "clean.sales_in_period",
    "clean.web",
    "clean.finance",
    "raw.parameters",
    "kpi.headline",
    "kpi.stock_thresholds",
    "recommendation.free_cash",
    "recommendation.summary",
    "extract.overview",
    "extract.inflation_margin",
    "extract.promotions_roi",
    "extract.top_products",
    "extract.customer_preferences",
    "extract.segments",
    "extract.stock_turnover",
    "extract.business_recommendations",
)
"""The tables behind the page."""

_VALUED = """
valued as (
    select
        customer_preferences.*,
        top_products.rank,
        top_products.abc_class,
        stock_turnover.sku is not null as is_stocked,
        stock_turnover.mean_stock_value,
        stock_turnover.stock_end,
        stock_turnover.stock_value_end,
        stock_turnover.mean_monthly_units,
        stock_turnover.months_of_cover,
        stock_turnover.reorder_point,
        stock_turnover.stock_ceiling,
        cast(coalesce(free_cash.value_beyond_cover, 0) as double) as beyond_cover,
        case
            when stock_turnover.sku is null then null
            when stock_turnover.months_of_cover is null then 'none'
            when stock_turnover.months_of_cover <= 1 then '0-1'
            when stock_turnover.months_of_cover <= 3 then '1-3'
            when stock_turnover.months_of_cover <= 6 then '3-6'
            when stock_turnover.months_of_cover <= 12 then '6-12'
            else '12-'
        end as cover_band,
        cast(coalesce(thresholds.state = 'below reorder point', false) as integer) as below_reorder,
        cast(coalesce(thresholds.state = 'above ceiling', false) as integer) as above_ceiling,
        cast(coalesce(top_products.abc_class = 'A', false) as integer) as products_in_a,
        cast(customer_preferences.rating_count = 0 as integer) as unrated
    from extract.customer_preferences as customer_preferences
    left join extract.top_products as top_products on customer_preferences.sku = top_products.sku
    left join extract.stock_turnover as stock_turnover on customer_preferences.sku = stock_turnover.sku
    left join kpi.stock_thresholds as thresholds on customer_preferences.sku = thresholds.sku
    left join recommendation.free_cash as free_cash on customer_preferences.sku = free_cash.sku
),
"""
_KEPT = f"""
kept as (
    select
        *,
        row_number() over (order by revenue desc, sku) <= {MOST_PRODUCTS}
        or row_number() over (order by beyond_cover desc, sku) <= {MOST_OVERSTOCKED} as is_kept
    from valued
)
"""
_VALUED_READS = (
    "extract.customer_preferences",
    "extract.top_products",
    "extract.stock_turnover",
    "kpi.stock_thresholds",
    "recommendation.free_cash",
)

_PRODUCTS = f"""
with {_VALUED} {_KEPT}
select
    sku, left(title, {LONGEST_TITLE}) as title, product_type, segment, vintage, volume_cl, rating_count, average_rating, shrunk_rating,
    comment_count, comments_per_100_units, rank, abc_class, is_stocked, cover_band, stock_end, stock_value_end, mean_monthly_units,
    months_of_cover, reorder_point, stock_ceiling, beyond_cover, average_rating * rating_count as rating_sum,
    case when average_rating is not null then rating_count else 0 end as ratings, cast(comment_count > 0 as integer) as commented,
    below_reorder, above_ceiling, products_in_a, unrated, units, 1 as products
from kept where is_kept
union all
select
    null, null, product_type, segment, null, null, sum(rating_count), null, null,
    sum(comment_count), null, null, abc_class, is_stocked, cover_band, sum(stock_end), sum(stock_value_end), sum(mean_monthly_units),
    null, null, null, sum(beyond_cover), sum(average_rating * rating_count),
    sum(case when average_rating is not null then rating_count else 0 end), sum(cast(comment_count > 0 as integer)),
    sum(below_reorder), sum(above_ceiling), sum(products_in_a), sum(unrated), sum(units), count(*)
from kept where not is_kept group by product_type, segment, is_stocked, abc_class, cover_band
order by rank nulls last, sku nulls last, segment, product_type, is_stocked, abc_class, cover_band
"""

_FACTS = f"""
with {_VALUED} {_KEPT}
select
    sales.month, case when kept.is_kept then kept.sku end as sku, kept.segment, kept.product_type, kept.is_stocked,
    kept.abc_class, kept.cover_band, sum(sales.units) as units, sum(sales.units_promo) as units_promo,
    sum(sales.revenue) as revenue, sum(sales.cogs) as cogs,
    sum(sales.stock_end) as stock_end, sum(sales.stock_value_end) as stock_value_end,
    nullif(cast(sum(cast(sales.units > 0 as integer)) as integer), 0) as products_sold
from clean.sales_in_period as sales
inner join kept on sales.sku = kept.sku
group by all order by sku nulls last, segment, product_type, is_stocked, abc_class, cover_band, month
"""

# as kpi.purchase_price, split by product type: an index is its basket's cost over that of the first month, for any choice of products
_BASKETS = """
with
prices as (
    select finance.month, finance.sku, web.segment, web.product_type, finance.price, finance.purchase_price
    from clean.finance as finance
    inner join clean.reporting_period as period on finance.month between period.period_start and period.period_end
    inner join clean.web as web on finance.sku = web.sku
),
sold as (select sku, sum(units) as units from clean.sales_in_period group by sku),
basket as (
    select prices.sku, coalesce(max(sold.units), 0) as units
    from prices left join sold on prices.sku = sold.sku
    group by prices.sku
    having count(*) = (select count(distinct month) from prices)
)
select
    prices.month, prices.segment, prices.product_type, count(*) as prices,
    cast(sum(prices.purchase_price) as double) as purchase_prices, cast(sum(prices.price) as double) as sale_prices,
    cast(sum(cast(basket.units as decimal(18, 0)) * prices.purchase_price) as double) as purchase_cost,
    cast(sum(cast(basket.units as decimal(18, 0)) * prices.price) as double) as sale_value
from prices left join basket on prices.sku = basket.sku
group by all order by prices.segment, prices.product_type, prices.month
"""

_PROMOTIONS = f"""
with listed as (
    select *, row_number() over (order by discount_cost desc nulls last, month, sku) <= {MOST_PROMOTIONS} as is_kept
    from extract.promotions_roi
)
select
    month, starts_on, ends_on, segment, product_type, sku, left(title, {LONGEST_TITLE}) as title, discount_rate, list_price, offer_price,
    units, units_promo, baseline_units, uplift_units, case when baseline_units is not null then units end as units_measured, discount_cost,
    promo_margin,
    incremental_margin, case when incremental_margin is not null then discount_cost end as discount_measured, 1 as promotions
from listed where is_kept
union all
select
    month, starts_on, ends_on, segment, product_type, null, null, null, null, null,
    sum(units), sum(units_promo), sum(baseline_units), sum(uplift_units),
    sum(case when baseline_units is not null then units end), sum(discount_cost),
    sum(promo_margin), sum(incremental_margin), sum(case when incremental_margin is not null then discount_cost end), count(*)
from listed where not is_kept group by month, starts_on, ends_on, segment, product_type
order by month, sku nulls last, segment, product_type
"""

_FINDINGS = f"""
with listed as (
    select *, sku is null or row_number() over (partition by sku is null order by rank) <= {MOST_FINDINGS} as is_kept
    from extract.business_recommendations
)
select
    listed.rank, listed.recommendation, listed.audience, listed.scope_kind, left(listed.scope, {LONGEST_TITLE}) as scope, listed.sku,
    listed.segment, web.product_type, listed.month, listed.verdict, listed.yearly_effect, listed.confidence,
    listed.sentence_en, listed.sentence_fr
from listed left join clean.web as web on listed.sku = web.sku
where listed.is_kept order by listed.rank
"""


def figures(warehouse: Warehouse) -> dict[str, Any]:
    """Return what the page draws."""
    (period,) = _rows(warehouse, "select * from clean.reporting_period")
    (parameters,) = _rows(warehouse, "select max_cover_months, service_level from raw.parameters")
    (rows,) = _rows(warehouse, "select sum(rows_read) as read, sum(rows_quarantined) as quarantined from clean.row_accounting")
    months = [row["month"] for row in _rows(warehouse, "select distinct month from clean.sales_in_period order by month")]
    products = warehouse.query(_PRODUCTS, reads=_VALUED_READS)
    (held,) = _rows(warehouse, "select count(*) as products from extract.customer_preferences")
    (promoted,) = _rows(warehouse, "select count(*) as promotions from extract.promotions_roi")
    (found,) = _rows(warehouse, "select count(*) as findings from extract.business_recommendations")
    promotions = warehouse.query(_PROMOTIONS, reads=["extract.promotions_roi"])
    findings = warehouse.query(_FINDINGS, reads=["extract.business_recommendations", "clean.web"])
    return {
        "period": {"start": _plain(period["period_start"]), "end": _plain(period["period_end"]), "full": period["is_full_year"]},
        "months": [_plain(month) for month in months],
        "parameters": {name: _plain(value) for name, value in parameters.items()},
        "rows": {name: int(value or 0) for name, value in rows.items()},
        "whole": {**held, **promoted, **found},
        "products": _columns(products),
        "facts": _columns(_placed(warehouse.query(_FACTS, reads=[*_VALUED_READS, "clean.sales_in_period"]), products, months)),
        "baskets": _columns(
            warehouse.query(_BASKETS, reads=["clean.finance", "clean.web", "clean.reporting_period", "clean.sales_in_period"])
        ),
        "promotions": _columns(promotions),
        "findings": _columns(findings),
        "advice": _advice(warehouse),
    }


def _rows(warehouse: Warehouse, select: str) -> list[dict[str, Any]]:
    """Return the rows of a SELECT over one table."""
    return warehouse.query(select, reads=[select.split(" from ")[1].split(maxsplit=1)[0]])


def _placed(facts: Sequence[Row], products: Sequence[Row], months: Sequence[dt.date]) -> list[Row]:
    """Return the facts with places in the lists of products and months in place of what they are."""
    key = ("sku", "segment", "product_type", "is_stocked", "abc_class", "cover_band")
    product = {tuple(row[name] for name in key): place for place, row in enumerate(products)}
    month = {found: place for place, found in enumerate(months)}
    return [
        {
            "product": product[tuple(row[name] for name in key)],
            "month": month[row["month"]],
            **{name: row[name] for name in ("units", "units_promo", "revenue", "cogs", "stock_end", "stock_value_end", "products_sold")},
        }
        for row in facts
    ]


def _advice(warehouse: Warehouse) -> list[dict[str, Any]]:
    """Return the six recommendations, in the order of the shop's report, with what they found in each language."""
    from bottleneck_assets.models.recommended import RECOMMENDATIONS  # with pandas behind it: not needed to load definitions

    summaries = {row["recommendation"]: row for row in _rows(warehouse, "select * from recommendation.summary")}
    return [
        {
            "recommendation": name,
            **{column: _plain(summaries[name][column]) for column in ("audience", "supported", "contradicted", "inconclusive", "finding")},
            "yearly_effect": _plain(summaries[name]["yearly_effect"]),
            **{
                f"{part}_{language}": sentence(language, name, finding, "", summaries[name]["evidence"])
                for language in LANGUAGES
                for part, finding in (("advice", "advice"), ("method", "method"), ("summary", f"summary_{summaries[name]['finding']}"))
            },
        }
        for name in RECOMMENDATIONS
        if name in summaries
    ]


def _columns(rows: Sequence[Row]) -> Columns:
    """Return rows as columns; text that repeats itself as its values and the place of each row's value among them."""
    return {name: _column([_plain(row[name]) for row in rows]) for name in (rows[0] if rows else ())}


def _column(values: Sequence[Any]) -> Any:  # noqa: ANN401 - a list, or values with places
    texts = sorted({value for value in values if isinstance(value, str)})
    if not texts or len(texts) * 3 > len(values):
        return values
    place = {text: index for index, text in enumerate(texts)}
    return {"values": texts, "places": [place.get(value, -1) for value in values]}


def _plain(value: Any) -> Any:  # noqa: ANN401 - a cell
    """Return a cell as JSON writes it shortest: whole amounts as whole numbers, ratios with twelve digits, of which sums keep nine."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float):
        return int(value) if value.is_integer() else float(f"{value:.12g}")
    return value
