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
        sales.units,
        sales.units_regular,
        web.is_stocked
    from clean.finance as finance
    left join clean.web as web on finance.sku = web.sku
    left join clean.sales as sales on finance.month = sales.month and finance.sku = sales.sku
),

contradictions as (
    select
        'promo' as source_table,
        promotions.month,
        promotions.sku,
        named.contradiction,
        promotions.offer_price as price,
        case when named.contradiction = 'offer far below the cost' then promotions.purchase_price else promotions.list_price end as other_price,
        promotions.units_promo as units,
        promotions.starts_on,
        promotions.ends_on
    from promotions
    cross join (
        values
        ('promotion outside the month of its key'),
        ('promotion of more than three months'),
        ('offer above the list price'),
        ('offer far below the cost'),
        ('offer of 0 with units sold')
    ) as named (contradiction)
    where
        case named.contradiction
            when 'promotion outside the month of its key' then promotions.is_outside_its_month
            when 'promotion of more than three months' then promotions.is_longer_than_a_quarter and not promotions.is_outside_its_month
            when 'offer above the list price' then promotions.offer_price > promotions.list_price
            when 'offer far below the cost' then promotions.offer_price > 0 and promotions.offer_price * 2 < promotions.purchase_price
            when 'offer of 0 with units sold' then promotions.offer_price = 0 and promotions.units_promo > 0
        end
    union all
    select
        'finance' as source_table,
        priced.month,
        priced.sku,
        named.contradiction,
        priced.price,
        priced.purchase_price as other_price,
        case when named.contradiction = 'cost of 0 with units sold' then priced.units else priced.units_regular end as units,
        cast(null as date) as starts_on,
        cast(null as date) as ends_on
    from priced
    cross join (
        values
        ('price far below the cost'),
        ('cost far below the price'),
        ('cost of 0 with units sold'),
        ('price of 0 with units sold')
    ) as named (contradiction)
    where case named.contradiction
        when 'price far below the cost' then priced.price > 0 and priced.price * 2 < priced.purchase_price
        when 'cost far below the price' then priced.purchase_price > 0 and priced.price > priced.purchase_price * 30
        -- what the shop keeps no stock of, such as gift cards, may have none
        when 'cost of 0 with units sold' then priced.purchase_price = 0 and priced.is_stocked and priced.units > 0
        when 'price of 0 with units sold' then priced.price = 0 and priced.units_regular > 0
    end
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
