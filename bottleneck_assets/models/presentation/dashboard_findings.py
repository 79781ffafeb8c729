"""The dashboard's findings: one row a finding of the recommendations; of those on single products, the 800 with the largest effects."""

from bottleneck_assets.models import recommended
from bottleneck_assets.models.contract import Amount, Contract, Count, Date, Text, column
from bottleneck_assets.models.presentation.products import abc_class, cover_band


class DashboardFindings(Contract):
    rank: Count = recommended.rank()
    recommendation: Text = recommended.recommendation()
    audience: Text = recommended.audience()
    scope_kind: Text = recommended.scope_kind()
    scope: Text = column("The product, segment, month or campaign that the row is about: its first 200 characters.")
    sku: Count = recommended.sku()
    segment: Text = recommended.segment()
    product_type: Text = column("Type of the product; null where the row is not about one.", nullable=True)
    abc_class: Text = abc_class()
    cover_band: Text = cover_band()
    month: Date = recommended.month()
    verdict: Text = recommended.verdict()
    yearly_effect: Amount = recommended.yearly_effect(additive="no")
    one_off_cash: Amount = recommended.one_off_cash()
    confidence: Text = recommended.confidence()
    sentence_en: Text = column("What was found and what to do, in English.")
    sentence_fr: Text = column("What was found and what to do, in French.")

    class Config(Contract.Config):
        unique = ["rank"]
