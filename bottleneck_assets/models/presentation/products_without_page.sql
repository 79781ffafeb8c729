-- one row per product that Finance prices and that has no usable row in Web
select
    finance.sku,
    count(*) as finance_rows
from clean.finance as finance
left join clean.web as web on finance.sku = web.sku
where web.sku is null
group by finance.sku
order by finance.sku
