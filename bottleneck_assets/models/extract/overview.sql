-- one row per month and segment
select
    month,
    segment,
    cast(sum(revenue) as decimal(18, 4)) as revenue,
    cast(sum(cogs) as decimal(18, 4)) as cogs,
    cast(sum(gross_margin) as decimal(18, 4)) as gross_margin,
    cast(sum(units) as bigint) as units,
    cast(sum(units_promo) as bigint) as units_promo,
    cast(sum(stock_value_end) as decimal(18, 4)) as stock_value_end
from clean.sales_in_period
group by month, segment
order by month, segment
