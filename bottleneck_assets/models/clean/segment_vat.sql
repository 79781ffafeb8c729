-- one row per segment: its rate of VAT, and the factor that leaves VAT out of a sale price
with

segments as (
    select
        segment,
        count(*) as products
    from clean.web
    group by segment
),

rates as (
    select
        label,
        vat_rate,
        net_factor
    from raw.vat_rates
),

matched as (
    select
        segments.segment,
        segments.products,
        rates.vat_rate,
        rates.net_factor
    from segments
    left join rates on label_key(segments.segment) = rates.label
),

-- the rate of most products, else of most labels; the higher of two that are as common
counted as (
    select
        vat_rate,
        net_factor,
        products
    from matched
    where vat_rate is not null
    union all
    select
        vat_rate,
        net_factor,
        0 as products
    from rates
),

ranked as (
    select
        vat_rate,
        net_factor,
        row_number() over (order by sum(products) desc, count(*) desc, vat_rate desc) as place
    from counted
    group by vat_rate, net_factor
),

commonest as (
    select
        vat_rate,
        net_factor
    from ranked
    where place = 1
)

select
    matched.segment,
    matched.products,
    coalesce(matched.vat_rate, commonest.vat_rate) as vat_rate,
    coalesce(matched.net_factor, commonest.net_factor) as net_factor,
    matched.vat_rate is null as is_assumed
from matched
cross join commonest
order by matched.segment
