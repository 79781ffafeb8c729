"""What the rows in quarantine are worth, as far as it can be known: one row a table of the export."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Contract, Count, Ratio, Text, count_of, euros, quantity, ratio


class QuarantineWorth(Contract):
    source_table: Text = columns.source_table()
    rows_quarantined: Count = count_of("rows", "Rows in quarantine.", ge=0)
    units: Count = quantity(
        "Units sold that the figures lack because of them; of a row whose units cannot be read, the product's mean.",
        ge=0,
    )
    revenue: Amount = euros(
        "Revenue that the figures lack, or have too much of, because of them.",
        formula="units * the price of the row, else the product's mean price, else its cost at the shop's mark-up, "
        "else the shop's mean price; for a promotion whose units and offer can be read, units * (list_price - offer_price)",
        ge=0,
    )
    rows_of_unknown_worth: Count = count_of("rows", "Rows of sales or promotions of which that is not known.", ge=0)
    revenue_share: Ratio = ratio(
        "Share of the shop's revenue, theirs included.", formula="revenue / (revenue of sales + revenue)", ge=0, le=1
    )

    class Config(Contract.Config):
        unique = ["source_table"]
