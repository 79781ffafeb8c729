"""The workbook's table of contents: its data sources with what they compute, and its eight dashboards with every figure and chart.

Belongs here: which sheets there are, what stands on their shelves, in which order they are shown. Never here: XML (workbook.py), or a
figure that the release's tables do not bear out: every figure of a group is a sum over sums.

The dashboards are those of the web page (publish/dashboard), with the same names in the same order. A tab of one row a product has no
months to filter by. Nothing here is taken from an export: the workbook is the same for all of them.
"""

from __future__ import annotations

from bottleneck_assets.publish.tableau.declaration import Calculation, Card, Dashboard, Parameter, Sheet, Source, Top

EUROS = 'c"€"#,##0;-"€"#,##0'
COUNT = "n#,##0;-#,##0"
ONE = "n#,##0.0;-#,##0.0"
TWO = "n#,##0.00;-#,##0.00"
RATE = "p0.0%"
CHANGE = "*+0.0%;-0.0%;0.0%"

WINE, INK, SOFT, PAPER, WASH, LINE, GOOD, BAD, MUTE = (
    "#7b1e3b", "#1f1a1c", "#665c60", "#ffffff", "#f7f3f4", "#ddd5d8", "#1d6b45", "#a3231f", "#b9adb1",
)  # fmt: skip
PALETTE = ("#7b1e3b", "#b8651b", "#1f6f78", "#6b7a1e", "#5b5f97", "#8d6b94")
PALETTE_NAME = "BottleNeck"

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

OVERVIEW = Dashboard(
    name="Overview",
    source="overview",
    about="How the shop did: what was sold, what it earned, what lies in stock.",
    filters=("segment", "month"),
    before=("month",),
    cards=(
        (
            Card("Revenue", "sum(revenue)"),
            Card("Gross margin", "sum(gross_margin)"),
            Card("Gross margin rate", "margin_rate"),
            Card("Units sold", "sum(units)"),
            Card("Stock turnover", "stock_turnover_of_shop", "whole shop, whole period", "headline"),
        ),
        (
            Card("Purchase price index", "purchase_price_index_of_shop", "whole shop, first month = 100", "headline"),
            Card("Promotion ROI, incremental", "promo_incremental_roi_of_shop", "whole shop, per euro of discount", "headline"),
            Card("Average customer rating", "average_rating_of_shop", "whole shop, stars of 5", "headline"),
            Card("Comments per 100 units", "comments_per_100_units_of_shop", "whole shop, whole period", "headline"),
            Card("Products with a comment", "commented_share_of_shop", "whole shop", "headline"),
        ),
    ),
    charts=(
        (
            11,
            (
                Sheet(
                    "Revenue and gross margin by month",
                    "Line",
                    cols=("month(month)",),
                    rows=("values",),
                    values=("sum(revenue)", "sum(gross_margin)"),
                    colour="names",
                    legend=True,
                    width=2,
                ),
                Sheet(
                    "Revenue by segment",
                    "Bar",
                    rows=("segment",),
                    cols=("sum(revenue)",),
                    colour="segment",
                    text="sum(revenue)",
                    largest_first=("segment", "sum(revenue)"),
                    clicks=True,
                ),
            ),
        ),
        (
            10,
            (
                Sheet(
                    "Units sold by month, at list price and on promotion",
                    "Bar",
                    cols=("month(month)",),
                    rows=("values",),
                    values=("sum(units_regular)", "sum(units_promo)"),
                    colour="names",
                    legend=True,
                ),
                Sheet("Stock value at each month's end", "Area", cols=("month(month)",), rows=("sum(stock_value_end)",)),
            ),
        ),
        (
            8,
            (
                Sheet(
                    "The segments side by side",
                    "Text",
                    rows=("segment",),
                    cols=("names",),
                    text="values",
                    values=(
                        "sum(revenue)",
                        "sum(cogs)",
                        "sum(gross_margin)",
                        "margin_rate",
                        "sum(units)",
                        "promo_share",
                        "stock_value_last",
                    ),
                ),
            ),
        ),
    ),
)

