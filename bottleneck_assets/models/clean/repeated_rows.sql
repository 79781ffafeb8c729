-- one row per row of the export whose key (month and sku, or sku, or segment) stands in an earlier row of its table
with

keys as (
    select
        'web' as source_table,
        row_number,
        coalesce(number_spelled(sku), bare(sku), '') as exported_key
    from raw.web
    where is_product_page(post_type)
    union all
    select
        'finance' as source_table,
        row_number,
        coalesce(key_spelled(key_finance), bare(key_finance), '') as exported_key
    from raw.finance
    union all
    select
        'sales' as source_table,
        row_number,
        coalesce(key_spelled(key_sales), bare(key_sales), '') as exported_key
    from raw.sales
    union all
    select
        'promo' as source_table,
        row_number,
        coalesce(key_spelled(key_promo), bare(key_promo), '') as exported_key
    from raw.promo
    union all
    select
        'ca_par_segment' as source_table,
        row_number,
        coalesce(label_key(segment), '') as exported_key
    from raw.ca_par_segment
),

-- a padded month (2023-01_15325) is the same key as an unpadded one (2023-1_15325); the first branch spares all other keys the expressions
normalised as (
    select
        source_table,
        row_number,
        case
            when not (contains(exported_key, '-0') or contains(exported_key, '_0') or exported_key like '0%') then exported_key
            when regexp_matches(exported_key, '^[12]\d{3}-\d{1,2}_\d{1,18}\z')
                then
                    regexp_extract(exported_key, '^(\d{4}-)0?(\d{1,2})_0*(\d+)\z', 1)
                    || regexp_extract(exported_key, '^(\d{4}-)0?(\d{1,2})_0*(\d+)\z', 2)
                    || '_' || regexp_extract(exported_key, '^(\d{4}-)0?(\d{1,2})_0*(\d+)\z', 3)
            when regexp_matches(exported_key, '^\d+\z') then regexp_extract(exported_key, '^0*(\d+)\z', 1)
            else exported_key
        end as record_key
    from keys
),

repeated_keys as (
    select
        source_table,
        record_key,
        min(row_number) as first_row_number
    from normalised
    group by source_table, record_key
    having count(*) > 1
),

suspects as (
    select
        normalised.source_table,
        normalised.row_number,
        repeated_keys.first_row_number
    from normalised
    inner join repeated_keys
        on
            normalised.source_table = repeated_keys.source_table
            and normalised.record_key = repeated_keys.record_key
),

-- bytes that are no text stand as SQLite would write them, x'C3', and are no copy of a text that spells so
copies as (
    select
        suspects.source_table,
        suspects.row_number,
        suspects.first_row_number,
        row_number() over (
            partition by
                web.undecodable_column,
                web.sku, web.virtuals, web.downloadable, web.rating_count, web.average_rating, web.post_author, web.post_date,
                web.post_date_gmt, web.product_type, web.segment, web.post_title, web.post_excerpt, web.contenance, web.post_status,
                web.comment_status, web.ping_status, web.post_name, web.post_modified, web.post_modified_gmt, web.post_parent, web.guid,
                web.post_type, web.comment_count
            order by web.row_number
        ) as copy_number
    from raw.web
    inner join suspects on suspects.source_table = 'web' and web.row_number = suspects.row_number
    union all
    select
        suspects.source_table,
        suspects.row_number,
        suspects.first_row_number,
        row_number() over (
            partition by
                finance.undecodable_column,
                finance.key_finance, finance.date, finance.sku, finance.taxe_statut, finance.onsale_web, finance.price,
                finance.purchase_price
            order by finance.row_number
        ) as copy_number
    from raw.finance
    inner join suspects on suspects.source_table = 'finance' and finance.row_number = suspects.row_number
    union all
    select
        suspects.source_table,
        suspects.row_number,
        suspects.first_row_number,
        row_number() over (
            partition by
                sales.undecodable_column,
                sales.key_sales, sales.sales, sales.orders, sales.stock
            order by sales.row_number
        ) as copy_number
    from raw.sales
    inner join suspects on suspects.source_table = 'sales' and sales.row_number = suspects.row_number
    union all
    select
        suspects.source_table,
        suspects.row_number,
        suspects.first_row_number,
        row_number() over (
            partition by
                promo.undecodable_column,
                promo.key_promo, promo.start_date, promo.end_date, promo.sales_offer, promo.price_offer
            order by promo.row_number
        ) as copy_number
    from raw.promo
    inner join suspects on suspects.source_table = 'promo' and promo.row_number = suspects.row_number
    union all
    select
        suspects.source_table,
        suspects.row_number,
        suspects.first_row_number,
        row_number() over (
            partition by
                ca_par_segment.undecodable_column,
                ca_par_segment.segment, ca_par_segment.revenue
            order by ca_par_segment.row_number
        ) as copy_number
    from raw.ca_par_segment
    inner join suspects on suspects.source_table = 'ca_par_segment' and ca_par_segment.row_number = suspects.row_number
)

select
    source_table,
    row_number,
    copy_number > 1 as is_exact_copy
from copies
where row_number > first_row_number
