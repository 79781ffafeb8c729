-- one row per month, segment and product type: the demand of products that were never promoted, as a multiple of its mean
with

sales as (
    select
        month,
        sku,
        segment,
        product_type,
        units
    from clean.sales_in_period
),

controls as (
    select
        sku,
        segment,
        product_type
    from kpi.control_group
),

product_types as (
    select distinct
        segment,
        product_type
    from sales
),

months as (
    select distinct month
    from sales
),

of_type as (
    select
        product_type,
        count(*) as controls
    from controls
    group by product_type
),

of_segment as (
    select
        segment,
        count(*) as controls
    from controls
    group by segment
),

-- controls of the same product type where there are at least 20 of them, else of the segment, else of the whole shop
chosen as (
    select
        product_types.segment,
        product_types.product_type,
        case when of_type.controls >= 20 then 'product type' when of_segment.controls >= 20 then 'segment' else 'shop' end as control
    from product_types
    left join of_type on product_types.product_type = of_type.product_type
    left join of_segment on product_types.segment = of_segment.segment
),

members as (
    select
        chosen.segment,
        chosen.product_type,
        controls.sku
    from chosen
    inner join controls
        on
            chosen.control = 'shop'
            or (chosen.control = 'segment' and chosen.segment = controls.segment)
            or (chosen.control = 'product type' and chosen.product_type = controls.product_type)
),

sizes as (
    select
        segment,
        product_type,
        count(*) as control_products
    from members
    group by segment, product_type
),

control_sales as (
    select
        sales.month,
        members.segment,
        members.product_type,
        as_count(sum(sales.units)) as control_units
    from members
    inner join sales on members.sku = sales.sku
    group by sales.month, members.segment, members.product_type
),

by_month as (
    select
        months.month,
        chosen.segment,
        chosen.product_type,
        chosen.control,
        coalesce(sizes.control_products, 0) as control_products,
        coalesce(control_sales.control_units, 0) as control_units
    from chosen
    cross join months
    left join sizes on chosen.segment = sizes.segment and chosen.product_type = sizes.product_type
    left join control_sales
        on
            months.month = control_sales.month
            and chosen.segment = control_sales.segment
            and chosen.product_type = control_sales.product_type
),

means as (
    select
        segment,
        product_type,
        mean_of(control_units) as mean_control_units
    from by_month
    group by segment, product_type
)

select
    by_month.month,
    by_month.segment,
    by_month.product_type,
    by_month.control,
    by_month.control_products,
    by_month.control_units,
    ratio(by_month.control_units, means.mean_control_units) as seasonal_index
from by_month
inner join means on by_month.segment = means.segment and by_month.product_type = means.product_type
order by by_month.month, by_month.segment, by_month.product_type
