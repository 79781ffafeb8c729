-- one row per product that is priced in every month of the reporting period, with the period's units
with

-- a SKU without a row in Web has no segment and stays out
prices as (
    select
        finance.month,
        finance.sku,
        web.segment,
        web.product_type,
        web.is_stocked
    from clean.finance as finance
    inner join
        clean.reporting_period as reporting_period
        on finance.month between reporting_period.period_start and reporting_period.period_end
    inner join clean.web as web on finance.sku = web.sku
),

priced_months as (
    select count(distinct month) as months
    from prices
),

sold as (
    select
        sku,
        as_count(sum(units)) as units
    from clean.sales_in_period
    group by sku
)

select
    prices.sku,
    prices.segment,
    prices.product_type,
    prices.is_stocked,
    coalesce(max(sold.units), 0) as units
from prices
cross join priced_months
left join sold on prices.sku = sold.sku
group by prices.sku, prices.segment, prices.product_type, prices.is_stocked
having count(*) = max(priced_months.months)
order by prices.sku
