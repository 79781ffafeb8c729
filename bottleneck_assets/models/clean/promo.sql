-- one row per month and product on promotion
select
    month,
    sku,
    starts_on,
    ends_on,
    as_count(date_diff('day', starts_on, ends_on)) + 1 as duration_days,
    units_promo,
    offer_price,
    list_price,
    1 - ratio(offer_price, list_price) as discount_rate
from clean.promo_typed
where defect is null and not is_exact_copy
order by month, sku
