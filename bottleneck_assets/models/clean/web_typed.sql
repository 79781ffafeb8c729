-- one row per row of the export's Web table: typed, with the first reason why it cannot be used
with

notations as (
    select
        min(case when column_name = 'post_date' then order_of_day end) as post_date_order,
        min(case when column_name = 'post_modified' then order_of_day end) as post_modified_order,
        min(case when column_name = 'rating_count' then comma end) as rating_count_comma,
        min(case when column_name = 'rating_count' then dot end) as rating_count_dot,
        min(case when column_name = 'comment_count' then comma end) as comment_count_comma,
        min(case when column_name = 'comment_count' then dot end) as comment_count_dot
    from clean.notations
    where source_table = 'web'
),

parameters as (
    select segments_without_stock
    from raw.parameters
),

web as (
    select
        row_number,
        undecodable_column,
        sku,
        rating_count,
        count_tidied(rating_count) as rating_count_tidied,
        average_rating,
        count_tidied(average_rating) as average_rating_tidied,
        post_author,
        post_date,
        day_of(post_date) as post_day,
        product_type,
        segment,
        white_space_folded(post_title) as post_title,
        white_space_folded(post_excerpt) as post_excerpt,
        contenance as exported_contenance,
        lower(white_space_folded(contenance)) as contenance,
        post_status as exported_post_status,
        lower(bare(post_status)) as post_status,
        white_space_folded(post_name) as post_name,
        post_modified,
        day_of(post_modified) as modified_day,
        replace(bare(guid), '&#038:', '&') as guid,
        comment_count,
        count_tidied(comment_count) as comment_count_tidied,
        comment_status as exported_comment_status,
        lower(bare(comment_status)) as comment_status
    from raw.web
    where is_product_page(post_type)
),

repeated_rows as (
    select
        row_number,
        is_exact_copy
    from clean.repeated_rows
    where source_table = 'web'
),

segments as (
    select
        spelling,
        label,
        label_key
    from clean.labels
    where column_name = 'segment'
),

product_types as (
    select
        spelling,
        label
    from clean.labels
    where column_name = 'product_type'
),

-- wrapped as in CSV: quotes around the whole text, and every quote inside doubled
unwrapped as (
    select
        row_number,
        case
            when
                length(post_title) >= 2 and post_title like '"%"'
                and replace(substring(post_title, 2, length(post_title) - 2), '""', '') not like '%"%'
                then substring(post_title, 2, length(post_title) - 2)
            else post_title
        end as post_title,
        case
            when
                length(post_excerpt) >= 2 and post_excerpt like '"%"'
                and replace(substring(post_excerpt, 2, length(post_excerpt) - 2), '""', '') not like '%"%'
                then substring(post_excerpt, 2, length(post_excerpt) - 2)
            else post_excerpt
        end as post_excerpt
    from web
),

-- tags go before entities are decoded, so that an escaped '&lt;' stays the character it stands for
without_tags as (
    select
        row_number,
        without_tags(replace(post_title, '""', '"')) as post_title,
        without_tags(replace(post_excerpt, '""', '"')) as post_excerpt
    from unwrapped
),

decoded as (
    select
        row_number,
        case when post_title like '%&%' then html_unescape(post_title) else post_title end as post_title,
        case when post_excerpt like '%&%' then html_unescape(post_excerpt) else post_excerpt end as post_excerpt
    from without_tags
),

folded as (
    select
        row_number,
        nullif(
            white_space_folded(post_title), ''
        ) as title,
        nullif(
            white_space_folded(post_excerpt), ''
        ) as excerpt
    from decoded
),

-- the volume as the shop states it, else the last one in the title
volumes as (
    select
        web.row_number,
        case
            when regexp_matches(web.contenance, '^(\d{1,3}[ \t\n\f\r]*x[ \t\n\f\r]*)?\d{1,5}([.,]\d{1,3})?[ \t\n\f\r]*cl\z') then web.contenance
            else lower(folded.title)
        end as volume_text
    from web
    inner join folded on web.row_number = folded.row_number
),

-- '3x 10cl' is three bottles of 10 cl
last_volumes as (
    select
        row_number,
        regexp_extract(volume_text, '^([^\n]*\d[ \t\n\f\r]*cl)(?:[^a-z0-9][^\n]*)?\z', 1) as volume_text
    from volumes
),

measured as (
    select
        row_number,
        regexp_extract(volume_text, '(?:^|[^0-9.,])(\d{1,3})[ \t\n\f\r]*x[ \t\n\f\r]*\d{1,5}(?:[.,]\d{1,3})?[ \t\n\f\r]*cl\z', 1) as bottles,
        regexp_extract(volume_text, '(?:^|[^0-9.,])(\d{1,5}(?:[.,]\d{1,3})?)[ \t\n\f\r]*cl\z', 1) as bottle_cl
    from last_volumes
),

