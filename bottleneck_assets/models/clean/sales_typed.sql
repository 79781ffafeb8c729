-- one row per row of the export's Sales table: typed, with the first reason why it cannot be used
with

sales as (
    select
        row_number,
        undecodable_column,
        trim(key_sales) as key_sales,
        trim(sales) as sales_text,
        coalesce(trim(orders), '') as orders_text,
        trim(stock) as stock_text
    from raw.sales
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

keyed as (
    select
        *,
        case when regexp_matches(key_sales, '^[12]\d{3}-\d{1,2}_\d{1,18}\z') then split_part(key_sales, '_', 1) end as key_month,
        case when regexp_matches(key_sales, '^[12]\d{3}-\d{1,2}_\d{1,18}\z') then split_part(key_sales, '_', 2) end as key_sku
    from sales
),

typed as (
    select
        row_number,
        undecodable_column,
        try_cast(key_month || '-1' as date) as month,
        try_cast(key_sku as bigint) as sku,
        try_cast(
            case when regexp_matches(sales_text, '^-?0*\d{1,7}([.,]0+)?\z') then regexp_extract(sales_text, '^(-?\d+)', 1) end as bigint
        ) as units_sold,
        orders_text = '' as is_orders_empty,
        try_cast(
            case
                when orders_text = '' then '0'
                when regexp_matches(orders_text, '^-?0*\d{1,7}([.,]0+)?\z') then regexp_extract(orders_text, '^(-?\d+)', 1)
            end as bigint
        ) as supplier_orders,
        try_cast(
            case when regexp_matches(stock_text, '^-?0*\d{1,7}([.,]0+)?\z') then regexp_extract(stock_text, '^(-?\d+)', 1) end as bigint
        ) as stock_end
    from keyed
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
    case
        when undecodable_column is not null then undecodable_column || '|is not UTF-8 text'
        when month is null or sku is null then 'key_sales|is not a month and a product such as 2023-1_15325'
        when is_exact_copy = false then 'key_sales|stands in an earlier row with other values'
        when units_sold is null then 'sales|is not a whole number of at most 7 digits'
        when units_sold < 0 then 'sales|is negative'
        when supplier_orders is null then 'orders|is not a whole number of at most 7 digits'
        when supplier_orders < 0 then 'orders|is negative'
        when stock_end is null then 'stock|is not a whole number of at most 7 digits'
        when stock_end < 0 then 'stock|is negative'
        when finance_sku is null then 'key_sales|has no usable row in Finance'
        when web_sku is null then 'key_sales|has no usable row in Web'
    end as defect
from joined
