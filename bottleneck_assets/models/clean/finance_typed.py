"""Every row of the export's Finance table, typed: one row a row of the export, with the reason if it cannot be used."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Date, Flag, Price, Text, column


class FinanceTyped(Contract):
    row_number: Count = columns.row_number()
    month: Date = column("First day of the month.", nullable=True)
    sku: Count = column("The shop's number of the product.", nullable=True)
    price: Price = column("Sale price of a unit, in euros.", nullable=True)
    purchase_price: Price = column("Purchase price of a unit, in euros.", nullable=True)
    is_on_sale: Flag = column("Whether the shop sold it on the web in the month.", nullable=True)
    is_taxable: Flag = column("Whether VAT is due.", nullable=True)
    is_exact_copy: Flag = columns.is_exact_copy()
    respelled: Text = columns.respelled()
    defect: Text = columns.defect()

    class Config(Contract.Config):
        unique = ["row_number"]
