"""Tab Promotions & ROI: one row a promotion (month and product), its prices, baseline, uplift and returns."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Price, Ratio, Text
from bottleneck_assets.models.kpi.promo_roi import PromoRoi


class PromotionsRoi(PromoRoi):
    product_type: Text = columns.product_type()
    list_price: Price = columns.list_price()
    offer_price: Price = columns.offer_price()
    discount_rate: Ratio = columns.discount_rate()
