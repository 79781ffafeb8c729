-- one row per table of the export: what became of its rows
with

rows_read as (
    select
        'web' as source_table,
        count(*) as rows_read
    from raw.web
    union all
    select
        'finance' as source_table,
        count(*) as rows_read
    from raw.finance
    union all
    select
        'sales' as source_table,
        count(*) as rows_read
    from raw.sales
    union all
    select
        'promo' as source_table,
        count(*) as rows_read
    from raw.promo
    union all
    select
        'ca_par_segment' as source_table,
        count(*) as rows_read
    from raw.ca_par_segment
),

rows_kept as (
    select
        'web' as source_table,
        count(*) as rows_kept
    from clean.web
    union all
    select
        'finance' as source_table,
        count(*) as rows_kept
    from clean.finance
    union all
    select
        'sales' as source_table,
        count(*) as rows_kept
    from clean.sales
    union all
    select
        'promo' as source_table,
        count(*) as rows_kept
    from clean.promo
    union all
    select
        'ca_par_segment' as source_table,
        count(*) as rows_kept
    from clean.ca_par_segment_typed
    where defect is null and not is_exact_copy
),

rows_quarantined as (
    select
        source_table,
        count(*) as rows_quarantined
    from clean.quarantine
    group by source_table
),

duplicates_dropped as (
    select
        source_table,
        count(*) as duplicates_dropped
    from clean.repeated_rows
    where is_exact_copy
    group by source_table
),

-- the pages of pictures and of whatever is no product
rows_left_out as (
    select
        'web' as source_table,
        count(*) as rows_left_out
    from raw.web
    where not is_product_page(post_type)
)

select
    rows_read.source_table,
    rows_read.rows_read,
    rows_kept.rows_kept,
    coalesce(rows_quarantined.rows_quarantined, 0) as rows_quarantined,
    coalesce(duplicates_dropped.duplicates_dropped, 0) as duplicates_dropped,
    coalesce(rows_left_out.rows_left_out, 0) as rows_left_out,
    ratio(coalesce(rows_quarantined.rows_quarantined, 0), rows_read.rows_read) as quarantined_share
from rows_read
inner join rows_kept on rows_read.source_table = rows_kept.source_table
left join rows_quarantined on rows_read.source_table = rows_quarantined.source_table
left join duplicates_dropped on rows_read.source_table = duplicates_dropped.source_table
left join rows_left_out on rows_read.source_table = rows_left_out.source_table
order by rows_read.source_table
