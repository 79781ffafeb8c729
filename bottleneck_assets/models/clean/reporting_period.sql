-- one row: the months over which the KPIs are computed
with

months as (
    select distinct
        month,
        month_ordinal(month) as month_ordinal
    from clean.sales
),

parameters as (
    select
        period_start,
        period_end
    from raw.parameters
),

-- BottleNeck's year runs October to September
full_years as (
    select
        last_months.month as period_end,
        min(months.month) as period_start
    from months as last_months
    inner join months on months.month_ordinal between last_months.month_ordinal - 11 and last_months.month_ordinal
    where extract(month from last_months.month) = 9
    group by last_months.month
    having count(*) = 12
),

latest_full_year as (
    select
        period_start,
        period_end
    from full_years
    qualify row_number() over (order by period_end desc) = 1
),

whole_export as (
    select
        min(month) as period_start,
        max(month) as period_end
    from months
),

chosen as (
    select
        coalesce(parameters.period_start, latest_full_year.period_start, whole_export.period_start) as period_start,
        coalesce(parameters.period_end, latest_full_year.period_end, whole_export.period_end) as period_end
    from whole_export
    cross join parameters
    left join latest_full_year on true
)

select
    chosen.period_start,
    chosen.period_end,
    count(months.month) as months,
    count(full_years.period_end) > 0 as is_full_year
from chosen
left join months on months.month between chosen.period_start and chosen.period_end
left join full_years on chosen.period_start = full_years.period_start and chosen.period_end = full_years.period_end
group by chosen.period_start, chosen.period_end
