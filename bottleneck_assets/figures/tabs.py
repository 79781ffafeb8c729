"""The eight tabs, once, for workbook and dashboard alike: what each asks and answers, its cards, charts and table, the filters that apply.

Belongs here: which figures a tab shows, by what, in which form and order. Never here: how a figure is computed (measures.py), or how
a form is drawn (render/).
"""
# ruff: noqa: RUF001 - typographic apostrophes and French spaces are meant

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Literal

from bottleneck_assets.figures.measures import MEASURES, Words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bottleneck_assets.figures.measures import Format

Mark = Literal["line", "stack", "bar", "column", "dot", "bullet", "waterfall", "pareto", "band"]
"""Lines over months; stacked bars; bars in rows or in columns; a dot for each; bars with a mark for the second measure; steps that add up
to a total; bars by rank with the share of the first ones as a line; a line over months for each of a series, before its band."""

MARKS: Mapping[Mark, Words] = {
    "line": Words("Lines", "Courbes"),
    "stack": Words("Stacked bars", "Barres empilées"),
    "bar": Words("Bars", "Barres"),
    "column": Words("Columns", "Colonnes"),
    "dot": Words("Dots", "Points"),
    "bullet": Words("Bars with a mark", "Barres avec un repère"),
    "waterfall": Words("Steps to a total", "Étapes vers un total"),
    "pareto": Words("Bars in order, with a line of their share", "Barres ordonnées, avec la courbe de leur part"),
    "band": Words("Lines before their expected band", "Courbes face à leur fourchette attendue"),
}
"""What a form is called, for readers who hear it."""

Event = Literal["campaigns", "price_rises"]
"""What a chart over months marks on its axis: the campaigns of a month, and the segments whose sale prices rose in it."""
PRICE_RISE = 0.01
"""How much dearer than in the month before a segment's basket has to be sold for a month to be marked."""

FIRST = 15
"""How many products or findings a chart of the first ones shows."""


@dataclass(frozen=True)
class Column:
    """What a column of the release's tables is called where it is shown as it is: a name, a date, or a figure of one row alone."""

    label: Words
    format: Format | Literal["text", "month", "year"] = "text"


COLUMNS: Mapping[str, Column] = {
    "month": Column(Words("Month", "Mois"), "month"),
    "segment": Column(Words("Segment", "Segment")),
    "product_type": Column(Words("Type", "Type")),
    "product": Column(Words("Product", "Produit")),
    "sku": Column(Words("SKU", "SKU"), "year"),
    "campaign": Column(Words("Campaign", "Campagne")),
    "promotion": Column(Words("Promotion", "Promotion")),
    "vintage": Column(Words("Vintage", "Millésime"), "year"),
    "abc_class": Column(Words("Class", "Classe")),
    "rank": Column(Words("Rank", "Rang"), "count"),
    "cumulative_revenue_share": Column(Words("Cumulative share", "Part cumulée"), "rate"),
    "discount_rate": Column(Words("Discount", "Remise"), "rate"),
    "units": Column(Words("Units", "Unités"), "count"),
    "units_promo": Column(Words("On promotion", "En promotion"), "count"),
    "shrunk_rating": Column(Words("Fair rating", "Note corrigée"), "two"),
    "reorder_point": Column(Words("Reorder point", "Seuil de commande"), "one"),
    "stock_ceiling": Column(Words("Ceiling", "Plafond"), "one"),
    "cover_band": Column(Words("Months of cover", "Mois de couverture")),
    "state": Column(Words("State", "État")),
    "recommendation": Column(Words("Recommendation", "Recommandation")),
    "finding": Column(Words("Finding", "Constat")),
    "audience": Column(Words("For", "Pour")),
    "verdict": Column(Words("Verdict", "Verdict")),
    "one_off_cash": Column(Words("Cash freed once (excl. VAT)", "Trésorerie libérée une fois HT"), "euros"),
    "confidence": Column(Words("Confidence", "Confiance")),
    "sentence": Column(Words("What was found, and what to do", "Ce qui a été trouvé, et que faire")),
    "expected_margin_rate": Column(Words("Margin rate to expect", "Taux de marge attendu"), "rate"),
    "margin_rate_low": Column(Words("Lower end of the band", "Taux de marge, borne basse"), "rate"),
    "margin_rate_high": Column(Words("Upper end of the band", "Taux de marge, borne haute"), "rate"),
    "margin_state": Column(Words("Against the band", "Position du taux de marge")),
    "has_campaign": Column(Words("Campaign in the month", "Campagne dans le mois")),
    "is_step": Column(Words("Step of the level", "Changement de niveau")),
}
"""Names that stand for more than a column: a product is its title and number, a campaign its days and product type, a promotion its
month and product, a finding its recommendation and scope, a sentence that of the reader's language."""

