-- one row per date, month up to it and stocked product of which no row is in quarantine
with

sales as (
    select
        month,
        sku,
        units
    from clean.sales
),

months as (
    select distinct month
    from sales
),

latest as (
    select max(month) as month
    from months
),

-- what is advised is as of the latest month; what is tested, as of the period's end, where a month follows it
dates as (
    select month
    from latest
    union all
    select reporting_period.period_end as month
    from clean.reporting_period as reporting_period
    inner join months on month_ordinal(reporting_period.period_end) + 1 = month_ordinal(months.month)
),

-- also what is unknown of a month outside the reporting period
unknown as (
    select distinct sku
    from clean.unknown_months
),

known as (
    select
        web.sku,
        web.segment,
        web.product_type
    from clean.web as web
    left join unknown on web.sku = unknown.sku
    where web.is_stocked and unknown.sku is null
),

history as (
    select
        last_day(dates.month) as as_of,
        sales.month,
        calendar_month(sales.month) as calendar_month,
        sales.sku,
        known.segment,
        known.product_type,
        sales.units,
        promo.sku is not null as is_promoted
    from sales
    inner join dates on sales.month <= dates.month
    inner join known on sales.sku = known.sku
    left join clean.promo as promo on sales.month = promo.month and sales.sku = promo.sku
)

select
    as_of,
    month,
    calendar_month,
    sku,
    segment,
    product_type,
    units,
    is_promoted,
    not is_promoted
    or min(case when is_promoted then 1 else 0 end) over (partition by as_of, segment, product_type, calendar_month) = 1 as is_used
from history
order by as_of, month, sku
