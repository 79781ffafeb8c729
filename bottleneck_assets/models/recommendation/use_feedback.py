"""Use feedback: one row a product whose ratings, or their lack, call for something; and one for the shop, where pages take no comments.

A best-seller that nobody rated is a fact. A well-rated product sells little where its units per month on sale are in the lower third of its
product type; a badly rated one sells much where it is a best-seller. Products of which something is in quarantine stay out, and so does
what has no stock.
"""

from bottleneck_assets.models import columns, recommended
from bottleneck_assets.models.contract import Amount, Count, Ratio, Text, column, count_of, quantity
from bottleneck_assets.models.recommended import Recommendation, evidence


class UseFeedback(Recommendation):
    rating_count: Count = columns.rating_count(nullable=True)
    average_rating: Ratio = columns.average_rating()
    shrunk_rating: Ratio = column("Rating drawn towards the shop's mean, fair to compare.", unit="stars of 5", nullable=True, ge=0, le=5)
    shop_rating: Ratio = column("The shop's mean rating.", unit="stars of 5", nullable=True, ge=0, le=5)
    units: Count = columns.sold_units(nullable=True)
    months_on_sale: Count = column("Months of the period in which the product has a row in Sales.", unit="months", nullable=True, ge=1)
    units_per_month: Ratio = quantity("Units sold per month on sale.", formula="units / months_on_sale", additive="no", nullable=True, ge=0)
    type_median: Ratio = quantity("The median of that over the rated products of its type.", additive="no", nullable=True, ge=0)
    revenue_excl_vat: Amount = columns.revenue_excl_vat(nullable=True)
    gross_margin: Amount = columns.gross_margin(nullable=True)
    share_better: Ratio = recommended.share_better()
    share_others: Ratio = recommended.share_others()
    rating_link: Ratio = recommended.rating_link()
    pages: Count = count_of("products", "Product pages; of the whole shop alone.", nullable=True, ge=1)
    pages_closed: Count = count_of("products", "Of them, those that take no comments.", nullable=True, ge=1)
    evidence: Text = evidence()
