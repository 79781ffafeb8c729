-- one row per product type: cost and price of the period's units in its last month against its first
with

-- as kpi.basket_costs, but for products of which something is in quarantine
basket as (
    select
        basket.sku,
        basket.segment,
        basket.product_type,
        basket.units,
        segment_vat.net_factor
    from kpi.basket as basket
    inner join clean.segment_vat as segment_vat on basket.segment = segment_vat.segment
    left join clean.unknown_products as unknown_products on basket.sku = unknown_products.sku
    where basket.is_stocked and basket.units > 0 and unknown_products.sku is null
),

prices as (
    select
        finance.month,
        finance.sku,
        finance.price,
        finance.purchase_price
    from clean.finance as finance
    inner join
        clean.reporting_period as reporting_period
        on finance.month between reporting_period.period_start and reporting_period.period_end
    inner join basket on finance.sku = basket.sku
),

ends as (
    select
        min(month) as first_month,
        max(month) as last_month
    from prices
),

-- rounded half up once, in the product, so that every sum is exact
products as (
    select
        basket.sku,
        basket.segment,
        basket.product_type,
        ends.first_month,
        ends.last_month,
        euros(times(basket.units, opening.purchase_price)) as cost,
        euros(times(basket.units, opening.price)) as price,
        euros(times(basket.units, closing.purchase_price)) as closing_cost,
        euros(times(basket.units, closing.price)) as closing_price,
        euros(times(basket.units, exact(closing.price * basket.net_factor))) as closing_price_excl_vat,
        euros(times(basket.units, exact(closing.purchase_price - opening.purchase_price))) as cost_rise,
        euros(times(basket.units, exact(closing.price - opening.price))) as price_rise,
        euros(
            times(basket.units, exact(exact(closing.price * basket.net_factor) - exact(opening.price * basket.net_factor)))
        ) as price_rise_excl_vat
    from basket
    cross join ends
    inner join prices as opening on basket.sku = opening.sku and ends.first_month = opening.month
    inner join prices as closing on basket.sku = closing.sku and ends.last_month = closing.month
    where ends.first_month < ends.last_month
),

margins as (
    select
        *,
        euros(price_rise_excl_vat - cost_rise) as margin_change
    from products
),

compared as (
    select
        segment,
        product_type,
        min(first_month) as first_month,
        max(last_month) as last_month,
        count(*) as products,
        euros(sum(cost_rise)) as cost_rise,
        euros(sum(price_rise)) as price_rise,
        euros(sum(price_rise_excl_vat)) as price_rise_excl_vat,
        euros(sum(margin_change)) as margin_change,
        ratio(sum(cost_rise), sum(cost)) as cost_move,
        ratio(sum(price_rise), sum(price)) as price_move,
        count(*) filter (where margin_change < 0) as products_squeezed,
        -- how much more than was done gives the margin in euros back, and how much more the rate
        ratio(-sum(margin_change), sum(closing_price_excl_vat)) as further_rise,
        ratio(sum(closing_cost), sum(cost)) * ratio(sum(price), sum(closing_price)) - 1 as further_rise_for_rate
    from margins
    group by segment, product_type
    having sum(cost) > 0 and sum(price) > 0 and sum(closing_price_excl_vat) > 0 and sum(closing_price) > 0
),

stocked_types as (
    select distinct
        segment,
        product_type
    from clean.sales_in_period
    where is_stocked
),

types as (
    select
        segment,
        product_type,
        type_name(product_type, segment) as name
    from stocked_types
),

judged as (
    select
        types.segment,
        types.product_type,
        types.name,
        compared.first_month,
        compared.last_month,
        coalesce(compared.products, 0) as products,
        compared.cost_rise,
        compared.price_rise,
        compared.price_rise_excl_vat,
        compared.margin_change,
        compared.cost_move,
        compared.price_move,
        compared.products_squeezed,
        compared.further_rise,
        compared.further_rise_for_rate,
        ratio(12, reporting_period.months) as year_factor,
        case
            when compared.products is null then 'not_comparable'
            when compared.cost_rise <= 0 then 'not_risen'
            when compared.margin_change < 0 then 'not_passed_on'
            else 'passed_on'
        end as finding
    from types
    cross join clean.reporting_period as reporting_period
    left join compared on types.segment = compared.segment and types.product_type = compared.product_type
)

select
    'product type' as scope_kind,
    name as scope,
    as_count(null) as sku,
    segment,
    cast(null as date) as month,
    finding,
    case finding when 'not_passed_on' then 'supported' when 'passed_on' then 'contradicted' else 'inconclusive' end as verdict,
    case when finding = 'not_passed_on' then yearly_euros(-margin_change, year_factor) end as yearly_effect,
    -- prices and units are known
    as_text(null) as confidence,
    product_type,
    first_month,
    last_month,
    products,
    cost_rise,
    price_rise,
    price_rise_excl_vat,
    margin_change,
    cost_move,
    price_move,
    products_squeezed,
    further_rise,
    further_rise_for_rate,
    concat_ws(
        '; ',
        figure('first_month', first_month),
        figure('last_month', last_month),
        figure('products', products),
        figure('cost_rise', cost_rise),
        figure('price_rise', price_rise),
        figure('price_rise_excl_vat', price_rise_excl_vat),
        figure('margin_change', margin_change),
        figure('cost_move', rounded(cost_move)),
        figure('price_move', rounded(price_move)),
        figure('products_squeezed', products_squeezed),
        figure('further_rise', rounded(further_rise)),
        figure('further_rise_for_rate', rounded(further_rise_for_rate))
    ) as evidence
from judged
order by segment, product_type
