-- one row per product of the shop: its figures, the groups it belongs to, and whether a page shows it by itself
with

valued as (
    select
        preferences.sku,
        preferences.title,
        preferences.product_type,
        preferences.segment,
        preferences.vintage,
        preferences.volume_cl,
        preferences.rating_count,
        preferences.average_rating,
        preferences.shrunk_rating,
        preferences.comment_count,
        preferences.comments_per_100_units,
        preferences.revenue,
        preferences.units,
        top_products.rank,
        top_products.cumulative_revenue_share,
        top_products.abc_class,
        turnover.sku is not null as is_stocked,
        turnover.stock_end,
        turnover.stock_value_end,
        turnover.mean_monthly_units,
        turnover.months_of_cover,
        turnover.stock_on_date,
        turnover.reorder_point,
        turnover.stock_ceiling,
        coalesce(turnover.value_above_ceiling, 0) as value_above_ceiling,
        case
            when turnover.sku is null then null
            when turnover.months_of_cover is null then 'none'
            when turnover.months_of_cover <= 1 then '0-1'
            when turnover.months_of_cover <= 3 then '1-3'
            when turnover.months_of_cover <= 6 then '3-6'
            when turnover.months_of_cover <= 12 then '6-12'
            else '12-'
        end as cover_band,
        coalesce(thresholds.state = 'below reorder point', false) as is_below_reorder_point,
        coalesce(thresholds.state = 'above ceiling', false) as is_above_ceiling
    from extract.customer_preferences as preferences
    left join extract.top_products as top_products on preferences.sku = top_products.sku
    left join extract.stock_turnover as turnover on preferences.sku = turnover.sku
    left join kpi.stock_thresholds as thresholds on preferences.sku = thresholds.sku
),

placed as (
    select
        *,
        row_number() over (partition by segment order by revenue desc, sku asc) as place_in_segment,
        row_number() over (partition by product_type order by revenue desc, sku asc) as place_in_type,
        row_number() over (partition by abc_class order by revenue desc, sku asc) as place_in_class,
        row_number() over (partition by segment order by value_above_ceiling desc, sku asc) as stock_place_in_segment,
        row_number() over (partition by product_type order by value_above_ceiling desc, sku asc) as stock_place_in_type,
        row_number() over (partition by cover_band order by value_above_ceiling desc, sku asc) as stock_place_in_band
    from valued
),

-- the first ones of every group that can be chosen come before the others, so that none of them is missing where it is
grouped as (
    select
        *,
        least(place_in_segment, place_in_type, place_in_class) <= 50 as is_first,
        least(stock_place_in_segment, stock_place_in_type, stock_place_in_band) <= 15 as is_first_in_stock
    from placed
)

-- of a shop with more products than a page can hold: those with the most revenue or the most stock above their ceiling
select
    sku,
    title,
    product_type,
    segment,
    vintage,
    volume_cl,
    rating_count,
    average_rating,
    shrunk_rating,
    comment_count,
    comments_per_100_units,
    revenue,
    units,
    rank,
    cumulative_revenue_share,
    abc_class,
    is_stocked,
    stock_end,
    stock_value_end,
    mean_monthly_units,
    months_of_cover,
    stock_on_date,
    reorder_point,
    stock_ceiling,
    euros(value_above_ceiling) as value_above_ceiling,
    cover_band,
    is_below_reorder_point,
    is_above_ceiling,
    row_number() over (order by is_first desc, revenue desc, sku asc) <= 1500
    or row_number() over (order by is_first_in_stock desc, value_above_ceiling desc, sku asc) <= 300 as is_kept
from grouped
order by sku