VALUES: Mapping[str, Mapping[str, Words]] = {
    "state": {
        "below reorder point": Words("to order", "à commander"),
        "above ceiling": Words("overstock", "surstock"),
        "within": Words("in bounds", "normal"),
        "unknown": Words("not known", "inconnu"),
    },
    "audience": {
        "CEO": Words("CEO", "Direction générale"),
        "Head of Sales": Words("Head of Sales", "Direction commerciale"),
        "Product managers": Words("Product managers", "Chefs de produit"),
    },
    "verdict": {
        "supported": Words("supported", "étayé"),
        "contradicted": Words("contradicted", "contredit"),
        "inconclusive": Words("not known", "non tranché"),
    },
    "confidence": {
        "high": Words("high", "élevée"),
        "medium": Words("medium", "moyenne"),
        "low": Words("low", "faible"),
    },
    "margin_state": {
        "below": Words("below", "en dessous"),
        "within": Words("within", "dans la fourchette"),
        "above": Words("above", "au-dessus"),
    },
}
"""What the values of a column are called, where they are few and the tables hold them in English."""


@dataclass(frozen=True)
class Band:
    """What is expected of a chart's measure, by columns of its rows: the level, how low and how high chance takes it, and where it lies.

    `state` is below, within or above; empty, as the others, where nothing can be expected. The rows for which `aside` holds have no say in
    what is expected.
    """

    expected: str
    low: str
    high: str
    state: str
    aside: str


@dataclass(frozen=True)
class Chart:
    """A chart: its measures, by what they are cut, and in which form.

    `by` are the rows or places, `series` what is told apart by colour; several measures are told apart by colour themselves. `tips` are
    further measures and columns shown for a mark. A dot takes its first two measures as its place and the third as its size. Bars are
    in the order of their first measure, the largest first, unless `in_order` says that they stay in the order of what they are of;
    `first` leaves only as many. `signed` colours what is negative as bad and the rest as good. `base` is a line to compare with.
    `events` are marked above the months of a chart over months. A click on a mark `selects` what the rest of the tab shows.

    `rows` names a published table of months and segments, if the chart is drawn from that in place of the tab's rows: all that it names
    are columns of it, and where something is chosen that the table does not tell apart, the chart says so. `band` is what is expected of
    its first measure.
    """

    id: str
    title: Words
    mark: Mark
    by: tuple[str, ...]
    measures: tuple[str, ...]
    series: str = ""
    tips: tuple[str, ...] = ()
    first: int = 0
    in_order: bool = False
    signed: bool = False
    base: float | None = None
    events: tuple[Event, ...] = ()
    selects: bool = False
    size: Literal["narrow", "half", "wide", "full"] = "half"
    rows: str = ""
    band: Band | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table that it is drawn from."""
        return tuple(dict.fromkeys((*self.by, self.series, *self.measures, *self.tips, *(astuple(self.band) if self.band else ()))))


@dataclass(frozen=True)
class Table:
    """A table: a row for each of `by`, with measures and columns, in the order of one of its columns."""

    id: str
    title: Words
    by: tuple[str, ...]
    shows: tuple[str, ...]
    sorted_by: str
    ascending: bool = False


@dataclass(frozen=True)
class Tab:
    """A tab: named as its table of the extract layer, which bears the rows of the grains named.

    `answer` answers its question with figures of its own rows: the names of measures stand in braces for what they come to.
    `filters` are those that it offers, in their order. `notes` are said below the charts.
    """

    name: str
    title: Words
    question: Words
    answer: Words
    grains: tuple[str, ...]
    filters: tuple[str, ...]
    cards: tuple[str, ...]
    charts: tuple[Chart, ...]
    table: Table
    notes: tuple[Words, ...] = ()

    def is_measure(self, name: str) -> bool:
        """Whether a name is that of a measure here; else it is that of a column of the tab's rows."""
        return name in MEASURES and (MEASURES[name].grain in self.grains or name not in COLUMNS)


