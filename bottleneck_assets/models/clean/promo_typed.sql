-- one row per row of the export's Promo table: typed, with the first reason why it cannot be used
with

notations as (
    select
        min(case when column_name = 'start_date' then order_of_day end) as start_order,
        min(case when column_name = 'end_date' then order_of_day end) as end_order,
        min(case when column_name = 'sales_offer' then comma end) as sales_offer_comma,
        min(case when column_name = 'sales_offer' then dot end) as sales_offer_dot,
        min(case when column_name = 'price_offer' then comma end) as price_offer_comma,
        min(case when column_name = 'price_offer' then dot end) as price_offer_dot
    from clean.notations
    where source_table = 'promo'
),

promo as (
    select
        promo.row_number,
        promo.undecodable_column,
        promo.key_promo,
        promo.start_date,
        promo.end_date,
        promo.sales_offer,
        promo.price_offer,
        key_spelled(promo.key_promo) as key_text,
        day_of(promo.start_date) as start_day,
        day_of(promo.end_date) as end_day,
        count_tidied(promo.sales_offer) as units_tidied,
        amount_tidied(promo.price_offer) as price_tidied,
        notations.start_order,
        notations.end_order,
        notations.sales_offer_comma,
        notations.sales_offer_dot,
        notations.price_offer_comma,
        notations.price_offer_dot
    from raw.promo as promo
    cross join notations
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

spelled as (
    select
        *,
        date_spelled(start_day, start_order) as starts_on,
        date_spelled(end_day, end_order) as ends_on,
        count_spelled(units_tidied, sales_offer_comma, sales_offer_dot) as units_text,
        amount_spelled(price_tidied) as price_spelled
    from promo
),

keyed as (
    select
        *,
        try_cast(split_part(key_text, '_', 1) || '-1' as date) as month,
        try_cast(split_part(key_text, '_', 2) as bigint) as sku,
        try_cast(units_text as bigint) as units_promo
    from spelled
),

-- an offer of two readings is settled by the list price where there is one, else by its column
joined as (
    select
        keyed.*,
        case
            when keyed.price_spelled not like '?%' then keyed.price_spelled
            when finance.price > 0 then settled_by(keyed.price_spelled, finance.price)
            else settled(keyed.price_spelled, keyed.price_offer_comma, keyed.price_offer_dot)
        end as price_text,
        repeated_rows.is_exact_copy,
        finance.price as list_price,
        finance.sku as finance_sku,
        web.sku as web_sku
    from keyed
    left join repeated_rows on keyed.row_number = repeated_rows.row_number
    left join finance on keyed.month = finance.month and keyed.sku = finance.sku
    left join web on keyed.sku = web.sku
),

typed as (
    select
        *,
        try_cast(price_text as decimal(18, 8)) as offer_price,
        case
            when undecodable_column is not null then undecodable_column || '|is not UTF-8 text, but bytes'
            when month is null or sku is null then 'key_promo|is not a month and a product such as 2023-1_15325'
            when is_exact_copy = false then 'key_promo|stands in an earlier row with other values'
            when units_promo is null and has_two_readings(substring(units_tidied, 2))
                then 'sales_offer|has two readings, thousands or decimals'
            when units_promo is null then 'sales_offer|is not a whole number of at most 7 digits'
            when units_promo < 0 then 'sales_offer|is negative'
            when price_text is null and price_spelled is not null then 'price_offer|has two readings, thousands or decimals'
            when coalesce(try_cast(price_text as decimal(18, 8)), 1000000) >= 1000000 then 'price_offer|is not a price under 1,000,000'
            when price_text like '-%' and regexp_matches(price_text, '[1-9]') then 'price_offer|is negative'
            when finance_sku is null then 'key_promo|has no usable row in Finance'
            when web_sku is null then 'key_promo|has no usable row in Web'
        end as offer_defect,
        case
            when starts_on is null and is_day_or_month(start_day) then 'start_date|has two readings, day first or month first'
            when starts_on is null then 'start_date|is not a date such as 2023-01-01'
            when ends_on is null and is_day_or_month(end_day) then 'end_date|has two readings, day first or month first'
            when ends_on is null then 'end_date|is not a date such as 2023-01-01'
            when ends_on < starts_on then 'end_date|lies before the start'
        end as date_defect
    from joined
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
    offer_defect is null as is_offer_usable,
    coalesce(is_exact_copy, false) as is_exact_copy,
    case when key_text <> key_promo then ' key_promo' else '' end
    || case when not regexp_matches(start_date, '^[12]\d{3}-\d{2}-\d{2}\z') then ' start_date' else '' end
    || case when not regexp_matches(end_date, '^[12]\d{3}-\d{2}-\d{2}\z') then ' end_date' else '' end
    || case when sales_offer <> units_text then ' sales_offer' else '' end
    || case when replace(price_offer, ',', '.') <> price_text then ' price_offer' else '' end as respelled,
    coalesce(offer_defect, date_defect) as defect
from typed
