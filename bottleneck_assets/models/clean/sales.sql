-- one row per month and product sold
with

sales_typed as (
    select
        month,
        sku,
        units_sold,
        supplier_orders,
        stock_end
    from clean.sales_typed
    where defect is null and not is_exact_copy
),

finance as (
    select
        month,
        sku,
        price,
        purchase_price
    from clean.finance
),

-- an offer without readable dates was an offer all the same
promo as (
    select
        month,
        sku,
        units_promo,
        offer_price
    from clean.promo_typed
    where is_offer_usable and not is_exact_copy
),

net_factors as (
    select
        web.sku,
        segment_vat.net_factor
    from clean.web as web
    inner join clean.segment_vat as segment_vat on web.segment = segment_vat.segment
),

parameters as (
    select promo_units
    from raw.parameters
),

joined as (
    select
        sales_typed.*,
        finance.price,
        finance.purchase_price,
        net_factors.net_factor,
        coalesce(promo.units_promo, 0) as units_offered,
        coalesce(promo.offer_price, finance.price) as offer_price,
        parameters.promo_units as promo_units_reading
    from sales_typed
    inner join finance on sales_typed.month = finance.month and sales_typed.sku = finance.sku
    inner join net_factors on sales_typed.sku = net_factors.sku
    left join promo on sales_typed.month = promo.month and sales_typed.sku = promo.sku
    cross join parameters
),

-- the shop's Sales includes the promotion units or not: the stock ledger says which (clean.stock_ledger)
counted as (
    select
        month,
        sku,
        supplier_orders,
        stock_end,
        price,
        purchase_price,
        net_factor,
        offer_price,
        case when promo_units_reading = 'included' then units_sold else units_sold + units_offered end as units,
        case when promo_units_reading = 'included' then least(units_offered, units_sold) else units_offered end as units_promo
    from joined
),

split as (
    select
        *,
        units - units_promo as units_regular
    from counted
),

exact as (
    select
        *,
        times(units_regular, price) + times(units_promo, offer_price) as exact_revenue,
        times(units, purchase_price) as exact_cogs
    from split
),

-- rounded half up once, here, so that every sum over published rows is exact; by way of 18 digits where they suffice, since the
-- engine rounds those many times faster
valued as (
    select
        *,
        euros_of(exact_revenue) as revenue,
        euros_of(exact_cogs) as cogs
    from exact
),

-- net of VAT, rounded half up as well
netted as (
    select
        *,
        euros(revenue * net_factor) as revenue_excl_vat
    from valued
)

select
    month,
    sku,
    units,
    units_promo,
    units_regular,
    supplier_orders,
    stock_end,
    revenue,
    cogs,
    euros(revenue_excl_vat - cogs) as gross_margin,
    ratio(revenue_excl_vat - cogs, revenue_excl_vat) as gross_margin_rate,
    ratio(units, units + stock_end) as conversion_rate
from netted
order by month, sku
