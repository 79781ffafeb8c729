-- one row per row of the export's Finance table: typed, with the first reason why it cannot be used
with

notations as (
    select
        min(case when column_name = 'date' then order_of_day end) as order_of_day,
        min(case when column_name = 'price' then comma end) as price_comma,
        min(case when column_name = 'price' then dot end) as price_dot,
        min(case when column_name = 'purchase_price' then comma end) as purchase_price_comma,
        min(case when column_name = 'purchase_price' then dot end) as purchase_price_dot
    from clean.notations
    where source_table = 'finance'
),

finance as (
    select
        finance.row_number,
        finance.undecodable_column,
        finance.key_finance,
        finance.date,
        finance.sku,
        finance.taxe_statut,
        finance.onsale_web,
        finance.price,
        finance.purchase_price,
        key_spelled(finance.key_finance) as key_text,
        day_of(finance.date) as day,
        try_cast(number_spelled(finance.sku) as bigint) as priced_sku,
        flag_spelled(finance.onsale_web) as flag_text,
        lower(bare(finance.taxe_statut)) as tax_status,
        amount_tidied(finance.price) as price_tidied,
        amount_tidied(finance.purchase_price) as purchase_price_tidied,
        notations.order_of_day,
        notations.price_comma,
        notations.price_dot,
        notations.purchase_price_comma,
        notations.purchase_price_dot
    from raw.finance as finance
    cross join notations
),

repeated_rows as (
    select
        row_number,
        is_exact_copy
    from clean.repeated_rows
    where source_table = 'finance'
),

spelled as (
    select
        *,
        date_spelled(day, order_of_day) as priced_on,
        amount_spelled(price_tidied) as price_spelled,
        amount_spelled(purchase_price_tidied) as purchase_price_spelled
    from finance
),

-- an amount of two readings is settled by the other of its row where that has one, else by its column
settled_amounts as (
    select
        *,
        case
            when price_spelled not like '?%' then price_spelled
            when try_cast(purchase_price_spelled as decimal(18, 8)) > 0
                then settled_by(price_spelled, try_cast(purchase_price_spelled as decimal(18, 8)))
            else settled(price_spelled, price_comma, price_dot)
        end as price_text,
        case
            when purchase_price_spelled not like '?%' then purchase_price_spelled
            when try_cast(price_spelled as decimal(18, 8)) > 0
                then settled_by(purchase_price_spelled, try_cast(price_spelled as decimal(18, 8)))
            else settled(purchase_price_spelled, purchase_price_comma, purchase_price_dot)
        end as purchase_price_text
    from spelled
),

typed as (
    select
        settled_amounts.*,
        try_cast(split_part(settled_amounts.key_text, '_', 1) || '-1' as date) as month,
        try_cast(split_part(settled_amounts.key_text, '_', 2) as bigint) as key_sku,
        try_cast(settled_amounts.price_text as decimal(18, 8)) as price_read,
        try_cast(settled_amounts.purchase_price_text as decimal(18, 8)) as purchase_price_read,
        repeated_rows.is_exact_copy
    from settled_amounts
    left join repeated_rows on settled_amounts.row_number = repeated_rows.row_number
)

select
    row_number,
    month,
    key_sku as sku,
    price_read as price,
    purchase_price_read as purchase_price,
    flag_text = '1' as is_on_sale,
    case when tax_status in ('taxable', 'shipping', 'none') then tax_status = 'taxable' end as is_taxable,
    coalesce(is_exact_copy, false) as is_exact_copy,
    case when key_text <> key_finance then ' key_finance' else '' end
    || case when not regexp_matches(date, '^[12]\d{3}-\d{2}-\d{2}\z') then ' date' else '' end
    || case when sku <> cast(priced_sku as varchar) then ' sku' else '' end
    || case when taxe_statut <> tax_status and tax_status in ('taxable', 'shipping', 'none') then ' taxe_statut' else '' end
    || case when onsale_web <> flag_text then ' onsale_web' else '' end
    || case when replace(price, ',', '.') <> price_text then ' price' else '' end
    || case when replace(purchase_price, ',', '.') <> purchase_price_text then ' purchase_price' else '' end as respelled,
    case
        when undecodable_column is not null then undecodable_column || '|is not UTF-8 text, but bytes'
        when month is null or key_sku is null then 'key_finance|is not a month and a product such as 2023-1_15325'
        when is_exact_copy = false then 'key_finance|stands in an earlier row with other values'
        when priced_on is null and is_day_or_month(day) then 'date|has two readings, day first or month first'
        when priced_on is null then 'date|is not a date such as 2023-01-01'
        when cast(date_trunc('month', priced_on) as date) <> month then 'date|is not in the month of the key'
        when priced_sku is null then 'sku|is not a product number'
        when priced_sku <> key_sku then 'sku|is not the product of the key'
        when flag_text is null then 'onsale_web|is neither 0 nor 1'
        when price_text is null and price_spelled is not null then 'price|has two readings, thousands or decimals'
        when price_read is null or price_read >= 1000000 then 'price|is not a price under 1,000,000'
        when price_text like '-%' and regexp_matches(price_text, '[1-9]') then 'price|is negative'
        when purchase_price_text is null and purchase_price_spelled is not null then 'purchase_price|has two readings, thousands or decimals'
        when purchase_price_read is null or purchase_price_read >= 1000000 then 'purchase_price|is not a price under 1,000,000'
        when purchase_price_text like '-%' and regexp_matches(purchase_price_text, '[1-9]') then 'purchase_price|is negative'
    end as defect
from typed
