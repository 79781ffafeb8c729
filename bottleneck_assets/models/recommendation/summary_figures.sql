-- one row: the reporting period, and what each recommendation comes to in it
with

stock as (
    select
        max(stock_date) as stock_date,
        euros(coalesce(sum(stock_value_on_date), 0)) as stock_value
    from kpi.stock_thresholds
),

slow_stock as (
    select
        as_count(coalesce(sum(products), 0)) as slow_products,
        euros(coalesce(sum(value_beyond_cover), 0)) as value_beyond_cover,
        euros(coalesce(sum(case when confidence = 'high' then value_beyond_cover end), 0)) as value_sure
    from recommendation.free_cash
),

best_sellers as (
    select
        euros(coalesce(sum(case when verdict = 'supported' then discount_cost end), 0)) as discount_lost,
        euros(coalesce(sum(case when verdict = 'supported' then -incremental_margin end), 0)) as loss,
        euros(coalesce(sum(case when verdict = 'contradicted' then discount_cost end), 0)) as discount_paid,
        euros(coalesce(sum(case when verdict = 'contradicted' then incremental_margin end), 0)) as gain
    from recommendation.protect_best_sellers
),

campaigns as (
    select
        euros(coalesce(sum(case when finding = 'high_lost' then -incremental_margin end), 0)) as loss,
        euros(coalesce(sum(case when finding = 'high_paid' then incremental_margin end), 0)) as gain,
        count(incremental_margin) as campaigns,
        euros(coalesce(sum(incremental_margin), 0)) as margin
    from recommendation.promote_low_season
),

-- the same in every row of a product type
discount_by_segment as (
    select
        segment,
        product_type,
        max(low_season_discount) as low_season_discount
    from recommendation.promote_low_season
    group by segment, product_type
),

low_season as (
    select euros(coalesce(sum(low_season_discount), 0)) as discount
    from discount_by_segment
),

months as (
    select
        count(month) as months_outside,
        count(distinct case when month is not null then segment end) as segments_outside,
        count(distinct case when finding = 'steady' then segment end) as segments_steady,
        count(distinct case when finding = 'too_short' then segment end) as segments_too_short
    from recommendation.monitor_segments
),

-- of a type whose reorder points failed their test, nothing is out of bounds
stocks as (
    select
        as_count(coalesce(sum(products), 0)) as products,
        as_count(coalesce(sum(case when finding <> 'not_covered' then products_below end), 0)) as products_below,
        as_count(coalesce(sum(case when finding <> 'not_covered' then products_above end), 0)) as products_above,
        max(tested_in) as tested_in,
        as_count(coalesce(sum(products_tested), 0)) as products_tested,
        as_count(coalesce(sum(products_covered), 0)) as products_covered,
        ratio(sum(units_tested), total(forecast_tested)) as sales_to_forecast,
        euros(coalesce(sum(case when finding <> 'not_covered' then value_above_ceiling end), 0)) as value_above_ceiling,
        euros(coalesce(sum(case when finding <> 'not_covered' then margin_at_risk end), 0)) as margin_at_risk
    from recommendation.stock_thresholds
),

feedback as (
    select
        count(*) filter (where finding = 'unrated') as unrated,
        euros(coalesce(sum(case when finding = 'unrated' then revenue_excl_vat end), 0)) as unrated_revenue,
        count(*) filter (where finding = 'hidden_gem') as hidden_gems,
        count(*) filter (where finding = 'disliked') as disliked,
        max(share_better) as share_better,
        max(share_others) as share_others,
        max(rating_link) as rating_link,
        coalesce(max(pages_closed), 0) as pages_closed
    from recommendation.use_feedback
),

costs as (
    select
        euros(coalesce(sum(cost_rise), 0)) as cost_rise,
        euros(coalesce(sum(price_rise), 0)) as price_rise,
        euros(coalesce(sum(price_rise_excl_vat), 0)) as price_rise_excl_vat,
        euros(coalesce(sum(-margin_change), 0)) as margin_lost
    from recommendation.pass_on_costs
    where verdict = 'supported'
)

select
    reporting_period.period_start,
    reporting_period.period_end,
    stock.stock_date,
    stock.stock_value,
    slow_stock.slow_products,
    slow_stock.value_beyond_cover,
    slow_stock.value_sure,
    parameters.carrying_cost_rate,
    best_sellers.discount_lost as best_seller_discount_lost,
    best_sellers.loss as best_seller_loss,
    best_sellers.discount_paid as best_seller_discount_paid,
    best_sellers.gain as best_seller_gain,
    campaigns.loss as high_season_loss,
    campaigns.gain as high_season_gain,
    campaigns.campaigns,
    campaigns.margin as campaign_margin,
    low_season.discount as low_season_discount,
    months.months_outside,
    months.segments_outside,
    months.segments_steady,
    months.segments_too_short,
    stocks.products,
    stocks.products_below,
    stocks.products_above,
    stocks.tested_in,
    stocks.products_tested,
    stocks.products_covered,
    stocks.sales_to_forecast,
    stocks.value_above_ceiling,
    stocks.margin_at_risk,
    feedback.unrated,
    feedback.unrated_revenue,
    feedback.hidden_gems,
    feedback.disliked,
    feedback.share_better,
    feedback.share_others,
    feedback.rating_link,
    feedback.pages_closed,
    costs.cost_rise,
    costs.price_rise,
    costs.price_rise_excl_vat,
    costs.margin_lost
from clean.reporting_period as reporting_period
cross join raw.parameters as parameters
cross join stock
cross join slow_stock
cross join best_sellers
cross join campaigns
cross join low_season
cross join months
cross join stocks
cross join feedback
cross join costs
