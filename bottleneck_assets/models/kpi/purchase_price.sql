-- one row per month and segment: mean prices, and Lowe indices, base 100 in the first month
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
        finance.price,
        finance.purchase_price
    from clean.finance as finance
    inner join reporting_period on finance.month between reporting_period.period_start and reporting_period.period_end
    inner join clean.web as web on finance.sku = web.sku
),

priced_months as (
    select
        count(distinct month) as months,
        min(month) as first_month
    from prices
),

sold as (
    select
        sku,
        as_count(sum(units)) as units
    from clean.sales_in_period
    group by sku
),

-- the basket: products priced in every month, weighted by the period's units
basket as (
    select
        prices.sku,
        coalesce(max(sold.units), 0) as units
    from prices
    cross join priced_months
    left join sold on prices.sku = sold.sku
    group by prices.sku
    having count(*) = max(priced_months.months)
),

basket_costs as (
    select
        prices.month,
        prices.segment,
        total(times(basket.units, prices.purchase_price)) as purchase_cost,
        total(times(basket.units, prices.price)) as sale_value
    from prices
    inner join basket on prices.sku = basket.sku
    group by prices.month, prices.segment
),

basket_costs_all as (
    select
        month,
        total(purchase_cost) as purchase_cost,
        total(sale_value) as sale_value
    from basket_costs
    group by month
),

indices as (
    select
        basket_costs.month,
        basket_costs.segment,
        100 * ratio(basket_costs.purchase_cost, base.purchase_cost) as purchase_price_index,
        100 * ratio(basket_costs.sale_value, base.sale_value) as price_index
    from basket_costs
    cross join priced_months
    inner join basket_costs as base on basket_costs.segment = base.segment and priced_months.first_month = base.month
),

indices_all as (
    select
        basket_costs_all.month,
        100 * ratio(basket_costs_all.purchase_cost, base.purchase_cost) as purchase_price_index_all,
        100 * ratio(basket_costs_all.sale_value, base.sale_value) as price_index_all
    from basket_costs_all
    cross join priced_months
    inner join basket_costs_all as base on priced_months.first_month = base.month
),

means as (
    select
        month,
        segment,
        mean_of(purchase_price) as mean_purchase_price,
        mean_of(price) as mean_price
    from prices
    group by month, segment
)

select
    means.month,
    means.segment,
    means.mean_purchase_price,
    means.mean_price,
    indices.purchase_price_index,
    indices.price_index,
    indices_all.purchase_price_index_all,
    indices_all.price_index_all
from means
left join indices on means.month = indices.month and means.segment = indices.segment
left join indices_all on means.month = indices_all.month
order by means.month, means.segment
