"""Products that sold before their page was written: one row each, with the months that ended before that day and what was sold in them."""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Contract, Count, Date, Text, column, count_of, quantity


class SoldBeforePage(Contract):
    sku: Count = columns.sku()
    title: Text = columns.title()
    created_on: Date = column("Day on which its page was written.")
    first_sold: Date = column("First month in which it sold.")
    months_before: Count = count_of("months", "Months with sales that ended before that day.", ge=1)
    units_before: Count = quantity("Units sold in them.", ge=1)

    class Config(Contract.Config):
        unique = ["sku"]
