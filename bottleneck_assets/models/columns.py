"""The columns that many tables share, described once.

Belongs here: a column that stands in more than one table with one meaning. Never here: a column of a single table.
"""

from __future__ import annotations

from typing import Any

from bottleneck_assets.models.contract import column, count_of, euros, quantity, ratio


def month() -> Any:
    """Declare the month."""
    return column("First day of the month.")


def sku() -> Any:
    """Declare the product's key."""
    return column("The shop's number of the product.", ge=0)


def title() -> Any:
    """Declare the product's name."""
    return column("Name of the product as the shop shows it.", str_length={"min_value": 1})


def product_type() -> Any:
    """Declare the product's type."""
    return column("Type of the product, such as Vin, Champagne, Whisky.", str_length={"min_value": 1})


def segment() -> Any:
    """Declare the product's segment."""
    return column("Segment of the product, such as Vin, Spiritueux, Sans Alcool, Huile.", str_length={"min_value": 1})


def sold_units(*, nullable: bool = False) -> Any:
    """Declare the units sold."""
    return quantity("Units sold, those on promotion among them.", nullable=nullable, ge=0)


def units_promo(*, nullable: bool = False) -> Any:
    """Declare the units sold on promotion."""
    return quantity(
        "Units sold on promotion, at most all that were sold.",
        formula="min(Sales_Offer, Sales); Sales_Offer where promo_units is excluded",
        nullable=nullable,
        ge=0,
    )


def units_regular() -> Any:
    """Declare the units sold at list price."""
    return quantity("Units sold at list price.", formula="units - units_promo", ge=0)


def units_available() -> Any:
    """Declare the units that could have been sold."""
    return quantity("Units that were there to be sold in the month.", formula="units + stock_end", ge=0)


def is_stocked() -> Any:
    """Declare whether there is a stock."""
    return column("Whether the product has a stock; gift cards have none.")


def stock_end() -> Any:
    """Declare the stock at the end."""
    return quantity("Units in stock at the month's end.", additive="but over months", ge=0)


def revenue(*, nullable: bool = False) -> Any:
    """Declare the revenue."""
    return euros(
        "Revenue (CA) as the customers paid it: with VAT, unless sale_prices is excl_vat.",
        formula="units_regular * price + units_promo * offer_price",
        nullable=nullable,
        ge=0,
    )


def revenue_excl_vat(*, nullable: bool = False) -> Any:
    """Declare the revenue without VAT."""
    return euros(
        "Revenue excl. VAT (CA HT); the revenue itself where sale_prices is excl_vat.",
        formula="revenue / (1 + vat_rate)",
        nullable=nullable,
        ge=0,
    )


def cogs(*, nullable: bool = False) -> Any:
    """Declare the cost of goods sold."""
    return euros("Cost of the goods sold, excl. VAT.", formula="units * purchase_price", nullable=nullable, ge=0)


def gross_margin(*, nullable: bool = False) -> Any:
    """Declare the gross margin."""
    return euros("Gross margin excl. VAT (marge brute HT).", formula="revenue_excl_vat - cogs", nullable=nullable)


def gross_margin_rate() -> Any:
    """Declare the gross margin rate."""
    return ratio("Gross margin per euro of revenue excl. VAT.", formula="gross_margin / revenue_excl_vat")


def stock_value_end() -> Any:
    """Declare the value of the stock at the end."""
    return euros(
        "Value of the stock at the month's end; 0 for products that are not stocked.",
        formula="stock_end * purchase_price",
        additive="but over months",
        ge=0,
    )


def mean_stock_value() -> Any:
    """Declare the mean value of the stock."""
    return column(
        "Mean of the month-end stock values, over its months with sales rows.",
        unit="EUR",
        formula="mean over months of stock_end * purchase_price",
        ge=0,
    )


def turnover() -> Any:
    """Declare the stock turnover."""
    return column(
        "How often the stock is sold in a year.",
        unit="turns a year",
        formula="12 / months with rows * cogs / mean_stock_value",
        nullable=True,
        ge=0,
    )


def days_of_stock() -> Any:
    """Declare the days of stock."""
    return column("Days that the mean stock lasts.", unit="days", formula="365 / turnover", nullable=True, ge=0)


def conversion_rate() -> Any:
    """Declare the conversion rate."""
    return ratio("Share of the units available in the month that were sold.", ge=0, le=1)


def starts_on() -> Any:
    """Declare the first day of a promotion."""
    return column("First day of the promotion.")


def ends_on() -> Any:
    """Declare the last day of a promotion."""
    return column("Last day of the promotion.")


def offer_price() -> Any:
    """Declare the price on promotion."""
    return euros("Price of a unit on promotion, as the shop shows it.", additive="no", ge=0)


def list_price() -> Any:
    """Declare the price without promotion."""
    return euros("Price of a unit without promotion, from Finance, as the shop shows it.", additive="no", ge=0)


def discount_rate() -> Any:
    """Declare the discount."""
    return ratio("Discount on the list price.", formula="1 - offer_price / list_price")


def abc_class() -> Any:
    """Declare the ABC class."""
    return column(
        "A: the first 80 % of revenue; B: to 95 %; C: the rest. The product that crosses a limit belongs above it.", isin=["A", "B", "C"]
    )


def as_of() -> Any:
    """Declare the date up to which the export is read."""
    return column("Last day of what is read: the export's latest month-end, or the end of the reporting period, to test the method.")


def calendar_month() -> Any:
    """Declare the month of the year."""
    return column("Month of the year, 1 to 12.", ge=1, le=12)


