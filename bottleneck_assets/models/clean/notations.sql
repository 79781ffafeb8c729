-- one row per column of numbers or dates: how its cells, taken together, settle a spelling with two readings
with

-- each spelling of a number once: there are few, however many rows
numbers as (
    select
        'finance' as source_table,
        'price' as column_name,
        false as is_count,
        price as cell,
        count(*) as cells
    from raw.finance
    group by price
    union all
    select
        'finance' as source_table,
        'purchase_price' as column_name,
        false as is_count,
        purchase_price as cell,
        count(*) as cells
    from raw.finance
    group by purchase_price
    union all
    select
        'promo' as source_table,
        'price_offer' as column_name,
        false as is_count,
        price_offer as cell,
        count(*) as cells
    from raw.promo
    group by price_offer
    union all
    select
        'ca_par_segment' as source_table,
        'revenue' as column_name,
        false as is_count,
        revenue as cell,
        count(*) as cells
    from raw.ca_par_segment
    group by revenue
    union all
    select
        'sales' as source_table,
        'sales' as column_name,
        true as is_count,
        sales as cell,
        count(*) as cells
    from raw.sales
    group by sales
    union all
    select
        'sales' as source_table,
        'orders' as column_name,
        true as is_count,
        orders as cell,
        count(*) as cells
    from raw.sales
    group by orders
    union all
    select
        'sales' as source_table,
        'stock' as column_name,
        true as is_count,
        stock as cell,
        count(*) as cells
    from raw.sales
    group by stock
    union all
    select
        'promo' as source_table,
        'sales_offer' as column_name,
        true as is_count,
        sales_offer as cell,
        count(*) as cells
    from raw.promo
    group by sales_offer
    union all
    select
        'web' as source_table,
        'rating_count' as column_name,
        true as is_count,
        rating_count as cell,
        count(*) as cells
    from raw.web
    group by rating_count
    union all
    select
        'web' as source_table,
        'comment_count' as column_name,
        true as is_count,
        comment_count as cell,
        count(*) as cells
    from raw.web
    group by comment_count
),

tidied as (
    select
        source_table,
        column_name,
        is_count,
        cells,
        case when is_count then ungrouped(bare(cell)) else ungrouped(without_currency(bare(cell))) end as number
    from numbers
),

judged as (
    select
        source_table,
        column_name,
        is_count,
        cells,
        has_two_readings(number) and not (is_count and number not like '%000') as is_open,
        regexp_matches(number, '^-?\d+\z') as is_plain,
        number like '%,%.%' or number like '%,%,%' or (is_count and has_two_readings(number) and number like '%,%' and number not like '%000')
            as groups_by_comma,
        number like '%.%,%' or number like '%.%.%' or (is_count and has_two_readings(number) and number like '%.%' and number not like '%000')
            as groups_by_dot,
        number like '%,%' and number not like '%,%.%' and number not like '%,%,%' and not has_two_readings(number) as marks_by_comma,
        number like '%.%' and number not like '%.%,%' and number not like '%.%.%' and not has_two_readings(number) as marks_by_dot,
        regexp_matches(number, '[.,]\d{3,}\z') and not has_two_readings(number) as is_long
    from tidied
),

marks as (
    select
        source_table,
        column_name,
        is_count,
        sum(case when is_open then cells else 0 end) as open_cells,
        max(case when is_plain then 1 else 0 end) = 1 as has_plain,
        max(case when groups_by_comma then 1 else 0 end) = 1 as groups_by_comma,
        max(case when groups_by_dot then 1 else 0 end) = 1 as groups_by_dot,
        max(case when marks_by_comma then 1 else 0 end) = 1 as marks_by_comma,
        max(case when marks_by_dot then 1 else 0 end) = 1 as marks_by_dot,
        max(case when marks_by_comma and is_long then 1 else 0 end) = 1 as has_long_decimals_by_comma,
        max(case when marks_by_dot and is_long then 1 else 0 end) = 1 as has_long_decimals_by_dot
    from judged
    group by source_table, column_name, is_count
),

-- thousands where the column groups by that mark, or has another decimal mark, or (counts) has no decimals at all; a decimal mark where the column
-- has other decimals of three digits or more behind it, or groups by the other mark; else open
settled_marks as (
    select
        source_table,
        column_name,
        case
            when not marks_by_comma and (groups_by_comma or marks_by_dot or (is_count and has_plain)) and not groups_by_dot then 'grouping'
            when not groups_by_comma and (has_long_decimals_by_comma or groups_by_dot) then 'decimal'
            else 'open'
        end as comma,
        case
            when not marks_by_dot and (groups_by_dot or marks_by_comma or (is_count and has_plain)) and not groups_by_comma then 'grouping'
            when not groups_by_dot and (has_long_decimals_by_dot or groups_by_comma) then 'decimal'
            else 'open'
        end as dot,
        open_cells
    from marks
),

