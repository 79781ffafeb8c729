-- one row per month and segment
select
    purchase_price.month,
    purchase_price.segment,
    purchase_price.mean_purchase_price,
    purchase_price.mean_price,
    purchase_price.purchase_price_index,
    purchase_price.price_index,
    purchase_price.purchase_price_index_all,
    purchase_price.price_index_all,
    gross_margin.revenue,
    gross_margin.revenue_excl_vat,
    gross_margin.cogs,
    gross_margin.gross_margin,
    gross_margin.gross_margin_rate
from kpi.purchase_price as purchase_price
left join kpi.gross_margin as gross_margin
    on purchase_price.month = gross_margin.month and purchase_price.segment = gross_margin.segment
order by purchase_price.month, purchase_price.segment
