"""Every figure, once: what it is called, what it is made of, how it is combined over any filter, where it makes sense.

Belongs here: measures and the parts that they combine, as data. Never here: a formula in any language (sql.py, tableau.py and plain.py
write them), which tab shows a measure (tabs.py), or a table's columns (their contracts).

To add a figure is to add one entry to `MEASURES`: with `headline` it is a KPI of the whole shop as well. Its name is then known to the
headline, the checks, the dictionary, the dashboard, the workbook, the data sources and the command line.
"""
# ruff: noqa: RUF001 - typographic apostrophes and French spaces are meant

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from bottleneck_assets.figures.combinations import (
    Arithmetic,
    Column,
    Compare,
    Constant,
    Counted,
    Distinct,
    Index,
    Known,
    Largest,
    Latest,
    Ratio,
    Rise,
    Sum,
    ToDate,
    When,
    Whole,
    parts_of,
    weighted_mean,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bottleneck_assets.figures.combinations import Combination, Part

Dimension = Literal["month", "segment", "product_type", "sku"]
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
Format = Literal["euros", "price", "count", "rate", "change", "one", "two"]
"""Whole euros, euros and cents, a whole number, a share as a percentage, a return or a change as a percentage with its sign, or a number
with one decimal or two."""

DAYS_IN_A_YEAR, MONTHS_IN_A_YEAR = 365, 12


@dataclass(frozen=True)
class Words:
    """A text in each language."""

    en: str
    fr: str

    def __getitem__(self, language: str) -> str:
        """Return the text in a language. Raises KeyError if there is none."""
        return {"en": self.en, "fr": self.fr}[language]


@dataclass(frozen=True)
class Grain:
    """What a row of the rows behind a figure is, and what choosing means to it.

    By each of its `dimensions` its figures can be cut and filtered. To choose among `unmoved` leaves them as they are: the rows know
    nothing of it, and the figure says so with the words given. To choose among `undefined` leaves no figure: it is '-', and why.
    """

    name: str
    row: str
    dimensions: tuple[Dimension, ...]
    unmoved: Mapping[Dimension, Words]
    undefined: Mapping[Dimension, Words]

    def why_not(self, dimension: Dimension) -> Words | None:
        """Say why no figure of this grain is told apart by a dimension; None if nothing of the grain forbids it."""
        return self.unmoved.get(dimension) or self.undefined.get(dimension)


_NO_MONTH = Words("known by product, not by month", "par produit, et non par mois")
_AT_LAST_MONTH_END = Words("at month-end", "à la dernière fin de mois")
_AT_THE_END = Words("at the end of the period", "à la fin de la période")
_ON_THE_STOCK_DATE = Words("on the stock date, the export’s latest month-end", "à la date du stock, dernière fin de mois de l’export")
_OF_A_BASKET = Words(
    "prices are followed over a basket of many products, not for one alone",
    "les prix se suivent sur un panier de produits, pas sur un seul produit",
)
GRAINS: Mapping[str, Grain] = {
    grain.name: grain
    for grain in (
        Grain("sale", "month and product of Sales, in the reporting period", ("month", "segment", "product_type", "sku"), {}, {}),
        Grain("promotion", "promotion: month and product", ("month", "segment", "product_type", "sku"), {}, {}),
        Grain("product", "product of the shop", ("segment", "product_type", "sku"), {"month": _NO_MONTH}, {}),
        Grain("stock", "stocked product, at its last month's end", ("segment", "product_type", "sku"), {"month": _AT_THE_END}, {}),
        Grain("price", "month, segment and product type of Finance", ("month", "segment", "product_type"), {}, {"sku": _OF_A_BASKET}),
        Grain("finding", "recommendation and scope", ("month", "segment", "product_type", "sku"), {}, {}),
    )
}

PARTS: Mapping[str, Part] = {
    "gross_margin": Arithmetic("revenue_excl_vat", "-", "cogs"),
    "units_regular": Arithmetic("units", "-", "units_promo"),
    "units_available": Arithmetic("units", "+", "stock_end"),
    "cogs_stocked": When(Compare("is_stocked", "=", other=True), "cogs"),
    "stock_value_stocked": When(Compare("is_stocked", "=", other=True), "stock_value_end"),
    "products_sold": Counted("sku", Compare("units", ">", 0)),
    "revenue_of_first_ten": When(Compare("rank", "<=", 10), "revenue"),
    "products": Counted("sku"),
    "products_in_a": Counted("sku", Compare("abc_class", "=", "A")),
    "promotions": Counted("sku"),
    "discount_measured": When(Known("incremental_margin"), "discount_cost"),
    "units_measured": When(Known("baseline_units"), "units"),
    "rating_sum": Arithmetic("average_rating", "*", "rating_count"),
    "ratings": When(Known("average_rating"), "rating_count"),
    "commented": Counted("sku", Compare("comment_count", ">", 0)),
    "unrated": Counted("sku", Compare("rating_count", "=", 0)),
    "below_reorder": Counted("sku", Compare("stock_on_date", "<", Column("reorder_point"))),
    "above_ceiling": Counted("sku", Compare("stock_on_date", ">", Column("stock_ceiling"))),
    "findings": Counted("scope"),
    "findings_supported": Counted("scope", Compare("verdict", "=", "supported")),
    "findings_contradicted": Counted("scope", Compare("verdict", "=", "contradicted")),
    "findings_inconclusive": Counted("scope", Compare("verdict", "=", "inconclusive")),
}
"""What a part is where the rows at hand do not have it as a column. A part that is not named here is a column everywhere."""

OF_THE_STOCK_DATE = frozenset({"stock_on_date", "value_above_ceiling", "below_reorder", "above_ceiling"})
"""The parts that are of the stock date: the latest month-end of the export, in or out of the reporting period."""
BEYOND_BOUNDS = OF_THE_STOCK_DATE - {"stock_on_date"}
"""The parts that set a stock against its reorder point or ceiling; where those failed their test, recommendations leave it out."""
ESTIMATED = frozenset({"baseline_units", "uplift_units", "incremental_margin"})
"""The parts that rest on what would have been sold without a promotion, which nobody knows."""

PriceBasis = Literal["incl_vat", "excl_vat", ""]
PRICES: Mapping[str, PriceBasis] = {
    **dict.fromkeys(("revenue", "revenue_of_first_ten", "sale_prices", "sale_value"), "incl_vat"),
    **dict.fromkeys(
        (
            *("revenue_excl_vat", "gross_margin", "cogs", "cogs_stocked", "stock_value_stocked", "stock_value_end", "value_above_ceiling"),
            *(
                "purchase_prices",
                "purchase_cost",
                "discount_cost",
                "discount_measured",
                "promo_margin",
                "incremental_margin",
                "yearly_effect",
            ),
        ),
        "excl_vat",
    ),
}
"""The parts that are made of prices: with VAT, as the shop shows them, or without it. All others are counts."""
_INCLUDING = re.compile(r" \(incl\. VAT\)| incl\.? VAT|incl\. VAT(, )?|\sTTC\b")


def as_read(labels: str, sale_prices: str) -> str:
    """Return labels, or text that holds some, as sale prices are read: where that is excl. VAT, all amounts are, and none says incl."""
    return _INCLUDING.sub("", labels) if sale_prices == "excl_vat" else labels


@dataclass(frozen=True)
class Measure:
    """A figure.

    `good` says whether more of it is good (1), bad (-1) or neither (0). `note` stands beside it where it is shown alone. `columns` are
    the columns of published tables that hold it row by row, `whole` the one that repeats the whole shop's in every row. `headline`
    is the table from which the headline computes it for the whole shop; empty if it is no KPI of the headline.
    """

    name: str
    label: Words
    unit: str
    format: Format
    grain: str
    combination: Combination
    good: Literal[1, 0, -1] = 0
    short: Words | None = None
    note: Words | None = None
    columns: tuple[str, ...] = ()
    whole: str = ""
    headline: str = ""

    @property
    def change(self) -> Literal["points", "relative"]:
        """How two values of it compare: shares, returns and rises by their difference in points, all else by their ratio."""
        return "points" if self.format in {"rate", "change"} else "relative"

    @property
    def price_basis(self) -> PriceBasis:
        """Whether VAT is in the prices that it is made of; empty if it is made of none."""
        found: set[PriceBasis] = {PRICES[part] for part in parts_of(self.combination) if part in PRICES}
        return found.pop() if len(found) == 1 else ""

    @property
    def moment(self) -> Literal["period_end", "stock_date", ""]:
        """The day that its stock is of: the period's last, or the stock date, whatever the period is; empty if it is of months or none."""
        if not OF_THE_STOCK_DATE.isdisjoint(parts_of(self.combination)):
            return "stock_date"
        return "period_end" if self.grain == "stock" else ""

    @property
    def is_beyond_bounds(self) -> bool:
        """Whether it counts what is below reorder points or above ceilings."""
        return not BEYOND_BOUNDS.isdisjoint(parts_of(self.combination))

    @property
    def is_estimate(self) -> bool:
        """Whether it rests on an estimate."""
        return not ESTIMATED.isdisjoint(parts_of(self.combination))

    def why_not(self, dimension: Dimension) -> Words | None:
        """Say why no figure of it is told apart by a dimension; None if nothing forbids it."""
        return _ON_THE_STOCK_DATE if dimension == "month" and self.moment == "stock_date" else GRAINS[self.grain].why_not(dimension)

    @property
    def short_label(self) -> Words:
        """The label where there is little room."""
        return self.short or self.label


# a year, whatever months are in view: 12 / months * cogs / (sum of the month-end stock values / months)
_TURNOVER = Ratio(Sum("cogs_stocked"), Sum("stock_value_stocked"), times=MONTHS_IN_A_YEAR)

MEASURES: Mapping[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure(
            "revenue",
            Words("Revenue (incl. VAT)", "CA TTC"),
            "EUR",
            "euros",
            "sale",
            Sum("revenue"),
            good=1,
            headline="kpi.gross_margin",
        ),
        Measure(
            "revenue_excl_vat",
            Words("Revenue (excl. VAT)", "CA HT"),
            "EUR",
            "euros",
            "sale",
            Sum("revenue_excl_vat"),
            good=1,
            headline="kpi.gross_margin",
        ),
        Measure(
            "gross_margin",
            Words("Gross margin (excl. VAT)", "Marge brute HT"),
            "EUR",
            "euros",
            "sale",
            Sum("gross_margin"),
            good=1,
            headline="kpi.gross_margin",
        ),
        Measure(
            "gross_margin_rate",
            Words("Gross margin rate (excl. VAT)", "Taux de marge brute HT"),
            "ratio",
            "rate",
            "sale",
            Ratio(Sum("gross_margin"), Sum("revenue_excl_vat")),
            good=1,
            columns=("gross_margin_rate",),
            headline="kpi.gross_margin",
        ),
        Measure(
            "stock_turnover",
            Words("Stock turnover", "Rotation du stock"),
            "turns a year",
            "two",
            "sale",
            _TURNOVER,
            good=1,
            columns=("turnover",),
            headline="clean.sales_in_period",
        ),
        Measure(
            "purchase_price_index",
            Words("Purchase price index", "Indice des prix d’achat"),
            "index, first month = 100",
            "one",
            "price",
            Index("purchase_cost"),
            good=-1,
            note=Words("the period’s first month = 100", "premier mois étudié = 100"),
            columns=("purchase_price_index",),
            whole="purchase_price_index_all",
            headline="kpi.purchase_price",
        ),
        Measure(
            "units",
            Words("Units sold", "Unités vendues"),
            "units",
            "count",
            "sale",
            Sum("units"),
            good=1,
            short=Words("Units", "Unités"),
            headline="kpi.sales_volume",
        ),
        Measure(
            "promo_incremental_roi",
            Words("Promotion ROI, incremental", "Rendement des promotions, net"),
            "ratio",
            "change",
            "promotion",
            Ratio(Sum("incremental_margin"), Sum("discount_measured")),
            good=1,
            short=Words("Return on promotions", "Rendement des promotions"),
            note=Words("margin beyond baseline, per euro", "marge en plus, par euro de remise"),
            columns=("incremental_roi",),
            headline="kpi.promo_roi",
        ),
        Measure(
            "promo_margin_roi",
            Words("Promotion ROI, margin over discount", "Rendement des promotions, marge sur remise"),
            "ratio",
            "change",
            "promotion",
            Ratio(Sum("promo_margin"), Sum("discount_cost")),
            good=1,
            short=Words("Promotion ROI on paper", "Rendement affiché"),
            note=Words("credits sales that came anyway", "compte aussi les ventes acquises"),
            columns=("margin_roi",),
            headline="kpi.promo_roi",
        ),
        Measure(
            "average_rating",
            Words("Average customer rating", "Note moyenne des clients"),
            "stars of 5",
            "two",
            "product",
            weighted_mean("rating_sum", "ratings"),
            good=1,
            short=Words("Average rating", "Note moyenne"),
            columns=("average_rating",),
            headline="kpi.customer_rating",
        ),
        Measure(
            "comments_per_100_units",
            Words("Comments per 100 units", "Commentaires pour 100 unités"),
            "comments per 100 units",
            "one",
            "product",
            Ratio(Sum("comment_count"), Sum("units"), times=100),
            short=Words("Comments / 100 units", "Comm. / 100 unités"),
            columns=("comments_per_100_units",),
            headline="kpi.comment_rate",
        ),
        Measure(
            "commented_share",
            Words("Products with a comment", "Produits commentés"),
            "ratio",
            "rate",
            "product",
            Ratio(Sum("commented"), Sum("products")),
            headline="kpi.comment_rate",
        ),
        # ---- sales
        Measure("cogs", Words("Cost of goods sold (excl. VAT)", "Coût des ventes HT"), "EUR", "euros", "sale", Sum("cogs"), good=-1),
        Measure(
            "units_promo",
            Words("Units on promotion", "Unités en promotion"),
            "units",
            "count",
            "sale",
            Sum("units_promo"),
            short=Words("On promotion", "En promotion"),
        ),
        Measure(
            "units_regular",
            Words("Units at list price", "Unités au prix catalogue"),
            "units",
            "count",
            "sale",
            Sum("units_regular"),
            short=Words("At list price", "Au prix catalogue"),
        ),
        Measure(
            "promo_share",
            Words("Share on promotion", "Part en promotion"),
            "ratio",
            "rate",
            "sale",
            Ratio(Sum("units_promo"), Sum("units")),
        ),
        Measure(
            "revenue_share",
            Words("Share of the shop’s revenue (incl. VAT)", "Part du CA TTC de la boutique"),
            "ratio",
            "rate",
            "sale",
            Ratio(Sum("revenue"), Whole(Sum("revenue"))),
            short=Words("Share of revenue", "Part du CA TTC"),
            columns=("revenue_share",),
        ),
        Measure(
            "conversion_rate",
            Words("Sell-through", "Taux d’écoulement"),
            "ratio",
            "rate",
            "sale",
            Ratio(Sum("units"), Sum("units_available")),
            good=1,
            note=Words("of a month’s available units", "des unités disponibles"),
            columns=("conversion_rate",),
        ),
        Measure(
            "products_sold",
            Words("Products sold", "Produits vendus"),
            "products",
            "count",
            "sale",
            Distinct("sku", "products_sold"),
            good=1,
        ),
        Measure(
            "products_sold_last",
            Words("Products sold in the last month", "Produits vendus le dernier mois"),
            "products",
            "count",
            "sale",
            Latest("products_sold"),
            good=1,
            short=Words("Products sold", "Produits vendus"),
            note=Words("in the last month", "le dernier mois"),
        ),
        Measure(
            "products_in_a",
            Words("Products of class A", "Produits de classe A"),
            "products",
            "count",
            "product",
            Sum("products_in_a"),
            note=Words("80% of the shop’s revenue", "80 % du CA TTC de la boutique"),
        ),
        Measure(
            "first_ten_share",
            Words("Share of the shop’s first ten products", "Part des dix premiers de la boutique"),
            "ratio",
            "rate",
            "sale",
            Ratio(Sum("revenue_of_first_ten"), Sum("revenue")),
            short=Words("First ten products", "Dix premiers produits"),
        ),
        Measure(
            "stock_value",
            Words("Stock value (excl. VAT)", "Valeur du stock HT"),
            "EUR",
            "euros",
            "sale",
            Latest("stock_value_end"),
            note=Words("at the end of the last month", "à la fin du dernier mois"),
        ),
        Measure(
            "days_of_stock",
            Words("Days of stock", "Jours de stock"),
            "days",
            "count",
            "sale",
            Ratio(Constant(DAYS_IN_A_YEAR), _TURNOVER),
            good=-1,
            note=Words("that the mean stock lasts", "que dure le stock moyen"),
            columns=("days_of_stock",),
        ),
        Measure(
            "turnover_to_date",
            Words("Turnover to date", "Rotation à date"),
            "turns a year",
            "two",
            "sale",
            ToDate(_TURNOVER),
            good=1,
            note=Words("since the period began", "depuis le début de la période"),
            columns=("turnover_to_date",),
        ),
        # ---- prices
        Measure(
            "price_index",
            Words("Sale price index", "Indice des prix de vente"),
            "index, first month = 100",
            "one",
            "price",
            Index("sale_value"),
            note=Words("the period’s first month = 100", "premier mois étudié = 100"),
            columns=("price_index",),
            whole="price_index_all",
        ),
        Measure(
            "purchase_price_rise",
            Words("Rise of purchase prices", "Hausse des prix d’achat"),
            "ratio",
            "change",
            "price",
            Rise(Index("purchase_cost")),
            good=-1,
            note=Words("since the period’s first month", "depuis le premier mois de la période"),
        ),
        Measure(
            "mean_purchase_price",
            Words("Mean purchase price (excl. VAT)", "Prix d’achat moyen HT"),
            "EUR",
            "price",
            "price",
            Ratio(Latest("purchase_prices"), Latest("prices")),
            good=-1,
            note=Words("in the last month", "le dernier mois"),
            columns=("mean_purchase_price",),
        ),
        Measure(
            "mean_price",
            Words("Mean sale price (incl. VAT)", "Prix de vente moyen TTC"),
            "EUR",
            "price",
            "price",
            Ratio(Latest("sale_prices"), Latest("prices")),
            note=Words("in the last month", "le dernier mois"),
            columns=("mean_price",),
        ),
        # ---- promotions
        Measure(
            "discount_cost", Words("Discount given (excl. VAT)", "Remises accordées HT"), "EUR", "euros", "promotion", Sum("discount_cost")
        ),
        Measure(
            "incremental_margin",
            Words("Margin beyond the baseline (excl. VAT)", "Marge au-delà de la référence HT"),
            "EUR",
            "euros",
            "promotion",
            Sum("incremental_margin"),
            good=1,
        ),
        Measure(
            "uplift_units",
            Words("Units beyond the baseline", "Unités au-delà de la référence"),
            "units",
            "count",
            "promotion",
            Sum("uplift_units"),
            good=1,
        ),
        Measure(
            "units_measured",
            Words("Units with a baseline", "Unités avec référence"),
            "units",
            "count",
            "promotion",
            Sum("units_measured"),
            short=Words("Units sold", "Unités vendues"),
        ),
        Measure(
            "baseline_units",
            Words("Baseline units", "Unités de référence"),
            "units",
            "count",
            "promotion",
            Sum("baseline_units"),
            short=Words("Baseline", "Référence"),
        ),
        Measure("promotions", Words("Promotions", "Promotions"), "promotions", "count", "promotion", Sum("promotions")),
        # ---- products
        Measure("rating_count", Words("Ratings", "Notes"), "ratings", "count", "product", Sum("rating_count")),
        Measure("comment_count", Words("Comments", "Commentaires"), "comments", "count", "product", Sum("comment_count")),
        Measure("products", Words("Products", "Produits"), "products", "count", "product", Sum("products")),
        Measure("unrated", Words("Products nobody rated", "Produits sans note"), "products", "count", "product", Sum("unrated"), good=-1),
        # ---- stock at the end
        Measure(
            "stock_value_end",
            Words("Stock value at the end (excl. VAT)", "Valeur du stock final HT"),
            "EUR",
            "euros",
            "stock",
            Sum("stock_value_end"),
        ),
        Measure("stock_end", Words("Stock at the end", "Stock final"), "units", "count", "stock", Sum("stock_end")),
        Measure(
            "stock_on_date",
            Words("Stock on the stock date", "Stock à la date du stock"),
            "units",
            "count",
            "stock",
            Sum("stock_on_date"),
            note=_AT_LAST_MONTH_END,
        ),
        Measure(
            "months_of_cover",
            Words("Months of cover", "Mois de couverture"),
            "months",
            "one",
            "stock",
            Ratio(Sum("stock_end"), Sum("mean_monthly_units")),
            note=Words("that the last stock lasts", "que dure le dernier stock"),
            columns=("months_of_cover",),
        ),
        Measure(
            "value_above_ceiling",
            Words("Stock above the ceiling (excl. VAT)", "Stock au-dessus du plafond HT"),
            "EUR",
            "euros",
            "stock",
            Sum("value_above_ceiling"),
            note=_AT_LAST_MONTH_END,
            good=-1,
        ),
        Measure(
            "below_reorder",
            Words("Products below the reorder point", "Produits sous le seuil de commande"),
            "products",
            "count",
            "stock",
            Sum("below_reorder"),
            note=_AT_LAST_MONTH_END,
            short=Words("Below the reorder point", "Sous le seuil de commande"),
            good=-1,
        ),
        Measure(
            "above_ceiling",
            Words("Products above the stock ceiling", "Produits au-dessus du plafond de stock"),
            "products",
            "count",
            "stock",
            Sum("above_ceiling"),
            note=_AT_LAST_MONTH_END,
            short=Words("Above the ceiling", "Au-dessus du plafond"),
            good=-1,
        ),
        # ---- findings
        Measure(
            "findings_supported",
            Words("Findings that support the advice", "Constats à l’appui du conseil"),
            "findings",
            "count",
            "finding",
            Sum("findings_supported"),
        ),
        Measure(
            "findings_contradicted",
            Words("Findings that contradict it", "Constats qui le contredisent"),
            "findings",
            "count",
            "finding",
            Sum("findings_contradicted"),
        ),
        Measure(
            "findings_inconclusive",
            Words("Findings that cannot tell", "Constats non tranchés"),
            "findings",
            "count",
            "finding",
            Sum("findings_inconclusive"),
        ),
        Measure("findings", Words("Findings", "Constats"), "findings", "count", "finding", Sum("findings")),
        Measure(
            "yearly_effect", Words("Effect a year (excl. VAT)", "Effet par an HT"), "EUR", "euros", "finding", Sum("yearly_effect"), good=1
        ),
        Measure(
            "largest_effect",
            Words("Largest single effect (excl. VAT)", "Plus grand effet d’un constat HT"),
            "EUR",
            "euros",
            "finding",
            Largest("yearly_effect"),
            note=Words("a year", "par an"),
        ),
    )
}

HEADLINE: tuple[Measure, ...] = tuple(measure for measure in MEASURES.values() if measure.headline)
"""The KPIs of the whole shop, in the order of the headline."""
UNITS: Mapping[str, Words] = {
    "turns a year": Words("turns a year", "rotations par an"),
    "days": Words("days", "jours"),
    "stars of 5": Words("/5", "/5"),
}
"""Units that stand behind a figure; others are said by its format or its label."""
