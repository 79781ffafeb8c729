-- one row: what the data-quality report counts, under the reading of Sales that is set
with

exceptions as (
    select
        exceptions.sku,
        exceptions.supplier_orders,
        -case when parameters.promo_units = 'included' then exceptions.difference_included else exceptions.difference_excluded end as units_off
    from clean.stock_ledger_exceptions as exceptions
    cross join raw.parameters as parameters
),

stock as (
    select
        count(distinct sku) as unbalanced_products,
        as_count(coalesce(sum(case when units_off > 0 then units_off end), 0)) as units_more,
        as_count(coalesce(sum(case when units_off < 0 then -units_off end), 0)) as units_fewer,
        count(case when units_off < 0 and units_off = -supplier_orders then 1 end) as undelivered_rows
    from exceptions
),

readings as (
    select
        count(*) as testable_promotions,
        count(case when difference_included = 0 then 1 end) as balanced_included,
        count(case when difference_excluded = 0 then 1 end) as balanced_excluded
    from clean.stock_ledger
    where has_promotion
),

promotions as (
    select
        count(*) as promotions,
        count(case when sales.sku is null then 1 end) as unsold_promotions,
        as_count(coalesce(sum(case when sales.sku is null then promo.units_promo end), 0)) as unsold_units
    from clean.promo as promo
    left join clean.sales as sales on promo.month = sales.month and promo.sku = sales.sku
),

beyond as (
    select as_count(coalesce(sum(excess_units), 0)) as excess_units
    from presentation.promotions_beyond_sales
),

bottles as (
    select count(*) as products_without_volume
    from clean.web
    where volume_cl is null and is_stocked
),

pages as (
    select
        count(*) as pages,
        count(case when rating_count > 0 or comment_count > 0 then 1 end) as pages_rated,
        count(case when comment_count = rating_count then 1 end) as pages_repeating,
        count(case when is_closed_to_comments then 1 end) as pages_closed
    from clean.web_typed
    where defect is null and not is_exact_copy
)

select
    parameters.promo_units,
    stock.unbalanced_products,
    stock.units_more,
    stock.units_fewer,
    stock.undelivered_rows,
    readings.testable_promotions,
    readings.balanced_included,
    readings.balanced_excluded,
    promotions.promotions,
    promotions.unsold_promotions,
    promotions.unsold_units,
    beyond.excess_units,
    bottles.products_without_volume,
    pages.pages,
    pages.pages_rated,
    pages.pages_repeating,
    pages.pages_closed
from raw.parameters as parameters
cross join stock
cross join readings
cross join promotions
cross join beyond
cross join bottles
cross join pages
