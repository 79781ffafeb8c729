-- one row per column of the export and reason why rows are in quarantine, the most rows first
with

spellings as (
    select
        source_table,
        column_name,
        reason,
        column_value,
        count(*) as row_count,
        min(row_number) as first_row
    from clean.quarantine
    group by source_table, column_name, reason, column_value
),

quarantine as (
    select
        source_table,
        column_name,
        reason,
        column_value,
        as_count(sum(row_count) over (partition by source_table, column_name, reason)) as row_count,
        row_number() over (partition by source_table, column_name, reason order by row_count desc, first_row asc) as place
    from spellings
)

select
    source_table,
    column_name,
    reason,
    row_count,
    column_value as example_value
from quarantine
where place = 1
order by row_count desc, source_table asc, column_name asc, reason asc
