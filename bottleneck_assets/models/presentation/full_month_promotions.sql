-- one row per month and product type with promotions on every day of it, of whose units half or more were sold at list price
select
    promo.month,
    web.segment,
    web.product_type,
    count(*) as promotions,
    as_count(sum(sales.units)) as units,
    as_count(sum(sales.units_regular)) as units_at_list_price
from clean.promo as promo
inner join clean.sales as sales on promo.month = sales.month and promo.sku = sales.sku
inner join clean.web as web on promo.sku = web.sku
where promo.starts_on <= promo.month and promo.ends_on >= last_day(promo.month)
group by promo.month, web.segment, web.product_type
having sum(sales.units) > 0 and 2 * sum(sales.units_regular) >= sum(sales.units)
order by promo.month, web.segment, web.product_type
