"""The stock ledger: one row a month and stocked product with a row in the month before; stock before + orders - sales should be stock."""

from bottleneck_assets.models.clean.stock_ledger_exceptions import StockLedgerExceptions
from bottleneck_assets.models.contract import Flag, column


class StockLedger(StockLedgerExceptions):
    is_balanced: Flag = column("Whether the row balances under the reading of Sales that is set.")
