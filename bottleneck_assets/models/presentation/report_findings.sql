-- one row per finding that the report on the recommendations shows: what opens it, and the first two for and against each advice
with

findings as (
    select
        rank,
        recommendation,
        audience,
        scope,
        sku,
        segment,
        finding,
        verdict,
        confidence,
        evidence,
        verdict = 'contradicted' as is_opposed,
        -- the surest finding of each advice
        verdict = 'supported' and confidence = 'high' and yearly_effect is not null
        and row_number() over (partition by recommendation, verdict, confidence order by rank) = 1 as is_surest,
        -- those for it, or undecided: the largest effect first, then the surest; those against it: the largest loss first
        case
            when finding <> 'nothing_found'
                then
                    as_count(
                        row_number() over (
                            partition by recommendation, finding = 'nothing_found', verdict = 'contradicted'
                            order by
                                case when yearly_effect is null then 1 else 0 end,
                                case when verdict = 'contradicted' then yearly_effect else -yearly_effect end,
                                case when verdict = 'inconclusive' then 1 else 0 end,
                                case when verdict = 'contradicted' or confidence = 'high' then 1 when confidence = 'medium' then 2 else 3 end,
                                rank
                        )
                    )
        end as place
    from extract.business_recommendations
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
