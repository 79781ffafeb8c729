"""Tab Customer Preferences: one row a product of the shop, its ratings and comments beside its sales."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Contract, Count, Ratio, Text, column


class CustomerPreferences(Contract):
    sku: Count = columns.sku()
    title: Text = columns.title()
    product_type: Text = columns.product_type()
    segment: Text = columns.segment()
    vintage: Count = columns.vintage()
    volume_cl: Ratio = columns.volume_cl()
    rating_count: Count = columns.rating_count()
    average_rating: Ratio = columns.average_rating()
    shrunk_rating: Ratio = column(
        "Rating drawn towards the shop's mean, the more so the fewer rated: fair to compare.",
        unit="stars of 5",
        formula="(k * m + sum of ratings) / (k + count)",
        nullable=True,
        ge=0,
        le=5,
    )
    comment_count: Count = columns.comment_count()
    comments_per_100_units: Ratio = columns.comments_per_100_units()
    revenue: Amount = columns.revenue()
    revenue_excl_vat: Amount = columns.revenue_excl_vat()
    units: Count = columns.sold_units()
    gross_margin: Amount = columns.gross_margin()

    class Config(Contract.Config):
        unique = ["sku"]
