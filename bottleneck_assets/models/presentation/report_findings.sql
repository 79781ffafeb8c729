-- one row per finding that the report on the recommendations shows: what opens it, and the first two for and against each advice
with

-- what a finding is about where it claims no effect, to show the largest
weights as (
    select
        'protect_best_sellers' as recommendation,
        scope,
        discount_cost as weight
    from recommendation.protect_best_sellers
    union all
    select
        'monitor_segments' as recommendation,
        scope,
        abs(margin_against_band) as weight
    from recommendation.monitor_segments
    union all
    select
        'stock_thresholds' as recommendation,
        scope,
        value_above_ceiling as weight
    from recommendation.stock_thresholds
    union all
    select
        'use_feedback' as recommendation,
        scope,
        revenue_excl_vat as weight
    from recommendation.use_feedback
),

findings as (
    select
        advice.rank,
        advice.recommendation,
        advice.audience,
        advice.scope,
        advice.sku,
        advice.segment,
        advice.finding,
        advice.verdict,
        advice.confidence,
        advice.evidence,
        advice.verdict = 'contradicted' as is_opposed,
        -- the largest effect of each advice that is sure, or a fact
        advice.verdict = 'supported' and coalesce(advice.confidence, 'high') = 'high' and advice.yearly_effect is not null
        and row_number() over (
            partition by advice.recommendation, advice.verdict, coalesce(advice.confidence, 'high') order by advice.rank
        ) = 1 as is_surest,
        -- those for it, or undecided: the largest effect first, else what is about the most; those against it: the largest loss first
        case
            when advice.finding <> 'nothing_found'
                then
                    as_count(
                        row_number() over (
                            partition by advice.recommendation, advice.finding = 'nothing_found', advice.verdict = 'contradicted'
                            order by
                                case when advice.yearly_effect is null then 1 else 0 end,
                                case when advice.verdict = 'contradicted' then advice.yearly_effect else -advice.yearly_effect end,
                                case when advice.verdict = 'inconclusive' then 1 else 0 end,
                                coalesce(weights.weight, 0) desc,
                                advice.rank
                        )
                    )
        end as place
    from extract.business_recommendations as advice
    left join weights on advice.recommendation = weights.recommendation and advice.scope = weights.scope
),

-- the two largest of those, and the undecided campaign that most was spent on
opened as (
    select
        rank,
        'known' as opening,
        row_number() over (order by rank) as opening_place
    from findings
    where is_surest
    union all
    select
        findings.rank,
        'unknown' as opening,
        1 + row_number() over (order by campaigns.discount_cost desc, findings.rank asc) as opening_place
    from findings
    inner join recommendation.promote_low_season as campaigns on findings.scope = campaigns.scope
    where findings.recommendation = 'promote_low_season' and campaigns.finding = 'unclear' and campaigns.discount_cost is not null
)

select
    findings.rank,
    findings.recommendation,
    findings.audience,
    findings.scope,
    findings.sku,
    findings.segment,
    findings.finding,
    findings.verdict,
    findings.confidence,
    findings.evidence,
    findings.is_opposed,
    findings.place,
    opened.opening
from findings
left join opened on findings.rank = opened.rank and opened.opening_place <= 2
where findings.place <= 2 or opened.opening is not null
order by findings.recommendation, findings.is_opposed, findings.place, findings.rank
