"""Every row of the export's Web table, typed: one row a row of the export, with the reason if it cannot be used."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Date, Flag, Ratio, Text, column


class WebTyped(Contract):
    row_number: Count = columns.row_number()
    sku: Count = column("The shop's number of the product.", nullable=True)
    title: Text = column("Name of the product.", nullable=True)
    product_type: Text = column("Type of the product.", nullable=True)
    segment: Text = column("Segment of the product.", nullable=True)
    excerpt: Text = column("Short description, as plain text; null where the shop gives none.", nullable=True)
    slug: Text = column("Name of the product's page in its address.", nullable=True)
    url: Text = column("Permanent address of the product's page.", nullable=True)
    author_id: Count = column("WordPress user who wrote the page.", nullable=True)
    created_on: Date = column("Day on which the page was written.", nullable=True)
    modified_on: Date = column("Day on which the page was last changed; null where the export gives no date.", nullable=True)
    is_published: Flag = column("Whether the page can be seen in the shop.")
    rating_count: Count = column("How many customers rated the product.", nullable=True)
    average_rating: Ratio = column("Mean rating out of 5.", nullable=True)
    comment_count: Count = column("Comments on the page.", nullable=True)
    is_closed_to_comments: Flag = column("Whether the page takes no comments.")
    volume_cl: Ratio = columns.volume_cl()
    vintage: Count = columns.vintage()
    is_stocked: Flag = column("Whether the product has a stock; gift cards have none.", nullable=True)
    is_volume_stated: Flag = column("Whether the volume is stated, so that it need not be read from the title.")
    is_exact_copy: Flag = columns.is_exact_copy()
    respelled: Text = columns.respelled()
    defect: Text = columns.defect()

    class Config(Contract.Config):
        unique = ["row_number"]
