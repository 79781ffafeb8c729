-- one row per month of the export: what there is of it
with

finance as (
    select
        month,
        count(*) as finance_rows
    from clean.finance
    group by month
),

sales as (
    select
        month,
        count(*) as sales_rows,
        as_count(sum(units)) as units,
        euros(sum(revenue)) as revenue
    from clean.sales
    group by month
),

promo as (
    select
        month,
        count(*) as promo_rows
    from clean.promo
    group by month
),

ledger as (
    select
        month,
        count(*) as ledger_rows
    from clean.stock_ledger
    group by month
)

select
    months.month,
    months.is_reported,
    finance.finance_rows,
    coalesce(sales.sales_rows, 0) as sales_rows,
    coalesce(promo.promo_rows, 0) as promo_rows,
    coalesce(ledger.ledger_rows, 0) as ledger_rows,
    coalesce(sales.units, 0) as units,
    euros(coalesce(sales.revenue, 0)) as revenue
from clean.months as months
inner join finance on months.month = finance.month
left join sales on months.month = sales.month
left join promo on months.month = promo.month
left join ledger on months.month = ledger.month
order by months.month
