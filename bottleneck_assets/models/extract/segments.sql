-- one row per month and segment
with

by_month as (
    select
        month,
        segment,
        cast(sum(revenue) as decimal(18, 4)) as revenue,
        cast(sum(units) as bigint) as units,
        cast(sum(gross_margin) as decimal(18, 4)) as gross_margin,
        cast(sum(units + stock_end) as bigint) as units_available,
        count(*) filter (where units > 0) as products_sold,
        cast(sum(case when is_stocked then cogs else cast('0' as decimal(18, 4)) end) as decimal(18, 4)) as cogs_stocked,
        cast(sum(stock_value_end) as decimal(18, 4)) as stock_value_end
    from clean.sales_in_period
    group by month, segment
),

months as (
    select
        month,
        cast(sum(revenue) as decimal(18, 4)) as revenue_all
    from by_month
    group by month
),

to_date as (
    select
        by_month.month,
        by_month.segment,
        by_month.revenue,
        months.revenue_all,
        by_month.units,
        by_month.gross_margin,
        by_month.units_available,
        by_month.products_sold,
        cast(
            sum(by_month.cogs_stocked) over (
                partition by by_month.segment order by by_month.month rows between unbounded preceding and current row
            ) as decimal(18, 4)
        ) as cogs_to_date,
        cast(
            sum(by_month.stock_value_end) over (
                partition by by_month.segment order by by_month.month rows between unbounded preceding and current row
            ) as double
        ) / cast(row_number() over (partition by by_month.segment order by by_month.month) as double) as mean_stock_value_to_date
    from by_month
    inner join months on by_month.month = months.month
)

select
    month,
    segment,
    revenue,
    cast(revenue as double) / nullif(cast(revenue_all as double), 0) as revenue_share,
    units,
    gross_margin,
    units_available,
    cast(units as double) / nullif(cast(units_available as double), 0) as conversion_rate,
    products_sold,
    cogs_to_date,
    mean_stock_value_to_date,
    cast(cogs_to_date as double) / nullif(mean_stock_value_to_date, 0) as turnover_to_date
from to_date
order by month, segment
