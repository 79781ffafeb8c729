-- one row per month and product that also has a row in the calendar month before: does the stock balance?
with

this_month as (
    select
        month,
        sku,
        units_sold,
        supplier_orders,
        stock_end,
        month_ordinal(month) as month_ordinal
    from clean.sales_typed
    where defect is null and not is_exact_copy
),

-- read anew: what is read once for both is held in memory, or on disk, with all its columns
month_before as (
    select
        sku,
        stock_end,
        month_ordinal(month) + 1 as month_ordinal_after
    from clean.sales_typed
    where defect is null and not is_exact_copy
),

-- a gift card has sales but no real stock
stocked as (
    select sku
    from clean.web
    where is_stocked
),

promo as (
    select
        month,
        sku,
        units_promo
    from clean.promo
),

parameters as (
    select promo_units
    from raw.parameters
),

ledger as (
    select
        this_month.month,
        this_month.sku,
        promo.sku is not null as has_promotion,
        month_before.stock_end as stock_before,
        this_month.supplier_orders,
        this_month.units_sold,
        coalesce(promo.units_promo, 0) as units_offered,
        this_month.stock_end,
        month_before.stock_end + this_month.supplier_orders - this_month.units_sold - this_month.stock_end as difference_included,
        parameters.promo_units
    from this_month
    inner join month_before
        on this_month.sku = month_before.sku and this_month.month_ordinal = month_before.month_ordinal_after
    inner join stocked on this_month.sku = stocked.sku
    left join promo on this_month.month = promo.month and this_month.sku = promo.sku
    cross join parameters
)

select
    month,
    sku,
    has_promotion,
    stock_before,
    supplier_orders,
    units_sold,
    units_offered,
    stock_end,
    difference_included,
    difference_included - units_offered as difference_excluded,
    case when promo_units = 'included' then difference_included else difference_included - units_offered end = 0 as is_balanced
from ledger
