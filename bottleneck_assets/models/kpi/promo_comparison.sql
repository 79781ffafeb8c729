-- one row per scope and promotion (month and product): what it sold, and what that is compared with
with

sales as (
    select
        month,
        sku,
        units
    from clean.sales_in_period
),

web as (
    select
        sku,
        product_type
    from clean.web
),

promo_roi as (
    select
        month,
        sku,
        segment,
        starts_on,
        ends_on,
        units,
        units_promo,
        baseline_units,
        discount_cost,
        gross_margin,
        incremental_margin
    from kpi.promo_roi
),

-- only what has a baseline can be measured
promotions as (
    select
        promo_roi.*,
        web.product_type,
        exact(exact(promo.list_price * segment_vat.net_factor) - finance.purchase_price) as unit_margin,
        best_seller.sku is not null as is_best_seller
    from promo_roi
    inner join clean.promo as promo on promo_roi.month = promo.month and promo_roi.sku = promo.sku
    inner join clean.finance as finance on promo_roi.month = finance.month and promo_roi.sku = finance.sku
    inner join web on promo_roi.sku = web.sku
    inner join clean.segment_vat as segment_vat on promo_roi.segment = segment_vat.segment
    left join kpi.best_seller as best_seller on promo_roi.sku = best_seller.sku
    where promo_roi.baseline_units is not null
),

promoted as (
    select distinct sku
    from promotions
),

-- a product's months without a promotion
quiet as (
    select
        sales.sku,
        as_count(sum(sales.units)) as quiet_units,
        string_agg(as_text(sales.month), ',' order by sales.month) as quiet_months
    from sales
    inner join promoted on sales.sku = promoted.sku
    left join promo_roi on sales.month = promo_roi.month and sales.sku = promo_roi.sku
    where promo_roi.sku is null
    group by sales.sku
),

controls as (
    select distinct
        segment,
        product_type,
        control,
        control_products
    from kpi.seasonal_index
),

scopes as (
    select
        'campaign' as scope,
        true as of_best_sellers,
        true as of_others
    union all
    select
        'best-sellers' as scope,
        true as of_best_sellers,
        false as of_others
    union all
    select
        'other products' as scope,
        false as of_best_sellers,
        true as of_others
)

select
    as_count(
        dense_rank() over (order by scopes.scope, promotions.segment, promotions.product_type, promotions.starts_on, promotions.ends_on)
    ) as promo_group,
    scopes.scope,
    promotions.segment,
    promotions.product_type,
    promotions.starts_on,
    promotions.ends_on,
    promotions.month,
    promotions.sku,
    promotions.units,
    promotions.units_promo,
    promotions.baseline_units,
    promotions.unit_margin,
    promotions.discount_cost,
    promotions.gross_margin,
    promotions.incremental_margin,
    quiet.quiet_units,
    quiet.quiet_months,
    controls.control,
    controls.control_products
from promotions
inner join scopes
    on (promotions.is_best_seller and scopes.of_best_sellers) or (not promotions.is_best_seller and scopes.of_others)
inner join controls on promotions.segment = controls.segment and promotions.product_type = controls.product_type
inner join quiet on promotions.sku = quiet.sku
order by promo_group, promotions.month, promotions.sku
