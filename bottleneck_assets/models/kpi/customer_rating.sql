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
                then exact(times(rating_count, exact(average_rating)))
        end as rating_sum
    from clean.web
),

whole_shop as (
    select
        ratio(total(rating_sum), sum(case when average_rating is not null then rating_count end)) as mean_rating,
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
    ratio(
        whole_shop.median_count * whole_shop.mean_rating + coalesce(web.rating_sum, 0),
        whole_shop.median_count + case when web.average_rating is not null then web.rating_count else 0 end
    ) as shrunk_rating
from web
cross join whole_shop
order by web.sku
