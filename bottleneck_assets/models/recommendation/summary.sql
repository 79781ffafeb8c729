-- one row per recommendation
with

recommendations as (
    select
        'free_cash' as recommendation,
        'CEO' as audience
    union all
    select
        'protect_best_sellers' as recommendation,
        'Head of Sales' as audience
    union all
    select
        'promote_low_season' as recommendation,
        'CEO' as audience
    union all
    select
        'monitor_segments' as recommendation,
        'Head of Sales' as audience
    union all
    select
        'stock_thresholds' as recommendation,
        'Product managers' as audience
    union all
    select
        'use_feedback' as recommendation,
        'Product managers' as audience
),

scopes as (
    select
        'free_cash' as recommendation,
        verdict,
        yearly_effect
    from recommendation.free_cash
    union all
    select
        'protect_best_sellers' as recommendation,
        verdict,
        yearly_effect
    from recommendation.protect_best_sellers
    union all
    select
        'promote_low_season' as recommendation,
        verdict,
        yearly_effect
    from recommendation.promote_low_season
    union all
    select
        'monitor_segments' as recommendation,
        verdict,
        yearly_effect
    from recommendation.monitor_segments
    union all
    select
        'stock_thresholds' as recommendation,
        verdict,
        yearly_effect
    from recommendation.stock_thresholds
    union all
    select
        'use_feedback' as recommendation,
        verdict,
        yearly_effect
    from recommendation.use_feedback
),

counted as (
    select
        recommendations.recommendation,
        recommendations.audience,
        count(scopes.verdict) as scopes,
        count(*) filter (where scopes.verdict = 'supported') as supported,
        count(*) filter (where scopes.verdict = 'contradicted') as contradicted,
        count(*) filter (where scopes.verdict = 'inconclusive') as inconclusive,
        cast(coalesce(sum(case when scopes.verdict = 'supported' then scopes.yearly_effect end), 0) as decimal(18, 4)) as yearly_effect,
        cast(coalesce(sum(case when scopes.verdict = 'contradicted' then scopes.yearly_effect end), 0) as decimal(18, 4)) as opposed_effect
    from recommendations
    left join scopes on recommendations.recommendation = scopes.recommendation
    group by recommendations.recommendation, recommendations.audience
),

slow_stock as (
    select
        cast(coalesce(sum(value_beyond_cover), 0) as decimal(18, 4)) as value_beyond_cover,
        cast((select coalesce(sum(turnover.stock_value_end), 0) from kpi.stock_turnover as turnover) as decimal(18, 4)) as stock_value,
        (select cast(parameters.max_cover_months as decimal(18, 4)) from raw.parameters as parameters) as max_cover_months
    from recommendation.free_cash
),

best_sellers as (
    select
        cast(coalesce(sum(case when verdict = 'supported' then discount_cost end), 0) as decimal(18, 4)) as discount_lost,
        cast(coalesce(sum(case when verdict = 'supported' then -incremental_margin end), 0) as decimal(18, 4)) as loss,
        cast(coalesce(sum(case when verdict = 'contradicted' then discount_cost end), 0) as decimal(18, 4)) as discount_paid,
        cast(coalesce(sum(case when verdict = 'contradicted' then incremental_margin end), 0) as decimal(18, 4)) as gain
    from recommendation.protect_best_sellers
),

low_seasons as (
    select
        segment,
        max(low_season_discount) as low_season_discount
    from recommendation.promote_low_season
    group by segment
),

campaigns as (
    select
        cast(coalesce(sum(case when finding = 'high_lost' then -incremental_margin end), 0) as decimal(18, 4)) as loss,
        cast(coalesce(sum(case when finding = 'high_paid' then incremental_margin end), 0) as decimal(18, 4)) as gain,
        cast((select coalesce(sum(low_seasons.low_season_discount), 0) from low_seasons) as decimal(18, 4)) as low_season_discount
    from recommendation.promote_low_season
),