-- each spelling of a date that is not year-month-day once, beside the month that its row's key says
dates as (
    select
        'finance' as source_table,
        'date' as column_name,
        date as cell,
        split_part(key_spelled(key_finance), '_', 1) as key_month,
        count(*) as cells
    from raw.finance
    where not regexp_matches(date, '^[12]\d{3}-\d{2}-\d{2}\z')
    group by date, split_part(key_spelled(key_finance), '_', 1)
    union all
    select
        'promo' as source_table,
        'start_date' as column_name,
        start_date as cell,
        split_part(key_spelled(key_promo), '_', 1) as key_month,
        count(*) as cells
    from raw.promo
    where not regexp_matches(start_date, '^[12]\d{3}-\d{2}-\d{2}\z')
    group by start_date, split_part(key_spelled(key_promo), '_', 1)
    union all
    select
        'promo' as source_table,
        'end_date' as column_name,
        end_date as cell,
        split_part(key_spelled(key_promo), '_', 1) as key_month,
        count(*) as cells
    from raw.promo
    where not regexp_matches(end_date, '^[12]\d{3}-\d{2}-\d{2}\z')
    group by end_date, split_part(key_spelled(key_promo), '_', 1)
    union all
    select
        'web' as source_table,
        'post_date' as column_name,
        post_date as cell,
        cast(null as varchar) as key_month,
        count(*) as cells
    from raw.web
    where not regexp_matches(post_date, '^[12]\d{3}-\d{2}-\d{2}\z')
    group by post_date
    union all
    select
        'web' as source_table,
        'post_modified' as column_name,
        post_modified as cell,
        cast(null as varchar) as key_month,
        count(*) as cells
    from raw.web
    where not regexp_matches(post_modified, '^[12]\d{3}-\d{2}-\d{2}\z')
    group by post_modified
),

days as (
    select
        source_table,
        column_name,
        cells,
        key_month,
        day_of(cell) as day
    from dates
),

read_twice as (
    select
        source_table,
        column_name,
        cells,
        try_cast(key_month || '-1' as date) as key_month,
        date_read(day_first(day)) as day_first_date,
        date_read(month_first(day)) as month_first_date
    from days
    where not regexp_matches(day, '^[12]\d{3}')
),

compared as (
    select
        source_table,
        column_name,
        cells,
        day_first_date is not null and month_first_date is null as is_day_first,
        month_first_date is not null and day_first_date is null as is_month_first,
        coalesce(day_first_date <> month_first_date, false) as is_open,
        coalesce(cast(date_trunc('month', day_first_date) as date) = key_month, false) as fits_day_first,
        coalesce(cast(date_trunc('month', month_first_date) as date) = key_month, false) as fits_month_first
    from read_twice
),

orders as (
    select
        source_table,
        column_name,
        sum(case when is_open then cells else 0 end) as open_cells,
        sum(case when is_day_first then cells else 0 end) as day_first_cells,
        sum(case when is_month_first then cells else 0 end) as month_first_cells,
        sum(case when is_open and fits_day_first and not fits_month_first then cells else 0 end) as fitting_day_first_cells,
        sum(case when is_open and fits_month_first and not fits_day_first then cells else 0 end) as fitting_month_first_cells
    from compared
    group by source_table, column_name
),

-- what only one order can read decides, a few slips apart; where there is nothing of the kind, the month of the rows' keys does; and the shop
-- writes the dates of its pages with the day first
settled_orders as (
    select
        source_table,
        column_name,
        case
            when day_first_cells > 0 and month_first_cells * 20 <= day_first_cells then 'day first'
            when month_first_cells > 0 and day_first_cells = 0 then 'month first'
            when month_first_cells > 0 then 'open'
            when fitting_day_first_cells > 0 and fitting_month_first_cells * 20 <= fitting_day_first_cells then 'day first'
            when fitting_month_first_cells > 0 and fitting_day_first_cells = 0 then 'month first'
            when source_table = 'web' then 'day first'
            else 'open'
        end as order_of_day,
        open_cells
    from orders
),

every_column as (
    select
        listed.source_table,
        listed.column_name
    from (
        values
        ('ca_par_segment', 'revenue'),
        ('finance', 'date'),
        ('finance', 'price'),
        ('finance', 'purchase_price'),
        ('promo', 'end_date'),
        ('promo', 'price_offer'),
        ('promo', 'sales_offer'),
        ('promo', 'start_date'),
        ('sales', 'orders'),
        ('sales', 'sales'),
        ('sales', 'stock'),
        ('web', 'comment_count'),
        ('web', 'post_date'),
        ('web', 'post_modified'),
        ('web', 'rating_count')
    ) as listed (source_table, column_name)
)

select
    every_column.source_table,
    every_column.column_name,
    coalesce(settled_marks.comma, 'open') as comma,
    coalesce(settled_marks.dot, 'open') as dot,
    coalesce(settled_orders.order_of_day, 'day first') as order_of_day,
    as_count(coalesce(settled_marks.open_cells, settled_orders.open_cells, 0)) as cells_with_two_readings
from every_column
left join settled_marks
    on every_column.source_table = settled_marks.source_table and every_column.column_name = settled_marks.column_name
left join settled_orders
    on every_column.source_table = settled_orders.source_table and every_column.column_name = settled_orders.column_name
order by every_column.source_table, every_column.column_name
