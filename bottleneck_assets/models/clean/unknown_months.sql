-- one row per month and product of which a promotion, sale or price is in quarantine; without a month, it may be any
with

quarantined as (
    select
        'promo' as source_table,
        month,
        sku
    from clean.promo_typed
    where defect is not null and not is_exact_copy
    union all
    select
        'sales' as source_table,
        month,
        sku
    from clean.sales_typed
    where defect is not null and not is_exact_copy
    union all
    select
        'finance' as source_table,
        month,
        sku
    from clean.finance_typed
    where defect is not null and not is_exact_copy
)

select
    month,
    sku,
    count(case when source_table = 'promo' then 1 end) as promotions,
    count(case when source_table = 'sales' then 1 end) as sales,
    count(case when source_table = 'finance' then 1 end) as prices
from quarantined
where sku is not null
group by month, sku
order by month, sku
