-- one row per row of the export's Finance table: typed, with the first reason why it cannot be used
with

finance as (
    select
        row_number,
        undecodable_column,
        trim(key_finance) as key_finance,
        trim(date) as date_text,
        trim(sku) as sku_text,
        trim(taxe_statut) as taxe_statut,
        trim(onsale_web) as onsale_web,
        trim(price) as price_text,
        trim(purchase_price) as purchase_price_text
    from raw.finance
),

repeated_rows as (
    select
        row_number,
        is_exact_copy
    from clean.repeated_rows
    where source_table = 'finance'
),

keyed as (
    select
        *,
        case when regexp_matches(key_finance, '^[12]\d{3}-\d{1,2}_\d{1,18}\z') then split_part(key_finance, '_', 1) end as key_month,
        case when regexp_matches(key_finance, '^[12]\d{3}-\d{1,2}_\d{1,18}\z') then split_part(key_finance, '_', 2) end as key_sku
    from finance
),

typed as (
    select
        keyed.row_number,
        keyed.undecodable_column,
        keyed.taxe_statut,
        keyed.onsale_web,
        keyed.price_text,
        keyed.purchase_price_text,
        try_cast(keyed.key_month || '-1' as date) as month,
        try_cast(keyed.key_sku as bigint) as sku,
        try_cast(
            case
                when regexp_matches(keyed.date_text, '^[12]\d{3}-\d{2}-\d{2}\z') then keyed.date_text
                when regexp_matches(keyed.date_text, '^\d{2}-\d{2}-[12]\d{3}\z')
                    then substring(keyed.date_text, 7, 4) || '-' || substring(keyed.date_text, 4, 2) || '-' || substring(keyed.date_text, 1, 2)
            end as date
        ) as priced_on,
        try_cast(case when regexp_matches(keyed.sku_text, '^\d{1,18}\z') then keyed.sku_text end as bigint) as priced_sku,
        try_cast(
            replace(case when regexp_matches(keyed.price_text, '^-?0*\d{1,6}([.,]\d+)?\z') then keyed.price_text end, ',', '.') as decimal(18, 8)
        ) as price,
        try_cast(
            replace(case when regexp_matches(keyed.purchase_price_text, '^-?0*\d{1,6}([.,]\d+)?\z') then keyed.purchase_price_text end, ',', '.')
            as decimal(18, 8)
        ) as purchase_price,
        repeated_rows.is_exact_copy
    from keyed
    left join repeated_rows on keyed.row_number = repeated_rows.row_number
)

select
    row_number,
    month,
    sku,
    price,
    purchase_price,
    onsale_web = '1' as is_on_sale,
    taxe_statut = 'taxable' as is_taxable,
    coalesce(is_exact_copy, false) as is_exact_copy,
    case
        when undecodable_column is not null then undecodable_column || '|is not UTF-8 text'
        when month is null or sku is null then 'key_finance|is not a month and a product such as 2023-1_15325'
        when is_exact_copy = false then 'key_finance|stands in an earlier row with other values'
        when priced_on is null then 'date|is not a date such as 2023-01-01'
        when cast(date_trunc('month', priced_on) as date) <> month then 'date|is not in the month of the key'
        when priced_sku is null then 'sku|is not a product number'
        when priced_sku <> sku then 'sku|is not the product of the key'
        when taxe_statut is null or taxe_statut not in ('taxable', 'shipping', 'none') then 'taxe_statut|is not a tax status'
        when onsale_web is null or onsale_web not in ('0', '1') then 'onsale_web|is neither 0 nor 1'
        when price is null then 'price|is not a price under 1,000,000'
        when regexp_matches(price_text, '^-[^\n]*[1-9]') then 'price|is negative'
        when purchase_price is null then 'purchase_price|is not a price under 1,000,000'
        when regexp_matches(purchase_price_text, '^-[^\n]*[1-9]') then 'purchase_price|is negative'
    end as defect
from typed
