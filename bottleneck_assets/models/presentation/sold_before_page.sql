-- one row per product that sold in months that ended before its page was written, the most months first
select
    sales.sku,
    web.title,
    web.created_on,
    min(sales.month) as first_sold,
    count(*) as months_before,
    as_count(sum(sales.units)) as units_before
from clean.sales as sales
inner join clean.web as web on sales.sku = web.sku
where sales.units > 0 and sales.month < month_of(web.created_on)
group by sales.sku, web.title, web.created_on
order by months_before desc, units_before desc, sales.sku asc
