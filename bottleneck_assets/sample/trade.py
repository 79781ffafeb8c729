"""Thirteen months of trade for one assortment: prices, units, promotions, supplier orders and stock, as arrays of integers.

Here belongs every random draw about money and bottles, and the bookkeeping that ties them together. How a figure is written into
the export is `notation`'s; no text is made here. Arrays are products by months; money is whole hundred-millionths of a euro.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bottleneck_assets.sample.assortment import MONTHS, REPORTING_YEAR, Assortment

Integers = NDArray[np.int64]
Reals = NDArray[np.float64]
Flags = NDArray[np.bool_]
PromoUnits = Literal["included", "excluded"]

EURO = 10**8
CENT = EURO // 100

SHARE_IN_WHOLE_EUROS = 0.15
SHARE_REPRICED = 0.65
FIRST_REPRICING_MONTH = 4
SALE_PRICE_RISE = (0.01, 0.12)
# Suppliers raise their prices twice as fast as the shop dares to: the margin shrinks, and the KPIs have to show it.
PURCHASE_OVER_SALE_RISE = 2.0

MONTHS_BETWEEN_ORDERS = 3
DECEMBER = 2
CASE_OF_BOTTLES = 6

# Wines by position. The first two are in the September campaign and miscounted in it; the others are miscounted in April.
MISCOUNTED_ON_PROMOTION = (120, 240)
MISCOUNTED = tuple(range(15, 600, 45))
APRIL = 6
SEPTEMBER = 11
OVERSOLD = 300
OVERSOLD_SALES = 1
OVERSOLD_OFFER_UNITS = 7


class Campaign(NamedTuple):
    """A promotion: when, on what, how deep, and what it does to the month's units."""

    month: int
    starts_on: str
    ends_on: str
    product_types: tuple[str, ...]
    reach: int
    lift: float
    offer_share: tuple[float, float]
    """Share of the month's units that are sold at the offer price, lowest and highest."""
    discount: tuple[float, float]


CAMPAIGNS = (
    Campaign(1, "2022-11-01", "2022-11-30", ("Cognac", "Gin", "Whisky"), 24, 2.5, (1.0, 1.0), (0.185, 0.2)),
    Campaign(1, "2022-11-21", "2022-11-30", ("Champagne",), 28, 1.4, (0.31, 0.5), (0.115, 0.145)),
    Campaign(2, "2022-12-01", "2022-12-31", ("Champagne", "Cognac", "Gin", "Whisky"), 52, 2.2, (0.7, 1.0), (0.115, 0.2)),
    # The one that lifts nothing: discounts given on bottles that would have sold anyway.
    Campaign(SEPTEMBER, "2023-09-01", "2023-09-30", ("Vin",), 594, 1.0, (0.25, 0.75), (0.14, 0.32)),
)


@dataclass(frozen=True)
class Course:
    """A price over the months: one until the product is repriced, another from then on."""

    before: Integers
    after: Integers
    repriced_in: Integers

    def by_month(self) -> Integers:
        """Spread the two prices over the months."""
        return np.where(np.arange(len(MONTHS)) < self.repriced_in[:, None], self.before[:, None], self.after[:, None])


@dataclass(frozen=True)
class Trade:
    """What happened to every product of an assortment in every month."""

    price: Course
    purchase_price: Course
    units: Integers
    """Every unit that left the stock, at whatever price."""
    offer_units: Integers
    """As the shop recorded them: at most the units, but for the promotion that oversold."""
    offer_price: Integers
    orders: Integers
    stock: Integers

    def recorded_sales(self, promo_units: PromoUnits) -> Integers:
        """Give the Sales column under either reading of it."""
        return self.units if promo_units == "included" else self.units - self.offer_units


def trade(goods: Assortment, rng: np.random.Generator, promo_units: PromoUnits) -> Trade:
    """Draw thirteen months of trade; the reading of Sales decides only what the oversold promotion took from the stock."""
    price, purchase_price = _prices(goods, rng)
    units = rng.poisson(_expected_units(goods, rng))
    offer_units, offer_price = _promotions(goods, units, price.by_month(), rng)
    if goods.has_oddities:
        offer_units[OVERSOLD, SEPTEMBER] = OVERSOLD_OFFER_UNITS
        units[OVERSOLD, SEPTEMBER] = OVERSOLD_SALES + (OVERSOLD_OFFER_UNITS if promo_units == "excluded" else 0)
    orders, stock = _ledger(goods, units, rng)
    return Trade(price, purchase_price, units, offer_units, offer_price, orders, stock)


def campaign_positions(goods: Assortment, campaign: Campaign) -> Integers:
    """Give the positions of the products that a campaign covers; wines beyond its reach are never promoted."""
    targeted = [shelf.product_type in campaign.product_types for shelf in goods.shelves]
    return np.flatnonzero(targeted)[: campaign.reach]


def revenue_by_segment(goods: Assortment, happened: Trade) -> dict[str, int]:
    """Sum the revenue of the reporting year per segment, units at the offer price never more than the units sold."""
    at_offer = np.minimum(happened.offer_units, happened.units)
    revenue = (happened.units - at_offer) * happened.price.by_month() + at_offer * happened.offer_price
    of_product = revenue[:, REPORTING_YEAR].sum(axis=1)
    segments = np.array([shelf.segment for shelf in goods.shelves])
    names = dict.fromkeys(shelf.segment for shelf in goods.shelves if shelf.online)
    return {name: int(of_product[segments == name].sum()) for name in names}


