"""Whether better-rated products sell more: one row a segment with rated products, as counts that can be summed."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Text, count_of


class RatingAndSales(Contract):
    segment: Text = columns.segment()
    rated_products: Count = count_of("products", "Products sold that somebody rated.", ge=1)
    better_rated: Count = count_of("products", "Of them, those rated above the segment's median.", ge=0)
    better_rated_selling_more: Count = count_of("products", "Of the better rated, those that sell above the segment's median.", ge=0)
    others: Count = count_of("products", "Rated products that are not better rated.", ge=0)
    others_selling_more: Count = count_of("products", "Of the others, those that sell above the segment's median.", ge=0)

    class Config(Contract.Config):
        unique = ["segment"]
