"""The workbook's data sources: the tables of the release that it reads, and what it computes from them.

Belongs here: tables, calculations and parameters. Never here: a figure that the release's tables do not bear out: every figure of a group
is a sum over sums.
"""

from __future__ import annotations

from bottleneck_assets.render.tableau.declaration import Calculation, Parameter, Source
from bottleneck_assets.render.tableau.theme import BAD, CHANGE, COUNT, EUROS, GOOD, MUTE, ONE, RATE, TWO, WINE

TOP_N = Parameter("Parameter 1", "Top N", default=15, least=5, most=50, step=5)
COVER = Parameter("Parameter 2", "Months of cover", default=6, least=1, most=24, step=1)
PARAMETERS = (TOP_N, COVER)

LAST_MONTH = "[month] = {FIXED : MAX([month])}"
MARGIN_RATE = Calculation("margin_rate", "Gross margin rate", "SUM([gross_margin]) / SUM([revenue])", RATE)
PRODUCT = Calculation("product", "Product", "[title] + ' (' + STR([sku]) + ')'", datatype="string", over="row")
CLASSES = (("A", WINE), ("B", "#b8651b"), ("C", MUTE))
VERDICTS = (("supported", GOOD), ("contradicted", BAD), ("inconclusive", MUTE))


def _headline(kpi: str, caption: str, layout: str) -> Calculation:
    """Return one figure of the whole shop, by the name of its KPI."""
    return Calculation(f"{kpi}_of_shop", f"{caption}, whole shop", f"MAX(IF [kpi] = '{kpi}' THEN [value] END)", layout)


