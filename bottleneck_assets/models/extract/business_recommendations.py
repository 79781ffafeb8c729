"""Tab Business Recommendations: one row a recommendation and scope, the largest effect first, with its evidence and a sentence."""

from bottleneck_assets.models import recommended
from bottleneck_assets.models.contract import Amount, Contract, Count, Date, Text, column


class BusinessRecommendations(Contract):
    rank: Count = column("Place by yearly effect, the largest first.", ge=1)
    recommendation: Text = recommended.recommendation()
    audience: Text = recommended.audience()
    scope_kind: Text = recommended.scope_kind()
    scope: Text = recommended.scope()
    sku: Count = column("The shop's number of the product; null where the row is not about one.", nullable=True, ge=0)
    segment: Text = column("Segment; null where the row is about the whole shop.", nullable=True)
    month: Date = column("First day of the month; null where the row is not about one.", nullable=True)
    finding: Text = recommended.finding()
    verdict: Text = recommended.verdict()
    yearly_effect: Amount = recommended.yearly_effect(additive="no")
    effect_method: Text = column("How the yearly effect is estimated.")
    confidence: Text = column(
        "How sure the finding is: high from 2.58 standard errors (99 % sure), medium from 1.64 (90 %), else low; low where inconclusive.",
        isin=["high", "medium", "low"],
    )
    evidence: Text = recommended.evidence()
    sentence_en: Text = column("What was found and what to do, in English.")
    sentence_fr: Text = column("What was found and what to do, in French.")

    class Config(Contract.Config):
        unique = ["recommendation", "scope"]
