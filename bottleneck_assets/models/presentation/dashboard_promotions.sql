-- one row per promotion that the dashboard shows by itself, and one per campaign, segment and product type of those that it pools
with

ranked as (
    select
        month,
        starts_on,
        ends_on,
        segment,
        product_type,
        sku,
        title,
        discount_rate,
        list_price,
        offer_price,
        units,
        units_promo,
        baseline_units,
        uplift_units,
        discount_cost,
        promo_margin,
        incremental_margin,
        row_number() over (order by discount_cost desc nulls last, month asc, sku asc) <= 2500 as is_kept
    from extract.promotions_roi
),

promotions as (
    select
        month,
        starts_on,
        ends_on,
        segment,
        product_type,
        case when is_kept then sku end as sku,
        case when is_kept then left(title, 200) end as title,
        case when is_kept then discount_rate end as discount_rate,
        case when is_kept then list_price end as list_price,
        case when is_kept then offer_price end as offer_price,
        units,
        units_promo,
        baseline_units,
        uplift_units,
        case when baseline_units is not null then units end as units_measured,
        discount_cost,
        promo_margin,
        incremental_margin,
        case when incremental_margin is not null then discount_cost end as discount_measured
    from ranked
)

-- a promotion that is shown by itself is a group of one
select
    month,
    starts_on,
    ends_on,
    segment,
    product_type,
    sku,
    min(title) as title,
    min(discount_rate) as discount_rate,
    min(list_price) as list_price,
    min(offer_price) as offer_price,
    as_count(sum(units)) as units,
    as_count(sum(units_promo)) as units_promo,
    exact(sum(baseline_units)) as baseline_units,
    exact(sum(uplift_units)) as uplift_units,
    as_count(sum(units_measured)) as units_measured,
    euros(sum(discount_cost)) as discount_cost,
    euros(sum(promo_margin)) as promo_margin,
    euros(sum(incremental_margin)) as incremental_margin,
    euros(sum(discount_measured)) as discount_measured,
    count(*) as promotions
from promotions
group by month, starts_on, ends_on, segment, product_type, sku
order by month, sku nulls last, segment, product_type, starts_on, ends_on
