"""The settings that the figures depend on: one row, so that SQL can read them like any other table."""

from bottleneck_assets.models.contract import Contract, Date, Ratio, Text, column, ratio


class Parameters(Contract):
    promo_units: Text = column("Whether the export's Sales includes the units sold on promotion.", isin=["included", "excluded"])
    sale_prices: Text = column("Whether sale prices include VAT.", isin=["incl_vat", "excl_vat"])
    segments_without_stock: Text = column("Segments that hold no stock, folded as labels are, a line each.")
    period_start: Date = column("First month of the reporting period where it is set, else null.", nullable=True)
    period_end: Date = column("Last month of the reporting period where it is set, else null.", nullable=True)
    service_level: Ratio = ratio("Share of months in which the reorder point should cover the demand.", nullable=False, gt=0, lt=1)
    service_factor: Ratio = column(
        "Standard deviations of monthly units to hold as safety stock.",
        unit="standard deviations",
        formula="inverse normal distribution of service_level",
        gt=0,
    )
    least_free_cash: Ratio = column("Value too much in stock from which a product has advice of its own.", unit="EUR", ge=0)
    carrying_cost_rate: Ratio = ratio("Yearly cost of holding a euro of stock.", nullable=False, ge=0, le=1)
    best_seller_share: Ratio = ratio("Share of a product type's products that are its best-sellers.", nullable=False, gt=0, le=1)
    rating_gap: Ratio = column("Distance from the shop's mean from which a product is well or badly rated.", unit="stars of 5", gt=0)
    interval_level: Ratio = ratio("How often an interval should hold the true value.", nullable=False, gt=0, lt=1)
    interval_factor: Ratio = column(
        "Standard errors from the middle of an interval to either end.",
        unit="standard errors",
        formula="inverse normal distribution of (1 + interval_level) / 2",
        gt=0,
    )
