-- one row per product of which a promotion, sale or price of the reporting period is in quarantine
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
    quarantined.sku,
    count(case when quarantined.source_table = 'promo' then 1 end) as promotions,
    count(case when quarantined.source_table = 'sales' then 1 end) as sales,
    count(case when quarantined.source_table = 'finance' then 1 end) as prices
from quarantined
inner join clean.reporting_period as reporting_period on quarantined.month between reporting_period.period_start and reporting_period.period_end
inner join clean.web as web on quarantined.sku = web.sku
group by quarantined.sku
order by quarantined.sku
