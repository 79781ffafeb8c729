-- one row per promotion that the dashboard shows by itself, and one per campaign and group of products of those that it pools
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

products as (
    select
        sku,
        abc_class,
        cover_band
    from presentation.products
),

promotions as (
    select
        ranked.month,
        ranked.starts_on,
        ranked.ends_on,
        ranked.segment,
        ranked.product_type,
        products.abc_class,
        products.cover_band,
        case when ranked.is_kept then ranked.sku end as sku,
        case when ranked.is_kept then left(ranked.title, 200) end as title,
        case when ranked.is_kept then ranked.discount_rate end as discount_rate,
        case when ranked.is_kept then ranked.list_price end as list_price,
        case when ranked.is_kept then ranked.offer_price end as offer_price,
        ranked.units,
        ranked.units_promo,
        ranked.baseline_units,
        ranked.uplift_units,
        case when ranked.baseline_units is not null then ranked.units end as units_measured,
        ranked.discount_cost,
        ranked.promo_margin,
        ranked.incremental_margin,
        case when ranked.incremental_margin is not null then ranked.discount_cost end as discount_measured
    from ranked
    inner join products on ranked.sku = products.sku
)

-- a promotion that is shown by itself is a group of one
select
    month,
    starts_on,
    ends_on,
    segment,
    product_type,
    abc_class,
    cover_band,
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
group by month, starts_on, ends_on, segment, product_type, abc_class, cover_band, sku
order by month, sku nulls last, segment, product_type, abc_class, cover_band, starts_on, ends_on
