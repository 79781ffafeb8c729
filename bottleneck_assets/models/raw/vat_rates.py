"""The rate of VAT of each segment, as the settings have it: one row per label."""

from bottleneck_assets.models.contract import Contract, Factor, Price, Text, column, ratio


class VatRates(Contract):
    label: Text = column("Segment that the rate is set for, folded as labels are.", str_length={"min_value": 1})
    vat_rate: Price = ratio("Rate of VAT, 0.2 for 20 %.", nullable=False, ge=0, lt=1)
    net_factor: Factor = ratio(
        "What a sale price is multiplied by to leave VAT out; 1 where sale prices are set as excl. VAT.",
        formula="1 / (1 + vat_rate), rounded up at 19 decimals",
        nullable=False,
        gt=0,
        le=1,
    )

    class Config(Contract.Config):
        unique = ["label"]
