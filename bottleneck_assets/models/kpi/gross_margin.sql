-- one row per month and segment
with

by_month as (
    select
        month,
        segment,
        euros(sum(revenue)) as revenue,
        euros(sum(revenue_excl_vat)) as revenue_excl_vat,
        euros(sum(cogs)) as cogs,
        euros(sum(gross_margin)) as gross_margin
    from clean.sales_in_period
    group by month, segment
)

select
    month,
    segment,
    revenue,
    revenue_excl_vat,
    cogs,
    gross_margin,
    ratio(gross_margin, revenue_excl_vat) as gross_margin_rate
from by_month
order by month, segment
