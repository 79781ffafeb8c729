-- one row per row of the export's Promo table: typed, with the first reason why it cannot be used
with

promo as (
    select
        row_number,
        undecodable_column,
        trim(key_promo) as key_promo,
        trim(start_date) as start_text,
        trim(end_date) as end_text,
        trim(sales_offer) as sales_offer,
        trim(price_offer) as price_text
    from raw.promo
),

repeated_rows as (
    select
        row_number,
        is_exact_copy
    from clean.repeated_rows
    where source_table = 'promo'
),

finance as (
    select
        month,
        sku,
        price
    from clean.finance
),

web as (
    select sku
    from clean.web
),

keyed as (
    select
        *,
        case when regexp_matches(key_promo, '^[12]\d{3}-\d{1,2}_\d{1,18}\z') then split_part(key_promo, '_', 1) end as key_month,
        case when regexp_matches(key_promo, '^[12]\d{3}-\d{1,2}_\d{1,18}\z') then split_part(key_promo, '_', 2) end as key_sku
    from promo
),

typed as (
    select
        row_number,
        undecodable_column,
        price_text,
        try_cast(key_month || '-1' as date) as month,
        try_cast(key_sku as bigint) as sku,
        try_cast(
            case
                when regexp_matches(start_text, '^[12]\d{3}-\d{2}-\d{2}\z') then start_text
                when regexp_matches(start_text, '^\d{2}-\d{2}-[12]\d{3}\z')
                    then substring(start_text, 7, 4) || '-' || substring(start_text, 4, 2) || '-' || substring(start_text, 1, 2)
            end as date
        ) as starts_on,
        try_cast(
            case
                when regexp_matches(end_text, '^[12]\d{3}-\d{2}-\d{2}\z') then end_text
                when regexp_matches(end_text, '^\d{2}-\d{2}-[12]\d{3}\z')
                    then substring(end_text, 7, 4) || '-' || substring(end_text, 4, 2) || '-' || substring(end_text, 1, 2)
            end as date
        ) as ends_on,
        try_cast(
            case when regexp_matches(sales_offer, '^-?0*\d{1,7}([.,]0+)?\z') then regexp_extract(sales_offer, '^(-?\d+)', 1) end as bigint
        ) as units_promo,
        try_cast(
            replace(case when regexp_matches(price_text, '^-?0*\d{1,6}([.,]\d+)?\z') then price_text end, ',', '.') as decimal(18, 8)
        ) as offer_price
    from keyed
),

joined as (
    select
        typed.*,
        repeated_rows.is_exact_copy,
        finance.price as list_price,
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
    starts_on,
    ends_on,
    units_promo,
    offer_price,
    list_price,
    coalesce(is_exact_copy, false) as is_exact_copy,
    case
        when undecodable_column is not null then undecodable_column || '|is not UTF-8 text'
        when month is null or sku is null then 'key_promo|is not a month and a product such as 2023-1_15325'
        when is_exact_copy = false then 'key_promo|stands in an earlier row with other values'
        when starts_on is null then 'start_date|is not a date such as 2023-01-01'
        when ends_on is null then 'end_date|is not a date such as 2023-01-01'
        when ends_on < starts_on then 'end_date|lies before the start'
        when units_promo is null then 'sales_offer|is not a whole number of at most 7 digits'
        when units_promo < 0 then 'sales_offer|is negative'
        when offer_price is null then 'price_offer|is not a price under 1,000,000'
        when regexp_matches(price_text, '^-[^\n]*[1-9]') then 'price_offer|is negative'
        when finance_sku is null then 'key_promo|has no usable row in Finance'
        when web_sku is null then 'key_promo|has no usable row in Web'
    end as defect
from joined
