-- one row per product whose title names its value in euros: what its prices say of VAT, in its last month
with

web as (
    select
        sku,
        title,
        segment,
        try_cast(
            replace(regexp_extract(title, '([0-9]+([.,][0-9][0-9]?)?) ?(€|euro|EUR)', 1), ',', '.') as decimal(18, 8)
        ) as face_value
    from clean.web
),

last_prices as (
    select
        sku,
        month,
        price,
        purchase_price
    from clean.finance
    qualify row_number() over (partition by sku order by month desc) = 1
),

compared as (
    select
        web.sku,
        web.title,
        last_prices.month,
        web.face_value,
        last_prices.price,
        last_prices.purchase_price,
        segment_vat.vat_rate,
        as_number(last_prices.price) / as_number(web.face_value) as price_share,
        as_number(last_prices.purchase_price) / as_number(web.face_value) as purchase_share,
        1 / (1 + as_number(segment_vat.vat_rate)) as net_share
    from web
    inner join clean.segment_vat as segment_vat on web.segment = segment_vat.segment
    inner join last_prices on web.sku = last_prices.sku
    where web.face_value > 0
)

-- sold at its value and bought at its value less VAT: prices include VAT; sold at its value less VAT: they do not
select
    sku,
    title,
    month,
    face_value,
    price,
    purchase_price,
    vat_rate,
    case
        when abs(price_share - 1) < 0.005 and abs(purchase_share - net_share) < 0.005 then 'incl_vat'
        when abs(price_share - net_share) < 0.005 then 'excl_vat'
    end as supports
from compared
order by sku
