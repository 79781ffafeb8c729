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
        case
            when finding <> 'nothing_found' and verdict <> 'contradicted'
                then
                    row_number() over (
                        partition by recommendation, finding = 'nothing_found', verdict = 'contradicted'
                        order by
                            case when yearly_effect is null then 1 else 0 end,
                            yearly_effect desc,
                            case verdict when 'supported' then 1 else 2 end,
                            case confidence when 'high' then 1 when 'medium' then 2 else 3 end,
                            rank
                    )
            when finding <> 'nothing_found'
                then
                    row_number() over (
                        partition by recommendation, finding = 'nothing_found', verdict = 'contradicted'
                        order by case when yearly_effect is null then 1 else 0 end, yearly_effect, rank
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
