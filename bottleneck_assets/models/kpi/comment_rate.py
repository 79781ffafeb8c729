"""Comments per 100 units sold: one row a product of the shop."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Ratio, Text


class CommentRate(Contract):
    sku: Count = columns.sku()
    title: Text = columns.title()
    segment: Text = columns.segment()
    comment_count: Count = columns.comment_count()
    units: Count = columns.sold_units()
    comments_per_100_units: Ratio = columns.comments_per_100_units()

    class Config(Contract.Config):
        unique = ["sku"]
