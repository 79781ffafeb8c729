"""A product as a page shows it: its figures, its charts, and, in the reader's language, why something is not known.

Belongs here: what stands on the page, and what a chart says to who cannot see it. Never here: which rows a product has
(release/product.py), how a chart is drawn (render/product_charts.py), and HTML.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from bottleneck_assets import wording
from bottleneck_assets.figures.measures import as_read
from bottleneck_assets.portal.language import holds
from bottleneck_assets.release import product as of
from bottleneck_assets.render.product_charts import by_month

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bottleneck_assets.portal.language import Language
    from bottleneck_assets.release.product import Product
    from bottleneck_assets.render.product_charts import Course, Kind

DASH = "\u2013"
REASONS = {
    of.IN_QUARANTINE: "why_in_quarantine",
    of.NOT_IN_EXPORT: "why_not_in_export",
    of.NOT_IN_WEB: "why_not_in_web",
    of.OUTSIDE_PERIOD: "why_outside_period",
    of.NO_DISCOUNT: "why_no_discount",
    of.NO_BASELINE: "why_no_baseline",
}
"""The text for each reason why something is not known."""


@dataclass(frozen=True)
class Card:
    """A figure: what it is called, its value, and what stands beside it, such as its month."""

    label: str
    value: str
    aside: str


@dataclass(frozen=True)
class Chart:
    """A chart: its title, what it shows in words, and its picture, none where there is nothing to show."""

    title: str
    said: str
    svg: Markup | None


@dataclass(frozen=True)
class _Drawn:
    """What a chart draws: its courses by what they are called, the column of which it tells the lowest and highest, and how."""

    title: str
    kind: Kind
    courses: Mapping[str, Course]
    told: str
    write: Callable[[Any], str]


@dataclass(frozen=True)
class Shown:
    """A product on a page: its figures, its charts, and the months of its table with what is to be said of each."""

    cards: Sequence[Card]
    charts: Sequence[Chart]
    months: Sequence[Mapping[str, Any]]


def shown(found: Product, language: Language, sale_prices: str) -> Shown:
    """Return what a page shows of a product. `sale_prices` is how the release reads them."""
    months = [_noted(row, language) for row in found.months]
    return Shown(_cards(found, language, sale_prices), _charts(found, language, sale_prices), months)


def matching(products: Iterable[Mapping[str, Any]], sought: str) -> list[Mapping[str, Any]]:
    """Return the products in whose names or numbers every word stands that is sought."""
    return [row for row in products if holds(sought, row["title"] or "", str(row["sku"]))]


def ways(language: Language) -> dict[str, Callable[[Any], str]]:
    """Return the ways in which a page writes what may not be known: as a dash where it is not."""

    def or_dash(write: Callable[[Any], str]) -> Callable[[Any], str]:
        return lambda value: DASH if value is None else write(value)

    return {
        "known": or_dash(language.number),
        "known_price": or_dash(language.price),
        "known_euros": or_dash(lambda value: wording.euros(value, language.name)),
        "known_rate": or_dash(lambda value: wording.rate(value, language.name)),
        "known_return": or_dash(lambda value: wording.percent(value, language.name)),
        "days": lambda row: wording.short_dates(row["starts_on"], row["ends_on"], language.name),
    }


def price_labels(language: Language, sale_prices: str) -> Mapping[str, str]:
    """Return what prices are called, by their columns."""
    texts = {"price": "list_price", "purchase_price": "purchase_price", "offer_price": "offer_price"}
    return {column: as_read(str(language.say(key)), sale_prices) for column, key in texts.items()}


def _noted(row: Mapping[str, Any], language: Language) -> Mapping[str, Any]:
    """Return a month with why it has no price, or no sales."""
    told = [(row[of.WHY_NO_PRICE], "no_price"), (row[of.WHY_NO_SALES], "no_sales")]
    return {**row, "notes": [language.say(key, why=language.say(REASONS[reason])) for reason, key in told if reason]}


def _cards(found: Product, language: Language, sale_prices: str) -> list[Card]:
    page, year = found.page or {}, found.year or {}
    no_page = "" if found.page else str(language.say("why_not_in_web"))
    labels = price_labels(language, sale_prices)

    def latest(column: str, label: str, write: Callable[[Any], str]) -> Card:
        if (known := found.last(column)) is None:
            return Card(label, DASH, no_page or str(language.say("in_no_month")))
        return Card(label, write(known[1]), wording.month(known[0], language.name))

    def of_year(column: str, write: Callable[[object, str], str]) -> Card:
        is_known = year.get(column) is not None
        aside = language.say("in_the_period") if is_known else no_page or language.say("why_no_sales_in_period")
        return Card(language.measure(column, sale_prices), write(year[column], language.name) if is_known else DASH, str(aside))

    rating, ratings = page.get("average_rating"), page.get("rating_count")
    rated = str(language.count("ratings", ratings)) if ratings else no_page or str(language.say("nobody_rated"))
    comments = page.get("comment_count")
    return [
        *(latest(column, labels[column], language.price) for column in ("price", "purchase_price")),
        latest("stock_end", str(language.say("stock_at_end")), language.number),
        of_year("units", wording.number),
        of_year("revenue", wording.euros),
        of_year("gross_margin", wording.euros),
        Card(language.measure("average_rating", sale_prices), DASH if rating is None else wording.fixed(rating, language.name, 2), rated),
        Card(language.measure("comment_count", sale_prices), DASH if comments is None else language.number(comments), no_page),
    ]


def _charts(found: Product, language: Language, sale_prices: str) -> list[Chart]:
    def course(column: str) -> Course:
        return [None if row[column] is None else float(row[column]) for row in found.months]

    labels = price_labels(language, sale_prices)
    units, promoted = course("units"), course("units_promo")
    regular = [None if one is None or other is None else one - other for one, other in zip(units, promoted, strict=True)]
    stock, of_units, of_revenue = str(language.say("stock_at_end")), *(language.measure(name, sale_prices) for name in ("units", "revenue"))
    sold = dict(zip((language.measure(name, sale_prices) for name in ("units_regular", "units_promo")), (regular, promoted), strict=True))
    prices = {labels[column]: course(column) for column in ("price", "purchase_price")}
    drawn = [
        _Drawn(str(language.say("prices_by_month")), "line", prices, "price", language.price),
        _Drawn(of_units, "bar", sold, "units", language.number),
        _Drawn(of_revenue, "bar", {of_revenue: course("revenue")}, "revenue", lambda value: wording.euros(value, language.name)),
        _Drawn(stock, "bar", {stock: course("stock_end")}, "stock_end", language.number),
    ]
    return [_chart(found, language, one) for one in drawn]


def _chart(found: Product, language: Language, drawn: _Drawn) -> Chart:
    """Return a chart, and between which values it moves."""
    told, write = drawn.told, drawn.write
    if not (known := [row for row in found.months if row[told] is not None]):
        return Chart(drawn.title, str(language.say("nothing_known")), None)
    low, high = (end(known, key=lambda row: row[told]) for end in (min, max))
    said = language.say(
        "chart_says",
        low=write(low[told]),
        low_month=language.month(low["month"]),
        high=write(high[told]),
        high_month=language.month(high["month"]),
    )
    svg = by_month([row["month"] for row in found.months], drawn.courses, drawn.kind, language.name)
    return Chart(drawn.title, str(said), Markup(svg))  # noqa: S704 - drawn here, of figures and of the portal's own texts
