-- one row per column and spelling of a label, with the spelling that is shown for it
with

exported as (
    select
        'segment' as column_name,
        segment as spelling,
        count(*) as products
    from raw.web
    where is_product_page(post_type) and segment is not null
    group by segment
    union all
    select
        'product_type' as column_name,
        product_type as spelling,
        count(*) as products
    from raw.web
    where is_product_page(post_type) and product_type is not null
    group by product_type
),

folded as (
    select
        column_name,
        spelling,
        label_key(spelling) as label_key,
        label_shown(spelling) as shown,
        products
    from exported
),

shown as (
    select
        column_name,
        label_key,
        shown,
        as_count(sum(products)) as products
    from folded
    group by column_name, label_key, shown
),

commonest as (
    select
        column_name,
        label_key,
        shown as label
    from shown
    qualify row_number() over (partition by column_name, label_key order by products desc, shown asc) = 1
)

select
    folded.column_name,
    folded.spelling,
    folded.label_key,
    commonest.label,
    folded.products
from folded
inner join commonest on folded.column_name = commonest.column_name and folded.label_key = commonest.label_key
where commonest.label <> ''
order by folded.column_name, commonest.label, folded.spelling
