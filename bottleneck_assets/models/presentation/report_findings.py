"""The findings that the report on the recommendations shows: one row each, the first two for and the first two against each advice.

Those for an advice, or undecided, come with the largest effect first, else with what is about the most euros; those against it with the
largest loss first. The report opens with the two largest effects that are known with high confidence or are facts, and with the undecided
campaign that most was spent on.
"""

from bottleneck_assets.models import recommended
from bottleneck_assets.models.contract import Contract, Count, Flag, Text, column


class ReportFindings(Contract):
    rank: Count = recommended.rank()
    recommendation: Text = recommended.recommendation()
    audience: Text = recommended.audience()
    scope: Text = recommended.scope()
    sku: Count = recommended.sku()
    segment: Text = recommended.segment()
    finding: Text = recommended.finding()
    verdict: Text = recommended.verdict()
    confidence: Text = recommended.confidence()
    evidence: Text = recommended.evidence()
    is_opposed: Flag = column("Whether the data contradicts the advice here.")
    place: Count = column("Place among those for, or against, the same advice; null where nothing was found.", nullable=True, ge=1)
    opening: Text = column("What it opens the report with: what is known, or what is not.", nullable=True, isin=["known", "unknown"])

    class Config(Contract.Config):
        unique = ["rank"]
