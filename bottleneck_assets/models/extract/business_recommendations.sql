-- one row per recommendation and scope, the largest yearly effect first; a recommendation that finds nothing has one row
with

scopes as (
    select
        'free_cash' as recommendation,
        scope_kind,
        scope,
        sku,
        segment,
        month,
        finding,
        verdict,
        yearly_effect,
        confidence,
        evidence
    from recommendation.free_cash
    union all
    select
        'protect_best_sellers' as recommendation,
        scope_kind,
        scope,
        sku,
        segment,
        month,
        finding,
        verdict,
        yearly_effect,
        confidence,
        evidence
    from recommendation.protect_best_sellers
    union all
    select
        'promote_low_season' as recommendation,
        scope_kind,
        scope,
        sku,
        segment,
        month,
        finding,
        verdict,
        yearly_effect,
        confidence,
        evidence
    from recommendation.promote_low_season
    union all
    select
        'monitor_segments' as recommendation,
        scope_kind,
        scope,
        sku,
        segment,
        month,
        finding,
        verdict,
        yearly_effect,
        confidence,
        evidence
    from recommendation.monitor_segments
    union all
    select
        'stock_thresholds' as recommendation,
        scope_kind,
        scope,
        sku,
        segment,
        month,
        finding,
        verdict,
        yearly_effect,
        confidence,
        evidence
    from recommendation.stock_thresholds
    union all
    select
        'use_feedback' as recommendation,
        scope_kind,
        scope,
        sku,
        segment,
        month,
        finding,
        verdict,
        yearly_effect,
        confidence,
        evidence
    from recommendation.use_feedback
    union all
    select
        'pass_on_costs' as recommendation,
        scope_kind,
        scope,
        sku,
        segment,
        month,
        finding,
        verdict,
        yearly_effect,
        confidence,
        evidence
    from recommendation.pass_on_costs
),

found as (
    select
        summary.recommendation,
        summary.audience,
        coalesce(scopes.scope_kind, 'shop') as scope_kind,
        coalesce(scopes.scope, 'shop') as scope,
        scopes.sku,
        scopes.segment,
        scopes.month,
        coalesce(scopes.finding, 'nothing_found') as finding,
        coalesce(scopes.verdict, 'inconclusive') as verdict,
        scopes.yearly_effect,
        free_cash.value_beyond_cover as one_off_cash,
        coalesce(scopes.confidence, case when scopes.finding is null then 'low' end) as confidence,
        coalesce(scopes.evidence, '') as evidence
    from recommendation.summary as summary
    left join scopes on summary.recommendation = scopes.recommendation
    left join recommendation.free_cash as free_cash on scopes.recommendation = 'free_cash' and scopes.scope = free_cash.scope
)

select
    as_count(
        row_number() over (
            order by
                case when yearly_effect is null then 1 else 0 end asc, abs(yearly_effect) desc, recommendation asc, scope asc
        )
    ) as rank,
    recommendation,
    audience,
    scope_kind,
    scope,
    sku,
    segment,
    month,
    finding,
    verdict,
    yearly_effect,
    one_off_cash,
    sentence('en', recommendation, 'method', '', '') as effect_method,
    confidence,
    evidence,
    sentence('en', recommendation, finding, scope, evidence) as sentence_en,
    sentence('fr', recommendation, finding, scope, evidence) as sentence_fr
from found
order by rank
