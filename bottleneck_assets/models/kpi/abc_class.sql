-- one row per product sold in the reporting period, by revenue
with

sold as (
    select
        sku,
        euros(sum(revenue)) as revenue
    from clean.sales_in_period
    group by sku
),

ranked as (
    select
        sku,
        revenue,
        as_count(row_number() over (order by revenue desc, sku asc)) as rank,
        euros(sum(revenue) over (order by revenue desc, sku asc rows between unbounded preceding and current row)) as cumulative_revenue,
        euros(sum(revenue) over ()) as revenue_all
    from sold
)

select
    ranked.rank,
    ranked.sku,
    web.title,
    web.segment,
    ranked.revenue,
    ratio(ranked.revenue, ranked.revenue_all) as revenue_share,
    ratio(ranked.cumulative_revenue, ranked.revenue_all) as cumulative_revenue_share,
    -- judged by the revenue above a product, so that the product which crosses 80 % is still A
    case
        when times(100, ranked.cumulative_revenue - ranked.revenue) < times(80, ranked.revenue_all) then 'A'
        when times(100, ranked.cumulative_revenue - ranked.revenue) < times(95, ranked.revenue_all) then 'B'
        else 'C'
    end as abc_class
from ranked
inner join clean.web as web on ranked.sku = web.sku
order by ranked.rank
