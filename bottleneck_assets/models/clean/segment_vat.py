"""The rate of VAT that sale prices hold: one row per segment. A segment that the settings give no rate has the commonest."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Factor, Flag, Price, Text, column, count_of, ratio


class SegmentVat(Contract):
    segment: Text = columns.segment()
    products: Count = count_of("products", "Products of the segment.", ge=1)
    vat_rate: Price = ratio("Rate of VAT, 0.2 for 20 %.", nullable=False, ge=0, lt=1)
    net_factor: Factor = ratio(
        "What a sale price is multiplied by to leave VAT out; 1 where sale prices are set as excl. VAT.",
        formula="1 / (1 + vat_rate), rounded up at 19 decimals",
        nullable=False,
        gt=0,
        le=1,
    )
    is_assumed: Flag = column("Whether the settings give no rate for the segment, so that the commonest is taken.")

    class Config(Contract.Config):
        unique = ["segment"]
