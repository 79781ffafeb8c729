"""The workbook's table of contents: its eight dashboards, with every figure and chart, in the order in which they are shown.

Belongs here: which sheets there are, and what stands on their shelves. Never here: XML (workbook.py), or how a figure is computed
(sources.py).

The dashboards are those of the web page (render/web), with the same names in the same order. A tab of one row a product has no
months to filter by. Nothing here is taken from an export: the workbook is the same for all of them.
"""

from __future__ import annotations

from bottleneck_assets.render.tableau.declaration import Card, Dashboard, Sheet, Top
from bottleneck_assets.render.tableau.sources import COVER, TOP_N

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
