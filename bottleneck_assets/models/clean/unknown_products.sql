-- one row per product of which a promotion, sale or price is in quarantine that is, or may be, of the reporting period
select
    unknown_months.sku,
    as_count(sum(unknown_months.promotions)) as promotions,
    as_count(sum(unknown_months.sales)) as sales,
    as_count(sum(unknown_months.prices)) as prices
from clean.unknown_months as unknown_months
inner join
    clean.reporting_period as reporting_period
    on unknown_months.month is null or unknown_months.month between reporting_period.period_start and reporting_period.period_end
inner join clean.web as web on unknown_months.sku = web.sku
group by unknown_months.sku
order by unknown_months.sku
