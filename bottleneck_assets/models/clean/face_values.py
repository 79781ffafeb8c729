"""What products whose title names their value in euros, such as gift cards, say of VAT in prices: one row per such product."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Date, Price, Text, column, euros, ratio


class FaceValues(Contract):
    sku: Count = columns.sku()
    title: Text = columns.title()
    month: Date = column("The last month that the product has a price in.")
    face_value: Price = euros("Value that the title names.", additive="no", gt=0)
    price: Price = euros("Sale price in that month.", additive="no", ge=0)
    purchase_price: Price = euros("Purchase price in that month.", additive="no", ge=0)
    vat_rate: Price = ratio("Rate of VAT of its segment.", nullable=False, ge=0, lt=1)
    supports: Text = column(
        "The reading of sale prices that fits: sold at its value and bought at its value less VAT (incl_vat), sold at its value less VAT "
        "(excl_vat), or null where they show neither.",
        isin=["incl_vat", "excl_vat"],
        nullable=True,
    )

    class Config(Contract.Config):
        unique = ["sku"]
