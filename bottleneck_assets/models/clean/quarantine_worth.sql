-- one row per table of the export: what its rows in quarantine are worth, as far as it can be known
with

sales as (
    select
        month,
        sku,
        units,
        revenue,
        cogs
    from clean.sales
),

shop as (
    select
        coalesce(total(revenue), 0) as revenue,
        ratio(total(revenue), total(cogs)) as mark_up,
        ratio(total(revenue), sum(units)) as mean_price
    from sales
),

products as (
    select
        sku,
        ratio(sum(units), count(*)) as mean_units
    from sales
    group by sku
),

finance as (
    select
        month,
        sku,
        min(price) as price,
        min(purchase_price) as purchase_price,
        max(case when defect is not null then 1 else 0 end) = 1 as is_quarantined
    from clean.finance_typed
    where not is_exact_copy and month is not null and sku is not null
    group by month, sku
),

mean_prices as (
    select
        sku,
        mean_of(case when price >= 0 then price end) as price,
        mean_of(case when purchase_price >= 0 then purchase_price end) as purchase_price
    from finance
    group by sku
),

web_quarantined as (
    select distinct sku
    from clean.web_typed
    where defect is not null and not is_exact_copy
),

-- a later row with another value for a key that is kept takes nothing away
lost as (
    select
        typed.row_number,
        typed.month,
        typed.sku,
        case when typed.units_sold >= 0 then typed.units_sold end as units_sold,
        typed.defect
    from clean.sales_typed as typed
    left join sales on typed.month = sales.month and typed.sku = sales.sku
    where typed.defect is not null and not typed.is_exact_copy and sales.sku is null
    qualify
        row_number() over (
            partition by coalesce(typed.month, date '0001-01-01'), coalesce(typed.sku, -typed.row_number) order by typed.row_number
        ) = 1
),

valued_sales as (
    select
        case
            when lost.defect = 'key_sales|has no usable row in Finance' and coalesce(finance.is_quarantined, false) then 'finance'
            when lost.defect = 'key_sales|has no usable row in Web' and web_quarantined.sku is not null then 'web'
            else 'sales'
        end as source_table,
        coalesce(as_number(lost.units_sold), products.mean_units) as units,
        coalesce(
            as_number(case when finance.price >= 0 then finance.price end),
            mean_prices.price,
            coalesce(as_number(case when finance.purchase_price >= 0 then finance.purchase_price end), mean_prices.purchase_price) * shop.mark_up,
            shop.mean_price
        ) as price
    from lost
    cross join shop
    left join products on lost.sku = products.sku
    left join finance on lost.month = finance.month and lost.sku = finance.sku
    left join mean_prices on lost.sku = mean_prices.sku
    left join web_quarantined on lost.sku = web_quarantined.sku
),

-- the units of an offer that cannot be read stand at the list price; one whose dates alone cannot be read keeps its price
valued_promotions as (
    select
        'promo' as source_table,
        cast(0 as double) as units,
        case
            when typed.is_offer_usable then cast(0 as double)
            when typed.offer_price <= typed.list_price then as_number(typed.units_promo) * as_number(typed.list_price - typed.offer_price)
        end as revenue
    from clean.promo_typed as typed
    inner join sales on typed.month = sales.month and typed.sku = sales.sku
    where typed.defect is not null and not typed.is_exact_copy and typed.defect <> 'key_promo|stands in an earlier row with other values'
),

valued as (
    select
        source_table,
        units,
        units * price as revenue
    from valued_sales
    union all
    select
        source_table,
        units,
        revenue
    from valued_promotions
),

worth as (
    select
        source_table,
        as_count(round(coalesce(sum(exact(units)), 0))) as units,
        euros(coalesce(sum(exact(revenue)), 0)) as revenue,
        count(*) - count(revenue) as rows_of_unknown_worth
    from valued
    group by source_table
)

select
    row_accounting.source_table,
    row_accounting.rows_quarantined,
    as_count(coalesce(worth.units, 0)) as units,
    euros(coalesce(worth.revenue, 0)) as revenue,
    coalesce(worth.rows_of_unknown_worth, 0) as rows_of_unknown_worth,
    coalesce(ratio(worth.revenue, shop.revenue + worth.revenue), 0) as revenue_share
from clean.row_accounting as row_accounting
cross join shop
left join worth on row_accounting.source_table = worth.source_table
order by row_accounting.source_table
