-- one row per date, product type and month of the year that its sales are known of
with

history as (
    select
        as_of,
        month,
        calendar_month,
        sku,
        segment,
        product_type,
        units,
        is_promoted
    from kpi.stock_history
    where is_used
),

usual as (
    select
        as_of,
        sku,
        mean_of(units) as mean_units
    from history
    group by as_of, sku
),

by_month as (
    select
        history.as_of,
        history.segment,
        history.product_type,
        history.calendar_month,
        count(distinct history.month) as months,
        as_count(sum(history.units)) as units,
        as_number(total(usual.mean_units)) as usual_units,
        bool_and(history.is_promoted) as is_promoted
    from history
    inner join usual on history.as_of = usual.as_of and history.sku = usual.sku
    group by history.as_of, history.segment, history.product_type, history.calendar_month
),

mean_month as (
    select
        as_of,
        segment,
        product_type,
        count(*) as season_months,
        mean_of(ratio(units, usual_units)) as mean_ratio
    from by_month
    group by as_of, segment, product_type
)

select
    by_month.as_of,
    by_month.segment,
    by_month.product_type,
    by_month.calendar_month,
    by_month.months,
    mean_month.season_months,
    by_month.units,
    by_month.usual_units,
    by_month.is_promoted,
    coalesce(ratio(ratio(by_month.units, by_month.usual_units), mean_month.mean_ratio), 1) as season
from by_month
inner join mean_month
    on
        by_month.as_of = mean_month.as_of
        and by_month.segment = mean_month.segment
        and by_month.product_type = mean_month.product_type
order by by_month.as_of, by_month.segment, by_month.product_type, by_month.calendar_month
