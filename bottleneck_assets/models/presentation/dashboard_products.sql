-- one row per product that the dashboard shows by itself, and one per group of the products that it pools
with

products as (
    select
        case when is_kept then sku end as sku,
        case when is_kept then left(title, 200) end as title,
        product_type,
        segment,
        case when is_kept then vintage end as vintage,
        case when is_kept then volume_cl end as volume_cl,
        rating_count,
        case when is_kept then average_rating end as average_rating,
        case when is_kept then shrunk_rating end as shrunk_rating,
        comment_count,
        case when is_kept then comments_per_100_units end as comments_per_100_units,
        rank,
        case when is_kept then cumulative_revenue_share end as cumulative_revenue_share,
        abc_class,
        is_stocked,
        cover_band,
        stock_end,
        stock_value_end,
        mean_monthly_units,
        exact(mean_monthly_units) as exact_monthly_units,
        case when is_kept then months_of_cover end as months_of_cover,
        stock_on_date,
        case when is_kept then reorder_point end as reorder_point,
        case when is_kept then stock_ceiling end as stock_ceiling,
        value_above_ceiling,
        exact(average_rating * rating_count) as rating_sum,
        case when average_rating is not null then rating_count else 0 end as ratings,
        case when comment_count > 0 then 1 else 0 end as commented,
        case when is_below_reorder_point then 1 else 0 end as below_reorder,
        case when is_above_ceiling then 1 else 0 end as above_ceiling,
        case when abc_class = 'A' then 1 else 0 end as products_in_a,
        case when rating_count = 0 then 1 else 0 end as unrated,
        units
    from presentation.products
)

-- a product that is shown by itself is a group of one
select
    sku,
    min(title) as title,
    product_type,
    segment,
    min(vintage) as vintage,
    min(volume_cl) as volume_cl,
    as_count(sum(rating_count)) as rating_count,
    min(average_rating) as average_rating,
    min(shrunk_rating) as shrunk_rating,
    as_count(sum(comment_count)) as comment_count,
    min(comments_per_100_units) as comments_per_100_units,
    min(rank) as rank,
    min(cumulative_revenue_share) as cumulative_revenue_share,
    abc_class,
    is_stocked,
    cover_band,
    as_count(sum(stock_end)) as stock_end,
    euros(sum(stock_value_end)) as stock_value_end,
    case when sku is null then as_number(total(exact_monthly_units)) else min(mean_monthly_units) end as mean_monthly_units,
    min(months_of_cover) as months_of_cover,
    as_count(sum(stock_on_date)) as stock_on_date,
    min(reorder_point) as reorder_point,
    min(stock_ceiling) as stock_ceiling,
    as_number(euros(sum(value_above_ceiling))) as value_above_ceiling,
    as_number(total(rating_sum)) as rating_sum,
    as_count(sum(ratings)) as ratings,
    as_count(sum(commented)) as commented,
    as_count(sum(below_reorder)) as below_reorder,
    as_count(sum(above_ceiling)) as above_ceiling,
    as_count(sum(products_in_a)) as products_in_a,
    as_count(sum(unrated)) as unrated,
    as_count(sum(units)) as units,
    count(*) as products
from products
group by sku, product_type, segment, abc_class, is_stocked, cover_band
order by rank nulls last, sku nulls last, segment, product_type, is_stocked, abc_class, cover_band
