-- one row per month and segment
with

by_month as (
    select
        month,
        segment,
        cast(sum(revenue) as decimal(18, 4)) as revenue,
        cast(sum(cogs) as decimal(18, 4)) as cogs,
        cast(sum(gross_margin) as decimal(18, 4)) as gross_margin
    from clean.sales_in_period
    group by month, segment
)

select
    month,
    segment,
    revenue,
    cogs,
    gross_margin,
    cast(gross_margin as double) / nullif(cast(revenue as double), 0) as gross_margin_rate
from by_month
order by month, segment
