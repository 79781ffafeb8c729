-- one row per month and segment: the demand of products that were never promoted, as a multiple of its mean
with

sales as (
    select
        month,
        sku,
        segment,
        units
    from clean.sales_in_period
),

controls as (
    select
        sku,
        segment
    from kpi.control_group
),

segments as (
    select distinct segment
    from sales
),

months as (
    select distinct month
    from sales
),

all_controls as (
    select count(*) as controls
    from controls
),

controls_by_segment as (
    select
        segments.segment,
        count(controls.sku) as controls
    from segments
    left join controls on segments.segment = controls.segment
    group by segments.segment
),

control_sales as (
    select
        sales.month,
        sales.segment,
        as_count(sum(sales.units)) as units
    from sales
    inner join controls on sales.sku = controls.sku
    group by sales.month, sales.segment
),

control_sales_all as (
    select
        month,
        as_count(sum(units)) as units
    from control_sales
    group by month
),

-- its own control products where there are at least 20 of them, else those of all segments
by_month as (
    select
        months.month,
        controls_by_segment.segment,
        controls_by_segment.controls >= 20 as is_own_control,
        case when controls_by_segment.controls >= 20 then controls_by_segment.controls else all_controls.controls end as control_products,
        coalesce(case when controls_by_segment.controls >= 20 then control_sales.units else control_sales_all.units end, 0) as control_units
    from controls_by_segment
    cross join months
    cross join all_controls
    left join control_sales on controls_by_segment.segment = control_sales.segment and months.month = control_sales.month
    left join control_sales_all on months.month = control_sales_all.month
),

means as (
    select
        segment,
        mean_of(control_units) as mean_control_units
    from by_month
    group by segment
)

select
    by_month.month,
    by_month.segment,
    by_month.is_own_control,
    by_month.control_products,
    by_month.control_units,
    ratio(by_month.control_units, means.mean_control_units) as seasonal_index
from by_month
inner join means on by_month.segment = means.segment
order by by_month.month, by_month.segment
