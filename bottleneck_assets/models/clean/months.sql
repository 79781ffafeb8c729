-- one row a month of the price list, which has every month with sales or promotions
with

finance as (
    select distinct
        month,
        calendar_year(month) as calendar_year,
        calendar_month(month) as calendar_month
    from clean.finance
),

reporting_period as (
    select
        period_start,
        period_end
    from clean.reporting_period
)

select
    finance.month,
    finance.calendar_year,
    -- BottleNeck's year runs October to September, and has the name of the year in which it ends
    finance.calendar_year + as_count(case when finance.calendar_month >= 10 then 1 else 0 end) as shop_year,
    coalesce(finance.month between reporting_period.period_start and reporting_period.period_end, false) as is_reported
from finance
cross join reporting_period
order by finance.month
