-- one row per test, product type and month: how many products' demand the reorder point would have covered
with

history as (
    select
        as_of,
        month,
        calendar_month,
        sku,
        segment,
        product_type,
        units
    from kpi.stock_history
    where is_used
),

dates as (
    select
        min(as_of) as first_date,
        max(as_of) as last_date
    from history
),

tested as (
    select
        'in sample' as test,
        dates.last_date as as_of,
        history.month,
        history.calendar_month,
        history.sku,
        history.units
    from history
    inner join dates on history.as_of = dates.last_date
    union all
    select
        'out of sample' as test,
        dates.first_date as as_of,
        history.month,
        history.calendar_month,
        history.sku,
        history.units
    from history
    inner join dates on history.as_of = dates.last_date
    where dates.first_date < dates.last_date and month_ordinal(history.month) = month_ordinal(dates.first_date) + 1
),

parameters as (
    select service_factor
    from raw.parameters
),

foretold as (
    select
        tested.test,
        tested.as_of,
        tested.month,
        tested.units,
        levels.segment,
        levels.product_type,
        levels.residual_deviation,
        -- of a month of the year that was never seen nothing is known but the mean
        levels.level * coalesce(season.season, 1) as forecast_units
    from tested
    inner join kpi.stock_level as levels on tested.as_of = levels.as_of and tested.sku = levels.sku
    left join kpi.stock_season as season
        on
            tested.as_of = season.as_of
            and levels.segment = season.segment
            and levels.product_type = season.product_type
            and tested.calendar_month = season.calendar_month
    where levels.residual_deviation is not null
),

judged as (
    select
        foretold.test,
        foretold.as_of,
        foretold.segment,
        foretold.product_type,
        foretold.month,
        foretold.units,
        foretold.forecast_units,
        foretold.units
        <= foretold.forecast_units + parameters.service_factor * spread_of(foretold.residual_deviation, foretold.forecast_units) as is_covered
    from foretold
    cross join parameters
)

select
    test,
    as_of,
    segment,
    product_type,
    month,
    count(*) as products,
    count(*) filter (where is_covered) as products_covered,
    ratio(count(*) filter (where is_covered), count(*)) as share_covered,
    as_count(sum(units)) as units,
    as_number(rounded(total(forecast_units))) as forecast_units
from judged
group by test, as_of, segment, product_type, month
order by test, segment, product_type, month
