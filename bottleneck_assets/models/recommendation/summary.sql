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
    union all
    select
        'pass_on_costs' as recommendation,
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
    union all
    select
        'pass_on_costs' as recommendation,
        verdict,
        yearly_effect
    from recommendation.pass_on_costs
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

-- each figure by its name in the sentences
evidenced as (
    select
        'free_cash' as recommendation,
        concat_ws(
            '; ',
            figure('stock_date', stock_date),
            figure('stock_value', stock_value),
            figure('slow_products', slow_products),
            figure('value_beyond_cover', value_beyond_cover),
            figure('value_sure', value_sure),
            figure('carrying_cost_rate', rounded(carrying_cost_rate))
        ) as evidence
    from recommendation.summary_figures
    union all
    select
        'protect_best_sellers' as recommendation,
        concat_ws(
            '; ',
            figure('discount_lost', best_seller_discount_lost),
            figure('loss', best_seller_loss),
            figure('discount_paid', best_seller_discount_paid),
            figure('gain', best_seller_gain)
        ) as evidence
    from recommendation.summary_figures
    union all
    select
        'promote_low_season' as recommendation,
        concat_ws(
            '; ',
            figure('loss', high_season_loss),
            figure('gain', high_season_gain),
            figure('campaigns', campaigns),
            figure('campaign_margin', campaign_margin),
            figure('low_season_discount', low_season_discount)
        ) as evidence
    from recommendation.summary_figures
    union all
    select
        'monitor_segments' as recommendation,
        concat_ws(
            '; ',
            figure('months_outside', months_outside),
            figure('segments', segments_outside),
            figure('segments_steady', segments_steady),
            figure('segments_too_short', segments_too_short)
        ) as evidence
    from recommendation.summary_figures
    union all
    select
        'stock_thresholds' as recommendation,
        concat_ws(
            '; ',
            figure('stock_date', stock_date),
            figure('products_below', products_below),
            figure('products_above', products_above),
            figure('products', products),
            figure('tested_in', tested_in),
            figure('products_tested', products_tested),
            figure('products_covered', products_covered),
            figure('sales_to_forecast', rounded(sales_to_forecast)),
            figure('value_above_ceiling', value_above_ceiling),
            figure('margin_at_risk', margin_at_risk)
        ) as evidence
    from recommendation.summary_figures
    union all
    select
        'use_feedback' as recommendation,
        concat_ws(
            '; ',
            figure('unrated', unrated),
            figure('unrated_revenue', unrated_revenue),
            figure('hidden_gems', hidden_gems),
            figure('disliked', disliked),
            figure('share_better', rounded(share_better)),
            figure('share_others', rounded(share_others)),
            figure('rating_link', rounded(rating_link)),
            figure('pages_closed', pages_closed)
        ) as evidence
    from recommendation.summary_figures
    union all
    select
        'pass_on_costs' as recommendation,
        concat_ws(
            '; ',
            figure('cost_rise', cost_rise),
            figure('price_rise', price_rise),
            figure('price_rise_excl_vat', price_rise_excl_vat),
            figure('margin_lost', margin_lost)
        ) as evidence
    from recommendation.summary_figures
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
    concat_ws(
        '; ',
        figure('supported', counted.supported),
        figure('contradicted', counted.contradicted),
        figure('yearly_effect', counted.yearly_effect),
        evidenced.evidence
    ) as evidence
from counted
inner join evidenced on counted.recommendation = evidenced.recommendation
order by counted.yearly_effect desc, counted.recommendation asc
