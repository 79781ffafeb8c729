"""The seven recommendations: one row each, how many scopes support or contradict it, and what following it where it is supported brings."""

from bottleneck_assets.models.contract import Amount, Contract, Count, Text, column, count_of, euros
from bottleneck_assets.models.recommended import audience, evidence, recommendation


class Summary(Contract):
    recommendation: Text = recommendation()
    audience: Text = audience()
    scopes: Count = count_of("scopes", "Products, segments, months or campaigns with a finding.", ge=0)
    supported: Count = count_of("scopes", "Of them, those where the data supports the advice.", ge=0)
    contradicted: Count = count_of("scopes", "Of them, those where the data contradicts the advice.", ge=0)
    inconclusive: Count = count_of("scopes", "Of them, those where the data cannot tell.", ge=0)
    yearly_effect: Amount = euros("Effect of following the advice where it is supported, a year. No euro is claimed by two.", additive="no")
    opposed_effect: Amount = euros("Effect of following the advice where it is contradicted, a year.", additive="no")
    finding: Text = column("Whether the data supports it somewhere, only contradicts it, or neither.", isin=["found", "opposed", "nothing"])
    evidence: Text = evidence()

    class Config(Contract.Config):
        unique = ["recommendation"]