INFLATION = Dashboard(
    name="Inflation & Margin",
    source="inflation_margin",
    about="What the wines cost the shop and the customer, and what is left between the two.",
    filters=("segment", "month"),
    before=("month",),
    cards=(
        (
            Card("Purchase price index", "purchase_index", "whole catalogue, last month"),
            Card("Sale price index", "sale_index", "whole catalogue, last month"),
            Card("Gross margin rate", "margin_rate"),
            Card("Gross margin", "sum(gross_margin)"),
            Card("Revenue", "sum(revenue)"),
        ),
    ),
    charts=(
        (
            11,
            (
                Sheet(
                    "Purchase and sale prices of the same basket",
                    "Line",
                    cols=("month(month)",),
                    rows=("values",),
                    values=("avg(purchase_price_index_all)", "avg(price_index_all)"),
                    colour="names",
                    legend=True,
                    width=2,
                ),
                Sheet(
                    "Rise of purchase prices since the first month",
                    "Bar",
                    rows=("segment",),
                    cols=("rise",),
                    colour="segment",
                    text="rise",
                    largest_first=("segment", "rise"),
                    clicks=True,
                ),
            ),
        ),
        (
            10,
            (
                Sheet("Gross margin rate by month", "Line", cols=("month(month)",), rows=("margin_rate",)),
                Sheet(
                    "Purchase price index by segment",
                    "Line",
                    cols=("month(month)",),
                    rows=("avg(purchase_price_index)",),
                    colour="segment",
                    legend=True,
                ),
            ),
        ),
        (
            9,
            (
                Sheet(
                    "Prices and margin by month and segment",
                    "Text",
                    rows=("month", "segment"),
                    cols=("names",),
                    text="values",
                    values=(
                        "avg(mean_purchase_price)",
                        "avg(mean_price)",
                        "avg(purchase_price_index)",
                        "avg(price_index)",
                        "sum(revenue)",
                        "margin_rate",
                    ),
                ),
            ),
        ),
    ),
)

PROMOTIONS = Dashboard(
    name="Promotions & ROI",
    source="promotions_roi",
    about="What each promotion brought beyond the sales that would have come anyway.",
    filters=("segment", "month"),
    cards=(
        (
            Card("Promotion ROI, incremental", "roi", "margin beyond baseline, per euro"),
            Card("Promotion ROI on paper", "roi_on_paper", "credits sales that came anyway"),
            Card("Discount given", "sum(discount_cost)"),
            Card("Margin beyond the baseline", "sum(incremental_margin)"),
            Card("Units beyond the baseline", "sum(uplift_units)"),
        ),
    ),
    charts=(
        (
            11,
            (
                Sheet(
                    "Incremental ROI of each campaign",
                    "Bar",
                    is_long=True,
                    rows=("starts_on", "segment"),
                    cols=("roi",),
                    colour="outcome",
                    text="roi",
                    tooltip=("sum(incremental_margin)", "sum(discount_cost)"),
                    clicks=True,
                ),
                Sheet(
                    "Margin beyond the baseline, campaign by campaign",
                    "GanttBar",
                    cols=("starts_on", "segment"),
                    rows=("earned_so_far",),
                    size="step_back",
                    colour="outcome",
                    tooltip=("sum(incremental_margin)",),
                ),
            ),
        ),
        (
            11,
            (
                Sheet(
                    "Units of each campaign, and the baseline",
                    "Bar",
                    is_long=True,
                    rows=("starts_on", "segment", "names"),
                    cols=("values",),
                    values=("sum(units_measured)", "sum(baseline_units)"),
                    colour="names",
                ),
                Sheet(
                    "Promotions by discount given and margin beyond the baseline",
                    "Circle",
                    cols=("sum(discount_cost)",),
                    rows=("sum(incremental_margin)",),
                    colour="segment",
                    detail=("title", "sku", "month"),
                    tooltip=("sum(units)", "sum(baseline_units)", "roi"),
                    legend=True,
                ),
            ),
        ),
        (
            8,
            (
                Sheet(
                    "Every promotion",
                    "Text",
                    rows=("month", "sku", "title", "segment"),
                    cols=("names",),
                    text="values",
                    values=(
                        "sum(units)",
                        "sum(units_promo)",
                        "sum(baseline_units)",
                        "sum(discount_cost)",
                        "sum(incremental_margin)",
                        "roi",
                    ),
                ),
            ),
        ),
    ),
)

