"""A campaign to try: one row a product type on which a discount in the low season can be tested, with what it costs and how to read it.

Twenty of the type's products, drawn at random, are discounted in its lowest month; the others tell what they would have sold without. That
takes a season of the type's own and forty products. It is no finding, and claims no effect.
"""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Contract, Count, Date, Ratio, Text, column, count_of, euros, quantity, ratio
from bottleneck_assets.models.recommended import evidence, scope


class TestCampaign(Contract):
    scope: Text = scope()
    segment: Text = columns.segment()
    product_type: Text = columns.product_type()
    low_month: Date = column("First day of the type's lowest month in the period.")
    season: Ratio = ratio("Its seasonal index; 1 is the mean month.", ge=0)
    products: Count = count_of("products", "Products to discount.", ge=1)
    discount_rate: Ratio = ratio(
        "Discount that the type's promotions gave, else those of all types.",
        formula="discount / list price, both summed over units on promotion",
        gt=0,
    )
    expected_units: Ratio = quantity(
        "Units that as many products sold on average in the month.", formula="products * mean units of a product", gt=0
    )
    revenue_excl_vat: Amount = euros("Revenue excl. VAT of as many products in the month.", ge=0)
    cost: Amount = euros("What the discount costs if it sells nothing more, excl. VAT.", formula="discount_rate * revenue_excl_vat", ge=0)
    break_even_lift: Ratio = ratio(
        "Lift at which the margin is what it would have been; null where no lift can pay.",
        formula="gross_margin_rate / (gross_margin_rate - discount_rate)",
        ge=1,
    )
    chance_high: Ratio = ratio(
        "Lift that as many products drawn at random exceed by chance in one case of twenty.",
        formula="1 + 1.645 * sqrt(products) * deviation of a product's units / expected_units",
        nullable=False,
        ge=1,
    )
    low_season_discount: Amount = euros("Discount given on the type in months whose seasonal index is below 1.")
    evidence: Text = evidence()

    class Config(Contract.Config):
        unique = ["scope"]
