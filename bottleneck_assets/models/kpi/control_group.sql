-- one row per control product: stocked, never promoted in the period as far as is known, and sold from in each of its months
with

sales as (
    select
        sku,
        segment,
        product_type,
        is_stocked
    from clean.sales_in_period
),

reporting_period as (
    select
        period_start,
        period_end,
        months
    from clean.reporting_period
),

promoted as (
    select distinct promo.sku
    from clean.promo as promo
    inner join reporting_period on promo.month between reporting_period.period_start and reporting_period.period_end
)

select
    sales.sku,
    sales.segment,
    sales.product_type
from sales
cross join reporting_period
left join promoted on sales.sku = promoted.sku
left join clean.unknown_products as unknown_products on sales.sku = unknown_products.sku
where sales.is_stocked and promoted.sku is null and unknown_products.sku is null
group by sales.sku, sales.segment, sales.product_type
having count(*) = max(reporting_period.months)
order by sales.sku
