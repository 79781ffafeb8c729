-- one row per month and product sold in the reporting period, with what the KPIs need beside it
with

sales as (
    select
        month,
        sku,
        units,
        units_promo,
        units_regular,
        stock_end,
        revenue,
        cogs,
        gross_margin
    from clean.sales
),

web as (
    select
        sku,
        segment,
        is_stocked
    from clean.web
),

finance as (
    select
        month,
        sku,
        price,
        purchase_price
    from clean.finance
),

reporting_period as (
    select
        period_start,
        period_end
    from clean.reporting_period
)

select
    sales.month,
    sales.sku,
    web.segment,
    web.is_stocked,
    finance.price as list_price,
    finance.purchase_price,
    sales.units,
    sales.units_promo,
    sales.units_regular,
    sales.stock_end,
    case
        when web.is_stocked then cast(cast(sales.stock_end as decimal(19, 0)) * finance.purchase_price as decimal(18, 4))
        else cast('0' as decimal(18, 4))
    end as stock_value_end,
    sales.revenue,
    sales.cogs,
    sales.gross_margin
from sales
inner join reporting_period on sales.month between reporting_period.period_start and reporting_period.period_end
inner join web on sales.sku = web.sku
inner join finance on sales.month = finance.month and sales.sku = finance.sku
order by sales.month, sales.sku
