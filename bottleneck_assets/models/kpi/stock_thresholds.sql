-- one row per product that is stocked at the latest month-end of the export; lead time 1 month
with

sales as (
    select
        month,
        sku,
        stock_end,
        supplier_orders
    from clean.sales
),

latest as (
    select max(month) as month
    from sales
),

web as (
    select
        sku,
        title,
        product_type,
        segment
    from clean.web
    where is_stocked
),

parameters as (
    select
        service_level,
        service_factor
    from raw.parameters
),

ordered as (
    select
        web.sku,
        web.segment,
        web.product_type,
        count(*) as months,
        count(*) filter (where sales.supplier_orders > 0) as months_with_order
    from sales
    inner join web on sales.sku = web.sku
    inner join clean.reporting_period as reporting_period
        on sales.month between reporting_period.period_start and reporting_period.period_end
    group by web.sku, web.segment, web.product_type
),

order_rates as (
    select
        segment,
        product_type,
        mean_of(yearly(months_with_order, months)) as orders_a_year
    from ordered
    group by segment, product_type
),

-- what is never ordered is reviewed once a year
cycles as (
    select
        segment,
        product_type,
        coalesce(least(as_count(ceil(rounded(ratio(12, orders_a_year)))), 12), 12) as cycle_months
    from order_rates
),

stock as (
    select
        last_day(sales.month) as stock_date,
        web.sku,
        web.title,
        web.product_type,
        web.segment,
        coalesce(cycles.cycle_months, 12) as cycle_months,
        sales.stock_end as stock_on_date,
        euros_of(times(sales.stock_end, finance.purchase_price)) as stock_value_on_date
    from sales
    inner join latest on sales.month = latest.month
    inner join web on sales.sku = web.sku
    inner join clean.finance as finance on sales.month = finance.month and sales.sku = finance.sku
    left join cycles on web.segment = cycles.segment and web.product_type = cycles.product_type
),

-- 1 for the month after the stock date, 12 for its own month a year later
season as (
    select
        stock_season.segment,
        stock_season.product_type,
        stock_season.season_months,
        stock_season.season,
        stock_season.is_promoted,
        (stock_season.calendar_month - calendar_month(latest.month) + 11) % 12 + 1 as months_ahead
    from kpi.stock_season as stock_season
    inner join latest on stock_season.as_of = last_day(latest.month)
),

levels as (
    select
        as_of,
        sku,
        months,
        level,
        residual_deviation
    from kpi.stock_level
),

types as (
    select distinct
        segment,
        product_type,
        cycle_months
    from stock
),

-- a month of the year that was never seen counts as the mean month
outlook as (
    select
        types.segment,
        types.product_type,
        max(season.season_months) as season_months,
        coalesce(max(case when season.months_ahead = 1 then season.season end), 1) as season_ahead,
        coalesce(as_number(total(case when season.months_ahead <= types.cycle_months then season.season end)), 0)
        + max(types.cycle_months)
        - count(case when season.months_ahead <= types.cycle_months then 1 end) as season_of_cycle,
        coalesce(bool_or(season.is_promoted and season.months_ahead <= types.cycle_months), false) as is_season_promoted
    from types
    left join season on types.segment = season.segment and types.product_type = season.product_type
    group by types.segment, types.product_type
),

tests as (
    select
        segment,
        product_type,
        as_count(sum(products)) as products,
        as_count(sum(products_covered)) as products_covered
    from kpi.stock_coverage
    where test = 'out of sample'
    group by segment, product_type
),

-- of few products chance leaves many uncovered: 2.58 standard deviations are one case in a hundred
coverage as (
    select
        tests.segment,
        tests.product_type,
        ratio(tests.products_covered, tests.products) as share_covered,
        ratio(tests.products_covered, tests.products) < 0.9
        and parameters.service_level * tests.products - tests.products_covered - 0.5
        > 2.58 * sqrt(tests.products * parameters.service_level * (1 - parameters.service_level)) as is_disproved
    from tests
    cross join parameters
),

foretold as (
    select
        stock.*,
        outlook.season_months,
        outlook.is_season_promoted,
        coverage.share_covered,
        coalesce(coverage.is_disproved, false) as is_disproved,
        levels.sku is not null as is_known,
        coalesce(levels.months, 0) as months,
        levels.level,
        levels.level * outlook.season_ahead as forecast_units,
        levels.level * outlook.season_of_cycle as cycle_units,
        levels.residual_deviation
    from stock
    inner join outlook on stock.segment = outlook.segment and stock.product_type = outlook.product_type
    left join coverage on stock.segment = coverage.segment and stock.product_type = coverage.product_type
    left join levels on stock.stock_date = levels.as_of and stock.sku = levels.sku
),

strayed as (
    select
        *,
        case when residual_deviation is not null then spread_of(residual_deviation, forecast_units) end as deviation_monthly_units
    from foretold
),

thresholds as (
    select
        strayed.*,
        strayed.forecast_units + parameters.service_factor * strayed.deviation_monthly_units as reorder_point,
        strayed.cycle_units + parameters.service_factor * strayed.deviation_monthly_units as stock_ceiling
    from strayed
    cross join parameters
),

judged as (
    select
        *,
        case
            when reorder_point is null then null
            when stock_on_date < reorder_point then 'below reorder point'
            when stock_on_date > stock_ceiling then 'above ceiling'
            else 'within'
        end as state
    from thresholds
)

select
    sku,
    title,
    product_type,
    segment,
    stock_date,
    stock_on_date,
    stock_value_on_date,
    is_known,
    months,
    season_months,
    is_season_promoted,
    level,
    forecast_units,
    deviation_monthly_units,
    cycle_months,
    cycle_units,
    reorder_point,
    stock_ceiling,
    state,
    case
        when state = 'above ceiling'
            then euros(stock_value_on_date * (1 - ratio(stock_ceiling, stock_on_date)))
        else euros('0')
    end as value_above_ceiling,
    share_covered,
    is_disproved
from judged
order by sku
