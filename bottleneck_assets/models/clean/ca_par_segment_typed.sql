-- one row per row of the export's own revenue by segment: typed, with the first reason why it cannot be used
with

ca_par_segment as (
    select
        row_number,
        undecodable_column,
        nullif(trim(segment), '') as segment,
        trim(revenue) as revenue_text
    from raw.ca_par_segment
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
        ca_par_segment.segment,
        try_cast(
            replace(
                case when regexp_matches(ca_par_segment.revenue_text, '^-?\d{1,13}([.,]\d+)?\z') then ca_par_segment.revenue_text end, ',', '.'
            ) as decimal(18, 4)
        ) as revenue,
        repeated_rows.is_exact_copy
    from ca_par_segment
    left join repeated_rows on ca_par_segment.row_number = repeated_rows.row_number
)

select
    row_number,
    segment,
    revenue,
    coalesce(is_exact_copy, false) as is_exact_copy,
    case
        when undecodable_column is not null then undecodable_column || '|is not UTF-8 text'
        when segment is null then 'segment|is empty'
        when is_exact_copy = false then 'segment|stands in an earlier row with other values'
        when revenue is null then 'revenue|is not an amount'
        when revenue < 0 then 'revenue|is negative'
    end as defect
from typed
