-- one row per month and segment: mean prices, and Lowe indices, base 100 in the first month
with

costs as (
    select
        month,
        segment,
        as_count(sum(prices)) as prices,
        total(purchase_prices) as purchase_prices,
        total(sale_prices) as sale_prices,
        total(purchase_cost) as purchase_cost,
        total(sale_value) as sale_value
    from kpi.basket_costs
    group by month, segment
),

costs_all as (
    select
        month,
        total(purchase_cost) as purchase_cost,
        total(sale_value) as sale_value
    from costs
    group by month
),

first_months as (
    select min(month) as month
    from costs
)

select
    costs.month,
    costs.segment,
    ratio(costs.purchase_prices, costs.prices) as mean_purchase_price,
    ratio(costs.sale_prices, costs.prices) as mean_price,
    100 * ratio(costs.purchase_cost, base.purchase_cost) as purchase_price_index,
    100 * ratio(costs.sale_value, base.sale_value) as price_index,
    100 * ratio(costs_all.purchase_cost, base_all.purchase_cost) as purchase_price_index_all,
    100 * ratio(costs_all.sale_value, base_all.sale_value) as price_index_all
from costs
inner join costs_all on costs.month = costs_all.month
cross join first_months
left join costs as base on costs.segment = base.segment and first_months.month = base.month
inner join costs_all as base_all on first_months.month = base_all.month
order by costs.month, costs.segment
