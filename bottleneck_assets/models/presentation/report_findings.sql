-- one row per finding that the report on the recommendations shows: the CEO's first, and the first two for and against each advice
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
        end as place,
        audience = 'CEO' and row_number() over (partition by audience order by rank) = 1 as is_lead
    from extract.business_recommendations
)

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
    is_opposed,
    place,
    is_lead
from findings
where is_lead or place <= 2
order by recommendation, is_opposed, place, rank
