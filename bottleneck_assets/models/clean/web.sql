-- one row per product of the shop
select
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
    is_stocked
from clean.web_typed
where defect is null and not is_exact_copy
order by sku
