-- one row per product sold in the reporting period, by revenue
with

sold as (
    select
        sku,
        euros(sum(revenue_excl_vat)) as revenue_excl_vat,
        as_count(sum(units)) as units,
        euros(sum(gross_margin)) as gross_margin
    from clean.sales_in_period
    group by sku
)

select
    abc_class.rank,
    abc_class.sku,
    abc_class.title,
    web.product_type,
    abc_class.segment,
    abc_class.revenue,
    sold.revenue_excl_vat,
    sold.units,
    sold.gross_margin,
    abc_class.revenue_share,
    abc_class.cumulative_revenue_share,
    abc_class.abc_class
from kpi.abc_class as abc_class
inner join clean.web as web on abc_class.sku = web.sku
inner join sold on abc_class.sku = sold.sku
order by abc_class.rank
