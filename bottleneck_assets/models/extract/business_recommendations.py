"""Tab Business Recommendations: one row a recommendation and scope, the largest effect first, with its evidence and a sentence."""

from bottleneck_assets.models import recommended
from bottleneck_assets.models.contract import Amount, Contract, Count, Date, Text, column


class BusinessRecommendations(Contract):
    rank: Count = recommended.rank()
    recommendation: Text = recommended.recommendation()
    audience: Text = recommended.audience()
    scope_kind: Text = recommended.scope_kind()
    scope: Text = recommended.scope()
    sku: Count = recommended.sku()
    segment: Text = recommended.segment()
    month: Date = recommended.month()
    finding: Text = recommended.finding()
    verdict: Text = recommended.verdict()
    yearly_effect: Amount = recommended.yearly_effect(additive="no")
    one_off_cash: Amount = recommended.one_off_cash()
    effect_method: Text = column("How the yearly effect is estimated.")
    confidence: Text = recommended.confidence()
    evidence: Text = recommended.evidence()
    sentence_en: Text = column("What was found and what to do, in English.")
    sentence_fr: Text = column("What was found and what to do, in French.")

    class Config(Contract.Config):
        unique = ["recommendation", "scope"]
