-- one row per month and product whose stock does not balance
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
    difference_excluded
from clean.stock_ledger
where not is_balanced
order by month, sku
