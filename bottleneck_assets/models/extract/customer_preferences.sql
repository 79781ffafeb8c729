-- one row per product of the shop
with

sold as (
    select
        sku,
        euros(sum(revenue)) as revenue,
        euros(sum(revenue_excl_vat)) as revenue_excl_vat,
        euros(sum(gross_margin)) as gross_margin
    from clean.sales_in_period
    group by sku
)

select
    web.sku,
    web.title,
    web.product_type,
    web.segment,
    web.vintage,
    web.volume_cl,
    customer_rating.rating_count,
    customer_rating.average_rating,
    customer_rating.shrunk_rating,
    comment_rate.comment_count,
    comment_rate.comments_per_100_units,
    coalesce(sold.revenue, euros('0')) as revenue,
    coalesce(sold.revenue_excl_vat, euros('0')) as revenue_excl_vat,
    comment_rate.units,
    coalesce(sold.gross_margin, euros('0')) as gross_margin
from clean.web as web
inner join kpi.customer_rating as customer_rating on web.sku = customer_rating.sku
inner join kpi.comment_rate as comment_rate on web.sku = comment_rate.sku
left join sold on web.sku = sold.sku
order by web.sku
