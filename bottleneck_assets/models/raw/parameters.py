"""The settings that the figures depend on: one row, so that SQL can read them like any other table."""

from bottleneck_assets.models.contract import Contract, Date, Ratio, Text, column, ratio


class Parameters(Contract):
    promo_units: Text = column("Whether the export's Sales includes the units sold on promotion.", isin=["included", "excluded"])
    period_start: Date = column("First month of the reporting period where it is set, else null.", nullable=True)
    period_end: Date = column("Last month of the reporting period where it is set, else null.", nullable=True)
    service_level: Ratio = ratio("Share of months in which the reorder point should cover the demand.", nullable=False, gt=0, lt=1)
    service_factor: Ratio = column(
        "Standard deviations of monthly units to hold as safety stock.",
        unit="standard deviations",
        formula="inverse normal distribution of service_level",
        gt=0,
    )
