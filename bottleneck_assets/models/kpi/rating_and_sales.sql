-- one row per segment with rated products: do those rated above its median sell above its median?
with

sold as (
    select
        sku,
        as_count(sum(units)) as units
    from clean.sales_in_period
    group by sku
),

rated as (
    select
        customer_rating.segment,
        customer_rating.average_rating,
        sold.units
    from kpi.customer_rating as customer_rating
    inner join sold on customer_rating.sku = sold.sku
    where customer_rating.rating_count > 0 and customer_rating.average_rating is not null
),

medians as (
    select
        segment,
        median(average_rating) as median_rating,
        median(units) as median_units
    from rated
    group by segment
)

select
    rated.segment,
    count(*) as rated_products,
    count(*) filter (where rated.average_rating > medians.median_rating) as better_rated,
    count(*) filter (where rated.average_rating > medians.median_rating and rated.units > medians.median_units) as better_rated_selling_more,
    count(*) filter (where rated.average_rating <= medians.median_rating) as others,
    count(*) filter (where rated.average_rating <= medians.median_rating and rated.units > medians.median_units) as others_selling_more
from rated
inner join medians on rated.segment = medians.segment
group by rated.segment
order by rated.segment