def season_months() -> Any:
    """Declare how much of a year a season rests on."""
    return column(
        "Months of the year in which the type's sales are known; where there are fewer than 12, the others count as the mean month.",
        unit="months",
        ge=1,
        le=12,
    )


def level() -> Any:
    """Declare the level of a product's demand."""
    return quantity(
        "Units sold in a mean month, the season left out.",
        formula="units of the months used / sum of their seasons",
        additive="no",
        ge=0,
    )


def stock_date(*, nullable: bool = False) -> Any:
    """Declare the date of the stock that is advised on."""
    return column(
        "Latest month-end of the export, in or out of the reporting period: the date of the stock that is advised on.", nullable=nullable
    )


def stock_on_date(*, nullable: bool = False) -> Any:
    """Declare the stock on that date."""
    return quantity("Units in stock on the stock date.", nullable=nullable, ge=0)


def stock_value_on_date(*, nullable: bool = False) -> Any:
    """Declare the value of the stock on that date."""
    return euros("Value of the stock on the stock date.", formula="stock_on_date * purchase_price", nullable=nullable, ge=0)


def forecast_units() -> Any:
    """Declare the forecast of the lead time."""
    return quantity(
        "Demand foretold for the month after the stock date, which is the lead time; null where the product's rows are not all known.",
        formula="level * season of the month",
        additive="no",
        nullable=True,
        ge=0,
    )


def cycle_months(*, nullable: bool = False) -> Any:
    """Declare how often a product type is ordered."""
    return column(
        "Months from one order to the next, whole, as the type's products were ordered in the period; 12 where they were not.",
        unit="months",
        formula="12 / mean months with an order a year, rounded up",
        nullable=nullable,
        ge=1,
        le=12,
    )


def cycle_units() -> Any:
    """Declare the forecast of the ordering cycle."""
    return quantity(
        "Demand foretold for the months of the ordering cycle after the stock date.",
        formula="level * sum of their seasons",
        additive="no",
        nullable=True,
        ge=0,
    )


def value_above_ceiling(*, nullable: bool = False) -> Any:
    """Declare the value of what is too much."""
    return euros(
        "Value of the stock above its ceiling: what the coming months do not ask for.",
        formula="stock_value_on_date * (1 - stock_ceiling / stock_on_date)",
        nullable=nullable,
        ge=0,
    )


def deviation_monthly_units() -> Any:
    """Declare how far a month strays from its forecast."""
    return quantity(
        "How far a month's units stray from their forecast; null with one month.",
        formula="residual standard deviation, at least the square root of forecast_units",
        additive="no",
        nullable=True,
        ge=0,
    )


def control(*, nullable: bool = False) -> Any:
    """Declare whose season stands for a product type's."""
    return column(
        "Whose products the season is read from: those of the product type where at least 20 were never promoted, else those of the "
        "segment, else all of the shop.",
        nullable=nullable,
        isin=["product type", "segment", "shop"],
    )


def control_products() -> Any:
    """Declare how many products the season is read from."""
    return count_of(
        "products", "Control products: stocked, never promoted in the period, with a row in each of its months.", additive="no", ge=0
    )


def reorder_point() -> Any:
    """Declare the reorder point."""
    return quantity(
        "Order when the stock falls to this: the demand foretold for the lead time of a month, and the safety stock.",
        formula="forecast_units + z * deviation_monthly_units, z the normal quantile of service_level",
        additive="no",
        nullable=True,
        ge=0,
    )


def stock_ceiling() -> Any:
    """Declare the ceiling of the stock."""
    return quantity(
        "Stock beyond this is more than the demand foretold until the next order, and the safety stock.",
        formula="cycle_units + z * deviation_monthly_units",
        additive="no",
        nullable=True,
        ge=0,
    )


def rating_count(*, nullable: bool = False) -> Any:
    """Declare how many rated."""
    return count_of("ratings", "How many customers rated the product.", nullable=nullable, ge=0)


def average_rating() -> Any:
    """Declare the mean rating."""
    return column("Mean rating; null where nobody rated.", unit="stars of 5", nullable=True, ge=0, le=5)


def comment_count() -> Any:
    """Declare how many commented."""
    return count_of("comments", "Comments on the product's page; in an export that repeats its ratings here, both are one figure.", ge=0)


def comments_per_100_units() -> Any:
    """Declare the comment rate."""
    return column(
        "Comments per 100 units sold in the period; null where none was sold.",
        unit="comments per 100 units",
        nullable=True,
        ge=0,
    )


def volume_cl() -> Any:
    """Declare the volume."""
    return column("Volume: as stated, else from the title, else null.", unit="cl", formula="bottles * volume of one", nullable=True, gt=0)


def vintage() -> Any:
    """Declare the vintage."""
    return column("Last year in the title, 1900 to 2099; null if there is none.", unit="year", nullable=True, ge=1900, le=2099)


def source_table() -> Any:
    """Declare the table of the export."""
    return column("Table of the export, in lower case.", isin=["web", "finance", "sales", "promo", "ca_par_segment"])


def row_number() -> Any:
    """Declare the row of the export."""
    return column("Number of the row in the export's table, from 1.", ge=1)


def is_exact_copy() -> Any:
    """Declare whether a row is a copy."""
    return column("Whether an earlier row of the export equals it in every column; such a row is dropped.")


def respelled() -> Any:
    """Declare the cells of a row that were read from another spelling."""
    return column(
        "The export's columns whose cell is read from another spelling than the shop's own, each after a space; empty if there is none."
    )


def defect() -> Any:
    """Declare the defect of a row."""
    return column(
        "The export's column and the reason why the row goes to quarantine, parted by a bar; null in a usable row.", nullable=True
    )
