-- one row per promotion (month and product) of the reporting period, against what it would have sold anyway
with

promo as (
    select
        promo.month,
        promo.sku,
        promo.starts_on,
        promo.ends_on,
        promo.offer_price,
        promo.list_price
    from clean.promo as promo
    inner join clean.reporting_period as reporting_period
        on promo.month between reporting_period.period_start and reporting_period.period_end
),

sales as (
    select
        month,
        sku,
        segment,
        product_type,
        units,
        units_promo,
        gross_margin
    from clean.sales_in_period
),

seasonal_index as (
    select
        month,
        segment,
        product_type,
        control_units
    from kpi.seasonal_index
),

-- level * index = the SKU's units of its quiet months / the control's units of those months * the control's units of this month
quiet_months as (
    select
        sales.sku,
        as_count(sum(sales.units)) as units,
        as_count(sum(seasonal_index.control_units)) as control_units
    from sales
    inner join seasonal_index
        on sales.month = seasonal_index.month and sales.segment = seasonal_index.segment and sales.product_type = seasonal_index.product_type
    left join promo on sales.month = promo.month and sales.sku = promo.sku
    left join clean.unknown_products as unknown_products on sales.sku = unknown_products.sku
    where promo.sku is null and unknown_products.sku is null
    group by sales.sku
),

-- margins and discounts are excl. VAT, from prices excl. VAT
compared as (
    select
        promo.month,
        promo.sku,
        web.title,
        web.segment,
        promo.starts_on,
        promo.ends_on,
        exact(promo.list_price * segment_vat.net_factor) as list_price,
        exact(promo.offer_price * segment_vat.net_factor) as offer_price,
        finance.purchase_price,
        sales.units,
        sales.units_promo,
        sales.gross_margin,
        -- a baseline beyond what a product can sell in a month (7 digits) is none: its control sold next to nothing, or a figure is a filler
        case
            when
                sales.units is not null
                and quiet_months.units * seasonal_index.control_units < 10000000 * quiet_months.control_units
                then exact(ratio(quiet_months.units * seasonal_index.control_units, quiet_months.control_units))
        end as baseline_units
    from promo
    inner join clean.web as web on promo.sku = web.sku
    inner join clean.segment_vat as segment_vat on web.segment = segment_vat.segment
    inner join clean.finance as finance on promo.month = finance.month and promo.sku = finance.sku
    left join sales on promo.month = sales.month and promo.sku = sales.sku
    left join seasonal_index
        on promo.month = seasonal_index.month and web.segment = seasonal_index.segment and web.product_type = seasonal_index.product_type
    left join quiet_months on promo.sku = quiet_months.sku
),

valued as (
    select
        month,
        sku,
        title,
        segment,
        starts_on,
        ends_on,
        units,
        units_promo,
        baseline_units,
        exact(exact(units) - baseline_units) as uplift_units,
        -- an offer above the list price gives no discount; one below zero would turn the returns of the others round
        euros(times(units_promo, greatest(list_price - offer_price, 0))) as discount_cost,
        euros(times(units_promo, offer_price - purchase_price)) as promo_margin,
        gross_margin,
        euros(gross_margin - baseline_units * (list_price - purchase_price)) as incremental_margin
    from compared
)

select
    month,
    sku,
    title,
    segment,
    starts_on,
    ends_on,
    units,
    units_promo,
    baseline_units,
    uplift_units,
    discount_cost,
    promo_margin,
    gross_margin,
    incremental_margin,
    ratio(promo_margin, discount_cost) as margin_roi,
    ratio(incremental_margin, discount_cost) as incremental_roi
from valued
order by month, sku
