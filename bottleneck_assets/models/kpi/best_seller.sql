-- one row per best-seller: the stocked products at the top of their product type by revenue
with

sold as (
    select
        sku,
        segment,
        product_type,
        euros(sum(revenue)) as revenue
    from clean.sales_in_period
    where is_stocked
    group by sku, segment, product_type
),

ranked as (
    select
        *,
        row_number() over (partition by segment, product_type order by revenue desc, sku asc) as rank_in_type,
        count(*) over (partition by segment, product_type) as products_of_type
    from sold
)

select
    ranked.sku,
    ranked.segment,
    ranked.product_type,
    ranked.revenue,
    as_count(ranked.rank_in_type) as rank_in_type,
    as_count(ranked.products_of_type) as products_of_type
from ranked
cross join raw.parameters as parameters
-- rounded up: the best of four is a best-seller at a fifth; the last term keeps 0.2 * 15 from being more than 3
where ranked.revenue > 0 and ranked.rank_in_type - 1 < ranked.products_of_type * parameters.best_seller_share - 0.000001
order by ranked.sku
