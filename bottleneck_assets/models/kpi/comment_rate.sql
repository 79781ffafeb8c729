-- one row per product of the shop
with

sold as (
    select
        sku,
        cast(sum(units) as bigint) as units
    from clean.sales_in_period
    group by sku
)

select
    web.sku,
    web.title,
    web.segment,
    web.comment_count,
    coalesce(sold.units, 0) as units,
    100 * cast(web.comment_count as double) / nullif(cast(sold.units as double), 0) as comments_per_100_units
from clean.web as web
left join sold on web.sku = sold.sku
order by web.sku
