-- one row per column of the export and reason why rows are in quarantine, the most rows first
with

quarantine as (
    select
        source_table,
        column_name,
        reason,
        column_value,
        count(*) over (partition by source_table, column_name, reason) as row_count,
        row_number() over (partition by source_table, column_name, reason order by row_number) as place
    from clean.quarantine
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
