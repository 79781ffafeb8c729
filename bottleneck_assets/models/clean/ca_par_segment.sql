-- one row per segment: its revenue in the reporting period, largest first
select
    segment,
    euros(sum(revenue)) as revenue
from clean.sales_in_period
group by segment
order by revenue desc, segment asc
