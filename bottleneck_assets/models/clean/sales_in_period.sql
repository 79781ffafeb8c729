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
        product_type,
        is_stocked
    from clean.web
),

finance as (
    select
        month,
        sku,
        purchase_price
    from clean.finance
),

reporting_period as (
    select
        period_start,
        period_end
    from clean.reporting_period
),

joined as (
    select
        sales.*,
        web.segment,
        web.product_type,
        web.is_stocked,
        times(sales.stock_end, finance.purchase_price) as exact_stock_value_end
    from sales
    inner join reporting_period on sales.month between reporting_period.period_start and reporting_period.period_end
    inner join web on sales.sku = web.sku
    inner join finance on sales.month = finance.month and sales.sku = finance.sku
)

-- rounded half up once, here, so that every sum is exact; by way of 18 digits where they suffice (clean.sales)
select
    month,
    sku,
    segment,
    product_type,
    is_stocked,
    units,
    units_promo,
    units_regular,
    stock_end,
    case when is_stocked then euros_of(exact_stock_value_end) else euros('0') end as stock_value_end,
    revenue,
    euros(gross_margin + cogs) as revenue_excl_vat,
    cogs,
    gross_margin
from joined
order by month, sku