TOP_PRODUCTS = Dashboard(
    name="Top Products",
    source="top_products",
    about="Which products make the revenue, and how few of them.",
    filters=("segment", "product_type"),
    before=("segment", "product_type"),
    parameters=(TOP_N,),
    cards=(
        (
            Card("Revenue", "sum(revenue)"),
            Card("Products sold", "products_sold"),
            Card("Products of class A", "products_in_a", "80% of the shop's revenue"),
            Card("Revenue of the first N", "share_of_first", "N as set above"),
            Card("Gross margin rate", "margin_rate"),
            Card("Units sold", "sum(units)"),
        ),
    ),
    charts=(
        (
            10,
            (
                Sheet(
                    "Products by revenue, and the share that the first ones make",
                    "Bar",
                    second_mark="Line",
                    cols=("axis(rank)",),
                    rows=("sum(revenue)", "max(cumulative_revenue_share)"),
                    colour="abc_class",
                    detail=("product",),
                    legend=True,
                ),
            ),
        ),
        (
            12,
            (
                Sheet(
                    "The products with the most revenue",
                    "Bar",
                    is_long=True,
                    rows=("product",),
                    cols=("sum(revenue)",),
                    colour="segment",
                    text="sum(revenue)",
                    tooltip=("sum(units)", "margin_rate"),
                    largest_first=("product", "sum(revenue)"),
                    top=Top("product", "SUM([revenue])", TOP_N),
                    legend=True,
                    width=2,
                ),
                Sheet(
                    "Revenue by ABC class",
                    "Bar",
                    rows=("abc_class",),
                    cols=("sum(revenue)",),
                    colour="abc_class",
                    text="sum(revenue)",
                    tooltip=("countd(sku)",),
                    clicks=True,
                ),
            ),
        ),
        (
            8,
            (
                Sheet(
                    "All products sold",
                    "Text",
                    rows=("rank", "product", "product_type", "segment", "abc_class"),
                    cols=("names",),
                    text="values",
                    values=("sum(revenue)", "sum(units)", "sum(gross_margin)", "margin_rate", "max(cumulative_revenue_share)"),
                ),
            ),
        ),
    ),
)

