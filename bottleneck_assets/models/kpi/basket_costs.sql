-- one row per month, segment and product type of the reporting period: the prices of the products, and what the basket costs at them
with

reporting_period as (
    select
        period_start,
        period_end
    from clean.reporting_period
),

-- a SKU without a row in Web has no segment and stays out
prices as (
    select
        finance.month,
        finance.sku,
        web.segment,
        web.product_type,
        finance.price,
        finance.purchase_price
    from clean.finance as finance
    inner join reporting_period on finance.month between reporting_period.period_start and reporting_period.period_end
    inner join clean.web as web on finance.sku = web.sku
)

select
    prices.month,
    prices.segment,
    prices.product_type,
    count(*) as prices,
    total(prices.purchase_price) as purchase_prices,
    total(prices.price) as sale_prices,
    total(times(basket.units, prices.purchase_price)) as purchase_cost,
    total(times(basket.units, prices.price)) as sale_value
from prices
left join kpi.basket as basket on prices.sku = basket.sku
group by prices.month, prices.segment, prices.product_type
order by prices.segment, prices.product_type, prices.month
