-- one row per row of the export's Web table: typed, with the first reason why it cannot be used
with

-- the expression that folds white space (Unicode's too) leaves a single space alone: nearly all that a text holds
web as (
    select
        row_number,
        undecodable_column,
        trim(sku) as sku,
        trim(rating_count) as rating_count,
        trim(average_rating) as average_rating,
        trim(post_author) as post_author,
        trim(post_date) as post_date,
        trim(product_type) as product_type,
        trim(segment) as segment,
        trim(regexp_replace(post_title, ' *([\t-\r\x{1C}-\x{1F}\x{85}]|[^\P{Z} ])[\t-\r\x{1C}-\x{1F}\x{85}\p{Z}]*|  +', ' ', 'g')) as post_title,
        trim(regexp_replace(post_excerpt, ' *([\t-\r\x{1C}-\x{1F}\x{85}]|[^\P{Z} ])[\t-\r\x{1C}-\x{1F}\x{85}\p{Z}]*|  +', ' ', 'g')) as post_excerpt,
        lower(trim(contenance)) as contenance,
        trim(post_status) as post_status,
        trim(regexp_replace(post_name, ' *([\t-\r\x{1C}-\x{1F}\x{85}]|[^\P{Z} ])[\t-\r\x{1C}-\x{1F}\x{85}\p{Z}]*|  +', ' ', 'g')) as post_name,
        trim(post_modified) as post_modified,
        replace(trim(guid), '&#038:', '&') as guid,
        trim(comment_count) as comment_count
    from raw.web
),

repeated_rows as (
    select
        row_number,
        is_exact_copy
    from clean.repeated_rows
    where source_table = 'web'
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
        regexp_replace(replace(post_title, '""', '"'), '<[a-zA-Z/!][^>]*>', '', 'g') as post_title,
        regexp_replace(replace(post_excerpt, '""', '"'), '<[a-zA-Z/!][^>]*>', '', 'g') as post_excerpt
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
            trim(regexp_replace(post_title, ' *([\t-\r\x{1C}-\x{1F}\x{85}]|[^\P{Z} ])[\t-\r\x{1C}-\x{1F}\x{85}\p{Z}]*|  +', ' ', 'g')), ''
        ) as title,
        nullif(
            trim(regexp_replace(post_excerpt, ' *([\t-\r\x{1C}-\x{1F}\x{85}]|[^\P{Z} ])[\t-\r\x{1C}-\x{1F}\x{85}\p{Z}]*|  +', ' ', 'g')), ''
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
        web.row_number,
        web.undecodable_column,
        folded.title,
        nullif(web.product_type, '') as product_type,
        nullif(web.segment, '') as segment,
        folded.excerpt,
        nullif(web.post_name, '') as slug,
        nullif(case when web.guid like '%&%;%' then html_unescape(web.guid) else web.guid end, '') as url,
        try_cast(case when regexp_matches(web.sku, '^\d{1,18}\z') then web.sku end as bigint) as sku,
        try_cast(case when regexp_matches(web.post_author, '^0*\d{1,7}\z') then web.post_author end as bigint) as author_id,
        try_cast(
            case
                when regexp_matches(web.post_date, '^[12]\d{3}-\d{2}-\d{2}\z') then web.post_date
                when regexp_matches(web.post_date, '^\d{2}-\d{2}-[12]\d{3}\z')
                    then substring(web.post_date, 7, 4) || '-' || substring(web.post_date, 4, 2) || '-' || substring(web.post_date, 1, 2)
            end as date
        ) as created_on,
        try_cast(
            case
                when regexp_matches(web.post_modified, '^[12]\d{3}-\d{2}-\d{2}\z') then web.post_modified
                when regexp_matches(web.post_modified, '^\d{2}-\d{2}-[12]\d{3}\z')
                    then substring(web.post_modified, 7, 4) || '-' || substring(web.post_modified, 4, 2) || '-' || substring(web.post_modified, 1, 2)
            end as date
        ) as modified_on,
        coalesce(web.post_status = 'publish', false) as is_published,
        try_cast(
            case when regexp_matches(web.rating_count, '^-?0*\d{1,7}([.,]0+)?\z') then regexp_extract(web.rating_count, '^(-?\d+)', 1) end as bigint
        ) as rating_count,
        coalesce(web.average_rating, '') = '' as is_unrated,
        try_cast(
            replace(case when regexp_matches(web.average_rating, '^-?\d{1,3}([.,]\d+)?\z') then web.average_rating end, ',', '.') as double
        ) as average_rating,
        try_cast(
            case when regexp_matches(web.comment_count, '^-?0*\d{1,7}([.,]0+)?\z') then regexp_extract(web.comment_count, '^(-?\d+)', 1) end as bigint
        ) as comment_count,
        web.contenance,
        nullif(
            coalesce(try_cast(nullif(measured.bottles, '') as double), cast('1' as double))
            * try_cast(replace(nullif(measured.bottle_cl, ''), ',', '.') as double),
            0
        ) as volume_cl,
        try_cast(nullif(regexp_extract(folded.title, '^(?:[^\n]*[^0-9])?((?:19|20)\d{2})(?:[^0-9][^\n]*)?\z', 1), '') as bigint) as vintage,
        repeated_rows.is_exact_copy
    from web
    inner join folded on web.row_number = folded.row_number
    inner join measured on web.row_number = measured.row_number
    left join repeated_rows on web.row_number = repeated_rows.row_number
)

select
    row_number,
    sku,
    title,
    product_type,
    segment,
    excerpt,
    slug,
    url,
    author_id,
    created_on,
    modified_on,
    is_published,
    rating_count,
    average_rating,
    comment_count,
    volume_cl,
    vintage,
    segment <> 'Offres commerciales' as is_stocked,
    regexp_matches(coalesce(contenance, ''), '^(\d{1,3}[ \t\n\f\r]*x[ \t\n\f\r]*)?\d{1,5}([.,]\d{1,3})?[ \t\n\f\r]*cl\z') as is_volume_stated,
    coalesce(is_exact_copy, false) as is_exact_copy,
    case
        when undecodable_column is not null then undecodable_column || '|is not UTF-8 text'
        when sku is null then 'sku|is not a product number'
        when is_exact_copy = false then 'sku|stands in an earlier row with other values'
        when title is null then 'post_title|is empty'
        when product_type is null then 'product_type|is empty'
        when segment is null then 'segment|is empty'
        when slug is null then 'post_name|is empty'
        when url is null then 'guid|is empty'
        when author_id is null then 'post_author|is not a whole number'
        when created_on is null then 'post_date|is not a date such as 18-04-2022'
        when rating_count is null then 'rating_count|is not a whole number of at most 7 digits'
        when rating_count < 0 then 'rating_count|is negative'
        when not is_unrated and average_rating is null then 'average_rating|is not a number'
        when average_rating < 0 or average_rating > 5 then 'average_rating|is not between 0 and 5'
        when comment_count is null then 'comment_count|is not a whole number of at most 7 digits'
        when comment_count < 0 then 'comment_count|is negative'
    end as defect
from typed
