-- one row per product of the shop
with

web as (
    select
        sku,
        title,
        product_type,
        segment,
        rating_count,
        average_rating,
        case
            when average_rating is not null
                then cast(cast(average_rating as decimal(10, 8)) * cast(rating_count as decimal(10, 0)) as decimal(18, 8))
        end as rating_sum
    from clean.web
),

whole_shop as (
    select
        cast(cast(sum(rating_sum) as decimal(28, 8)) as double)
        / nullif(cast(sum(case when average_rating is not null then rating_count end) as double), 0) as mean_rating,
        median(case when rating_count > 0 then rating_count end) as median_count
    from web
)

select
    web.sku,
    web.title,
    web.product_type,
    web.segment,
    web.rating_count,
    web.average_rating,
    (whole_shop.median_count * whole_shop.mean_rating + coalesce(cast(web.rating_sum as double), 0))
    / nullif(whole_shop.median_count + case when web.average_rating is not null then cast(web.rating_count as double) else 0 end, 0)
        as shrunk_rating
from web
cross join whole_shop
order by web.sku
