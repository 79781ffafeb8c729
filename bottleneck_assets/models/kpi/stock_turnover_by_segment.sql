-- one row per segment with stocked products
with

stocked as (
    select
        month,
        sku,
        segment,
        stock_value_end,
        cogs,
        row_number() over (partition by sku order by month desc) as months_back
    from clean.sales_in_period
    where is_stocked
),

by_segment as (
    select
        stocked.segment,
        count(distinct stocked.month) as months,
        euros(sum(stocked.cogs)) as cogs,
        ratio(sum(stocked.stock_value_end), count(distinct stocked.month)) as mean_stock_value,
        euros(sum(case when stocked.months_back = 1 then stocked.stock_value_end end)) as stock_value_end
    from stocked
    group by stocked.segment
),

turned as (
    select
        segment,
        cogs,
        mean_stock_value,
        stock_value_end,
        yearly(ratio(cogs, mean_stock_value), months) as turnover
    from by_segment
),

-- turnover is that of the period: its days are those of as many months
reporting_period as (
    select ratio(months, 12) as years
    from clean.reporting_period
)

select
    turned.segment,
    turned.cogs,
    turned.mean_stock_value,
    turned.stock_value_end,
    turned.turnover,
    ratio(365 * reporting_period.years, turned.turnover) as days_of_stock
from turned
cross join reporting_period
order by turned.segment
