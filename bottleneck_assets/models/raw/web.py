"""The shop's products as exported: one row a product, every cell as text."""

from bottleneck_assets.models.contract import Text
from bottleneck_assets.models.exported import ExportedTable, exported


class Web(ExportedTable):
    sku: Text = exported("The shop's number of the product.")
    virtuals: Text = exported("WooCommerce flag: not a physical product.")
    downloadable: Text = exported("WooCommerce flag: can be downloaded.")
    rating_count: Text = exported("How many customers rated the product.")
    average_rating: Text = exported("Their mean rating out of 5; empty where nobody rated.")
    post_author: Text = exported("WordPress user who wrote the page.")
    post_date: Text = exported("Day on which the page was written, as 18-04-2022.")
    post_date_gmt: Text = exported("The same in GMT.")
    product_type: Text = exported("Type of the product.")
    segment: Text = exported("Segment of the product.")
    post_title: Text = exported("Name of the product, with HTML.")
    post_excerpt: Text = exported("Short description, with HTML.")
    contenance: Text = exported("Volume, such as 75cl or 3x 10cl.")
    post_status: Text = exported("WordPress status of the page.")
    comment_status: Text = exported("Whether comments are open.")
    ping_status: Text = exported("Whether pings are open.")
    post_name: Text = exported("The page's name in its address.")
    post_modified: Text = exported("Day on which the page was last changed.")
    post_modified_gmt: Text = exported("The same in GMT.")
    post_parent: Text = exported("WordPress page above this one.")
    guid: Text = exported("The page's permanent address.")
    post_type: Text = exported("WordPress type of the page.")
    comment_count: Text = exported("How many comments the page has.")
