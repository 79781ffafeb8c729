-- one row per month and product on the price list
select
    month,
    sku,
    price,
    purchase_price,
    is_on_sale,
    is_taxable
from clean.finance_typed
where defect is null and not is_exact_copy
order by month, sku
