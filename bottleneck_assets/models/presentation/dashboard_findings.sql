-- one row per finding that the dashboard shows: all but those on products, and of those the 800 with the largest effects
with

findings as (
    select
        rank,
        recommendation,
        audience,
        scope_kind,
        left(scope, 200) as scope,
        sku,
        segment,
        month,
        verdict,
        yearly_effect,
        one_off_cash,
        confidence,
        sentence_en,
        sentence_fr,
        row_number() over (partition by sku is null order by rank) as place
    from extract.business_recommendations
)

select
    findings.rank,
    findings.recommendation,
    findings.audience,
    findings.scope_kind,
    findings.scope,
    findings.sku,
    findings.segment,
    products.product_type,
    products.abc_class,
    products.cover_band,
    findings.month,
    findings.verdict,
    findings.yearly_effect,
    findings.one_off_cash,
    findings.confidence,
    findings.sentence_en,
    findings.sentence_fr
from findings
left join presentation.products as products on findings.sku = products.sku
where findings.sku is null or findings.place <= 800
order by findings.rank
