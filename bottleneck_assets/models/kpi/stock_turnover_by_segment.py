"""Stock turnover by segment, over the reporting period and stocked products."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Contract, Ratio, Text, euros


class StockTurnoverBySegment(Contract):
    segment: Text = columns.segment()
    cogs: Amount = columns.cogs()
    mean_stock_value: Ratio = columns.mean_stock_value()
    stock_value_end: Amount = euros("Value of its products' last stock.", formula="sum(stock_end * purchase_price)", ge=0)
    turnover: Ratio = columns.turnover()
    days_of_stock: Ratio = columns.days_of_stock()

    class Config(Contract.Config):
        unique = ["segment"]
