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
)

select
    segment,
    cogs,
    mean_stock_value,
    stock_value_end,
    turnover,
    ratio(365, turnover) as days_of_stock
from turned
order by segment
