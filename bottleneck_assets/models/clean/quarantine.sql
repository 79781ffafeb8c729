-- one row per row of the export that cannot be used: whole, as exported, with the first reason why
with

web_defects as (
    select
        row_number,
        split_part(defect, '|', 1) as column_name,
        split_part(defect, '|', 2) as reason
    from clean.web_typed
    where defect is not null and not is_exact_copy
),

finance_defects as (
    select
        row_number,
        split_part(defect, '|', 1) as column_name,
        split_part(defect, '|', 2) as reason
    from clean.finance_typed
    where defect is not null and not is_exact_copy
),

sales_defects as (
    select
        row_number,
        split_part(defect, '|', 1) as column_name,
        split_part(defect, '|', 2) as reason
    from clean.sales_typed
    where defect is not null and not is_exact_copy
),

promo_defects as (
    select
        row_number,
        split_part(defect, '|', 1) as column_name,
        split_part(defect, '|', 2) as reason
    from clean.promo_typed
    where defect is not null and not is_exact_copy
),

ca_par_segment_defects as (
    select
        row_number,
        split_part(defect, '|', 1) as column_name,
        split_part(defect, '|', 2) as reason
    from clean.ca_par_segment_typed
    where defect is not null and not is_exact_copy
),

web_quarantine as (
    select
        'web' as source_table,
        web.row_number,
        web.sku as record_key,
        web_defects.column_name,
        case web_defects.column_name
            when 'sku' then web.sku
            when 'virtuals' then web.virtuals
            when 'downloadable' then web.downloadable
            when 'rating_count' then web.rating_count
            when 'average_rating' then web.average_rating
            when 'post_author' then web.post_author
            when 'post_date' then web.post_date
            when 'post_date_gmt' then web.post_date_gmt
            when 'product_type' then web.product_type
            when 'segment' then web.segment
            when 'post_title' then web.post_title
            when 'post_excerpt' then web.post_excerpt
            when 'contenance' then web.contenance
            when 'post_status' then web.post_status
            when 'comment_status' then web.comment_status
            when 'ping_status' then web.ping_status
            when 'post_name' then web.post_name
            when 'post_modified' then web.post_modified
            when 'post_modified_gmt' then web.post_modified_gmt
            when 'post_parent' then web.post_parent
            when 'guid' then web.guid
            when 'post_type' then web.post_type
            when 'comment_count' then web.comment_count
        end as column_value,
        web_defects.reason,
        coalesce('"' || replace(web.sku, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(web.virtuals, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(web.downloadable, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(web.rating_count, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(web.average_rating, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(web.post_author, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(web.post_date, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(web.post_date_gmt, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(web.product_type, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(web.segment, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(web.post_title, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(web.post_excerpt, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(web.contenance, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(web.post_status, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(web.comment_status, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(web.ping_status, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(web.post_name, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(web.post_modified, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(web.post_modified_gmt, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(web.post_parent, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(web.guid, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(web.post_type, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(web.comment_count, '"', '""') || '"', '') as exported_row
    from raw.web
    inner join web_defects on web.row_number = web_defects.row_number
),

finance_quarantine as (
    select
        'finance' as source_table,
        finance.row_number,
        finance.key_finance as record_key,
        finance_defects.column_name,
        case finance_defects.column_name
            when 'key_finance' then finance.key_finance
            when 'date' then finance.date
            when 'sku' then finance.sku
            when 'taxe_statut' then finance.taxe_statut
            when 'onsale_web' then finance.onsale_web
            when 'price' then finance.price
            when 'purchase_price' then finance.purchase_price
        end as column_value,
        finance_defects.reason,
        coalesce('"' || replace(finance.key_finance, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(finance.date, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(finance.sku, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(finance.taxe_statut, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(finance.onsale_web, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(finance.price, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(finance.purchase_price, '"', '""') || '"', '') as exported_row
    from raw.finance
    inner join finance_defects on finance.row_number = finance_defects.row_number
),

sales_quarantine as (
    select
        'sales' as source_table,
        sales.row_number,
        sales.key_sales as record_key,
        sales_defects.column_name,
        case sales_defects.column_name
            when 'key_sales' then sales.key_sales
            when 'sales' then sales.sales
            when 'orders' then sales.orders
            when 'stock' then sales.stock
        end as column_value,
        sales_defects.reason,
        coalesce('"' || replace(sales.key_sales, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(sales.sales, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(sales.orders, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(sales.stock, '"', '""') || '"', '') as exported_row
    from raw.sales
    inner join sales_defects on sales.row_number = sales_defects.row_number
),

promo_quarantine as (
    select
        'promo' as source_table,
        promo.row_number,
        promo.key_promo as record_key,
        promo_defects.column_name,
        case promo_defects.column_name
            when 'key_promo' then promo.key_promo
            when 'start_date' then promo.start_date
            when 'end_date' then promo.end_date
            when 'sales_offer' then promo.sales_offer
            when 'price_offer' then promo.price_offer
        end as column_value,
        promo_defects.reason,
        coalesce('"' || replace(promo.key_promo, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(promo.start_date, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(promo.end_date, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(promo.sales_offer, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(promo.price_offer, '"', '""') || '"', '') as exported_row
    from raw.promo
    inner join promo_defects on promo.row_number = promo_defects.row_number
),

ca_par_segment_quarantine as (
    select
        'ca_par_segment' as source_table,
        ca_par_segment.row_number,
        ca_par_segment.segment as record_key,
        ca_par_segment_defects.column_name,
        case ca_par_segment_defects.column_name
            when 'segment' then ca_par_segment.segment
            when 'revenue' then ca_par_segment.revenue
        end as column_value,
        ca_par_segment_defects.reason,
        coalesce('"' || replace(ca_par_segment.segment, '"', '""') || '"', '')
        || ',' || coalesce('"' || replace(ca_par_segment.revenue, '"', '""') || '"', '') as exported_row
    from raw.ca_par_segment
    inner join ca_par_segment_defects on ca_par_segment.row_number = ca_par_segment_defects.row_number
),

quarantine as (
    select
        source_table,
        row_number,
        record_key,
        column_name,
        column_value,
        reason,
        exported_row
    from web_quarantine
    union all
    select
        source_table,
        row_number,
        record_key,
        column_name,
        column_value,
        reason,
        exported_row
    from finance_quarantine
    union all
    select
        source_table,
        row_number,
        record_key,
        column_name,
        column_value,
        reason,
        exported_row
    from sales_quarantine
    union all
    select
        source_table,
        row_number,
        record_key,
        column_name,
        column_value,
        reason,
        exported_row
    from promo_quarantine
    union all
    select
        source_table,
        row_number,
        record_key,
        column_name,
        column_value,
        reason,
        exported_row
    from ca_par_segment_quarantine
)

select
    source_table,
    row_number,
    record_key,
    column_name,
    column_value,
    reason,
    exported_row
from quarantine
order by source_table, row_number
