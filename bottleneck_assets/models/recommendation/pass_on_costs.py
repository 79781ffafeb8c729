"""Pass on costs: one row a product type, what its purchase and sale prices did to the margin at the same volumes.

The first month of the reporting period is held against the last, over the products that are priced in every month, as many units of each as
the period sold. Products of which a price or a sale is in quarantine stay out.
"""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Count, Date, Ratio, Text, column, count_of, euros, ratio
from bottleneck_assets.models.recommended import Recommendation, evidence


class PassOnCosts(Recommendation):
    product_type: Text = columns.product_type()
    first_month: Date = column("First month of the reporting period; null where nothing can be compared.", nullable=True)
    last_month: Date = column("Last month of the reporting period; null where nothing can be compared.", nullable=True)
    products: Count = count_of("products", "Products of the type that are priced in every month.", ge=0)
    cost_rise: Amount = euros(
        "What the period's units cost more at the last month's purchase prices than at the first month's.",
        formula="sum(units * (purchase_price of the last month - purchase_price of the first))",
        nullable=True,
    )
    price_rise: Amount = euros(
        "What customers pay more for them at the last month's list prices, VAT as in the export.",
        formula="sum(units * (price of the last month - price of the first))",
        nullable=True,
    )
    price_rise_excl_vat: Amount = euros("What of that is left to the shop, excl. VAT.", nullable=True)
    margin_change: Amount = euros(
        "What both did to the margin at the same volumes, excl. VAT.", formula="price_rise_excl_vat - cost_rise", nullable=True
    )
    cost_move: Ratio = ratio("Change of what the units cost.", formula="cost_rise / their cost in the first month")
    price_move: Ratio = ratio("Change of what customers pay for them.", formula="price_rise / their price in the first month")
    products_squeezed: Count = count_of("products", "Products whose margin fell.", nullable=True, ge=0)
    further_rise: Ratio = ratio(
        "Rise of list prices, beyond what was done, that gives the margin in euros back.",
        formula="-margin_change / revenue excl. VAT at the last month's list prices",
    )
    further_rise_for_rate: Ratio = ratio(
        "Rise of list prices, beyond what was done, that gives the margin rate back.", formula="(1 + cost_move) / (1 + price_move) - 1"
    )
    evidence: Text = evidence()
