"""What the export covers: one row a month of the price list, with how many rows there are of it, and what was sold."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Contract, Count, Date, Flag, column, count_of


class MonthCoverage(Contract):
    month: Date = columns.month()
    is_reported: Flag = column("Whether the month is in the reporting period.")
    finance_rows: Count = count_of("rows", "Prices of the month.", ge=1)
    sales_rows: Count = count_of("rows", "Products with a row of sales in the month.", ge=0)
    promo_rows: Count = count_of("rows", "Promotions of the month.", ge=0)
    ledger_rows: Count = count_of("rows", "Rows of the stock ledger: products with a row in this month and the month before.", ge=0)
    units: Count = columns.sold_units()
    revenue: Amount = columns.revenue()

    class Config(Contract.Config):
        unique = ["month"]
