"""Every row of the export's Sales table, typed: one row a row of the export, with the reason if it cannot be used."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Date, Flag, Text, column


class SalesTyped(Contract):
    row_number: Count = columns.row_number()
    month: Date = column("First day of the month.", nullable=True)
    sku: Count = column("The shop's number of the product.", nullable=True)
    units_sold: Count = column("Units sold, as exported.", nullable=True)
    supplier_orders: Count = column("Units ordered from the supplier; 0 where empty.", nullable=True)
    stock_end: Count = column("Units in stock at the month's end.", nullable=True)
    is_orders_empty: Flag = column("Whether the export's Orders is empty.")
    is_exact_copy: Flag = columns.is_exact_copy()
    respelled: Text = columns.respelled()
    defect: Text = columns.defect()

    class Config(Contract.Config):
        unique = ["row_number"]
