"""The figures for the whole shop: one row a KPI over the reporting period."""

from bottleneck_assets.models.contract import Contract, Date, Ratio, Text, column


class Headline(Contract):
    kpi: Text = column("Name of the KPI.")
    label: Text = column("Name of the KPI as people say it.")
    value: Ratio = column("Value, in the row's unit; null where its divisor is 0.", nullable=True)
    unit: Text = column("Unit of the value.")
    period_start: Date = column("First month of the reporting period.")
    period_end: Date = column("Last month of the reporting period.")

    class Config(Contract.Config):
        unique = ["kpi"]
