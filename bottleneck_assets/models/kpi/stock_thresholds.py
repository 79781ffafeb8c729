"""Stock thresholds: one row a stocked product, its reorder point and ceiling on the latest month-end, and where its stock stands."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Contract, Count, Date, Flag, Ratio, Text, column, count_of, ratio


class StockThresholds(Contract):
    sku: Count = columns.sku()
    title: Text = columns.title()
    product_type: Text = columns.product_type()
    segment: Text = columns.segment()
    stock_date: Date = columns.stock_date()
    stock_on_date: Count = columns.stock_on_date()
    stock_value_on_date: Amount = columns.stock_value_on_date()
    is_known: Flag = column("Whether every row of the product could be read; of what is in quarantine nothing is advised.")
    months: Count = count_of("months", "Months that the level rests on; 0 where the product is not known.", additive="no", ge=0)
    season_months: Count = column("Months of the year that the season rests on.", unit="months", nullable=True, ge=1, le=12)
    is_season_promoted: Flag = column("Whether a month of the cycle is known only from sales on promotion.")
    level: Ratio = column("Units sold in a mean month, the season left out.", unit="units", nullable=True, ge=0)
    forecast_units: Ratio = columns.forecast_units()
    deviation_monthly_units: Ratio = columns.deviation_monthly_units()
    cycle_months: Count = columns.cycle_months()
    cycle_units: Ratio = columns.cycle_units()
    reorder_point: Ratio = columns.reorder_point()
    stock_ceiling: Ratio = columns.stock_ceiling()
    state: Text = column(
        "Where the stock stands; null where there is no threshold.", nullable=True, isin=["below reorder point", "within", "above ceiling"]
    )
    value_above_ceiling: Amount = columns.value_above_ceiling()
    share_covered: Ratio = ratio(
        "Share of the type's products that the reorder points covered out of sample (kpi.stock_coverage); null where that is not tested.",
        ge=0,
        le=1,
    )
    is_disproved: Flag = column("Whether that is less than 90 %, and less than chance explains: then nothing is advised.")

    class Config(Contract.Config):
        unique = ["sku"]
