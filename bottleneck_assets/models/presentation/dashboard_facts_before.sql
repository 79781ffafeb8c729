-- one row per month before the reporting period that it can be compared with, and product or group of products as in the dashboard's facts
with

reporting_period as (
    select
        month_ordinal(period_start) as starts,
        month_ordinal(period_end) as ends
    from clean.reporting_period
),

-- as many months as the period has, and no fewer than a year
months as (
    select months.month
    from clean.months
    inner join
        reporting_period
        on
            month_ordinal(months.month) < reporting_period.starts
            and month_ordinal(months.month) >= reporting_period.starts - greatest(12, reporting_period.ends - reporting_period.starts + 1)
),

sales as (
    select
        sales.month,
        sales.sku,
        sales.units,
        sales.units_promo,
        sales.revenue,
        sales.gross_margin,
        sales.cogs,
        sales.stock_end,
        web.is_stocked,
        case when web.is_stocked then euros_of(times(sales.stock_end, finance.purchase_price)) else euros('0') end as stock_value_end
    from clean.sales
    inner join months on sales.month = months.month
    inner join clean.web as web on sales.sku = web.sku
    inner join clean.finance as finance on sales.month = finance.month and sales.sku = finance.sku
),

products as (
    select
        sku,
        case when is_kept then sku end as kept_sku,
        segment,
        product_type,
        is_stocked,
        abc_class,
        cover_band
    from presentation.products
)

select
    sales.month,
    products.kept_sku as sku,
    products.segment,
    products.product_type,
    products.is_stocked,
    products.abc_class,
    products.cover_band,
    sales.is_stocked as was_stocked,
    as_count(sum(sales.units)) as units,
    as_count(sum(sales.units_promo)) as units_promo,
    euros(sum(sales.revenue)) as revenue,
    euros(sum(sales.gross_margin + sales.cogs)) as revenue_excl_vat,
    euros(sum(sales.cogs)) as cogs,
    as_count(sum(sales.stock_end)) as stock_end,
    euros(sum(sales.stock_value_end)) as stock_value_end,
    as_count(sum(case when sales.units > 0 then 1 else 0 end)) as products_sold
from sales
inner join products on sales.sku = products.sku
group by
    sales.month,
    products.kept_sku,
    products.segment,
    products.product_type,
    products.is_stocked,
    products.abc_class,
    products.cover_band,
    sales.is_stocked
order by
    products.kept_sku nulls last,
    products.segment,
    products.product_type,
    products.is_stocked,
    products.abc_class,
    products.cover_band,
    sales.is_stocked,
    sales.month
