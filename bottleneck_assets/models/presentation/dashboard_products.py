"""The dashboard's products: one row a product that it shows by itself, and one a group of those that it pools, where `sku` is null.

A page cannot hold every product of a large shop: those beyond the limits of `presentation.products` are pooled by segment, product type,
ABC class and months of cover, so that sums stay whole.
"""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Contract, Count, Flag, Ratio, Text, column, count_of, euros, quantity
from bottleneck_assets.models.presentation.products import (
    abc_class,
    cover_band,
    cumulative_revenue_share,
    shrunk_rating,
    stock_end,
    stock_value_end,
)


class DashboardProducts(Contract):
    sku: Count = column("The shop's number of the product; null for a group.", nullable=True, ge=0)
    title: Text = column("Name of the product, its first 200 characters; null for a group.", nullable=True)
    product_type: Text = columns.product_type()
    segment: Text = columns.segment()
    vintage: Count = columns.vintage()
    volume_cl: Ratio = columns.volume_cl()
    rating_count: Count = columns.rating_count()
    average_rating: Ratio = columns.average_rating()
    shrunk_rating: Ratio = shrunk_rating()
    comment_count: Count = columns.comment_count()
    comments_per_100_units: Ratio = columns.comments_per_100_units()
    rank: Count = column("Place by revenue, of a group that of its first; null where nothing was sold.", nullable=True, ge=1)
    cumulative_revenue_share: Ratio = cumulative_revenue_share()
    abc_class: Text = abc_class()
    is_stocked: Flag = columns.is_stocked()
    cover_band: Text = cover_band()
    stock_end: Count = stock_end()
    stock_value_end: Amount = stock_value_end()
    mean_monthly_units: Ratio = quantity("Mean units sold a month.", nullable=True, ge=0)
    months_of_cover: Ratio = column("Months that the last stock lasts; null for a group.", unit="months", nullable=True, ge=0)
    stock_on_date: Count = columns.stock_on_date(nullable=True)
    reorder_point: Ratio = columns.reorder_point()
    stock_ceiling: Ratio = columns.stock_ceiling()
    value_above_ceiling: Ratio = euros("Value of the stock above its ceiling.", ge=0)
    rating_sum: Ratio = column(
        "All ratings, summed.", unit="stars", formula="sum(average_rating * rating_count)", additive="yes", nullable=True, ge=0
    )
    ratings: Count = count_of("ratings", "Ratings behind `rating_sum`.", ge=0)
    commented: Count = count_of("products", "Products with a comment.", ge=0)
    below_reorder: Count = count_of("products", "Products whose stock is below its reorder point.", ge=0)
    above_ceiling: Count = count_of("products", "Products whose stock is above its ceiling.", ge=0)
    products_in_a: Count = count_of("products", "Products of class A.", ge=0)
    unrated: Count = count_of("products", "Products that nobody rated.", ge=0)
    units: Count = columns.sold_units()
    products: Count = count_of("products", "Products in the row.", ge=1)

    class Config(Contract.Config):
        unique = ["sku", "segment", "product_type", "is_stocked", "abc_class", "cover_band"]
