"""The months that the KPIs cover: one row; the latest October to September that the export covers in full, unless it is set."""

from bottleneck_assets.models.contract import Contract, Count, Date, Flag, column


class ReportingPeriod(Contract):
    period_start: Date = column("First day of the first month; null if nothing could be read.", nullable=True)
    period_end: Date = column("First day of the last month; null if nothing could be read.", nullable=True)
    months: Count = column("Months of the period with sales.", unit="months", ge=0)
    is_full_year: Flag = column("Whether the period is a whole year, October to September.")

    class Config(Contract.Config):
        unique = ["period_start"]
