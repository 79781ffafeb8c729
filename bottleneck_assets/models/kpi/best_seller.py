"""The best-sellers: one row per stocked product among the top fifth of its product type by revenue (setting best_seller_share)."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Contract, Count, Text, column, count_of


class BestSeller(Contract):
    sku: Count = columns.sku()
    segment: Text = columns.segment()
    product_type: Text = columns.product_type()
    revenue: Amount = columns.revenue()
    rank_in_type: Count = column("Place among the products of its type by revenue.", unit="rank", ge=1)
    products_of_type: Count = count_of("products", "Stocked products of the type that were sold from.", additive="no", ge=1)

    class Config(Contract.Config):
        unique = ["sku"]
