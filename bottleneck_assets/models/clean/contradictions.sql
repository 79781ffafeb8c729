-- one row per row of the export and contradiction: what can be read and does not fit together
with

-- a promotion may begin in the month before, or end in the month after; one of more than a quarter is a season's prices, or has misread dates
promotions as (
    select
        promo.month,
        promo.sku,
        promo.units_promo,
        promo.offer_price,
        promo.list_price,
        finance.purchase_price,
        promo.starts_on,
        promo.ends_on,
        month_ordinal(promo.starts_on) > month_ordinal(promo.month)
        or month_ordinal(promo.ends_on) < month_ordinal(promo.month) as is_outside_its_month,
        promo.duration_days > 92 as is_longer_than_a_quarter
    from clean.promo as promo
    inner join clean.finance as finance on promo.month = finance.month and promo.sku = finance.sku
),

priced as (
    select
        finance.month,
        finance.sku,
        finance.price,
        finance.purchase_price,
        sales.units_regular
    from clean.finance as finance
    left join clean.sales as sales on finance.month = sales.month and finance.sku = sales.sku
),

contradictions as (
    select
        'promo' as source_table,
        month,
        sku,
        'promotion outside the month of its key' as contradiction,
        offer_price as price,
        list_price as other_price,
        units_promo as units,
        starts_on,
        ends_on
    from promotions
    where is_outside_its_month
    union all
    select
        'promo' as source_table,
        month,
        sku,
        'offer above the list price' as contradiction,
        offer_price as price,
        list_price as other_price,
        units_promo as units,
        starts_on,
        ends_on
    from promotions
    where offer_price > list_price
    union all
    select
        'promo' as source_table,
        month,
        sku,
        'offer far below the cost' as contradiction,
        offer_price as price,
        purchase_price as other_price,
        units_promo as units,
        starts_on,
        ends_on
    from promotions
    where offer_price > 0 and offer_price * 2 < purchase_price
    union all
    select
        'promo' as source_table,
        month,
        sku,
        'offer of 0 with units sold' as contradiction,
        offer_price as price,
        list_price as other_price,
        units_promo as units,
        starts_on,
        ends_on
    from promotions
    where offer_price = 0 and units_promo > 0
    union all
    select
        'promo' as source_table,
        month,
        sku,
        'promotion of more than three months' as contradiction,
        offer_price as price,
        list_price as other_price,
        units_promo as units,
        starts_on,
        ends_on
    from promotions
    where is_longer_than_a_quarter and not is_outside_its_month
    union all
    select
        'finance' as source_table,
        month,
        sku,
        'price far below the cost' as contradiction,
        price,
        purchase_price as other_price,
        units_regular as units,
        cast(null as date) as starts_on,
        cast(null as date) as ends_on
    from priced
    where price > 0 and price * 2 < purchase_price
    union all
    select
        'finance' as source_table,
        month,
        sku,
        'cost far below the price' as contradiction,
        price,
        purchase_price as other_price,
        units_regular as units,
        cast(null as date) as starts_on,
        cast(null as date) as ends_on
    from priced
    where purchase_price > 0 and price > purchase_price * 30
    union all
    select
        'finance' as source_table,
        month,
        sku,
        'price of 0 with units sold' as contradiction,
        price,
        purchase_price as other_price,
        units_regular as units,
        cast(null as date) as starts_on,
        cast(null as date) as ends_on
    from priced
    where price = 0 and units_regular > 0
)

select
    source_table,
    month,
    sku,
    contradiction,
    price,
    other_price,
    units,
    starts_on,
    ends_on
from contradictions
order by contradiction, month, sku