typed as (
    select
        web.*,
        folded.title,
        product_types.label as type_label,
        segments.label as segment_label,
        not contains(parameters.segments_without_stock, chr(10) || segments.label_key || chr(10)) as is_stocked,
        folded.excerpt,
        nullif(web.post_name, '') as slug,
        nullif(case when web.guid like '%&%;%' then html_unescape(web.guid) else web.guid end, '') as url,
        try_cast(number_spelled(web.sku) as bigint) as sku_read,
        try_cast(regexp_extract(number_spelled(web.post_author), '^0*(\d{1,7})\z', 1) as bigint) as author_id,
        date_spelled(web.post_day, notations.post_date_order) as created_on,
        date_spelled(web.modified_day, notations.post_modified_order) as modified_on,
        coalesce(web.post_status = 'publish', false) as is_published,
        try_cast(count_spelled(web.rating_count_tidied, notations.rating_count_comma, notations.rating_count_dot) as bigint) as ratings,
        coalesce(bare(web.average_rating), '') = '' as is_unrated,
        try_cast(replace(replace(web.average_rating_tidied, '~', ''), ',', '.') as double) as rating,
        try_cast(count_spelled(web.comment_count_tidied, notations.comment_count_comma, notations.comment_count_dot) as bigint) as comments,
        nullif(
            coalesce(try_cast(nullif(measured.bottles, '') as double), cast('1' as double))
            * try_cast(replace(nullif(measured.bottle_cl, ''), ',', '.') as double),
            0
        ) as volume_cl,
        regexp_matches(coalesce(web.contenance, ''), '^(\d{1,3}[ \t\n\f\r]*x[ \t\n\f\r]*)?\d{1,5}([.,]\d{1,3})?[ \t\n\f\r]*cl\z') as is_volume_stated,
        try_cast(nullif(regexp_extract(folded.title, '^(?:[^\n]*[^0-9])?((?:19|20)\d{2})(?:[^0-9][^\n]*)?\z', 1), '') as bigint) as vintage,
        repeated_rows.is_exact_copy
    from web
    inner join folded on web.row_number = folded.row_number
    inner join measured on web.row_number = measured.row_number
    cross join notations
    cross join parameters
    left join segments on web.segment = segments.spelling
    left join product_types on web.product_type = product_types.spelling
    left join repeated_rows on web.row_number = repeated_rows.row_number
)

select
    row_number,
    sku_read as sku,
    title,
    type_label as product_type,
    segment_label as segment,
    excerpt,
    slug,
    url,
    author_id,
    created_on,
    modified_on,
    is_published,
    ratings as rating_count,
    rating as average_rating,
    comments as comment_count,
    coalesce(comment_status = 'closed', false) as is_closed_to_comments,
    volume_cl,
    vintage,
    is_stocked,
    is_volume_stated,
    coalesce(is_exact_copy, false) as is_exact_copy,
    case when sku <> cast(sku_read as varchar) then ' sku' else '' end
    || case when product_type <> type_label then ' product_type' else '' end
    || case when segment <> segment_label then ' segment' else '' end
    || case
        when created_on is not null and not regexp_matches(post_date, '^(\d{2}-\d{2}-[12]\d{3}|[12]\d{3}-\d{2}-\d{2})\z')
            then ' post_date'
        else ''
    end
    || case
        when modified_on is not null and not regexp_matches(post_modified, '^(\d{2}-\d{2}-[12]\d{3}|[12]\d{3}-\d{2}-\d{2})\z')
            then ' post_modified'
        else ''
    end
    || case when rating_count <> cast(ratings as varchar) then ' rating_count' else '' end
    || case when not is_unrated and not regexp_matches(average_rating, '^\d([.,]\d+)?\z') then ' average_rating' else '' end
    || case when comment_count <> cast(comments as varchar) then ' comment_count' else '' end
    || case when post_author <> cast(author_id as varchar) then ' post_author' else '' end
    || case when exported_contenance <> contenance and is_volume_stated then ' contenance' else '' end
    || case when exported_post_status <> post_status then ' post_status' else '' end
    || case when exported_comment_status <> comment_status then ' comment_status' else '' end as respelled,
    case
        when undecodable_column is not null then undecodable_column || '|is not UTF-8 text, but bytes'
        when sku_read is null then 'sku|is not a product number'
        when is_exact_copy = false then 'sku|stands in an earlier row with other values'
        when title is null then 'post_title|is empty'
        when type_label is null then 'product_type|is empty'
        when segment_label is null then 'segment|is empty'
        when ratings is null and has_two_readings(substring(rating_count_tidied, 2)) then 'rating_count|has two readings, thousands or decimals'
        when ratings is null then 'rating_count|is not a whole number of at most 7 digits'
        when ratings < 0 then 'rating_count|is negative'
        when not is_unrated and rating is null then 'average_rating|is not a number'
        when rating < 0 or rating > 5 then 'average_rating|is not between 0 and 5'
        when comments is null and has_two_readings(substring(comment_count_tidied, 2)) then 'comment_count|has two readings, thousands or decimals'
        when comments is null then 'comment_count|is not a whole number of at most 7 digits'
        when comments < 0 then 'comment_count|is negative'
    end as defect
from typed
