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
)

select
    source_table,
    column_name,
    treatment,
    count(*) as rows_kept,
    count(*) filter (where is_treated) as cells_treated
from cells
where defect is null and not is_exact_copy
group by source_table, column_name, treatment
order by source_table, column_name, treatment
