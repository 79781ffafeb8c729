-- one row per row of the export's own revenue by segment: typed, with the first reason why it cannot be used
with

notations as (
    select
        comma,
        dot
    from clean.notations
    where source_table = 'ca_par_segment'
),

ca_par_segment as (
    select
        row_number,
        undecodable_column,
        segment as exported_segment,
        label_key(segment) as label_key,
        nullif(label_shown(segment), '') as label,
        revenue as exported_revenue,
        amount_tidied(revenue) as revenue_tidied
    from raw.ca_par_segment
),

labels as (
    select
        label_key,
        min(label) as label
    from clean.labels
    where column_name = 'segment'
    group by label_key
),

repeated_rows as (
    select
        row_number,
        is_exact_copy
    from clean.repeated_rows
    where source_table = 'ca_par_segment'
),

typed as (
    select
        ca_par_segment.row_number,
        ca_par_segment.undecodable_column,
        ca_par_segment.exported_segment,
        ca_par_segment.exported_revenue,
        coalesce(labels.label, ca_par_segment.label) as segment,
        amount_spelled(ca_par_segment.revenue_tidied) as revenue_spelled,
        notations.comma,
        notations.dot,
        repeated_rows.is_exact_copy
    from ca_par_segment
    cross join notations
    left join labels on ca_par_segment.label_key = labels.label_key
    left join repeated_rows on ca_par_segment.row_number = repeated_rows.row_number
),

settled_amounts as (
    select
        *,
        case
            when revenue_spelled like '?%' then settled(revenue_spelled, comma, dot)
            when regexp_matches(revenue_spelled, '^-?\d{1,13}(\.\d+)?\z') then revenue_spelled
        end as revenue_text
    from typed
),

read as (
    select
        *,
        try_cast(revenue_text as decimal(18, 4)) as revenue
    from settled_amounts
)

select
    row_number,
    segment,
    revenue,
    coalesce(is_exact_copy, false) as is_exact_copy,
    case when exported_segment <> segment then ' segment' else '' end
    || case when replace(exported_revenue, ',', '.') <> revenue_text then ' revenue' else '' end as respelled,
    case
        when undecodable_column is not null then undecodable_column || '|is not UTF-8 text, but bytes'
        when segment is null then 'segment|is empty'
        when is_exact_copy = false then 'segment|stands in an earlier row with other values'
        when revenue is null and revenue_spelled like '?%' then 'revenue|has two readings, thousands or decimals'
        when revenue is null then 'revenue|is not an amount'
        when revenue < 0 then 'revenue|is negative'
    end as defect
from read
