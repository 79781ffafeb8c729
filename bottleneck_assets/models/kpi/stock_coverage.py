"""Whether the reorder points would have covered the demand: one row a test, product type and month.

Out of sample: as they would have been told at the end of the reporting period, held against the month after it, where the export has that.
In sample: as they are told now, held against every month that they are made of. About `service_level` of the products should be covered.
"""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Date, Ratio, Text, column, count_of, quantity, ratio


class StockCoverage(Contract):
    test: Text = column("Whether the month was known when the reorder points were made.", isin=["in sample", "out of sample"])
    as_of: Date = columns.as_of()
    segment: Text = columns.segment()
    product_type: Text = columns.product_type()
    month: Date = columns.month()
    products: Count = count_of("products", "Products tested: those with a reorder point, and not on promotion in the month.", ge=1)
    products_covered: Count = count_of("products", "Of them, those that sold no more than their reorder point.", ge=0)
    share_covered: Ratio = ratio("Share of the products covered.", formula="products_covered / products", nullable=False, ge=0, le=1)
    units: Count = quantity("What they sold in the month.", ge=0)
    forecast_units: Ratio = quantity("What their levels and the season foretold.", ge=0)

    class Config(Contract.Config):
        unique = ["test", "segment", "product_type", "month"]
