-- one row per month and segment
select
    month,
    segment,
    as_count(sum(units)) as units,
    as_count(sum(units_promo)) as units_promo,
    as_count(sum(units_regular)) as units_regular
from clean.sales_in_period
group by month, segment
order by month, segment
