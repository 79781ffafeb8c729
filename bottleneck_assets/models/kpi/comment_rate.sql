-- one row per product of the shop
with

sold as (
    select
        sku,
        as_count(sum(units)) as units
    from clean.sales_in_period
    group by sku
)

select
    web.sku,
    web.title,
    web.segment,
    web.comment_count,
    coalesce(sold.units, 0) as units,
    ratio(100 * web.comment_count, sold.units) as comments_per_100_units
from clean.web as web
left join sold on web.sku = sold.sku
order by web.sku