def _prices(goods: Assortment, rng: np.random.Generator) -> tuple[Course, Course]:
    """Draw the sale and the purchase price, and reprice both in the same month."""
    products = len(goods.skus)
    median = np.array([shelf.price for shelf in goods.shelves])
    spread = np.array([shelf.spread for shelf in goods.shelves])
    lowest_share = np.array([shelf.cost_share[0] for shelf in goods.shelves])
    highest_share = np.array([shelf.cost_share[1] for shelf in goods.shelves])
    drawn = np.clip(median * np.exp(spread * rng.standard_normal(products)), 2.0, 250.0)
    in_whole_euros = rng.random(products) < SHARE_IN_WHOLE_EUROS
    sale = np.where(in_whole_euros, np.rint(drawn), np.rint(drawn * 10) / 10)
    purchase = sale * rng.uniform(lowest_share, highest_share)

    repriced = (rng.random(products) < SHARE_REPRICED) & np.array([shelf.reprices for shelf in goods.shelves])
    repriced_in = np.where(repriced, rng.integers(FIRST_REPRICING_MONTH, len(MONTHS), products), len(MONTHS))
    rise = np.where(repriced, rng.uniform(*SALE_PRICE_RISE, products), 0.0)
    new_sale = np.where(repriced, np.rint(sale * (1 + rise) * 20) / 20, sale)
    new_purchase = purchase * (1 + PURCHASE_OVER_SALE_RISE * rise)

    step = np.where([shelf.whole_cents for shelf in goods.shelves], CENT, 1)
    return (
        Course(_money(sale, CENT), _money(new_sale, CENT), repriced_in),
        Course(_money(purchase, step), _money(new_purchase, step), repriced_in),
    )


def _money(euros: Reals, step: Integers | int) -> Integers:
    return np.rint(euros * EURO / step).astype(np.int64) * step


def _expected_units(goods: Assortment, rng: np.random.Generator) -> Reals:
    """Multiply a level per product, the season that its whole segment shares, and what campaigns lift."""
    typical = np.array([shelf.monthly_units for shelf in goods.shelves])
    season = np.array([shelf.season for shelf in goods.shelves])
    opens = np.array([shelf.opens for shelf in goods.shelves])
    level = typical * rng.gamma(5.0, 1 / 5.0, len(goods.skus))
    expected = level[:, None] * season * (np.arange(len(MONTHS)) >= opens[:, None])
    for campaign in CAMPAIGNS:
        expected[campaign_positions(goods, campaign), campaign.month] *= campaign.lift
    return expected


def _promotions(goods: Assortment, units: Integers, price: Integers, rng: np.random.Generator) -> tuple[Integers, Integers]:
    """Draw the units sold on promotion and the offer prices, 0 where there is none. Sees to it that a promotion sells: units change."""
    offer_units, offer_price = np.zeros_like(units), np.zeros_like(units)
    for campaign in CAMPAIGNS:
        where = campaign_positions(goods, campaign), campaign.month
        products = len(where[0])
        units[where] = np.maximum(units[where], 1)
        at_offer = np.rint(units[where] * rng.uniform(*campaign.offer_share, products)).astype(np.int64)
        offer_units[where] = np.maximum(at_offer, 1)
        offer_price[where] = _charm_price(price[where] * (1 - rng.uniform(*campaign.discount, products)))
    return offer_units, offer_price


def _charm_price(amount: Reals) -> Integers:
    """Round to the nearest ten cents and take one off: 12,79 and never 12,8."""
    return np.rint(amount / (10 * CENT)).astype(np.int64) * 10 * CENT - CENT


def _ledger(goods: Assortment, units: Integers, rng: np.random.Generator) -> tuple[Integers, Integers]:
    """Order up to a level that covers the worst wait between two orders, so that the stock balances and is never negative."""
    ordering = _ordering_months(goods, rng)
    spare = np.rint(units.mean(axis=1) * rng.gamma(2.0, 0.7, len(goods.skus))).astype(np.int64)
    level = _worst_wait(units, ordering) + spare
    found = _miscounts(units)
    orders, stock = np.zeros_like(units), np.zeros_like(units)
    on_hand = level.copy()
    for month in range(len(MONTHS)):
        missing = np.where(ordering[:, month], np.maximum(level - on_hand, 0), 0)
        orders[:, month] = -(-missing // CASE_OF_BOTTLES) * CASE_OF_BOTTLES
        on_hand = on_hand + orders[:, month] - units[:, month] + found[:, month]
        stock[:, month] = on_hand
    unstocked = ~np.array([shelf.stocked for shelf in goods.shelves])
    # A gift card is printed when it is sold: the shop writes the month's sales into its stock and orders none.
    orders[unstocked], stock[unstocked] = 0, units[unstocked]
    return orders, stock


def _ordering_months(goods: Assortment, rng: np.random.Generator) -> Flags:
    """Every third month, staggered over the products, and never in December."""
    turn = rng.integers(0, MONTHS_BETWEEN_ORDERS, len(goods.skus))
    months = np.arange(len(MONTHS))
    return (months % MONTHS_BETWEEN_ORDERS == turn[:, None]) & (months != DECEMBER)


def _worst_wait(units: Integers, ordering: Flags) -> Integers:
    """Give the most units that leave between two orders, the month of the first one included."""
    waiting = worst = np.zeros(len(units), dtype=np.int64)
    for month in range(len(MONTHS)):
        waiting = units[:, month] + np.where(ordering[:, month], 0, waiting)
        worst = np.maximum(worst, waiting)
    return worst


def _miscounts(units: Integers) -> Integers:
    """Give the bottles that a stock count found: more than the month's units, so that no reading of Sales explains them."""
    found = np.zeros_like(units)
    for positions, month in ((MISCOUNTED_ON_PROMOTION, SEPTEMBER), (MISCOUNTED, APRIL)):
        found[list(positions), month] = units[list(positions), month] + 1
    return found