TABS: tuple[Tab, ...] = (
    Tab(
        name="overview",
        title=Words("Overview", "Vue d’ensemble"),
        question=Words(
            "How the shop did: what was sold, what it earned, what lies in stock.",
            "Comment va la boutique : ce qui s’est vendu, ce que cela a rapporté, ce qui reste en stock.",
        ),
        answer=Words(
            "Revenue (incl. VAT) of {revenue} leaves a gross margin of {gross_margin}, {gross_margin_rate} of the revenue excl. VAT. "
            "Units sold: {units}.",
            "Un CA TTC de {revenue} laisse une marge brute de {gross_margin}, soit {gross_margin_rate} du CA HT. "
            "Unités vendues\u00a0: {units}.",
        ),
        grains=("sale",),
        filters=("segment", "month"),
        cards=(
            "revenue",
            "revenue_excl_vat",
            "gross_margin",
            "gross_margin_rate",
            "units",
            "stock_turnover",
            "purchase_price_index",
            "promo_incremental_roi",
            "average_rating",
            "comments_per_100_units",
            "commented_share",
        ),
        charts=(
            Chart(
                "revenue_margin",
                Words("Revenue (incl. VAT) and gross margin (excl. VAT) by month", "CA TTC et marge brute HT par mois"),
                "line",
                ("month",),
                ("revenue", "gross_margin"),
                events=("campaigns", "price_rises"),
                size="wide",
            ),
            Chart(
                "revenue_segment",
                Words("Revenue (incl. VAT) by segment", "CA TTC par segment"),
                "bar",
                ("segment",),
                ("revenue",),
                series="segment",
                selects=True,
                size="narrow",
            ),
            Chart(
                "units",
                Words("Units sold by month, at list price and on promotion", "Unités vendues par mois, au prix catalogue et en promotion"),
                "stack",
                ("month",),
                ("units_regular", "units_promo"),
                events=("campaigns", "price_rises"),
            ),
            Chart(
                "stock_value",
                Words("Stock value at each month’s end", "Valeur du stock à chaque fin de mois"),
                "line",
                ("month",),
                ("stock_value",),
            ),
        ),
        table=Table(
            "overview",
            Words("The segments side by side", "Les segments côte à côte"),
            ("segment",),
            ("revenue", "cogs", "gross_margin", "gross_margin_rate", "units", "promo_share", "stock_value"),
            sorted_by="revenue",
        ),
    ),
    Tab(
        name="inflation_margin",
        title=Words("Inflation & Margin", "Inflation et marge"),
        question=Words(
            "What the products cost the shop and the customer, and what is left between the two.",
            "Ce que les produits coûtent à la boutique et au client, et ce qui reste entre les deux.",
        ),
        answer=Words(
            "Purchase prices stand at {purchase_price_index} and sale prices at {price_index}, the period’s first month being 100; "
            "{gross_margin_rate} of the revenue excl. VAT is left as margin.",
            "Les prix d’achat sont à {purchase_price_index} et les prix de vente à {price_index}, base 100 au premier mois de la "
            "période\u202f; il reste {gross_margin_rate} du CA HT en marge brute.",
        ),
        grains=("price", "sale"),
        filters=("segment", "month"),
        cards=("purchase_price_index", "price_index", "gross_margin_rate", "gross_margin", "revenue_excl_vat"),
        charts=(
            Chart(
                "indices",
                Words(
                    "Purchase and sale prices of the same basket, the period’s first month = 100",
                    "Prix d’achat et de vente du même panier, premier mois de la période = 100",
                ),
                "line",
                ("month",),
                ("purchase_price_index", "price_index"),
                base=100,
                events=("price_rises",),
                size="wide",
            ),
            Chart(
                "index_segment",
                Words(
                    "Rise of purchase prices since the period’s first month, by segment",
                    "Hausse des prix d’achat depuis le premier mois de la période, par segment",
                ),
                "bar",
                ("segment",),
                ("purchase_price_rise",),
                series="segment",
                selects=True,
                size="narrow",
            ),
            Chart(
                "margin_rate",
                Words("Gross margin rate (excl. VAT) by month", "Taux de marge brute HT par mois"),
                "line",
                ("month",),
                ("gross_margin_rate",),
                events=("campaigns", "price_rises"),
            ),
            Chart(
                "index_lines",
                Words("Purchase price index by segment and month", "Indice des prix d’achat par segment et par mois"),
                "line",
                ("month",),
                ("purchase_price_index",),
                series="segment",
                base=100,
            ),
        ),
        table=Table(
            "inflation",
            Words("Prices and margin by month and segment", "Prix et marge par mois et segment"),
            ("month", "segment"),
            ("mean_purchase_price", "mean_price", "purchase_price_index", "price_index", "revenue", "gross_margin_rate"),
            sorted_by="month",
        ),
        notes=(
            Words(
                "An index follows one basket: products priced in every month, weighted by the units of the period. One product "
                "alone has none.",
                "Un indice suit un seul panier : les produits dont le prix est connu chaque mois, pondérés par les unités de la période. "
                "Un seul produit n’en a pas.",
            ),
        ),
    ),
    Tab(
        name="promotions_roi",
        title=Words("Promotions & ROI", "Promotions et rendement"),
        question=Words(
            "What each promotion brought beyond the sales that would have come anyway.",
            "Ce que chaque promotion a rapporté au-delà des ventes qui seraient venues de toute façon.",
        ),
        answer=Words(
            "Discounts of {discount_cost} moved the margin by {incremental_margin} against the baseline: "
            "a return of {promo_incremental_roi}.",
            "Des remises de {discount_cost} ont fait varier la marge de {incremental_margin} par rapport à la référence\u00a0: "
            "un rendement net de {promo_incremental_roi}.",
        ),
        grains=("promotion",),
        filters=("segment", "month"),
        cards=("promo_incremental_roi", "promo_margin_roi", "discount_cost", "incremental_margin", "uplift_units"),
        charts=(
            Chart(
                "roi",
                Words(
                    "Incremental ROI of each campaign; 0% is the baseline, −100% loses the whole discount",
                    "Rendement net de chaque campagne\u202f; 0\u202f% est la référence, −100\u202f% perd toute la remise",
                ),
                "bar",
                ("campaign",),
                ("promo_incremental_roi",),
                tips=("incremental_margin", "discount_cost", "promotions", "uplift_units"),
                signed=True,
                selects=True,
            ),
            Chart(
                "waterfall",
                Words(
                    "Margin beyond the baseline, campaign by campaign, to the total",
                    "Marge au-delà de la référence, campagne par campagne, jusqu’au total",
                ),
                "waterfall",
                ("campaign",),
                ("incremental_margin",),
                tips=("discount_cost", "promotions", "uplift_units"),
                signed=True,
            ),
            Chart(
                "uplift",
                Words(
                    "Units sold by each campaign; the line marks the baseline", "Unités vendues par campagne ; le trait marque la référence"
                ),
                "bullet",
                ("campaign",),
                ("units_measured", "baseline_units"),
            ),
            Chart(
                "promotions",
                Words(
                    "Promotions by discount given and margin beyond the baseline",
                    "Promotions selon la remise et la marge au-delà de la référence",
                ),
                "dot",
                ("promotion",),
                ("discount_cost", "incremental_margin"),
                series="segment",
                tips=("promo_incremental_roi", "units_measured", "baseline_units"),
            ),
        ),
        table=Table(
            "promotions",
            Words("Every promotion", "Chaque promotion"),
            ("promotion",),
            (
                "product_type",
                "segment",
                "discount_rate",
                "units",
                "units_promo",
                "baseline_units",
                "discount_cost",
                "incremental_margin",
                "promo_incremental_roi",
            ),
            sorted_by="discount_cost",
        ),
    ),
    Tab(
        name="top_products",
        title=Words("Top Products", "Meilleurs produits"),
        question=Words("Which products make the revenue, and how few of them.", "Quels produits font le CA TTC, et combien ils sont."),
        answer=Words(
            "The shop’s first ten products make {first_ten_share} of the revenue; class A holds {products_in_a} of the "
            "{products_sold} products sold.",
            "Les dix premiers produits de la boutique font {first_ten_share} du CA TTC\u202f; la classe A compte {products_in_a} des "
            "{products_sold} produits vendus.",
        ),
        grains=("sale", "product"),
        filters=("segment", "product_type"),
        cards=("revenue", "products_sold", "products_in_a", "first_ten_share", "gross_margin_rate", "units"),
        charts=(
            Chart(
                "pareto",
                Words(
                    "Products by revenue, and the share of revenue that the first ones make",
                    "Produits par CA TTC, et part de ce CA que font les premiers",
                ),
                "pareto",
                ("product",),
                ("revenue", "cumulative_revenue_share"),
                series="abc_class",
                size="full",
            ),
            Chart(
                "top",
                Words("The products with the most revenue (incl. VAT)", "Les produits au plus grand CA TTC"),
                "bar",
                ("product",),
                ("revenue",),
                series="segment",
                tips=("units", "gross_margin_rate"),
                first=FIRST,
                selects=True,
                size="wide",
            ),
            Chart(
                "classes",
                Words("Products by ABC class of the whole shop", "Produits par classe ABC de toute la boutique"),
                "bar",
                ("abc_class",),
                ("revenue",),
                series="abc_class",
                tips=("products",),
                in_order=True,
                selects=True,
                size="narrow",
            ),
        ),
        table=Table(
            "top",
            Words("All products sold", "Tous les produits vendus"),
            ("product",),
            (
                "rank",
                "product_type",
                "segment",
                "revenue",
                "units",
                "gross_margin",
                "gross_margin_rate",
                "cumulative_revenue_share",
                "abc_class",
            ),
            sorted_by="rank",
            ascending=True,
        ),
        notes=(
            Words(
                "Ranks, cumulative shares, classes and the first ten are the whole shop’s over the whole period; the curve follows the "
                "filters.",
                "Rangs, parts cumulées, classes et dix premiers sont ceux de toute la boutique sur toute la période ; la courbe suit les "
                "filtres.",
            ),
        ),
    ),
    Tab(
        name="customer_preferences",
        title=Words("Customer Preferences", "Préférences des clients"),
        question=Words(
            "What customers think of the products, beside what they buy.",
            "Ce que les clients pensent des produits, face à ce qu’ils achètent.",
        ),
        answer=Words(
            "Average rating: {average_rating} of 5 (ratings: {rating_count}). Comments per 100 units: "
            "{comments_per_100_units}; products with a comment: {commented_share}.",
            "Note moyenne\u00a0: {average_rating} sur 5 (notes\u00a0: {rating_count}). Commentaires pour 100 unités vendues\u00a0: "
            "{comments_per_100_units}\u202f; produits commentés\u00a0: {commented_share}.",
        ),
        grains=("product", "sale"),
        filters=("segment", "product_type"),
        cards=("average_rating", "rating_count", "comments_per_100_units", "commented_share", "unrated", "revenue"),
        charts=(
            Chart(
                "rating_revenue",
                Words(
                    "Rating against revenue, each product a dot, larger with more ratings",
                    "Note et CA TTC, un point par produit, plus grand avec plus de notes",
                ),
                "dot",
                ("product",),
                ("average_rating", "revenue", "rating_count"),
                series="segment",
                tips=("units",),
                size="wide",
            ),
            Chart(
                "type_revenue",
                Words("Revenue (incl. VAT) by product type", "CA TTC par type de produit"),
                "bar",
                ("product_type",),
                ("revenue",),
                tips=("units",),
                selects=True,
                size="narrow",
            ),
            Chart(
                "rating_type",
                Words(
                    "Average rating by product type, weighted by ratings",
                    "Note moyenne par type de produit, pondérée par le nombre de notes",
                ),
                "bar",
                ("product_type",),
                ("average_rating",),
                tips=("rating_count",),
            ),
            Chart(
                "vintage",
                Words("Revenue (incl. VAT) by vintage", "CA TTC par millésime"),
                "column",
                ("vintage",),
                ("revenue",),
                tips=("products",),
                in_order=True,
            ),
        ),
        table=Table(
            "preferences",
            Words("Products with their ratings, comments and sales", "Produits avec leurs notes, commentaires et ventes"),
            ("product",),
            (
                "product_type",
                "segment",
                "vintage",
                "average_rating",
                "shrunk_rating",
                "rating_count",
                "revenue",
                "units",
                "comment_count",
                "comments_per_100_units",
            ),
            sorted_by="revenue",
        ),
        notes=(
            Words(
                "Ratings and comments carry no month: the months chosen act on revenue and units only; comments per 100 units are over the "
                "whole period.",
                "Notes et commentaires n’ont pas de mois : les mois choisis n’agissent que sur le CA et les unités ; les "
                "commentaires pour 100 unités portent sur toute la période.",
            ),
        ),
    ),
    Tab(
        name="segments",
        title=Words("Segments", "Segments"),
        question=Words("How the segments compare, month by month.", "Comment les segments se comparent, mois par mois."),
        answer=Words(
            "Revenue (incl. VAT) of {revenue} at a gross margin rate of {gross_margin_rate} (excl. VAT); "
            "{conversion_rate} of the units available were sold.",
            "CA TTC de {revenue}, à un taux de marge brute HT de {gross_margin_rate}\u202f; "
            "{conversion_rate} des unités disponibles ont été vendues.",
        ),
        grains=("sale",),
        filters=("segment", "month"),
        cards=("revenue", "revenue_share", "gross_margin_rate", "conversion_rate", "products_sold_last", "stock_turnover"),
        charts=(
            Chart(
                "share",
                Words("Each segment’s share of the month’s revenue (incl. VAT)", "Part de chaque segment dans le CA TTC du mois"),
                "stack",
                ("month",),
                ("revenue_share",),
                series="segment",
                tips=("revenue",),
                events=("campaigns",),
                size="wide",
            ),
            Chart(
                "rate_segment",
                Words("Gross margin rate (excl. VAT) by segment", "Taux de marge brute HT par segment"),
                "bar",
                ("segment",),
                ("gross_margin_rate",),
                series="segment",
                selects=True,
                size="narrow",
            ),
            Chart(
                "conversion",
                Words(
                    "Sell-through by segment and month: units sold of the units available",
                    "Taux d’écoulement par segment et par mois : unités vendues sur unités disponibles",
                ),
                "line",
                ("month",),
                ("conversion_rate",),
                series="segment",
                events=("campaigns",),
            ),
            Chart(
                "to_date",
                Words("Stock turnover since the period began, by segment", "Rotation du stock depuis le début de la période, par segment"),
                "line",
                ("month",),
                ("turnover_to_date",),
                series="segment",
            ),
            Chart(
                "margin_band",
                Words(
                    "Gross margin rate (excl. VAT) of each segment’s stocked products, against the band to expect",
                    "Taux de marge brute HT des produits stockés de chaque segment, face à la fourchette attendue",
                ),
                "band",
                ("month",),
                ("gross_margin_rate",),
                series="segment",
                tips=("expected_margin_rate", "margin_rate_low", "margin_rate_high", "margin_state", "has_campaign", "is_step"),
                size="full",
                rows="kpi.segment_band",
                band=Band("expected_margin_rate", "margin_rate_low", "margin_rate_high", "margin_state", "has_campaign"),
            ),
        ),
        table=Table(
            "segments",
            Words("Segments by month", "Les segments par mois"),
            ("month", "segment"),
            (
                "revenue",
                "revenue_share",
                "units",
                "gross_margin_rate",
                "conversion_rate",
                "products_sold_last",
                "turnover_to_date",
            ),
            sorted_by="month",
        ),
        notes=(
            Words(
                "Shares are of the whole shop’s revenue in the months chosen.",
                "Les parts sont celles du CA TTC de toute la boutique sur les mois choisis.",
            ),
        ),
    ),
    Tab(
        name="stock_turnover",
        title=Words("Stock Turnover", "Rotation des stocks"),
        question=Words(
            "How fast the stock sells, and where it is too much or too little.",
            "À quelle vitesse le stock se vend, et où il y en a trop ou trop peu.",
        ),
        answer=Words(
            "On the stock date, products above their ceiling: {above_ceiling}, with {value_above_ceiling} beyond it; "
            "products below their reorder point: {below_reorder}.",
            "À la date du stock, produits au-dessus de leur plafond\u00a0: {above_ceiling}, avec {value_above_ceiling} de trop\u202f; "
            "produits sous leur seuil de commande\u00a0: {below_reorder}.",
        ),
        grains=("stock", "product"),
        filters=("segment", "product_type"),
        cards=("stock_turnover", "days_of_stock", "stock_value_end", "value_above_ceiling", "below_reorder", "above_ceiling"),
        charts=(
            Chart(
                "beyond",
                Words(
                    "The products with the most stock value above their ceiling",
                    "Les produits au plus fort stock au-dessus de leur plafond",
                ),
                "bar",
                ("product",),
                ("value_above_ceiling",),
                series="segment",
                tips=("stock_on_date", "stock_ceiling"),
                first=FIRST,
                selects=True,
                size="wide",
            ),
            Chart(
                "cover",
                Words("Stock value by months of cover", "Valeur du stock par mois de couverture"),
                "bar",
                ("cover_band",),
                ("stock_value_end",),
                tips=("products",),
                in_order=True,
                selects=True,
                size="narrow",
            ),
            Chart(
                "turnover_segment",
                Words("Stock turnover by segment", "Rotation du stock par segment"),
                "bar",
                ("segment",),
                ("stock_turnover",),
                series="segment",
                tips=("days_of_stock",),
                selects=True,
            ),
            Chart(
                "stock_value",
                Words("Stock value by month", "Valeur du stock par mois"),
                "line",
                ("month",),
                ("stock_value",),
                events=("campaigns",),
            ),
        ),
        table=Table(
            "stock",
            Words("Stocked products with their reorder point and ceiling", "Produits en stock avec leur seuil de commande et leur plafond"),
            ("product",),
            (
                "segment",
                "stock_end",
                "stock_value_end",
                "stock_turnover",
                "value_above_ceiling",
                "months_of_cover",
                "stock_on_date",
                "reorder_point",
                "stock_ceiling",
                "state",
            ),
            sorted_by="value_above_ceiling",
        ),
        notes=(
            Words(
                "Final stock and cover are those of the period’s end; reorder point, ceiling and state are those of the stock date, the "
                "latest month-end of the export, for the demand of the coming months in their season. The months chosen act on turnover "
                "and on stock value over time.",
                "Stock final et couverture sont ceux de la fin de la période ; seuil de commande, plafond et état sont ceux de la date du "
                "stock, dernière fin de mois de l’export, pour la demande des mois à venir selon leur saison. Les mois choisis agissent "
                "sur la rotation et sur la valeur du stock dans le temps.",
            ),
        ),
    ),
    Tab(
        name="business_recommendations",
        title=Words("Business Recommendations", "Recommandations"),
        question=Words(
            "What to do, how sure it is, and what it is worth in a year. No euro is counted twice.",
            "Que faire, avec quelle certitude, et ce que cela vaut par an. Aucun euro n’est compté deux fois.",
        ),
        answer=Words(
            "Findings that support the advice: {findings_supported}, that contradict it: {findings_contradicted}, "
            "that cannot tell: {findings_inconclusive}. Largest effect: {largest_effect} a year (campaigns: if they recur).",
            "Constats qui confirment le conseil\u00a0: {findings_supported}, qui le contredisent\u00a0: {findings_contradicted}, "
            "qui ne tranchent pas\u00a0: {findings_inconclusive}. Plus grand effet\u00a0: {largest_effect} par an (campagnes\u00a0: si "
            "elles reviennent).",
        ),
        grains=("finding",),
        filters=("segment", "month", "audience"),
        cards=("findings_supported", "findings_contradicted", "findings_inconclusive", "largest_effect"),
        charts=(
            Chart(
                "effects",
                Words(
                    "Findings by yearly effect: what following the advice brings, or costs",
                    "Constats par effet annuel : ce que suivre le conseil rapporte, ou coûte",
                ),
                "bar",
                ("finding",),
                ("yearly_effect",),
                series="verdict",
                tips=("verdict", "confidence"),
                first=FIRST,
                size="full",
            ),
            Chart(
                "verdicts",
                Words(
                    "How many findings support each recommendation, contradict it, or cannot tell",
                    "Combien de constats confirment chaque recommandation, la contredisent ou ne tranchent pas",
                ),
                "stack",
                ("recommendation",),
                ("findings",),
                series="verdict",
                selects=True,
                size="full",
            ),
        ),
        table=Table(
            "findings",
            Words("Every finding", "Chaque constat"),
            ("finding",),
            ("rank", "sentence", "recommendation", "audience", "verdict", "confidence", "yearly_effect", "one_off_cash"),
            sorted_by="rank",
            ascending=True,
        ),
        notes=(
            Words(
                "Findings on the whole period carry no month, and stay when months are chosen.",
                "Les constats qui portent sur toute la période n’ont pas de mois, et restent quand des mois sont choisis.",
            ),
        ),
    ),
)
