-- one row per date and stocked product
with

seasoned as (
    select
        history.as_of,
        history.sku,
        history.segment,
        history.product_type,
        history.units,
        season.season
    from kpi.stock_history as history
    inner join kpi.stock_season as season
        on
            history.as_of = season.as_of
            and history.segment = season.segment
            and history.product_type = season.product_type
            and history.calendar_month = season.calendar_month
    where history.is_used
),

levels as (
    select
        as_of,
        sku,
        segment,
        product_type,
        count(*) as months,
        as_count(sum(units)) as units,
        -- no season is 0 in all months of a product that sold anything
        coalesce(ratio(sum(units), total(season)), 0) as level
    from seasoned
    group by as_of, sku, segment, product_type
),

strayed as (
    select
        seasoned.as_of,
        seasoned.sku,
        total((seasoned.units - levels.level * seasoned.season) * (seasoned.units - levels.level * seasoned.season)) as squares
    from seasoned
    inner join levels on seasoned.as_of = levels.as_of and seasoned.sku = levels.sku
    group by seasoned.as_of, seasoned.sku
)

select
    levels.as_of,
    levels.sku,
    levels.segment,
    levels.product_type,
    levels.months,
    levels.units,
    levels.level,
    sqrt(ratio(strayed.squares, levels.months - 1)) as residual_deviation
from levels
inner join strayed on levels.as_of = strayed.as_of and levels.sku = strayed.sku
order by levels.as_of, levels.sku