SOURCES = (
    Source(
        "extract.overview",
        "Overview",
        (
            MARGIN_RATE,
            Calculation("units_regular", "Units at list price", "[units] - [units_promo]", COUNT, "integer", over="row"),
            Calculation("promo_share", "Share on promotion", "SUM([units_promo]) / SUM([units])", RATE),
            Calculation("stock_value_last", "Stock value in the last month", f"SUM(IF {LAST_MONTH} THEN [stock_value_end] END)", EUROS),
        ),
    ),
    Source(
        "extract.inflation_margin",
        "Inflation & Margin",
        (
            MARGIN_RATE,
            Calculation("purchase_index", "Purchase price index", f"MAX(IF {LAST_MONTH} THEN [purchase_price_index_all] END)", ONE),
            Calculation("sale_index", "Sale price index", f"MAX(IF {LAST_MONTH} THEN [price_index_all] END)", ONE),
            Calculation("rise", "Rise since the first month", f"MAX(IF {LAST_MONTH} THEN [purchase_price_index] END) / 100 - 1", CHANGE),
        ),
    ),
    Source(
        "extract.promotions_roi",
        "Promotions & ROI",
        (
            Calculation(
                "discount_measured",
                "Discount with a baseline",
                "IF NOT ISNULL([incremental_margin]) THEN [discount_cost] END",
                EUROS,
                over="row",
            ),
            Calculation(
                "units_measured", "Units with a baseline", "IF NOT ISNULL([baseline_units]) THEN [units] END", COUNT, "integer", over="row"
            ),
            Calculation("roi", "ROI, incremental", "SUM([incremental_margin]) / SUM([discount_measured])", CHANGE),
            Calculation("roi_on_paper", "ROI, margin over discount", "SUM([promo_margin]) / SUM([discount_cost])", CHANGE),
            Calculation(
                "earned_so_far", "Margin beyond the baseline, summed up", "RUNNING_SUM(SUM([incremental_margin]))", EUROS, over="table"
            ),
            Calculation("step_back", "Back to where it came from", "-SUM([incremental_margin])", EUROS),
            Calculation(
                "outcome",
                "Outcome",
                "IF SUM([incremental_margin]) >= 0 THEN 'earned' ELSE 'lost' END",
                datatype="string",
                colours=(("earned", GOOD), ("lost", BAD)),
            ),
        ),
    ),
    Source(
        "extract.top_products",
        "Top Products",
        (
            MARGIN_RATE,
            PRODUCT,
            Calculation("products_sold", "Products sold", "COUNTD(IF [units] > 0 THEN [sku] END)", COUNT, "integer"),
            Calculation("products_in_a", "Products of class A", "COUNTD(IF [abc_class] = 'A' THEN [sku] END)", COUNT, "integer"),
            Calculation(
                "share_of_first", "Revenue of the first N", f"SUM(IF [rank] <= {TOP_N.ref} THEN [revenue] END) / SUM([revenue])", RATE
            ),
        ),
        colours={"abc_class": CLASSES},
    ),
    Source(
        "extract.customer_preferences",
        "Customer Preferences",
        (
            PRODUCT,
            Calculation(
                "rating",
                "Average rating",
                "SUM([average_rating] * [rating_count]) / SUM(IF NOT ISNULL([average_rating]) THEN [rating_count] END)",
                TWO,
            ),
            Calculation("comment_rate", "Comments per 100 units", "100 * SUM([comment_count]) / SUM([units])", ONE),
            Calculation("commented", "Products with a comment", "COUNTD(IF [comment_count] > 0 THEN [sku] END) / COUNTD([sku])", RATE),
            Calculation("unrated", "Products nobody rated", "COUNTD(IF [rating_count] = 0 THEN [sku] END)", COUNT, "integer"),
        ),
    ),
    Source(
        "extract.segments",
        "Segments",
        (
            MARGIN_RATE,
            Calculation("share", "Share of the revenue shown", "SUM([revenue]) / MIN({FIXED : SUM([revenue])})", RATE),
            Calculation("conversion", "Conversion rate", "SUM([units]) / SUM([units_available])", RATE),
            Calculation("sold_last", "Products sold in the last month", f"SUM(IF {LAST_MONTH} THEN [products_sold] END)", COUNT, "integer"),
            Calculation("turnover", "Stock turnover to date", "SUM([cogs_to_date]) / SUM([mean_stock_value_to_date])", TWO),
        ),
    ),
    Source(
        "extract.stock_turnover",
        "Stock Turnover",
        (
            PRODUCT,
            Calculation(
                "beyond_cover",
                "Stock value beyond cover",
                f"IF ISNULL([months_of_cover]) THEN [stock_value_end] ELSEIF [months_of_cover] > {COVER.ref} "
                f"THEN [stock_value_end] * (1 - {COVER.ref} / [months_of_cover]) ELSE 0 END",
                EUROS,
                over="row",
            ),
            Calculation(
                "to_order", "Products below the reorder point", "COUNTD(IF [stock_end] < [reorder_point] THEN [sku] END)", COUNT, "integer"
            ),
            Calculation(
                "too_many", "Products above the ceiling", "COUNTD(IF [stock_end] > [stock_ceiling] THEN [sku] END)", COUNT, "integer"
            ),
            Calculation(
                "cover_band",
                "Months of cover, grouped",
                "IF ISNULL([months_of_cover]) THEN 'no sales' "
                "ELSEIF [months_of_cover] <= 1 THEN '0 to 1' ELSEIF [months_of_cover] <= 3 THEN '1 to 3' "
                "ELSEIF [months_of_cover] <= 6 THEN '3 to 6' ELSEIF [months_of_cover] <= 12 THEN '6 to 12' ELSE 'over 12' END",
                datatype="string",
                over="row",
                order=("0 to 1", "1 to 3", "3 to 6", "6 to 12", "over 12", "no sales"),
            ),
            Calculation(
                "state",
                "State",
                "IF ISNULL([reorder_point]) THEN 'not known' ELSEIF [stock_end] < [reorder_point] THEN 'order' "
                "ELSEIF [stock_end] > [stock_ceiling] THEN 'too much' ELSE 'in bounds' END",
                datatype="string",
                over="row",
            ),
        ),
    ),
    Source(
        "extract.business_recommendations",
        "Business Recommendations",
        (
            Calculation(
                "supporting", "Findings that support the advice", "COUNT(IF [verdict] = 'supported' THEN [rank] END)", COUNT, "integer"
            ),
            Calculation(
                "contradicting", "Findings that contradict it", "COUNT(IF [verdict] = 'contradicted' THEN [rank] END)", COUNT, "integer"
            ),
            Calculation("open", "Findings that cannot tell", "COUNT(IF [verdict] = 'inconclusive' THEN [rank] END)", COUNT, "integer"),
            Calculation("largest_effect", "Largest single effect a year", "MAX([yearly_effect])", EUROS),
            Calculation("what", "Finding", "[scope] + ': ' + [recommendation]", datatype="string", over="row"),
        ),
        colours={"verdict": VERDICTS},
    ),
    Source(
        "kpi.headline",
        "Headline",
        (
            _headline("stock_turnover", "Stock turnover", TWO),
            Calculation("days_of_shop", "Days of stock, whole shop", "365 / [stock_turnover_of_shop]", COUNT),
            _headline("purchase_price_index", "Purchase price index", ONE),
            _headline("promo_incremental_roi", "Promotion ROI, incremental", CHANGE),
            _headline("average_rating", "Average customer rating", TWO),
            _headline("comments_per_100_units", "Comments per 100 units", ONE),
            _headline("commented_share", "Products with a comment", RATE),
        ),
    ),
    Source(
        "kpi.stock_turnover_by_segment",
        "Stock Turnover by Segment",
        (
            Calculation("turnover_of_segments", "Stock turnover", "SUM([cogs]) / SUM([mean_stock_value])", TWO),
            Calculation("days", "Days of stock", "365 * SUM([mean_stock_value]) / SUM([cogs])", COUNT),
        ),
    ),
)
