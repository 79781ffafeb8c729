"""Use feedback: one row a best-seller that nobody rated, a well-rated product that sells little, or a badly rated one that sells much."""

from bottleneck_assets.models import columns, recommended
from bottleneck_assets.models.contract import Amount, Count, Ratio, Text, column
from bottleneck_assets.models.recommended import Recommendation, evidence


class UseFeedback(Recommendation):
    rating_count: Count = columns.rating_count()
    average_rating: Ratio = columns.average_rating()
    shrunk_rating: Ratio = column("Rating drawn towards the shop's mean, fair to compare.", unit="stars of 5", nullable=True, ge=0, le=5)
    shop_rating: Ratio = column("The shop's mean rating.", unit="stars of 5", nullable=True, ge=0, le=5)
    units: Count = columns.sold_units()
    revenue: Amount = columns.revenue()
    gross_margin: Amount = columns.gross_margin()
    share_better: Ratio = recommended.share_better()
    share_others: Ratio = recommended.share_others()
    rating_link: Ratio = recommended.rating_link()
    evidence: Text = evidence()
