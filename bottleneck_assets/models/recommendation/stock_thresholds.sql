-- one row per product type with stock: how many products are out of bounds on the stock date, and whether the bounds held when tested
with

parameters as (
    select service_level
    from raw.parameters
),

sold as (
    select
        sku,
        as_count(sum(units)) as units,
        euros(sum(gross_margin)) as gross_margin
    from clean.sales_in_period
    group by sku
),

products as (
    select
        thresholds.segment,
        thresholds.product_type,
        thresholds.stock_date,
        thresholds.state,
        thresholds.is_known,
        thresholds.stock_on_date,
        thresholds.stock_value_on_date,
        thresholds.value_above_ceiling,
        thresholds.reorder_point,
        thresholds.stock_ceiling,
        thresholds.cycle_months,
        thresholds.season_months,
        thresholds.is_season_promoted,
        thresholds.is_disproved,
        case
            when thresholds.state = 'below reorder point' and sold.units > 0
                then euros(greatest(thresholds.forecast_units - thresholds.stock_on_date, 0) * ratio(greatest(sold.gross_margin, 0), sold.units))
            else euros('0')
        end as margin_at_risk
    from kpi.stock_thresholds as thresholds
    left join sold on thresholds.sku = sold.sku
),

by_type as (
    select
        segment,
        product_type,
        stock_date,
        count(*) as products,
        count(*) filter (where not is_known) as products_unknown,
        count(state) as products_judged,
        count(*) filter (where state = 'below reorder point') as products_below,
        count(*) filter (where state = 'above ceiling') as products_above,
        as_count(sum(stock_on_date)) as stock_units,
        as_number(total(reorder_point)) as reorder_units,
        as_number(total(stock_ceiling)) as ceiling_units,
        euros(sum(stock_value_on_date)) as stock_value_on_date,
        euros(sum(value_above_ceiling)) as value_above_ceiling,
        euros(sum(margin_at_risk)) as margin_at_risk,
        max(cycle_months) as cycle_months,
        max(season_months) as season_months,
        bool_or(is_season_promoted) as is_season_promoted,
        bool_or(is_disproved) as is_disproved
    from products
    group by segment, product_type, stock_date
),

tests as (
    select
        segment,
        product_type,
        max(case when test = 'out of sample' then month end) as tested_in,
        as_count(coalesce(sum(case when test = 'out of sample' then products end), 0)) as products_tested,
        as_count(coalesce(sum(case when test = 'out of sample' then products_covered end), 0)) as products_covered,
        as_count(coalesce(sum(case when test = 'out of sample' then units end), 0)) as units_tested,
        as_number(coalesce(total(case when test = 'out of sample' then forecast_units end), 0)) as forecast_tested,
        ratio(
            sum(case when test = 'in sample' then products_covered end), sum(case when test = 'in sample' then products end)
        ) as share_covered_in_sample
    from kpi.stock_coverage
    group by segment, product_type
),

tested as (
    select
        by_type.*,
        tests.tested_in,
        coalesce(tests.products_tested, 0) as products_tested,
        coalesce(tests.products_covered, 0) as products_covered,
        coalesce(tests.units_tested, 0) as units_tested,
        coalesce(tests.forecast_tested, 0) as forecast_tested,
        ratio(tests.products_covered, tests.products_tested) as share_covered,
        tests.share_covered_in_sample,
        parameters.service_level,
        by_type.products_below + by_type.products_above as out_of_bounds,
        (1 - parameters.service_level) * by_type.products_judged as expected,
        type_name(by_type.product_type, by_type.segment) as scope
    from by_type
    left join tests on by_type.segment = tests.segment and by_type.product_type = tests.product_type
    cross join parameters
),

judged as (
    select
        *,
        case
            when products_judged = 0 then 'too_short'
            when is_disproved then 'not_covered'
            when out_of_bounds > expected then 'out_of_bounds'
            else 'within_bounds'
        end as finding,
        coalesce(coalesce(share_covered, share_covered_in_sample) not between 0.9 and 0.99, false) as is_off_target
    from tested
)

select
    'product type' as scope_kind,
    scope,
    as_count(null) as sku,
    segment,
    cast(null as date) as month,
    finding,
    case
        when finding in ('too_short', 'not_covered') then 'inconclusive'
        when finding = 'out_of_bounds' then 'supported'
        else 'contradicted'
    end as verdict,
    -- what lies above the ceiling belongs to free_cash, and what an empty shelf loses in a year is not known
    euros(null) as yearly_effect,
    -- what is out of bounds is counted; the bounds are only as good as the season that they rest on
    case when finding in ('too_short', 'not_covered') or season_months < 12 or is_season_promoted then 'low' end as confidence,
    product_type,
    stock_date,
    products,
    products_unknown,
    products_below,
    products_above,
    stock_units,
    reorder_units,
    ceiling_units,
    stock_value_on_date,
    value_above_ceiling,
    margin_at_risk,
    cycle_months,
    season_months,
    is_season_promoted,
    tested_in,
    products_tested,
    products_covered,
    units_tested,
    forecast_tested,
    share_covered,
    share_covered_in_sample,
    is_off_target,
    concat_ws(
        '; ',
        figure('stock_date', stock_date),
        figure('products', products),
        figure('products_unknown', products_unknown),
        figure('products_below', products_below),
        figure('products_above', products_above),
        figure('stock_units', stock_units),
        figure('reorder_units', rounded(reorder_units)),
        figure('ceiling_units', rounded(ceiling_units)),
        figure('stock_value_on_date', stock_value_on_date),
        figure('value_above_ceiling', value_above_ceiling),
        figure('margin_at_risk', margin_at_risk),
        figure('cycle_months', cycle_months),
        figure('season_months', season_months),
        figure('is_season_promoted', is_season_promoted),
        figure('tested_in', tested_in),
        figure('products_tested', products_tested),
        figure('products_covered', products_covered),
        figure('units_tested', units_tested),
        figure('forecast_tested', rounded(forecast_tested)),
        figure('share_covered', rounded(share_covered)),
        figure('share_covered_in_sample', rounded(share_covered_in_sample)),
        figure('is_off_target', is_off_target)
    ) as evidence
from judged
order by segment, product_type
