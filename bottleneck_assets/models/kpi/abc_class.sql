-- one row per product sold in the reporting period, by revenue
with

sold as (
    select
        sku,
        cast(sum(revenue) as decimal(18, 4)) as revenue
    from clean.sales_in_period
    group by sku
),

ranked as (
    select
        sku,
        revenue,
        cast(row_number() over (order by revenue desc, sku asc) as bigint) as rank,
        cast(
            sum(revenue) over (order by revenue desc, sku asc rows between unbounded preceding and current row) as decimal(18, 4)
        ) as cumulative_revenue,
        cast(sum(revenue) over () as decimal(18, 4)) as revenue_all
    from sold
)

select
    ranked.rank,
    ranked.sku,
    web.title,
    web.segment,
    ranked.revenue,
    cast(ranked.revenue as double) / nullif(cast(ranked.revenue_all as double), 0) as revenue_share,
    cast(ranked.cumulative_revenue as double) / nullif(cast(ranked.revenue_all as double), 0) as cumulative_revenue_share,
    -- judged by the revenue above a product, so that the product which crosses 80 % is still A
    case
        when (ranked.cumulative_revenue - ranked.revenue) * 100 < ranked.revenue_all * 80 then 'A'
        when (ranked.cumulative_revenue - ranked.revenue) * 100 < ranked.revenue_all * 95 then 'B'
        else 'C'
    end as abc_class
from ranked
inner join clean.web as web on ranked.sku = web.sku
order by ranked.rank
