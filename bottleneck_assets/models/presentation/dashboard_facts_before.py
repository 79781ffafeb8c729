"""What the dashboard compares its facts with: the same, of the months before the reporting period, of which there may be none.

A year of them, or as many as the period has if it is longer: the period before it and the same months a year ago lie in them.
"""

from bottleneck_assets.models import columns
from bottleneck_assets.models.contract import Amount, Contract, Count, Date, Flag, Text, column, count_of
from bottleneck_assets.models.presentation.products import abc_class, cover_band


class DashboardFactsBefore(Contract):
    month: Date = columns.month()
    sku: Count = column("The shop's number of the product; null for a group.", nullable=True, ge=0)
    segment: Text = columns.segment()
    product_type: Text = columns.product_type()
    is_stocked: Flag = columns.is_stocked()
    abc_class: Text = abc_class()
    cover_band: Text = cover_band()
    was_stocked: Flag = column("Whether the shop keeps stock of it, in the reporting period or not.")
    units: Count = columns.sold_units()
    units_promo: Count = columns.units_promo()
    revenue: Amount = columns.revenue()
    revenue_excl_vat: Amount = columns.revenue_excl_vat()
    cogs: Amount = columns.cogs()
    stock_end: Count = columns.stock_end()
    stock_value_end: Amount = columns.stock_value_end()
    products_sold: Count = count_of("products", "Products sold in the month.", additive="but over months", ge=0)

    class Config(Contract.Config):
        unique = ["month", "sku", "segment", "product_type", "is_stocked", "abc_class", "cover_band", "was_stocked"]
