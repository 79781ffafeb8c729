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
        euros(coalesce(sum(case when scopes.verdict = 'supported' then scopes.yearly_effect end), 0)) as yearly_effect,
        euros(coalesce(sum(case when scopes.verdict = 'contradicted' then scopes.yearly_effect end), 0)) as opposed_effect
    from recommendations
    left join scopes on recommendations.recommendation = scopes.recommendation
    group by recommendations.recommendation, recommendations.audience
),

slow_stock as (
    select
        euros(coalesce(sum(value_beyond_cover), 0)) as value_beyond_cover,
        euros((select coalesce(sum(turnover.stock_value_end), 0) from kpi.stock_turnover as turnover)) as stock_value,
        (select euros(parameters.max_cover_months) from raw.parameters as parameters) as max_cover_months
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

low_seasons as (
    select
        segment,
        max(low_season_discount) as low_season_discount
    from recommendation.promote_low_season
    group by segment
),

campaigns as (
    select
        euros(coalesce(sum(case when finding = 'high_lost' then -incremental_margin end), 0)) as loss,
        euros(coalesce(sum(case when finding = 'high_paid' then incremental_margin end), 0)) as gain,
        euros((select coalesce(sum(low_seasons.low_season_discount), 0) from low_seasons)) as low_season_discount
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
        as_count(coalesce(sum(products), 0)) as products,
        as_count(coalesce(sum(products_below), 0)) as products_below,
        as_count(coalesce(sum(products_above), 0)) as products_above,
        euros(coalesce(sum(value_above_ceiling), 0)) as value_above_ceiling,
        euros(coalesce(sum(margin_at_risk), 0)) as margin_at_risk
    from recommendation.stock_thresholds
),

feedback as (
    select
        count(*) filter (where finding = 'unrated') as unrated,
        euros(coalesce(sum(case when finding = 'unrated' then revenue end), 0)) as unrated_revenue,
        count(*) filter (where finding = 'hidden_gem') as hidden_gems,
        count(*) filter (where finding = 'disliked') as disliked,
        euros(max(share_better)) as share_better,
        euros(max(share_others)) as share_others,
        euros(max(rating_link)) as rating_link
    from recommendation.use_feedback
),

evidenced as (
    select
        'free_cash' as recommendation,
        'stock_value=' || as_text(stock_value)
        || '; value_beyond_cover=' || as_text(value_beyond_cover)
        || '; max_cover_months=' || as_text(max_cover_months) as evidence
    from slow_stock
    union all
    select
        'protect_best_sellers' as recommendation,
        'discount_lost=' || as_text(discount_lost)
        || '; loss=' || as_text(loss)
        || '; discount_paid=' || as_text(discount_paid)
        || '; gain=' || as_text(gain) as evidence
    from best_sellers
    union all
    select
        'promote_low_season' as recommendation,
        'loss=' || as_text(loss)
        || '; gain=' || as_text(gain)
        || '; low_season_discount=' || as_text(low_season_discount) as evidence
    from campaigns
    union all
    select
        'monitor_segments' as recommendation,
        'months_outside=' || as_text(months_outside) || '; segments=' || as_text(segments) as evidence
    from months
    union all
    select
        'stock_thresholds' as recommendation,
        'products_below=' || as_text(products_below)
        || '; products_above=' || as_text(products_above)
        || '; products=' || as_text(products)
        || '; value_above_ceiling=' || as_text(value_above_ceiling)
        || '; margin_at_risk=' || as_text(margin_at_risk) as evidence
    from stocks
    union all
    select
        'use_feedback' as recommendation,
        'unrated=' || as_text(unrated)
        || '; unrated_revenue=' || as_text(unrated_revenue)
        || '; hidden_gems=' || as_text(hidden_gems)
        || '; disliked=' || as_text(disliked)
        || coalesce('; share_better=' || as_text(share_better), '')
        || coalesce('; share_others=' || as_text(share_others), '')
        || coalesce('; rating_link=' || as_text(rating_link), '') as evidence
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
    'supported=' || as_text(counted.supported)
    || '; contradicted=' || as_text(counted.contradicted)
    || '; yearly_effect=' || as_text(counted.yearly_effect)
    || '; ' || evidenced.evidence as evidence
from counted
inner join evidenced on counted.recommendation = evidenced.recommendation
order by counted.yearly_effect desc, counted.recommendation asc
