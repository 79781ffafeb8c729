-- one row per promotion (month and product)
select
    promo_roi.month,
    promo_roi.sku,
    promo_roi.title,
    promo_roi.segment,
    promo_roi.starts_on,
    promo_roi.ends_on,
    promo_roi.units,
    promo_roi.units_promo,
    promo_roi.baseline_units,
    promo_roi.uplift_units,
    promo_roi.discount_cost,
    promo_roi.promo_margin,
    promo_roi.gross_margin,
    promo_roi.incremental_margin,
    promo_roi.margin_roi,
    promo_roi.incremental_roi,
    web.product_type,
    promo.list_price,
    promo.offer_price,
    promo.discount_rate
from kpi.promo_roi as promo_roi
inner join clean.promo as promo on promo_roi.month = promo.month and promo_roi.sku = promo.sku
inner join clean.web as web on promo_roi.sku = web.sku
order by promo_roi.month, promo_roi.sku
