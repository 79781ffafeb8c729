-- one row per stocked product
with

stocked as (
    select
        month,
        sku,
        units,
        stock_end,
        stock_value_end,
        cogs,
        row_number() over (partition by sku order by month desc) as months_back
    from clean.sales_in_period
    where is_stocked
),

by_product as (
    select
        sku,
        count(*) as months,
        euros(sum(cogs)) as cogs,
        mean_of(stock_value_end) as mean_stock_value,
        max(case when months_back = 1 then stock_end end) as stock_end,
        max(case when months_back = 1 then stock_value_end end) as stock_value_end,
        mean_of(units) as mean_monthly_units
    from stocked
    group by sku
),

web as (
    select
        sku,
        title,
        product_type,
        segment
    from clean.web
),

turned as (
    select
        web.sku,
        web.title,
        web.product_type,
        web.segment,
        by_product.cogs,
        by_product.mean_stock_value,
        by_product.stock_end,
        by_product.stock_value_end,
        by_product.mean_monthly_units,
        yearly(ratio(by_product.cogs, by_product.mean_stock_value), by_product.months) as turnover
    from by_product
    inner join web on by_product.sku = web.sku
)

select
    sku,
    title,
    product_type,
    segment,
    cogs,
    mean_stock_value,
    stock_end,
    stock_value_end,
    mean_monthly_units,
    turnover,
    ratio(365, turnover) as days_of_stock,
    ratio(stock_end, mean_monthly_units) as months_of_cover
from turned
order by sku
