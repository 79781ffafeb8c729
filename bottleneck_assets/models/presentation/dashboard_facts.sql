-- one row per month and product that the dashboard shows by itself, or group of products that it pools: what adds up
with

sales as (
    select
        month,
        sku,
        units,
        units_promo,
        revenue,
        revenue_excl_vat,
        cogs,
        stock_end,
        stock_value_end
    from clean.sales_in_period
),

products as (
    select
        sku,
        case when is_kept then sku end as kept_sku,
        segment,
        product_type,
        is_stocked,
        abc_class,
        cover_band
    from presentation.products
)

select
    sales.month,
    products.kept_sku as sku,
    products.segment,
    products.product_type,
    products.is_stocked,
    products.abc_class,
    products.cover_band,
    as_count(sum(sales.units)) as units,
    as_count(sum(sales.units_promo)) as units_promo,
    euros(sum(sales.revenue)) as revenue,
    euros(sum(sales.revenue_excl_vat)) as revenue_excl_vat,
    euros(sum(sales.cogs)) as cogs,
    as_count(sum(sales.stock_end)) as stock_end,
    euros(sum(sales.stock_value_end)) as stock_value_end,
    as_count(sum(case when sales.units > 0 then 1 else 0 end)) as products_sold
from sales
inner join products on sales.sku = products.sku
group by
    sales.month,
    products.kept_sku,
    products.segment,
    products.product_type,
    products.is_stocked,
    products.abc_class,
    products.cover_band
order by
    products.kept_sku nulls last,
    products.segment,
    products.product_type,
    products.is_stocked,
    products.abc_class,
    products.cover_band,
    sales.month
