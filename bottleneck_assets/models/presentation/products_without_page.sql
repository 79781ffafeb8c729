-- one row per product that Finance prices and that has no usable row in Web
select
    finance.sku,
    count(*) as finance_rows,
    count(case when finance.is_on_sale then 1 end) as rows_on_sale
from clean.finance as finance
left join clean.web as web on finance.sku = web.sku
where web.sku is null
group by finance.sku
order by finance.sku
