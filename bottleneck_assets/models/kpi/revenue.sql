-- one row per month and segment
with

by_month as (
    select
        month,
        segment,
        euros(sum(revenue)) as revenue,
        month_ordinal(month) as month_ordinal
    from clean.sales_in_period
    group by month, segment
)

select
    this_month.month,
    this_month.segment,
    this_month.revenue,
    month_before.revenue as revenue_previous_month
from by_month as this_month
left join by_month as month_before
    on this_month.segment = month_before.segment and this_month.month_ordinal = month_before.month_ordinal + 1
order by this_month.month, this_month.segment
