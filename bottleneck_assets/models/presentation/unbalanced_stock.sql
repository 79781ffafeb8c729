-- one row per month and product whose stock is off and is shown: the ten rows off by most, and all rows of the ten products off most often
with

exceptions as (
    select
        exceptions.month,
        exceptions.sku,
        web.title,
        exceptions.stock_before,
        exceptions.supplier_orders,
        exceptions.units_sold,
        exceptions.units_offered,
        exceptions.stock_end,
        -case when parameters.promo_units = 'included' then exceptions.difference_included else exceptions.difference_excluded end as units_off
    from clean.stock_ledger_exceptions as exceptions
    cross join raw.parameters as parameters
    left join clean.web as web on exceptions.sku = web.sku
),

products as (
    select
        sku,
        as_count(row_number() over (order by count(*) desc, sum(abs(units_off)) desc, sku asc)) as product_place
    from exceptions
    group by sku
),

placed as (
    select
        exceptions.*,
        products.product_place,
        as_count(row_number() over (order by abs(exceptions.units_off) desc, exceptions.month asc, exceptions.sku asc)) as row_place
    from exceptions
    inner join products on exceptions.sku = products.sku
)

select
    month,
    sku,
    title,
    stock_before,
    supplier_orders,
    units_sold,
    units_offered,
    stock_end,
    units_off,
    row_place,
    product_place
from placed
where row_place <= 10 or product_place <= 10
order by row_place
