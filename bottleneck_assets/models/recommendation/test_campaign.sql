-- one row per product type on which a discount in its low season can be tested: its lowest month, the cost and how to read it
with

-- as many as a control needs at least
size as (
    select as_count(20) as products
),

seasons as (
    select
        segment,
        product_type,
        month,
        seasonal_index,
        row_number() over (partition by segment, product_type order by seasonal_index, month) as place
    from kpi.seasonal_index
    where control = 'product type'
),

-- what has no stock, and products of which something is in quarantine, get no advice
known as (
    select
        sales.month,
        sales.sku,
        sales.segment,
        sales.product_type,
        sales.units,
        sales.revenue_excl_vat,
        sales.gross_margin,
        avg(sales.units) over (partition by sales.sku) as mean_monthly_units
    from clean.sales_in_period as sales
    left join clean.unknown_products as unknown_products on sales.sku = unknown_products.sku
    where sales.is_stocked and unknown_products.sku is null
),

-- how far a product strays from what its own mean and the season foretell
low_months as (
    select
        seasons.segment,
        seasons.product_type,
        seasons.month,
        seasons.seasonal_index,
        count(*) as products_on_sale,
        as_count(sum(known.units)) as units,
        euros(sum(known.revenue_excl_vat)) as revenue_excl_vat,
        euros(sum(known.gross_margin)) as gross_margin,
        sqrt(
            mean_of(
                (known.units - known.mean_monthly_units * seasons.seasonal_index)
                * (known.units - known.mean_monthly_units * seasons.seasonal_index)
            )
        ) as deviation_units
    from seasons
    inner join known
        on
            seasons.segment = known.segment
            and seasons.product_type = known.product_type
            and seasons.month = known.month
    where seasons.place = 1 and seasons.seasonal_index < 1
    group by seasons.segment, seasons.product_type, seasons.month, seasons.seasonal_index
),

discounts as (
    select
        web.segment,
        web.product_type,
        total(times(promo.units_promo, exact(promo.list_price - promo.offer_price))) as discount,
        total(times(promo.units_promo, promo.list_price)) as list_value
    from clean.promo as promo
    inner join
        clean.reporting_period as reporting_period
        on promo.month between reporting_period.period_start and reporting_period.period_end
    inner join clean.web as web on promo.sku = web.sku
    where promo.offer_price < promo.list_price
    group by web.segment, web.product_type
),

discounts_of_all as (
    select ratio(total(discount), total(list_value)) as discount_rate
    from discounts
),

-- the same in every row of a product type
low_seasons as (
    select
        segment,
        product_type,
        max(low_season_discount) as low_season_discount
    from recommendation.promote_low_season
    group by segment, product_type
),

drawn as (
    select
        low_months.segment,
        low_months.product_type,
        type_name(low_months.product_type, low_months.segment) as scope,
        low_months.month as low_month,
        low_months.seasonal_index as season,
        size.products,
        coalesce(ratio(discounts.discount, discounts.list_value), discounts_of_all.discount_rate) as discount_rate,
        ratio(size.products * low_months.units, low_months.products_on_sale) as expected_units,
        euros(low_months.revenue_excl_vat * ratio(size.products, low_months.products_on_sale)) as revenue_excl_vat,
        ratio(low_months.gross_margin, low_months.revenue_excl_vat) as gross_margin_rate,
        low_months.deviation_units,
        low_seasons.low_season_discount
    from low_months
    inner join low_seasons on low_months.segment = low_seasons.segment and low_months.product_type = low_seasons.product_type
    cross join size
    cross join discounts_of_all
    left join discounts on low_months.segment = discounts.segment and low_months.product_type = discounts.product_type
    -- as many again stay at list price, to tell what these would have sold
    where low_months.products_on_sale >= 2 * size.products and low_months.units > 0
),

costed as (
    select
        *,
        euros(revenue_excl_vat * discount_rate) as cost,
        case when gross_margin_rate > discount_rate then ratio(gross_margin_rate, gross_margin_rate - discount_rate) end as break_even_lift,
        -- of 100 such draws without any discount, five sell more than that
        1 + 1.645 * ratio(sqrt(greatest(products * deviation_units * deviation_units, expected_units)), expected_units) as chance_high
    from drawn
    where discount_rate > 0
)

select
    scope,
    segment,
    product_type,
    low_month,
    season,
    products,
    discount_rate,
    expected_units,
    revenue_excl_vat,
    cost,
    break_even_lift,
    chance_high,
    low_season_discount,
    concat_ws(
        '; ',
        figure('low_month', low_month),
        figure('season', rounded(season)),
        figure('products', products),
        figure('discount_rate', rounded(discount_rate)),
        figure('expected_units', rounded(expected_units)),
        figure('revenue_excl_vat', revenue_excl_vat),
        figure('cost', cost),
        figure('break_even_lift', rounded(break_even_lift)),
        figure('chance_high', rounded(chance_high)),
        figure('low_season_discount', low_season_discount)
    ) as evidence
from costed
order by revenue_excl_vat desc, scope asc
