"""Stock turnover: one row a stocked product, over the reporting period."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Contract, Count, Ratio, Text, column, euros, quantity


class StockTurnover(Contract):
    sku: Count = columns.sku()
    title: Text = columns.title()
    product_type: Text = columns.product_type()
    segment: Text = columns.segment()
    cogs: Amount = columns.cogs()
    mean_stock_value: Ratio = columns.mean_stock_value()
    stock_end: Count = quantity("Units in stock at the end of its last month.", ge=0)
    stock_value_end: Amount = euros("Value of the stock at the end of its last month.", formula="stock_end * purchase_price", ge=0)
    mean_monthly_units: Ratio = quantity("Mean units sold a month.", formula="units / months with a row", additive="no", ge=0)
    turnover: Ratio = columns.turnover()
    days_of_stock: Ratio = columns.days_of_stock()
    months_of_cover: Ratio = column("Months that the last stock lasts.", unit="months", nullable=True, ge=0)

    class Config(Contract.Config):
        unique = ["sku"]
