-- one row per row of the export whose key (month and sku, or sku, or segment) stands in an earlier row of its table
with

-- nearly always none: what comes after looks only at rows that have one of these. Each table is read anew there: a CTE
-- that both read would be kept in memory with all its rows.
repeated_keys as (
    select
        'web' as source_table,
        record_key
    from (
        select record_key(spelled) as record_key
        from (
            select coalesce(number_spelled(sku), bare(sku), '') as spelled
            from raw.web
            where is_product_page(post_type)
        ) as spelled_keys
    ) as web
    group by record_key
    having count(*) > 1
    union all
    select
        'finance' as source_table,
        record_key
    from (
        select record_key(spelled) as record_key
        from (select coalesce(key_spelled(key_finance), bare(key_finance), '') as spelled from raw.finance) as spelled_keys
    ) as finance
    group by record_key
    having count(*) > 1
    union all
    select
        'sales' as source_table,
        record_key
    from (
        select record_key(spelled) as record_key
        from (select coalesce(key_spelled(key_sales), bare(key_sales), '') as spelled from raw.sales) as spelled_keys
    ) as sales
    group by record_key
    having count(*) > 1
    union all
    select
        'promo' as source_table,
        record_key
    from (
        select record_key(spelled) as record_key
        from (select coalesce(key_spelled(key_promo), bare(key_promo), '') as spelled from raw.promo) as spelled_keys
    ) as promo
    group by record_key
    having count(*) > 1
    union all
    select
        'ca_par_segment' as source_table,
        record_key
    from (
        select record_key(spelled) as record_key
        from (select coalesce(label_key(segment), '') as spelled from raw.ca_par_segment) as spelled_keys
    ) as ca_par_segment
    group by record_key
    having count(*) > 1
),

web_rows as (
    select
        row_number,
        undecodable_column,
        sku,
        virtuals,
        downloadable,
        rating_count,
        average_rating,
        post_author,
        post_date,
        post_date_gmt,
        product_type,
        segment,
        post_title,
        post_excerpt,
        contenance,
        post_status,
        comment_status,
        ping_status,
        post_name,
        post_modified,
        post_modified_gmt,
        post_parent,
        guid,
        post_type,
        comment_count,
        coalesce(number_spelled(sku), bare(sku), '') as spelled
    from raw.web
    where is_product_page(post_type)
),

finance_rows as (
    select
        row_number,
        undecodable_column,
        key_finance,
        date,
        sku,
        taxe_statut,
        onsale_web,
        price,
        purchase_price,
        coalesce(key_spelled(key_finance), bare(key_finance), '') as spelled
    from raw.finance
),

sales_rows as (
    select
        row_number,
        undecodable_column,
        key_sales,
        sales,
        orders,
        stock,
        coalesce(key_spelled(key_sales), bare(key_sales), '') as spelled
    from raw.sales
),

promo_rows as (
    select
        row_number,
        undecodable_column,
        key_promo,
        start_date,
        end_date,
        sales_offer,
        price_offer,
        coalesce(key_spelled(key_promo), bare(key_promo), '') as spelled
    from raw.promo
),

ca_par_segment_rows as (
    select
        row_number,
        undecodable_column,
        segment,
        revenue,
        coalesce(label_key(segment), '') as spelled
    from raw.ca_par_segment
),

-- bytes that are no text stand as SQLite would write them, x'C3', and are no copy of a text that spells so
copies as (
    select
        'web' as source_table,
        row_number,
        min(row_number) over (partition by record_key) as first_row_number,
        row_number() over (
            partition by
                undecodable_column,
                sku, virtuals, downloadable, rating_count, average_rating, post_author, post_date, post_date_gmt,
                product_type, segment, post_title, post_excerpt, contenance, post_status, comment_status, ping_status,
                post_name, post_modified, post_modified_gmt, post_parent, guid, post_type, comment_count
            order by row_number
        ) as copy_number
    from (
        select
            *,
            record_key(spelled) as record_key
        from web_rows
    ) as web
    where
        record_key in (
            select repeated_keys.record_key
            from repeated_keys
            where repeated_keys.source_table = 'web'
        )
    union all
    select
        'finance' as source_table,
        row_number,
        min(row_number) over (partition by record_key) as first_row_number,
        row_number() over (
            partition by
                undecodable_column,
                key_finance, date, sku, taxe_statut, onsale_web, price, purchase_price
            order by row_number
        ) as copy_number
    from (
        select
            *,
            record_key(spelled) as record_key
        from finance_rows
    ) as finance
    where
        record_key in (
            select repeated_keys.record_key
            from repeated_keys
            where repeated_keys.source_table = 'finance'
        )
    union all
    select
        'sales' as source_table,
        row_number,
        min(row_number) over (partition by record_key) as first_row_number,
        row_number() over (
            partition by
                undecodable_column,
                key_sales, sales, orders, stock
            order by row_number
        ) as copy_number
    from (
        select
            *,
            record_key(spelled) as record_key
        from sales_rows
    ) as sales
    where
        record_key in (
            select repeated_keys.record_key
            from repeated_keys
            where repeated_keys.source_table = 'sales'
        )
    union all
    select
        'promo' as source_table,
        row_number,
        min(row_number) over (partition by record_key) as first_row_number,
        row_number() over (
            partition by
                undecodable_column,
                key_promo, start_date, end_date, sales_offer, price_offer
            order by row_number
        ) as copy_number
    from (
        select
            *,
            record_key(spelled) as record_key
        from promo_rows
    ) as promo
    where
        record_key in (
            select repeated_keys.record_key
            from repeated_keys
            where repeated_keys.source_table = 'promo'
        )
    union all
    select
        'ca_par_segment' as source_table,
        row_number,
        min(row_number) over (partition by record_key) as first_row_number,
        row_number() over (
            partition by
                undecodable_column,
                segment, revenue
            order by row_number
        ) as copy_number
    from (
        select
            *,
            record_key(spelled) as record_key
        from ca_par_segment_rows
    ) as ca_par_segment
    where
        record_key in (
            select repeated_keys.record_key
            from repeated_keys
            where repeated_keys.source_table = 'ca_par_segment'
        )
)

select
    source_table,
    row_number,
    copy_number > 1 as is_exact_copy
from copies
where row_number > first_row_number
