-- one row per row of the export's Sales table: typed, with the first reason why it cannot be used
with

notations as (
    select
        min(case when column_name = 'sales' then comma end) as sales_comma,
        min(case when column_name = 'sales' then dot end) as sales_dot,
        min(case when column_name = 'orders' then comma end) as orders_comma,
        min(case when column_name = 'orders' then dot end) as orders_dot,
        min(case when column_name = 'stock' then comma end) as stock_comma,
        min(case when column_name = 'stock' then dot end) as stock_dot
    from clean.notations
    where source_table = 'sales'
),

sales as (
    select
        sales.row_number,
        sales.undecodable_column,
        sales.key_sales,
        sales.sales,
        sales.orders,
        sales.stock,
        key_spelled(sales.key_sales) as key_text,
        count_tidied(sales.sales) as sales_tidied,
        sales.orders is null or sales.orders = '' or bare(sales.orders) = '' as is_orders_empty,
        case
            when sales.orders is null or sales.orders = '' or bare(sales.orders) = '' then '0'
            else count_tidied(sales.orders)
        end as orders_tidied,
        count_tidied(sales.stock) as stock_tidied,
        notations.sales_comma,
        notations.sales_dot,
        notations.orders_comma,
        notations.orders_dot,
        notations.stock_comma,
        notations.stock_dot
    from raw.sales as sales
    cross join notations
),

repeated_rows as (
    select
        row_number,
        is_exact_copy
    from clean.repeated_rows
    where source_table = 'sales'
),

finance as (
    select
        month,
        sku
    from clean.finance
),

web as (
    select sku
    from clean.web
),

spelled as (
    select
        *,
        count_spelled(sales_tidied, sales_comma, sales_dot) as sales_text,
        count_spelled(orders_tidied, orders_comma, orders_dot) as orders_text,
        count_spelled(stock_tidied, stock_comma, stock_dot) as stock_text
    from sales
),

typed as (
    select
        *,
        try_cast(split_part(key_text, '_', 1) || '-1' as date) as month,
        try_cast(split_part(key_text, '_', 2) as bigint) as sku,
        try_cast(sales_text as bigint) as units_sold,
        try_cast(orders_text as bigint) as supplier_orders,
        try_cast(stock_text as bigint) as stock_end
    from spelled
),

joined as (
    select
        typed.*,
        repeated_rows.is_exact_copy,
        finance.sku as finance_sku,
        web.sku as web_sku
    from typed
    left join repeated_rows on typed.row_number = repeated_rows.row_number
    left join finance on typed.month = finance.month and typed.sku = finance.sku
    left join web on typed.sku = web.sku
)

select
    row_number,
    month,
    sku,
    units_sold,
    supplier_orders,
    stock_end,
    is_orders_empty,
    coalesce(is_exact_copy, false) as is_exact_copy,
    case when key_text <> key_sales then ' key_sales' else '' end
    || case when sales <> sales_text then ' sales' else '' end
    || case when not is_orders_empty and orders <> orders_text then ' orders' else '' end
    || case when stock <> stock_text then ' stock' else '' end as respelled,
    case
        when undecodable_column is not null then undecodable_column || '|is not UTF-8 text, but bytes'
        when month is null or sku is null then 'key_sales|is not a month and a product such as 2023-1_15325'
        when is_exact_copy = false then 'key_sales|stands in an earlier row with other values'
        when units_sold is null and has_two_readings(substring(sales_tidied, 2)) then 'sales|has two readings, thousands or decimals'
        when units_sold is null then 'sales|is not a whole number of at most 7 digits'
        when units_sold < 0 then 'sales|is negative'
        when supplier_orders is null and has_two_readings(substring(orders_tidied, 2)) then 'orders|has two readings, thousands or decimals'
        when supplier_orders is null then 'orders|is not a whole number of at most 7 digits'
        when supplier_orders < 0 then 'orders|is negative'
        when stock_end is null and has_two_readings(substring(stock_tidied, 2)) then 'stock|has two readings, thousands or decimals'
        when stock_end is null then 'stock|is not a whole number of at most 7 digits'
        when stock_end < 0 then 'stock|is negative'
        when finance_sku is null then 'key_sales|has no usable row in Finance'
        when web_sku is null then 'key_sales|has no usable row in Web'
    end as defect
from joined