PREFERENCES = Dashboard(
    name="Customer Preferences",
    source="customer_preferences",
    about="What customers think of the products, beside what they buy.",
    filters=("segment", "product_type"),
    cards=(
        (
            Card("Average customer rating", "rating", "stars of 5"),
            Card("Ratings", "sum(rating_count)"),
            Card("Comments per 100 units", "comment_rate", "over the whole period"),
            Card("Products with a comment", "commented"),
            Card("Products nobody rated", "unrated"),
            Card("Revenue", "sum(revenue)"),
        ),
    ),
    charts=(
        (
            12,
            (
                Sheet(
                    "Rating and revenue, each product a dot",
                    "Circle",
                    cols=("avg(average_rating)",),
                    rows=("sum(revenue)",),
                    size="sum(rating_count)",
                    colour="segment",
                    detail=("product",),
                    tooltip=("sum(units)",),
                    without_null="average_rating",
                    legend=True,
                    width=2,
                ),
                Sheet(
                    "Revenue by product type",
                    "Bar",
                    is_long=True,
                    rows=("product_type",),
                    cols=("sum(revenue)",),
                    text="sum(revenue)",
                    largest_first=("product_type", "sum(revenue)"),
                    clicks=True,
                ),
            ),
        ),
        (
            10,
            (
                Sheet(
                    "Average rating by product type",
                    "Bar",
                    is_long=True,
                    rows=("product_type",),
                    cols=("rating",),
                    text="rating",
                    tooltip=("sum(rating_count)",),
                    largest_first=("product_type", "rating"),
                    without_null="average_rating",
                ),
                Sheet(
                    "Revenue by vintage", "Bar", cols=("vintage",), rows=("sum(revenue)",), tooltip=("countd(sku)",), without_null="vintage"
                ),
            ),
        ),
        (
            8,
            (
                Sheet(
                    "Products with their ratings, comments and sales",
                    "Text",
                    rows=("product", "product_type", "segment"),
                    cols=("names",),
                    text="values",
                    values=(
                        "avg(average_rating)",
                        "avg(shrunk_rating)",
                        "sum(rating_count)",
                        "sum(comment_count)",
                        "sum(revenue)",
                        "sum(units)",
                    ),
                    largest_first=("product", "sum(revenue)"),
                ),
            ),
        ),
    ),
)

SEGMENTS = Dashboard(
    name="Segments",
    source="segments",
    about="How the segments compare, month by month.",
    filters=("segment", "month"),
    before=("month",),
    cards=(
        (
            Card("Revenue", "sum(revenue)"),
            Card("Share of shop revenue", "share", "in the months shown"),
            Card("Gross margin rate", "margin_rate"),
            Card("Conversion rate", "conversion", "units sold of those available"),
            Card("Products sold", "sold_last", "in the last month"),
            Card("Stock turnover", "stock_turnover_of_shop", "whole shop, whole period", "headline"),
        ),
    ),
    charts=(
        (
            11,
            (
                Sheet(
                    "Each segment's share of the month's revenue",
                    "Bar",
                    cols=("month(month)",),
                    rows=("sum(revenue_share)",),
                    colour="segment",
                    tooltip=("sum(revenue)",),
                    legend=True,
                    width=2,
                ),
                Sheet(
                    "Gross margin rate by segment",
                    "Bar",
                    rows=("segment",),
                    cols=("margin_rate",),
                    colour="segment",
                    text="margin_rate",
                    largest_first=("segment", "margin_rate"),
                    clicks=True,
                ),
            ),
        ),
        (
            10,
            (
                Sheet("Conversion by segment and month", "Line", cols=("month(month)",), rows=("conversion",), colour="segment"),
                Sheet(
                    "Stock turnover since the period began",
                    "Line",
                    cols=("month(month)",),
                    rows=("turnover",),
                    colour="segment",
                    legend=True,
                ),
            ),
        ),
        (
            9,
            (
                Sheet(
                    "Segments by month",
                    "Text",
                    rows=("month", "segment"),
                    cols=("names",),
                    text="values",
                    values=(
                        "sum(revenue)",
                        "sum(revenue_share)",
                        "sum(units)",
                        "margin_rate",
                        "conversion",
                        "sum(products_sold)",
                        "turnover",
                    ),
                ),
            ),
        ),
    ),
)

