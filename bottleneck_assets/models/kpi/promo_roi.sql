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
        units,
        units_promo,
        gross_margin
    from clean.sales_in_period
),

seasonal_index as (
    select
        month,
        segment,
        control_units
    from kpi.seasonal_index
),

-- level * index = the SKU's units of its quiet months / the control's units of those months * the control's units of this month
quiet_months as (
    select
        sales.sku,
        cast(sum(sales.units) as double) as units,
        cast(sum(seasonal_index.control_units) as double) as control_units
    from sales
    inner join seasonal_index on sales.month = seasonal_index.month and sales.segment = seasonal_index.segment
    left join promo on sales.month = promo.month and sales.sku = promo.sku
    where promo.sku is null
    group by sales.sku
),

compared as (
    select
        promo.month,
        promo.sku,
        web.title,
        web.segment,
        promo.starts_on,
        promo.ends_on,
        promo.list_price,
        promo.offer_price,
        finance.purchase_price,
        sales.units,
        sales.units_promo,
        sales.gross_margin,
        cast(
            case when sales.units is not null then quiet_months.units end
            * cast(seasonal_index.control_units as double) / nullif(quiet_months.control_units, 0) as decimal(18, 8)
        ) as baseline_units
    from promo
    inner join clean.web as web on promo.sku = web.sku
    inner join clean.finance as finance on promo.month = finance.month and promo.sku = finance.sku
    left join sales on promo.month = sales.month and promo.sku = sales.sku
    left join seasonal_index on promo.month = seasonal_index.month and web.segment = seasonal_index.segment
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
        cast(cast(units as decimal(10, 0)) - baseline_units as decimal(18, 8)) as uplift_units,
        cast(cast(units_promo as decimal(18, 0)) * (list_price - offer_price) as decimal(18, 4)) as discount_cost,
        cast(cast(units_promo as decimal(18, 0)) * (offer_price - purchase_price) as decimal(18, 4)) as promo_margin,
        gross_margin,
        cast(gross_margin - cast(baseline_units * (list_price - purchase_price) as decimal(38, 16)) as decimal(18, 4)) as incremental_margin
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
    cast(promo_margin as double) / nullif(cast(discount_cost as double), 0) as margin_roi,
    cast(incremental_margin as double) / nullif(cast(discount_cost as double), 0) as incremental_roi
from valued
order by month, sku
