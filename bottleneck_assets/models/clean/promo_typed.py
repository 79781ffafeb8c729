"""Every row of the export's Promo table, typed: one row a row of the export, with the reason if it cannot be used."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Date, Flag, Price, Text, column


class PromoTyped(Contract):
    row_number: Count = columns.row_number()
    month: Date = column("First day of the month.", nullable=True)
    sku: Count = column("The shop's number of the product.", nullable=True)
    starts_on: Date = column("First day of the promotion.", nullable=True)
    ends_on: Date = column("Last day of the promotion.", nullable=True)
    units_promo: Count = column("Units sold on promotion, as exported.", nullable=True)
    offer_price: Price = column("Price on promotion, in euros.", nullable=True)
    list_price: Price = column("Price without promotion, in euros, from Finance.", nullable=True)
    is_offer_usable: Flag = column("Whether units and price can be used; only then has the row a defect, if any, in its dates alone.")
    is_exact_copy: Flag = columns.is_exact_copy()
    respelled: Text = columns.respelled()
    defect: Text = columns.defect()

    class Config(Contract.Config):
        unique = ["row_number"]
