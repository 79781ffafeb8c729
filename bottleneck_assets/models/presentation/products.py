"""The products: one row a product of the shop, its ratings, sales, stock and groups, and whether a page shows it by itself.

Of a shop with more products than a page can hold, those with the most revenue (1,500) or the most stock above their ceiling (300) are kept.
The first ones of each segment, product type and class, or months of cover, come before the others: 50 by revenue, 15 by stock.
"""

from typing import Any

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Contract, Count, Flag, Ratio, Text, column, euros, quantity


def shrunk_rating() -> Any:
    """Declare the rating that is fair to compare."""
    return column(
        "Rating drawn towards the shop's mean, the more so the fewer rated; null where it is not known.",
        unit="stars of 5",
        formula="(k * m + sum of ratings) / (k + count)",
        nullable=True,
        ge=0,
        le=5,
    )


def rank() -> Any:
    """Declare the place by revenue."""
    return column("Place by revenue, the largest first; null where nothing was sold.", nullable=True, ge=1)


def cumulative_revenue_share() -> Any:
    """Declare the share of revenue up to a place."""
    return column(
        "Share of the shop's revenue that it and all before it by rank make; null where nothing was sold.",
        unit="ratio",
        nullable=True,
        ge=0,
        le=1,
    )


def abc_class() -> Any:
    """Declare the class of a product that may be unsold."""
    return column("ABC class by revenue; null where nothing was sold.", nullable=True, isin=["A", "B", "C"])


def cover_band() -> Any:
    """Declare the group of the months of cover."""
    return column(
        "Months of cover, grouped; `none` where nothing sells, null without stock.",
        unit="months",
        nullable=True,
        isin=["none", "0-1", "1-3", "3-6", "6-12", "12-"],
    )


def stock_end() -> Any:
    """Declare the last stock."""
    return quantity("Units in stock at the end of its last month; null without stock.", nullable=True, ge=0)


def stock_value_end() -> Any:
    """Declare the value of the last stock."""
    return euros(
        "Value of the stock at the end of its last month; null without stock.", formula="stock_end * purchase_price", nullable=True, ge=0
    )


class Products(Contract):
    sku: Count = columns.sku()
    title: Text = columns.title()
    product_type: Text = columns.product_type()
    segment: Text = columns.segment()
    vintage: Count = columns.vintage()
    volume_cl: Ratio = columns.volume_cl()
    rating_count: Count = columns.rating_count()
    average_rating: Ratio = columns.average_rating()
    shrunk_rating: Ratio = shrunk_rating()
    comment_count: Count = columns.comment_count()
    comments_per_100_units: Ratio = columns.comments_per_100_units()
    revenue: Amount = columns.revenue()
    units: Count = columns.sold_units()
    rank: Count = rank()
    cumulative_revenue_share: Ratio = cumulative_revenue_share()
    abc_class: Text = abc_class()
    is_stocked: Flag = columns.is_stocked()
    stock_end: Count = stock_end()
    stock_value_end: Amount = stock_value_end()
    mean_monthly_units: Ratio = quantity("Mean units sold a month; null without stock.", additive="no", nullable=True, ge=0)
    months_of_cover: Ratio = column("Months that the last stock lasts.", unit="months", nullable=True, ge=0)
    stock_on_date: Count = columns.stock_on_date(nullable=True)
    reorder_point: Ratio = columns.reorder_point()
    stock_ceiling: Ratio = columns.stock_ceiling()
    value_above_ceiling: Amount = columns.value_above_ceiling()
    cover_band: Text = cover_band()
    is_below_reorder_point: Flag = column("Whether the stock is below its reorder point.")
    is_above_ceiling: Flag = column("Whether the stock is above its ceiling.")
    is_kept: Flag = column("Whether a page shows it by itself.")

    class Config(Contract.Config):
        unique = ["sku"]
