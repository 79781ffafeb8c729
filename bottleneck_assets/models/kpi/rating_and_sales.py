"""Whether better-rated products sell more: one row a segment with rated products, as counts that can be summed."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Text, column


class RatingAndSales(Contract):
    segment: Text = columns.segment()
    rated_products: Count = column("Products sold that somebody rated.", unit="products", ge=1)
    better_rated: Count = column("Of them, those rated above the segment's median.", unit="products", ge=0)
    better_rated_selling_more: Count = column("Of the better rated, those that sell above the segment's median.", unit="products", ge=0)
    others: Count = column("Rated products that are not better rated.", unit="products", ge=0)
    others_selling_more: Count = column("Of the others, those that sell above the segment's median.", unit="products", ge=0)

    class Config(Contract.Config):
        unique = ["segment"]
