"""What the invented shop sells: shelves, how many products stand on each, and what is typical of them.

Here belong the numbers that give a sample its shape: products per segment, prices, seasons, the calendar. Names of products are
`catalogue`'s, random draws and money are `trade`'s, and nothing here knows of SQLite.
"""

from dataclasses import dataclass
from itertools import chain, repeat
from typing import NamedTuple

MONTHS = (
    "2022-10", "2022-11", "2022-12", "2023-1", "2023-2", "2023-3", "2023-4",
    "2023-5", "2023-6", "2023-7", "2023-8", "2023-9", "2023-10",
)  # fmt: skip
DATES = (
    "2022-10-01", "2022-11-01", "2022-12-01", "2023-01-01", "2023-02-01", "2023-03-01", "2023-04-01",
    "2023-05-01", "2023-06-01", "2023-07-01", "2023-08-01", "2023-09-01", "2023-10-01",
)  # fmt: skip
REPORTING_YEAR = slice(0, 12)
MAY_2023 = 7

# One figure a month, about 1 on average. Wine and spirits share theirs: spirits are all promoted, so wine is their control group.
WINTER_TRADE = (1.0, 1.5, 1.85, 0.8, 0.8, 0.85, 0.95, 0.95, 0.75, 0.6, 0.6, 0.95, 1.0)
SUMMER_TRADE = (1.0, 0.8, 0.8, 1.2, 0.8, 0.8, 0.9, 1.0, 1.2, 1.3, 1.3, 0.9, 0.8)
STEADY_TRADE = (1.0,) * 13

FIRST_SKU = 100_000
SKUS_PER_ASSORTMENT = 1_000


class Shelf(NamedTuple):
    """Products that are alike: where they stand in the shop, and the trade that is typical of one of them."""

    segment: str
    product_type: str
    volume: str
    products: int
    price: float
    """Median sale price in euros."""
    spread: float
    """Deviation of the logarithm of the price: 0 gives every product the median."""
    cost_share: tuple[float, float]
    """Purchase price over sale price, lowest and highest."""
    monthly_units: float = 0.0
    season: tuple[float, ...] = STEADY_TRADE
    opens: int = 0
    """The first month with sales, as an index into MONTHS."""
    reprices: bool = True
    whole_cents: bool = True
    """Whether purchase prices are in cents; otherwise they carry eight decimals."""
    writes_zero_orders: bool = True
    """Whether a month without a supplier order is written 0; otherwise it is left empty."""
    stocked: bool = True
    online: bool = True


def _wines(volume: str, products: int) -> Shelf:
    return Shelf("Vin", "Vin", volume, products, 22.0, 0.65, (0.49, 0.543), 9.5, WINTER_TRADE, writes_zero_orders=False)


def _spirits(product_type: str, volume: str, products: int, cost_share: tuple[float, float]) -> Shelf:
    return Shelf("Spiritueux", product_type, volume, products, 64.0, 0.45, cost_share, 6.5, WINTER_TRADE)


def _oils(volume: str, price: float) -> Shelf:
    return Shelf("Huile", "Huile d'olive", volume, 1, price, 0.0, (0.61, 0.645), 11.0, STEADY_TRADE)


GIFT_CARD = Shelf(
    "Offres commerciales", "Offres commerciales", "1", 1, 25.0, 0.0, (5 / 6, 5 / 6), 8.0, WINTER_TRADE,
    reprices=False, whole_cents=False, writes_zero_orders=False, stocked=False,
)  # fmt: skip
ALCOHOL_FREE = Shelf(
    "Sans Alcool", "Sans Alcool", "0", 47, 14.5, 0.6, (0.39, 0.547), 13.0, SUMMER_TRADE,
    opens=MAY_2023, reprices=False, whole_cents=False,
)  # fmt: skip
OFFLINE = Shelf("", "", "", 110, 28.0, 0.5, (0.44, 0.61), online=False)
SHELVES = (
    _wines("75cl", 639),
    _wines("70cl", 12),
    _wines("50cl", 3),
    _wines("62cl", 3),
    _wines("37,5cl", 1),
    _spirits("Champagne", "75cl", 28, (0.57, 0.63)),
    _spirits("Cognac", "70cl", 8, (0.44, 0.5)),
    _spirits("Gin", "70cl", 2, (0.44, 0.5)),
    _spirits("Whisky", "70cl", 14, (0.44, 0.5)),
    ALCOHOL_FREE,
    _oils("300cl", 42.2),
    _oils("3x 10cl", 19.5),
    _oils("50cl", 13.1),
)


@dataclass(frozen=True)
class Assortment:
    """The products of one shop's worth of goods, a SKU and a shelf each; a sample of scale N holds N of these."""

    skus: tuple[int, ...]
    shelves: tuple[Shelf, ...]
    has_oddities: bool
    """Whether it holds what an export holds once: the gift card, the flag that is no flag, the promotion that oversold."""


def assortment(number: int) -> Assortment:
    """Give the assortment of that number, counted from 0: fresh SKUs each, and the gift card in the first one only."""
    first = FIRST_SKU + number * SKUS_PER_ASSORTMENT
    last_online = GIFT_CARD if number == 0 else _wines("75cl", 1)
    shelves = tuple(chain.from_iterable(repeat(shelf, shelf.products) for shelf in (*SHELVES, last_online, OFFLINE)))
    return Assortment(tuple(range(first, first + len(shelves))), shelves, has_oddities=number == 0)