months as (
    select
        count(month) as months_outside,
        count(distinct case when month is not null then segment end) as segments
    from recommendation.monitor_segments
),

stocks as (
    select
        cast(coalesce(sum(products), 0) as bigint) as products,
        cast(coalesce(sum(products_below), 0) as bigint) as products_below,
        cast(coalesce(sum(products_above), 0) as bigint) as products_above,
        cast(coalesce(sum(value_above_ceiling), 0) as decimal(18, 4)) as value_above_ceiling,
        cast(coalesce(sum(margin_at_risk), 0) as decimal(18, 4)) as margin_at_risk
    from recommendation.stock_thresholds
),

feedback as (
    select
        count(*) filter (where finding = 'unrated') as unrated,
        cast(coalesce(sum(case when finding = 'unrated' then revenue end), 0) as decimal(18, 4)) as unrated_revenue,
        count(*) filter (where finding = 'hidden_gem') as hidden_gems,
        count(*) filter (where finding = 'disliked') as disliked,
        cast(max(share_better) as decimal(18, 4)) as share_better,
        cast(max(share_others) as decimal(18, 4)) as share_others,
        cast(max(rating_link) as decimal(18, 4)) as rating_link
    from recommendation.use_feedback
),

evidenced as (
    select
        'free_cash' as recommendation,
        'stock_value=' || cast(stock_value as varchar)
        || '; value_beyond_cover=' || cast(value_beyond_cover as varchar)
        || '; max_cover_months=' || cast(max_cover_months as varchar) as evidence
    from slow_stock
    union all
    select
        'protect_best_sellers' as recommendation,
        'discount_lost=' || cast(discount_lost as varchar)
        || '; loss=' || cast(loss as varchar)
        || '; discount_paid=' || cast(discount_paid as varchar)
        || '; gain=' || cast(gain as varchar) as evidence
    from best_sellers
    union all
    select
        'promote_low_season' as recommendation,
        'loss=' || cast(loss as varchar)
        || '; gain=' || cast(gain as varchar)
        || '; low_season_discount=' || cast(low_season_discount as varchar) as evidence
    from campaigns
    union all
    select
        'monitor_segments' as recommendation,
        'months_outside=' || cast(months_outside as varchar) || '; segments=' || cast(segments as varchar) as evidence
    from months
    union all
    select
        'stock_thresholds' as recommendation,
        'products_below=' || cast(products_below as varchar)
        || '; products_above=' || cast(products_above as varchar)
        || '; products=' || cast(products as varchar)
        || '; value_above_ceiling=' || cast(value_above_ceiling as varchar)
        || '; margin_at_risk=' || cast(margin_at_risk as varchar) as evidence
    from stocks
    union all
    select
        'use_feedback' as recommendation,
        'unrated=' || cast(unrated as varchar)
        || '; unrated_revenue=' || cast(unrated_revenue as varchar)
        || '; hidden_gems=' || cast(hidden_gems as varchar)
        || '; disliked=' || cast(disliked as varchar)
        || coalesce('; share_better=' || cast(share_better as varchar), '')
        || coalesce('; share_others=' || cast(share_others as varchar), '')
        || coalesce('; rating_link=' || cast(rating_link as varchar), '') as evidence
    from feedback
)

select
    counted.recommendation,
    counted.audience,
    counted.scopes,
    counted.supported,
    counted.contradicted,
    counted.inconclusive,
    counted.yearly_effect,
    counted.opposed_effect,
    case when counted.supported > 0 then 'found' when counted.contradicted > 0 then 'opposed' else 'nothing' end as finding,
    -- in every recommendation also what is counted of all
    'supported=' || cast(counted.supported as varchar)
    || '; contradicted=' || cast(counted.contradicted as varchar)
    || '; yearly_effect=' || cast(counted.yearly_effect as varchar)
    || '; ' || evidenced.evidence as evidence
from counted
inner join evidenced on counted.recommendation = evidenced.recommendation
order by counted.yearly_effect desc, counted.recommendation asc
