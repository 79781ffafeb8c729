-- one row per month and segment
with

by_month as (
    select
        month,
        segment,
        euros(sum(revenue)) as revenue,
        euros(sum(revenue_excl_vat)) as revenue_excl_vat,
        as_count(sum(units)) as units,
        euros(sum(gross_margin)) as gross_margin,
        as_count(sum(units + stock_end)) as units_available,
        count(*) filter (where units > 0) as products_sold,
        euros(sum(case when is_stocked then cogs else euros('0') end)) as cogs_stocked,
        euros(sum(stock_value_end)) as stock_value_end
    from clean.sales_in_period
    group by month, segment
),

months as (
    select
        month,
        euros(sum(revenue)) as revenue_all
    from by_month
    group by month
),

to_date as (
    select
        by_month.month,
        by_month.segment,
        by_month.revenue,
        by_month.revenue_excl_vat,
        months.revenue_all,
        by_month.units,
        by_month.gross_margin,
        by_month.units_available,
        by_month.products_sold,
        euros(sum(by_month.cogs_stocked) over so_far) as cogs_to_date,
        count(*) over so_far as months_to_date,
        ratio(sum(by_month.stock_value_end) over so_far, count(*) over so_far) as mean_stock_value_to_date
    from by_month
    inner join months on by_month.month = months.month
    window so_far as (partition by by_month.segment order by by_month.month rows between unbounded preceding and current row)
)

select
    month,
    segment,
    revenue,
    revenue_excl_vat,
    ratio(revenue, revenue_all) as revenue_share,
    units,
    gross_margin,
    units_available,
    ratio(units, units_available) as conversion_rate,
    products_sold,
    cogs_to_date,
    mean_stock_value_to_date,
    yearly(ratio(cogs_to_date, mean_stock_value_to_date), months_to_date) as turnover_to_date
from to_date
order by month, segment
