-- one row per month and segment
select
    month,
    segment,
    euros(sum(revenue)) as revenue,
    euros(sum(revenue_excl_vat)) as revenue_excl_vat,
    euros(sum(cogs)) as cogs,
    euros(sum(gross_margin)) as gross_margin,
    as_count(sum(units)) as units,
    as_count(sum(units_promo)) as units_promo,
    euros(sum(stock_value_end)) as stock_value_end
from clean.sales_in_period
group by month, segment
order by month, segment