STOCK = Dashboard(
    name="Stock Turnover",
    source="stock_turnover",
    about="How fast the stock sells, and where it is too much or too little.",
    filters=("segment", "product_type"),
    before=("segment", "product_type"),
    parameters=(COVER, TOP_N),
    cards=(
        (
            Card("Stock turnover", "stock_turnover_of_shop", "whole shop, whole period", "headline"),
            Card("Days of stock", "days_of_shop", "whole shop, whole period", "headline"),
            Card("Stock value", "sum(stock_value_end)", "at the end of the period"),
            Card("Stock value beyond cover", "sum(beyond_cover)", "months of cover as set above"),
            Card("Below the reorder point", "to_order", "products"),
            Card("Above the ceiling", "too_many", "products"),
        ),
    ),
    charts=(
        (
            12,
            (
                Sheet(
                    "The products with the most stock value beyond cover",
                    "Bar",
                    is_long=True,
                    rows=("product",),
                    cols=("sum(beyond_cover)",),
                    colour="segment",
                    text="sum(beyond_cover)",
                    tooltip=("sum(stock_end)", "avg(months_of_cover)"),
                    largest_first=("product", "sum(beyond_cover)"),
                    top=Top("product", "SUM([beyond_cover])", TOP_N),
                    legend=True,
                    width=2,
                ),
                Sheet(
                    "Stock value by months of cover",
                    "Bar",
                    rows=("cover_band",),
                    cols=("sum(stock_value_end)",),
                    text="sum(stock_value_end)",
                    tooltip=("countd(sku)",),
                    clicks=True,
                ),
            ),
        ),
        (
            9,
            (
                Sheet(
                    "Stock turnover by segment",
                    "Bar",
                    source="stock_turnover_by_segment",
                    rows=("segment",),
                    cols=("turnover_of_segments",),
                    colour="segment",
                    text="turnover_of_segments",
                    tooltip=("days",),
                    largest_first=("segment", "turnover_of_segments"),
                    clicks=True,
                ),
                Sheet(
                    "Stock value of the shop by month", "Area", source="overview", cols=("month(month)",), rows=("sum(stock_value_end)",)
                ),
            ),
        ),
        (
            9,
            (
                Sheet(
                    "Stocked products with their reorder point and ceiling",
                    "Text",
                    rows=("product", "segment", "state"),
                    cols=("names",),
                    text="values",
                    values=(
                        "sum(stock_end)",
                        "sum(stock_value_end)",
                        "avg(turnover)",
                        "sum(beyond_cover)",
                        "avg(months_of_cover)",
                        "avg(reorder_point)",
                        "avg(stock_ceiling)",
                    ),
                    largest_first=("product", "sum(beyond_cover)"),
                ),
            ),
        ),
    ),
)

RECOMMENDATIONS = Dashboard(
    name="Business Recommendations",
    source="business_recommendations",
    about="What to do, how sure it is, and what it is worth in a year. Effects overlap: do not add them up.",
    filters=("segment", "month", "audience"),
    before=("segment", "month", "audience"),
    parameters=(TOP_N,),
    cards=(
        (
            Card("Findings that support the advice", "supporting"),
            Card("Findings that contradict it", "contradicting"),
            Card("Findings that cannot tell", "open"),
            Card("Largest single effect", "largest_effect", "a year"),
        ),
    ),
    charts=(
        (
            11,
            (
                Sheet(
                    "Findings by yearly effect",
                    "Bar",
                    is_long=True,
                    rows=("what",),
                    cols=("sum(yearly_effect)",),
                    colour="verdict",
                    text="sum(yearly_effect)",
                    tooltip=("confidence",),
                    largest_first=("what", "sum(yearly_effect)"),
                    top=Top("what", "MAX(ABS([yearly_effect]))", TOP_N),
                    legend=True,
                    width=2,
                ),
                Sheet(
                    "Findings by recommendation and verdict",
                    "Bar",
                    rows=("recommendation",),
                    cols=("count(rank)",),
                    colour="verdict",
                    clicks=True,
                ),
            ),
        ),
        (
            14,
            (
                Sheet(
                    "What was found, and what to do",
                    "Text",
                    rows=("rank", "audience", "verdict", "confidence"),
                    text="sentence_en",
                    tooltip=("sum(yearly_effect)", "effect_method"),
                ),
            ),
        ),
    ),
)

DASHBOARDS = (OVERVIEW, INFLATION, PROMOTIONS, TOP_PRODUCTS, PREFERENCES, SEGMENTS, STOCK, RECOMMENDATIONS)
