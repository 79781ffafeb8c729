"""The shop's products: one row a product, with its segment, ratings, comments, volume and vintage."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Date, Flag, Ratio, Text, column


class Web(Contract):
    sku: Count = columns.sku()
    title: Text = columns.title()
    product_type: Text = columns.product_type()
    segment: Text = columns.segment()
    excerpt: Text = column("Short description, as plain text; null where the shop gives none.", nullable=True)
    slug: Text = column("Name of the product's page in its address; null where the export gives none.", nullable=True)
    url: Text = column("Permanent address of the product's page; null where the export gives none.", nullable=True)
    author_id: Count = column("WordPress user who wrote the page; null where the export gives none.", nullable=True, ge=0)
    created_on: Date = column("Day on which the page was written; null where the export gives no date.", nullable=True)
    modified_on: Date = column("Day on which the page was last changed; null where the export gives no date.", nullable=True)
    is_published: Flag = column("Whether the page can be seen in the shop.")
    rating_count: Count = columns.rating_count()
    average_rating: Ratio = columns.average_rating()
    comment_count: Count = columns.comment_count()
    volume_cl: Ratio = columns.volume_cl()
    vintage: Count = columns.vintage()
    is_stocked: Flag = column("Whether the product has a stock; gift cards have none.", formula="segment not in segments_without_stock")

    class Config(Contract.Config):
        unique = ["sku"]
