-- one row per column that is filled in or left empty where the export gives nothing usable
with

cells as (
    select
        'sales' as source_table,
        'orders' as column_name,
        'empty: no supplier order, 0' as treatment,
        is_orders_empty as is_treated,
        defect,
        is_exact_copy
    from clean.sales_typed
    union all
    select
        'web' as source_table,
        'average_rating' as column_name,
        'empty: nobody rated, null' as treatment,
        average_rating is null as is_treated,
        defect,
        is_exact_copy
    from clean.web_typed
    union all
    select
        'web' as source_table,
        'contenance' as column_name,
        'no volume: taken from the title' as treatment,
        not is_volume_stated and volume_cl is not null as is_treated,
        defect,
        is_exact_copy
    from clean.web_typed
    union all
    select
        'web' as source_table,
        'contenance' as column_name,
        'no volume, none in the title: null' as treatment,
        volume_cl is null as is_treated,
        defect,
        is_exact_copy
    from clean.web_typed
    union all
    select
        'web' as source_table,
        'post_modified' as column_name,
        'not a date: null (no figure depends on it)' as treatment,
        modified_on is null as is_treated,
        defect,
        is_exact_copy
    from clean.web_typed
    union all
    select
        'web' as source_table,
        'post_author' as column_name,
        'no number: null (no figure depends on it)' as treatment,
        author_id is null as is_treated,
        defect,
        is_exact_copy
    from clean.web_typed
    union all
    select
        'web' as source_table,
        'post_date' as column_name,
        'not a date: null (no figure depends on it)' as treatment,
        created_on is null as is_treated,
        defect,
        is_exact_copy
    from clean.web_typed
    union all
    select
        'web' as source_table,
        'post_name' as column_name,
        'empty: null (no figure depends on it)' as treatment,
        slug is null as is_treated,
        defect,
        is_exact_copy
    from clean.web_typed
    union all
    select
        'web' as source_table,
        'guid' as column_name,
        'empty: null (no figure depends on it)' as treatment,
        url is null as is_treated,
        defect,
        is_exact_copy
    from clean.web_typed
    union all
    select
        'finance' as source_table,
        'taxe_statut' as column_name,
        'no tax status: null (no figure depends on it)' as treatment,
        is_taxable is null as is_treated,
        defect,
        is_exact_copy
    from clean.finance_typed
),

filled_in as (
    select
        source_table,
        column_name,
        treatment,
        count(*) as rows_kept,
        count(*) filter (where is_treated) as cells_treated
    from cells
    where defect is null and not is_exact_copy
    group by source_table, column_name, treatment
),

kept as (
    select
        'finance' as source_table,
        respelled
    from clean.finance_typed
    where defect is null and not is_exact_copy
    union all
    select
        'sales' as source_table,
        respelled
    from clean.sales_typed
    where defect is null and not is_exact_copy
    union all
    select
        'promo' as source_table,
        respelled
    from clean.promo_typed
    where defect is null and not is_exact_copy
    union all
    select
        'web' as source_table,
        respelled
    from clean.web_typed
    where defect is null and not is_exact_copy
    union all
    select
        'ca_par_segment' as source_table,
        respelled
    from clean.ca_par_segment_typed
    where defect is null and not is_exact_copy
),

kept_rows as (
    select
        source_table,
        count(*) as rows_kept
    from kept
    group by source_table
),

respelled_cells as (
    select
        kept.source_table,
        listed.column_name,
        count(*) as cells_treated
    from kept
    inner join (
        values
        ('finance', 'key_finance'),
        ('finance', 'date'),
        ('finance', 'sku'),
        ('finance', 'taxe_statut'),
        ('finance', 'onsale_web'),
        ('finance', 'price'),
        ('finance', 'purchase_price'),
        ('sales', 'key_sales'),
        ('sales', 'sales'),
        ('sales', 'orders'),
        ('sales', 'stock'),
        ('promo', 'key_promo'),
        ('promo', 'start_date'),
        ('promo', 'end_date'),
        ('promo', 'sales_offer'),
        ('promo', 'price_offer'),
        ('web', 'sku'),
        ('web', 'product_type'),
        ('web', 'segment'),
        ('web', 'post_date'),
        ('web', 'post_modified'),
        ('web', 'rating_count'),
        ('web', 'average_rating'),
        ('web', 'comment_count'),
        ('web', 'post_author'),
        ('web', 'contenance'),
        ('web', 'post_status'),
        ('web', 'comment_status'),
        ('ca_par_segment', 'segment'),
        ('ca_par_segment', 'revenue')
    ) as listed (source_table, column_name)
        on kept.source_table = listed.source_table and contains(kept.respelled, ' ' || listed.column_name)
    where kept.respelled <> ''
    group by kept.source_table, listed.column_name
),

respelled as (
    select
        respelled_cells.source_table,
        respelled_cells.column_name,
        'written another way than the shop does: read as what it means' as treatment,
        kept_rows.rows_kept,
        respelled_cells.cells_treated
    from respelled_cells
    inner join kept_rows on respelled_cells.source_table = kept_rows.source_table
)

select
    source_table,
    column_name,
    treatment,
    rows_kept,
    cells_treated
from filled_in
union all
select
    source_table,
    column_name,
    treatment,
    rows_kept,
    cells_treated
from respelled
order by source_table, column_name, treatment
