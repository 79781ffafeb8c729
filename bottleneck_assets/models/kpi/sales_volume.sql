-- one row per month and segment
select
    month,
    segment,
    cast(sum(units) as bigint) as units,
    cast(sum(units_promo) as bigint) as units_promo,
    cast(sum(units_regular) as bigint) as units_regular
from clean.sales_in_period
group by month, segment
order by month, segment
