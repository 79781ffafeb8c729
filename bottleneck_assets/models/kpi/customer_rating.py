"""Customer ratings: one row a product of the shop."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Ratio, Text, column


class CustomerRating(Contract):
    sku: Count = columns.sku()
    title: Text = columns.title()
    product_type: Text = columns.product_type()
    segment: Text = columns.segment()
    rating_count: Count = columns.rating_count()
    average_rating: Ratio = columns.average_rating()
    shrunk_rating: Ratio = column(
        "Rating drawn towards the shop's mean, the more so the fewer rated: fair to compare.",
        unit="stars of 5",
        formula="(k * m + sum of ratings) / (k + count), m the shop's weighted mean, k the median positive count",
        nullable=True,
        ge=0,
        le=5,
    )

    class Config(Contract.Config):
        unique = ["sku"]
