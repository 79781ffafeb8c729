"""Free cash: one row a product whose stock outlasts the months of cover that are set, with the cash tied up beyond them."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Count, Ratio, Text, column, euros, quantity
from bottleneck_assets.models.recommended import Recommendation, evidence, max_cover_months


class FreeCash(Recommendation):
    stock_end: Count = columns.stock_end()
    stock_value_end: Amount = columns.stock_value_end()
    mean_monthly_units: Ratio = quantity("Mean units sold a month.", additive="no", ge=0)
    months_of_cover: Ratio = column("Months that the last stock lasts; null where nothing sells.", unit="months", nullable=True, ge=0)
    turnover: Ratio = columns.turnover()
    value_beyond_cover: Amount = euros(
        "Value of the stock beyond the months of cover.", formula="stock_value_end * (1 - max_cover_months / months_of_cover)", ge=0
    )
    max_cover_months: Ratio = max_cover_months()
    evidence: Text = evidence()
